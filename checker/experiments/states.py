"""Does the state of a resource decide? The request again after it moved it, and for one that was
created in another state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from checker.domain.exchange import Call, Exchange
from checker.domain.finding import Evidence, Verdict
from checker.domain.observation import Kind, Observation, Rejection
from checker.domain.operation import Place
from checker.domain.schema import MISSING
from checker.domain.templates import needed_by, variables_in
from checker.domain.workflow import Step
from checker.experiments.base import Context, Experiment
from checker.experiments.items import about_item, acted_on, item_read, state_shown
from checker.planning import edits
from checker.planning.answered import status_of
from checker.planning.producers import status_field
from checker.planning.recipe import call_variables
from checker.planning.routes import CREATE, act_of
from checker.probing.asks import Ask
from checker.probing.bench import LabBroken
from checker.probing.supply import Level
from checker.search.attempts import FAILURES

SPENT, MADE = "spent", "made"
"""Roles: refused once the request itself has moved the resource; refused for a resource that
was created in another state."""
_REFUSED = (Rejection.VALIDATION, Rejection.CONFLICT)
MAX_STATES = 4
CONFIRMED = 2
TRIES = 5
"""Requests that are sent again, where the server fails now and then between."""


@dataclass(frozen=True, slots=True)
class _Again:
    """A request that was accepted, and refused when it came again: the state in between."""

    after: str = ""
    evidence: tuple[Evidence, ...] = ()


class States(Experiment):
    """A request that can't be repeated although nothing in it has to be unique; resources made
    in other states than the witness's."""

    id = "states"
    order = 42
    writes_only = True

    async def run(self, context: Context) -> Iterable[Observation]:
        if not context.lab.recipe.steps:
            return []
        try:
            return [*await self._spent(context), *await self._made(context)]
        except LabBroken:
            return []

    # -- the request again --

    async def _spent(self, context: Context) -> list[Observation]:
        lab = context.lab
        if lab.level < Level.REDO or lab.level_reason is None:
            return []
        origin = await acted_on(context)
        if origin is None:
            return []
        before = (await _words(context)).get(origin.id)
        tries: list[_Again] = []
        for _ in range(TRIES):
            seen = await self._again(context, before)
            if seen is None:
                return []
            tries += [seen] if seen.evidence else []
            if len(tries) == CONFIRMED:
                break
        if len(tries) < CONFIRMED:
            return []
        return [_observed_spent(context, origin, before, tries)]

    async def _again(self, context: Context, before: str | None) -> _Again | None:
        """A fresh request and the same one again. None where that isn't refused, or the state is
        the same; without evidence where a failure of the server came between."""
        lab = context.lab
        call, first, verdict, rejection = await lab.sent(level=Level.REDO)
        if rejection in FAILURES:
            return _Again()
        if verdict is not Verdict.ACCEPTED or first.response is None:
            return None
        after = status_of(first.response.body)
        shown = await item_read(context, call) if after is None else None
        if shown is not None and shown.response is not None:
            after = status_of(shown.response.body)
        if after is None or before in (None, after):
            return None
        second, verdict, rejection = await lab.send(call)
        if rejection in FAILURES:
            return _Again()
        if verdict is not Verdict.REJECTED or rejection not in _REFUSED:
            return None
        return _Again(after, _shown_twice(first, shown, second))

    # -- made in another state --

    async def _made(self, context: Context) -> list[Observation]:
        found: list[Observation] = []
        needed = call_variables(context.template)
        by_id = {o.id: o for o in context.search.operations}
        for step in context.lab.recipe.steps:
            operation = by_id.get(step.operation) if step.operation is not None else None
            if operation is None or act_of(operation.id) != CREATE:
                continue
            status = status_field(operation)
            if status is None or status[0].place is not Place.BODY:
                continue
            if needed.isdisjoint(step.extract):
                continue
            key, values = status
            call = Call(operation.id, body=step.body)
            own = edits.get(call, key)
            if own is MISSING:
                continue
            for value in [v for v in values if v != own][:MAX_STATES]:
                other = replace(step, body=edits.put(call, key, value).body)
                detail = {
                    "role": MADE,
                    "states": [str(value), str(own)],
                    "field": key.name,
                    "endpoint": str(operation.id),
                    "acts_on_endpoint": str(operation.id),
                }
                ask = Ask(Kind.STATE, lambda call: call, instead=other, detail=detail)
                seen = await context.lab.ask(ask)
                if seen.rejected and seen.rejection in _REFUSED:
                    found.append(await context.lab.confirm(ask, seen))
                    break
        return found


async def _words(context: Context) -> dict[str, Any]:
    """The state that each resource is in before the request, by the step that made it."""
    lab = context.lab
    scope = lab.account.scope.child()
    result = await context.bench.run_steps(lab.account, lab.recipe.steps, scope)
    words: dict[str, Any] = {}
    last: dict[str, Exchange] = {}
    for one in result.results:
        if not one.exchanges:
            continue
        last[one.step.id] = one.exchanges[-1]
        word = state_shown(context, one.exchanges[-1])
        if word is None:
            continue
        words[one.step.id] = word
        for origin in lab.recipe.steps:
            values = [scope.stored(n) for n in set(origin.extract) & needed_by(one.step)]
            made = last.get(origin.id) if one.step.id != origin.id else None
            named = bool(set(origin.extract) & variables_in(one.step.path))
            if named or _is_about(last[one.step.id], made, values):
                words[origin.id] = word  # moved on by a later step
    return words


def _is_about(sent: Exchange, made: Exchange | None, values: Sequence[Any]) -> bool:
    """Whether a request was about what another one made, known by one of these values."""
    return made is not None and any(about_item(sent, value, made) for value in values)


def _shown_twice(first: Exchange, shown: Exchange | None, second: Exchange) -> tuple[Evidence, ...]:
    """The request that was accepted, what was read then, and the same one refused."""
    read = (Evidence("readback", shown, Verdict.ACCEPTED),) if shown is not None else ()
    control = Evidence("control", first, Verdict.ACCEPTED)
    return (control, *read, Evidence("probe", second, Verdict.REJECTED))


def _observed_spent(
    context: Context, origin: Step, before: Any, tries: Sequence[_Again]
) -> Observation:
    detail = {
        "role": SPENT,
        "states": [before, tries[-1].after],
        "endpoint": str(context.documented.id),
        "acts_on_endpoint": str(origin.operation),
    }
    return Observation(
        context.documented.id,
        Kind.STATE,
        Verdict.REJECTED,
        rejection=Rejection.CONFLICT,
        confirmed=True,
        evidence=tuple(e for t in tries for e in t.evidence),
        detail=detail,
    )
