"""Parameters that take what an answer gives: an example of one is good for nobody else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from documented import FILE, operation, schema

from checker.domain.location import Location
from checker.domain.operation import DocumentedResponse, FieldKey, OperationId, Place
from checker.planning.meant import is_handed_out

TEXT = {"type": "string"}


def answers(**properties: Any) -> Any:
    shape = schema({"type": "object", "properties": properties}, "/responses/200")
    shown = DocumentedResponse(
        "200", Location(FILE, "/responses/200"), content={"application/json": shape}
    )
    return replace(operation(id=OperationId("GET", "/things")), responses=(shown,))


ITEMS = {"type": "array", "items": {"type": "object", "properties": {"display_name": TEXT}}}


@pytest.mark.parametrize(
    ("name", "place", "properties", "expected"),
    [
        ("cursor", Place.QUERY, {"next_cursor": TEXT}, True),
        ("pageToken", Place.QUERY, {"nextPageToken": TEXT}, True),
        (
            "after",
            Place.QUERY,
            {"meta": {"type": "object", "properties": {"page_after": TEXT}}},
            True,
        ),
        ("status", Place.QUERY, {"status": TEXT}, False),
        ("name", Place.QUERY, {"items": ITEMS}, False),
        ("count", Place.QUERY, {"total_count": {"type": "integer"}}, False),
        ("cursor", Place.BODY, {"next_cursor": TEXT}, False),
        ("cursor", Place.QUERY, {}, False),
    ],
)
def test_what_is_handed_out(
    name: str, place: Place, properties: dict[str, Any], expected: bool
) -> None:
    assert is_handed_out(FieldKey(place, name), answers(**properties)) is expected
