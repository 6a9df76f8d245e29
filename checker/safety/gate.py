"""The gate: may this request be sent? Pure; the wire asks it before every request.

Reading is sent. Creating is sent, up to a number of things a collection. Changing and deleting is
sent on own things only. What concerns the caller's account, the whole service, people or money
outside is not sent, nor what nothing is known about, unless the configuration allows it.
"""

from __future__ import annotations

import fnmatch
import re
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote, urlsplit

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.operation import (
    INVENTED_NAMES,
    SAFE_METHODS,
    FieldKey,
    Operation,
    OperationId,
    Place,
)
from checker.domain.schema import Schema
from checker.lexicon import operation_line, read
from checker.planning.encoding import may_stray, path_parameters
from checker.planning.producers import noun_of
from checker.planning.recipe import find_operation, match_path
from checker.planning.routes import resource_of, singular
from checker.safety.contents import (
    HARM,
    commanded,
    flagged,
    is_caller,
    keys_brought,
    named_scalars,
    overriding,
    own_keys,
    references,
    speaks,
    titles_brought,
)
from checker.safety.effects import Assessment, Assessor, Effect, target_of
from checker.safety.ownership import (
    Ledger,
    made_up,
    names_in,
    names_one,
    objects_at,
    values_at,
)
from checker.safety.things import Thing

_OVERRIDE = "method-override"
STEPS_SHARE = 4
"""One in so many of the things that may be made is kept for the steps of other operations."""
MAX_REFUSED = 3
OPEN_ONES = 2
"""Things made of which nothing shows that they are new: then the collection is read again."""
KEPT_ANSWERS = 3
"""Of one collection's creations, for steps to use again."""
_HELD_ALWAYS = (Effect.SERVICE, Effect.ACCOUNT)


@dataclass(frozen=True, slots=True)
class Policy:
    """What the user allows. `allow` and `deny` are globs of operations ("POST /v1/*"); deny wins.

    `test_system`: nothing that the target does reaches anybody outside. `unknown`: operations
    are sent of which nothing says what they do. `max_created`: things of one collection that may
    be there at a time. `dry_run`: nothing is sent at all.
    """

    read_only: bool = False
    dry_run: bool = False
    allow_destructive: bool = False
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    destructive: tuple[str, ...] = ()
    test_system: bool = False
    unknown: bool = False
    borrow: bool = False
    max_created: int = 200


@dataclass(frozen=True, slots=True)
class Held:
    """A request is not sent: why, and what allows it.

    `look`: the path of a GET that would settle it: where nothing is there, nothing is harmed.
    """

    reason: str
    mend: str = ""
    look: str = ""
    kind: Literal["policy", "foreign", "path", "created"] = "policy"

    @property
    def advice(self) -> str:
        """What allows it, as a sentence; empty where nothing does."""
        mend = (
            self.mend if self.mend.startswith(("-", "`")) else self.mend[:1].upper() + self.mend[1:]
        )
        return f"{mend}." if mend else ""

    def __str__(self) -> str:
        return f"{self.reason}; {self.mend}" if self.mend else self.reason


