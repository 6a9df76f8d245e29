from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.drift.registry import all_rules
from checker.drift.rule import Case
from checker.drift.rules.dependency_undocumented import DependencyUndocumented
from checker.experiments.absent import Absent
from checker.experiments.dependencies import Dependencies
from checker.experiments.enumeration import Enumeration
from checker.experiments.required import Required
from checker.inference.dependencies import (
    bit_sets,
    dependent_fields,
    dependent_values,
    key_of,
    minimal,
)

from .harness import contract, lab, operation, run

STRING = {"type": "string"}
NAMES = [f"f{n}" for n in range(8)]
ALL = {name: f"v-{name}" for name in NAMES}
FIELDS = dict.fromkeys(NAMES, STRING)
STATE = {"type": "string", "enum": ["open", "closed", "held"]}
KIND = {"type": "string", "enum": ["card", "cash", "iban"]}

Body = Mapping[str, Any]


def without(*names: str) -> dict[str, Any]:
    return {k: v for k, v in ALL.items() if k not in names}


def found(
    rule: Callable[[Body], bool],
    body: Body,
    fields: Mapping[str, Any] = FIELDS,
    required: tuple[str, ...] = (),
) -> tuple[list[dict[str, Any]], set[str], set[tuple[str, str]], int]:
    """(observed of the findings, dependent fields, dependent values, requests)."""
    documented = operation({"type": "object", "properties": fields, "required": list(required)})

    async def go() -> tuple[list[dict[str, Any]], set[str], set[tuple[str, str]], int]:
        async with lab(documented, lambda r: rule(r.body), dict(body)) as (context, server):
            await run(context, Required(), Absent(), Enumeration())
            before = len(server.requests)
            await run(context, Dependencies())
            assert not context.lab.broken
            seen = contract(context)
            case = Case(documented.id, seen, documented)
            findings = list(DependencyUndocumented().check(case))
            return (
                [f.observed for f in findings],
                {k.name for k in dependent_fields(seen)},
                {(k.name, v) for k, v in dependent_values(seen)},
                len(server.requests) - before,
            )

    return asyncio.run(go())


def one(kind: str, /, *fields: str, **when: Any) -> dict[str, Any]:
    return {"kind": kind, "fields": list(fields), "when": when or None}


SPEAKS: dict[str, tuple[Callable[[Body], bool], Body, list[dict[str, Any]]]] = {
    "requires": (
        lambda b: "f2" not in b or "f5" in b,
        ALL,
        [one("requires", "f2", "f5")],
    ),
    "requires beside a required field": (
        lambda b: "f1" in b and ("f2" not in b or "f5" in b),
        ALL,
        [one("requires", "f2", "f5")],
    ),
    "two require one": (
        lambda b: ("f2" not in b and "f3" not in b) or "f5" in b,
        ALL,
        [one("requires", "f2", "f5"), one("requires", "f3", "f5")],
    ),
    "a chain": (
        lambda b: ("f2" not in b or "f5" in b) and ("f5" not in b or "f6" in b),
        ALL,
        [one("requires", "f2", "f5"), one("requires", "f5", "f6")],
    ),
    "all or none": (
        lambda b: ("f2" in b) == ("f5" in b),
        ALL,
        [one("all-or-none", "f2", "f5")],
    ),
    "all or none of three": (
        lambda b: ("f2" in b) == ("f5" in b) == ("f6" in b) or not {"f2", "f5", "f6"} & set(b),
        ALL,
        [one("all-or-none", "f2", "f5", "f6")],
    ),
    "all or none beside a required field": (
        lambda b: "f0" in b and ("f2" in b) == ("f5" in b),
        ALL,
        [one("all-or-none", "f2", "f5")],
    ),
    "at least one": (lambda b: "f2" in b or "f6" in b, ALL, [one("or", "f2", "f6")]),
    "at least one of three": (
        lambda b: bool({"f1", "f2", "f6"} & set(b)),
        ALL,
        [one("or", "f1", "f2", "f6")],
    ),
    "exactly one": (
        lambda b: ("f2" in b) != ("f6" in b),
        without("f2"),
        [one("only-one", "f2", "f6")],
    ),
    "exactly one of three": (
        lambda b: len({"f2", "f3", "f6"} & set(b)) == 1,
        without("f2", "f3"),
        [one("only-one", "f2", "f3", "f6")],
    ),
    "at most one": (
        lambda b: not {"f2", "f6"} <= set(b),
        without("f2"),
        [one("zero-or-one", "f2", "f6")],
    ),
}


