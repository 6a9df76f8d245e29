"""Patches on the text of JSON and YAML files."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
import yaml
from report_samples import make_finding

from checker.domain.location import Location
from checker.fixing import fix_text, overlay, unified_diff
from checker.fixing.apply import Fixed
from checker.fixing.json_patch import Operation, applied, get
from checker.fixing.sealed import seal
from checker.fixing.yaml_text import compose, data

JSON = """{
  "swagger": "2.0",   "info": {"title": "T", "version": "1"},
  "paths": {
    "/a": {
      "post": {
        "description": "Makes an a.",
        "required": ["x", "y"],
        "parameters": [
          {"name": "one", "in": "query"},
          {"name": "two", "in": "query"}
        ],
        "empty": {},
        "none": []
      }
    }
  }
}
"""

YAML = """# The API
openapi: 3.0.0
info: {title: T, version: "1"}   # inline
paths:
  /a:
    post:
      description: >-
        Makes
        an a.
      required: [x, y]   # both
      parameters:
        - name: one   # first
          in: query
        - name: two
          in: query

      # about the answers
      responses:
        200:
          description: "fine"
        '404': {description: gone}
      empty: {}
      nothing:
  /b:
    get:
      summary: last
"""


def patched(text: str, *patches: list[dict[str, Any]]) -> Fixed:
    findings = [
        make_finding(patch=tuple(patch), source=Location("f"), fingerprint=str(number))
        for number, patch in enumerate(patches)
    ]
    return fix_text("f", text, findings)


def changed_lines(fixed: Fixed) -> list[str]:
    return [
        line
        for line in unified_diff(fixed).splitlines()
        if line[:1] in "+-" and line[:3] not in ("+++", "---")
    ]


POST = "/paths/~1a/post"


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        (
            {"op": "add", "path": f"{POST}/required/-", "value": "z"},
            ['-        "required": ["x", "y"],', '+        "required": ["x", "y", "z"],'],
        ),
        (
            {"op": "remove", "path": f"{POST}/required/0"},
            ['-        "required": ["x", "y"],', '+        "required": ["y"],'],
        ),
        (
            {"op": "replace", "path": f"{POST}/description", "value": 'New "one".'},
            [
                '-        "description": "Makes an a.",',
                '+        "description": "New \\"one\\".",',
            ],
        ),
        (
            {"op": "add", "path": f"{POST}/parameters/0/required", "value": True},
            [
                '-          {"name": "one", "in": "query"},',
                '+          {"name": "one", "in": "query", "required": true},',
            ],
        ),
        (
            {"op": "remove", "path": f"{POST}/description"},
            ['-        "description": "Makes an a.",'],
        ),
        (
            {"op": "add", "path": f"{POST}/responses", "value": {"200": {"enum": ["a"]}}},
            [
                '-        "none": []',
                '+        "none": [],',
                '+        "responses": {',
                '+          "200": {',
                '+            "enum": ["a"]',
                "+          }",
                "+        }",
            ],
        ),
        (
            {"op": "add", "path": f"{POST}/empty/k", "value": 1},
            ['-        "empty": {},', '+        "empty": {', '+          "k": 1', "+        },"],
        ),
        (
            {"op": "remove", "path": f"{POST}/parameters/1"},
            [
                '-          {"name": "one", "in": "query"},',
                '-          {"name": "two", "in": "query"}',
                '+          {"name": "one", "in": "query"}',
            ],
        ),
    ],
)
def test_json_keeps_the_rest(patch: dict[str, Any], expected: list[str]) -> None:
    fixed = patched(JSON, [patch])
    assert not fixed.skipped
    assert changed_lines(fixed) == expected


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        (
            {"op": "add", "path": f"{POST}/required/-", "value": "z"},
            ["-      required: [x, y]   # both", "+      required: [x, y, z]   # both"],
        ),
        (
            {"op": "replace", "path": f"{POST}/description", "value": "Short: yes"},
            [
                "-      description: >-",
                "-        Makes",
                "-        an a.",
                '+      description: "Short: yes"',
            ],
        ),
        (
            {"op": "add", "path": f"{POST}/parameters/0/required", "value": True},
            ["+          required: true"],
        ),
        (
            {"op": "add", "path": f"{POST}/parameters/-", "value": {"name": "three"}},
            ["+        - name: three"],
        ),
        (
            {"op": "add", "path": f"{POST}/responses/422", "value": {"description": "no"}},
            ["+        '422':", '+          description: "no"'],
        ),
        (
            {"op": "remove", "path": f"{POST}/parameters/0"},
            ["-        - name: one   # first", "-          in: query"],
        ),
        (
            {"op": "remove", "path": f"{POST}/parameters/0/name"},
            ["-        - name: one   # first", "-          in: query", "+        - in: query"],
        ),
        (
            {"op": "remove", "path": f"{POST}/responses/200"},
            ["-        200:", '-          description: "fine"'],
        ),
        (
            {"op": "replace", "path": f"{POST}/nothing", "value": 3},
            ["-      nothing:", "+      nothing: 3"],
        ),
        (
            {"op": "add", "path": f"{POST}/empty/enum", "value": ["a", "null"]},
            ["-      empty: {}", '+      empty: {enum: [a, "null"]}'],
        ),
        (
            {"op": "add", "path": "/paths/~1b/get/tags", "value": ["a", "b"]},
            ["+      tags:", "+        - a", "+        - b"],
        ),
        (
            {"op": "replace", "path": "/info/title", "value": "Now: T"},
            [
                '-info: {title: T, version: "1"}   # inline',
                '+info: {title: "Now: T", version: "1"}   # inline',
            ],
        ),
        (
            {"op": "add", "path": "/paths/~1b/get/description", "value": "two\nlines\n"},
            ["+      description: |", "+        two", "+        lines"],
        ),
        (
            {"op": "remove", "path": "/paths/~1b/get"},
            ["-  /b:", "-    get:", "-      summary: last", "+  /b: {}"],
        ),
    ],
)
def test_yaml_keeps_the_rest(patch: dict[str, Any], expected: list[str]) -> None:
    fixed = patched(YAML, [patch])
    assert not fixed.skipped
    assert changed_lines(fixed) == expected


def test_two_findings_that_add_the_same_list_are_put_together() -> None:
    fixed = patched(
        JSON,
        [{"op": "add", "path": f"{POST}/enum", "value": ["a"]}],
        [{"op": "add", "path": f"{POST}/enum", "value": ["b"]}],
        [{"op": "add", "path": f"{POST}/required/-", "value": "z"}],
        [{"op": "add", "path": f"{POST}/required/-", "value": "z"}],
    )
    post = json.loads(fixed.after)["paths"]["/a"]["post"]
    assert post["enum"] == ["a", "b"]
    assert post["required"] == ["x", "y", "z"]


def test_a_list_that_is_not_there_yet_begins_with_the_value() -> None:
    fixed = patched(
        JSON,
        [{"op": "add", "path": f"{POST}/empty/required/-", "value": "a"}],
        [{"op": "add", "path": f"{POST}/empty/required/-", "value": "b"}],
        [{"op": "add", "path": "/no/where/required/-", "value": "b"}],
    )
    assert json.loads(fixed.after)["paths"]["/a"]["post"]["empty"] == {"required": ["a", "b"]}
    assert len(fixed.skipped) == 1


def test_two_sentences_in_one_description_are_both_kept() -> None:
    path = f"{POST}/description"
    fixed = patched(
        JSON,
        [{"op": "replace", "path": path, "value": "Makes an a. Needs b."}],
        [{"op": "replace", "path": path, "value": "Makes an a. Needs c."}],
    )
    post = json.loads(fixed.after)["paths"]["/a"]["post"]
    assert post["description"] == "Makes an a. Needs b. Needs c."


def test_positions_follow_earlier_removals() -> None:
    fixed = patched(
        JSON,
        [{"op": "remove", "path": f"{POST}/required/0"}],
        [{"op": "remove", "path": f"{POST}/required/1"}],
        [{"op": "remove", "path": f"{POST}/parameters/0"}],
        [{"op": "add", "path": f"{POST}/parameters/1/required", "value": True}],
    )
    post = json.loads(fixed.after)["paths"]["/a"]["post"]
    assert "required" not in post, "Swagger 2.0 and OpenAPI 3.0 want one entry at least"
    assert post["parameters"] == [{"name": "two", "in": "query", "required": True}]


def test_what_does_not_fit_is_left_out_with_a_reason() -> None:
    fixed = patched(
        JSON,
        [{"op": "replace", "path": "/nowhere/x", "value": 1}],
        [{"op": "test", "path": "/swagger", "value": "3.0"}],
        [{"op": "replace", "path": "/swagger", "value": "2.1"}],
        [{"op": "replace", "path": "/swagger", "value": "9"}],
    )
    assert len(fixed.applied) == 1
    reasons = [why for _, why in fixed.skipped]
    assert reasons[0] == "there is no 'nowhere'"
    assert "isn't as it was" in reasons[1]
    assert "another fix" in reasons[2]


def test_an_alias_is_not_changed_behind_the_users_back() -> None:
    text = "a: &x\n  k: 1\nb: *x\n"
    fixed = patched(text, [{"op": "replace", "path": "/b/k", "value": 2}])
    assert fixed.after == text
    assert fixed.skipped


ANCHORS = """# about it
x-common: &error   # used three times
  type: object
  properties:
    code: {type: integer, default: "7"}   # wrong
