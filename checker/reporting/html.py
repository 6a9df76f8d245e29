"""report.html: one page that needs nothing else; what servers said is text in it, never markup.

The findings are JSON in the page, and its own script (named in the page's policy by its hash, so
that no other one runs) makes rows of them as they scroll into view.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from checker.domain.asked import together
from checker.domain.coverage import gaps
from checker.domain.run import RunResult
from checker.reporting.clean import one_line, printable
from checker.reporting.html_data import heavy, light
from checker.reporting.summary import (
    SEVERITIES,
    coverage_line,
    gap_reason,
    headline,
    tallies,
    trouble,
)
from checker.reporting.trend import trend_svg

CHUNK = 50
"""Findings whose evidence stands in one piece of JSON: read when one of them is opened."""


def render(result: RunResult) -> str:
    """The page."""
    rows = light(result)
    return _template().render(
        policy=_policy(),
        style=Markup(_asset("report.css")),
        script=Markup(_asset("report.js")),
        headline=headline(result),
        tallies=tallies(result),
        result=result,
        target=one_line(result.target),
        started=result.started_at.strftime("%Y-%m-%d %H:%M:%S UTC"),
        counts=[(s.label, result.count(s)) for s in SEVERITIES],
        gaps=[(gap, gap_reason(gap)) for gap in gaps(result.operations)],
        coverage=coverage_line(result),
        trouble=trouble(result),
        trend=None if result.trend is None else trend_svg(result.trend),
        operations=[(o, together(o.questions.values())) for o in result.operations],
        filters=_filters(rows),
        data=in_script({"chunk": CHUNK, "findings": rows}),
        chunks=_chunks(result),
    )


def in_script(value: Any) -> Markup:
    """JSON that can stand in a script element: nothing in it ends the element or opens another."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028"))


def words(value: str) -> Markup:
    """A sentence, escaped, with what stands in backticks as code."""
    pieces = re.split(r"(?<!`)`([^`]+)`(?!`)", printable(value))
    parts = (
        Markup("<code>{}</code>").format(piece) if number % 2 else escape(piece)
        for number, piece in enumerate(pieces)
    )
    return Markup("").join(parts)


def _chunks(result: RunResult) -> Iterator[Markup]:
    for start in range(0, len(result.findings), CHUNK):
        part = result.findings[start : start + CHUNK]
        yield in_script([heavy(finding, result) for finding in part])


def _filters(rows: Sequence[dict[str, Any]]) -> list[tuple[str, str, list[str]]]:
    """(member, label, values that occur); a filter with one value or none filters nothing."""
    known = {"severity": [s.label for s in SEVERITIES], "standing": ["new", "expired", "known"]}
    labels = {
        "severity": "Severity",
        "rule": "Rule",
        "target": "API",
        "domain": "Domain",
        "standing": "Status",
    }
    found = []
    for name, label in labels.items():
        there = {row[name] for row in rows if row[name]}
        order = known.get(name) or sorted(there)
        found.append((name, label, [value for value in order if value in there]))
    return [entry for entry in found if len(entry[2]) > 1]


@cache
def _policy() -> str:
    script, style = (_hash(_asset(name)) for name in ("report.js", "report.css"))
    return f"default-src 'none'; script-src '{script}'; style-src '{style}'; base-uri 'none'"


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _asset(name: str) -> str:
    return (files("checker.reporting") / "templates" / name).read_text(encoding="utf-8")


@cache
def _template() -> Template:
    loader = PackageLoader("checker.reporting", "templates")
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=lambda value: printable(value) if type(value) is str else value,
    )
    environment.filters["words"] = words
    return environment.get_template("report.html.j2")
