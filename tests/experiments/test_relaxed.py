"""Fields documented as required that only some value of a sibling needs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from checker.drift.rule import Case
from checker.drift.rules.required_not_enforced import RequiredNotEnforced
from checker.experiments.combinations import TURNS
from checker.experiments.enumeration import Enumeration
from checker.experiments.relaxed import Relaxed
from checker.experiments.required import Required

from .harness import contract, lab, operation, run

TEXT = {"type": "string"}
KIND = {"type": "string", "enum": ["put", "drop", "keep"]}
FIELDS = {"action": KIND, "key": TEXT, "value": TEXT, "weight": {"type": "integer"}}
BODY = {"action": "put", "key": "one", "value": "two", "weight": 3}
Body = Mapping[str, Any]


def found(
    rule: Callable[[Body], bool],
    body: Any = BODY,
    schema: Mapping[str, Any] | None = None,
) -> tuple[dict[str, Any], int]:
    """(field → what was observed, requests of the experiment)."""
    shown = schema or {"type": "object", "properties": FIELDS, "required": list(FIELDS)}
    documented = operation(shown)

    async def go() -> tuple[dict[str, Any], int]:
        async with lab(documented, lambda r: rule(r.body), body) as (context, server):
            await run(context, Required(), Enumeration())
            before = len(server.requests)
            await run(context, Relaxed())
            sent = len(server.requests) - before
            case = Case(documented.id, contract(context), documented)
            told = {f.field.name: f for f in RequiredNotEnforced().check(case)}
            for finding in told.values():
                when = finding.observed.get("when")
                assert when is None or all(
                    f"`{v}`" in finding.issue for values in when.values() for v in values
                )
            return {name: f.observed for name, f in told.items()}, sent

    return asyncio.run(go())


def good(b: Body, *needed: str) -> bool:
    return b.get("action") in KIND["enum"] and all(n in b for n in needed)


def test_what_one_value_does_without() -> None:
    seen, sent = found(
        lambda b: good(b, "key") and (b["action"] == "drop" or {"value", "weight"} <= set(b))
    )
    when = {"required": False, "when": {"action": ["drop"]}}
    assert seen == {"value": when, "weight": when}
    # Five answers of the proof are asked for by turns, beside finding it.
    assert sent <= 24 + 5 * TURNS


def test_two_values_are_told_together() -> None:
    seen, _ = found(lambda b: good(b, "key", "weight") and (b["action"] != "put" or "value" in b))
    assert seen == {"value": {"required": False, "when": {"action": ["drop", "keep"]}}}


def test_what_is_never_needed_is_told_without_a_condition() -> None:
    seen, _ = found(lambda b: good(b, "key", "weight"))
    assert seen == {"value": {"required": False}}


SILENT: dict[str, Callable[[Body], bool]] = {
    "all is needed": lambda b: good(b, *FIELDS),
    "the value is of no closed set": lambda b: (
        set(FIELDS) <= set(b) or (b.get("action") not in (None, "put") and "key" in b)
    ),
    "no other value is accepted": lambda b: good(b, *FIELDS) and b["action"] == "put",
}


@pytest.mark.parametrize("name", SILENT)
def test_silent(name: str) -> None:
    seen, sent = found(SILENT[name])
    assert seen == {}
    assert sent <= 9


def test_optional_fields_are_another_rules() -> None:
    schema = {"type": "object", "properties": FIELDS, "required": ["action", "key", "weight"]}
    rule = lambda b: good(b, "key", "weight") and (b["action"] == "drop" or "value" in b)  # noqa: E731
    assert found(rule, BODY, schema)[0] == {}


def test_siblings_in_an_array() -> None:
    item = {"type": "object", "properties": FIELDS, "required": list(FIELDS)}
    schema = {
        "type": "object",
        "properties": {"changes": {"type": "array", "items": item}, "note": TEXT},
    }

    def rule(b: Body) -> bool:
        changes = b.get("changes", [])
        return isinstance(changes, list) and all(
            isinstance(c, dict)
            and good(c, "key", "weight")
            and (c["action"] == "drop" or "value" in c)
            for c in changes
        )

    seen, _ = found(rule, {"changes": [BODY], "note": "n"}, schema)
    assert seen == {"changes[].value": {"required": False, "when": {"changes[].action": ["drop"]}}}
