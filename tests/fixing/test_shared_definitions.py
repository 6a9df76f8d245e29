"""What one operation shows isn't written into a schema that others use too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from document_samples import OK, load, openapi, swagger2
from valid_documents import errors

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.finding import Evidence, Finding, FindingField, Severity, Verdict
from checker.domain.location import Location
from checker.domain.observation import Kind, Observation, ObservedContract
from checker.domain.operation import FieldKey, OperationId, Place
from checker.domain.portal import Document, Portal
from checker.domain.schema import MISSING
from checker.drift.rule import Case
from checker.drift.rules.required_not_enforced import RequiredNotEnforced
from checker.drift.rules.response_field_missing import ResponseFieldMissing
from checker.fixing.apply import fix_text
from checker.ranking.locality import localised

THING: dict[str, Any] = {
    "type": "object",
    "required": ["size"],
    "properties": {
        "name": {"type": "string"},
        "size": {"type": "integer"},
        "parts": {"type": "array", "items": {"type": "object", "properties": {"id": {}}}},
    },
}
POST, PUT, GET = (OperationId(m, "/things") for m in ("POST", "PUT", "GET"))


def v2(*methods: str) -> dict[str, Any]:
    """Operations that take, and for GET answer, the one definition."""
    schema = {"$ref": "#/definitions/Thing"}
    body = {"in": "body", "name": "b", "schema": schema}
    taking: dict[str, Any] = {"consumes": ["application/json"], "parameters": [body]}
    giving = {"produces": ["application/json"]}
    answer = {"200": {"description": "fine", "schema": schema}}
    item = {
        m: {**giving, "responses": answer} if m == "get" else {**taking, "responses": OK}
        for m in methods
    }
    return swagger2(paths={"/things": item}, definitions={"Thing": THING})


def v3(*methods: str, schema: Any = None) -> dict[str, Any]:
    schema = schema or {"$ref": "#/components/schemas/Thing"}
    content = {"content": {"application/json": {"schema": schema}}}
    item = {
        m: {"responses": {"200": {"description": "fine", **content}}}
        if m == "get"
        else {"requestBody": content, "responses": OK}
        for m in methods
    }
    return openapi(paths={"/things": item}, components={"schemas": {"Thing": THING}})


def shared_pointer(document: Document) -> str:
    """Where the one definition stands."""
    old = document.info.dialect == "2.0"
    return "/definitions/Thing" if old else "/components/schemas/Thing"


def required(document: Document, operation: OperationId, name: str, *more: OperationId) -> Finding:
    """The server of `operation` requires a member of the shared definition."""
    owner = "/properties/parts/items" if "parts" in name else ""
    place = shared_pointer(document) + owner
    step = {"op": "add", "path": f"{place}/required/-", "value": name.rpartition(".")[2]}
    return Finding(
        "required-undocumented",
        Severity.MAJOR,
        str(operation),
        FindingField("body", name),
        issue="It is required.",
        suggested_fix="Document it.",
        source=Location(document.info.file, place),
        patch=(step,),
        also_operations=tuple(map(str, (operation, *more))) if more else (),
    )


def patched(
    tmp_path: Path,
    raw: dict[str, Any],
    document: Document,
    *found: Finding,
    observed: dict[OperationId, ObservedContract] | None = None,
) -> tuple[Document, tuple[Finding, ...]]:
    """The document after the patches, which have to leave it valid."""
    local = localised(found, Portal((document,)), observed or {})
    text = json.dumps(raw)
    fixed = fix_text(document.info.file, text, local)
    assert not fixed.skipped
    assert errors(fixed.after) <= errors(text)
    return load(tmp_path, json.loads(fixed.after), "after.json"), local


def needs(document: Document) -> dict[str, list[str]]:
    """The required body fields of each operation that has any."""
    told = {
        o.id.method: [k.name for k, f in o.fields.items() if f.required and k.leaf != "size"]
        for o in document.operations
    }
    return {method: names for method, names in told.items() if names}


@pytest.mark.parametrize("make", [v2, v3])
@pytest.mark.parametrize("name", ["name", "parts[].id"])
def test_of_another_operation_it_is_not_known(tmp_path: Path, make: Any, name: str) -> None:
    raw = make("post", "put")
    document = load(tmp_path, raw)
    after, (told,) = patched(tmp_path, raw, document, required(document, POST, name))
    assert needs(after) == {"POST": [name]}
    assert "`Thing` is used elsewhere too" in told.suggested_fix


def test_two_facts_of_one_body(tmp_path: Path) -> None:
    raw = v2("post", "put")
    document = load(tmp_path, raw)
    both = [required(document, POST, name) for name in ("name", "parts[].id")]
    after, _ = patched(tmp_path, raw, document, *both)
    assert needs(after) == {"POST": ["name", "parts[].id"]}


def test_a_list_of_the_shared_schema(tmp_path: Path) -> None:
    things = {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}
    raw = v3("post", "put", schema=things)
    document = load(tmp_path, raw)
    after, _ = patched(tmp_path, raw, document, required(document, POST, "[].name"))
    assert needs(after) == {"POST": ["[].name"]}


@pytest.mark.parametrize("methods", [("post",), ("post", "put")])
def test_where_all_users_agree_it_is_told_of_the_shared_schema(
    tmp_path: Path, methods: tuple[str, ...]
) -> None:
    raw = v3(*methods)
    document = load(tmp_path, raw)
    found = required(document, POST, "name", *[PUT][: len(methods) - 1])
    assert localised([found], Portal((document,)), {}) == (found,)


@pytest.mark.parametrize(
    ("bodies", "shared"),
    [([{"name": "a", "size": 1}], True), ([{"name": "a"}, {"size": 1}], False), ([], False)],
    ids=["answers have it", "one lacks it", "none was seen"],
)
def test_answers_that_use_the_schema(tmp_path: Path, bodies: list[Any], shared: bool) -> None:
    raw = v3("post", "get")
    document = load(tmp_path, raw)
    seen = tuple(
        (
            Exchange(
                Request("GET", "/things"),
                Response(200, {"Content-Type": "application/json"}, body, json.dumps(body)),
            ),
            Verdict.ACCEPTED,
        )
        for body in bodies
    )
    observed = {GET: ObservedContract(GET, exchanges=seen)}
    found = required(document, POST, "name")
    assert (localised([found], Portal((document,)), observed) == (found,)) is shared


def test_what_answers_lack_requests_may_need(tmp_path: Path) -> None:
    """`allOf` can't take a requirement back: it is said in words, which later runs read."""
    raw = v3("post", "get")
    document = load(tmp_path, raw)
    response = Response(200, {"Content-Type": "application/json"}, {}, "{}")
    seen = ObservedContract(
        GET, exchanges=((Exchange(Request("GET", "/things"), response), Verdict.ACCEPTED),) * 2
    )

    def found(within: Document) -> list[Finding]:
        get = next(o for o in within.operations if o.id == GET)
        return list(ResponseFieldMissing().check(Case(GET, seen, get, portal=Portal((within,)))))

    after, (told,) = patched(tmp_path, raw, document, *found(document))
    post = next(o for o in after.operations if o.id == POST)
    assert post.fields[FieldKey(Place.BODY, "size")].required
    assert "`size` may be missing from the answer" in told.suggested_fix
    assert not found(after)


