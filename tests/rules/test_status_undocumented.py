from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from response_cases import FILE, answer, failure, json_response, operation, run, schema

from checker.domain.finding import Severity
from checker.domain.location import Location
from checker.domain.observation import ObservedContract
from checker.domain.operation import OperationId
from checker.domain.portal import Document, Portal
from checker.domain.schema import MISSING
from checker.drift.registry import FixSafety, fix_safety
from checker.drift.rule import Case
from checker.drift.rules.status_undocumented import StatusUndocumented

OK = {"200": {"description": "OK"}}
ERROR = {"description": "An error", "content": {"application/json": {"type": "object"}}}

SPEAKS = {
    "201 for 200": (OK, [201, 201], [201]),
    "an error nobody documented": (OK, [200, 409, 409], [409]),
    "a forbidden token": (OK, [200, 403, 403], [403]),
    "several, each once": (OK, [200, 400, 400, 422, 422, 400], [400, 422]),
    "a success beside a default for errors": ({**OK, "default": ERROR}, [202, 202], [202]),
    "another range": ({**OK, "4XX": ERROR}, [201, 201, 400, 400], [201]),
    "absent things, where others are accepted": (OK, [200, 404, 404], [404]),
}
SILENT = {
    "documented": (OK, [200, 200]),
    "seen once": (OK, [200, 409]),
    "a range": ({**OK, "4XX": ERROR}, [404, 404, 422, 422]),
    "a range in lower case": ({**OK, "4xx": ERROR}, [404, 404, 200]),
    "default": ({**OK, "default": ERROR}, [404, 404, 422, 422]),
    "a lone default for success": ({"default": {"description": "done"}}, [201, 201, 400, 400]),
    "server errors": (OK, [200, 500, 500, 501, 501]),
    "rate and gateways": (OK, [429, 429, 502, 502, 503, 503, 504, 504]),
    "the operation isn't there": (OK, [404, 404, 405, 405]),
    "no responses documented": ({}, [200, 200]),
}


@pytest.mark.parametrize("name", SPEAKS)
def test_speaks(name: str) -> None:
    responses, statuses, expected = SPEAKS[name]
    found = run(StatusUndocumented(), operation(responses), [answer(s) for s in statuses])
    assert [f.field.status for f in found] == expected
    for finding in found:
        major = finding.field.status in range(200, 300)
        assert finding.severity is (Severity.MAJOR if major else Severity.MINOR)
        assert finding.field.place == "response"
        assert len(finding.evidence) == 2
        assert finding.source is not None and finding.source.pointer.endswith("/get/responses")


@pytest.mark.parametrize("name", SILENT)
def test_silent(name: str) -> None:
    responses, statuses = SILENT[name]
    answers = [answer(s) for s in statuses] + [failure(), failure()]
    assert run(StatusUndocumented(), operation(responses), answers) == []


def test_words_document_a_status() -> None:
    documented = operation(OK, description="Answers 409 when it exists already.")
    assert run(StatusUndocumented(), documented, [answer(409), answer(409)]) == []


def test_patch_copies_the_success_that_never_came() -> None:
    node: dict[str, Any] = {"type": "object"}
    found = run(StatusUndocumented(), operation(json_response(node)), [answer(201, {"a": 1})] * 2)
    base = "/paths/~1things/get/responses"
    assert found[0].patch == ({"op": "copy", "from": f"{base}/200", "path": f"{base}/201"},)
    assert fix_safety(found[0]) is FixSafety.SAFE


def test_what_was_seen_often_takes_the_place_of_the_success_that_never_came() -> None:
    node: dict[str, Any] = {"type": "object"}
    found = run(StatusUndocumented(), operation(json_response(node)), [answer(201, {"a": 1})] * 5)
    base = "/paths/~1things/get/responses"
    assert found[0].patch == ({"op": "move", "from": f"{base}/200", "path": f"{base}/201"},)
    assert fix_safety(found[0]) is FixSafety.REVIEW, "it may come at another time"


def refused(body: Any, own: dict[str, Any], others: dict[str, Any]) -> dict[str, Any]:
    """What is put into an operation that answers 422 with a body; the responses that it and
    another operation have, each with its schema by media type."""
    first, second = operation({**OK, **own}), operation({**OK, **others})
    place = Location(FILE, "/paths/~1others/get")
    second = replace(second, id=OperationId("GET", "/others"), location=place)
    nodes = {"/things": own, "/others": others}
    raw = {"paths": {path: {"get": {"responses": written(made)}} for path, made in nodes.items()}}
    portal = Portal((Document(first.document, (first, second), raw=raw),))
    answers = tuple([answer(422, body)] * 2)
    case = Case(first.id, ObservedContract(first.id, exchanges=answers), first, portal=portal)
    (found,) = StatusUndocumented().check(case)
    value: dict[str, Any] = found.patch[0]["value"]
    return value


def written(responses: dict[str, Any]) -> dict[str, Any]:
    """Responses as a document has them."""
    return {
        status: {**node, "content": {m: {"schema": s} for m, s in node["content"].items()}}
        if "content" in node
        else node
        for status, node in responses.items()
    }


