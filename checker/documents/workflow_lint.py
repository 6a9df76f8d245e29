"""Checks of a workflow record beyond what its parsing found: names, order, paths, variables."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import jsonpath

from checker.documents.workflow import main_of
from checker.documents.workflow_steps import METHODS, ON_FAIL
from checker.documents.workflow_text import split
from checker.domain.location import Location
from checker.domain.operation import OperationId
from checker.domain.portal import Problem
from checker.domain.schema import MISSING
from checker.domain.templates import (
    BUILT_INS,
    PARAMETER,
    TEMPLATE,
    called_by,
    needed_by,
    variables_in,
)
from checker.domain.workflow import Record, Step, is_expression

FRONT_KEYS = (
    "endpoint", "domain", "tags", "swagger", "status", "savedAt", "verifiedAt", "timesReused",
    "tokens", "useFallbackApi", "skipReason", "expectedOutcome", "expectedOutcomeReason",
    "requiresTestData", "testDataDescription",
)  # fmt: skip
ACCEPTED_KEYS = frozenset({*FRONT_KEYS, "useFallback", "token", "method", "path", "title"})
STATUSES = ("pass", "verified", "success", "pending", "failed", "skip", "skipped", "deprecated")
SEVERITIES = ("critical", "major", "minor")
_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?\Z")
NEAR = 0.75
"""How alike two names are of which one is meant and the other written."""
_VERSION = re.compile(r"v\d+(?:\.\d+)*")
_ANY_TEMPLATE = re.compile(r"\{\{[^{}\n]*\}\}")


def lint(
    record: Record,
    problems: Sequence[Problem] = (),
    known_operations: Mapping[OperationId, Any] | Sequence[OperationId] = (),
    records: Iterable[Record] = (),
    variables: Collection[str] = (),
) -> tuple[Problem, ...]:
    """All problems of a record, by line. `problems` are those that its parsing found.

    `known_operations` are the documented ones; empty: nothing is said about them. `records` are
    the others of the portal (an endpoint that two of them have is told). `variables` are the
    names given with `--var` or in the config.
    """
    checks = (
        *problems,
        *_front_matter(record),
        *_steps(record),
        *_operations(record, tuple(known_operations)),
        *_variables(record, variables),
        *_doubles(record, records),
    )
    ordered = sorted(checks, key=lambda p: p.location.line or 0)
    return tuple(dict.fromkeys(ordered))


def _at(record: Record, line: int) -> Location:
    return Location(record.file, line=line)


def front_line(record: Record, key: str) -> int:
    """The 1-based line of a front-matter key; 1 where it isn't there."""
    text = record.sections[0][1] if record.sections else ""
    for number, line in enumerate(text.split("\n"), 1):
        if re.match(rf"\ufeff?{re.escape(key)}\s*:", line):
            return number
    return 1


def _near(name: str, known: Iterable[str]) -> str:
    found = difflib.get_close_matches(name, list(known), 1, NEAR)
    return f"Is `{found[0]}` meant?" if found else ""


def _near_operation(operation: OperationId, known: Iterable[OperationId]) -> str:
    """The operation that must be meant: the same but for one word that is nearly the same, its
    version, or its method. A list of what shares some letters helps nobody."""
    found = {o for o in known if _differences(operation, o) == 1}
    return f"Is `{found.pop()}` meant?" if len(found) == 1 else ""


def _differences(one: OperationId, other: OperationId) -> int:
    """In how many small things two operations differ; many where they are different things."""
    mine, others = (PARAMETER.sub("{}", o.path).strip("/").split("/") for o in (one, other))
    if len(mine) != len(others):
        return len(mine) + len(others)
    count = int(one.method != other.method)
    for word, written in zip(mine, others, strict=True):
        versions = _VERSION.fullmatch(word) and _VERSION.fullmatch(written)
        near = versions or difflib.SequenceMatcher(None, word, written).ratio() >= NEAR
        count += 0 if word == written else 1 if near and "{}" not in (word, written) else 9
    return count


