"""What an answer made up and a field wants to hear again."""

from __future__ import annotations

import pytest
from documented import operation

from checker.domain.operation import FieldKey, OperationId, Place
from checker.planning.meant import wanted_member

TOLD = [("confirmation_code", "$.confirmation_code"), ("roomId", "$.roomId")]


@pytest.mark.parametrize(
    ("name", "said", "wanted"),
    [
        ("code", "", "confirmation_code"),
        ("proof", "The `confirmation_code` of the answer.", "confirmation_code"),
        # What the operation takes by that name anyway is spoken of, not held.
        ("label", "Unique for each `roomId`.", None),
        ("label", "", None),
    ],
)
def test_the_members_that_words_or_names_ask_for(name: str, said: str, wanted: str | None) -> None:
    schema = {"type": "string", "description": said}
    documented = operation(
        {"type": "object", "properties": {name: schema}}, id=OperationId("POST", "/rooms/{roomId}")
    )
    key = FieldKey(Place.BODY, name)
    hit = wanted_member(key, documented.fields[key], TOLD, {"roomId"})
    assert (hit[0] if hit else None) == wanted
