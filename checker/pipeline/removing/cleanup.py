"""Removes what a run has made, as soon as nothing needs it; lists what is left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.judged import Judged
from checker.domain.operation import OperationId
from checker.errors import BudgetExhausted, DriftcheckError
from checker.pipeline.removing.deletion_answers import is_absent, is_unsure, removed, why_not
from checker.pipeline.removing.deletion_calls import deletions_of
from checker.pipeline.removing.deletions import Deletions
from checker.pipeline.removing.looking import REFUSED, has_gone, length, new_ones, still_there
from checker.probing.bench import Bench
from checker.safety.gate import Gate
from checker.safety.things import AddressReading, Thing, collection_of
from checker.settings import Settings

MAX_FAILURES = 2
"""Deletions of one operation's things that may fail before no more are tried, where none has
worked."""
CROWDED = 4
"""One in so many of the things that may be made is much, before the operation is over."""
KEPT = 10
"""So many of the newest stay: they may be compared with."""
MOST_LOOKS = 50
"""So many things are read again at the end, before they are said to be left."""
FEW_LOOKS = 4
PAGES = 20
"""So often the collections are read again where creations had no answer."""
READ = frozenset({AddressReading.OURS, AddressReading.ALIKE})
RESERVED_SHARE = 10
MAX_RESERVED = 200


def reserve(settings: Settings, budget: int) -> int:
    """How many requests of the budget are kept for the clean-up: a tenth, where it may send."""
    return 0 if settings.read_only else min(MAX_RESERVED, budget // RESERVED_SHARE)


@dataclass(slots=True)
class CleanUp:
    """Deletes own things through the gate, the newest first."""

    bench: Bench
    gate: Gate
    asker: Deletions | None = None
    """Asks of the operations that delete what can be asked with what is removed anyway."""
    _failed: Counter[OperationId] = field(default_factory=Counter)
    _works: set[OperationId] = field(default_factory=set)
    """Operations of whose things one could be deleted."""
    _stay: set[int] = field(default_factory=set)
    """What could not be deleted, by `id()`: once more is tried at the end."""
    _said: dict[OperationId, str] = field(default_factory=dict)
    _least: int | None = None
    """What the budget keeps for it in any case."""
    _emptied: set[str] = field(default_factory=set)
    """Collections whose lists show at the end what they showed at first, and no more."""
    _removable: dict[tuple[int, int], bool] = field(default_factory=dict)
    """Whether something deletes a thing, by its `id()` and how many names it has."""
    _looked: Counter[str] = field(default_factory=Counter)
    """After which creation a collection was read, to tell whether what is in it is new."""

    _read_after: dict[int, int] = field(default_factory=dict)
    """After which exchange a thing was read that can't be removed, by `id()`."""

    def keep_requests(self) -> None:
        """Keep as many of the budget's requests as it takes to remove what is there now, each
        thing looked at first: at least what was kept from the start, at most half of all."""
        budget = self.bench.wire.budget
        if self._least is None:
            self._least = budget.reserve
        alive = (t for t in self.gate.ledger.alive() if not t.beside and self._hopeful(t))
        wanted = 2 * sum(map(self._is_removable, alive))
        if self._least:
            budget.reserve = max(self._least, min(wanted, budget.most // 2))

    def _is_removable(self, thing: Thing) -> bool:
        """Whether something deletes such a thing; asked of all of them whenever one is made."""
        now = (id(thing), len(thing.names))
        if now not in self._removable:
            self._removable[now] = any(True for _ in deletions_of(self.gate, thing))
        return self._removable[now]

    async def tidy(self, purpose: str, *, spare: bool = False) -> None:
        """Remove what was made for a purpose that is over; what can't be is left for the end.
        `spare`: but for the last one of each collection, which may have to stand in for those
        that can't be made."""
        await self._settle(self._open(purpose))
        for thing in self.gate.ledger.alive(purpose):
            if self._hopeful(thing) and not (spare and self._is_last(thing)):
                await self._remove(thing)
        await self._look_at_used(purpose)

    async def _look_at_used(self, purpose: str) -> None:
        """Read what can't be removed, was read before and had something done with it since: some
        calls end what they are about. What has gone makes room, and stands in for nothing. Of each
        collection more are read only where one of the first has gone."""
        seen: dict[str, list[bool]] = {}
        for thing in self.gate.ledger.alive(purpose):
            looks = seen.setdefault(thing.collection, [])
            stays = not (thing.beside or self._hopeful(thing))
            changed = stays and thing.used > self._read_after.get(id(thing), 0)
            enough = len(looks) >= FEW_LOOKS and not any(looks)
            if enough or not (changed and READ.intersection(thing.readings.values())):
                continue
            self._read_after[id(thing)] = thing.used
            with suppress(DriftcheckError):
                looks.append(await has_gone(self.bench, self.gate, thing))
                if looks[-1]:
                    self.gate.ledger.note_gone(thing)

    def _is_last(self, thing: Thing) -> bool:
        """Whether no other own thing is left in a thing's collection."""
        alive = self.gate.ledger.alive()
        return not any(t is not thing and t.collection == thing.collection for t in alive)

    async def earlier(self) -> None:
        """Remove what an interrupted run has made and this one took over, as far as it can be
        told from what is there now."""
        await self._trust_earlier()
        for thing in self.gate.ledger.alive():
            if thing.earlier and self._hopeful(thing):
                await self._remove(thing)

    def _open(self, purpose: str) -> list[Request]:
        """The last creations in collections where it isn't told yet whether what was made for a
        purpose is new; none again before something else is made there."""
        found: list[Request] = []
        for posted in self.gate.ledger.posted():
            unsettled = self.gate.ledger.unsettled(posted.url_path)
            newest = max((t.number for t in unsettled if t.purpose == purpose), default=0)
            if newest > self._looked[posted.url_path]:
                self._looked[posted.url_path] = newest
                found.append(posted)
        return found

    async def make_room(self, operation: OperationId) -> None:
        """Remove the older ones of the things that probes of an operation have made, where they
        are many: the next probes need room. What steps have made may still be needed."""
        ledger, most = self.gate.ledger, self.gate.policy.max_created // CROWDED
        posted = [r for r in ledger.posted() if r.operation == operation]
        if all(ledger.count(r.url_path) <= most for r in posted):
            return
        await self._settle(posted)
        probed = [t for t in ledger.alive(str(operation)) if t.probed]
        for thing in probed[KEPT:-1]:  # the last one is the oldest: the witness's own
            if self._hopeful(thing):
                await self._remove(thing)

    async def free(self, purpose: str) -> bool:
        """Make room where the server keeps no more: remove what was made for a purpose, but for
        the newest ones and the oldest one of each collection, which may be in use. Whether
        anything has gone."""
        await self._settle(self._open(purpose))
        places: dict[str, list[Thing]] = {}
        for thing in self.gate.ledger.alive(purpose):
            places.setdefault(thing.collection, []).append(thing)
        gone = False
        for things in places.values():
            for thing in things[min(KEPT, len(things) // 2) : -1]:
                if self._hopeful(thing):
                    await self._remove(thing)
                    gone = gone or thing.gone
        return gone

    def _hopeful(self, thing: Thing) -> bool:
        """Whether a thing may be deletable: one that isn't must not keep the others there."""
        tries = self._failed[thing.operation] < MAX_FAILURES or thing.operation in self._works
        return tries and id(thing) not in self._stay

    async def finish(self) -> tuple[str, ...]:
        """Remove the rest; one line for each operation whose things are left behind."""
        self._failed.clear()
        self._stay.clear()
        ended = ""
        await self._trust_earlier()
        for _ in range(PAGES if +self.gate.ledger.unanswered else 1):
            known = len(self.gate.ledger.things)
            await self._settle(self.gate.ledger.posted())
            ended = await self._remove_all()
            # What no answer told of may be more than a list shows at a time.
            if ended or len(self.gate.ledger.things) == known:
                break
        await self._look_again()
        return self.left(ended)

    async def _remove_all(self) -> str:
        """Remove what can be removed; why that was ended early, empty where it wasn't."""
        for thing in self.gate.ledger.alive():
            if not self._hopeful(thing):
                continue
            try:
                await self._remove(thing)
            except BudgetExhausted:
                return "the budget is used up"
            except DriftcheckError as error:
                return error.message
        return ""

    def left(self, ended: str = "") -> tuple[str, ...]:
        """What is left behind, as `finish` says it; `ended`: why no more was tried."""
        return tuple(self._left(ended))

    async def _trust_earlier(self) -> None:
        """What an interrupted run had not settled yet is settled by a list, where that can be."""
        open_ones: dict[tuple[str, str], list[Thing]] = {}
        for thing in self.gate.ledger.things:
            telling = thing.unlisted is not None and thing.names and not thing.account
            if thing.earlier and thing.unsure and not thing.gone and telling:
                open_ones.setdefault((thing.base, thing.collection), []).append(thing)
        for things in open_ones.values():
            with suppress(DriftcheckError):
                for thing in await new_ones(self.bench, self.gate, things):
                    self.gate.ledger.trust(thing)

    async def _settle(self, made: Sequence[Request]) -> None:
        """Read the collections in which something may have been made: a list tells what is new."""
        for posted in made:
            if self.gate.routes.listing(posted.url_path):
                await self._list_of(posted)
                self.gate.ledger.settle(posted.url_path)

    async def _list_of(self, posted: Request) -> Response | None:
        """What is listed where something was made, if that can be read."""
        listing = self.gate.routes.listing(posted.url_path)
        reading = Request("GET", listing, token=posted.token, base=posted.base)
        with suppress(DriftcheckError):
            transport = self.bench.transport_of(posted.account)
            return (await transport.send(_with(reading, posted.token))).response
        return None

    async def _look_again(self) -> None:
        """Read again what may be left, where that can be: what isn't shown any more has gone,
        whatever its deletion was answered, or with something else."""
        ledger, left = self.gate.ledger, self._with_something_left()
        for posted in [p for p in ledger.posted() if collection_of(p.url_path) in left]:
            place = collection_of(posted.url_path)
            if ledger.went(place) or not self.gate.routes.listing(place):
                continue
            count = length(await self._list_of(posted))
            if count is not None and ledger.lists_no_more(posted, count):
                self._emptied.add(place)
        for thing in filter(self._can_be_seen, self._there()[:MOST_LOOKS]):
            with suppress(DriftcheckError):
                if await has_gone(self.bench, self.gate, thing):
                    ledger.note_gone(thing)

    def _with_something_left(self) -> set[str]:
        """The collections that have things of the run, or may have."""
        ledger = self.gate.ledger
        open_ones = (*ledger.nameless.items(), *ledger.unanswered.items())
        return {t.collection for t in self._there()} | {p for p, n in open_ones if n}

    def _can_be_seen(self, thing: Thing) -> bool:
        """Whether a reading tells of a thing that it has gone."""
        read = not READ.isdisjoint(thing.readings.values())
        return read or thing.collection in self._emptied

    def _there(self) -> list[Thing]:
        """What this run has made and nothing shows to have gone."""
        ledger = self.gate.ledger
        return [
            t
            for t in ledger.things
            if not (t.gone or ledger.went(t.collection) or ledger.went(t.stands_at))
        ]

    def _left(self, ended: str) -> Iterator[str]:
        ledger = self.gate.ledger
        counts = Counter(t.operation for t in self._there())
        for operation, count in sorted(counts.items()):
            why = self._said.get(operation) or ended or "they could not be told from what was there"
            yield f"{operation}: {count} made and left behind; {why}"
        for collection, count in self._still_open(ledger.nameless):
            yield (
                f"POST {collection}: {count} accepted; the answers named nothing that is "
                "certainly this run's own"
            )
        for collection, count in self._still_open(ledger.unanswered):
            yield f"POST {collection}: {count} without an answer; what they made isn't known"

    def _still_open(self, counts: Mapping[str, int]) -> Iterator[tuple[str, int]]:
        """The collections, with their counts, that nothing shows to be empty."""
        for collection, count in sorted(counts.items()):
            if count and collection not in self._emptied and not self.gate.ledger.went(collection):
                yield collection, count

    async def _settled(self, thing: Thing) -> bool:
        """Whether an earlier run's thing has gone, or can't be told to be that run's."""
        gone, why = await still_there(self.bench, self.gate, thing)
        if gone:
            self.gate.ledger.note_gone(thing)
        elif why:
            self.gate.ledger.disown(thing)
            self._said[thing.operation] = why
        return bool(gone or why)

    async def _remove(self, thing: Thing) -> None:
        if thing.earlier and await self._settled(thing):
            return
        refusal, sent = await self._tried(thing)
        if refusal is None or not sent:
            other, _ = await self._tried(thing, renamed=True)
            refusal = other if refusal is None or other == "" else refusal
            if refusal is None and thing.renamed:
                refusal = "it isn't found by the names that are known of it, and was given another"
        if not refusal:
            self.gate.ledger.note_gone(thing)
            self._works.add(thing.operation)
            return
        self._failed[thing.operation] += 1
        self._stay.add(id(thing))
        self._said[thing.operation] = refusal

    async def _tried(self, thing: Thing, *, renamed: bool = False) -> tuple[str | None, bool]:
        """(why a thing can't be deleted; empty where it has been, None where there is none by its
        name; whether a deletion was sent). `renamed`: by its other names."""
        why, sent = None if renamed else "no documented way to delete them", False
        for request in deletions_of(self.gate, thing, renamed=renamed):
            exchange = await self._sent(request, thing)
            sent = sent or not exchange.held
            if removed(exchange) or (is_absent(exchange) and self._is_perhaps_gone(thing)):
                return "", sent
            if self.asker is not None and not renamed:
                await self.asker.missed(exchange, thing)
            if is_absent(exchange) and not renamed:
                return None, sent
            if renamed and (exchange.held or is_absent(exchange)):
                continue
            why = why_not(exchange)
            if is_unsure(exchange) and await has_gone(self.bench, self.gate, thing):
                return "", sent
        return why, sent

    async def _sent(self, request: Request, thing: Thing) -> Exchange:
        """A deletion's exchange, with another token where the first one may not delete, or may not
        read what would show that it is the run's own."""
        if self.asker is None:
            return await self._with_tokens(request, thing, [])
        before = await self.asker.before(request, thing)
        exchange, refused = await self.asker.tried(request, thing)
        exchange = exchange or await self._with_tokens(request, thing, refused)
        await self.asker.after(exchange, thing, before)
        return exchange

    async def _with_tokens(
        self, request: Request, thing: Thing, refused: Sequence[Judged]
    ) -> Exchange:
        """A deletion's exchange with the first token that may delete, or at the other base URL;
        `refused` are deletions with other credentials."""
        transport = self.bench.transport_of(thing.account)
        tokens: list[str | None] = [thing.token]
        tokens += [t for t in transport.tokens if t not in (thing.token, "invalid")]
        closed_to: list[Exchange] = []
        for token in tokens:
            exchange = await transport.send(_with(request, token))
            closed_to.append(exchange)
            closed = exchange.response is not None and exchange.response.status in REFUSED
            if not (closed or exchange.held):
                break
        if self.asker is not None:
            self.asker.note(refused, exchange)
            for one in closed_to:
                deleted = await self.asker.elsewhere(one, thing)
                if deleted is not None:
                    return deleted
        return exchange

    def _is_perhaps_gone(self, thing: Thing) -> bool:
        """Whether a deletion of a thing was accepted that nothing has shown to have deleted it."""
        return self.asker is not None and id(thing) in self.asker.perhaps


def _with(request: Request, token: str | None) -> Request:
    return replace(request, token=token, purpose="clean-up")