def test_what_one_request_spares_others_may_need(tmp_path: Path) -> None:
    raw = v2("post", "put")
    document = load(tmp_path, raw)
    exchange = Exchange(Request("POST", "/things"), Response(200))
    spared = Observation(
        POST,
        Kind.REMOVE,
        Verdict.ACCEPTED,
        FieldKey(Place.BODY, "size"),
        confirmed=True,
        evidence=(Evidence("probe", exchange, Verdict.ACCEPTED),),
    )
    observed = ObservedContract(POST, (spared,))

    def found(within: Document) -> list[Finding]:
        post = next(o for o in within.operations if o.id == POST)
        return list(RequiredNotEnforced().check(Case(POST, observed, post)))

    after, _ = patched(tmp_path, raw, document, *found(document))
    put = next(o for o in after.operations if o.id == PUT)
    assert put.fields[FieldKey(Place.BODY, "size")].required
    assert not found(after)


def test_only_answers_use_it(tmp_path: Path) -> None:
    """Nothing wrong is said of an answer that has more than is promised."""
    document = load(tmp_path, v3("get"))
    step = {"op": "remove", "path": "/components/schemas/Thing/required"}
    found = Finding(
        "response-field-missing",
        Severity.MAJOR,
        str(GET),
        FindingField("response", "size", 200),
        issue="It is missing.",
        suggested_fix="Take it out.",
        source=Location(document.info.file, "/components/schemas/Thing/properties/size"),
        patch=(step,),
    )
    assert localised([found], Portal((document,)), {}) == (found,)


