"""Which prerequisite steps are really needed? One left out at a time (delta debugging).

After Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input", IEEE TSE 28
(2002), with single steps: a step whose extracts the request itself needs is a reference, not a
state, and is not left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from checker.domain.finding import Verdict
from checker.domain.nodes import mapping_of
from checker.domain.observation import Kind, Observation
from checker.domain.operation import SAFE_METHODS
from checker.domain.templates import needed_by, variables_in
from checker.domain.workflow import Step
from checker.experiments.base import Context, Experiment
from checker.experiments.items import made_nothing, state_shown
from checker.experiments.second_instance import for_another
from checker.planning.edits import unchanged
from checker.planning.recipe import call_variables, needed_closure
from checker.planning.routes import CREATE, act_of, acts_on_item, has_verb
from checker.probing.asks import Ask

STEADY_TRIES = 6


class Prerequisites(Experiment):
    """Leaves out each step that the request doesn't take data from, and each waiting."""

    id = "prerequisites"
    order = 40

    async def run(self, context: Context) -> Iterable[Observation]:
        recipe = context.lab.recipe
        needed = call_variables(recipe.call)
        out: list[Observation] = []
        missed: dict[str, Step] = {}
        for unit in _units(recipe.steps):
            step = unit[-1]
            gone = {name for s in unit for name in needed_closure(recipe.steps, s.id)}
            lost = {v for s in recipe.steps if s.id in gone for v in s.extract}
            if lost & needed:
                continue
            ask = Ask(
                Kind.OMIT_STEP,
                unchanged,
                omit=frozenset(gone),
                detail=self._describe(step, recipe.steps, needed),
            )
            seen = await context.lab.ask(ask)
            if seen.rejected:
                seen = await context.lab.confirm(ask, seen)
            elif seen.verdict is Verdict.INCONCLUSIVE:
                seen = await self._for_another(context, unit) or seen
            if seen.rejected:
                missed[step.id] = step
            if seen.confirmed:
                seen = replace(seen, detail={**seen.detail, **await self._moved(context, step)})
            out.append(seen)
        serving = {name for name, step in missed.items() if _only_serves(step, missed.values())}
        kept = [o for o in out if o.detail["step"] not in serving]
        return [*kept, *await self._states(context)]

    async def _for_another(self, context: Context, unit: Sequence[Step]) -> Observation | None:
        """Steps that can't be left out themselves, left out for a second thing."""
        steps, needed = context.lab.recipe.steps, call_variables(context.template)

        def describe(step: Step, origin: Step) -> Mapping[str, Any]:
            return self._describe(step, steps, needed, origin)

        return await for_another(context, unit, describe)

    async def _states(self, context: Context) -> list[Observation]:
        """Steps that wait for a state: the request before the state is reached."""
        recipe = context.lab.recipe
        out: list[Observation] = []
        listener = context.bench.listener
        for step in recipe.steps:
            if step.wait_for is None and step.until is None and not step.sleep_ms:
                continue
            ask = Ask(
                Kind.STATE,
                unchanged,
                hold=step.id,
                detail=self._describe(step, recipe.steps, call_variables(recipe.call)),
            )
            if listener is not None:
                listener.hold()
            try:
                seen = await context.lab.ask(ask)
                if seen.rejected:
                    seen = await context.lab.confirm(ask, seen)
            finally:
                if listener is not None:
                    listener.release()
            out.append(seen)
        return out

    async def _moved(self, context: Context, step: Step) -> dict[str, Any]:
        """What a needed step acts on, by its own answer, and the states before and after it.

        A step that is answered with the item that it names (or with nothing) made no new one.
        """
        lab, steps = context.lab, context.lab.recipe.steps
        for _ in range(STEADY_TRIES):
            scope = lab.account.scope.child()
            result = await context.bench.run_steps(lab.account, steps, scope)
            if result.ok:
                break
        last = {r.step.id: r.exchanges[-1] for r in result.results if r.exchanges}
        given = {s.id: s.extract for s in steps}
        detail = self._describe(step, steps, call_variables(lab.recipe.call))
        if detail["acts_on"] is None and step.id in last:
            for earlier in steps[: steps.index(step)]:
                used = needed_by(step) & set(given[earlier.id])
                values = [scope.stored(v) for v in used]
                if any(made_nothing(last[step.id], v, last.get(earlier.id)) for v in values):
                    detail = self._describe(step, steps, call_variables(lab.recipe.call), earlier)
        if detail["acts_on"] is None:
            return {}
        moved = [last.get(str(detail["acts_on"])), last.get(step.id)]
        words = [state_shown(context, exchange) for exchange in moved]
        states = [w for w in words if w] if words[0] != words[1] else []
        return {**detail, "states": states if len(states) == 2 else []}

    @staticmethod
    def _describe(
        step: Step, steps: tuple[Step, ...], needed: set[str], item: Step | None = None
    ) -> dict[str, Any]:
        """What a step is to the reader: its operation, and the resource it acts on.

        `item` made that resource, where it is known.
        """
        uses = needed_by(step)
        origin = next((s for s in steps if set(s.extract) & uses and s.id != step.id), None)
        acts_on = [item] if item is not None else []
        acts_on = acts_on or [
            s
            for s in steps
            if s.id != step.id and s.method == "POST" and set(s.extract) & _addressing(step)
        ]
        target = acts_on[-1] if acts_on else (origin if step.method != "POST" else None)
        return {
            "step": step.id,
            "endpoint": str(step.operation) if step.operation else f"{step.method} {step.path}",
            "method": step.method,
            "acts_on": target.id if target is not None and acts_on else None,
            "acts_on_endpoint": (
                str(target.operation or f"{target.method} {target.path}")
                if target is not None and acts_on
                else None
            ),
            "feeds_request": bool(target is not None and set(target.extract) & needed),
            "body": mapping_of(step.body),
            "waits": bool(step.wait_for or step.until or step.sleep_ms),
            "looks": _looks(step),
        }


def _units(steps: Sequence[Step]) -> list[tuple[Step, ...]]:
    """What is left out at a time: a step; all that ask for the same and give nothing, of which
    there may be one more than it takes."""
    units: dict[tuple[str, ...], tuple[Step, ...]] = {}
    for step in steps:
        asked = (step.method, step.path, repr(step.params), repr(step.body))
        same = (step.id,) if step.extract else asked
        units[same] = (*units.get(same, ()), step)
    return list(units.values())


def _looks(step: Step) -> bool:
    """Whether a step only reads: it may stand for the time until then, too."""
    return step.method in SAFE_METHODS and not has_verb(step.path)


def _only_serves(step: Step, needed: Iterable[Step]) -> bool:
    """Whether needed steps take data from a step and none is about the thing that it makes: it is
    their affair then, and not the request's."""
    takers = [s for s in needed if needed_by(s) & set(step.extract)]
    return bool(takers) and not any(_addressing(s) & set(step.extract) for s in takers)


def _addressing(step: Step) -> set[str]:
    """The variables that say what a step acts on: none where it makes something new."""
    if step.operation is None:
        return variables_in(step.path)
    if not acts_on_item(step.operation) and act_of(step.operation) == CREATE:
        return set()
    return needed_by(step) if has_verb(step.operation.path) else variables_in(step.path)
