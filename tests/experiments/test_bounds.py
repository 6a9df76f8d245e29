from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.domain.operation import OperationId
from checker.drift.rule import Case
from checker.drift.rules.bound_mismatch import BoundMismatch
from checker.experiments.bounds import Bounds
from checker.experiments.enumeration import Enumeration
from checker.experiments.limits import sized
from checker.inference.bounds import edge

from .harness import contract, lab, operation, run

TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
LIST = {"type": "array", "items": TEXT}
FIELDS = {"a": TEXT, "b": TEXT, "n": NUMBER, "xs": LIST}
BODY = {"a": "alpha", "b": "beta", "n": 7, "xs": ["p"]}

Body = Mapping[str, Any]


def found(
    rule: Callable[[Body], bool | int],
    fields: Mapping[str, Any] = FIELDS,
    body: Mapping[str, Any] = BODY,
) -> tuple[dict[str, dict[str, int]], int]:
    """(field → what was observed, requests of the experiment)."""
    documented = operation({"type": "object", "properties": fields})

    async def go() -> tuple[dict[str, dict[str, int]], int]:
        async with lab(documented, lambda r: rule(r.body), dict(body)) as (context, server):
            await run(context, Enumeration())
            before = len(server.requests)
            await run(context, Bounds())
            assert not context.lab.broken
            sent = len(server.requests) - before
            out: dict[str, dict[str, int]] = {}
            for finding in BoundMismatch().check(
                Case(documented.id, contract(context), documented)
            ):
                out.setdefault(finding.field.name, {}).update(finding.observed)
            return out, sent

    return asyncio.run(go())


SPEAKS: dict[str, tuple[Callable[[Body], bool], dict[str, dict[str, int]]]] = {
    "length": (lambda b: len(b["a"]) <= 80, {"a": {"maxLength": 80}}),
    "an odd length": (lambda b: len(b["a"]) <= 77, {"a": {"maxLength": 77}}),
    "both ends": (
        lambda b: 1 <= len(b["a"]) <= 255,
        {"a": {"maxLength": 255, "minLength": 1}},
    ),
    "the witness's own length": (lambda b: len(b["b"]) >= 4, {"b": {"minLength": 4}}),
    "a range": (lambda b: 0 <= b["n"] <= 137, {"n": {"maximum": 137, "minimum": 0}}),
    "positive": (lambda b: b["n"] > 0, {"n": {"minimum": 1}}),
    "items": (lambda b: 1 <= len(b["xs"]) <= 10, {"xs": {"maxItems": 10, "minItems": 1}}),
    "two fields": (
        lambda b: len(b["a"]) <= 30 and len(b["b"]) <= 40,
        {"a": {"maxLength": 30}, "b": {"maxLength": 40}},
    ),
}


@pytest.mark.parametrize("name", SPEAKS)
def test_undocumented(name: str) -> None:
    rule, wanted = SPEAKS[name]
    assert found(rule)[0] == wanted


DOCUMENTED = {
    "a": {"type": "string", "maxLength": 50},
    "b": TEXT,
    "n": {"type": "integer", "minimum": 1, "maximum": 50},
    "xs": {"type": "array", "items": TEXT, "maxItems": 5},
}

DIFFERS: dict[str, tuple[Callable[[Body], bool], dict[str, dict[str, int]]]] = {
    "stricter": (
        lambda b: len(b["a"]) <= 30 and 1 <= b["n"] <= 40 and len(b["xs"]) <= 3,
        {"a": {"maxLength": 30}, "n": {"maximum": 40}, "xs": {"maxItems": 3}},
    ),
    "looser": (
        lambda b: len(b["a"]) <= 64 and 0 <= b["n"] <= 60 and len(b["xs"]) <= 8,
        {"a": {"maxLength": 64}, "n": {"maximum": 60, "minimum": 0}, "xs": {"maxItems": 8}},
    ),
    "as documented": (
        lambda b: len(b["a"]) <= 50 and 1 <= b["n"] <= 50 and len(b["xs"]) <= 5,
        {},
    ),
    "not enforced": (lambda b: True, {}),
}


@pytest.mark.parametrize("name", DIFFERS)
def test_documented(name: str) -> None:
    rule, wanted = DIFFERS[name]
    assert found(rule, DOCUMENTED)[0] == wanted


