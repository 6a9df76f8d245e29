"""What a run learned put into the sections of a record beside what people wrote there. Pure.

Only what carries the data is written anew: the block, the rows that are about the same, the rows
that an earlier run wrote. Sentences, rows and columns that people added stay byte for byte.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from checker.documents.workflow_text import blocks, cells
from checker.domain.workflow import UidResolution

FIX_HEADER = ("Field", "Issue", "Suggested Fix", "Severity")
UID_HEADER = ("UID Field", "Source Endpoint", "Fallback (Create)", "Used Fallback")
NO_FIXES = "No documentation fixes are suggested."
NO_UIDS = "No UIDs need to be resolved for this endpoint."
_UIDS_FOLLOW = "How to obtain required UIDs for this endpoint:"
_OWN_ROWS = re.compile(r"<!-- driftcheck wrote the rows ((?:[0-9a-f]{8} ?)+)-->\Z")
Block = tuple[str, list[str]]


def cell(value: Any) -> str:
    """A text in a table cell: one line, pipes escaped."""
    return " ".join(str(value).split()).replace("|", "\\|")


def row(values: Iterable[Any]) -> str:
    """A line of a pipe table."""
    return f"| {' | '.join(cell(v) for v in values)} |"


def table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    """The lines of a pipe table as the seeds have it."""
    rule = f"|{'|'.join('-' * (len(h) + 2) for h in header)}|"
    return [row(header), rule, *(row(r) for r in rows)]


def json_block(value: Any) -> list[str]:
    """The lines of a fenced JSON block."""
    return ["```json", *json.dumps(value, indent=2, ensure_ascii=False).split("\n"), "```"]


def with_block(text: str, block: Sequence[str]) -> str:
    """A section's text with its fenced block replaced, or with one where there is none."""
    body = _Body(text)
    at = body.first("fence")
    if at is None:
        body.append("fence", block)
    else:
        body.replace(at, block)
    return body.text


def with_steps(text: str, block: Sequence[str]) -> str:
    """The same where all blocks of a section together are the steps."""
    body = _Body(text)
    first = body.first("fence")
    body.parts = [p for n, p in enumerate(body.parts) if p[0] != "fence" or n == first]
    return with_block(body.text, block)


def _put_uid_table(body: _Body, resolutions: Sequence[UidResolution]) -> None:
    """Brings the table up to date, or adds one."""
    at = body.first("table")
    if at is not None:
        body.replace(at, _uid_table(body.bare(at), resolutions))
        return
    if not body.says_something:
        body.append("text", [_UIDS_FOLLOW])
    body.append("table", table(UID_HEADER, ([r.field, *_cells(r)] for r in resolutions)))


def with_uids(text: str, resolutions: Sequence[UidResolution]) -> str:
    """The text of UID Resolution with these identifiers: their rows and members are brought up to
    date or added, others stay."""
    body = _Body(text)
    if not resolutions:
        if not body.says_something:
            body.append("text", [NO_UIDS])
        return body.text
    body.drop(lambda line: line.strip() == NO_UIDS)
    fence = body.first("fence")
    known = _data(body.parts[fence][1]) if fence is not None else {}
    _put_uid_table(body, resolutions)
    if known is None:
        return body.text  # no JSON object: it is somebody's own
    merged = {**known, **{r.field: _member(r, known.get(r.field)) for r in resolutions}}
    if fence is None:
        body.append("fence", json_block(merged))
    elif merged != known:
        body.replace(fence, json_block(merged))
    return body.text


def with_fixes(text: str, rows: Sequence[Mapping[str, str]]) -> str:
    """The text of Documentation Fix Suggestions with these rows in place of those that an earlier
    run wrote; rows that somebody wrote or changed stay."""
    body = _Body(text)
    own = body.marked()
    body.drop(lambda line: line.strip() == NO_FIXES or bool(_OWN_ROWS.match(line.strip())))
    at = body.first("table")
    lines = body.bare(at) if at is not None else table(FIX_HEADER, ())
    header = cells(lines[0])
    new = [row([r.get(name, "") for name in header]) for r in rows]
    about = {_about(header, line) for line in new}
    theirs = [
        line for line in lines[2:] if _digest(line) not in own and _about(header, line) not in about
    ]
    if new or theirs:
        _put_fixes(body, at, [*lines[:2], *theirs, *new], new)
        return body.text
    if at is not None:
        del body.parts[at]
    if not body.says_something:
        body.append("text", [NO_FIXES])
    return body.text


def _put_fixes(body: _Body, at: int | None, grown: Sequence[str], new: Sequence[str]) -> None:
    """Puts the table in, and below it the mark of the rows that are the run's."""
    if at is None:
        at = body.append("table", list(grown))
    else:
        body.replace(at, list(grown))
    if new:
        body.insert(at + 1, ["", _mark(list(new))])


