"""Steps that other steps need, too: left out for a second thing of the kind, or all at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from checker.domain.operation import OperationId
from checker.domain.workflow import Step
from checker.drift.rule import Case
from checker.drift.rules.lifecycle_undocumented import LifecycleUndocumented
from checker.experiments.prerequisites import Prerequisites

from .harness import Incoming, contract, lab, operation, run

ENROL, CHANGE = OperationId("POST", "/enrolments"), OperationId("PATCH", "/enrolments/{id}")
COURSE = Step(
    "course",
    "POST",
    "/courses",
    body={},
    extract={"course": "$.id", "course_id": "$.id"},
    operation=OperationId("POST", "/courses"),
)
OPEN = Step("open", "POST", "/courses/{{course_id}}/open", body={})
LOOKS = [
    Step(f"look_{n}", "GET", "/courses/{{course}}", operation=OperationId("GET", "/courses/{id}"))
    for n in range(4)
]
ENROLMENT = Step(
    "enrolment",
    "POST",
    "/enrolments",
    body={"course": "{{course}}"},
    extract={"enrolment": "$.id"},
    operation=ENROL,
)
FIELDS = {"type": "object", "properties": {"course": {"type": "string"}}}


class School:
    """Courses are closed until they are opened, or read three times (`by_reading`); who enrols, or
    changes that (`strict`), needs an open one; a change may not name another course (`own`)."""

    def __init__(self, *, by_reading: bool = False, strict: bool = True, own: bool = False) -> None:
        self.by_reading, self.strict, self.own = by_reading, strict, own
        self.courses: dict[str, dict[str, Any]] = {}
        self.read: dict[str, int] = {}
        self.enrolled: dict[str, str] = {}

    def answer(self, request: Incoming) -> Any:
        parts = request.path.strip("/").split("/")
        if parts[0] == "courses":
            return self._course(parts, request.method)
        course = self.courses.get((request.body or {}).get("course"))
        if course is None:
            return 404
        if len(parts) == 1:
            if course["status"] != "open":
                return 409
            self.enrolled[f"e{len(self.enrolled)}"] = course["id"]
            return 201, {"id": f"e{len(self.enrolled) - 1}"}
        if self.own and self.enrolled.get(parts[1]) != course["id"]:
            return 409
        return 409 if self.strict and course["status"] != "open" else {"id": parts[1]}

    def _course(self, parts: Sequence[str], method: str) -> Any:
        if len(parts) == 1:
            made = {"id": f"c{len(self.courses)}", "status": "closed", "title": "a", "seats": 1}
            self.courses[made["id"]] = made
            return 201, dict(made)
        course = self.courses[parts[1]]
        if method == "GET":
            self.read[parts[1]] = self.read.get(parts[1], 0) + 1
        if parts[2:] == ["open"] or (self.by_reading and self.read.get(parts[1], 0) >= 3):
            course["status"] = "open"
        return dict(course)


def told(school: School, asked: OperationId, *steps: Step, words: str = "") -> list[str]:
    """What the rule says of the request."""
    documented = operation(FIELDS, id=asked, description=words)
    path = {"id": "{{enrolment}}"} if asked == CHANGE else {}

    async def go() -> list[str]:
        made = school.answer(Incoming("POST", "/courses", {}, {}, None))[1]["id"]
        school.courses[made]["status"] = "open"
        first = school.answer(Incoming("POST", "/enrolments", {}, {}, {"course": made}))[1]["id"]
        given = {"id": first} if asked == CHANGE else {}
        async with lab(documented, school.answer, {"course": made}, path=given) as (context, _):
            supply = context.lab._supply
            call = replace(supply.recipe.call, path=path, body={"course": "{{course}}"})
            supply.recipe = replace(supply.recipe, steps=steps, call=call)
            supply.run_again()
            await context.lab.learn_level()
            before = supply.recipe
            await run(context, Prerequisites())
            assert supply.recipe == before
            assert not context.lab.broken
            case = Case(documented.id, contract(context), documented)
            return [f.issue for f in LifecycleUndocumented().check(case)]

    return asyncio.run(go())


def test_a_state_that_an_earlier_step_needs_as_well_is_told_of_a_second_thing() -> None:
    (issue,) = told(School(), CHANGE, COURSE, OPEN, ENROLMENT)
    assert "can't be used at once (closed → open)" in issue
    assert "accepted after `POST /courses/{{course_id}}/open`" in issue


@pytest.mark.parametrize(
    "school", [{"strict": False}, {"own": True}], ids=["any state", "none but its own"]
)
def test_nothing_is_told_where_a_second_thing_shows_nothing(school: dict[str, bool]) -> None:
    assert told(School(**school), CHANGE, COURSE, OPEN, ENROLMENT) == []


def test_what_gets_ready_while_it_is_read_is_told_so() -> None:
    """There is one reading more than it takes; nothing shows that time alone would do."""
    (issue,) = told(School(by_reading=True), ENROL, COURSE, *LOOKS)
    assert "(closed → open)" in issue
    assert "accepted after `GET /courses/{id}`" in issue


def test_a_state_that_is_documented_is_not_told() -> None:
    words = "Only for courses that are `open`."
    assert told(School(by_reading=True), ENROL, COURSE, *LOOKS, words=words) == []
    assert told(School(), CHANGE, COURSE, OPEN, ENROLMENT, words=words) == []
