"""An operation that no document has, as its patch writes it, and what was found of it then.

What it is documented with is what was sent and answered, and no more than that: what it demands of
a field would be the next run's news, after the fix is merged. So its fields are asked as if they
were documented, and the patch that adds the operation says what was found of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from checker.domain.finding import Finding
from checker.domain.observation import Observation
from checker.domain.operation import Operation, Place
from checker.domain.portal import Portal
from checker.drift.compare.sameness import lookup
from checker.drift.registry import all_rules
from checker.drift.rule import Case, Rule
from checker.drift.rules.operation_undocumented import OperationUndocumented
from checker.drift.written_operations import placed
from checker.pipeline.patching.patched import patched, with_patches
from checker.ranking.wording import worded

_TOLD = frozenset(
    {
        "bound-mismatch",
        "default-mismatch",
        "dependency-undocumented",
        "enum-undocumented",
        "format-mismatch",
        "reference-undocumented",
        "required-undocumented",
        "type-mismatch",
        "unique-undocumented",
    }
)
"""Rules whose findings say what a request of an operation has to be."""
Check = Callable[[Rule, Case], list[Finding]]


def as_written(case: Case, told: Iterable[Finding]) -> tuple[Operation, Portal] | None:
    """The operation as the patch of what is `told` documents it, all of whose fields are found
    ones, in the documents as they are then; None where no patch does."""
    patched_ = (f for f in told if f.patch and f.source is not None)
    adding = next((f for f in patched_ if f.rule == OperationUndocumented.id), None)
    if adding is None or adding.source is None:
        return None
    file = adding.source.file
    home = next((d for d in case.portal.documents if d.info.file == file), None)
    if home is None:
        return None
    after = patched(home, {file: [adding]}, case.portal)
    made = next((o for o in after.operations if o.id == case.operation), None)
    documents = tuple(after if d is home else d for d in case.portal.documents)
    portal = replace(case.portal, documents=documents)
    return (_all_found(made), portal) if made is not None else None


def _all_found(operation: Operation) -> Operation:
    """The operation with all its fields of body and query as ones that were found."""
    asked = (Place.BODY, Place.QUERY)
    return replace(
        operation, found=tuple(f for f in operation.fields.values() if f.key.place in asked)
    )


def written_whole(
    case: Case, findings: list[Finding], further: Iterable[Observation], check: Check
) -> list[Finding]:
    """The findings of an undocumented operation: the patch that adds it has all that is known of
    what it takes."""
    written = as_written(case, findings)
    if written is None:
        return findings
    operation, portal = written
    seen = (*case.observed.observations, *further)
    observed = replace(case.observed, observations=seen)
    wide = replace(case, documented=operation, observed=observed, portal=portal)
    more = [m for rule in all_rules() if rule.id in _TOLD for m in check(rule, wide)]
    within = f"{operation.location.pointer}/"
    own = [
        m
        for m in worded(more, portal)
        if m.patch and all(str(s["path"]).startswith(within) for s in m.patch)
    ]
    return [_longer(f, case, operation, portal, own) for f in findings]


def _longer(
    finding: Finding, case: Case, operation: Operation, portal: Portal, own: list[Finding]
) -> Finding:
    file = operation.document.file
    after = next(d for d in portal.documents if d.info.file == file)
    home = next(d for d in case.portal.documents if d.info.file == file)
    node = lookup(with_patches(after.raw, own), operation.location.pointer)
    put = placed(case.operation, home, node)
    if finding.rule != OperationUndocumented.id or put is None or not own:
        return finding
    return finding.with_(patch=put[1])
