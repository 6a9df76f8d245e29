"""One fact in all places: patches of current documents, and of what would say otherwise then.

The current documents are patched in memory and compared once more, with the legacy ones, with the
pages, and with their own examples and words (`aftermath.py`). What wasn't there before is brought
by a patch: what mends it belongs to the same finding, so that merging the fix makes no new one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from checker.domain.finding import Finding, OtherPatch
from checker.domain.nodes import mapping_of
from checker.domain.observation import ObservedContract
from checker.domain.operation import OperationId
from checker.domain.portal import Portal
from checker.drift.rules.docs_conflict import DocsConflict, agreed
from checker.drift.rules.spec_conflict import SpecConflict
from checker.fixing import by_file
from checker.fixing.sealed import sealed
from checker.pipeline.patching.aftermath import followed
from checker.pipeline.patching.patched import patched

Observed = Mapping[OperationId, ObservedContract]


def everywhere(
    findings: Sequence[Finding], portal: Portal, observed: Observed
) -> tuple[Finding, ...]:
    """The findings, with patches of all that states the same facts: the examples and words of
    their own document, the legacy documents, and the tables of pages."""
    return _elsewhere(followed(findings, portal, observed), portal, observed)


def _elsewhere(
    findings: Sequence[Finding], portal: Portal, observed: Observed
) -> tuple[Finding, ...]:
    """The findings with patches of legacy documents and of pages."""
    legacy = {d.info.file for d in portal.documents if d.info.legacy}
    patches = by_file(findings)
    if not (legacy or portal.pages) or not patches.keys() - legacy:
        return tuple(findings)
    known = {_named(f) for f in _conflicts(portal, observed)}
    current = [d if d.info.legacy else patched(d, patches, portal) for d in portal.documents]
    after = replace(portal, documents=tuple(current))
    brought = [f for f in _conflicts(after, observed) if _named(f) not in known]
    brought = [f if f.patch else f.with_(patch=agreed(f, portal)) for f in brought]
    places = legacy | {page.file for page in portal.pages}
    bringing = {id(c): _bringing(c, findings) for c in brought}
    joined = (
        _joined(f, [c for c in brought if id(f) in bringing[id(c)]], places) for f in findings
    )
    return sealed(joined, portal)


def _conflicts(portal: Portal, observed: Observed) -> Iterator[Finding]:
    """What legacy documents and pages say otherwise than the current documents."""
    for rule in (SpecConflict(), DocsConflict()):
        yield from rule.check_documents(portal, observed)


def _named(finding: Finding) -> tuple[Any, ...]:
    return finding.rule, finding.operation, finding.field, finding.identity, finding.issue


def _joined(finding: Finding, brought: Iterable[Finding], places: set[str]) -> Finding:
    """A finding with what mends the conflicts that its patch brings; it is sealed once more, which
    changes nothing of what is sealed."""
    if not finding.patch or finding.source is None or finding.source.file in places:
        return finding
    steps: dict[str, list[Mapping[str, Any]]] = {}
    for conflict in brought:
        file = conflict.source.file if conflict.source is not None else ""
        if file in places:
            steps.setdefault(file, []).extend(conflict.patch)
    others = tuple(OtherPatch(file, tuple(patch)) for file, patch in steps.items() if patch)
    return finding.with_(elsewhere=(*finding.elsewhere, *others))


def _bringing(conflict: Finding, findings: Sequence[Finding]) -> set[int]:
    """Which findings are about what a conflict is about: where several are, those whose patch
    says something of the very fact."""
    about = [f for f in findings if f.patch and _same(f, conflict)]
    fact = conflict.identity.rpartition(" ")[2]
    said = [f for f in about if any(fact in _changed(step) for step in f.patch)]
    return {id(f) for f in said or about}


def _changed(step: Mapping[str, Any]) -> set[str]:
    """The keywords that a step is about."""
    parts = set(str(step.get("path", "")).split("/")[-2:])
    value = step.get("value")
    return set() if step["op"] == "test" else parts | set(mapping_of(value))


def _same(finding: Finding, conflict: Finding) -> bool:
    """Whether a conflict is about what a finding is about."""
    names = {finding.operation, *finding.also_operations}
    told = {conflict.operation, *conflict.also_operations}
    token = finding.field.place == conflict.field.place == "token"  # whatever types it names
    return (token or finding.field == conflict.field) and not names.isdisjoint(told)