class _Body:
    """A section's text in parts; what isn't replaced stays as it was, byte for byte."""

    def __init__(self, text: str) -> None:
        self.parts: list[Block] = blocks(text)
        self._return = "\r" if "\r\n" in text else ""

    @property
    def text(self) -> str:
        return "\n".join(line for _, lines in self.parts for line in lines)

    @property
    def says_something(self) -> bool:
        return any(line.strip() for _, lines in self.parts for line in lines)

    def first(self, kind: str) -> int | None:
        """Where the first part of a kind is."""
        return next((n for n, part in enumerate(self.parts) if part[0] == kind), None)

    def bare(self, at: int) -> list[str]:
        """The lines of a part without carriage returns."""
        return [line.removesuffix("\r") for line in self.parts[at][1]]

    def replace(self, at: int, lines: Sequence[str]) -> None:
        """Other lines for a part; those that it had already stay as they were."""
        kind, old = self.parts[at]
        known = {line.removesuffix("\r"): line for line in old}
        self.parts[at] = kind, [known.get(line, line + self._return) for line in lines]

    def insert(self, at: int, lines: Sequence[str]) -> None:
        """Lines before a part."""
        self.parts.insert(at, ("text", [line + self._return for line in lines]))

    def append(self, kind: str, lines: Sequence[str]) -> int:
        """Lines at the end, in a paragraph of their own; which part they are."""
        tail: list[str] = []
        while self.parts and self.parts[-1][0] == "text":
            last = self.parts[-1][1]
            while last and not last[-1].strip():
                tail.insert(0, last.pop())
            if last:
                break
            self.parts.pop()
        if not self.parts:  # what is left of the heading's line
            self.parts.append(("text", [tail.pop(0) if tail else self._return]))
        new = [line + self._return for line in lines]
        tail = tail[-2:]
        if not tail:
            new[-1] = new[-1].removesuffix("\r")
        self.parts += [("text", [self._return]), (kind, new), ("text", tail)]
        return len(self.parts) - 2

    def drop(self, wanted: Callable[[str], bool]) -> None:
        """Without the lines of text that are wanted out, and the blank line above each."""
        for at, (kind, lines) in enumerate(self.parts):
            kept: list[str] = []
            for line in lines:
                if kind != "text" or not wanted(line.removesuffix("\r")):
                    kept.append(line)
                elif len(kept) > (at == 0) and not kept[-1].strip():  # not the heading's own end
                    kept.pop()
            self.parts[at] = kind, kept

    def marked(self) -> set[str]:
        """The digests of the rows that an earlier run wrote."""
        text = (line.strip() for kind, lines in self.parts if kind == "text" for line in lines)
        return {d for line in text if (m := _OWN_ROWS.match(line)) for d in m[1].split()}


def _cells(r: UidResolution) -> list[str]:
    return [r.source_endpoint, r.fallback_endpoint or "-", "Yes" if r.used_fallback else "No"]


def _field_column(header: Sequence[str]) -> int:
    return next((n for n, h in enumerate(header) if "field" in h or h == "uid"), 0)


def _uid_table(lines: Sequence[str], resolutions: Sequence[UidResolution]) -> list[str]:
    header = [name.lower() for name in cells(lines[0])]
    place = _field_column(header)
    made, left = list(lines), {cell(r.field).strip("`"): r for r in resolutions}
    for number, line in enumerate(lines[2:], 2):
        found = cells(line)
        r = left.pop("".join(found[place : place + 1]).strip("`"), None)
        if r is not None:
            changed = [_updated(h, c, r) for h, c in zip(header, found, strict=False)]
            made[number] = line if changed == found else row(changed)
    for r in left.values():
        new = [_updated(name, "", r) for name in header]
        made.append(row([*new[:place], r.field, *new[place + 1 :]]))
    return made


def _updated(header: str, old: str, r: UidResolution) -> str:
    """What a cell of an identifier's row says now; a fallback that is known stays."""
    if "used" in header:
        return "Yes" if r.used_fallback else "No"
    if "source" in header:
        return r.source_endpoint
    if header.startswith("fallback"):
        return r.fallback_endpoint or old or "-"
    return old


def _member(r: UidResolution, old: Any) -> dict[str, Any]:
    """The JSON of an identifier; what else is known of it stays."""
    known = dict(old) if isinstance(old, Mapping) else {}
    known |= {
        "source_endpoint": r.source_endpoint,
        "resolved_value": r.resolved_value,
        "used_fallback": r.used_fallback,
    }
    if r.fallback_endpoint:
        known["fallback_endpoint"] = r.fallback_endpoint
    return known


def _data(lines: Sequence[str]) -> dict[str, Any] | None:
    try:
        found = json.loads("\n".join(lines[1:-1]))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _about(header: Sequence[str], line: str) -> tuple[str, ...]:
    """What a row of fixes is about: its field and issue."""
    found = dict(zip(header, cells(line), strict=False))
    return found.get("Field", ""), found.get("Issue", "")


def _digest(line: str) -> str:
    return hashlib.sha256("|".join(cells(line)).encode()).hexdigest()[:8]


def _mark(lines: Iterable[str]) -> str:
    return f"<!-- driftcheck wrote the rows {' '.join(map(_digest, lines))} -->"
