"""What stands in for a response's missing description."""

from __future__ import annotations

import pytest

from checker.documents.usual import usual_description

OPERATIONS = {
    "/a": {"get": {"responses": {"200": {"description": "Done."}, "404": {"description": ""}}}},
    "/b": {
        "parameters": [],
        "get": {"responses": {"200": {"description": "Done."}}},
        "put": {"responses": {"200": {"description": "The b."}, "201": {"$ref": "#/x"}}},
    },
    "/c": None,
}


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("200", "Done."),
        ("201", "Created"),
        ("404", "Not Found"),
        ("799", ""),
        ("4XX", ""),
        ("default", ""),
    ],
)
def test_the_document_has_words_for_it_or_the_status_a_name(status: str, words: str) -> None:
    assert usual_description({"paths": OPERATIONS}, status) == words
    assert usual_description({"paths": []}, "200") == "OK"