def _front_matter(record: Record) -> Iterator[Problem]:
    front = record.front_matter
    for key in front:
        if key not in ACCEPTED_KEYS:
            mend = _near(key, FRONT_KEYS) or "Delete it; the known ones are in the manual."
            place = _at(record, front_line(record, key))
            yield Problem(f"The front matter has no key `{key}`.", mend, place)

    def wrong(key: str, message: str, mend: str) -> Problem:
        return Problem(message, mend, _at(record, front_line(record, key)))

    status = front.get("status")
    if status is not None and str(status).lower() not in STATUSES:
        mend = _near(str(status).lower(), STATUSES) or f"Use one of {', '.join(STATUSES)}."
        yield wrong("status", f"{str(status)[:60]!r} is not a status.", mend)
    if str(status).lower() in ("skip", "skipped") and not (
        front.get("skipReason") or front.get("expectedOutcomeReason")
    ):
        yield wrong("status", "The record is skipped without a reason.", "Add `skipReason: …`.")
    for key in ("savedAt", "verifiedAt"):
        value = front.get(key)
        if value is not None and not (isinstance(value, str) and _DATE.match(value)):
            yield wrong(key, f"`{key}` is not a date.", "Write it as 2026-01-31T12:00:00Z.")
    reused = front.get("timesReused")
    if reused is not None and not (type(reused) is int and reused >= 0):
        yield wrong("timesReused", "`timesReused` is not a count.", "Write a whole number.")
    yield from _swagger(record, wrong)
    for row in record.fix_suggestions:
        severity = next((v for k, v in row.items() if k.lower() == "severity"), "")
        if severity and severity.strip("*`_ ").lower() not in SEVERITIES:
            line = _line_of(record, severity)
            mend = f"Use one of {', '.join(SEVERITIES)}."
            yield Problem(f"{severity[:40]!r} is not a severity.", mend, _at(record, line))


def _swagger(record: Record, wrong: Any) -> Iterator[Problem]:
    """The document that the record names: looked for beside the record and above it."""
    named = record.front_matter.get("swagger")
    if named is None:
        return
    if not isinstance(named, str) or not named.strip():
        yield wrong("swagger", "`swagger` is not a path.", "Name the document's file.")
        return
    here = Path(record.file)
    if not here.is_file():
        return
    if document_of(named, record) is None:
        message = f"The document {named} isn't there."
        yield wrong("swagger", message, "Name the file that has the operation now.")


def document_of(named: str, record: Record) -> Path | None:
    """The document that a record names: as it is, beside the record, or in a folder above it."""
    if "\0" in named or len(named) > 1000:
        return None
    folders = (Path.cwd(), *Path(record.file).absolute().parents)
    return next((f / named for f in folders if (f / named).is_file()), None)


def _line_of(record: Record, text: str) -> int:
    line = 1
    for heading, body in record.sections:
        whole = heading + body
        if text in whole and record.fix_suggestions and "|" in whole:
            return line + whole.count("\n", 0, whole.index(text))
        line += whole.count("\n")
    return 1


def _all_steps(record: Record) -> tuple[Step, ...]:
    return (*record.prerequisites, *record.test_steps)


def _where(record: Record, step: Step) -> Location:
    return step.location if step.location.line else _at(record, 1)


def _steps(record: Record) -> Iterator[Problem]:
    if not record.test_steps:
        sections = split("".join(h + t for h, t in record.sections)).sections
        line = next((s.line for s in sections if s.kind in ("test", "verified")), 1)
        mend = "Add `## Test Request` with `steps:`."
        yield Problem("The record has no test request.", mend, _at(record, line))
    elif record.endpoint is not None and main_of(record.test_steps, record.endpoint) is None:
        message = f"No test step calls {record.endpoint}."
        mend = "Mend the step's method and path, or `endpoint`."
        yield Problem(message, mend, _where(record, record.test_steps[-1]))
    seen: dict[str, Step] = {}
    for step in _all_steps(record):
        if step.id in seen:
            message = f"Two steps have the id {step.id}."
            yield Problem(message, "Rename one of them.", _where(record, step))
        seen.setdefault(step.id, step)
        if step.on_fail not in ON_FAIL:
            message = f"Step {step.id}: {step.on_fail[:40]!r} is not a value of onFail."
            mend = _near(step.on_fail, ON_FAIL) or f"Use one of {', '.join(ON_FAIL)}."
            yield Problem(message, mend, _where(record, step))
        yield from _paths(record, step)