def of_member(document: Document, word: str, value: Any) -> Finding:
    """Something that is said of a member for one operation."""
    place = f"{shared_pointer(document)}/properties/name"
    return Finding(
        "field-ignored" if word == "readOnly" else "default-mismatch",
        Severity.MAJOR,
        str(POST),
        FindingField("body", "name"),
        issue="It is so.",
        suggested_fix="Say it of `name`.",
        source=Location(document.info.file, place),
        patch=({"op": "add", "path": f"{place}/{word}", "value": value},),
    )


@pytest.mark.parametrize("make", [v2, v3])
def test_what_one_operation_ignores_another_may_take(tmp_path: Path, make: Any) -> None:
    raw = make("post", "put")
    document = load(tmp_path, raw)
    after, (told,) = patched(tmp_path, raw, document, of_member(document, "readOnly", True))
    name = FieldKey(Place.BODY, "name")
    marked = {o.id.method: o.fields[name].schema.read_only for o in after.operations}
    assert marked == {"POST": True, "PUT": False}
    assert told.suggested_fix.startswith("Say it of `name`; for this operation alone")


@pytest.mark.parametrize("make", [v2, v3])
def test_what_one_operation_fills_in_another_may_require(tmp_path: Path, make: Any) -> None:
    raw = make("post", "put")
    document = load(tmp_path, raw)
    both = (of_member(document, "default", "new"), required(document, PUT, "name"))
    after, _ = patched(tmp_path, raw, document, *both)
    name = FieldKey(Place.BODY, "name")
    told = {o.id.method: o.fields[name] for o in after.operations}
    assert {m: f.schema.default for m, f in told.items()} == {"POST": "new", "PUT": MISSING}
    assert {m: f.required for m, f in told.items()} == {"POST": False, "PUT": True}


@pytest.mark.parametrize("make", [v2, v3])
def test_how_long_a_text_may_be_in_one_operation_is_not_known_of_another(
    tmp_path: Path, make: Any
) -> None:
    raw = make("post", "put")
    document = load(tmp_path, raw)
    after, (told,) = patched(tmp_path, raw, document, of_member(document, "minLength", 1))
    name = FieldKey(Place.BODY, "name")
    least = {o.id.method: o.fields[name].schema.min_length for o in after.operations}
    assert least == {"POST": 1, "PUT": None}
    assert "for this operation alone" in told.suggested_fix


def test_a_wrong_default_is_put_right_where_it_stands(tmp_path: Path) -> None:
    """Two defaults of one member would contradict each other."""
    raw = v2("post", "put")
    properties = {**THING["properties"], "name": {"type": "string", "default": "old"}}
    raw["definitions"] = {"Thing": {**THING, "properties": properties}}
    document = load(tmp_path, raw)
    found = of_member(document, "default", "new")
    assert localised([found], Portal((document,)), {}) == (found,)


def test_a_member_of_one_branch_of_a_choice(tmp_path: Path) -> None:
    """Beside the choice it would be required of the other branches too."""
    other = {"type": "object", "properties": {"code": {"type": "string"}}}
    choice = {"oneOf": [{"$ref": "#/components/schemas/Thing"}, other]}
    raw = v3("post", "put", schema=choice)
    document = load(tmp_path, raw)
    after, (told,) = patched(tmp_path, raw, document, required(document, POST, "name"))
    assert needs(after) == {}
    assert told.suggested_fix.startswith("Say in the description of `POST /things`")


def test_an_operation_that_stands_in_another_file(tmp_path: Path) -> None:
    """Its own place can't be changed by a patch of this file: nothing is patched."""
    document = load(tmp_path, v3("post", "put"))
    elsewhere = OperationId("PATCH", "/others")
    (told,) = localised([required(document, elsewhere, "name")], Portal((document,)), {})
    assert told.patch == ()
    assert told.suggested_fix.startswith("Say in the description of `PATCH /others`")
