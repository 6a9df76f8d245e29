"""Which variables of the user's a parameter takes by its name alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from documented import operation

from checker.domain.operation import FieldKey, Place
from checker.search.needs import given_for


@pytest.mark.parametrize(
    ("place", "name", "required", "taken"),
    [
        (Place.HEADER, "X-Tenant", False, "x-tenant"),
        (Place.COOKIE, "lang", False, "lang"),
        (Place.COOKIE, "LANG", False, ""),
        (Place.QUERY, "lang", True, "lang"),
        (Place.QUERY, "lang", False, ""),
        (Place.BODY, "lang", True, ""),
        (Place.HEADER, "X-Other", True, ""),
    ],
)
def test_what_is_given_beats_what_is_generated(
    place: Place, name: str, required: bool, taken: str
) -> None:
    (field,) = operation(query={"q": {}}).parameters
    key = FieldKey(place, name)
    found = given_for(key, replace(field, key=key, required=required), {"x-tenant": 1, "lang": 2})
    assert found == taken
