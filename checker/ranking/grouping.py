"""Same cause at the same documented place, several operations: one finding."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any

from checker.domain.finding import Confidence, Finding, OtherPatch
from checker.ranking.fingerprint import canonical, fingerprint, folds, is_shared, leaf, shared_place


def group(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Merges findings of one cause and stamps the fingerprints; the result is sorted.

    Merged are findings of one rule at one shared place (`components`, `definitions`, parameters
    of a path) with the same identity and the same observed value. `operation` becomes the first
    of `also_operations`, which then lists all of them; the evidence is the first one's. An
    undocumented refusal, and a token that nothing documents, is one of its document. Equal
    findings of one operation are merged too.
    """
    buckets: dict[tuple[Any, ...], list[Finding]] = defaultdict(list)
    for finding in sorted(findings, key=sort_key):
        buckets[_key(finding)].append(finding)
    merged: list[Finding] = []
    for bucket in buckets.values():
        merged.extend(_merge(bucket))
    return _stamp(merged)


def sort_key(finding: Finding) -> tuple[Any, ...]:
    """A total order that depends on nothing but what the finding says."""
    source = finding.source
    return (
        finding.operation,
        finding.field.place,
        finding.field.name,
        finding.field.status or 0,
        finding.rule,
        finding.identity,
        finding.confidence is not Confidence.CONFIRMED,
        finding.target,
        (source.file, source.pointer) if source else ("", ""),
        finding.issue,
        canonical(finding.observed),
    )


def _key(finding: Finding) -> tuple[Any, ...]:
    common = (finding.rule, finding.field.place, finding.identity, finding.target)
    if folds(finding) and finding.source is not None:
        return (*common, finding.source.file, finding.confidence)
    if is_shared(finding):
        place = (*shared_place(finding), leaf(finding.field.name))
        return (*common, *place, finding.confidence, canonical(finding.observed))
    return (*common, finding.operation, finding.field.name, finding.field.status, _file(finding))


def _file(finding: Finding) -> Any:
    """Findings without an operation are told apart by their place in a document."""
    return None if finding.operation or finding.source is None else finding.source


def _merge(bucket: list[Finding]) -> list[Finding]:
    """One finding where each operation has one field in it; else one for each field's name."""
    names: dict[str, set[str]] = defaultdict(set)
    for finding in bucket:
        names[finding.operation].add(finding.field.name)
    if all(len(fields) == 1 for fields in names.values()):
        return [_one(bucket)]
    by_name: dict[str, list[Finding]] = defaultdict(list)
    for finding in bucket:
        by_name[finding.field.name].append(finding)
    return [_one(part) for part in by_name.values()]


def _one(bucket: list[Finding]) -> Finding:
    first = bucket[0]
    operations = sorted({o for f in bucket for o in (f.operation, *f.also_operations) if o})
    related = tuple(dict.fromkeys(place for f in bucket for place in f.related))
    severity = max(f.severity for f in bucket)
    patch = first.patch
    if folds(first):
        patch = tuple(step for found in bucket for step in found.patch)
    first = first.with_(elsewhere=_elsewhere(bucket))
    if len(operations) < 2:
        return first.with_(also_operations=(), related=related, severity=severity)
    return first.with_(
        operation=operations[0],
        also_operations=tuple(operations),
        patch=patch,
        related=related,
        severity=severity,
    )


def _elsewhere(bucket: list[Finding]) -> tuple[OtherPatch, ...]:
    """The patches of the other files that state the fact, each file's once."""
    first = bucket[0]
    found = {other.file: other for other in first.elsewhere}
    own = first.source.file if first.source is not None else ""
    for one in bucket[1:]:
        if one.patch and one.source is not None and one.source.file != own:
            found.setdefault(one.source.file, OtherPatch(one.source.file, one.patch))
    return tuple(found.values())


def _stamp(findings: list[Finding]) -> tuple[Finding, ...]:
    """Fingerprints. Of those that would be alike the best proved one keeps the name, so that it
    doesn't change with what else is found; the others are named by their operation and field."""
    taken: set[str] = set()
    stamped = []
    for finding in sorted(findings, key=_best_proved):
        name = next(name for name in _names(finding) if name not in taken)
        taken.add(name)
        stamped.append(finding.with_(fingerprint=name))
    return tuple(sorted(stamped, key=sort_key))


def _best_proved(finding: Finding) -> tuple[Any, ...]:
    return (finding.confidence is not Confidence.CONFIRMED, *sort_key(finding))


def _names(finding: Finding) -> Iterator[str]:
    """Names in the order in which they are tried; there is always another one."""
    yield fingerprint(finding)
    yield fingerprint(finding, own=True)
    told_apart: list[Any] = [finding.source and finding.source.pointer, finding.observed]
    for number in count():
        extended = finding.with_(identity=f"{finding.identity}|{canonical(told_apart)}")
        yield fingerprint(extended, own=True)
        told_apart = [*told_apart[:2], number]


def merge_same(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings of several reports (shards): those with one fingerprint become one, told by who
    observed it where only some did."""
    found: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        found[finding.fingerprint].append(finding)
    return tuple(
        _one(sorted(same, key=_best_seen)).with_(fingerprint=name) for name, same in found.items()
    )


def _best_seen(finding: Finding) -> tuple[Any, ...]:
    return (finding.observed is None, *sort_key(finding))
