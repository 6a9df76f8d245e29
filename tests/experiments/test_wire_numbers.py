from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from checker.domain.operation import OperationId
from checker.drift.rule import Case
from checker.drift.rules.format_mismatch import FormatMismatch
from checker.drift.rules.type_mismatch import TypeMismatch
from checker.experiments.enumeration import Enumeration
from checker.experiments.formats import Formats
from checker.experiments.wire_numbers import WireNumbers

from .harness import Incoming, contract, lab, operation, run

TEXT = {"type": "string"}


def told(
    accepts: Callable[[str], bool], witness: str, schema: Mapping[str, Any] = TEXT
) -> set[tuple[str, Any]]:
    """(rule, what was observed) of a query parameter."""
    documented = operation(query={"n": schema}, id=OperationId("GET", "/things"))

    async def go() -> set[tuple[str, Any]]:
        def validate(request: Incoming) -> bool:
            return "n" not in request.query or accepts(request.query["n"])

        async with lab(documented, validate, query={"n": witness}) as (context, _):
            await run(context, Enumeration(), WireNumbers(), Formats())
            case = Case(documented.id, contract(context), documented)
            types = {(f.rule, f.observed) for f in TypeMismatch().check(case)}
            return types | {(f.rule, f.observed["name"]) for f in FormatMismatch().check(case)}

    return asyncio.run(go())


def _number(kind: Callable[[str], float], low: float, high: float) -> Callable[[str], bool]:
    def accepts(text: str) -> bool:
        try:
            return low <= kind(text) <= high
        except ValueError:
            return False

    return accepts


def test_a_text_that_is_read_as_a_number() -> None:
    assert told(_number(int, 1, 50), "7") == {("type-mismatch", "integer")}
    assert told(_number(float, 0, 10**6), "12") == {("type-mismatch", "number")}


SILENT: dict[str, tuple[Callable[[str], bool], str, Mapping[str, Any]]] = {
    "free text": (lambda _: True, "7", TEXT),
    "documented": (_number(int, 1, 50), "7", {"type": "integer"}),
    "documented in words": (
        _number(int, 1, 50),
        "7",
        {**TEXT, "description": "A whole number, in digits."},
    ),
    "one number only": (lambda t: t in ("7", "8"), "7", TEXT),
}


@pytest.mark.parametrize("name", SILENT)
def test_silent(name: str) -> None:
    assert told(*SILENT[name]) == set()


def test_digits_of_a_length_are_a_format_and_no_number() -> None:
    phone = told(lambda t: re.fullmatch(r"\d{7,15}", t) is not None, "15551234567")
    assert phone == {("format-mismatch", "digits")}
    code = told(lambda t: re.fullmatch(r"\d{5}", t) is not None, "10115")
    assert code == {("format-mismatch", "digits")}