SILENT: dict[str, Callable[[Body], bool | int]] = {
    "no limits": lambda b: True,
    "the whole body's size": lambda b: True if len(str(b)) < 4000 else 413,
    "steps": lambda b: b["n"] % 7 == 0 and 0 < b["n"] < 100,
    "a set of lengths is a set": lambda b: b["a"] in ("alpha", "omega"),
}


@pytest.mark.parametrize("name", SILENT)
def test_silent(name: str) -> None:
    assert found(SILENT[name])[0] == {}


def test_a_text_that_loses_its_form_is_no_limit() -> None:
    def words(body: Body) -> bool:
        return re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", body["a"]) is not None

    assert found(words, body={**BODY, "a": "north-gate-2"})[0] == {}


def test_fields_without_limits_cost_two_requests_together() -> None:
    assert found(lambda b: True)[1] == 2


def test_another_numbers_value_is_not_a_limit() -> None:
    fields = {"low": NUMBER, "high": NUMBER}
    observed, _ = found(lambda b: b["low"] <= b["high"], fields, {"low": 3, "high": 40})
    assert observed == {}


def test_made_up_items_that_are_refused_are_no_limit() -> None:
    def addresses(b: Body) -> bool:
        return all(re.fullmatch(r"10\.0\.0\.\d+", x) for x in b["hosts"])

    assert found(addresses, {"hosts": LIST}, {"hosts": ["10.0.0.4"]})[0] == {}
    one = found(lambda b: len(b["hosts"]) == 1, {"hosts": LIST}, {"hosts": ["10.0.0.4"]})[0]
    assert one == {"hosts": {"maxItems": 1, "minItems": 1}}


def test_a_number_near_the_limit_that_has_nothing_to_do_with_it() -> None:
    fields = {"low": NUMBER, "high": NUMBER}
    body = {"low": 3, "high": 4}
    observed, _ = found(lambda b: 1 <= b["low"] <= 5 and b["high"] >= 1, fields, body)
    assert observed == {"low": {"maximum": 5, "minimum": 1}, "high": {"minimum": 1}}


def test_nothing_is_fewer_than_no_items() -> None:
    fields = {**FIELDS, "xs": {**LIST, "minItems": 0}}
    assert found(lambda b: len(b["xs"]) >= 1, fields)[0] == {"xs": {"minItems": 1}}


def test_items_keep_to_what_is_documented() -> None:
    role = {"type": "string", "enum": ["a", "b"]}
    item = {"type": "object", "properties": {"name": TEXT, "role": role}}
    fields = {"people": {"type": "array", "items": item}}

    def few(body: Body) -> bool:
        people = body["people"]
        return len(people) <= 6 and all(p["role"] in ("a", "b") for p in people)

    body = {"people": [{"name": "Ann", "role": "a"}]}
    assert found(few, fields, body)[0] == {"people": {"maxItems": 6}}


def test_silent_where_words_say_it() -> None:
    fields = {**FIELDS, "a": {"type": "string", "description": "At most 80 characters."}}
    assert found(lambda b: len(b["a"]) <= 80, fields)[0] == {}


def test_formats_enums_and_identifiers_are_left_alone() -> None:
    fields = {
        "day": {"type": "string", "format": "date"},
        "kind": {"type": "string", "enum": ["x", "y"]},
        "owner_id": NUMBER,
    }
    body = {"day": "2030-01-02", "kind": "x", "owner_id": 5}

    def rule(b: Body) -> bool:
        return len(b["day"]) == 10 and b["kind"] in ("x", "y") and b["owner_id"] == 5

    assert found(rule, fields, body)[0] == {}


def test_query_strings_stay_short() -> None:
    documented = operation(query={"q": TEXT})

    async def go() -> list[str]:
        def validate(request: Any) -> bool:
            return len(request.query.get("q", "")) <= 100

        async with lab(documented, validate, query={"q": "words"}) as (context, server):
            await run(context, Bounds())
            assert max(len(r.query["q"]) for r in server.requests) <= 1000
            case = Case(documented.id, contract(context), documented)
            return [str(f.observed) for f in BoundMismatch().check(case)]

    assert asyncio.run(go()) == ["{'maxLength': 100}"]


