"""Each generator of moves by itself, without a server."""

from __future__ import annotations

from documented import operation

from checker.domain.exchange import Call
from checker.domain.operation import OperationId
from checker.domain.workflow import Step
from checker.search.moves.entries import other_entries
from checker.search.moves.readings import after_readings
from checker.search.moves.siblings import after_sibling, related
from checker.search.steps import merge_steps

JOBS = OperationId("GET", "/jobs")
MAKE = OperationId("POST", "/jobs")
RUN = Call(OperationId("PUT", "/jobs/{id}/run"), path={"id": "{{job}}"})
LISTED = Step("list", "GET", "/jobs", operation=JOBS, extract={"job": "$.items[0].id"})
MADE = Step("make", "POST", "/jobs", body={}, operation=MAKE, extract={"job": "$.id"})


def test_one_entry_of_each_kind_comes_first() -> None:
    states = ("new", "new", "done", "new", "held")
    body = {"items": [{"id": n, "state": s} for n, s in enumerate(states)]}
    found = [s[0].extract["job"] for s in other_entries(RUN, (LISTED,), {JOBS: body})]
    assert found == [f"$.items[{n}].id" for n in (2, 4, 1, 3)]


def test_an_entry_s_other_members_move_with_it() -> None:
    both = Step("list", "GET", "/jobs", operation=JOBS, extract={"job": "$[0].id", "v": "$[0].v"})
    first = next(other_entries(RUN, (both,), {JOBS: [{"id": 1}, {"id": 2}]}))
    assert first[0].extract == {"job": "$[1].id", "v": "$[1].v"}


def test_what_is_made_is_read_before_it_is_used() -> None:
    read = operation(None, id=OperationId("GET", "/jobs/{id}"))
    (steps,) = after_readings(RUN, (MADE,), [read], lag_ms=300)
    assert [s.method for s in steps] == ["POST", "GET", "GET", "GET", "GET"]
    assert {s.path for s in steps[1:]} == {"/jobs/{{job}}"}
    assert steps[0].settle_ms == 300
    assert not list(after_readings(RUN, (LISTED,), [read]))


def test_what_belongs_to_the_same_thing_is_made_after_it() -> None:
    report = operation(None, id=OperationId("POST", "/jobs/{id}/reports"))
    other = operation(None, id=OperationId("POST", "/rooms"))
    wanted = operation(None, id=RUN.operation)
    assert list(related(wanted, (MADE,), [other, report])) == [report]
    below = Step("report", "POST", "/jobs/{{job}}/reports", operation=report.id)
    assert after_sibling((MADE,), (MADE,), below) == (MADE, below)
    assert after_sibling((MADE,), (LISTED,), below) is None


def test_what_a_list_of_steps_has_several_times_stays() -> None:
    read = operation(None, id=OperationId("GET", "/jobs/{id}"))
    (steps,) = after_readings(RUN, (MADE,), [read])
    assert [s.method for s in merge_steps((MADE,), steps)] == ["POST", *["GET"] * 4]
    assert [s.method for s in merge_steps(steps, steps)] == ["POST", *["GET"] * 4]
    other = Step("make", "POST", "/jobs", body={}, operation=MAKE, extract={"v": "$.v"})
    (made,) = merge_steps((MADE,), (other,))
    assert made.extract == {"job": "$.id", "v": "$.v"}
