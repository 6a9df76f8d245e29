"""`enum-value-rejected`: documented values that the server refuses, each told once."""

from __future__ import annotations

from typing import Any

import pytest
from documented import operation
from observed import replaced

from checker.domain.finding import Finding
from checker.domain.observation import Observation, ObservedContract
from checker.domain.operation import FieldKey, Place
from checker.drift.rule import Case
from checker.drift.rules.enum_value_rejected import EnumValueRejected


def seen(value: Any, *, accepted: bool = False) -> Observation:
    return replaced(FieldKey(Place.BODY, "grade"), value, "documented", accepted=accepted)


def told(*observations: Observation) -> list[Finding]:
    schema = {"properties": {"grade": {"enum": ["a", "b", 1, True]}}}
    documented = operation({"type": "object", **schema})
    case = Case(documented.id, ObservedContract(documented.id, observations), documented)
    return list(EnumValueRejected().check(case))


def test_a_value_that_was_asked_twice_is_taken_out_once() -> None:
    (found,) = told(seen("a"), seen("b", accepted=True), seen("a"))
    assert found.observed == ["a"]
    assert [step["path"].rpartition("/")[2] for step in found.patch] == ["0"]
    assert "`a` out of the enum of `grade`, or make the server accept it." in found.suggested_fix


def test_several_values_are_taken_out_from_behind() -> None:
    (found,) = told(seen("a"), seen("b"))
    assert [step["path"].rpartition("/")[2] for step in found.patch] == ["1", "0"]
    assert found.suggested_fix.endswith("make the server accept them.")


@pytest.mark.parametrize("order", [1, -1])
def test_a_value_that_was_accepted_once_is_not_refused(order: int) -> None:
    assert told(*[seen("a"), seen("a", accepted=True)][::order]) == []


def test_a_set_of_which_nothing_is_left_goes_as_a_whole() -> None:
    (found,) = told(seen("a"), seen("b"), seen(1), seen(True))
    assert [(s["op"], s["path"].rpartition("/")[2]) for s in found.patch] == [("remove", "enum")]
