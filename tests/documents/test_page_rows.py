"""A row of a page's table says something else, in one cell and as the page writes it."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest
from report_samples import make_finding

from checker.documents.page_rows import row_patch
from checker.domain.location import Location
from checker.drift.compare.restated_values import restated
from checker.fixing import fix_text

PAGE = """# A thing

| Field | Type | Required | Description |
|---|:--|---|---|
| `name` | `string` (up to 9) | ✓ | The name. |
| count | integer | ✗ | How many, 3 by default. |
| kind  | enum<string> | Yes | One of `a`, `b`, `c`. |

Field | Required
--- | ---
only | yes

| Field | Type
name | string
"""


@pytest.mark.parametrize(
    ("line", "aspect", "new", "wanted"),
    [
        (5, "type", "integer", "| `name` | `integer` (up to 9) | ✓ | The name. |"),
        (5, "required", False, "| `name` | `string` (up to 9) | ✗ | The name. |"),
        (6, "required", True, "| count | integer | ✓ | How many, 3 by default. |"),
        (7, "required", False, "| kind  | enum<string> | ✗ | One of `a`, `b`, `c`. |"),
        (11, "required", False, "only | no"),
        (11, "type", "integer", None),
        (3, "type", "integer", None),
        (1, "type", "integer", None),
        (14, "type", "integer", None),
        (99, "type", "integer", None),
    ],
)
def test_one_cell_is_written_anew(line: int, aspect: str, new: Any, wanted: str | None) -> None:
    patch = row_patch(PAGE, line, aspect, new, lambda _: "")
    assert [step["value"] for step in patch if step["op"] == "replace"] == (
        [] if wanted is None else [wanted]
    )


@pytest.mark.parametrize(
    ("line", "told", "said", "wanted"),
    [
        (6, 3, 5, "| count | integer | ✗ | How many, 5 by default. |"),
        (7, ["a", "b", "c"], ["a", "c"], "| kind  | enum<string> | Yes | One of `a`, `c`. |"),
        (6, 4, 5, None),
    ],
)
def test_values_are_restated_in_the_cell_that_names_them(
    line: int, told: Any, said: Any, wanted: str | None
) -> None:
    patch = row_patch(PAGE, line, "enum", said, partial(restated, words=told, schema=said))
    assert [step["value"] for step in patch[1:]] == ([] if wanted is None else [wanted])


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("above", ["", "One more line.\n"])
def test_the_line_is_found_where_it_is_now_and_nothing_else_changes(
    line_end: str, above: str
) -> None:
    patch = row_patch(PAGE, 6, "required", True, lambda _: "")
    finding = make_finding(patch=patch, source=Location("a.md", line=6))
    text = (above + PAGE).replace("\n", line_end)
    fixed = fix_text("a.md", text, [finding])
    assert fixed.applied and fixed.after == text.replace("integer | ✗", "integer | ✓")
    assert fix_text("a.md", fixed.after, [finding]).already
    changed = fix_text("a.md", text.replace("How many", "So many"), [finding])
    assert changed.skipped and changed.after == changed.before
    assert json.dumps(patch)


def test_a_line_that_says_it_already_is_found_where_it_is_now() -> None:
    patch = row_patch(PAGE, 6, "required", True, lambda _: "")
    finding = make_finding(patch=patch, source=Location("a.md", line=6))
    text = "One more line.\n" + PAGE.replace("integer | ✗", "integer | ✓")
    assert fix_text("a.md", text, [finding]).already
