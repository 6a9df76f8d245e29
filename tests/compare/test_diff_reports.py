"""The diff's renderers."""

from __future__ import annotations

import json

from checker.domain.location import Location
from checker.domain.operation import OperationId
from checker.drift.compare import Change
from checker.reporting.diff import render_diff_json, render_diff_markdown

GET, POST = OperationId("GET", "/a"), OperationId("POST", "/a")


def change(kind: str, breaking: bool, operation: OperationId, text: str) -> Change:
    return Change(
        kind=kind,
        direction="request",
        breaking=breaking,
        operation=operation,
        place="query",
        name="x",
        old={"maxLength": 1},
        new=None,
        old_location=Location("old.json", "/paths/~1a", line=3, column=1),
        new_location=Location("new.json", "/paths/~1a"),
        text=text,
        operations=(operation, POST),
    )


def test_no_differences() -> None:
    assert "No differences" in render_diff_markdown(())
    assert json.loads(render_diff_json(())) == {"breaking": 0, "changes": []}


def test_markdown() -> None:
    changes = (
        change("bound-changed", False, GET, "Harmless."),
        change("parameter-removed", True, POST, "Bad | <b>\nnews."),
    )
    text = render_diff_markdown(changes)
    assert "2 differences, 1 breaking" in text
    assert text.index("## POST /a") < text.index("## GET /a")
    assert "Bad \\| &lt;b> news." in text
    assert "(also in 1 other operation)" in text
    assert "old.json:3 /paths/~1a" in text
    rows = [line for line in text.splitlines() if line.startswith("| yes")]
    assert len(rows) == 1


def test_json() -> None:
    (entry,) = json.loads(render_diff_json((change("bound-changed", True, GET, "Words."),)))[
        "changes"
    ]
    assert entry["kind"] == "bound-changed"
    assert entry["breaking"] is True
    assert entry["field"] == {"in": "query", "name": "x"}
    assert entry["also_operations"] == ["POST /a"]
    assert entry["old"] == {"maxLength": 1}
    assert entry["old_source"] == {
        "file": "old.json", "pointer": "/paths/~1a", "line": 3, "column": 1
    }  # fmt: skip
