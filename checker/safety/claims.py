"""Are the things that a request names this run's own, or nobody's? Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from checker.domain.exchange import Request
from checker.domain.operation import INVENTED_NAMES, FieldKey, Operation, OperationId
from checker.planning.encoding import path_parameters
from checker.planning.producers import noun_of
from checker.planning.recipe import match_path
from checker.planning.routes import resource_of
from checker.safety.contents import keys_brought, own_keys, references
from checker.safety.effects import Assessor
from checker.safety.ownership import Ledger, made_up, names_one, objects_at, values_at
from checker.safety.policy import Held
from checker.safety.things import Thing
from checker.safety.wording import target_of


@dataclass(slots=True)
class Claims:
    """Holds requests about things that may be somebody's.

    `readable` says whether a thing can be read at a concrete path; `settling` gives the path
    whose reading would tell of a thing's nouns, name and path whether it is own or there at all.
    """

    ledger: Ledger
    assessor: Assessor
    readable: Callable[[str], bool]
    settling: Callable[[Sequence[str], str, str], str]

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
        for name, value, above, template in reversed(list(placed(request, operation))):
            return self.ledger.own((resource_of(template), noun_of(name)), value, above)
        return None

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
        for value in own_keys(request):
            known = made_up(value) or names_one(value) or self.ledger.absent(place, value)
            if known or self.ledger.own(nouns, value, place) is not None:
                continue
            look = f"{place}/{value}"
            return Held(
                f"it chooses the identifier {value[:60]!r} itself",
                look=look if self.readable(look) else "",
                kind="foreign",
            )
        return None

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
            if self.ledger.own(nouns, value, above) is not None:
                continue
            if made_up(value) or self.ledger.absent(above, value):
                continue
            if not last and not self.assessor.can_make(template):
                continue
            return self._foreign(operation, nouns, value, f"{above}/{_quoted(request, value)}")
        return None

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
            look=self.settling(nouns, value, look),
            kind="foreign",
        )


def placed(request: Request, operation: Operation) -> list[tuple[str, str, str, str]]:
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


def _quoted(request: Request, value: str) -> str:
    """The segment of a request's path that has a value, as it is sent."""
    for segment in request.url_path.split("?")[0].split("/"):
        if unquote(segment) == value:
            return segment
    return value
