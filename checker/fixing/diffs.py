"""Unified diffs of large texts with few changes, in time that grows with the text only.

difflib looks for the longest match anywhere, which takes minutes in a file of some hundred
thousand similar lines. Here both texts are walked side by side; difflib sees only the stretches
in which they differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

Opcode = tuple[str, int, int, int, int]
CONTEXT = 3
_SURE = 12
"""So many equal lines in a row: the texts are in step again."""
_MOST = 4_000_000
"""Lines times lines that difflib may compare."""
_REACH = 600
"""How far the next equal lines are looked for."""


def unified(before: str, after: str, old: str, new: str) -> str:
    """What `diff -u` shows; empty where nothing differs."""
    if before == after:
        return ""
    one, two = before.splitlines(keepends=True), after.splitlines(keepends=True)
    matcher: SequenceMatcher[str] = SequenceMatcher(None, "", "")
    matcher.opcodes = list(opcodes(one, two))  # type: ignore[attr-defined]
    lines = [f"--- {old}\n", f"+++ {new}\n"]
    for group in matcher.get_grouped_opcodes(CONTEXT):
        first, last = group[0], group[-1]
        spans = _span(first[1], last[2]), _span(first[3], last[4])
        lines.append(f"@@ -{spans[0]} +{spans[1]} @@\n")
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                lines += [" " + line for line in one[i1:i2]]
                continue
            lines += ["-" + line for line in one[i1:i2]]
            lines += ["+" + line for line in two[j1:j2]]
    return "".join(
        line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines
    )


def _alike_from(one: Sequence[str], two: Sequence[str], i: int, j: int) -> int:
    """How many entries from here on are the same in both."""
    same = 0
    while i + same < len(one) and j + same < len(two) and one[i + same] == two[j + same]:
        same += 1
    return same


def opcodes(one: Sequence[str], two: Sequence[str]) -> Iterator[Opcode]:
    """difflib's opcodes."""
    i = j = 0
    while i < len(one) or j < len(two):
        same = _alike_from(one, two, i, j)
        if same:
            yield "equal", i, i + same, j, j + same
            i, j = i + same, j + same
        if i == len(one) and j == len(two):
            return
        to_i, to_j = _in_step(one, two, i, j)
        if (to_i - i) * (to_j - j) > _MOST:
            yield "replace", i, to_i, j, to_j
            return
        inner = SequenceMatcher(None, one[i:to_i], two[j:to_j], autojunk=False)
        for tag, i1, i2, j1, j2 in inner.get_opcodes():
            yield tag, i + i1, i + i2, j + j1, j + j2
        i, j = to_i, to_j


def _in_step(one: Sequence[str], two: Sequence[str], i: int, j: int) -> tuple[int, int]:
    """Where, after a difference at i and j, the texts are the same again."""
    for distance in range(1, 2 * _REACH):
        for gone in range(max(0, distance - _REACH), min(distance, _REACH) + 1):
            a, b = i + gone, j + distance - gone
            if a > len(one) or b > len(two):
                continue
            same = one[a : a + _SURE]
            if same and same == two[b : b + _SURE]:
                return a, b
    return len(one), len(two)


def _span(start: int, stop: int) -> str:
    length = stop - start
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"
