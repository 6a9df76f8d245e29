"""What stands in a path's segment stays in it, on the wire too; what may not isn't sent."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from raw_server import OK, FakeTime, RawServer, raw_server, wire_to

from checker.domain.exchange import Call, Exchange, Failure
from checker.domain.operation import OperationId
from checker.domain.workflow import Step
from checker.errors import WorkflowError
from checker.planning.encoding import build_request, expand_path, may_stray, safe_segment
from checker.planning.step_requests import RequestBuilder
from checker.planning.variables import Scope

ELSEWHERE = [
    "",
    ".",
    "..",
    " ",
    "\t",
    "\0",
    "/",
    "//",
    "../x",
    "x/..",
    "a//b",
    "a/",
    "/a",
    "..;x",
    ";",
    "..\\x",
    "x\\..\\y",
    "%2e",
    "%2E%2e",
    "%252e%252E",
    "..%2f",
    "%00",
    ".\0png",
    ". ",
    "a/./b",
    "%25252525252e",
]
ITSELF = [
    "1",
    "a b",
    "a/b",
    "...",
    ".a",
    "a.",
    "..a",
    "a..b",
    "é",
    "100%",
    "%41",
    "a;b",
    "a\\b",
    "\ud800",
    5,
    True,
    1.5,
    "a?b#c",
    "{id}",
    "*",
]


@pytest.mark.parametrize("value", ELSEWHERE)
def test_what_may_lead_elsewhere_is_no_segment(value: str) -> None:
    assert safe_segment(value) is None
    assert may_stray(expand_path("/x/{id}", {"id": value}), "/x/{id}")
    assert may_stray(expand_path("/x/{id}/y", {"id": value}), "/x/{id}/y")


@pytest.mark.parametrize("value", ITSELF)
def test_what_stays_in_its_segment(value: Any) -> None:
    segment = safe_segment(value)
    assert segment is not None and "/" not in segment
    assert expand_path("/x/{id}", {"id": value}) == f"/x/{segment}"
    assert not may_stray(f"/x/{segment}", "/x/{id}")
    assert not may_stray(f"/x/{segment}")


@pytest.mark.parametrize(
    ("path", "template", "strays"),
    [
        ("/x/", None, False),
        ("/", None, False),
        ("/x//y", None, True),
        ("/x/%2E%2E/y", None, True),
        ("/x/", "/x/{id}", True),
        ("/x/", "/x/", False),
        ("/x/./y", "/x/./{id}", False),
        ("/v1/x/1", "/x/{id}", False),
        ("/x/1", "/v1/x/{id}", False),
        ("/v1/x/", "/x/{id}", True),
        ("/%2E%2E/1", "/{a}/{b}", True),
        ("/a.%2E", "/{a}.{b}", False),
        ("/%2E%2E", "/{a}{b}", True),
    ],
)
def test_a_path_beside_its_template(path: str, template: str | None, strays: bool) -> None:
    assert may_stray(path, template) is strays


@given(value=st.text(max_size=8), other=st.text(alphabet="./%2eE;\\ \0x", max_size=8))
def test_no_value_adds_or_takes_a_segment(value: str, other: str) -> None:
    for text in (value, other):
        path = expand_path("/x/{id}/{id}.{id}/{a}", {"id": text, "a": [text, text]})
        assert path.count("/") == 4 and path.isascii()
        assert not {".", ".."} & set(path.split("/"))


def sent(method: str, value: str) -> tuple[Exchange, RawServer]:
    """A call with a path value, at a server that sees the request line as it is."""

    async def go() -> tuple[Exchange, RawServer]:
        async with raw_server(lambda *_: OK) as server, wire_to(server, FakeTime()) as wire:
            call = Call(OperationId(method, "/x/{id}"), path={"id": value})
            return await wire.send(build_request(call), {}, {}), server

    return asyncio.run(go())


@pytest.mark.parametrize(
    ("value", "arrives"),
    [
        (".", "/x/%2E"),
        ("..", "/x/%2E%2E"),
        ("a/b", "/x/a%2Fb"),
        ("../b", "/x/..%2Fb"),
        ("", "/x/"),
        ("%2e%2e", "/x/%252e%252e"),
        ("\ud800", "/x/%3F"),
    ],
)
def test_the_wire_changes_nothing_of_it(value: str, arrives: str) -> None:
    _, server = sent("GET", value)
    assert server.arrived == [f"GET {arrives} HTTP/1.1"]


@pytest.mark.parametrize("method", ["DELETE", "POST", "PUT", "PATCH", "QUERY"])
@pytest.mark.parametrize("value", ["", ".", "..", "../y", " ", "%2e"])
def test_nothing_that_changes_is_sent_with_it(method: str, value: str) -> None:
    exchange, server = sent(method, value)
    assert isinstance(exchange.outcome, Failure) and exchange.outcome.kind == "held"
    assert server.arrived == []
    assert sent(method, "a/b")[1].arrived == [f"{method} /x/a%2Fb HTTP/1.1"]


@pytest.mark.parametrize(
    ("value", "path"), [("..", "/x/%2E%2E"), (".", "/x/%2E"), ("a/b", "/x/a%2Fb")]
)
def test_steps_are_encoded_alike(value: str, path: str) -> None:
    builder = RequestBuilder(Scope(given={"id": value}))
    for written in ("/x/{{id}}", "/x/{id}"):
        assert builder.request(Step("s", "GET", written)).url_path == path
    assert builder.request(Step("s", "GET", "/x/%2e%2e/y")).url_path == "/x/%2E%2E/y"


@pytest.mark.parametrize("value", ["", ".", "a/../b", " "])
def test_a_step_that_changes_something_is_not_made_of_it(value: str) -> None:
    builder = RequestBuilder(Scope(given={"id": value}))
    with pytest.raises(WorkflowError, match="something else"):
        builder.request(Step("s", "delete", "/x/{{id}}"))
    assert builder.request(Step("s", "get", "/x/{{id}}")).url_path.startswith("/x/")
    assert builder.request(Step("s", "DELETE", "/x/%2F")).url_path == "/x/%2F"
