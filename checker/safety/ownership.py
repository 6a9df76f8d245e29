"""The ownership ledger: what this run has made, and what was there before. Pure.

*Own* is what an accepted creation of this run returned, where it is shown to be new (novelty.py)
or where the first reading of its whole collection lacked it. Identifiers from lists, examples,
variables and other answers are *foreign*.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote

from checker.domain.exchange import Request, Response
from checker.domain.operation import OperationId
from checker.planning.answered import placed_at
from checker.planning.keyed import names_one
from checker.planning.markup import content_of
from checker.planning.routes import resource_of
from checker.safety.brought import body_of, canonical, given_by, texts_of, values_at
from checker.safety.contents import is_figure, named_scalars, titles_brought
from checker.safety.inventory import Inventory
from checker.safety.known import LEAST_FRESH
from checker.safety.novelty import Maker, Referred, Taken
from checker.safety.recognition import MAX_MARKS
from checker.safety.references import comes_back, referred, roles, within_objects, without
from checker.safety.shown import identifiers, keyed, named_in
from checker.safety.things import Thing, collection_of, made_up

CREATED = 201


@dataclass(slots=True)
class Ledger(Inventory):
    """What this run did, and what its answers showed, by which it is told what is own."""

    _parts: set[str] = field(default_factory=set)
    """Identifiers that were first seen in the answers to creations: of what own things hold."""

    # -- what was done -------------------------------------------------------------------------

    def note_made(
        self,
        number: int,
        request: Request,
        response: Response,
        operation: OperationId,
        collection: str = "",
        *,
        sure: bool = False,
        said: bool = False,
    ) -> list[Thing]:
        """Note an accepted creation; the things that it made, own from now on.

        `collection`: the concrete path that they are in, where it isn't the request's. `sure`:
        it can have made new things only; `said`: somebody wrote down that it does, so that one
        new text that comes back, or a 201, is proof enough.
        """
        collection = collection or collection_of(request.url_path)
        noun = resource_of(operation.path)
        maker = self._makers.setdefault(operation, Maker())
        coined = self._fresh.get(number, frozenset())
        # A link that leads to the collection itself names nothing in it.
        segments = set(collection.split("/"))
        every = [
            replace(s, names={v: n for v, n in s.names.items() if v not in segments})
            for s in named_in(response, noun)
        ]
        named = [one for one in every if one.names]
        if not named:
            self.nameless[collection] += 1
        made: list[Thing] = []
        for one in named:
            member, names = one.node, one.names
            plain = one.plain or comes_back(body_of(request), member)
            thing = self._thing(noun, collection, names, operation, number, request)
            thing.unsure = True
            thing.beside = not one.plain and any(other.plain for other in named)
            thing.marks = self._marks(number, request, [member, *names])
            known = any(title in self.documented for _, title in titles_brought(request))
            if known or not coined:
                self._found[number] = not known or response.status == CREATED
            thing.unlisted = self._unlisted(thing) if self._found.get(number, True) else None
            refers = self._referred(request, member)
            thing.signs = _shown_of(coined, member)
            thing.stands_at = placed_at(response) if len(named) == 1 else ""
            thing.attaches = self.refers_elsewhere(body_of(request))
            thing.refers = self.referred_elsewhere(body_of(request), content_of(response))
            thing.refs = frozenset(r for r in roles(body_of(request)) if r[1] in refers.own)
            brought = values_at(replace(request, query=()), ())
            maker.named_by |= _named_by(request, names)
            if any(self._was_foreign(noun, name, number) for name in thing.keys):
                self.nameless[collection] += 1
                there = (
                    self._was_listed(thing, number, brought) if plain and len(every) == 1 else None
                )
                if there is not None:
                    found_by, readings = self._found_by(request), self._listed[there].readings
                    maker.note_taken(Taken(found_by, there, frozenset(thing.keys), readings))
                if plain:
                    added = {*texts_of(member)}.difference(brought, names)
                    maker.note_foreign(thing, request, coined, frozenset(added), refers)
                continue
            # What is named as another kind of thing comes along, and was there before.
            shown = {*texts_of(member), *names} if plain else set()
            self._parts |= {t for t in shown if names_one(t) and hash(t) not in self._texts}
            if maker.note(thing, request, coined, brought, shown, refers):
                made.append(thing)
                self._keep(thing)
                # An identifier that the request chose may be that of something there.
                fresh = sure and names.keys().isdisjoint(brought)
                told = said and (maker.made[-1].echoed or response.status == 201)
                if plain and (fresh or told):
                    self._confirm(thing)
        self._settle_maker(operation)
        return made

    def leaves_unnamed(self, request: Request, operation: OperationId) -> bool:
        """Whether a creation would make something without a name, by which alone such things are
        called: it couldn't be removed."""
        maker = self._makers.get(operation)
        if maker is None or not maker.named_by:
            return False
        return any(n in maker.named_by and not v.strip() for n, v in named_scalars(request))

    def comes_back(self, operation: OperationId) -> bool:
        """Whether a creation has answered with one thing that was there to requests that have
        nothing of this run's in common: then it changes what is there."""
        maker = self._makers.get(operation)
        return maker is not None and maker.overwrites

    def found(self, operation: OperationId) -> frozenset[str]:
        """The titles under which a creation has answered with what it had made, where nothing
        shows that another title brings another thing."""
        maker = self._makers.get(operation)
        return maker.goes_by if maker is not None else frozenset()

    def taken(self, operation: OperationId) -> Taken | None:
        """What was listed before and came back as the answer to a creation; None where none did,
        or where the list has by now another one of that number beside it."""
        maker = self._makers.get(operation)
        if maker is None or maker.taken is None:
            return None
        if self._listed[maker.taken.place].has_more(maker.taken.keys):
            maker.taken, maker.numbers = None, True
        return maker.taken

    def is_read_since(self, taken: Taken) -> bool:
        """Whether the list was read again since what it had came back."""
        return self._listed[taken.place].readings > taken.readings

    def _found_by(self, request: Request) -> frozenset[str]:
        """The members of a request by whose texts something that was there can have been found;
        none where it names something of others beside, by which it can have been found as well."""
        if self.refers_elsewhere(body_of(request)):
            return frozenset()
        return frozenset(
            n for n, v in named_scalars(request) if not (is_figure(v) or self.coins(v))
        )

    def _referred(self, request: Request, member: Mapping[Any, Any]) -> Referred:
        """What a request refers to of this run's own things, and whether the answer does."""
        body = body_of(request)
        every = set(roles(body))
        own = {
            (noun, value)
            for noun, value in every
            if any(self._is_ours(t, noun, value) for t in self._own.get(value, ()))
        }
        if not own:
            return Referred(masked=canonical(body))
        ours = own | {(noun, value) for noun, value in every if value in self._parts}
        masked = canonical(without(body, ours))
        return Referred(frozenset(v for _, v in ours), masked, not own.isdisjoint(roles(member)))

    def refers_elsewhere(self, body: Any) -> bool:
        """Whether a JSON value refers to something that may be others': not to this run's own, and
        by no text that nobody can have brought before."""
        return any(
            not (made_up(value) or self.coins(value)) and self.own((noun,), value, "") is None
            for noun, value in referred(body)
        )

    def referred_elsewhere(self, body: Any, shown: Any) -> set[str]:
        """The nouns of what a JSON value refers to that may be others': a text that nobody can
        have brought before names nothing only where the answer, `shown`, gives it back. A server
        may take an unknown name for one that it knows."""
        back = set(roles(shown))
        named = {*referred(body), *within_objects(body)}
        kinds = {resource_of(path) for path in self._listed}
        named |= {(n, v) for n, v in roles(body) if n in kinds and (n, v) in self._foreign}
        return {
            noun
            for noun, value in named
            if self.own((noun,), value, "") is None
            and not ((noun, value) in back and (made_up(value) or self.coins(value)))
        }

    def attached(self, thing: Thing) -> bool:
        """Whether something of others was put into a thing, and may go when it goes."""
        if thing.holds:
            return True
        below = tuple(f"{thing.collection}/{name}/" for name in thing.names)
        return any(
            t.attaches and not t.gone and t.collection.startswith(below) for t in self.things
        )

    def _settle_maker(self, operation: OperationId) -> None:
        """Confirm what an operation is shown to have made; take it back where it may not have."""
        maker = self._makers[operation]
        proved = maker.proved()
        for thing in proved:
            if thing.unsure:
                self._confirm(thing)
        if maker.repeats:
            for made in maker.made:
                self._retract(made.thing)

    def note_beside(
        self, thing: Thing, number: int, request: Request, response: Response, action: OperationId
    ) -> list[Thing]:
        """Note an action on an own thing that can't have answered with what was there: it has
        made others of its kind, where the answer shows none by one of the thing's own names."""
        shown = {name for one in named_in(response, thing.noun) for name in one.names}
        if shown & thing.names.keys():
            return []
        place = thing.collection
        return self.note_made(number, request, response, action, place, sure=True)

    def note_named(self, number: int, request: Request, operation: OperationId) -> Thing | None:
        """Note an accepted request that gave a new item its name: the last segment."""
        collection, _, name = collection_of(request.url_path).rpartition("/")
        value = unquote(name)
        if any(not t.gone and t.collection == collection for t in self._own.get(value, ())):
            return None
        noun = resource_of(operation.path.rstrip("/").rpartition("/")[0])
        thing = self._thing(noun, collection, {value: ""}, operation, number, request)
        thing.marks = self._marks(number, request, value)
        thing.signs = self._fresh.get(number, frozenset())
        self._keep(thing)
        return thing

    def note_changed(self, thing: Thing, number: int, request: Request, response: Response) -> None:
        """An own thing was changed: the answer may call it by a name that was just given."""
        thing.used = number
        refers = self.referred_elsewhere(body_of(request), content_of(response)) - thing.refers
        thing.refers |= refers
        fresh = self._fresh.get(number, frozenset())
        for shown in named_in(response, thing.noun):
            for name in shown.names.keys() & fresh:
                thing.names[name] = shown.names[name]
                self._own.setdefault(name, []).append(thing)
        thing.signs |= fresh
        given = given_by(request)
        named = (given.get(member.lower()) for member in thing.names.values())
        thing.renamed |= any(n is not None and n not in thing.names for n in named)
        _note_renamed(thing, request)
        marks = self._marks(number, request, content_of(response))
        if refers or not set(marks) <= set(thing.marks):
            thing.marks = tuple(dict.fromkeys((*marks, *thing.marks)))[:MAX_MARKS]
            self.changed("made", thing)

    def note_gone(self, thing: Thing) -> None:
        """An own thing was deleted, however often it was answered, and what was in it with it: its
        number may be given again."""
        below = tuple(f"{thing.collection}/{name}/" for name in thing.names)
        for each in self.things:
            same = each.noun == thing.noun and each.collection == thing.collection
            same = same and bool(each.keys & thing.keys)
            if not each.gone and (same or each.collection.startswith(below)):
                each.gone = True
                self._free(each)
                self.changed("gone", each)

    def _free(self, thing: Thing) -> None:
        """The numbers of what has gone are nobody's, if nothing had them before it was made: only
        while it was unsure were they taken for those of others."""
        for name in thing.keys:
            since = self._shown.get((thing.noun, name), 0)
            if since >= thing.number and not names_one(name):
                self._foreign.discard((thing.noun, name))
                self._shown.pop((thing.noun, name), None)

    def note_seen(self, number: int, response: Response, path: str, *, made: bool = False) -> None:
        """Note what an answer shows: identifiers that aren't own are foreign. `made`: to an
        accepted creation, so that nothing was called before what this run was the first to say."""
        body = content_of(response)
        brought = self._fresh.get(number, frozenset()) if made else frozenset()
        for noun, value in identifiers(body, resource_of(path)):
            if not any(t.noun == noun or names_one(value) for t in self._own.get(value, ())):
                self._foreign.add((noun, value))
                self._shown.setdefault((noun, value), self._last)
                if value not in brought:
                    self._elsewhere.add(value)
        self._remember({t for t in (*texts_of(body), *keyed(body)) if len(t) >= LEAST_FRESH})
        self._fresh.pop(number - 1000, None)


def _named_by(request: Request, names: Iterable[str]) -> frozenset[str]:
    """The members of a request by whose texts a thing has all its names; none where the server
    has given it one."""
    sent = [(n, v) for n, v in named_scalars(request) if len(v) >= LEAST_FRESH]
    of_each = [{n for n, v in sent if v.casefold() in name.casefold()} for name in names]
    return frozenset().union(*of_each) if of_each and all(of_each) else frozenset()


def _note_renamed(thing: Thing, request: Request) -> None:
    """What was just given another name may not be met by its old one any more."""
    given = given_by(request)
    old = {n for n, member in thing.names.items() if given.get(member.lower(), n) != n}
    old |= {n for member, n in thing.given.items() if given.get(member, n) != n}
    for address in [a for a in thing.readings if unquote(a.item.rpartition("/")[2]) in old]:
        del thing.readings[address]


def _shown_of(coined: Iterable[str], member: Mapping[Any, Any]) -> frozenset[str]:
    """Those of the coined texts that an answer shows, in whatever case."""
    shown = {text.casefold() for text in texts_of(member)}
    folded = {sign: sign.casefold() for sign in coined}
    return frozenset(
        sign
        for sign, plain in folded.items()
        if plain in shown or any(plain in text for text in shown)
    )
