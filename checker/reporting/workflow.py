"""Writes workflow records: what a run learned goes in, everything else stays as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from checker.documents.workflow_text import Section, split
from checker.domain.schema import MISSING
from checker.domain.workflow import Record, Step, UidResolution
from checker.reporting.record_parts import (
    json_block,
    with_block,
    with_fixes,
    with_steps,
    with_uids,
)

_AFTER = {
    "status": ("swagger", "tags", "domain", "endpoint"),
    "verifiedAt": ("savedAt", "skipReason", "status"),
    "timesReused": ("verifiedAt", "savedAt", "status"),
    "tokens": ("timesReused", "verifiedAt", "status"),
}
_SUCCESS = ("pass", "verified", "success")
_NEXT = {
    "prerequisites": ("uids", "test", "verified", "fixes"),
    "test": ("uids", "verified", "fixes"),
    "uids": ("verified", "fixes"),
    "verified": ("fixes",),
    "fixes": (),
}
_TITLES = {
    "prerequisites": "Prerequisites",
    "test": "Test Request",
    "uids": "UID Resolution",
    "verified": "Verified Successful Request",
    "fixes": "Documentation Fix Suggestions",
}


def render_record(
    record: Record,
    *,
    status: str | None = None,
    verified_at: str | None = None,
    verified_request: Mapping[str, Any] | None = None,
    uid_resolutions: Sequence[UidResolution] | None = None,
    fix_suggestions: Sequence[Mapping[str, str]] | None = None,
    times_reused: int | None = None,
    prerequisites: Sequence[Step] | None = None,
    test_steps: Sequence[Step] | None = None,
    tokens: Sequence[str] | None = None,
    use_fallback: bool | None = None,
) -> str:
    """The record's text with what is given put in; None leaves a part as it is.

    Front-matter keys keep their order and quoting; a successful `status` takes `skipReason`
    away. In the sections that carry the given parts only these are written anew: rows and
    sentences that people added there stay, and all other sections byte for byte. Missing sections
    are added where the seeds have them. A record without text gets one from its data.
    `fix_suggestions` are rows with the keys Field, Issue, Suggested Fix and Severity.
    """
    text = "".join(h + t for h, t in record.sections) or _skeleton(record)
    parts: dict[str, Callable[[str], str]] = {}
    if prerequisites is not None:
        parts["prerequisites"] = partial(with_steps, block=_steps(prerequisites).split("\n"))
    if test_steps is not None:
        parts["test"] = partial(with_steps, block=_steps(test_steps).split("\n"))
    if uid_resolutions is not None:
        parts["uids"] = partial(with_uids, resolutions=uid_resolutions)
    if verified_request is not None:
        parts["verified"] = partial(with_block, block=json_block(verified_request))
    if fix_suggestions is not None:
        parts["fixes"] = partial(with_fixes, rows=fix_suggestions)
    values = {
        "status": status,
        "verifiedAt": verified_at,
        "timesReused": None if times_reused is None else str(times_reused),
        "useFallbackApi": None if use_fallback is None else str(use_fallback).lower(),
        "tokens": None if tokens is None else f"[{', '.join(tokens)}]",
    }
    line_end = "\r\n" if "\r\n" in text else "\n"
    text = _with_front_matter(text, {k: v for k, v in values.items() if v is not None}, line_end)
    for kind, put in parts.items():
        text = _with_section(text, kind, put, line_end)
    return text


# -- sections --------------------------------------------------------------------------------


def _with_section(text: str, kind: str, put: Callable[[str], str], line_end: str) -> str:
    sections = split(text).sections
    for number, section in enumerate(sections):
        if section.kind == kind:
            changed = section.heading + put(section.text)
            return _joined(sections[:number]) + changed + _joined(sections[number + 1 :])
    fresh = f"## {_TITLES[kind]}{put(line_end)}"
    for number, section in enumerate(sections):
        before = section.kind in _NEXT[kind]
        after = kind == "uids" and number and sections[number - 1].kind == "prerequisites"
        if before or (after and section.level <= sections[number - 1].level):
            head = _closed(_joined(sections[:number]), line_end)
            return f"{head}{fresh}{line_end}{_joined(sections[number:])}"
    return f"{_closed(text, line_end)}{fresh}"


def _joined(sections: Sequence[Section]) -> str:
    return "".join(s.heading + s.text for s in sections)


def _closed(text: str, line_end: str) -> str:
    """The text with exactly what it lacks to a blank line at its end."""
    if not text:
        return text
    if not text.endswith("\n"):
        return text + line_end * 2
    return text if re.search(r"\n[ \t\r]*\n\Z", text) else text + line_end


# -- front matter ----------------------------------------------------------------------------


@dataclass(slots=True)
class _Front:
    lines: list[str]

    def find(self, key: str) -> int | None:
        for number, line in enumerate(self.lines):
            if re.match(rf"\ufeff?{re.escape(key)}\s*:", line):
                return number
        return None

    def span(self, start: int) -> int:
        """Index after a key's value, continuation lines included."""
        end = start + 1
        while end < len(self.lines) and (
            self.lines[end][:1] in (" ", "\t") and self.lines[end].strip()
        ):
            end += 1
        return end

    def put(self, key: str, value: str, tail: str) -> None:
        at = self.find(key)
        if at is not None:
            old = self.lines[at].partition(":")[2].strip()
            self.lines[at : self.span(at)] = [f"{key}: {_scalar(value, old)}{tail}"]
            return
        for name in _AFTER.get(key, ()):
            place = self.find(name)
            if place is not None:
                self.lines.insert(self.span(place), f"{key}: {_scalar(value, '')}{tail}")
                return
        self.lines.append(f"{key}: {_scalar(value, '')}{tail}")

    def drop(self, key: str) -> None:
        at = self.find(key)
        if at is not None:
            del self.lines[at : self.span(at)]


