"""Reads a thing before it is used: some get into their next state by being looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from checker.domain.exchange import Call
from checker.domain.operation import Operation
from checker.domain.workflow import Step
from checker.planning.encoding import path_parameters
from checker.planning.producers import shape
from checker.planning.recipe import call_variables, step_of_call
from checker.planning.routes import CREATE, READ, act_of, resource_of

Steps = tuple[Step, ...]
TIMES = 4


def after_readings(
    call: Call, steps: Steps, operations: Iterable[Operation], lag_ms: int = 0
) -> Iterator[Steps]:
    """The steps with what they make and the call uses read some times, each thing in turn, not
    before `lag_ms` milliseconds are over."""
    used = call_variables(call)
    readers = [o for o in operations if act_of(o.id) == READ]
    for number, origin in enumerate(steps):
        made = origin.operation
        mine = [v for v in origin.extract if v in used]
        if made is None or not mine or act_of(made) != CREATE:
            continue
        for reader in readers:
            names = path_parameters(reader.id.path)
            above = reader.id.path.rpartition("/")[0]
            if not names or shape(above) != shape(made.path):
                continue
            inherited = dict(zip(names[:-1], _parents(origin, made.path), strict=False))
            values = {**inherited, names[-1]: "{{" + mine[0] + "}}"}
            reading = Call(reader.id, path=values, token=origin.token)
            read = [
                step_of_call(f"read_{resource_of(made.path)}_{n + 1}", reading)
                for n in range(TIMES)
            ]
            slow = replace(origin, settle_ms=max(origin.settle_ms, lag_ms))
            yield (*steps[:number], slow, *read, *steps[number + 1 :])


def _parents(origin: Step, template: str) -> list[str]:
    """The values of a creation's own path parameters, in order."""
    pairs = zip(template.split("/"), origin.path.split("/"), strict=False)
    return [given for wanted, given in pairs if wanted.startswith("{")]
