"""What a patch would contradict in its own document is mended by the same patch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from document_samples import OK, openapi

from checker.documents.portal import load_portal
from checker.domain.exchange import Exchange, Request, Response
from checker.domain.finding import Finding, FindingField, Severity, Verdict
from checker.domain.location import Location
from checker.domain.observation import ObservedContract
from checker.domain.operation import OperationId
from checker.drift.compare.restated_values import restated
from checker.drift.rules.description_conflict import DescriptionConflict
from checker.drift.rules.example_invalid import ExampleInvalid
from checker.fixing import fix_text
from checker.fixing.sealed import sealed
from checker.pipeline.patching.agreement import everywhere
from checker.settings import Settings

SCHEMA = "/paths/~1things/post/requestBody/content/application~1json/schema"
TEXT = {"type": "string"}


def found(*steps: dict[str, Any]) -> Finding:
    return Finding(
        "required-undocumented",
        Severity.MAJOR,
        "POST /things",
        FindingField("body", "size"),
        issue="It is so.",
        suggested_fix="Document it.",
        source=Location("api.json", SCHEMA),
        patch=steps,
    )


def step(op: str, place: str, value: Any) -> dict[str, Any]:
    return {"op": op, "path": SCHEMA + place, "value": value}


SIZE = [step("add", "/properties/size", {"type": "integer"}), step("add", "/required/-", "size")]
ENUM = step("replace", "/properties/kind/enum", ["a", "b", "d"])
FEWER = step("replace", "/properties/kind/enum", ["b", "c"])


@pytest.mark.parametrize(
    ("patches", "example", "words"),
    [
        ([SIZE], {"kind": "a", "size": 1}, ""),
        ([[ENUM]], None, "One of `a`, `d`, `b`."),
        (
            [[step("replace", "/properties/kind/enum", ["b", "c"])]],
            {"kind": "b"},
            "One of `b`, `c`.",
        ),
        (
            [SIZE, [step("replace", "/properties/kind/enum", ["b", "c"])]],
            {"kind": "b", "size": 1},
            "",
        ),
    ],
)
def test_examples_and_words_follow(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    patches: list[list[dict[str, Any]]],
    example: Any,
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    kind: dict[str, Any] = {**TEXT, "enum": ["a", "b", "c"]}
    if words:
        kind["description"] = "One of `a`, `b`, `c`." if "d" not in words else "One of `a`, `b`."
        kind["enum"] = ["a", "b"] if "d" in words else kind["enum"]
    body: dict[str, Any] = {"schema": {"type": "object", "properties": {"kind": kind}}}
    if example is not None:
        body["example"] = {"kind": "a"}
    post = {"requestBody": {"content": {"application/json": body}}, "responses": OK}
    Path("api.json").write_text(json.dumps(openapi(paths={"/things": {"post": post}})))
    portal = load_portal([Path("api.json")], Settings())
    told = everywhere(sealed([found(*p) for p in patches], portal), portal, {})
    fixed = fix_text("api.json", Path("api.json").read_text(), told)
    assert len(fixed.applied) == len(patches)
    Path("api.json").write_text(fixed.after)
    after = load_portal([Path("api.json")], Settings())
    for rule in (ExampleInvalid(), DescriptionConflict()):
        assert not list(rule.check_documents(after, {}))
    made = json.loads(fixed.after)["paths"]["/things"]["post"]["requestBody"]["content"]
    media = made["application/json"]
    if example is not None:
        assert media["example"] == example
    if words:
        assert media["schema"]["properties"]["kind"]["description"] == words


@pytest.mark.parametrize(
    ("text", "words", "schema", "wanted"),
    [
        ("How many. Default: 3.", 3, 5, "How many. Default: 5."),
        ("At most 13, default 3.", 3, 5, "At most 13, default 5."),
        ("3 of 3 at most.", 3, 5, ""),
        ("1.3 is no 3.", 3, 5, "1.3 is no 5."),
        ("One of a, b, c.", ["a", "b", "c"], ["a", "c"], "One of a, c."),
        ("One of a, b, c.", ["a", "b", "c"], ["a", "b"], "One of a, b."),
        ("`a` or `b`.", ["a", "b"], ["a"], ""),
        ("`a` or `b`.", ["a", "b"], ["a", "b", "c"], "`a`, `c` or `b`."),
    ],
)
def test_values_are_restated_where_they_are_plainly_one_place(
    text: str, words: Any, schema: Any, wanted: str
) -> None:
    assert restated(text, words, schema) == wanted


def test_where_others_name_their_tokens_a_new_requirement_names_them_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    key = {"type": "apiKey", "in": "header", "name": "X-Key"}
    one = {"description": "For staff tokens only.", "security": [{"key": []}], "responses": OK}
    paths = {"/a": {"get": one}, "/b": {"get": {"responses": OK}}}
    schemes = {"securitySchemes": {"key": key}}
    Path("api.json").write_text(json.dumps(openapi(paths=paths, components=schemes)))
    portal = load_portal([Path("api.json")], Settings())
    added = [
        {"op": "add", "path": "/paths/~1b/get/security", "value": [{"key": []}]},
        {"op": "add", "path": "/paths/~1b/post", "value": {**one, "description": "Makes one."}},
    ]
    get, post = OperationId("GET", "/b"), OperationId("POST", "/b")
    finding = found(*added).with_(operation=str(get), also_operations=(str(post),))
    observed = {
        o: ObservedContract(
            o,
            exchanges=(
                (Exchange(Request(o.method, o.path, token="app"), Response(200)), Verdict.ACCEPTED),
            ),
        )
        for o in (get, post)
    }
    (told,) = everywhere(sealed([finding], portal), portal, observed)
    made = json.loads(fix_text("api.json", Path("api.json").read_text(), [told]).after)
    assert made["paths"]["/b"]["get"]["description"] == "For app tokens only."
    assert made["paths"]["/b"]["post"]["description"] == "Makes one. For app tokens only."
