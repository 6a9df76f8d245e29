"""A documented value that is refused for what is beside it, or isn't, is no rejected value; and
what a set is refuted by."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from documented import POST

from checker.domain.observation import Kind
from checker.domain.operation import OperationId
from checker.drift.rule import Case
from checker.drift.rules.enum_undocumented import EnumUndocumented
from checker.drift.rules.enum_value_rejected import EnumValueRejected
from checker.drift.rules.required_undocumented import RequiredUndocumented
from checker.experiments.absent import Absent
from checker.experiments.base import Experiment
from checker.experiments.dependencies import Dependencies
from checker.experiments.enumeration import Enumeration
from checker.experiments.required import Required
from checker.probing.asks import replacing

from .harness import Incoming, contract, lab, operation, run

TEXT = {"type": "string"}
MEAL = {"type": "string", "enum": ["meat", "fish", "none"]}
Validate = Callable[[dict[str, Any]], Any]


def told(
    rule: Any,
    validate: Validate,
    fields: dict[str, Any],
    body: dict[str, Any],
    *needed: str,
    id: OperationId = POST,
    steps: Sequence[Experiment] = (),
) -> dict[str, Any]:
    """Field → what a rule says of it."""
    shown = {"type": "object", "properties": fields, "required": list(needed)}
    documented = operation(shown, id=id)
    path = {"id": "t1"} if "{" in id.path else {}

    def answer(request: Incoming) -> Any:
        return validate(request.body) if isinstance(request.body, dict) else False

    async def go() -> dict[str, Any]:
        async with lab(documented, answer, body, path=path) as (context, _):
            await run(context, Required(), Absent(), Enumeration(), *steps)
            assert not context.lab.broken
            case = Case(documented.id, contract(context), documented)
            return {f.field.name: f.observed for f in rule.check(case) if f.field is not None}

    return asyncio.run(go())


FIELDS = {"meal": MEAL, "seat": TEXT, "bus": TEXT}


def refuses_fish(body: dict[str, Any]) -> Any:
    return body.get("meal", "meat") in ("meat", "none")


def fish_needs_a_bus(body: dict[str, Any]) -> Any:
    return body.get("meal", "meat") in MEAL["enum"] and (
        body.get("meal") != "fish" or "bus" in body
    )


def code(value: Any) -> bool:
    """What no document and no complaint says the bus has to be."""
    return isinstance(value, str) and value.startswith("B-")


def fish_and_a_code_for_the_bus(body: dict[str, Any]) -> Any:
    """What would do beside it can't be known; but the complaint isn't about the meal."""
    if body.get("meal", "meat") not in MEAL["enum"]:
        return "meal is none of those"
    if "bus" in body:
        return code(body["bus"]) or "bus is no code"
    return body.get("meal") != "fish" or "bus is missing"


@pytest.mark.parametrize("present", [True, False], ids=["in the request", "added to it"])
def test_a_value_that_needs_company_is_no_rejected_value(present: bool) -> None:
    body = {"seat": "v", **({"meal": "meat"} if present else {})}
    rule = EnumValueRejected()
    assert told(rule, refuses_fish, FIELDS, body) == {"meal": ["fish"]}
    assert told(rule, fish_needs_a_bus, FIELDS, body) == {}


def test_what_the_answer_shows_of_the_field_itself_is_no_company() -> None:
    def shown(given: dict[str, Any]) -> Any:
        return refuses_fish(given) and {"meal": "none", **given}

    body = {"seat": "v"}
    assert told(EnumValueRejected(), shown, FIELDS, body) == {"meal": ["fish"]}


def test_a_complaint_about_another_field_rejects_no_value() -> None:
    body = {"seat": "v", "meal": "meat"}
    assert told(EnumValueRejected(), fish_and_a_code_for_the_bus, FIELDS, body) == {}

    def same_complaint(given: dict[str, Any]) -> Any:
        return refuses_fish(given) or "meal and bus: see the manual"

    assert told(EnumValueRejected(), same_complaint, FIELDS, body) == {"meal": ["fish"]}


def test_an_absence_that_is_answered_like_no_required_ones_may_be_a_choice() -> None:
    fields = {"name": TEXT, "seat": TEXT, "bus": TEXT}
    body = {"name": "v", "seat": "v"}

    def choice(given: dict[str, Any]) -> Any:
        if "name" not in given:
            return "name is missing"
        if "bus" in given:
            return code(given["bus"]) or "bus is no code"
        return "seat" in given or "seat does not go with the others"

    def plain(given: dict[str, Any]) -> Any:
        missing = next((n for n in ("name", "seat") if n not in given), "")
        return "bus" not in given and (not missing or f"{missing} is missing")

    rule = RequiredUndocumented()
    assert told(rule, choice, fields, body, "name") == {}
    assert told(rule, plain, fields, body, "name") == {"seat": {"required": True}}


def test_the_only_field_of_a_request_may_be_a_choice() -> None:
    """Without it nothing is left, and no value is known of the one that would do as well."""

    def choice(given: dict[str, Any]) -> Any:
        if "bus" in given:
            return code(given["bus"]) or "bus is no code"
        return "seat" in given or "one of seat and bus"

    def bound(given: dict[str, Any]) -> Any:
        return "bus" not in given and ("seat" in given or "seat is missing")

    rule, needed = RequiredUndocumented(), {"seat": {"required": True}}
    two, three = {"seat": TEXT, "bus": TEXT}, {"seat": TEXT, "bus": TEXT, "name": TEXT}
    assert told(rule, choice, two, {"seat": "v"}) == {}
    assert told(rule, bound, three, {"seat": "v", "name": "v"}) == needed
    assert told(rule, bound, {"seat": TEXT}, {"seat": "v"}) == needed


@pytest.mark.parametrize("hollow", [{}, [], {"stops": []}])
def test_an_empty_object_beside_it_is_nothing_that_would_do_as_well(hollow: Any) -> None:
    """At least one of a seat and a bus; the request that was found has an empty bus."""
    fields: dict[str, Any] = {"seat": TEXT, "bus": {}}

    def choice(given: dict[str, Any]) -> Any:
        return bool(given.get("seat") or given.get("bus") not in (None, hollow)) or "one of both"

    rule = RequiredUndocumented()
    assert told(rule, choice, fields, {"seat": "v", "bus": hollow}) == {}
    shut = {"seat": TEXT, "bus": TEXT}
    kept = told(rule, lambda given: "seat" in given or "no seat", shut, {"seat": "v", "bus": "b"})
    assert kept == {"seat": {"required": True}}


def test_what_did_no_better_in_its_place_is_no_choice() -> None:
    """No value of the bus is known; alone it is answered as nothing at all is."""
    own = {"type": "integer", "description": "Set by the server"}
    fields = {"seat": TEXT, "bus": TEXT, "id": own}

    def needed(given: dict[str, Any]) -> Any:
        if "seat" not in given:
            return "seat is missing"
        return "bus" not in given or code(given["bus"]) or "bus is no code"

    def choice(given: dict[str, Any]) -> Any:
        if "bus" in given:
            return code(given["bus"]) or "bus is no code"
        return "seat" in given or "seat is missing"

    rule, steps = RequiredUndocumented(), (Dependencies(),)
    assert told(rule, needed, fields, {"seat": "v"}, steps=steps) == {"seat": {"required": True}}
    assert told(rule, choice, fields, {"seat": "v"}, steps=steps) == {}


def test_a_text_that_is_taken_beside_them_refutes_a_set() -> None:
    """A refusal names values; others are taken, too."""
    documented = operation({"type": "object", "properties": {"code": TEXT}})
    known = ("ab-1204", "cd-5518")

    def findings(taken: tuple[str, ...], *asks: str) -> int:
        def answer(request: Incoming) -> Any:
            given = request.body if isinstance(request.body, dict) else {}
            return given.get("code") in taken or "one of: ab-1204, cd-5518"

        async def go() -> int:
            async with lab(documented, answer, {"code": known[0]}) as (context, _):
                await run(context, Enumeration())
                asked = [replacing(context.present()[0], value, "other") for value in asks]
                context.made += await context.lab.ask_many(asked)
                assert {o.kind for o in context.made} >= {Kind.REPLACE}
                case = Case(documented.id, contract(context), documented)
                return len(list(EnumUndocumented().check(case)))

        return asyncio.run(go())

    assert findings(known) == findings(known, "ef-7") == 1
    assert findings((*known, "ef-7"), "ef-7") == 0


def test_a_code_of_the_same_shape_refutes_a_set_by_itself() -> None:
    fields, named = {"code": TEXT}, "one of: ab_0546, cd_5518"

    def shaped(given: dict[str, Any]) -> Any:
        head, _, tail = str(given.get("code")).partition("_")
        good = len(head) == 2 and head.islower() and len(tail) == 4 and tail.isdigit()
        return good or named

    def listed(given: dict[str, Any]) -> Any:
        return given.get("code") in ("ab_0546", "cd_5518") or named

    body = {"code": "ab_0546"}
    assert told(EnumUndocumented(), shaped, fields, body) == {}
    assert told(EnumUndocumented(), listed, fields, body) == {"code": ["ab_0546", "cd_5518"]}


PATCH = OperationId("PATCH", "/things/{id}")


@pytest.mark.parametrize(
    ("name", "known", "said", "wanted"),
    [
        ("plan", "not in this state", "no such plan", {}),
        ("plan", "no such plan", "no such plan", {"plan": ["gone"]}),
        ("state", "refused", "refused", {}),
        ("state", "must be open or shut", "must be open or shut", {"state": ["gone"]}),
    ],
    ids=["known, but not now", "not known", "a state, nothing said", "a state, its values named"],
)
def test_a_value_that_a_thing_cannot_get_now(
    name: str, known: str, said: str, wanted: dict[str, Any]
) -> None:
    """The set has `gone`; whether it is refused as such is told by how nonsense is refused."""
    fields = {name: {"type": "string", "enum": ["open", "shut", "gone"]}, "note": TEXT}

    def answer(body: dict[str, Any]) -> Any:
        value = body.get(name, "open")
        if value in ("open", "shut"):
            return True
        return known if value == "gone" else said

    assert told(EnumValueRejected(), answer, fields, {name: "open"}, id=PATCH) == wanted
    if known != said:
        made = told(EnumValueRejected(), answer, fields, {name: "open"})
        assert made == {name: ["gone"]}, "a new thing is in no state yet"


def test_the_number_of_an_answer_makes_no_other_complaint() -> None:
    """Each refusal has a number of its own, in hexadecimal."""
    numbers = iter(range(0x4AE164938, 0x7AE164938, 0x1234567))

    def numbered(refused: str) -> str:
        return f"{refused} (req-{next(numbers):x})"

    def kinds(given: dict[str, Any]) -> Any:
        return given.get("kind", "red") in ("red", "green") or numbered("no such kind")

    def plain(given: dict[str, Any]) -> Any:
        missing = next((n for n in ("name", "seat") if n not in given), "")
        return "bus" not in given and (not missing or numbered(f"{missing} is missing"))

    fields = {"kind": {**TEXT, "enum": ["red", "green", "blue"]}, "note": TEXT}
    rejected = told(EnumValueRejected(), kinds, fields, {"kind": "red"}, id=PATCH)
    assert rejected == {"kind": ["blue"]}
    fields, body = {"name": TEXT, "seat": TEXT, "bus": TEXT}, {"name": "v", "seat": "v"}
    assert "seat" in told(RequiredUndocumented(), plain, fields, body, "name")