def _paths(record: Record, step: Step) -> Iterator[Problem]:
    """The JSONPaths of a step that are none."""
    paths = dict(step.extract)
    if step.until is not None:
        paths["until"] = step.until.path
    for name, path in paths.items():
        words = "" if is_expression(path) else _bad_path(path)
        if words:
            message = f"Step {step.id}: {path[:80]!r} for {name} is not a JSONPath: {words}."
            mend = "Write one such as `$.data.items[0].id`."
            yield Problem(message, mend, _where(record, step))


def _bad_path(path: str) -> str:
    """What is wrong with a JSONPath; empty for a good one."""
    text = TEMPLATE.sub("x", path)
    if not text.startswith("$"):
        return "it doesn't start with `$`"
    try:
        jsonpath.compile(text)
    except (jsonpath.JSONPathError, ValueError, RecursionError) as error:
        return " ".join(str(error).split())[:120]
    return ""


def _operations(record: Record, known: tuple[OperationId, ...]) -> Iterator[Problem]:
    if not known:
        return
    endpoint = record.endpoint
    own = () if endpoint is None else (endpoint,)
    if endpoint is not None and not called_by(endpoint.method, endpoint.path, known):
        mend = _near_operation(endpoint, known) or "Mend `endpoint`, or document it."
        place = _at(record, front_line(record, "endpoint"))
        yield Problem(f"{endpoint} is in no document.", mend, place)
    for step in [s for s in _all_steps(record) if s.path and s.method in METHODS]:
        called = OperationId(step.method, TEMPLATE.sub(r"{\1}", step.path.partition("?")[0]))
        if called == endpoint or called_by(step.method, step.path, (*known, *own)):
            continue
        mend = _near_operation(called, known) or "Mend the step's path, or document it."
        message = f"Step {step.id} calls {called}, which is in no document."
        yield Problem(message, mend, _where(record, step))


def _variables(record: Record, given: Collection[str]) -> Iterator[Problem]:
    steps = _all_steps(record)
    giver = {name: step.id for step in reversed(steps) for name in step.extract}
    available = {*BUILT_INS, *given}
    for step in steps:
        bare = TEMPLATE.sub("", step.path)
        needed = needed_by(step)
        if step.wait_for is not None:
            own = variables_in(step.wait_for.event) - set(step.extract)
            needed |= own
        for name in sorted(needed - available):
            yield _unresolved(record, step, f"{{{{{name}}}}}", name, giver)
        for name in PARAMETER.findall(bare):
            if name not in available - (BUILT_INS - set(given)):
                yield _unresolved(record, step, f"{{{name}}} in its path", name, giver)
        for template in sorted(_odd_templates(step)):
            message = f"Step {step.id}: {template[:60]} is not a variable."
            mend = "A variable's name has letters, digits, `_`, `-` and `.` only."
            yield Problem(message, mend, _where(record, step))
        available |= set(step.extract)


def _unresolved(
    record: Record, step: Step, shown: str, name: str, giver: Mapping[str, str]
) -> Problem:
    if name in giver:
        message = f"Step {step.id} uses {shown} before step {giver[name]} extracts it."
        return Problem(message, "Change the order of the steps.", _where(record, step))
    message = f"Step {step.id}: nothing gives {shown}."
    mend = f"Give it with --var {name}=…, in the config's variables, or extract it before."
    return Problem(message, mend, _where(record, step))


def _odd_templates(step: Step) -> set[str]:
    parts = (step.path, step.params, step.body, step.headers, step.form_fields, step.file_fields)
    return {
        found
        for part in parts
        if part is not MISSING
        for text in _strings(part)
        for found in _ANY_TEMPLATE.findall(text)
        if not TEMPLATE.fullmatch(found)
    }


def _strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for key, item in value.items():
                yield from _strings(key)
                yield from _strings(item)
        case list() | tuple():
            for item in value:
                yield from _strings(item)


def _doubles(record: Record, records: Iterable[Record]) -> Iterator[Problem]:
    for other in records:
        if other is record or other.file == record.file or record.endpoint is None:
            continue
        if other.endpoint == record.endpoint and other.file < record.file:
            message = f"{other.file} is a record of {record.endpoint}, too."
            place = _at(record, front_line(record, "endpoint"))
            yield Problem(message, "Keep one of them.", place)
