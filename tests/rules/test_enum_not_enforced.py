"""`enum-not-enforced`: the set goes where any value is kept, and stays where nothing shows that."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from document_samples import load, openapi
from observed import replaced

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.finding import Evidence, Finding, Verdict
from checker.domain.observation import Observation, ObservedContract
from checker.domain.operation import FieldKey, Operation, OperationId, Place
from checker.domain.portal import Document, Portal
from checker.drift.rule import Case
from checker.drift.rules.description_conflict import DescriptionConflict
from checker.drift.rules.enum_not_enforced import EnumNotEnforced
from checker.drift.rules.response_enum_undocumented import ResponseEnumUndocumented
from checker.pipeline.patching.patched import patched
from checker.ranking.locality import localised

POST = OperationId("POST", "/things")
KIND = FieldKey(Place.BODY, "kind")
KINDS = {"type": "string", "enum": ["big", "small"]}
JSON = "application/json"
Answer = Callable[[str], Any]


def kept(value: str) -> Any:
    return {"thing": {"id": "t1", "kind": value}}


def case_of(
    folder: Path, answer: Answer, kind: Any, shown: Any = None, **more: Any
) -> tuple[Case, Document]:
    """A `kind` that is documented so, of which two nonsense values were accepted."""
    thing = {"type": "object", "properties": {"kind": shown or {"type": "string"}}}
    body = {"type": "object", "properties": {"kind": kind}}
    ok = {"type": "object", "properties": {"thing": thing}}
    post = {
        "requestBody": {"content": {JSON: {"schema": body}}},
        "responses": {"201": {"description": "made", "content": {JSON: {"schema": ok}}}},
    }
    paths = {"/things": {"post": post}, **more.pop("paths", {})}
    document = load(folder, openapi(paths=paths, **more))
    operation = next(o for o in document.operations if o.id == POST)
    seen = tuple(nonsense(value, answer(value)) for value in ("zqab", "zqcd"))
    answers = tuple((e.exchange, Verdict.ACCEPTED) for o in seen for e in o.evidence)
    observed = ObservedContract(POST, seen, answers)
    return Case(POST, observed, operation, portal=Portal((document,))), document


def nonsense(value: str, answer: Any) -> Observation:
    content = json.dumps({"kind": value}).encode()
    request = Request("POST", "/things", content=content, media_type=JSON)
    response = Response(201, {"content-type": JSON}, answer, json.dumps(answer))
    exchange = Exchange(request, response)
    seen = replaced(KIND, value, "nonsense", accepted=True, id=POST)
    return replace(seen, evidence=(Evidence("probe", exchange, Verdict.ACCEPTED),) * 2)


def told(case: Case) -> Finding:
    (found,) = EnumNotEnforced().check(case)
    return found


def after(case: Case, document: Document) -> Operation:
    """The operation once the patch is in, of which neither its words nor its answers then say
    anything else."""
    done = patched(document, {document.info.file: [told(case)]}, case.portal)
    assert not list(DescriptionConflict().check_documents(Portal((done,)), {}))
    operation = next(o for o in done.operations if o.id == POST)
    assert not list(ResponseEnumUndocumented().check(replace(case, documented=operation)))
    return operation


@pytest.mark.parametrize(
    ("before", "then"),
    [
        ("", "Known values: `big` and `small`; others are accepted, too."),
        ("What it is", "What it is. Known values: `big` and `small`; others are accepted, too."),
        ("Big or small.", "Big or small. Other values are accepted, too."),
    ],
)
def test_what_is_kept_as_it_was_sent_is_a_free_text(tmp_path: Path, before: str, then: str) -> None:
    words = {"description": before} if before else {}
    case, document = case_of(tmp_path, kept, {**KINDS, **words})
    assert after(case, document).fields[KIND].schema.raw == {"type": "string", "description": then}


def test_the_answers_that_show_it_lose_their_set_too(tmp_path: Path) -> None:
    case, document = case_of(tmp_path, kept, KINDS, shown=KINDS)
    schema = after(case, document).responses[0].content[JSON]
    assert schema is not None
    assert schema.properties["thing"].properties["kind"].raw == {"type": "string"}


def test_a_set_without_a_type_keeps_the_type_of_its_values(tmp_path: Path) -> None:
    case, document = case_of(tmp_path, kept, {"enum": ["big", "small"]})
    assert after(case, document).fields[KIND].schema.types == ("string",)


@pytest.mark.parametrize(
    "answer",
    [
        lambda value: {"thing": {"id": "t1"}},
        lambda value: {"thing": {"kind": "small"}},
        lambda value: {"thing": {"name": value}},
        lambda value: [value],
    ],
)
def test_where_nothing_shows_what_becomes_of_it_the_set_stays(
    tmp_path: Path, answer: Answer
) -> None:
    case, _ = case_of(tmp_path, answer, KINDS)
    found = told(case)
    assert not found.patch and found.words is None


@pytest.mark.parametrize(("other", "stays"), [("put", False), ("get", True)])
def test_a_set_that_another_request_takes_its_values_from_stays(
    tmp_path: Path, other: str, stays: bool
) -> None:
    """The same isn't known of it; what only answers with it shows what was kept."""
    content = {JSON: {"schema": {"$ref": "#/components/schemas/Kind"}}}
    told_of: dict[str, Any] = {"responses": {"200": {"description": "ok", "content": content}}}
    if other == "put":
        told_of = {"requestBody": {"content": content}, "responses": told_of["responses"]}
    case, _ = case_of(
        tmp_path,
        kept,
        {"$ref": "#/components/schemas/Kind"},
        components={"schemas": {"Kind": KINDS}},
        paths={"/others": {other: told_of}},
    )
    found = told(case)
    assert found.patch
    (local,) = localised([found], case.portal, {})
    assert bool(local.patch) is stays
