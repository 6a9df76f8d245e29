"""With which status an operation refuses, where nothing else that it was asked was refused."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from checker.domain.judged import Judged
from checker.domain.operation import OperationId
from checker.pipeline.examination import examine

from .harness import Incoming, lab, operation

PATCH = OperationId("PATCH", "/things")
CHANGE = operation({"properties": {"name": {"type": "string"}}}, id=PATCH)


def statuses(validate: Any, body: Any) -> list[int]:
    """Those that an examination without generated requests meets."""

    async def nothing() -> None:
        pass

    async def go() -> list[int]:
        seen: list[Judged] = []
        async with lab(CHANGE, validate, body) as (context, _):
            judge = context.bench.judge
            context.bench.wire.observers.append(lambda e: seen.append(judge.judged(e)))
            await examine(context, seen, lambda: False, None, nothing, lambda: None, [])
            assert not context.lab.broken
        return [j.response.status for j in seen if j.response is not None]

    return asyncio.run(go())


@pytest.mark.parametrize("body", [{}, {"name": "anna"}])
def test_a_body_that_is_no_object_shows_it(body: Any) -> None:
    """Twice, so that it counts."""

    def validate(incoming: Incoming) -> Any:
        return True if isinstance(incoming.body, dict) else 400

    assert statuses(validate, body).count(400) == 2


def test_where_it_was_shown_no_more_is_asked() -> None:
    bodies: list[Any] = []

    def validate(incoming: Incoming) -> Any:
        bodies.append(incoming.body)
        return set(incoming.body) <= {"name"} or 422

    assert 422 in statuses(validate, {"name": "anna"})
    assert all(isinstance(body, dict) for body in bodies)
