"""A refusal that names a member of a documented object which no document has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from document_samples import openapi, write
from refused import Refused, documented
from serving import JsonServer, running

from checker.domain.operation import FieldKey, Place
from checker.pipeline import run
from checker.search.complaints import ComplaintKind
from checker.settings import Settings, Target

TEXT = {"type": "string"}
INNER = FieldKey(Place.BODY, "data.label")


def refusal(name: str, said: str) -> dict[str, Any]:
    text = f"{name} in body: {said}"
    place = {"location": "body", "name": name, "description": text}
    return {"code": 400, "error": "Invalid parameters", "message": text, "details": [place]}


class Labels(JsonServer):
    """What it keeps needs a label, of which its document says nothing."""

    def answer(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        if path != ["labels"] or method != "POST":
            return 404, {"error": "nothing is here"}
        data = body.get("data") if isinstance(body, dict) else None
        if not isinstance(data, dict):
            return 400, refusal("data", "Required")
        for name in ("label", "colour"):
            if not isinstance(data.get(name), str):
                return 400, refusal(f"data.{name}", "Required")
        return 201, {"data": data}


@pytest.mark.parametrize("others", [None, {}, True])
def test_it_is_sent_and_found_to_be_required(tmp_path: Path, others: Any) -> None:
    inner = {"type": "object", "required": ["colour"], "properties": {"colour": TEXT}}
    inner |= {} if others is None else {"additionalProperties": others}
    body = {"type": "object", "required": ["data"], "properties": {"data": inner}}
    making = {
        "summary": "Create a label",
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {"201": {"description": "made"}, "400": {"description": "no"}},
    }
    write(tmp_path, openapi(paths={"/labels": {"post": making}}))
    with running(Labels()) as server:
        result = run(Settings(paths=(tmp_path,), targets=(Target(base_url=server.url),)))
    assert [o.status for o in result.operations] == ["probed"]
    found = [(f.rule, f.field.name) for f in result.findings if f.severity.name != "MINOR"]
    assert found == [("required-undocumented", "data.label")]


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        (refusal("data.label", "Required"), True),
        ({"name": "data.label", "message": "no"}, False),
        ({"code": "data.invalid", "message": "Something is wrong with the data"}, False),
        ({"name": "host.label", "message": "host.label is unknown"}, False),
    ],
)
def test_what_names_it(answer: Any, named: bool) -> None:
    known = documented({"data": "object", "data.colour": "string"})
    sent = {"data": {"colour": "red"}}
    refused = Refused(body=answer)
    found = refused.complaints(sent, known)
    assert any(c.field == INNER and c.kind is ComplaintKind.MISSING for c in found) is named


class Halls(JsonServer):
    """A hall has an address with members, each of which is complained about inside it."""

    def answer(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        if path != ["halls"] or method != "POST":
            return 404, {"error": "nothing is here"}
        address = body.get("address") if isinstance(body, dict) else None
        if not isinstance(address, dict):
            return 400, {"address": ["A valid object is required."]}
        left = [n for n in ("street", "city") if not isinstance(address.get(n), str)]
        if left:
            return 400, {"address": {n: ["This field is required."] for n in left}}
        return 201, {"id": "h1", "address": address}


def test_an_object_that_is_documented_as_a_text_is_filled_by_what_is_missing_in_it(
    tmp_path: Path,
) -> None:
    body = {"type": "object", "required": ["address"], "properties": {"address": TEXT}}
    making = {
        "summary": "Create a hall",
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {"201": {"description": "made"}, "400": {"description": "no"}},
    }
    write(tmp_path, openapi(paths={"/halls": {"post": making}}))
    with running(Halls()) as server:
        result = run(Settings(paths=(tmp_path,), targets=(Target(base_url=server.url),)))
    assert [(o.status, o.reason) for o in result.operations] == [("probed", "")]
    found = {(f.rule, f.field.name) for f in result.findings}
    assert ("type-mismatch", "address") in found


@pytest.mark.parametrize(
    ("inner", "named"),
    [
        ({"street": ["This field is required."]}, True),
        ({"limit": ["12"]}, False),
        ({"code": ["This field is required."]}, False),
    ],
)
def test_what_names_a_member_of_a_known_field(inner: Any, named: bool) -> None:
    known = documented({"address": "string"})
    sent = {"address": {"id": "x"}}
    refused = Refused(body={"address": inner})
    found = refused.complaints(sent, known)
    assert any(c.field is not None and "." in c.field.name for c in found) is named
