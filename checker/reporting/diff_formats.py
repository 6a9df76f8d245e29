"""Changes between two documents in the formats of terminals, CI and browsers."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from xml.etree import ElementTree as Tree

from checker.domain.location import Location
from checker.drift.compare import Change
from checker.reporting.clean import one_line, printable
from checker.reporting.diff import render_diff_json, render_diff_markdown
from checker.reporting.github import annotation

_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}td,th{border:1px solid #8884;padding:.3rem .6rem;"
    "text-align:left;vertical-align:top}.breaking{color:#b00020;font-weight:600}"
    "@media(prefers-color-scheme:dark){body{background:#111;color:#eee}.breaking{color:#ff7b7b}}"
)


def render_diff(changes: Sequence[Change], form: str) -> str:
    """The changes as one text in the format `form`, a name of `FORMS`."""
    return FORMS[form](changes)


def render_diff_text(changes: Sequence[Change]) -> str:
    """One line a change, breaking ones first within each operation."""
    lines = []
    for title, rows in _grouped(changes):
        lines.append(one_line(title) or "Whole document")
        for change in rows:
            mark = "breaking" if change.breaking else "        "
            lines.append(f"  {mark}  {one_line(change.text)}  {_at(change)}".rstrip())
    return "\n".join([*lines, summary(changes)]) + "\n"


def render_diff_github(changes: Sequence[Change]) -> str:
    """One annotation a change, at the line of the new document where it has one."""
    lines = []
    for change in changes:
        level = "error" if change.breaking else "notice"
        place = change.new_location or change.old_location
        message = f"{_title(change)}: {change.text}".removeprefix(": ")
        lines.append(annotation(level, place, change.kind, message))
    lines.append(annotation("notice", None, "driftcheck", summary(changes)))
    return "\n".join(lines) + "\n"


def render_diff_junit(changes: Sequence[Change]) -> str:
    """A suite an operation, a case a change; a breaking one fails."""
    root = Tree.Element("testsuites", name="driftcheck diff")
    for title, rows in _grouped(changes):
        name = printable(title) or "Whole document"
        failed = str(sum(change.breaking for change in rows))
        suite = Tree.SubElement(root, "testsuite", name=name, tests=str(len(rows)), failures=failed)
        for change in rows:
            text = one_line(change.text)
            case = Tree.SubElement(suite, "testcase", classname=name, name=f"{change.kind}: {text}")
            if change.breaking:
                failure = Tree.SubElement(case, "failure", message=text, type=change.kind)
                failure.text = _at(change)
    if not changes:
        suite = Tree.SubElement(root, "testsuite", name="documents", tests="1", failures="0")
        Tree.SubElement(suite, "testcase", classname="documents", name="no differences")
    return '<?xml version="1.0" encoding="utf-8"?>\n' + Tree.tostring(root, "unicode") + "\n"


def render_diff_html(changes: Sequence[Change]) -> str:
    """One page that needs nothing else; everything from the documents is escaped."""
    body = [f"<h1>Differences</h1><p>{_escaped(summary(changes))}</p>"]
    for title, rows in _grouped(changes):
        body.append(f"<h2>{_escaped(title) or 'Whole document'}</h2><table>")
        body.append("<tr><th>Breaking</th><th>Direction</th><th>Change</th><th>Where</th></tr>")
        for change in rows:
            word = '<td class="breaking">yes' if change.breaking else "<td>no"
            cells = "".join(
                f"<td>{_escaped(text)}</td>"
                for text in (change.direction or "—", change.text, _at(change))
            )
            body.append(f"<tr>{word}</td>{cells}</tr>")
        body.append("</table>")
    head = f'<meta charset="utf-8"><title>Differences</title><style>{_STYLE}</style>'
    page = "\n".join(body)
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>{page}</body></html>\n'


def summary(changes: Sequence[Change]) -> str:
    """How many there are, in one sentence."""
    if not changes:
        return "No differences."
    breaking = sum(change.breaking for change in changes)
    noun = "difference" if len(changes) == 1 else "differences"
    return f"{len(changes)} {noun}, {breaking} breaking for clients."


FORMS: Mapping[str, Callable[[Sequence[Change]], str]] = {
    "text": render_diff_text,
    "md": render_diff_markdown,
    "json": render_diff_json,
    "github": render_diff_github,
    "junit": render_diff_junit,
    "html": render_diff_html,
}


def _grouped(changes: Sequence[Change]) -> Iterator[tuple[str, list[Change]]]:
    groups: dict[str, list[Change]] = {}
    for change in changes:
        groups.setdefault(_title(change), []).append(change)
    for title in sorted(groups, key=lambda t: (not any(c.breaking for c in groups[t]), t)):
        yield title, sorted(groups[title], key=lambda c: not c.breaking)


def _title(change: Change) -> str:
    return "" if change.place == "document" else str(change.operation)


def _at(change: Change) -> str:
    places = [_shown(place) for place in (change.old_location, change.new_location) if place]
    return " → ".join(dict.fromkeys(places))


def _shown(place: Location) -> str:
    line = f":{place.line}" if place.line is not None else ""
    return one_line(f"{place.file}{line}")


def _escaped(text: str) -> str:
    return html.escape(one_line(text))