SHARED = {"type": "object"}
OWN = {"type": "object", "properties": {"error": {"type": "string"}}}


@pytest.mark.parametrize(
    ("body", "own", "others", "description", "has_body"),
    [
        ({"error": "x"}, {}, {"422": ("Wrong.", SHARED)}, "Wrong.", True),
        ({"error": "x"}, {"400": ("No.", SHARED)}, {}, "Unprocessable Entity", True),
        ({"error": "x"}, {"400": ("No.", SHARED)}, {"422": ("Wrong.", None)}, None, True),
        ({"error": "x"}, {}, {"422": ("Wrong.", OWN)}, "Unprocessable Entity", False),
        ("text", {"400": ("No.", SHARED)}, {}, "Unprocessable Entity", False),
        (MISSING, {"400": ("No.", SHARED)}, {"422": ("Wrong.", None)}, "Wrong.", False),
        (MISSING, {"400": ("No.", SHARED)}, {}, "Unprocessable Entity", False),
    ],
)
def test_a_refusal_is_described_as_others_are(
    body: Any, own: Any, others: Any, description: str | None, has_body: bool
) -> None:
    made = [
        {
            status: {"description": words, **({"content": {JSON: body_of}} if body_of else {})}
            for status, (words, body_of) in given.items()
        }
        for given in (own, others)
    ]
    value = refused(body, *made)
    assert value["description"] == (description or "Unprocessable Entity")
    assert ("content" in value) is has_body


TEXT = {"200": {"description": "OK", "content": {"text/plain": {"type": "string"}}}}
UUID = {"uuid": "8c2b", "tags": ["a"], "size": None}
INFERRED = {
    "type": "object",
    "properties": {
        "uuid": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "size": {},
    },
}
JSON = "application/json"


@pytest.mark.parametrize(
    ("responses", "status", "body", "media", "content"),
    [
        (TEXT, 201, UUID, JSON, {JSON: {"schema": INFERRED}}),
        (TEXT, 204, MISSING, None, None),
        (TEXT, 201, MISSING, None, None),
        ({"204": {"description": "none"}}, 201, UUID, JSON, {JSON: {"schema": INFERRED}}),
        (json_response({"type": "array"}), 201, {"a": 1}, JSON, None),
    ],
    ids=["JSON for text", "no content", "an empty answer", "where there was none", "a list"],
)
def test_what_was_seen_is_documented(
    responses: Any, status: int, body: Any, media: str | None, content: Any
) -> None:
    answers = [answer(status, body, media)] * 2
    (found,) = run(StatusUndocumented(), operation(responses), answers)
    (step,) = found.patch
    assert step["op"] == "add"
    if content is None and body is not MISSING:
        content = {JSON: {"schema": {"type": "object", "properties": {"a": {"type": "integer"}}}}}
    assert step["value"].get("content") == content
    assert "with the content of" not in found.suggested_fix


def test_a_schema_that_the_request_names_is_referred_to() -> None:
    thing = {"type": "object", "properties": {"uuid": {"type": "string"}, "tags": {}}}
    reference = "#/components/schemas/Thing"
    documented = replace(
        operation({"204": {"description": "none"}}),
        body={JSON: schema({"$ref": reference}, components={"Thing": thing})},
    )
    (found,) = run(StatusUndocumented(), documented, [answer(201, UUID)] * 2)
    assert found.patch[0]["value"]["content"] == {JSON: {"schema": {"$ref": reference}}}
    (found,) = run(StatusUndocumented(), documented, [answer(201, {"done": True})] * 2)
    assert "$ref" not in found.patch[0]["value"]["content"][JSON]["schema"]


def test_the_older_dialect_has_one_schema_for_a_response() -> None:
    documented = operation({"204": {"description": "none"}}, dialect="2.0")
    (found,) = run(StatusUndocumented(), documented, [answer(201, {"done": True})] * 2)
    told = {"type": "object", "properties": {"done": {"type": "boolean"}}}
    assert found.patch[0]["value"] == {"description": "Created", "schema": told}


def test_names_that_come_and_go_are_data() -> None:
    answers = [answer(201, {"a7": {"n": 1}}), answer(201, {"b3": {"n": 1}})]
    (found,) = run(StatusUndocumented(), operation(OK), answers)
    assert found.patch[0]["value"]["content"] == {JSON: {"schema": {"type": "object"}}}


def test_patch_adds_an_error() -> None:
    found = run(StatusUndocumented(), operation(OK), [answer(200), answer(409), answer(409)])
    assert found[0].patch[0]["value"] == {"description": "Conflict"}
    assert "in 2 of 3 responses seen (67%)" in found[0].issue


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/things/%0An", []),
        ("/things/%7F", []),
        ("/things/a%20b", [404]),
        ("/things/%C3%A4", [404]),
    ],
)
def test_refusals_of_control_characters_in_a_path_are_not_the_operations(
    path: str, told: list[int]
) -> None:
    answers = []
    for _ in range(2):
        exchange, verdict = answer(404)
        answers.append(
            (replace(exchange, request=replace(exchange.request, url_path=path)), verdict)
        )
    answers.append(answer(200))
    found = run(StatusUndocumented(), operation(OK), answers)
    assert [f.field.status for f in found] == told
