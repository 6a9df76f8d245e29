"""Where the value of a request's field stands in what is read back."""

from __future__ import annotations

from typing import Any

import pytest

from checker.domain.operation import FieldKey, Place
from checker.domain.schema import MISSING
from checker.probing.readback import field_in


@pytest.mark.parametrize(
    ("body", "beside", "value"),
    [
        ({"data": {"name": "x", "seat": {"country": "FI"}}}, {"name", "seat"}, "FI"),
        ({"name": "x", "country": "FI"}, {"name", "seat"}, "FI"),
        ({"name": "x", "country": "FI", "seat": {"city": "y"}}, {"name", "seat"}, MISSING),
        ({"name": "x", "country": "FI"}, {"name", "seat", "country"}, MISSING),
    ],
    ids=["where it was", "stored flat", "beside its own object", "another field"],
)
def test_a_nested_field(body: Any, beside: set[str], value: Any) -> None:
    assert field_in(body, FieldKey(Place.BODY, "seat.country"), beside) == value