@pytest.mark.parametrize("name", SPEAKS)
def test_speaks(name: str) -> None:
    rule, body, wanted = SPEAKS[name]
    observed, fields, _, _ = found(rule, body)
    assert sorted(observed, key=str) == sorted(wanted, key=str)
    assert fields == {f for w in wanted for f in w["fields"]}


VALUES: dict[str, tuple[Callable[[Body], bool], Body, tuple[str, ...], str]] = {
    "the witness's own value": (
        lambda b: b["kind"] != "card" or "f2" in b,
        {"kind": "card", **ALL},
        ("kind",),
        "card",
    ),
    "another value": (
        lambda b: b["kind"] != "iban" or "f2" in b,
        {"kind": "card", **ALL},
        ("kind",),
        "iban",
    ),
    "an optional field's value": (
        lambda b: b.get("kind") != "card" or "f2" in b,
        {"kind": "card", **ALL},
        (),
        "card",
    ),
    "a value that needs an absent field": (
        lambda b: (b["kind"] == "iban") == ("f2" in b),
        {"kind": "card", **without("f2")},
        ("kind",),
        "iban",
    ),
}


@pytest.mark.parametrize("name", VALUES)
def test_required_for_a_value(name: str) -> None:
    rule, body, required, value = VALUES[name]

    def known(b: Body) -> bool:
        return b.get("kind", "cash") in KIND["enum"] and ("kind" in b or not required) and rule(b)

    observed, fields, values, _ = found(known, body, {"kind": KIND, **FIELDS}, required)
    assert observed == [one("required-for-value", "f2", "kind", kind=value)]
    assert fields == {"f2"}
    assert values == {("kind", repr(value))}


def test_values_that_bar_what_another_one_needs() -> None:
    observed, fields, values, _ = found(
        lambda b: b.get("kind") in KIND["enum"] and (b["kind"] == "card") == ("f2" in b),
        {"kind": "card", **ALL},
        {"kind": KIND, **FIELDS},
        ("kind",),
    )
    assert observed == [one("required-for-value", "f2", "kind", kind="card")]
    assert fields == {"f2"}
    assert values == {("kind", repr(value)) for value in KIND["enum"]}


def test_two_versions_behind_one_address_are_no_dependency() -> None:
    """One of them requires a field that the other one doesn't; which is met is a matter of luck."""
    documented = operation({"type": "object", "properties": FIELDS})

    async def go(seed: int) -> int:
        luck = random.Random(seed)

        def rule(request: Any) -> bool:
            return "f2" in request.body or luck.random() < 0.5

        async with lab(documented, rule, dict(ALL)) as (context, _):
            await run(context, Required(), Dependencies())
            case = Case(documented.id, contract(context), documented)
            return len(list(DependencyUndocumented().check(case)))

    assert sum(asyncio.run(go(seed)) for seed in range(16)) == 0


def test_the_only_field_of_a_request_may_be_one_of_two() -> None:
    """The witness has one field, which isn't documented as required and can't go."""
    fields = dict.fromkeys(("f1", "f2"), STRING)
    observed, _, _, _ = found(lambda b: "f1" in b or "f2" in b, {"f1": "v"}, fields)
    assert observed == [one("or", "f1", "f2")]


