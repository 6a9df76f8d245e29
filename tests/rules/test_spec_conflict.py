"""`spec-conflict`: one finding per fact, and which side the server follows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from checker.documents.portal import load_portal
from checker.domain.exchange import Exchange, Request, Response
from checker.domain.finding import Finding, Severity, Verdict
from checker.domain.observation import Kind, Observation, ObservedContract
from checker.domain.operation import FieldKey, OperationId, Place
from checker.drift.rules.spec_conflict import SpecConflict
from checker.settings import Settings

CREATE = OperationId("POST", "/shop/orders")


def body(**changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": "object",
        "required": ["title"],
        "properties": {
            "title": {"type": "string"},
            "kind": {"type": "string", "enum": ["a", "b"]},
            "count": {"type": "integer"},
        },
    }
    return {**made, **changes}


def legacy(
    schema: Mapping[str, Any], path: str = "/orders", statuses: tuple[str, ...] = ("200",)
) -> dict[str, Any]:
    return {
        "swagger": "2.0",
        "info": {"title": "Shop", "version": "1"},
        "basePath": "/shop",
        "paths": {
            path: {
                "post": {
                    "operationId": "createOrder",
                    "description": "Available for **Staff and App tokens**.",
                    "parameters": [
                        {"name": "order", "in": "body", "required": True, "schema": schema}
                    ],
                    "responses": {status: {"description": "x"} for status in statuses},
                }
            }
        },
    }


def current(
    schema: Mapping[str, Any],
    path: str = "/orders",
    statuses: tuple[str, ...] = ("200",),
    tokens: str = "Staff and App",
) -> dict[str, Any]:
    return {
        "openapi": "3.0.3",
        "info": {"title": "Shop", "version": "1"},
        "servers": [{"url": "https://example.com/shop"}],
        "paths": {
            path: {
                "post": {
                    "operationId": "createOrder",
                    "description": f"Available for **{tokens} tokens**.",
                    "requestBody": {
                        "required": True,
                        "content": {"application/json": {"schema": schema}},
                    },
                    "responses": {status: {"description": "x"} for status in statuses},
                }
            }
        },
    }


def check(
    folder: Path,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    *observations: Observation,
    statuses: tuple[int, ...] = (),
    operation: OperationId = CREATE,
) -> list[Finding]:
    (folder / "shop" / "legacy").mkdir(parents=True)
    (folder / "shop" / "legacy" / "orders.json").write_text(json.dumps(old))
    (folder / "shop" / "orders.json").write_text(json.dumps(new))
    exchanges = tuple(
        (Exchange(Request("POST", operation.path), Response(status)), Verdict.ACCEPTED)
        for status in statuses
    )
    observed = {}
    if observations or exchanges:
        observed[operation] = ObservedContract(operation, observations, exchanges)
    return list(SpecConflict().check_documents(load_portal((folder,), Settings()), observed))


def seen(kind: Kind, verdict: Verdict, name: str = "", **more: Any) -> Observation:
    subject = FieldKey(Place.BODY, name) if name else None
    return Observation(CREATE, kind, verdict, subject, confirmed=True, **more)


def test_agreement(tmp_path: Path) -> None:
    assert check(tmp_path, legacy(body()), current(body())) == []


def test_required(tmp_path: Path) -> None:
    new = body(required=["title", "count"])
    (finding,) = check(tmp_path, legacy(body()), current(new))
    assert finding.rule == "spec-conflict"
    assert finding.severity is Severity.MAJOR
    assert (finding.field.place, finding.field.name) == ("body", "count")
    assert finding.documented == {"legacy": False, "current": True}
    assert finding.observed is None
    assert finding.patch == ()
    assert finding.operation == str(CREATE)
    assert "legacy" in finding.issue and "`count`" in finding.issue


@pytest.mark.parametrize(
    ("verdict", "side", "file"),
    [(Verdict.REJECTED, "current", "legacy"), (Verdict.ACCEPTED, "legacy", "shop")],
)
def test_required_with_a_server(tmp_path: Path, verdict: Verdict, side: str, file: str) -> None:
    new = body(required=["title", "count"])
    removed = seen(Kind.REMOVE, verdict, "count")
    (finding,) = check(tmp_path, legacy(body()), current(new), removed)
    assert finding.observed["follows"] == side
    assert f"follows the {side} document" in finding.issue
    assert finding.source is not None and file in finding.source.file.split("/")
    assert len(finding.patch) == 1
    assert finding.patch[0]["op"] == ("add" if side == "current" else "remove")


def test_enum_is_one_finding(tmp_path: Path) -> None:
    schema = body()
    schema["properties"]["kind"] = {"type": "string", "enum": ["a", "c"]}
    accepted = seen(Kind.REPLACE, Verdict.ACCEPTED, "kind", value="c")
    (finding,) = check(tmp_path, legacy(body()), current(schema), accepted)
    assert finding.documented == {"legacy": ["a", "b"], "current": ["a", "c"]}
    assert finding.observed["follows"] == "current"
    assert finding.patch == (
        {
            "op": "add",
            "path": "/paths/~1orders/post/parameters/0/schema/properties/kind/enum",
            "value": ["a", "c"],
        },
    )


def test_type(tmp_path: Path) -> None:
    schema = body()
    schema["properties"]["count"] = {"type": "string"}
    accepted = seen(Kind.REPLACE, Verdict.ACCEPTED, "count", value="12")
    refused = seen(Kind.REPLACE, Verdict.REJECTED, "count", value=12)
    (finding,) = check(tmp_path, legacy(body()), current(schema), accepted, refused)
    assert finding.documented == {"legacy": "integer", "current": "string"}
    assert finding.observed == {"follows": "current", "value": "string"}


def test_status(tmp_path: Path) -> None:
    old, new = legacy(body(), statuses=("200",)), current(body(), statuses=("201",))
    found = check(tmp_path, old, new, statuses=(201,))
    assert [(f.field.status, f.observed and f.observed["follows"]) for f in found] == [
        (200, None),
        (201, "current"),
    ]
    assert len({f.identity for f in found}) == 2


def test_token_types_in_words(tmp_path: Path) -> None:
    new = current(body(), tokens="Staff and Directory")
    refused = seen(Kind.TOKEN, Verdict.REJECTED, detail={"token": "app"})
    (finding,) = check(tmp_path, legacy(body()), new, refused)
    assert finding.field.place == "token"
    assert finding.documented == {"legacy": ["app"], "current": ["directory"]}
    assert finding.observed["follows"] == "current"


def test_path(tmp_path: Path) -> None:
    (finding,) = check(tmp_path, legacy(body()), current(body(), path="/order"))
    assert finding.field.place == "operation"
    assert finding.documented == {"legacy": "/shop/orders", "current": "/shop/order"}


def test_a_field_that_only_one_side_demands(tmp_path: Path) -> None:
    schema = body(required=["title", "extra"])
    schema["properties"] = {**schema["properties"], "extra": {"type": "string"}}
    (finding,) = check(tmp_path, legacy(body()), current(schema))
    assert finding.field.name == "extra"
    assert finding.documented == {"legacy": None, "current": True}


def test_descriptions_are_no_conflict(tmp_path: Path) -> None:
    schema = body(description="Other words", title="Order")
    assert check(tmp_path, legacy(body()), current(schema)) == []


def test_unconfirmed_observations_decide_nothing(tmp_path: Path) -> None:
    new = body(required=["title", "count"])
    doubtful = Observation(
        CREATE, Kind.REMOVE, Verdict.REJECTED, FieldKey(Place.BODY, "count"), confirmed=False
    )
    (finding,) = check(tmp_path, legacy(body()), current(new), doubtful)
    assert finding.observed is None


def test_a_field_that_another_value_demands_decides_nothing(tmp_path: Path) -> None:
    new = body(required=["title", "count"])
    removed = seen(Kind.REMOVE, Verdict.REJECTED, "count")
    detail = {"role": "dependency", "fields": ["body count"], "when": {"body kind": "a"}}
    depends = seen(Kind.COMBINE, Verdict.REJECTED, detail=detail)
    (finding,) = check(tmp_path, legacy(new), current(body()), removed, depends)
    assert finding.observed is None


@pytest.mark.parametrize(("header", "same"), [("Authorization", True), ("X-Key", False)])
def test_a_bearer_token_as_swagger_2_writes_it(tmp_path: Path, header: str, same: bool) -> None:
    old, new = legacy(body()), current(body())
    old["securityDefinitions"] = {"token": {"type": "apiKey", "in": "header", "name": header}}
    new["components"] = {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}}
    for document in (old, new):
        document["security"] = [{"token": []}]
    assert [f.field.place for f in check(tmp_path, old, new)] == ([] if same else ["token"])


FLOW = {"authorizationUrl": "https://example.com/in", "flow": "implicit", "scopes": {}}


@pytest.mark.parametrize(
    ("known", "same"),
    [
        ({"token": {"type": "oauth2", **FLOW}}, True),
        ({}, True),
        ({"token": {"type": "basic"}}, False),
        ({"token": {"type": "apiKey", "in": "query", "name": "token"}}, False),
    ],
    ids=["another way to a bearer token", "not described", "basic", "in the query"],
)
def test_only_what_a_client_sends_otherwise_is_a_conflict(
    known: dict[str, Any], same: bool, tmp_path: Path
) -> None:
    old, new = legacy(body()), current(body())
    old["securityDefinitions"] = known
    new["components"] = {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}}
    for document in (old, new):
        document["security"] = [{"token": []}]
    assert [f.field.place for f in check(tmp_path, old, new)] == ([] if same else ["token"])


def test_token_types_that_one_document_alone_names_are_no_conflict(tmp_path: Path) -> None:
    old = legacy(body())
    old["paths"]["/orders"]["post"]["description"] = "Makes an order."
    assert check(tmp_path, old, current(body())) == []
