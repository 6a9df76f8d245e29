"""A second thing of the kind that a field refers to: what must have happened to the first one can't
be left out where the steps that came after it need it, too."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from checker.domain.finding import Verdict
from checker.domain.observation import Kind, Observation
from checker.domain.operation import FieldKey
from checker.domain.templates import needed_by, renamed, step_renamed, variables_in
from checker.domain.workflow import Step
from checker.experiments.base import Context
from checker.planning import edits
from checker.planning.edits import unchanged
from checker.planning.recipe import call_variables
from checker.planning.routes import CREATE, act_of
from checker.probing.asks import Ask
from checker.probing.bench import LabBroken
from checker.probing.supply import Level

_OTHER = "_other"
Described = Callable[[Step, Step], Mapping[str, Any]]


async def for_another(
    context: Context, unit: Sequence[Step], describe: Described
) -> Observation | None:
    """What a request says of steps that are left out for a second thing, in whose place it names
    that one; None where it names none, or doesn't take one that all of it has happened to.

    `describe` tells a step and the step that made what it acts on.
    """
    origin = _origin(context, unit)
    keys = _naming(context, origin) if origin is not None else []
    if origin is None or not keys:
        return None
    names = {v: v + _OTHER for v in origin.extract}
    steps, template = context.lab.recipe.steps, context.template
    moves = [s for s in steps if _only_moves(s, origin, call_variables(template))]
    others = [step_renamed(s, _OTHER, names) for s in (origin, *moves)]
    values = {k: renamed(edits.get(template, k), names) for k in keys}
    left_out = frozenset(s.id + _OTHER for s in unit)
    ask = Ask(Kind.OMIT_STEP, unchanged, omit=left_out, detail=describe(unit[-1], origin))
    with suppress(LabBroken), context.lab.widened(values, {}, (*steps, *others)):
        _, _, verdict, _ = await context.lab.sent(level=Level.REDO)
        if verdict is Verdict.ACCEPTED:
            return await context.lab.establish(ask)
    return None


def _origin(context: Context, unit: Sequence[Step]) -> Step | None:
    """The step that made what steps act on, by its path."""
    used = variables_in([s.path for s in unit])
    for step in context.lab.recipe.steps:
        made = step.operation is not None and act_of(step.operation) == CREATE
        if made and used & set(step.extract):
            return step
    return None


def _naming(context: Context, origin: Step) -> list[FieldKey]:
    """The request's fields that have nothing but what a step gave; none where its path has some of
    that, too: it has to agree then."""
    given = set(origin.extract)
    if variables_in(context.template.path) & given:
        return []
    values = {k: edits.get(context.template, k) for k in context.present()}
    used = {k: variables_in(v) for k, v in values.items() if not isinstance(v, Mapping)}
    return [k for k, names in used.items() if names and names <= given]


def _only_moves(step: Step, origin: Step, wanted: set[str]) -> bool:
    """Whether a step acts on what another one made, and gives the request nothing."""
    acts = variables_in(step.path) & set(origin.extract)
    return (
        bool(acts)
        and step is not origin
        and not (set(step.extract) & wanted)
        and (needed_by(step) & set(origin.extract) == acts)
    )