one: *error
two:
  <<: *error
  required: [code, code]
"""


def test_what_stands_once_is_changed_once_for_all_that_use_it() -> None:
    places = [f"/{name}/properties/code/default" for name in ("one", "two")]
    fixed = patched(ANCHORS, [{"op": "replace", "path": place, "value": 7} for place in places])
    assert fixed.applied
    assert changed_lines(fixed) == [
        '-    code: {type: integer, default: "7"}   # wrong',
        "+    code: {type: integer, default: 7}   # wrong",
    ]


def test_a_double_in_a_list_goes_once() -> None:
    patch = seal([{"op": "remove", "path": "/two/required/1"}], data(compose(ANCHORS)))
    fixed = patched(ANCHORS, list(patch), list(patch))
    assert changed_lines(fixed) == ["-  required: [code, code]", "+  required: [code]"]
    assert len(patched(fixed.after, list(patch)).already) == 1


@pytest.mark.parametrize("text", ["", "a: [", "{", "- &a [*a]"])
def test_broken_files_are_left_alone(text: str) -> None:
    fixed = patched(text, [{"op": "add", "path": "/x", "value": 1}])
    assert fixed.after == text and fixed.skipped


def test_line_ends_and_the_byte_order_mark_stay() -> None:
    text = "\ufeff" + JSON.replace("\n", "\r\n")
    fixed = patched(text, [{"op": "add", "path": "/paths/~1a/post/new", "value": {"a": 1}}])
    assert not fixed.skipped
    assert fixed.after.startswith("\ufeff{\r\n")
    assert "\n" not in fixed.after.replace("\r\n", "")


def test_minified_json_stays_minified() -> None:
    text = '{"a":{"b":[1,2]}}'
    fixed = patched(text, [{"op": "add", "path": "/a/c", "value": {"d": [3]}}])
    assert fixed.after == '{"a":{"b":[1,2],"c":{"d":[3]}}}'


def places(document: Any, prefix: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = [prefix] if prefix else []
    items = (
        document.items()
        if isinstance(document, dict)
        else enumerate(document)
        if isinstance(document, list)
        else ()
    )
    for key, value in items:
        found += places(value, (*prefix, str(key)))
    return found


@pytest.mark.parametrize("text", [JSON, YAML, yaml.safe_dump(json.loads(JSON))])
@pytest.mark.parametrize("op", ["add", "replace", "remove"])
def test_any_operation_at_any_place_means_the_same_as_on_the_value(text: str, op: str) -> None:
    """`fix_text` checks its own result: what matters is that nothing is left out."""
    chance = random.Random(op)
    values = [
        "w",
        "two\nlines",
        1,
        True,
        None,
        {"k": ["v"]},
        [],
        {},
        ["a", {"b": 1}],
        "a: b #c",
        "",
    ]
    document = data(compose(text))
    for tokens in places(document):
        pointer = "".join("/" + t.replace("~", "~0").replace("/", "~1") for t in tokens)
        if op == "add" and isinstance(get(document, tokens), dict):
            pointer += "/new key"
            tokens = (*tokens, "new key")
        elif op == "add" and isinstance(get(document, tokens), list):
            pointer += "/-"
            tokens = (*tokens, "-")
        value = chance.choice(values)
        fixed = patched(text, [{"op": op, "path": pointer, "value": value}])
        assert not fixed.skipped, (pointer, value, fixed.skipped)
        after = data(compose(fixed.after))
        assert after == applied(document, Operation(op, tokens, value)), (pointer, value)


def test_overlay_actions_do_what_the_patches_do() -> None:
    document = json.loads(JSON)
    patch = (
        {"op": "add", "path": f"{POST}/required/-", "value": "z"},
        {"op": "replace", "path": f"{POST}/description", "value": "New."},
        {"op": "remove", "path": f"{POST}/empty"},
        {"op": "replace", "path": f"{POST}/parameters/0", "value": {"name": "n"}},
        {"op": "replace", "path": f"{POST}/none", "value": ["q"]},
    )
    finding = make_finding(patch=patch, source=Location("f"))
    content = overlay("f", document, [finding], "Fixes")
    assert content["overlay"] == "1.0.0" and content["extends"] == "f"
    actions = [{k: v for k, v in a.items() if k != "description"} for a in content["actions"]]
    post = "$['paths']['/a']['post']"
    assert actions == [
        {"target": f"{post}['required']", "remove": True},
        {"target": post, "update": {"required": ["x", "y", "z"]}},
        {"target": post, "update": {"description": "New."}},
        {"target": f"{post}['empty']", "remove": True},
        {"target": f"{post}['parameters']", "remove": True},
        {"target": post, "update": {"parameters": [{"name": "n"}, {"name": "two", "in": "query"}]}},
        {"target": f"{post}['none']", "remove": True},
        {"target": post, "update": {"none": ["q"]}},
    ]
