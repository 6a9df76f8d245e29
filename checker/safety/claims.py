"""Are the things that a request names this run's own, or nobody's? Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import unquote

from checker.domain.exchange import Request
from checker.domain.operation import INVENTED_NAMES, FieldKey, Operation, OperationId
from checker.lexicon.texts import folded, name_words
from checker.planning.displacing import displaces_itself
from checker.planning.encoding import encoded_segment, path_parameters
from checker.planning.keyed import names_one
from checker.planning.producers import noun_of
from checker.planning.recipe import match_path
from checker.planning.routes import resource_of
from checker.planning.unbounded import unbounded
from checker.safety.brought import body_of, objects_at, values_at
from checker.safety.contents import (
    is_figure,
    keys_brought,
    named_scalars,
    own_keys,
    references,
    stands_for_many,
    titles_brought,
)
from checker.safety.effects import Effect
from checker.safety.entailed import entailed
from checker.safety.ownership import Ledger
from checker.safety.policy import Held
from checker.safety.proofs import Proofs
from checker.safety.references import bounding, referred, within_lists
from checker.safety.routes import Routes
from checker.safety.shown import is_identifier
from checker.safety.things import Thing, made_up
from checker.safety.wording import target_of

LEAST_NOBODYS = 12
_WORD = re.compile(r"[^\W_]+")


@dataclass(slots=True)
class Claims:
    """Holds requests about things that may be somebody's."""

    ledger: Ledger
    routes: Routes
    proofs: Proofs

    def target(self, request: Request, operation: Operation) -> Thing | None:
        """The own thing that a request is about, if it is about one."""
        key = target_of(operation.id)
        if key is None:
            key = self.routes.assessor.assess(operation).addressed
            if key is None:
                return None
            nouns = self._nouns(operation, key)
            own = (self.ledger.own(nouns, v, "") for v in values_at(request, (key.leaf,)))
            return next((t for t in own if t is not None), None)
        for name, value, above, template in reversed(list(placed(request, operation))):
            return self.ledger.own((resource_of(template), noun_of(name)), value, above)
        return None

    def of_creations(self) -> tuple[Callable[[Request, Operation], Held | None], ...]:
        """What a creation is held for, in the order in which it is asked."""
        return (
            *(self.repeats, self.takes, self.upserts),
            *(self.revived, self.displaced, self.gathers),
        )

    def of_changes(
        self, *, deletes: bool
    ) -> tuple[Callable[[Request, Operation], Held | None], ...]:
        """What a change of the thing that a path names is held for, in the order asked."""
        more = (self.taken_along,) if deletes else (self.unnamed, self.retitled, self.drawn_along)
        theirs = (*more, self.displaced)
        return self.path_unowned, self.contradicted, self.gathers, *theirs, self.unproved

    def repeats(self, request: Request, operation: Operation) -> Held | None:
        """A creation that has answered different requests with one thing makes none: it changes
        that. It may have found by its title what it had made: then it is sent with another title
        only, until that brings another thing. Within an own thing nothing of others is changed."""
        if self.ledger.below_own(request.url_path):
            return None
        found = self.ledger.found(operation.id)
        known = any(title in found for _, title in titles_brought(request))
        if not known and not self.ledger.comes_back(operation.id):
            return None
        why = "it has answered different requests with one and the same thing"
        return self._changing(operation, why)

    def takes(self, request: Request, operation: Operation) -> Held | None:
        """A creation that has answered with what was there may take that out of where it is, also
        into an own thing: it is sent only with new texts in the place of all by which it can have
        found that. The list is read again: it may have two of that number by now.
        """
        taken = self.ledger.taken(operation.id)
        if taken is None:
            return None
        closed = {k.leaf for k, f in operation.fields.items() if f.schema.enum}
        brought = [v for n, v in named_scalars(request) if n in taken.found_by - closed]
        if brought and all(map(self.ledger.coins, brought)):
            return None
        held = self._changing(operation, taken.why)
        read = self.ledger.is_read_since(taken)
        return held if read else replace(held, look=self.routes.listing(taken.place))

    @staticmethod
    def _changing(operation: Operation, why: str) -> Held:
        return Held(
            f"{why}: it may change what is there",
            f'`allow = ["{operation.id}"]` in the target\'s config sends it all the same',
            kind="foreign",
        )

    def upserts(self, request: Request, operation: Operation) -> Held | None:
        """A creation that brings the identifier of a foreign thing may overwrite it, and so may
        one that chooses a number itself."""
        path = operation.id.path.rstrip("/")
        nouns = (resource_of(path), resource_of(path.rpartition("/")[0]))
        for name, value in keys_brought(request):
            theirs = self.ledger.shown_elsewhere(value) and self.ledger.unsure_of(value) is None
            if self.ledger.foreign(nouns, value) and theirs:
                return Held(f"its {name} {value[:60]!r} is that of something that was there")
        place = request.url_path.rstrip("/")
        for name, value in titles_brought(request):
            if self.ledger.titled(place, value) and not self._is_another_kind(name, value):
                return Held(f"its {name} {value[:60]!r} is that of something that was there")
        for value in own_keys(request):
            known = made_up(value) or names_one(value) or self.ledger.absent(place, value)
            if known or self.is_nobodys(value) or self.ledger.own(nouns, value, place) is not None:
                continue
            look = f"{place}/{encoded_segment(value)}"
            return Held(
                f"it chooses the identifier {value[:60]!r} itself",
                look=look if self.routes.readable(look) else "",
                kind="foreign",
            )
        return None

    def retitled(self, request: Request, operation: Operation) -> Held | None:
        """A change that gives a thing what something that was there is known by: some servers
        then take the two for one."""
        above = request.url_path.rstrip("/").rpartition("/")[0]
        for name, value in titles_brought(request):
            if self.ledger.titled(above, value) and not self._is_another_kind(name, value):
                return Held(f"its {name} {value[:60]!r} is that of something that was there")
        return None

    def unnamed(self, request: Request, operation: Operation) -> Held | None:
        """A change that takes an own thing the name by which its address finds it: it couldn't be
        removed any more."""
        thing = self.target(request, operation)
        segments = {unquote(s) for s in request.url_path.split("/")}
        called = {m for v, m in thing.names.items() if v in segments} if thing is not None else ()
        if any(name in called and not value.strip() for name, value in named_scalars(request)):
            return Held("what it changes would have no name to remove it by")
        return None

    def _is_another_kind(self, name: str, value: str) -> bool:
        """Whether a member that is called like a title holds the identifier of a thing of that very
        name: many things may refer to that one, and none is known by it."""
        return self.ledger.lists_one(noun_of(name), value)

    def is_nobodys(self, value: str) -> bool:
        """Whether a chosen name is this run's own text and too long to be met by chance."""
        fresh = self.ledger.coins(value) or self.ledger.gave(value)
        return len(value) >= LEAST_NOBODYS and fresh

    def is_new_within(self, above: str, value: str) -> bool:
        """Whether a name below an own thing is this run's own text, and nobody's before."""
        return self.is_nobodys(value) and self.ledger.below_own(above)

    def revived(self, request: Request, operation: Operation) -> Held | None:
        """A creation whose words say that it may change what is there (open it again, merge with
        it) brings nothing that somebody's may be known by. Within an own thing there is nothing of
        others."""
        words = self.routes.assessor.assess(operation).revives
        if not words or self.ledger.below_own(request.url_path):
            return None
        closed = {k.leaf for k, f in operation.fields.items() if f.schema.enum}
        for name, value in named_scalars(request):
            text = name not in closed and not is_figure(value)
            known = text or is_identifier(name) or _speaks_of(words, name)
            if known and not self.ledger.coins(value):
                return Held(
                    f"it may change what is there ({words!r}): others may have the {name} "
                    f"{value[:60]!r}",
                    f'`allow = ["{operation.id}"]` in the target\'s config sends it all the same',
                    kind="foreign",
                )
        return None

    def gathers(self, request: Request, operation: Operation) -> Held | None:
        """A list of references may take what it names out of where it was, and take it along when
        the thing that has the list goes: only own things are put into one. Nor does what bounds a
        rule name others', which the rule would then be about."""
        body = body_of(request)
        listed = (*referred(body, listed=True), *within_lists(body))
        bounds = bounding(body, {k.leaf for k in unbounded(operation)})
        for noun, value in (*listed, *bounds):
            fresh = made_up(value) or self.ledger.coins(value)
            if not fresh and self.ledger.own((noun,), value, "") is None:
                what = noun.replace("_", " ")
                return Held(
                    f"it would put the {what} {value[:60]!r}, which isn't its own, into a thing",
                    f'`allow = ["{operation.id}"]` in the target\'s config sends it all the same',
                    kind="foreign",
                )
        return None

    def taken_along(self, request: Request, operation: Operation) -> Held | None:
        """A thing that something of others was put into isn't deleted: that might go with it. So
        might what it refers to, where words say so."""
        thing = self.target(request, operation)
        if thing is not None and self.ledger.attached(thing):
            return Held("things of others were put into it and may go with it", kind="foreign")
        words = entailed(thing, operation, self.proofs.operations.values()) if thing else ""
        held = self.drawn_along(request, operation)
        if held is None and words:
            held = Held(f"what it refers to may go with it ({words!r})", kind="foreign")
        return held

    def drawn_along(self, request: Request, operation: Operation) -> Held | None:
        """Where words say that others go along with it, what belongs to something of others is
        neither changed nor deleted."""
        words = self.routes.assessor.assess(operation).along
        thing = self.target(request, operation)
        if not words or thing is None or not thing.attaches:
            return None
        return Held(f"others may go along with it ({words!r})", kind="foreign")

    def displaced(self, request: Request, operation: Operation) -> Held | None:
        """Where words say that the thing becomes what only one can be (the default, the active
        one), something of others may lose that: sent only within an own thing. Nor is made what
        can't be removed again without."""
        words = displaces_itself(operation)
        creates = self.routes.assessor.assess(operation).route is Effect.CREATES
        removal = self.routes.assessor.removal_of(operation) if creates else None
        words = words or (displaces_itself(removal) if removal is not None else "")
        thing = None if creates or not words else self.target(request, operation)
        place = request.url_path if thing is None else thing.collection
        if not words or self.ledger.below_own(place):
            return None
        return Held(
            f"others may lose what it gives to one ({words!r})",
            f'`allow = ["{operation.id}"]` in the target\'s config sends it all the same',
            kind="foreign",
        )

    def contradicted(self, request: Request, operation: Operation) -> Held | None:
        """A body may name another thing than the path does."""
        thing = self.target(request, operation)
        for value in own_keys(request):
            if thing is None or value not in thing.names:
                return Held(f"its body names {value[:60]!r}, its path something else", kind="path")
        return None

    def references_unowned(self, request: Request, operation: Operation) -> Held | None:
        """Where nothing is known of an operation, all that it names has to be own."""
        for name, value in references(request):
            nouns = (noun_of(name), resource_of(operation.id.path))
            if not made_up(value) and self.ledger.own(nouns, value, "") is None:
                return self._foreign(operation, nouns, value, "")
        return None

    def path_unowned(
        self, request: Request, operation: Operation, *, parents_only: bool = False
    ) -> Held | None:
        """Held unless the thing that the path names is own, or there is no such thing; and so
        are the things around it that the run could have made itself."""
        places = list(placed(request, operation))
        for number, (name, value, above, template) in enumerate(places):
            last = number == len(places) - 1 and not parents_only
            nouns = (resource_of(template), noun_of(name))
            if stands_for_many(value):
                return _many(value)
            if self._is_own_or_nothing(nouns, value, above):
                continue
            if not last and not self.routes.assessor.can_make(template):
                continue
            item = f"{above}/{_quoted(request, value)}"
            if last and self.is_new_within(above, value) and not self.routes.readable(item):
                continue  # nothing could be read that would tell more
            return self._foreign(operation, nouns, value, item)
        return None

    def _is_own_or_nothing(self, nouns: tuple[str, str], value: str, above: str) -> bool:
        """Whether a value names an own thing, or none at all."""
        if self.ledger.own(nouns, value, above) is not None:
            return True
        return made_up(value) or self.ledger.absent(above, value)

    def unproved(self, request: Request, operation: Operation) -> Held | None:
        """Held until it is shown that each own thing on the path is what stands at its address.

        What was made in a thing whose address is proved is proved with it, and so is what a server
        calls by an identifier that no two things have.
        """
        proved = ""
        for name, value, above, template in placed(request, operation):
            thing = self.ledger.own((resource_of(template), noun_of(name)), value, above)
            if thing is None:
                continue
            if stands_for_many(value):
                return _many(value)
            item = f"{above}/{_quoted(request, value)}"
            within = proved and above.startswith(proved + "/") and thing.is_in(above)
            if not within and not self._names_one(thing, value):
                held = self.proofs.missing(thing, item, name, request, operation)
                if held is not None:
                    return held
            proved = "" if thing.earlier else item
        return None

    def _names_one(self, thing: Thing, value: str) -> bool:
        """Whether the server itself has given a thing a name that nothing else has."""
        return names_one(value) and not self.ledger.is_coined(value)

    def body_unowned(self, request: Request, operation: Operation, key: FieldKey) -> Held | None:
        """Held unless the thing that a field of the query or body names is own, or made up."""
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
        told = self.routes.assessor.assess(operation).noun
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
        if unsure is not None and (listing := self.routes.listing(unsure.collection)):
            return listing
        if self.ledger.foreign(nouns, value) or not self.routes.readable(item):
            return ""
        return item


def _many(value: str) -> Held:
    return Held(f"{value[:60]!r} may stand for many things", kind="path")


def placed(request: Request, operation: Operation) -> list[tuple[str, str, str, str]]:
    """(name, value, concrete path above, template above) of each path parameter, in order."""
    if "{" not in operation.id.path:
        return []
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


def _speaks_of(words: str, member: str) -> bool:
    """Whether words that say what is changed name a member: it is by that that it is known."""
    named = name_words(member)
    return bool(named) and f" {named} " in f" {' '.join(_WORD.findall(folded(words)))} "


def _quoted(request: Request, value: str) -> str:
    """The segment of a request's path that has a value, as it is sent."""
    for segment in request.url_path.split("?")[0].split("/"):
        if unquote(segment) == value:
            return segment
    return encoded_segment(value)
