"""A fix is written as the file is: its quotes, its folded lines, its order of members."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from report_samples import make_finding

from checker.domain.location import Location
from checker.fixing import fix_text, unified_diff
from checker.fixing.json_patch import Operation
from checker.fixing.json_text import edit
from checker.fixing.order import Order

GET = "/paths/~1a/get"

SINGLE = """openapi: '3.0.3'
paths:
  /a:
    get:
      summary: Read an a
      description: 'Token types: staff.'
      operationId: readA
      responses:
        '200':
          description: Fine.
        '401':
          description: No token.
      security: []
  /b:
    get:
      operationId: readB
      # what comes
      responses:
        '200': {description: Fine.}
    post:
      description: 'It is made where there is none yet, else the one that there is
        is answered: look at its state, since somebody else may change it.'
      responses:
        200:
          description: >-
            Made, as it
            stands now.
"""
DOUBLE = """openapi: "3.0.3"
paths:
  /a:
    get:
      description: "Reads an a."
      responses:
        "200":
          description: "Fine."
"""


def changed(text: str, *steps: dict[str, Any]) -> list[str]:
    """The lines that fixes change, each step a finding of its own."""
    findings = [make_finding(patch=(step,), source=Location("f")) for step in steps]
    fixed = fix_text("f", text, findings)
    assert not fixed.skipped
    assert not fix_text("f", fixed.after, findings).applied
    lines = unified_diff(fixed).splitlines()
    return [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]


@pytest.mark.parametrize(
    ("text", "place", "value", "expected"),
    [
        (
            SINGLE,
            f"{GET}/description",
            "Token types: staff, app.",
            [
                "-      description: 'Token types: staff.'",
                "+      description: 'Token types: staff, app.'",
            ],
        ),
        (
            SINGLE,
            f"{GET}/responses/200/description",
            "It's `fine`.",
            ["-          description: Fine.", "+          description: It's `fine`."],
        ),
        (
            SINGLE,
            f"{GET}/responses/400",
            {"description": "`x` is wrong."},
            ["+        '400':", "+          description: '`x` is wrong.'"],
        ),
        (
            DOUBLE,
            f"{GET}/responses/400",
            {"description": "Wrong."},
            ['+        "400":', '+          description: "Wrong."'],
        ),
        (
            DOUBLE,
            f"{GET}/description",
            "Reads an a or b.",
            ['-      description: "Reads an a."', '+      description: "Reads an a or b."'],
        ),
        (
            SINGLE,
            "/paths/~1b/post/responses/422",
            {"description": "No."},
            ["+        422:", "+          description: No."],
        ),
        (
            SINGLE,
            f"{GET}/security",
            [{"auth": []}],
            ["-      security: []", "+      security:", "+      - auth: []"],
        ),
        (
            SINGLE,
            "/paths/~1b/post/responses/200/description",
            "Made, as it stands now. Needs `b`.",
            ["-            stands now.", "+            stands now. Needs `b`."],
        ),
        (
            SINGLE,
            "/paths/~1b/post/description",
            "It is made where there is none yet, else the one that there is is answered: look at "
            "its state, since somebody else may change it. Needs `b` first.",
            [
                "-        is answered: look at its state, since somebody else may change it.'",
                "+        is answered: look at its state, since somebody else may change it. Needs",
                "+        `b` first.'",
            ],
        ),
        (
            SINGLE,
            "/paths/~1b/get/description",
            "Reads a b.",
            ["+      description: Reads a b."],
        ),
    ],
)
def test_yaml_is_written_as_the_file_is(
    text: str, place: str, value: Any, expected: list[str]
) -> None:
    assert changed(text, {"op": "add", "path": place, "value": value}) == expected


def test_a_comment_stays_above_what_it_speaks_of() -> None:
    finding = make_finding(
        patch=({"op": "add", "path": "/paths/~1b/get/description", "value": "Reads a b."},),
        source=Location("f"),
    )
    after = fix_text("f", SINGLE, [finding]).after
    lines = [line.strip() for line in after.splitlines()]
    at = lines.index("# what comes")
    assert lines[at - 2 : at + 2] == [
        "description: Reads a b.",
        "operationId: readB",
        "# what comes",
        "responses:",
    ]


@pytest.mark.parametrize("value", ["no", "yes", "y", "12:30", "0x1F", "1.10", "", "a: b", "- a"])
@pytest.mark.parametrize("text", [SINGLE, DOUBLE])
def test_what_reads_as_something_else_is_quoted(text: str, value: str) -> None:
    lines = changed(text, {"op": "add", "path": f"{GET}/x-one", "value": value})
    assert yaml.safe_load(lines[0][1:]) == {"x-one": value}
    assert lines[0].rstrip()[-1] in "'\""


def test_a_status_that_is_another_is_renamed_and_what_stands_below_stays() -> None:
    patch = (
        {"op": "remove", "path": f"{GET}/responses/200"},
        {"op": "add", "path": f"{GET}/responses/201", "value": {"description": "Fine."}},
    )
    inside = {"op": "add", "path": f"{GET}/responses/200/x-one", "value": 1}
    findings = [
        make_finding(patch=patch, source=Location("f")),
        make_finding(patch=(inside,), source=Location("f")),
    ]
    for text in (SINGLE, json.dumps(yaml.safe_load(SINGLE), indent=2)):
        fixed = fix_text("f", text, findings)
        assert not fixed.skipped
        responses = yaml.safe_load(fixed.after)["paths"]["/a"]["get"]["responses"]
        assert list(responses) == ["201", "401"]
        assert responses["201"] == {"description": "Fine.", "x-one": 1}
        assert not fix_text("f", fixed.after, findings[:1]).applied
        once = fix_text("f", text, findings[:1])
        lines = [x for x in unified_diff(once).splitlines() if x[0] in "+-" and x[1] == " "]
        assert len(lines) == 2, "one line is another"


@pytest.mark.parametrize(
    ("before", "wanted", "after"),
    [
        (["a", "b", None], ["a", "b", None, "c", "d"], ["a", "b", "c", "d", None]),
        (["a", "b", None], ["b", None, "c"], ["b", "c", None]),
        (["a", "b", None], ["a", "b", "c"], ["a", "b", "c"]),
        (["a", "b"], ["a", "b", None], ["a", "b", None]),
        ([None], [None, "a"], [None, "a"]),
    ],
)
def test_null_stays_the_last_value(before: list[Any], wanted: list[Any], after: list[Any]) -> None:
    patch = (
        {"op": "test", "path": "/enum", "value": before},
        {"op": "replace", "path": "/enum", "value": wanted},
    )
    found = make_finding(patch=patch, source=Location("f"))
    for text in (json.dumps({"enum": before}), yaml.safe_dump({"enum": before})):
        fixed = fix_text("f", text, [found])
        assert not fixed.skipped
        assert yaml.safe_load(fixed.after)["enum"] == after
        assert fix_text("f", fixed.after, [found]).after == fixed.after


OPERATIONS = {
    "a": {"tags": [], "description": "", "parameters": [], "responses": {}, "x-a": 1},
    "b": {"tags": [], "parameters": [], "responses": {}, "x-a": 1},
    "c": {"type": "object", "required": [], "properties": {}},
    "d": {"alpha": 1, "beta": 2, "delta": 3, "gamma": 4},
}


@pytest.mark.parametrize(
    ("name", "members", "place"),
    [
        ("description", ["tags", "parameters", "responses"], 1),
        ("description", ["parameters"], 0),
        ("required", ["type", "properties"], 1),
        ("required", ["type", "properties", "x-b"], 1),
        ("400", ["200", "401", "default"], 1),
        ("503", ["200", "401", "default"], 2),
        ("charlie", ["alpha", "beta", "delta", "gamma"], 2),
        ("zeta", ["beta", "alpha", "delta", "gamma"], 4),
        ("summary", ["operationId", "responses"], 0),
        ("new", ["one", "two"], 2),
        ("new", [], 0),
    ],
)
def test_a_member_stands_where_it_does_elsewhere(name: str, members: list[str], place: int) -> None:
    assert Order(OPERATIONS).place(name, members) == place


@pytest.mark.parametrize("pattern", ["[01]", '":[1]', "[1, 2]"])
def test_a_pattern_is_no_list_in_one_line(pattern: str) -> None:
    document = {"pattern": pattern, "tags": ["a"]}
    text = json.dumps(document, indent=2)
    step = Operation("add", ("produces",), ["x", "y"])
    assert edit(text, step) == json.dumps({**document, "produces": ["x", "y"]}, indent=2)
    inline = text.replace('[\n    "a"\n  ]', '["a"]')
    assert '"produces": ["x", "y"]' in edit(inline, step)
