"""What the sentence of `server-error` says of a request that no single field explains."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from documented import operation

from checker.domain.exchange import Request
from checker.domain.schema import MISSING
from checker.drift.sent import deviation, difference

BODY = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "lines": {
            "type": "array",
            "items": {"type": "object", "properties": {"n": {"type": "boolean"}}},
        },
    },
}
GET = Request("GET", "/things/1")


def post(body: Any = MISSING, **query: str) -> Request:
    content = None if body is MISSING else body if isinstance(body, bytes) else json.dumps(body)
    return Request(
        "POST",
        "/things",
        tuple(query.items()),
        content=content.encode() if isinstance(content, str) else content,
        media_type="application/json",
    )


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (post([1]), "whose body is a list instead of an object"),
        (post(-5), "whose body is a whole number instead of an object"),
        (post({"lines": []}), "without `name`"),
        (
            post({"name": "a", "lines": [{"n": "x"}]}),
            "with a text in `lines[].n`, which its schema doesn't allow",
        ),
        (post(b"{"), "whose body is no JSON"),
        (
            post({"name": "a"}, page="zq"),
            "with `page` (query parameter) set to something else than a whole number",
        ),
        (post({"name": "a"}, page="3"), "with values that the documentation doesn't allow"),
    ],
)
def test_what_leaves_the_documentation(request_: Request, said: str) -> None:
    documented = operation(BODY, query={"page": {"type": "integer"}})
    assert deviation(request_, documented).startswith(said)


def test_a_body_that_is_needed_and_one_that_is_not_known() -> None:
    needed = replace(operation(BODY), body_required=True)
    assert deviation(post(), needed) == "without a body"
    bare = operation()
    assert deviation(post({}), bare) == "with a body, of which the documentation has none"


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (replace(GET, url_path="/things/2"), "only in the thing that its path names"),
        (replace(GET, content=b"{}"), "only in its body"),
        (replace(GET, query=(("a", "1"),), token="x"), "only in its query and the token"),
    ],
)
def test_in_what_it_differs_from_an_accepted_one(other: Request, said: str) -> None:
    assert f"that differs from an accepted one {said}" in difference(GET, other)