@pytest.mark.parametrize("always", [False, True])
def test_exactly_one_is_found_where_the_first_try_crashed(always: bool) -> None:
    """All refusals are alike; the server fails once, at the first request with both, or always at
    the first value."""
    documented = operation({"type": "object", "properties": {**FIELDS, "f6": STATE}})
    both: list[bool] = []

    def answer(request: Any) -> Any:
        given = {"f2", "f6"} & set(request.body)
        both.extend([True] if len(given) == 2 else [])
        first = request.body.get("f6") == "open" if always else len(both) == 1
        return 500 if first and len(given) == 2 else 201 if len(given) == 1 else 400

    async def go() -> list[str]:
        async with lab(documented, answer, without("f6")) as (context, _):
            await run(context, Required(), Absent(), Dependencies())
            case = Case(documented.id, contract(context), documented)
            return [f.rule for rule in all_rules() for f in rule.check(case)]

    rules = asyncio.run(go())
    assert "dependency-undocumented" in rules and "required-undocumented" not in rules


def test_one_of_two_is_found_beside_a_unique_field_that_is_taken_by_now() -> None:
    taken: set[str] = set()

    def rule(b: Body) -> bool:
        code = b.get("code")
        good = ("f1" in b or "f2" in b) and code not in taken
        taken.update([code] if good and code else [])
        return good

    fields = dict.fromkeys(("f1", "f2", "code"), STRING)
    assert found(rule, {"f1": "v"}, fields)[0] == [one("or", "f1", "f2")]


def test_a_refused_value_needs_a_field_that_a_request_of_required_ones_lacks() -> None:
    observed, _, values, _ = found(
        lambda b: b.get("kind") in KIND["enum"] and (b["kind"] != "iban" or "f2" in b),
        {"kind": "card"},
        {"kind": KIND, "f2": STRING},
        ("kind",),
    )
    assert observed == [one("required-for-value", "f2", "kind", kind="iban")]
    assert values == {("kind", repr("iban"))}


SILENT: dict[str, Callable[[Body], bool]] = {
    "nothing needed": lambda b: True,
    "one needed": lambda b: "f3" in b,
    "three needed": lambda b: {"f3", "f5", "f7"} <= set(b),
    "a value checked": lambda b: b.get("f1", "v-f1") == "v-f1",
}


@pytest.mark.parametrize("name", SILENT)
def test_silent_without_a_dependency(name: str) -> None:
    observed, fields, _, requests = found(SILENT[name], ALL)
    assert observed == []
    assert fields == set()
    assert requests <= 26


def test_a_member_is_not_put_into_an_object_that_was_taken_out() -> None:
    people = {
        "type": "array",
        "items": {"type": "object", "properties": {"name": STRING, "kind": KIND}},
    }

    def rule(b: Body) -> bool:
        return bool(b.get("people")) and all(
            "name" in p and p.get("kind", "cash") in KIND["enum"] for p in b["people"]
        )

    body = {"people": [{"name": "x", "kind": "card"}], "f1": "a", "f2": "b"}
    fields = {"people": people, "f1": STRING, "f2": STRING}
    assert found(rule, body, fields)[0] == []


DOCUMENTED: dict[str, dict[str, Any]] = {
    "words of the operation": {"description": "`f2` requires `f5` to be set."},
    "words of the field": {"field": "Only together with f5."},
    "extension": {
        "extensions": {
            "x-driftcheck": {"dependencies": [{"kind": "requires", "fields": ["f2", "f5"]}]}
        }
    },
    "dependentRequired": {"schema": {"dependentRequired": {"f2": ["f5"]}}},
    "anyOf": {"schema": {"anyOf": [{"required": ["f2", "f5"]}, {"not": {"required": ["f2"]}}]}},
}