@dataclass(slots=True)
class Gate:
    """Decides for one run against one target.

    `operations` are all that the documents and records have; `own_addresses` gives the
    addresses of the run's own webhook listener.
    """

    policy: Policy
    operations: Mapping[OperationId, Operation]
    ledger: Ledger
    own_addresses: Callable[[], Sequence[str]] = lambda: ()
    makers: frozenset[OperationId] = frozenset()
    """Operations from whose answers a record takes an identifier."""
    assessor: Assessor = field(init=False)
    _refused: Counter[OperationId] = field(default_factory=Counter)
    """Requests of an operation that were refused in a row, of those that sign in."""
    _made: dict[str, deque[Exchange]] = field(default_factory=dict)
    _told: Counter[str] = field(default_factory=Counter)
    """How often `unread` has named each collection, or found no need to."""
    lent: set[str] = field(default_factory=set)
    """Paths of foreign things that are borrowed: they will be written back."""
    sending: Callable[[int, Request], None] = lambda number, request: None
    """Told of each request just before it goes out, with its number."""

    def __post_init__(self) -> None:
        self.assessor = Assessor(self.operations.values(), self.makers)

    # -- before anything is sent ---------------------------------------------------------------

    def expected(self, operation: Operation) -> Held | None:
        """What is certain beforehand: why an operation is not sent, whatever its values."""
        return self._by_policy(operation.id, self.assessor.assess(operation))

    def _by_policy(self, operation: OperationId, assessed: Assessment) -> Held | None:
        policy, name = self.policy, str(operation)
        if policy.read_only and operation.method not in SAFE_METHODS:
            return Held("held back by --read-only", "leave it out")
        if _matches(name, policy.deny):
            return _denied()
        if _matches(name, policy.allow):
            return None
        line = f'`allow = ["{name}"]` in the target\'s config sends it'
        effect = assessed.effect
        if effect in _HELD_ALWAYS:
            return Held(assessed.why, line)
        if effect in (Effect.OUTWARD, Effect.CALLBACK) and not policy.test_system:
            if effect is Effect.CALLBACK and self.own_addresses():
                return None  # settled by the addresses that the request has
            return Held(assessed.why, f"{line}, `test_system = true` all of the kind")
        if effect is Effect.SINGLETON and not policy.borrow:
            return Held(assessed.why, f"--borrow changes it and writes it back; {line}")
        if effect is Effect.UNKNOWN and not policy.unknown:
            return Held(assessed.why, f"`--effects unknown` sends it; {line}")
        deletes = effect is Effect.DELETES or _matches(name, policy.destructive)
        if deletes and not policy.allow_destructive:
            return Held("it deletes", "--allow-destructive examines it on what the run has made")
        return None

    # -- each request --------------------------------------------------------------------------

    def held(self, request: Request) -> Held | None:
        """Why a request is not sent; None where it may be."""
        if self.policy.dry_run:
            return Held("held back by --dry-run", "leave it out")
        if _matches(f"{request.method} {request.url_path}", self.policy.deny):
            return _denied()
        if request.method in SAFE_METHODS and not _overrides(request):
            return self._reading(request)
        if self.policy.read_only:
            return Held("held back by --read-only", "leave it out")
        if _overrides(request):
            return Held("it asks for another method than its own", "", kind="path")
        operation = self._operation(request)
        named = operation.id if operation is not None else request.operation
        if may_stray(request.url_path, named.path if named is not None else None):
            return Held("a server may read its path as another one", "", kind="path")
        if operation is None:
            return self._stranger(request)
        assessed = self.assessor.assess(operation)
        if request.purpose == "clean-up":
            return self._cleaning(request, operation)
        held = self._by_policy(operation.id, assessed)
        if held is not None or _matches(str(operation.id), self.policy.allow):
            return held
        held = self._by_contents(request, operation, assessed)
        if held is not None:
            return held
        if self._is_lent(request):
            return _beyond(request, operation)
        return self._by_ownership(request, operation, assessed)

    def _by_contents(
        self, request: Request, operation: Operation, assessed: Assessment
    ) -> Held | None:
        """What the request's own values ask for, whatever its route says."""
        for name, value, above, template in _placed(request, operation):
            if is_caller(value) and not operation.id.safe:
                return Held(f"{value!r} stands for the caller's own account", kind="path")
            nouns = (resource_of(template), noun_of(name))
            if speaks(value) and self.ledger.own(nouns, value, above) is None:
                return Held(f"its path says {value!r}", kind="path")
        effect = assessed.effect
        if effect in (Effect.READS, Effect.UNKNOWN):
            said = commanded(request) or (flagged(request) if effect is Effect.READS else "")
            if said:
                return Held(f"one of its values says {said!r}", kind="path")
        if effect is Effect.SIGNS_IN and self._refused[operation.id] >= MAX_REFUSED:
            return Held(f"{MAX_REFUSED} sign-ins in a row were refused; more may lock the account")
        return None

    def _reading(self, request: Request) -> Held | None:
        operation = self._operation(request)
        if operation is None:
            return None
        assessed = self.assessor.assess(operation)
        held = self._by_policy(operation.id, assessed)
        if held is None and not _matches(str(operation.id), self.policy.allow):
            held = self._by_contents(request, operation, assessed)
        if held is None and assessed.effect in (Effect.CREATES, Effect.CHANGES, Effect.DELETES):
            return self._by_ownership(request, operation, assessed)
        return held

    def held_hop(self, asked: str, url: str) -> Held | None:
        """Why a redirect from one address to another is not followed; None where it may be.

        Only reading requests are redirected; what the new address does is told as for any.
        """
        if asked == url:
            return None
        path = urlsplit(url).path
        if _matches(f"GET {path}", self.policy.deny):
            return _denied()
        lines = [operation_line(method, path) for method in ("GET", "POST")]
        if any(e.means in HARM for line in lines for e in read("effects", line)):
            return Held(f"it is redirected to {path}, whose name says what it does")
        found = [o for o in self.operations if o.method == "GET" and path.endswith(_tail(o, path))]
        held = (self.expected(self.operations[o]) for o in found)
        return next((h for h in held if h is not None), None)

    def _stranger(self, request: Request) -> Held | None:
        """What no document and no record has: sent where its path names something made up."""
        if _matches(f"{request.method} {request.url_path}", self.policy.allow):
            return None
        if any(made_up(unquote(s)) for s in re.split(r"[/.:]", request.url_path)):
            return None
        return Held("no document and no record has this operation", "", kind="path")

    def _cleaning(self, request: Request, operation: Operation) -> Held | None:
        """Clean-up deletes own things, whatever may be deleted else."""
        if _matches(str(operation.id), self.policy.deny):
            return _denied()
        if self._is_lent(request) or self.target(request, operation) is not None:
            return None
        return Held("it is not of this run's making", "", kind="foreign")

    def _is_lent(self, request: Request) -> bool:
        """Whether a request writes what is borrowed; deleting it would be for good."""
        return request.url_path in self.lent and request.method in ("PUT", "PATCH")

    def _by_ownership(
        self, request: Request, operation: Operation, assessed: Assessment
    ) -> Held | None:
        effect = assessed.effect
        if effect is Effect.CALLBACK and not self.policy.test_system:
            return self._callback(request)
        if effect is Effect.CREATES:
            return self._creating(request, operation)
        if effect in (Effect.CHANGES, Effect.DELETES, Effect.OUTWARD, Effect.UNKNOWN):
            return self._changing(request, operation, assessed)
        if effect is Effect.SINGLETON:
            return Held("it isn't borrowed yet", "", kind="foreign")
        return None

    def _creating(self, request: Request, operation: Operation) -> Held | None:
        most = self.policy.max_created
        if request.purpose != "step":
            most -= most // STEPS_SHARE  # probing it leaves some to what needs such things
        if self.ledger.count(request.url_path) >= most:
            return Held(
                f"{most} things were made there and are there still",
                "raise --max-created",
                kind="created",
            )
        upserts = self._upserts(request, operation)
        if upserts is not None:
            return upserts
        last = operation.id.path.rstrip("/").endswith("}")
        return self._unowned(request, operation, parents_only=not last)

    def _upserts(self, request: Request, operation: Operation) -> Held | None:
        """A creation that brings the identifier of a foreign thing may overwrite it, or what people
        know it by, and so may one that chooses a number itself."""
        path = operation.id.path.rstrip("/")
        nouns = (resource_of(path), resource_of(path.rpartition("/")[0]))
        for name, value in keys_brought(request):
            if self.ledger.foreign(nouns, value) and self.ledger.unsure_of(value) is None:
                return Held(f"its {name} {value[:60]!r} is that of something that was there")
        place = request.url_path.rstrip("/")
        for name, value in titles_brought(request):
            if self.ledger.titled(place, value):
                return Held(f"its {name} {value[:60]!r} is that of something that was there")
        for value in own_keys(request):
            known = made_up(value) or names_one(value) or self.ledger.absent(place, value)
            if known or self.ledger.own(nouns, value, place) is not None:
                continue
            look = f"{place}/{value}"
            return Held(
                f"it chooses the identifier {value[:60]!r} itself",
                look=look if self._readable(look) else "",
                kind="foreign",
            )
        return None

    def _changing(
        self, request: Request, operation: Operation, assessed: Assessment
    ) -> Held | None:
        key = assessed.addressed
        if key is None:
            if assessed.effect is Effect.UNKNOWN:
                return self._references_unowned(request, operation)
            if assessed.effect is Effect.OUTWARD:
                return None  # allowed by kind, and about no thing
            return Held(
                "nothing in it names a thing of this run's making",
                f'`allow = ["{operation.id}"]` in the target\'s config sends it',
                kind="foreign",
            )
        if assessed.effect is Effect.UNKNOWN:
            return self._references_unowned(request, operation)
        if key.place is not Place.PATH:
            return self._body_unowned(request, operation, key)
        held = self._unowned(request, operation)
        return held if held is not None else self._contradicted(request, operation)

    def _contradicted(self, request: Request, operation: Operation) -> Held | None:
        """A body may name another thing than the path does."""
        thing = self.target(request, operation)
        for value in own_keys(request):
            if thing is None or value not in thing.names:
                return Held(f"its body names {value[:60]!r}, its path something else", kind="path")
        return None

    def _references_unowned(self, request: Request, operation: Operation) -> Held | None:
        """Where nothing is known of an operation, all that it names has to be own."""
        for name, value in references(request):
            nouns = (noun_of(name), resource_of(operation.id.path))
            if not made_up(value) and self.ledger.own(nouns, value, "") is None:
                return self._foreign(operation, nouns, value, "")
        return None

    def _unowned(
        self, request: Request, operation: Operation, *, parents_only: bool = False
    ) -> Held | None:
        """Held unless the thing that the path names is own, or there is no such thing; and so
        are the things around it that the run could have made itself."""
        places = list(_placed(request, operation))
        for number, (name, value, above, template) in enumerate(places):
            last = number == len(places) - 1 and not parents_only
            nouns = (resource_of(template), noun_of(name))
            if self.ledger.own(nouns, value, above) is not None:
                continue
            if made_up(value) or self.ledger.absent(above, value):
                continue
            if not last and not self.assessor.can_make(template):
                continue
            return self._foreign(operation, nouns, value, f"{above}/{_quoted(request, value)}")
        return None

    def _body_unowned(self, request: Request, operation: Operation, key: FieldKey) -> Held | None:
        nouns = self._nouns(operation, key)
        values = values_at(request, (key.leaf,))
        objects = any(
            not INVENTED_NAMES.issuperset(o) or not o for o in objects_at(request, key.leaf)
        )
        if objects or not values:
            # Some servers then take all things for meant.
            return Held(f"without `{key.leaf}` it may be about everything", kind="foreign")
        for value in values:
            if made_up(value) or self.ledger.own(nouns, value, "") is not None:
                continue
            return self._foreign(operation, nouns, value, "")
        return None

    def _nouns(self, operation: Operation, key: FieldKey) -> tuple[str, ...]:
        """What a thing that a field of the query or body names may be called."""
        told = self.assessor.assess(operation).noun
        return (told,) if told else (resource_of(operation.id.path), noun_of(key.leaf))

    def _foreign(
        self, operation: OperationId | Operation, nouns: Sequence[str], value: str, look: str
    ) -> Held:
        name = operation.id if isinstance(operation, Operation) else operation
        what = next((n for n in nouns if n), "thing").replace("_", " ")
        return Held(
            f"nothing shows that the {what} {value[:60]!r} is this run's own",
            f'`allow = ["{name}"]` in the target\'s config sends it all the same',
            look=self._settling(nouns, value, look),
            kind="foreign",
        )

    def _settling(self, nouns: Sequence[str], value: str, item: str) -> str:
        """The path whose reading would tell whether a thing is own, or there at all."""
        unsure = self.ledger.unsure_of(value)
        if unsure is not None and (listing := self.listing(unsure.collection)):
            return listing
        if self.ledger.foreign(nouns, value) or not self._readable(item):
            return ""
        return item

    def unread(self, request: Request) -> str:
        """The path of a collection that should be read before something is made in it: only then
        a later reading tells what is new. It is read again where the first things made leave it
        open whether they are, while it can be read. Empty where there is no need, or no way.
        """
        operation = self._operation(request)
        path = request.url_path
        if operation is None or not self._creates(operation) or self._told[path] > 1:
            return ""
        if self._told[path] and len(self.ledger.unsettled(path)) < OPEN_ONES:
            return ""
        self._told[path] += 1
        if self._told[path] == 1 and self.ledger.was_listed(path):
            return ""
        return "" if self.ledger.below_own(path) else self.listing(path)

    def listing(self, path: str) -> str:
        """The concrete path at which a documented operation reads the collection that things are
        made in at a concrete path: mostly the same, `/v1/tags` for `/v1/tag`; empty without one.
        """
        if find_operation("GET", path, self.operations) is not None:
            return path
        return next((p for p in self._siblings(path, "GET") if not self._readable(p)), "")

    def _made_in(self, path: str) -> Iterator[str]:
        """The paths at which things are made in the collection that is read at a concrete path."""
        yield path
        for other in self._siblings(path, "POST"):
            if find_operation("GET", other, self.operations) is None:
                yield other

    def _siblings(self, path: str, method: str) -> Iterator[str]:
        """The concrete paths of a method's operations whose last segment is the singular or the
        plural of a path's."""
        above, _, last = path.rstrip("/").rpartition("/")
        for operation in self.operations:
            other = operation.path.rstrip("/").rpartition("/")[2]
            if operation.method != method or other == last or singular(other) != singular(last):
                continue
            if match_path(operation.path, f"{above}/{other}") is not None:
                yield f"{above}/{other}"

    def _readable(self, path: str) -> bool:
        found = find_operation("GET", path, self.operations) if path else None
        return found is not None and found.path.rstrip("/").endswith("}")

    def _callback(self, request: Request) -> Held | None:
        """Addresses of the run's own listener may be registered, no others."""
        addresses = [v for v in values_at(request, ()) if "://" in v]
        own = [a.rstrip("/") for a in self.own_addresses()]
        if addresses and all(any(_below(a, each) for each in own) for a in addresses):
            return None
        return Held("it registers an address that isn't the run's own listener", "")

    def note_looked(self, path: str, response: Response | None) -> None:
        """A path was read to settle what stands there, if anything does; None: nobody could."""
        if response is not None and response.status in (404, 410):
            above, _, segment = path.rstrip("/").rpartition("/")
            self.ledger.note_absent(above, unquote(segment))
            return
        # A list that can't be read any more has told something before.
        for place in self._made_in("/" + path.strip("/")):
            self.ledger.settle(place)

    def again(self, request: Request) -> Exchange | None:
        """An earlier creation's exchange, whose thing is there still, for a step that may make
        no more."""
        for exchange in reversed(self._made.get(request.url_path, ())):
            if exchange.request.token == request.token and self.ledger.has(exchange.number):
                return exchange
        return None

    # -- what it did ---------------------------------------------------------------------------

    def note_sent(self, number: int, request: Request) -> None:
        """Before the answer is there."""
        self.sending(number, request)
        self.ledger.note_sent(number, request)

    def note(self, exchange: Exchange, accepted: bool) -> None:
        """After an answer: what it made, changed, deleted or showed."""
        request, response = exchange.request, exchange.response
        if response is None:
            return
        operation = self._operation(request)
        if operation is not None and self._creates(operation):
            self.ledger.note_posted(request, operation.id)
        if operation is not None and accepted and response.status < 400:
            self._note_effect(exchange, operation)
        elif operation is not None:
            self._refused[operation.id] += 1
        if response.status < 400:
            path = operation.id.path if operation is not None else request.url_path
            self.ledger.note_seen(exchange.number, response, path)
        if request.method == "GET" and not request.query and response.status == 200:
            for place in self._made_in(request.url_path):
                self.ledger.note_listed(request, response, path, place)

    def _creates(self, operation: Operation) -> bool:
        named = operation.id.path.rstrip("/").endswith("}")
        return not named and self.assessor.assess(operation).route is Effect.CREATES

    def _note_effect(self, exchange: Exchange, operation: Operation) -> None:
        request, response = exchange.request, exchange.response
        assert response is not None
        if self.assessor.assess(operation).effect is Effect.SIGNS_IN:
            self._refused[operation.id] = 0
        effect = self.assessor.assess(operation).route
        thing = self.target(request, operation)
        named = operation.id.path.rstrip("/").endswith("}")
        if effect is Effect.DELETES or operation.id.method == "DELETE":
            if thing is not None and (named or "{" not in operation.id.path):
                self.ledger.note_gone(thing)
        elif effect is Effect.CREATES and not named:
            sure = response.status == 201 and self._fills(request, operation)
            # A record that takes an identifier from the answer says that this creates.
            said = request.purpose == "step" and operation.id in self.makers
            self.ledger.note_made(
                exchange.number, request, response, operation.id, sure=sure, said=said
            )
            kept = self._made.setdefault(request.url_path, deque(maxlen=KEPT_ANSWERS))
            kept.append(exchange)
        elif effect in (Effect.CREATES, Effect.CHANGES):
            if thing is not None:
                self.ledger.note_changed(thing, exchange.number, request, response)
                posted = named and operation.id.method == "POST" and response.status == 201
                if posted and self._fills(request, operation):
                    self.ledger.note_beside(thing, exchange.number, request, response, operation.id)
            elif named and request.url_path not in self.lent:
                self._note_named(exchange, operation)

    def _fills(self, request: Request, operation: Operation) -> bool:
        """Whether a creation can't have answered with what was there: nothing was in an own thing
        before, unless the request brings what may be the name of something elsewhere."""
        if not self.ledger.below_own(request.url_path):
            return False
        others = [(noun_of(n), v) for n, v in references(request) if noun_of(n)]
        if any(self.ledger.own((noun,), value, "") is None for noun, value in others):
            return False
        plain = {k.leaf for k, f in operation.fields.items() if _is_plain(f.schema)}
        texts = (v for n, v in named_scalars(request) if n not in plain)
        return all(self.ledger.is_coined(text) for text in texts)

    def _note_named(self, exchange: Exchange, operation: Operation) -> None:
        """A thing that wasn't there, or is called by a made-up name, is there now."""
        places = list(_placed(exchange.request, operation))
        if not places:
            return
        _, value, above, _ = places[-1]
        created = exchange.response is not None and exchange.response.status == 201
        if made_up(value) or self.ledger.absent(above, value) or created:
            self.ledger.note_named(exchange.number, exchange.request, operation.id)

    def target(self, request: Request, operation: Operation) -> Thing | None:
        """The own thing that a request is about, if it is about one."""
        key = target_of(operation.id)
        if key is None:
            key = self.assessor.assess(operation).addressed
            if key is None:
                return None
            nouns = self._nouns(operation, key)
            own = (self.ledger.own(nouns, v, "") for v in values_at(request, (key.leaf,)))
            return next((t for t in own if t is not None), None)
        for name, value, above, template in reversed(list(_placed(request, operation))):
            return self.ledger.own((resource_of(template), noun_of(name)), value, above)
        return None

    def _operation(self, request: Request) -> Operation | None:
        known = self.operations.get(request.operation) if request.operation is not None else None
        if known is not None and match_path(known.id.path, request.url_path) is not None:
            return known
        found = find_operation(request.method, request.url_path, self.operations)
        return self.operations[found] if found is not None else None


