"""A map that the document shows by samples is told once, whatever its members are called."""

from __future__ import annotations

from typing import Any

import pytest
from response_cases import answer, json_response, operation, run

from checker.drift.rules.response_field_undocumented import ResponseFieldUndocumented

SAMPLES = {"type": "object", "properties": {"sample1": {"type": "number"}}}
SHOWN = {"type": "object", "properties": {"sizes": SAMPLES}}


def found(count: int, **more: Any) -> list[Any]:
    sizes = {f"disk.{n}.size": n for n in range(count)}
    body = {"sizes": sizes, **more}
    return run(
        ResponseFieldUndocumented(), operation(json_response(SHOWN)), [answer(200, body)] * 2
    )


@pytest.mark.parametrize("count", [31, 3_000])
def test_many_are_one(count: int) -> None:
    one, other = sorted(found(count, lost=True), key=lambda f: f.field.name)
    assert other.field.name.startswith("sizes.") and other.field.name.endswith(".*")
    assert "additionalProperties" in other.suggested_fix and not other.patch
    assert one.field.name == "lost" and one.patch


def test_a_few_are_told_one_by_one() -> None:
    assert len(found(30)) == 30
