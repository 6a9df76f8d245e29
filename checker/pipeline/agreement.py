"""One fact in all places: patches of current documents, and of the legacy ones that would say
otherwise then.

The current documents are patched in memory and compared with the legacy ones once more. A conflict
that wasn't there before is brought by a patch: what mends it in the legacy document belongs to the
same finding, so that merging the fix makes no new conflict.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from checker.documents.loader import document
from checker.documents.references import Files, Source
from checker.domain.finding import Finding, OtherPatch
from checker.domain.observation import ObservedContract
from checker.domain.operation import OperationId
from checker.domain.portal import Document, Portal
from checker.drift.rules.spec_conflict import SpecConflict
from checker.fixing import by_file
from checker.fixing.json_patch import Unplaced
from checker.fixing.plan import Sequencer
from checker.fixing.sealed import sealed

Observed = Mapping[OperationId, ObservedContract]


def everywhere(
    findings: Sequence[Finding], portal: Portal, observed: Observed
) -> tuple[Finding, ...]:
    """The findings, with patches of the legacy documents that state the same facts."""
    legacy = {d.info.file for d in portal.documents if d.info.legacy}
    patches = by_file(findings)
    if not legacy or not patches.keys() - legacy:
        return tuple(findings)
    rule = SpecConflict()
    known = {_named(f) for f in rule.check_documents(portal, observed)}
    after = Portal(tuple(_patched(d, patches, portal) for d in portal.documents))
    brought = [f for f in rule.check_documents(after, observed) if _named(f) not in known]
    return sealed((_joined(f, brought, legacy) for f in findings), portal)


def _named(finding: Finding) -> tuple[Any, ...]:
    return finding.operation, finding.field, finding.identity, finding.issue


def _patched(old: Document, patches: Mapping[str, Sequence[Finding]], portal: Portal) -> Document:
    """A current document as its findings' patches leave it."""
    found = patches.get(old.info.file)
    if old.info.legacy or not found:
        return old
    sequencer = Sequencer(old.raw)
    for finding in found:
        try:
            sequencer.accept(finding.patch, sequencer.operations(finding.patch))
        except Unplaced:
            continue
    path = Path(old.info.file)
    source = Source(old.info.file, sequencer.current, path=path)
    folders = [Path(d.info.file).parent for d in portal.documents]
    return document(source, Files(roots=folders), domain=old.info.domain, validate=False)


def _joined(finding: Finding, brought: Iterable[Finding], legacy: set[str]) -> Finding:
    """A finding with what mends the conflicts that its patch brings; it is sealed once more, which
    changes nothing of what is sealed."""
    if not finding.patch or finding.source is None or finding.source.file in legacy:
        return finding
    steps: dict[str, list[Mapping[str, Any]]] = {}
    for conflict in brought:
        file = conflict.source.file if conflict.source is not None else ""
        if file in legacy and _same(finding, conflict):
            steps.setdefault(file, []).extend(conflict.patch)
    others = tuple(OtherPatch(file, tuple(patch)) for file, patch in steps.items() if patch)
    return finding.with_(elsewhere=others)


def _same(finding: Finding, conflict: Finding) -> bool:
    """Whether a conflict is about what a finding is about."""
    names = {finding.operation, *finding.also_operations}
    told = {conflict.operation, *conflict.also_operations}
    return finding.field == conflict.field and not names.isdisjoint(told)
