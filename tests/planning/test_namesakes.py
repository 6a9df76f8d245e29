"""Values from other places that document a field of the same name, and from sizes in errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from documented import operation

from checker.domain.operation import FieldKey, OperationId, Place
from checker.planning.hints import sized_in
from checker.planning.namesakes import Namesakes

TEXT = {"type": "string"}
DAYS = {"type": "array", "items": {"type": "string", "enum": ["mon", "tue"]}}


def values(own: Mapping[str, Any], other: Mapping[str, Any]) -> list[Any]:
    """What `when` of one operation may hold, as another one documents it."""
    first = operation({"type": "object", "properties": {"when": own}})
    made = operation(
        {"type": "object", "properties": {"in": {"type": "object", "properties": {"when": other}}}},
        id=OperationId("PUT", "/others/{id}"),
    )
    return Namesakes([first, made]).of(first.fields[FieldKey(Place.BODY, "when")])


@pytest.mark.parametrize(
    ("own", "other", "expected"),
    [
        (TEXT, DAYS, [["mon"]]),
        (TEXT, {**TEXT, "examples": ["08:15"]}, ["08:15"]),
        (TEXT, TEXT, []),
        ({**TEXT, "pattern": "^a$"}, {**TEXT, "pattern": "^b$"}, []),
        (TEXT, {"type": "object", "properties": {"at": TEXT}}, []),
        ({"type": "integer"}, {"type": "number"}, []),
        ({**TEXT, "examples": ["a"]}, {**TEXT, "pattern": "^B$"}, ["B"]),
        ({**TEXT, "examples": ["a", "B"]}, {**TEXT, "pattern": "^B$"}, []),
    ],
)
def test_what_a_namesake_says_more(
    own: Mapping[str, Any], other: Mapping[str, Any], expected: list[Any]
) -> None:
    assert values(own, other) == expected


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("number must have 16 digits", ["1234567890123456"]),
        ("Genau 3 Zeichen", ["abc"]),
        ("cvc: 3 chiffres", ["123"]),
        ("2 to 60 characters", ["abcdefghij" * 6]),
        ("at most 2.5 characters", []),
        ("the 3 fields are bad", []),
    ],
)
def test_sizes_that_an_error_names(error: str, expected: list[str]) -> None:
    assert sized_in(error) == expected
