"""`docs-conflict`: prose tables against the spec."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from checker.documents.portal import load_portal
from checker.documents.prose import read_page
from checker.domain.exchange import Exchange, Request, Response
from checker.domain.finding import Finding, Verdict
from checker.domain.observation import Kind, Observation, ObservedContract
from checker.domain.operation import FieldKey, OperationId, Place
from checker.domain.portal import Portal
from checker.drift.rules.docs_conflict import DocsConflict
from checker.settings import Settings


def spec(schema: dict[str, Any] | None = None, answer: dict[str, Any] | None = None) -> Any:
    schema = schema or {
        "type": "object",
        "required": ["title"],
        "properties": {
            "title": {"type": "string"},
            "count": {"type": "integer"},
            "kind": {"type": "string", "enum": ["small", "large"]},
            "lines": {"type": "array", "items": {"type": "object"}},
        },
    }
    answer = answer or {
        "type": "object",
        "properties": {"state": {"type": "string", "enum": ["open", "closed"]}},
    }
    return {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "servers": [{"url": "https://example.com/v1"}],
        "paths": {
            path: {
                "post": {
                    "requestBody": {"content": {"application/json": {"schema": schema}}},
                    "responses": {
                        "201": {
                            "description": "x",
                            "content": {"application/json": {"schema": answer}},
                        }
                    },
                }
            }
            for path in ("/orders", "/parcels")
        },
    }


ORDER = OperationId("POST", "/v1/orders")
STATUSES = "# Orders\n\nPOST /v1/orders\n\n| Status | Meaning |\n|--|--|\n"
HEAD = "# Orders\n\nPOST /v1/orders\n\n## Request body\n\n"
FIELDS = HEAD + "| Field | Type | Required | Description |\n|--|--|--|--|\n"


def check(
    folder: Path, text: str, content: Any = None, *observations: Observation, **more: Any
) -> list[Finding]:
    (folder / "spec.json").write_text(json.dumps(content or spec()))
    loaded = load_portal((folder,), Settings())
    portal = Portal(documents=loaded.documents, pages=(read_page(text, "page.md"),))
    observed = {}
    for operation in {o.operation for o in observations} | ({ORDER} if more else set()):
        mine = tuple(o for o in observations if o.operation == operation)
        observed[operation] = ObservedContract(operation, mine, **more)
    return list(DocsConflict().check_documents(portal, observed))


def seen(kind: Kind, verdict: Verdict, name: str = "", **more: Any) -> Observation:
    subject = FieldKey(Place.BODY, name) if name else None
    operation = more.pop("operation", ORDER)
    return Observation(operation, kind, verdict, subject, confirmed=True, **more)


def answer(status: int, body: Any) -> tuple[tuple[Exchange, Verdict], ...]:
    exchange = Exchange(Request("POST", "/v1/orders"), Response(status, body=body))
    return ((exchange, Verdict.ACCEPTED),)


def test_agreement(tmp_path: Path) -> None:
    rows = (
        "| title | string | Yes | |\n| count | number | No | |\n"
        "| kind | string | No | One of `large`, `small` |\n| lines | array | | |\n"
    )
    assert check(tmp_path, FIELDS + rows) == []


def test_type(tmp_path: Path) -> None:
    (finding,) = check(tmp_path, FIELDS + "| count | string | No | |\n| title | string | Yes | |\n")
    assert (finding.rule, finding.operation) == ("docs-conflict", "POST /v1/orders")
    assert (finding.field.place, finding.field.name) == ("body", "count")
    assert finding.documented == {"page": "string", "spec": "integer"}
    assert finding.source is not None and finding.source.line == 9


def test_required(tmp_path: Path) -> None:
    (finding,) = check(tmp_path, FIELDS + "| count | integer | Yes | |\n")
    assert finding.documented == {"page": True, "spec": False}


def test_enum(tmp_path: Path) -> None:
    row = "| kind | string | No | One of `small`, `medium` |\n"
    (finding,) = check(tmp_path, FIELDS + row)
    assert finding.documented == {"page": ["small", "medium"], "spec": ["small", "large"]}


def test_unknown_field(tmp_path: Path) -> None:
    (finding,) = check(tmp_path, FIELDS + "| colour | string | No | |\n")
    assert finding.documented == {"page": {"type": "string", "required": False}, "spec": None}


def test_unknown_endpoint(tmp_path: Path) -> None:
    table = "| What | Endpoint |\n|--|--|\n| A | POST /v1/orders |\n| B | POST /v1/letters |\n"
    (finding,) = check(tmp_path, f"# All\n\n{table}")
    assert (finding.operation, finding.field.place) == ("POST /v1/letters", "operation")


def test_endpoint_without_the_base_path(tmp_path: Path) -> None:
    assert check(tmp_path, "# All\n\n| What | Endpoint |\n|--|--|\n| A | POST /orders |\n") == []


def test_status(tmp_path: Path) -> None:
    text = (
        "# Orders\n\nPOST /v1/orders\n\n| Status | Meaning |\n|--|--|\n| 201 | a |\n| 409 | b |\n"
    )
    (finding,) = check(tmp_path, text)
    assert (finding.field.status, finding.documented) == (409, {"page": 409, "spec": ["201"]})


def test_flattened_page(tmp_path: Path) -> None:
    text = (
        "Sending\n\nFieldTypeRequiredDescription\ntitleintegerThe title\ncountintegerHow many\n\n"
        "Endpoints\n\nKindEndpoint\nOrderPOST /v1/orders\nParcelPOST /v1/parcels\n\n"
        "StatusMeaning\nopenIs open\nlostIs lost\n"
    )
    found = check(tmp_path, text)
    assert [(f.field.place, f.field.name, f.also_operations) for f in found] == [
        ("body", "title", ("POST /v1/parcels",)),
    ]
    assert found[0].documented == {"page": "integer", "spec": "string"}


def test_status_words_against_a_response_enum(tmp_path: Path) -> None:
    answer = {
        "type": "object",
        "properties": {"status": {"type": "string", "enum": ["sent", "error"]}},
    }
    text = (
        "# Orders\n\nPOST /v1/orders\n\n| Status | Meaning |\n|--|--|\n| sent | a |\n| late | b |\n"
    )
    (finding,) = check(tmp_path, text, spec(answer=answer))
    assert (finding.field.place, finding.field.name) == ("response", "status")
    assert finding.documented == {"page": ["sent", "late"], "spec": ["sent", "error"]}


def test_what_the_page_does_not_say_is_no_conflict(tmp_path: Path) -> None:
    assert check(tmp_path, FIELDS.replace("POST /v1/orders", "") + "| x | string | Yes | |\n") == []
    assert check(tmp_path, FIELDS + "| title | string | | |\n") == []


def test_without_any_spec(tmp_path: Path) -> None:
    page = read_page("# All\n\n| What | Endpoint |\n|--|--|\n| A | GET /x |\n", "page.md")
    assert list(DocsConflict().check_documents(Portal(pages=(page,)), {})) == []


def test_values_of_the_response_are_no_conflict_with_a_request_field(tmp_path: Path) -> None:
    answer = {
        "type": "object",
        "properties": {"kind": {"type": "string", "enum": ["small", "medium", "large"]}},
    }
    row = "| kind | string | No | One of `small`, `medium`, `large` |\n"
    assert check(tmp_path, FIELDS + row, spec(answer=answer)) == []


def test_the_server_follows_the_page(tmp_path: Path) -> None:
    removed = seen(Kind.REMOVE, Verdict.REJECTED, "count")
    (finding,) = check(tmp_path, FIELDS + "| count | integer | Yes | |\n", None, removed)
    assert finding.observed == {"follows": "page", "value": True}
    assert finding.source is not None and finding.source.file.endswith("spec.json")
    assert [step["value"] for step in finding.patch] == ["count"]
    assert "Correct the spec" in finding.suggested_fix


def test_the_server_follows_the_spec(tmp_path: Path) -> None:
    removed = seen(Kind.REMOVE, Verdict.ACCEPTED, "count")
    (finding,) = check(tmp_path, FIELDS + "| count | integer | Yes | |\n", None, removed)
    assert finding.observed == {"follows": "spec", "value": False}
    assert finding.source is not None and finding.source.file == "page.md"
    assert "Correct page.md" in finding.suggested_fix
    assert finding.patch[-1]["value"] == "| count | integer | No | |"


def test_values_that_the_server_accepts(tmp_path: Path) -> None:
    row = "| kind | string | No | One of `small`, `medium` |\n"
    tried = [
        seen(Kind.REPLACE, Verdict.ACCEPTED, "kind", value="medium"),
        seen(Kind.REPLACE, Verdict.REJECTED, "kind", value="large"),
    ]
    (finding,) = check(tmp_path, FIELDS + row, None, *tried)
    assert finding.observed == {"follows": "page", "value": ["small", "medium"]}
    assert finding.patch[0]["value"] == ["small", "medium"]


def test_an_unconfirmed_observation_decides_nothing(tmp_path: Path) -> None:
    removed = replace(seen(Kind.REMOVE, Verdict.REJECTED, "count"), confirmed=False)
    (finding,) = check(tmp_path, FIELDS + "| count | integer | Yes | |\n", None, removed)
    assert finding.observed is None


def test_an_endpoint_that_the_server_has(tmp_path: Path) -> None:
    table = "| What | Endpoint |\n|--|--|\n| A | POST /v1/orders |\n| B | POST /v1/letters |\n"
    letters = OperationId("POST", "/v1/letters")
    there = seen(Kind.EXIST, Verdict.ACCEPTED, operation=letters)
    (finding,) = check(tmp_path, f"# All\n\n{table}", None, there)
    assert finding.observed == {"follows": "page", "value": "POST /v1/letters"}
    gone = seen(Kind.EXIST, Verdict.REJECTED, operation=letters)
    (finding,) = check(tmp_path, f"# All\n\n{table}", None, gone)
    assert finding.observed == {"follows": "spec", "value": None}


def test_a_status_that_was_seen(tmp_path: Path) -> None:
    text = STATUSES + "| 201 | a |\n| 409 | b |\n"
    (finding,) = check(tmp_path, text, exchanges=answer(409, {}))
    assert finding.observed == {"follows": "page", "value": 409}


def test_answers_tell_which_values_hold(tmp_path: Path) -> None:
    text = "# Orders\n\nPOST /v1/orders\n\n## Response\n\n| Field | Type | Description |\n"
    text += "|--|--|--|\n| state | string | One of `open`, `lost` |\n"
    assert check(tmp_path, text)[0].observed is None
    (finding,) = check(tmp_path, text, exchanges=answer(201, {"state": "lost"}))
    assert finding.observed == {"follows": "page", "value": ["open", "lost"]}
    (finding,) = check(tmp_path, text, exchanges=answer(201, {"state": "closed"}))
    assert finding.observed == {"follows": "spec", "value": ["open", "closed"]}


def test_values_that_the_fields_own_description_explains(tmp_path: Path) -> None:
    told = FIELDS + "| `kind` | string | no | One of `tiny`, `huge` |\n"
    content = spec()
    body = content["paths"]["/orders"]["post"]["requestBody"]["content"]["application/json"]
    kind = body["schema"]["properties"]["kind"]
    assert [f.identity for f in check(tmp_path, told, content)] == ["enum"]
    kind["description"] = "`small` finds `tiny`, `large` finds `huge`: the values of the answer."
    assert check(tmp_path, told, content) == []


def test_null_among_values_is_no_value(tmp_path: Path) -> None:
    row = "| kind | string (enum: `small`, `large`, `null`) | No | |\n"
    assert check(tmp_path, FIELDS + row) == []
