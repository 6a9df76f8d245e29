"""Is a request still accepted once another operation has moved on what it is about?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from checker.domain.observation import Kind, Observation, Rejection
from checker.domain.operation import Operation, Place
from checker.domain.schema import MISSING
from checker.domain.templates import needed_by, variables_in
from checker.domain.workflow import Step
from checker.experiments.base import Context, Experiment
from checker.experiments.items import read_at, state_shown
from checker.planning import edits
from checker.planning.edits import unchanged
from checker.planning.encoding import path_parameters
from checker.planning.producers import shape, status_field, transitions
from checker.planning.recipe import Recipe, call_variables, step_of_call
from checker.planning.variables import BUILT_INS
from checker.probing.asks import Ask
from checker.probing.bench import LabBroken, created_identifier
from checker.probing.trial import Witness, fill

MOVED = "moved"
"""Role: refused once another operation has moved the resource."""
_REFUSED = (Rejection.VALIDATION, Rejection.CONFLICT)
MAX_MOVES = 4


@dataclass(frozen=True, slots=True)
class Transition:
    """Steps that bring what `origin` made into another state; `by` is what does that."""

    origin: Step
    item: str
    """The path of the item, with the names of the request's own path."""
    steps: tuple[Step, ...]
    by: str
    to: str = ""
    """The state that the last step's body names, where it isn't the known request's own."""


class Moved(Experiment):
    """The request after calls that others of its item have been found to need or to be."""

    id = "moved"
    order = 43
    builds_on = ("prerequisites", "states")
    writes_only = True

    async def run(self, context: Context) -> Iterable[Observation]:
        if any(_tells_state(o) for o in context.made):
            return []
        try:
            for move in moves(context)[:MAX_MOVES]:
                seen = await self._after(context, move)
                if seen is not None:
                    return [seen]
        except LabBroken:
            pass
        return []

    async def _after(self, context: Context, move: Transition) -> Observation | None:
        """What is seen of the request after a move, where it is refused and the state differs."""
        detail = {
            "role": MOVED,
            "endpoint": move.by,
            "acts_on_endpoint": _endpoint(move.origin),
        }
        ask = Ask(Kind.STATE, unchanged, instead=move.origin, then=move.steps, detail=detail)
        seen = await context.lab.ask(ask)
        if not seen.rejected or seen.rejection not in _REFUSED:
            return None
        seen = await context.lab.confirm(ask, seen)
        states = await self._states(context, move) if seen.confirmed else None
        return replace(seen, detail={**detail, "states": states}) if states else None

    async def _states(self, context: Context, move: Transition) -> list[str] | None:
        """The item's state when it was made and after the move; None where they are the same, or
        aren't shown."""
        lab = context.lab
        own = tuple(move.origin if s.id == move.origin.id else s for s in lab.recipe.steps)
        scope = lab.account.scope.child()
        result = await context.bench.run_steps(lab.account, (*own, *move.steps), scope)
        if not result.ok:
            return None
        last = {r.step.id: r.exchanges[-1] for r in result.results if r.exchanges}
        read = await read_at(context, move.item, fill(lab.recipe.call, scope))
        made, moved = last.get(move.origin.id), read or last.get(move.steps[-1].id)
        before, after = state_shown(context, made), state_shown(context, moved)
        return [before, after] if before and after and before != after else None


def _tells_state(seen: Observation) -> bool:
    """Whether it is known already in which state the request works."""
    told = seen.kind is Kind.STATE or (
        seen.kind is Kind.OMIT_STEP and bool(seen.detail.get("acts_on"))
    )
    return told and seen.surely_rejected


def moves(context: Context) -> list[Transition]:
    """What other operations on the items that the request's path names need before, and are; what
    is likely to bring another state first, each once."""
    found: dict[tuple[object, ...], Transition] = {}
    for move in _possible(context):
        found.setdefault((move.to, *(s.operation for s in move.steps)), move)
    return sorted(found.values(), key=lambda move: _unlikely(context, move))