def _denied() -> Held:
    return Held("held back by `deny`", "take it out of the config's or option's `deny`")


def _below(address: str, own: str) -> bool:
    """Whether an address is this one or below it: not another port that begins alike."""
    return address == own or address.startswith((own + "/", own + "?", own + "#"))


def _matches(name: str, globs: Iterable[str]) -> bool:
    """Whether a glob names an operation; the method may be left out."""
    path = name.partition(" ")[2]
    return any(
        fnmatch.fnmatchcase(name, g) or fnmatch.fnmatchcase(path, g) or _templated(name, g)
        for g in globs
    )


def _templated(name: str, pattern: str) -> bool:
    """A glob written as the operation itself: brackets of path parameters are no character set."""
    return name == pattern


def _overrides(request: Request) -> bool:
    """Whether a request asks for another method by a header, a parameter or a member."""
    for name, value in overriding(request):
        plain = name.lower().replace("_", "-")
        asks = plain.endswith(_OVERRIDE) or plain in ("-method", "x-http-method", "x-method")
        if asks and value.upper() != request.method:
            return True
    return False


def _beyond(request: Request, operation: Operation) -> Held | None:
    """What is borrowed gets documented fields only: others might stay there for ever."""
    known = {key.leaf for key in operation.fields}
    unknown = sorted(names_in(request) - known)
    if not unknown:
        return None
    return Held(f"it would give what is borrowed an undocumented {unknown[0]!r}", "")


