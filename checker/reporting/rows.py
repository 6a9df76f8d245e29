"""Findings whose sentences differ in the field's name alone are one row of a table. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from checker.domain.finding import Finding
from checker.domain.run import Standing
from checker.drift.build import listed

_MASK = "`\0`"


def grouped(
    findings: Iterable[Finding], standings: Mapping[str, Standing]
) -> list[tuple[Finding, ...]]:
    """The findings in their order, those of one row together at the place of the first."""
    rows: dict[object, list[Finding]] = {}
    for finding in findings:
        rows.setdefault(_key(finding, standings), []).append(finding)
    return [tuple(row) for row in rows.values()]


def as_one(row: tuple[Finding, ...]) -> Finding:
    """What a row says: its only finding, or one that says of each of the fields what all say."""
    first = row[0]
    if len(row) == 1:
        return first
    return first.with_(
        issue=_of_each(row, [finding.issue for finding in row]),
        suggested_fix=_of_each(row, [finding.suggested_fix for finding in row]),
    )


def _of_each(row: tuple[Finding, ...], sentences: list[str]) -> str:
    names = [_called(finding, said) for finding, said in zip(row, sentences, strict=True)]
    masked = _masked(row[0], sentences[0])
    each = "Each of" if masked.startswith(_MASK) else "each of"
    return masked.replace(_MASK, f"{each} {listed(names)}")


def _key(finding: Finding, standings: Mapping[str, Standing]) -> object:
    """What all findings of a row have in common; a finding that names no field stands alone."""
    said = [_masked(finding, s) for s in (finding.issue, finding.suggested_fix)]
    if not all(sentence.count(_MASK) == 1 for sentence in said):
        return finding.fingerprint, id(finding)
    return (
        *(finding.rule, finding.operation, finding.also_operations, finding.target),
        *(finding.severity, finding.confidence, standings.get(finding.fingerprint, "")),
        *(finding.field.place, finding.field.status, *said),
    )


def _masked(finding: Finding, sentence: str) -> str:
    return sentence.replace(f"`{_called(finding, sentence)}`", _MASK)


def _called(finding: Finding, sentence: str) -> str:
    """What a sentence calls the finding's field: its whole name, or the last part of it."""
    name = finding.field.name
    return name if f"`{name}`" in sentence else name.rpartition(".")[2]