def _unlikely(context: Context, move: Transition) -> int:
    """How unlikely a move is to bring another state: not at all where the answer to its last step
    has shown one, or its body names one; rather where that answered with a thing, which it has
    made, or the body names the first state."""
    found = context.search.found
    last, made = (
        found.get(s.operation) if s.operation is not None else None
        for s in (move.steps[-1], move.origin)
    )
    first = state_shown(context, made.exchange) if isinstance(made, Witness) else None
    if move.to:
        return 2 if move.to == first else 0
    if not isinstance(last, Witness):
        return 1
    shown = state_shown(context, last.exchange)
    if shown and isinstance(made, Witness) and shown != first:
        return 0
    response = last.exchange.response
    told = response is not None and created_identifier(response.body) is not MISSING
    return 2 if told else 1


def _possible(context: Context) -> Iterator[Transition]:
    call, steps = context.template, context.lab.recipe.steps
    path = call.operation.path
    for name in reversed(path_parameters(path)):
        item = path[: path.index("{" + name + "}")] + "{" + name + "}"
        named = variables_in(call.path.get(name, ""))
        origin = next((s for s in steps if named & set(s.extract)), None)
        # What else it takes of the thing (a version, a code) may be spent by the move itself.
        if origin is None or call_variables(call) & set(origin.extract) != named:
            continue
        if not _shows_state(context, origin, item):
            continue
        done = {s.operation for s in steps}
        for operation in transitions(item, context.search.operations):
            recipe = context.search.recipe(operation.id)
            if recipe is None or operation.id == call.operation:
                continue
            if operation.id not in done:
                yield from _moved_by(operation, recipe, item, origin, steps)
            for state, changed in _to_other_states(operation, recipe):
                last = tuple(_moved_by(operation, changed, item, origin, steps))[-1:]
                yield from (replace(move, to=state) for move in last)


def _to_other_states(operation: Operation, recipe: Recipe) -> Iterator[tuple[str, Recipe]]:
    """An update's recipe with the states that its own body doesn't name."""
    status = status_field(operation)
    if status is None or status[0].place is not Place.BODY or recipe.call.body is MISSING:
        return
    key, values = status
    for value in values:
        if value != edits.get(recipe.call, key):
            yield str(value), replace(recipe, call=edits.put(recipe.call, key, value))


def _shows_state(context: Context, origin: Step, item: str) -> bool:
    """Whether an item may have a state that answers show: not where those of its creation and its
    reading are known, and have none."""
    about = [
        o.id
        for o in context.search.operations
        if o.id == origin.operation or (o.id.method == "GET" and shape(o.id.path) == shape(item))
    ]
    found = [w for o in about if isinstance(w := context.search.found.get(o), Witness)]
    return not found or any(state_shown(context, w.exchange) for w in found)


def _moved_by(
    operation: Operation, recipe: Recipe, item: str, origin: Step, steps: Sequence[Step]
) -> Iterator[Transition]:
    """What the recipe of an operation on such an item does to it: its other steps, then it."""
    depth = len(path_parameters(item))
    name = path_parameters(operation.id.path)[depth - 1]
    theirs = variables_in(recipe.call.path.get(name, ""))
    maker = next((s for s in recipe.steps if theirs & set(s.extract)), None)
    if maker is None or _endpoint(maker) != _endpoint(origin):
        return
    needed = {v: p for v, p in maker.extract.items() if origin.extract.get(v, p) == p}
    taken = {v for s in steps if s is not origin for v in s.extract} & set(needed)
    if taken or not theirs <= set(needed):
        return
    made = replace(origin, extract={**origin.extract, **needed})
    alike = {v for s in recipe.steps for v in s.extract if any(_gives(o, s, v) for o in steps)}
    before = [s for s in recipe.steps if s is not maker and needed_by(s) & set(needed)]
    for group in (before, [*before, step_of_call("move", recipe.call)]):
        named = tuple(replace(s, id=f"move_{n}") for n, s in enumerate(group))
        if named and not _wanted(named) - set(needed) - alike:
            yield Transition(made, item, named, _endpoint(named[-1]))


def _gives(own: Step, other: Step, variable: str) -> bool:
    """Whether a step gives a variable as another one does."""
    same = own.operation is not None and own.operation == other.operation
    return same and own.extract.get(variable) == other.extract[variable]


def _endpoint(step: Step) -> str:
    return str(step.operation or f"{step.method} {step.path}")


def _wanted(steps: Sequence[Step]) -> set[str]:
    """The variables that steps use and none of them gives."""
    given: set[str] = set()
    wanted: set[str] = set()
    for step in steps:
        wanted |= needed_by(step) - given
        given |= set(step.extract)
    return wanted - set(BUILT_INS)
