"""Diffs: as difflib has them, and fast where difflib isn't."""

from __future__ import annotations

import difflib

from hypothesis import given
from hypothesis import strategies as st

from checker.fixing.diffs import opcodes, unified

TEXT = st.lists(st.sampled_from(["a\n", "b\n", "{\n", "}\n"]), max_size=30).map("".join)


def patched(before: str, after: str) -> str:
    """`before` with the opcodes' changes taken over."""
    one, two = before.splitlines(keepends=True), after.splitlines(keepends=True)
    made: list[str] = []
    at = 0
    for tag, i1, i2, j1, j2 in opcodes(one, two):
        assert i1 == at
        made += one[i1:i2] if tag == "equal" else two[j1:j2]
        at = i2
    return "".join(made)


@given(TEXT, TEXT)
def test_the_opcodes_lead_from_one_to_the_other(before: str, after: str) -> None:
    assert patched(before, after) == after


def test_few_changes_look_as_difflib_has_them() -> None:
    lines = [f"line {n}\n" for n in range(100)]
    changed = [*lines[:10], "new\n", *lines[10:50], "other\n", *lines[51:80], *lines[82:], "end"]
    before, after = "".join(lines), "".join(changed)
    wanted = "".join(difflib.unified_diff(lines, changed, "a/x", "b/x"))
    assert unified(before, after, "a/x", "b/x") == wanted + "\n\\ No newline at end of file\n"
    assert unified(before, before, "a/x", "b/x") == ""


def test_many_similar_lines() -> None:
    before = '{\n  "type": "string"\n},\n' * 60_000
    at = before.index("string", 1_000_000)
    after = before[:at] + "number" + before[at + 6 :]
    text = unified(before, after, "a/x", "b/x")
    assert text.count("\n-") == 1 and text.count("\n+") == 1 + 1
