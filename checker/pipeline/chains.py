"""Which operations without a request wait for a creation that has none itself. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Set

from checker.domain.coverage import EXAMINED, PARTLY
from checker.domain.observation import OperationOutcome, Rejection
from checker.domain.operation import FieldKey, Operation, OperationId, Place
from checker.planning.encoding import path_parameters
from checker.planning.producers import producers
from checker.planning.routes import CREATE, act_of
from checker.planning.values import looks_like_identifier
from checker.probing.judge import Judge
from checker.probing.trial import NoWitness


def lacks_thing(found: NoWitness, judge: Judge) -> bool:
    """Whether a search failed for want of a thing: of one that is there, or of an own one."""
    if found.held:
        return True
    return found.last is not None and judge.judged(found.last).rejection is Rejection.ABSENCE


def chains(
    lacking: Collection[OperationId],
    outcomes: Mapping[OperationId, OperationOutcome],
    operations: Iterable[Operation],
) -> dict[OperationId, OperationId]:
    """The creation at the end of the chain for each operation that waits for one.

    `lacking` failed for want of a thing. Where one of the operations that make such things was
    accepted, something else is wrong, and nothing is said.
    """
    known = {o.id: o for o in operations}
    reached = {o.operation for o in outcomes.values() if o.status in (EXAMINED, PARTLY)}
    next_ = {id_: _maker(known[id_], known, reached) for id_ in lacking if id_ in known}
    found: dict[OperationId, OperationId] = {}
    for start in next_:
        walked, at = {start}, next_[start]
        while at is not None and at not in walked:
            walked.add(at)
            found[start] = at
            at = next_.get(at)
    return found


def _maker(
    operation: Operation, known: Mapping[OperationId, Operation], reached: Set[OperationId]
) -> OperationId | None:
    """The first creation without a request of what an operation takes, outermost first."""
    for key in _taken(operation):
        made = producers(key, operation.id, known.values(), related=True)
        makers = [o.id for o in made if act_of(o.id) == CREATE]
        if makers and reached.isdisjoint(makers):
            return makers[0]
    return None


def _taken(operation: Operation) -> list[FieldKey]:
    """The identifiers of other things that an operation needs."""
    within = [FieldKey(Place.PATH, name) for name in path_parameters(operation.id.path)]
    beside = [
        key
        for key, field in operation.fields.items()
        if key.place is Place.BODY and field.required and looks_like_identifier(key.leaf)
    ]
    return within + beside