def _tail(operation: OperationId, path: str) -> str:
    """The operation's own path where the end of a concrete path is one of its; else no end."""
    count = len([s for s in operation.path.split("/") if s])
    own = "/" + "/".join([s for s in path.split("/") if s][-count:]) if count else "/"
    return own if match_path(operation.path, own) is not None else "\0"


def _placed(request: Request, operation: Operation) -> list[tuple[str, str, str, str]]:
    """(name, value, concrete path above, template above) of each path parameter, in order."""
    wanted = [s for s in operation.id.path.split("/") if s]
    given = [s for s in request.url_path.split("?")[0].split("/") if s]
    values = match_path(operation.id.path, request.url_path) or {}
    found: list[tuple[str, str, str, str]] = []
    for number, segment in enumerate(wanted[: len(given)]):
        for name in path_parameters(segment):
            above = "/" + "/".join(given[:number])
            template = "/" + "/".join(wanted[:number])
            found.append((name, str(values.get(name, "")), above, template))
    return found


def _is_plain(schema: Schema) -> bool:
    """Whether what a field takes can't be anybody's name: a figure, a value of a closed set."""
    types = set(schema.types)
    return bool(schema.enum) or (bool(types) and types <= {"integer", "number", "boolean", "null"})


def _quoted(request: Request, value: str) -> str:
    """The segment of a request's path that has a value, as it is sent."""
    for segment in request.url_path.split("?")[0].split("/"):
        if unquote(segment) == value:
            return segment
    return value
