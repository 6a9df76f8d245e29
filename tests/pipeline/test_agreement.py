"""One fact in all places: legacy documents follow a patch of the current one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from document_samples import openapi, swagger2

from checker.documents.portal import load_portal
from checker.domain.exchange import Exchange, Request, Response
from checker.domain.finding import Finding, FindingField, Severity, Verdict
from checker.domain.location import Location
from checker.domain.observation import Kind, Observation, ObservedContract, Rejection
from checker.domain.operation import FieldKey, OperationId, Place
from checker.drift.rules.docs_conflict import DocsConflict
from checker.drift.rules.spec_conflict import SpecConflict
from checker.fixing import by_file, fix_text
from checker.fixing.sealed import sealed
from checker.pipeline.patching.agreement import everywhere
from checker.settings import Settings

POST = OperationId("POST", "/things")
SCHEMA = "/paths/~1things/post/requestBody/content/application~1json/schema"
OK = {"200": {"description": "fine"}}


def thing() -> dict[str, Any]:
    return {"type": "object", "properties": {"name": {"type": "string"}}}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    content = {"content": {"application/json": {"schema": thing()}}}
    new = openapi(paths={"/things": {"post": {"requestBody": content, "responses": OK}}})
    body = {"in": "body", "name": "body", "schema": thing()}
    post = {"consumes": ["application/json"], "parameters": [body], "responses": OK}
    old = swagger2(paths={"/things": {"post": post}})
    for name, document in (("new.json", new), ("legacy/old.json", old)):
        place = tmp_path / "api" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(document, indent=2))
    return tmp_path


def seen() -> dict[OperationId, ObservedContract]:
    """`name` and `size` are required, and 422 is answered without it."""
    refused = [
        Observation(
            POST,
            Kind.REMOVE,
            Verdict.REJECTED,
            FieldKey(Place.BODY, name),
            rejection=Rejection.VALIDATION,
            confirmed=True,
        )
        for name in ("name", "size")
    ]
    answer = Exchange(Request("POST", "/things"), Response(422))
    exchanges = ((answer, Verdict.REJECTED),) * 2
    return {POST: ObservedContract(POST, tuple(refused), exchanges=exchanges)}


def found(field: FindingField, step: dict[str, Any]) -> Finding:
    return Finding(
        "required-undocumented",
        Severity.MAJOR,
        str(POST),
        field,
        issue="It is so.",
        suggested_fix="Document it.",
        source=Location("api/new.json", SCHEMA),
        patch=(step,),
    )


REQUIRED = found(
    FindingField("body", "name"), {"op": "add", "path": f"{SCHEMA}/required/-", "value": "name"}
)
STATUS = found(
    FindingField("response", "", 422),
    {
        "op": "add",
        "path": "/paths/~1things/post/responses/422",
        "value": {"description": "Wrong."},
    },
)


UNKNOWN = REQUIRED.with_(
    field=FindingField("body", "size"),
    patch=(
        {"op": "add", "path": f"{SCHEMA}/properties/size", "value": {"type": "integer"}},
        {"op": "add", "path": f"{SCHEMA}/required/-", "value": "size"},
    ),
)


@pytest.mark.parametrize(
    "finding", [REQUIRED, STATUS, UNKNOWN], ids=["required", "status", "unknown"]
)
def test_merging_a_fix_makes_no_new_conflict(folder: Path, finding: Finding) -> None:
    portal = load_portal([Path("api")], Settings())
    assert not list(SpecConflict().check_documents(portal, seen()))
    (told,) = everywhere(sealed([finding], portal), portal, seen())
    assert [other.file for other in told.elsewhere] == ["api/legacy/old.json"]
    assert told.patch == sealed([finding], portal)[0].patch
    for file, findings in by_file([told]).items():
        fixed = fix_text(file, Path(file).read_text(), findings)
        assert fixed.applied and not fixed.skipped
        Path(file).write_text(fixed.after)
        again = fix_text(file, fixed.after, findings)
        assert again.already and again.after == fixed.after
    after = load_portal([Path("api")], Settings())
    assert not list(SpecConflict().check_documents(after, seen()))


KEY = {"type": "apiKey", "in": "header", "name": "X-Key"}


@pytest.mark.parametrize(
    ("theirs", "follows"), [(KEY, True), ({**KEY, "name": "X-Other"}, False), (None, False)]
)
def test_who_is_let_in_is_said_where_the_scheme_is_the_same(
    folder: Path, theirs: dict[str, str] | None, follows: bool
) -> None:
    """Both documents have the operation open, and the server doesn't."""
    files = [Path("api/new.json"), Path("api/legacy/old.json")]
    new, old = (json.loads(file.read_text()) for file in files)
    new["components"] = {"securitySchemes": {"key": KEY}}
    old |= {"securityDefinitions": {"key": theirs}} if theirs else {}
    for file, document in zip(files, (new, old), strict=True):
        document["paths"]["/things"]["post"]["security"] = []
        file.write_text(json.dumps(document, indent=2))
    portal = load_portal([Path("api")], Settings())
    secured = found(
        FindingField("token", "staff"),
        {"op": "replace", "path": "/paths/~1things/post/security", "value": [{"key": []}]},
    )
    refused = Observation(
        POST, Kind.TOKEN, Verdict.REJECTED, confirmed=True, detail={"token": None}
    )
    observed = {POST: ObservedContract(POST, (refused,))}
    (told,) = everywhere(sealed([secured], portal), portal, observed)
    assert [other.file for other in told.elsewhere] == (["api/legacy/old.json"] if follows else [])
    for file, findings in by_file([told]).items():
        Path(file).write_text(fix_text(file, Path(file).read_text(), findings).after)
    after = load_portal([Path("api")], Settings())
    if follows:
        assert not list(SpecConflict().check_documents(after, observed))


def test_nothing_is_said_to_a_document_that_the_server_was_not_seen_to_contradict(
    folder: Path,
) -> None:
    portal = load_portal([Path("api")], Settings())
    (told,) = everywhere(sealed([REQUIRED], portal), portal, {})
    assert told.elsewhere == ()


def test_the_table_of_a_page_follows(folder: Path) -> None:
    page = "# Things\n\n`POST /things`\n\n| Field | Type | Required |\n|---|---|---|\n"
    Path("api/things.md").write_text(page + "| name | string | no |\n| more | string | yes |\n")
    new = json.loads(Path("api/new.json").read_text())
    body = new["paths"]["/things"]["post"]["requestBody"]["content"]["application/json"]
    body["schema"]["properties"]["more"] = {"type": "string"}
    body["schema"]["required"] = ["more"]
    Path("api/new.json").write_text(json.dumps(new, indent=2))
    portal = load_portal([Path("api")], Settings())
    assert not list(DocsConflict().check_documents(portal, seen()))
    (told,) = everywhere(sealed([REQUIRED], portal), portal, seen())
    assert {other.file for other in told.elsewhere} == {"api/legacy/old.json", "api/things.md"}
    for file, findings in by_file([told]).items():
        Path(file).write_text(fix_text(file, Path(file).read_text(), findings).after)
    assert "| name | string | yes |\n" in Path("api/things.md").read_text()
    after = load_portal([Path("api")], Settings())
    assert not list(DocsConflict().check_documents(after, seen()))