def _scalar(value: str, old: str) -> str:
    """The value in the old one's quotes; bare ones only where YAML reads them as they are."""
    if old[:1] in ("'", '"'):
        return f"{old[0]}{value}{old[0]}"
    bare = re.fullmatch(r"[\w.+:-]*[\w]|\[[\w, -]*\]", value)
    return value if bare else json.dumps(value)


def _with_front_matter(text: str, values: Mapping[str, str], line_end: str) -> str:
    if not values:
        return text
    parts = split(text)
    tail = "\r" if line_end == "\r\n" else ""
    if parts.front is None:
        mark = "\ufeff" if text.startswith("\ufeff") else ""
        lines = "".join(f"{k}: {_scalar(v, '')}{line_end}" for k, v in values.items())
        return f"{mark}---{line_end}{lines}---{line_end}{text.removeprefix(mark)}"
    all_lines = text.split("\n")
    start = parts.front_line - 1
    count = parts.front.count("\n") + 1 if parts.front else 0
    front = _Front(all_lines[start : start + count])
    for key, value in values.items():
        front.put(key, value, tail)
    if values.get("status", "").lower() in _SUCCESS:
        front.drop("skipReason")
    return "\n".join([*all_lines[:start], *front.lines, *all_lines[start + count :]])


# -- new records -----------------------------------------------------------------------------


def _skeleton(record: Record) -> str:
    """A record's text from its data, in the seeds' order."""
    front = {"endpoint": str(record.endpoint or ""), **record.front_matter}
    front["endpoint"] = str(record.endpoint or front["endpoint"])
    lines = ["---", *(f"{k}: {_flow(v)}" for k, v in front.items() if v is not None), "---", ""]
    lines += [f"# {record.endpoint}", "", "## Prerequisites", ""]
    lines += [_steps(record.prerequisites) if record.prerequisites else "None required.", ""]
    if record.test_steps:
        lines += ["## Test Request", "", _steps(record.test_steps), ""]
    return "\n".join(lines)


def _flow(value: Any) -> str:
    """A front-matter value on one line; JSON is YAML."""
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z][\w./-]*", value):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def _steps(steps: Sequence[Step]) -> str:
    """A fenced YAML block of steps."""
    import yaml

    class Plain(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    text = yaml.dump(
        {"steps": [step_data(s) for s in steps]},
        Dumper=Plain,
        sort_keys=False,
        allow_unicode=True,
        width=1000,
    )
    return f"```yaml\n{text}```"


def step_data(step: Step) -> dict[str, Any]:
    """A step as its YAML has it: only what is set."""
    data: dict[str, Any] = {"id": step.id, "description": step.description}
    data |= {"method": step.method, "path": step.path}
    data["token"] = "none" if step.anonymous else step.token
    data["useFallbackApi"] = step.use_fallback or None
    data |= {"params": dict(step.params), "headers": dict(step.headers)}
    data |= {"cookies": dict(step.cookies), "content_type": step.content_type}
    if step.body is not MISSING:
        data["body"] = step.body
    data |= {"form_fields": dict(step.form_fields), "file_fields": dict(step.file_fields)}
    data["extract"] = dict(step.extract)
    data["expect"] = {"status": list(step.expect_status)} if step.expect_status else None
    data["onFail"] = step.on_fail if step.on_fail != "abort" else None
    data["skipReason"] = step.skip_reason
    data["sleep"] = step.sleep_ms + step.settle_ms
    if step.wait_for is not None:
        data["waitFor"] = {"event": step.wait_for.event, "timeout": f"{step.wait_for.timeout_s:g}s"}
    if step.until is not None:
        data["until"] = {
            "path": step.until.path,
            "equals": step.until.equals,
            "timeout": f"{step.until.timeout_s:g}s",
            "every": f"{step.until.every_s:g}s",
        }
    return {k: v for k, v in data.items() if k == "body" or v not in (None, "", {}, [], 0)}