@pytest.mark.parametrize("name", [*DOCUMENTED, "nothing"])
def test_silent_where_documents_say_so(name: str) -> None:
    how = DOCUMENTED.get(name, {})
    fields: dict[str, Any] = {n: dict(STRING) for n in NAMES}
    if "field" in how:
        fields["f2"]["description"] = how["field"]
    documented = operation(
        {"type": "object", "properties": fields, **how.get("schema", {})},
        description=how.get("description", ""),
        extensions=how.get("extensions"),
    )

    async def go() -> int:
        def validate(request: Any) -> bool:
            return "f2" not in request.body or "f5" in request.body

        async with lab(documented, validate, dict(ALL)) as (context, _):
            await run(context, Required(), Dependencies())
            case = Case(documented.id, contract(context), documented)
            return len(list(DependencyUndocumented().check(case)))

    assert asyncio.run(go()) == (1 if name == "nothing" else 0)


def test_a_finding_names_fields_and_patch() -> None:
    documented = operation({"type": "object", "properties": FIELDS})

    async def go() -> Any:
        def validate(request: Any) -> bool:
            return "f2" not in request.body or "f5" in request.body

        async with lab(documented, validate, dict(ALL)) as (context, _):
            await run(context, Required(), Dependencies())
            case = Case(documented.id, contract(context), documented)
            return list(DependencyUndocumented().check(case))

    (finding,) = asyncio.run(go())
    assert finding.field.name == "f2"
    assert finding.issue.startswith("`f2` requires `f5`.")
    assert finding.patch == (
        {"op": "add", "path": "/paths/description", "value": "`f2` requires `f5`."},
    )
    verdicts = {e.verdict.value for e in finding.evidence if e.role == "probe"}
    assert verdicts == {"accepted", "rejected"}
    assert any(e.role == "control" for e in finding.evidence)


@given(st.integers(1, 140))
def test_bit_sets_cover_every_ordered_pair(count: int) -> None:
    sets = [set(s) for s in bit_sets(range(count))]
    assert len(sets) == 2 * (count - 1).bit_length()
    assert all(
        any(y in s and x not in s for s in sets)
        for x in range(count)
        for y in range(count)
        if x != y
    )


@settings(max_examples=60)
@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.just(n), st.sets(st.integers(0, n - 1)))))
def test_minimal_finds_what_matters(case: tuple[int, set[int]]) -> None:
    count, needed = case
    needed = needed or {0}
    asked = 0

    async def holds(part: Any) -> bool:
        nonlocal asked
        asked += 1
        return needed <= set(part)

    assert asyncio.run(minimal(range(count), holds)) == sorted(needed)
    assert asked <= len(needed) * (count.bit_length() + 1)


def test_keys_come_back_from_their_text() -> None:
    assert str(key_of("body items[].price amount")) == "body items[].price amount"
    with pytest.raises(ValueError, match="nowhere"):
        key_of("nowhere x")


def test_an_absent_field_stands_in_for_an_object_whatever_else_goes_into_that() -> None:
    place = {"type": "object", "properties": {"city": STRING, "country": STRING}}
    place["required"] = ["city"]
    fields = {"name": STRING, "place": place, "voltage": {"type": "string", "enum": ["low"]}}

    def takes(body: Body) -> bool:
        return "name" in body and ("place" in body or body.get("voltage") == "low")

    told, dependent, _, _ = found(
        takes, {"name": "a", "place": {"city": "b"}}, fields, required=("name",)
    )
    assert told == [one("or", "place", "voltage")]
    assert dependent == {"place", "voltage"}


@pytest.mark.parametrize("always", [True, False])
def test_what_another_field_wants_is_not_wanted_by_the_value(always: bool) -> None:
    """`form` goes with `content`, whatever there is of the kind "file"; something has to be said
    of what is to be made."""
    fields = {"kind": {"type": "string", "enum": ["file", "folder"]}}
    fields |= {"form": STRING, "content": STRING}

    def takes(body: Body) -> bool:
        wants = body.get("kind") == "file" and (always or "content" in body)
        known = body.get("kind", "file") in ("file", "folder") and {"kind", "form"} & body.keys()
        return bool(known) and ("form" in body or not wants)

    body = {"kind": "file", "form": "text", "content": "a"}
    told, _, _, _ = found(takes, body, fields)
    by_value = one("required-for-value", "form", "kind", kind="file")
    assert told == [by_value if always else one("requires", "content", "form")]
