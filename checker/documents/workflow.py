"""Workflow records: Markdown files that say how to call one operation successfully.

Everything is read tolerantly: what is wrong comes back as problems with file and line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from checker.documents.flaws import Flaw
from checker.documents.source import decode
from checker.documents.workflow_steps import (
    METHODS,
    endpoint_of,
    steps_of,
    truth,
)
from checker.documents.workflow_text import Parts, Section, cells, fences, split, tables
from checker.documents.workflow_yaml import Loose, read_block, read_front_matter
from checker.domain.location import Location
from checker.domain.nodes import each_of, mapping_of, text_of
from checker.domain.operation import OperationId
from checker.domain.portal import Problem
from checker.domain.schema import MISSING
from checker.domain.templates import calls
from checker.domain.workflow import Record, Step, UidResolution

MAX_RECORD_BYTES = 2_000_000
_DATA_INFO = ("", "yaml", "yml", "json", "jsonc", "json5")
_NO = ("", "-", "–", "—", "none", "n/a", "no")


def load_record(path: Path, display: str) -> tuple[Record, tuple[Problem, ...]]:
    """The record in a file and what is wrong with it; never raises for its content.

    `display` is the file as the user named it. A file that can't be read is a fatal problem.
    """
    try:
        if path.stat().st_size > MAX_RECORD_BYTES:
            message = f"The record has more than {MAX_RECORD_BYTES // 1_000_000} MB."
            return _unreadable(display, message, "Keep captured answers out of it.")
        text = decode(path.read_bytes())
    except OSError as error:
        return _unreadable(display, f"The record can't be read ({error.strerror}).", "")
    return parse_record(text, display)


def _unreadable(display: str, message: str, mend: str) -> tuple[Record, tuple[Problem, ...]]:
    return Record(display, None), (Problem(message, mend, Location(display, line=1), True),)


def looks_like_record(text: str) -> bool:
    """Whether a Markdown text is a workflow record: by its endpoint, or by its steps. One without
    front matter is a template or a page about records."""
    parts = split(text[:200_000])
    if parts.front is None:
        return False
    if re.search(r"^endpoint\s*:", parts.front or "", re.MULTILINE):
        return True
    kinds = {s.kind for s in parts.sections}
    return "test" in kinds and bool(re.search(r"^\s*-?\s*(method|steps):", text, re.MULTILINE))


def parse_record(text: str, display: str) -> tuple[Record, tuple[Problem, ...]]:
    """The record in a text. `"".join(h + t for h, t in record.sections)` is the text again."""
    reader = _Reader(display, split(text))
    record = reader.record()
    ordered = sorted(reader.problems, key=lambda p: p.location.line or 0)
    return record, tuple(dict.fromkeys(ordered))


@dataclass(slots=True)
class _Reader:
    """Collects a record and its problems from its parts."""

    file: str
    parts: Parts
    problems: list[Problem]

    def __init__(self, file: str, parts: Parts) -> None:
        self.file, self.parts, self.problems = file, parts, []

    def problem(self, message: str, mend: str, line: int) -> None:
        self.problems.append(Problem(message, mend, Location(self.file, line=line)))

    def flaws(self, flaws: tuple[Flaw, ...], start: int) -> None:
        for flaw in flaws:
            words = flaw.message.replace("The file isn't", "The block isn't")
            self.problem(words, flaw.mend, start - 1 + (flaw.line or 1))

    def record(self) -> Record:
        front = self._front_matter()
        uids = tuple(self._uids())
        verified = self._verified()
        before = tuple(self._steps("prerequisites", "setup"))
        tests = list(self._steps("test", "main_request"))
        endpoint = self._endpoint(front, tests, verified)
        if not tests and verified is not None:
            tests = self._from_verified(verified, endpoint)
        main = main_of(tests, endpoint)
        if endpoint is not None and main is not None:
            tests = [replace(s, operation=endpoint) if s is main else s for s in tests]
        return Record(
            file=self.file,
            endpoint=endpoint,
            front_matter=front,
            prerequisites=before,
            test_steps=tuple(tests),
            verified_request=verified,
            uid_resolutions=uids,
            parameters=tuple(self._parameters()),
            token_table=self._rows("tokens"),
            fix_suggestions=self._rows("fixes"),
            sections=tuple((s.heading, s.text) for s in self.parts.sections),
        )

    # -- front matter ------------------------------------------------------------------------

    def _front_matter(self) -> dict[str, Any]:
        if self.parts.front is None:
            self.problem("The record has no front matter.", "Start it with `---` and keys.", 1)
            return {}
        if not self.parts.front_closed:
            mend = "Put `---` above and below it."
            self.problem("The front matter is not closed.", mend, self.parts.front_line)
        loose = read_front_matter(self.parts.front)
        self.flaws(loose.flaws, self.parts.front_line)
        front: dict[str, Any] = dict(loose.data)
        named = front.get("tokens") or front.get("token")
        if named is not None:
            front["tokens"] = _token_names(named)
        flags = [front[k] for k in ("useFallbackApi", "useFallback") if k in front]
        if flags:
            front["useFallbackApi"] = any(truth(f) for f in flags)
        return front

    def _no_endpoint(self, written: Any) -> None:
        line = self._front_line("endpoint")
        if written is None:
            self.problem("The record names no endpoint.", "Add `endpoint: METHOD /path`.", line)
            return
        mend = "Write `endpoint: METHOD /path/{parameter}`."
        self.problem(f"{str(written)[:80]!r} is not an endpoint.", mend, line)

    def _endpoint(
        self, front: Mapping[str, Any], tests: list[Step], verified: Mapping[str, Any] | None
    ) -> OperationId | None:
        found = self._written_endpoint(front)
        if found is None:
            self._no_endpoint(front.get("endpoint"))
            if tests:
                found = (tests[-1].method, tests[-1].path)
            elif verified is not None:
                found = endpoint_of(f"{verified.get('method')} {verified.get('path')}")
        if found is None or not found[1]:
            return None
        path = found[1].partition("?")[0]
        path = re.sub(r"\{\{\s*([\w.-]+)\s*\}\}", r"{\1}", path)
        path = re.sub(r"(?<=/):([A-Za-z_]\w*)", r"{\1}", path)
        return OperationId(found[0], path)

    @staticmethod
    def _written_endpoint(front: Mapping[str, Any]) -> tuple[str, str] | None:
        """The endpoint that the front matter gives, in one text or in two."""
        written = front.get("endpoint")
        found = endpoint_of(text_of(written))
        method, path = str(front.get("method") or "").upper(), str(front.get("path") or written)
        if found is None and method in METHODS and path.startswith("/"):
            return method, path
        return found

    def _front_line(self, key: str) -> int:
        for number, line in enumerate((self.parts.front or "").split("\n")):
            if line.lstrip("\ufeff").partition(":")[0].strip() == key:
                return self.parts.front_line + number
        return 1

    # -- sections ----------------------------------------------------------------------------

    def _sections(self, kind: str) -> Iterator[Section]:
        """Sections of a kind, and the unnamed ones below them."""
        inside = 0
        for section in self.parts.sections:
            if section.kind == kind:
                inside = section.level
                yield section
            elif inside and section.level > inside and not section.kind:
                yield section
            else:
                inside = 0

    def _blocks(self, kind: str) -> Iterator[tuple[Loose, int]]:
        for section in self._sections(kind):
            for fence in fences(section):
                if not fence.closed:
                    self.problem("A code block is not closed.", "Add ``` below it.", fence.line - 1)
                if fence.info in _DATA_INFO and fence.text.strip():
                    yield read_block(fence.text), fence.line

    def _steps(self, kind: str, default_id: str) -> Iterator[Step]:
        for loose, start in self._blocks(kind):
            if loose.data is None and not loose.flaws:
                continue
            self.flaws(loose.flaws, start)

            def line_of(pointer: str, loose: Loose = loose, start: int = start) -> int:
                while True:
                    found = loose.lines([pointer])
                    if pointer in found or not pointer:
                        return start - 1 + found.get(pointer, 1)
                    pointer = pointer.rpartition("/")[0]

            def report(message: str, mend: str, pointer: str) -> None:
                self.problem(message, mend, line_of(pointer))

            yield from steps_of(loose.data, default_id, line_of, self.file, report)

    def _verified(self) -> Mapping[str, Any] | None:
        for loose, start in self._blocks("verified"):
            self.flaws(loose.flaws, start)
            data = loose.data
            if isinstance(data, Mapping) and isinstance(data.get("request"), Mapping):
                data = data["request"]
            if isinstance(data, Mapping):
                return dict(data)
            if not loose.flaws:
                self.problem("The verified request is not an object.", "Write JSON.", start)
        return None

    def _from_verified(
        self, verified: Mapping[str, Any], endpoint: OperationId | None
    ) -> list[Step]:
        """A test step from a request that once worked."""
        line = next(self._sections("verified")).line
        raw = dict(verified)
        if endpoint is not None:
            raw.setdefault("method", endpoint.method)
            if not any(k in raw for k in ("path", "url", "endpoint")):
                raw["path"] = endpoint.path
        if not ({"path", "url", "endpoint"} & set(raw)):
            return []
        raw = {"id": "main_request", **raw}

        def ignore(message: str, mend: str, pointer: str) -> None:
            pass

        step = steps_of([raw], "main_request", lambda _: line, self.file, ignore)[0]
        return [replace(step, body=raw["body"] if raw.get("body") is not None else MISSING)]

    def _rows(self, kind: str) -> tuple[Mapping[str, str], ...]:
        return tuple(
            row
            for section in self._sections(kind)
            for table in tables(section)
            for _, row in table.rows
        )

    def _parameters(self) -> Iterator[Mapping[str, str]]:
        for section in self.parts.sections:
            if section.kind != "parameters":
                continue
            place = next((p for p in ("query", "path", "header", "body") if p in section.name), "")
            for table in tables(section):
                for _, row in table.rows:
                    yield {**row, **({"In": place} if place and "In" not in row else {})}

    def _uids(self) -> Iterator[UidResolution]:
        """By the JSON where there is one; the table adds what the JSON lacks."""
        seen: set[str] = set()
        for loose, start in self._blocks("uids"):
            self.flaws(loose.flaws, start)
            data = mapping_of(loose.data)
            for name, value in data.items():
                if isinstance(value, Mapping) and name not in seen:
                    seen |= {name, _as_cell(name)}
                    yield UidResolution(
                        field=name,
                        source_endpoint=_string(value.get("source_endpoint")),
                        resolved_value=_string(value.get("resolved_value")),
                        used_fallback=truth(value.get("used_fallback")),
                        fallback_endpoint=_string(value.get("fallback_endpoint")),
                    )
        for row in self._rows("uids"):
            values = {k.lower(): v.strip("`") for k, v in row.items()}
            name = next((v for k, v in values.items() if "field" in k or k == "uid"), "")
            if not name or name in seen:
                continue
            seen.add(name)
            fallback = next((v for k, v in values.items() if k.startswith("fallback")), "")
            yield UidResolution(
                field=name,
                source_endpoint=next((v for k, v in values.items() if "source" in k), ""),
                used_fallback=next((v for k, v in values.items() if "used" in k), "").lower()
                not in _NO,
                fallback_endpoint="" if fallback.lower() in _NO else fallback,
            )


def main_of(steps: list[Step] | tuple[Step, ...], endpoint: OperationId | None) -> Step | None:
    """The test request: the first step that calls `endpoint`; without one, the last step."""
    if endpoint is not None:
        fitting = (s for s in steps if s.method == endpoint.method)
        return next((s for s in fitting if calls(endpoint.path, s.path)), None)
    return steps[-1] if steps else None


def _as_cell(text: str) -> str:
    """A text as it comes back from a table cell."""
    found = cells("| " + " ".join(text.split()).replace("|", "\\|") + " |")
    return found[0].strip("`") if found else ""


def _token_names(value: Any) -> list[str]:
    parts = each_of(value)
    words = [w for p in parts if isinstance(p, str) for w in re.split(r"[,;/|]|\band\b|\bor\b", p)]
    names = (re.sub(r"\btokens?\b", "", w, flags=re.IGNORECASE).strip().lower() for w in words)
    return list(dict.fromkeys(n for n in names if n))


def _string(value: Any) -> str:
    return "" if value is None or isinstance(value, (dict, list)) else _scalar(value)


def _scalar(value: Any) -> str:
    """A scalar as text."""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
