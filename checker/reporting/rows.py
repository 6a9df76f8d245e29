"""Findings of one cause are one row of a table. Pure.

Of one cause are findings whose sentences differ in the field's name alone, and those that say the
same of several places: a flaw that was copied into many files, an answer that all operations have.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from checker.domain.finding import Finding
from checker.domain.run import Standing
from checker.drift.build import listed
from checker.drift.responses import listed as shortened

MAX_FILES = 20
_T = TypeVar("_T")
_MASK = "`\0`"


@dataclass(frozen=True, slots=True)
class Row:
    """What one line of a table tells: `said` in the words for all of `findings`, whose fields are
    called `names`."""

    findings: tuple[Finding, ...]
    said: Finding
    names: tuple[Finding, ...]


def grouped(findings: Iterable[Finding], standings: Mapping[str, Standing]) -> list[Row]:
    """The findings in their order, those of one row together at the place of the first."""
    alike = (
        Row(row, as_one(row), row)
        for row in _together((f, _fields_key(f, standings)) for f in findings)
    )
    return [
        _everywhere(rows) for rows in _together((row, _cause_key(row, standings)) for row in alike)
    ]


def sections(rows: Iterable[Row]) -> list[tuple[str, tuple[Row, ...]]]:
    """(operation, its rows) in the order of each operation's worst finding; rows without an
    operation come under ""."""
    return [
        (found[0].said.operation, found)
        for found in _together((row, row.said.operation) for row in rows)
    ]


def as_one(row: tuple[Finding, ...]) -> Finding:
    """What a row says: its only finding, or one that says of each of the fields what all say."""
    first = row[0]
    if len(row) == 1:
        return first
    return first.with_(
        issue=_of_each(row, [finding.issue for finding in row]),
        suggested_fix=_of_each(row, [finding.suggested_fix for finding in row]),
    )


def _together(keyed: Iterable[tuple[_T, Hashable]]) -> list[tuple[_T, ...]]:
    rows: dict[Hashable, list[_T]] = {}
    for one, key in keyed:
        rows.setdefault(key, []).append(one)
    return [tuple(row) for row in rows.values()]


def _everywhere(rows: tuple[Row, ...]) -> Row:
    """One row that names the operations and the files in which the same is said."""
    first = rows[0]
    if len(rows) == 1:
        return first
    findings = tuple(finding for row in rows for finding in row.findings)
    operations = dict.fromkeys(o for f in findings for o in (f.operation, *f.also_operations) if o)
    files = list(dict.fromkeys(f.source.file for f in findings if f.source is not None))
    said = first.said.with_(also_operations=tuple(operations) if len(operations) > 1 else ())
    if len(files) > 1:
        said = said.with_(issue=f"{said.issue} In {shortened(files, MAX_FILES)}.")
    return Row(findings, said, first.names)


def _of_each(row: tuple[Finding, ...], sentences: list[str]) -> str:
    names = [_called(finding, said) for finding, said in zip(row, sentences, strict=True)]
    masked = _masked(row[0], sentences[0])
    each = "Each of" if masked.startswith(_MASK) else "each of"
    return masked.replace(_MASK, f"{each} {listed(names)}")


def _fields_key(finding: Finding, standings: Mapping[str, Standing]) -> Hashable:
    """What findings on several fields have in common; one that names no field stands alone."""
    said = [_masked(finding, s) for s in (finding.issue, finding.suggested_fix)]
    if not all(sentence.count(_MASK) == 1 for sentence in said):
        return finding.fingerprint, id(finding)
    return (
        *(finding.operation, finding.also_operations, finding.field.place, finding.field.status),
        *(*_kind(finding, standings), *said),
    )


def _cause_key(row: Row, standings: Mapping[str, Standing]) -> Hashable:
    """What rows on several places have in common: all that they say.

    What a request brought to light is told of each operation, since each has its own code behind
    it; documents are copied, and an answer as a whole is often made before all operations. How
    often that answer was seen is told of the first.
    """
    said, field = row.said, row.said.field
    whole_answer = field.place == "response" and not field.name and said.observed is not None
    if said.evidence and not whole_answer:
        return _told_of_operation(row, standings)
    cause = said.issue
    if whole_answer:
        cause = json.dumps([said.documented, said.observed], sort_keys=True, default=str)
    names = tuple(finding.field for finding in row.names)
    return (*_kind(said, standings), names, cause, said.suggested_fix)


def _told_of_operation(row: Row, standings: Mapping[str, Standing]) -> Hashable:
    """What rows on an operation of several APIs have in common: their documents may have it from
    one another."""
    said = row.said
    fields = tuple((f.field.place, f.field.name, f.field.status) for f in row.names)
    return (
        *(said.rule, said.operation or said.source, said.also_operations, said.severity),
        *(said.confidence, standings.get(said.fingerprint, ""), fields),
        *(said.issue, said.suggested_fix),
    )


def _kind(finding: Finding, standings: Mapping[str, Standing]) -> tuple[Hashable, ...]:
    return (
        *(finding.rule, finding.target, finding.severity, finding.confidence),
        standings.get(finding.fingerprint, ""),
    )


def _masked(finding: Finding, sentence: str) -> str:
    return sentence.replace(f"`{_called(finding, sentence)}`", _MASK)


def _called(finding: Finding, sentence: str) -> str:
    """What a sentence calls the finding's field: its whole name, or the last part of it."""
    name = finding.field.name
    return name if f"`{name}`" in sentence else name.rpartition(".")[2]
