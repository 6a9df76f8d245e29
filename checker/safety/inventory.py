"""What a run made in collections, and what readings of them have shown of it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from checker.domain.exchange import Request, Response
from checker.domain.operation import OperationId
from checker.lexicon.texts import folded
from checker.planning.keyed import names_one
from checker.planning.routes import resource_of
from checker.safety.brought import given_by
from checker.safety.known import Known
from checker.safety.listings import ListedThing, Listing
from checker.safety.novelty import Maker, Taken
from checker.safety.recognition import marks_of
from checker.safety.shown import listed
from checker.safety.things import Thing, collection_of, keys_of, without_parents

_maker: ContextVar[str] = ContextVar("maker", default="")


@contextmanager
def making_for(purpose: str) -> Iterator[None]:
    """What is made inside, by this task and those it starts, is made for `purpose`."""
    mark = _maker.set(purpose)
    try:
        yield
    finally:
        _maker.reset(mark)


def made_for() -> str:
    """What things that are made now are made for."""
    return _maker.get()


@dataclass(slots=True)
class Inventory(Known):
    """What was made in collections, and by whose readings it is told what of it is own."""

    unanswered: Counter[str] = field(default_factory=Counter)
    """Creations in a collection that were sent, and that no answer came to."""
    _listed: dict[str, Listing] = field(default_factory=dict)
    _posted: dict[str, tuple[Request, OperationId]] = field(default_factory=dict)
    _makers: dict[OperationId, Maker] = field(default_factory=dict)
    _found: dict[int, bool] = field(default_factory=dict)
    """Creations that may have found what was there, by a known title or without any new text; and
    whether a list that shows it by now, and didn't at first, proves the contrary."""

    def note_posted(
        self, request: Request, operation: OperationId, *, answered: bool = True
    ) -> None:
        """Note a creation that was sent, whatever its answer, and also where none came: it may have
        made something all the same."""
        place = collection_of(request.url_path)
        self._posted[place] = (request, operation)
        self.unanswered[place] += not answered

    def posted(self) -> list[Request]:
        """The last creation sent to each collection."""
        return [request for request, _ in self._posted.values()]

    def titled(self, path: str, text: str) -> bool:
        """Whether something was known by a text in the collection at a path from the start."""
        listing = self._listed.get(collection_of(path))
        return listing is not None and folded(text) in listing.titles

    def lists_one(self, noun: str, value: str) -> bool:
        """Whether a collection of such things, as it was read last, has one of that identifier."""
        return any(
            value in keys_of(item.names)
            for place, listing in self._listed.items()
            if resource_of(place) == noun
            for item in listing.latest
        )

    def was_listed(self, path: str) -> bool:
        """Whether the collection at a path was read."""
        return collection_of(path) in self._listed

    def note_listed(self, request: Request, response: Response, path: str, place: str = "") -> None:
        """Note what reading a whole collection shows; `place`: the path at which things are made
        in it, where it isn't the request's."""
        place, items = collection_of(place or request.url_path), listed(response, path)
        reader = (request.token or "", request.account)
        if place in self._listed:
            self._listed[place].note(items, reader)
            self._note_drawn(place)
        else:
            self._listed[place] = Listing.begun(items, reader)

    def _note_drawn(self, place: str) -> None:
        """Where a thing that was listed before refers to an own one now, a creation in its
        collection has moved it. Within an own thing nothing is of others."""
        drawn = list(self._listed[place].drawn())
        if not drawn or self.below_own(place):
            return
        here = {t.operation for t in self.things if t.collection == place}
        here |= {self._posted[place][1]} if place in self._posted else set()
        for keys, (noun, value) in drawn:
            own = [t for t in self._own.get(value, ()) if self._is_ours(t, noun, value)]
            if not own or any(t.collection == place and keys & t.names.keys() for t in self.things):
                continue
            why = f"something that was there refers to the {noun} {value!r} since it was sent"
            taken = Taken(frozenset(), place, keys, self._listed[place].readings, why)
            makers = [self._makers.setdefault(o, Maker()) for o in here]
            if not any(m.taken is not None and m.taken.keys & keys for m in makers):
                for maker in makers:
                    maker.note_taken(taken)

    def lists_no_more(self, posted: Request, count: int) -> bool:
        """Whether the latest reading of what a creation made things in, by the same caller and of
        `count` entries, shows nothing that the first one didn't: all of them are identified, and
        it can't have been cut, since more was listed once or nothing is."""
        listing = self._listed.get(collection_of(posted.url_path))
        if listing is None or listing.reader != (posted.token or "", posted.account):
            return False
        if len(listing.latest) != count:
            return False
        known = all(listing.first.issuperset(item.names) for item in listing.latest)
        return known and (listing.whole or not count)

    def _settle_made(self, place: str, listing: Listing) -> None:
        """What was made in a collection whose first reading was a whole one."""
        shown = {value for item in listing.latest for value in item.names}
        cut = any(t.collection == place and shown.isdisjoint(t.keys) for t in self.alive())
        for thing in self.unsettled(place):
            there = not shown.isdisjoint(thing.keys)
            if self._is_new(thing, there, cut) and listing.first.isdisjoint(thing.keys):
                self._confirm(thing)

    def settle(self, path: str) -> None:
        """Find out by the readings of a collection what in it is this run's own.

        What is called by a text that this run was the first to bring is; where the first reading
        was a whole one, so is what it lacked and what an answer named or has such a text. What was
        brought without any new text may have been there, hidden from lists: it has to be listed
        by now, unless what is surely own isn't either (a page is full); and to be said to be
        created where its title is a known one (the document's example), by which it may have come
        back to them.
        """
        place = collection_of(path)
        listing = self._listed.get(place)
        if listing is None:
            return
        if listing.whole:
            self._settle_made(place, listing)
        if place in self._posted:
            for item in listing.latest:
                self._adopt(item, listing, place)

    def _is_new(self, thing: Thing, listed: bool, cut: bool) -> bool:
        """Whether a thing that wasn't listed at first was made by what answered with it."""
        if thing.number not in self._found:
            return True
        if not self._found[thing.number]:
            return False
        return listed or cut

    def _adopt(self, item: ListedThing, listing: Listing, place: str) -> None:
        """Take a listed thing for own where only this run can have made it."""
        request, operation = self._posted[place]
        keys = keys_of(item.names)
        known = {name for t in self.things if not t.gone for name in t.keys}
        if not keys or keys & known or keys & listing.first:
            return
        if keys & self._coined or (listing.whole and item.texts & self._coined):
            noun = resource_of(operation.path)
            thing = self._thing(noun, place, item.names, operation, 0, request)
            thing.signs = frozenset((item.texts | keys) & self._coined)
            thing.marks = marks_of(sorted(thing.signs))
            self._enter(thing)
            self._confirm(thing)

    def _was_listed(self, thing: Thing, number: int, brought: Iterable[str]) -> str | None:
        """The collection that listed what a creation answered with before that was sent, if it
        isn't what this run made: its own, or that of all such things; of what no two things are
        called, and the request didn't name, any."""
        if any(t.noun == thing.noun and t.keys & thing.keys for t in self.things):
            return None
        if not all(self._was_foreign(thing.noun, key, number) for key in thing.keys):
            return None
        places = [thing.collection, collection_of(without_parents(thing.operation.path))]
        if thing.keys.isdisjoint(brought) and all(map(names_one, thing.keys)):
            places += self._listed
        return next(
            (p for p in places if p in self._listed and self._listed[p].shows(thing.keys)), None
        )

    # -- parts ---------------------------------------------------------------------------------

    def _thing(
        self,
        noun: str,
        collection: str,
        names: Mapping[str, str],
        operation: OperationId,
        number: int,
        request: Request,
    ) -> Thing:
        return Thing(
            noun,
            collection,
            dict(names),
            operation,
            number,
            request.token,
            request.base,
            request.account,
            _maker.get(),
            probed=request.purpose == "probe",
            given=given_by(request),
        )

    def _unlisted(self, thing: Thing) -> int | None:
        listing = self._listed.get(thing.collection)
        if listing is None or not listing.first.isdisjoint(thing.keys):
            return None
        return len(listing.first)