@given(st.integers(-1000, 10**9), st.integers(-1000, 10**9), st.integers(-1000, 10**9))
def test_the_edge_is_exact(one: int, other: int, third: int) -> None:
    good, limit, bad = sorted((one, other, third))
    if limit == bad:
        return
    asked = 0

    async def up(size: int) -> bool:
        nonlocal asked
        asked += 1
        return size <= limit

    async def down(size: int) -> bool:
        return -size <= limit

    assert asyncio.run(edge(good, bad, up)) == limit
    assert asked <= 40
    assert asyncio.run(edge(-good, -bad, down)) == -limit


@given(st.text(min_size=1, max_size=40), st.integers(0, 60))
def test_strings_get_the_wanted_length(text: str, size: int) -> None:
    assert len(sized(text, "length", size)) == size


@pytest.mark.parametrize("least", [1, 3])
def test_an_empty_query_text_is_none_at_all(least: int) -> None:
    documented = operation(query={"q": TEXT})

    async def go() -> list[Any]:
        def validate(request: Any) -> bool:
            return len(request.query.get("q", "")) >= least

        async with lab(documented, validate, query={"q": "words"}) as (context, _):
            await run(context, Bounds())
            case = Case(documented.id, contract(context), documented)
            return [f.observed for f in BoundMismatch().check(case)]

    assert asyncio.run(go()) == ([] if least == 1 else [{"minLength": 3}])


@pytest.mark.parametrize("methods", [("GET", "POST"), ("GET",)])
@pytest.mark.parametrize(("resource", "told"), [("patients", {}), ("rooms", {"maximum": 40})])
def test_how_far_identifiers_reach_is_no_limit(
    resource: str, told: dict[str, int], methods: tuple[str, ...]
) -> None:
    """A number called as a resource of the API, made or only listed, is one of its identifiers."""
    documented = operation({"type": "object", "properties": {"patient": NUMBER}})
    others = [operation(None, id=OperationId(m, f"/{resource}")) for m in methods]

    async def go() -> dict[str, int]:
        async with lab(documented, lambda r: r.body["patient"] <= 40, {"patient": 7}) as (
            context,
            _,
        ):
            context.search.operations = (documented, *others)
            await run(context, Bounds())
            case = Case(documented.id, contract(context), documented)
            found = BoundMismatch().check(case)
            return {k: v for f in found for k, v in f.observed.items()}

    assert asyncio.run(go()) == told


@pytest.mark.parametrize("each", [True, False], ids=["one each", "one of all"])
def test_no_hundred_things_are_made_to_see_how_long_a_list_may_be(each: bool) -> None:
    documented = operation({"type": "object", "properties": {"xs": LIST}})

    def answer(request: Any) -> Any:
        names = request.body.get("xs", [])
        one = {"id": "t1", "xs": names}
        return (201, [{"id": n, "name": name} for n, name in enumerate(names)] if each else one)

    async def go() -> int:
        async with lab(documented, answer, {"xs": ["p"]}) as (context, server):
            await run(context, Bounds())
            return max(len(r.body.get("xs", [])) for r in server.requests)

    assert (asyncio.run(go()) > 50) is not each


@pytest.mark.parametrize(
    ("most", "told"),
    [
        ({"ec": 521, "rsa": 521}, {"bits": {"maximum": 521}}),
        ({"ec": 521, "rsa": 4096}, {}),
        ({"ec": 521, "rsa": 300}, {}),
    ],
)
def test_the_limit_of_one_kind_of_thing_is_none_of_all(
    most: dict[str, int], told: dict[str, dict[str, int]]
) -> None:
    """The request makes a key of one kind; other kinds may be longer, or shorter."""
    kind = {"type": "string", "enum": ["ec", "rsa"]}

    def rule(body: Body) -> bool | int:
        return body["kind"] in most and -5 < body["bits"] <= most[body["kind"]]

    fields = {"kind": kind, "bits": {"type": "integer", "minimum": -4}}
    assert found(rule, fields, {"kind": "ec", "bits": 256})[0] == told


@pytest.mark.parametrize(("least", "told"), [(1, {}), (2, {"a": {"minLength": 2}})])
def test_a_short_text_that_is_taken_is_not_too_short(least: int, told: Any) -> None:
    """There are few of one letter, and somebody has used that one."""
    fields = {"a": {"type": "string", "minLength": 1}}
    bounds, _ = found(
        lambda b: least <= len(b["a"]) and b["a"] != "a", fields=fields, body={"a": "alpha"}
    )
    assert bounds == told
