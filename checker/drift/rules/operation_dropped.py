"""The rule `operation-dropped`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from checker.domain.finding import Finding, FindingField, Severity, Verdict
from checker.domain.observation import ObservedContract
from checker.domain.operation import Operation, OperationId
from checker.domain.portal import Document, Portal
from checker.drift.build import with_sentence
from checker.drift.compare.families import Families
from checker.drift.compare.patches import Patch
from checker.drift.compare.paths import route, version_of
from checker.drift.origin import Origin
from checker.drift.rule import Rule
from checker.drift.written_operations import copied, home_of, written


class OperationDropped(Rule):
    """The legacy document has an operation that the current ones don't have.

    ## What it does

    Looks for every operation of a legacy document in the current documents, by method and
    path (parameter names don't matter). Only legacy documents that share operations with the
    current ones, maybe of another version, are asked, and those beside them with the same base
    path: one that shares none describes another API, which is alive, and is told in a note.

    ## Why it matters

    Clients that still call it find no documentation any more. Where the server still serves
    it, the current documentation is incomplete, and the finding is major.

    ## Example

    `legacy/orders.json` has `DELETE /orders/{id}`; no current document has it.

    ## Fix

    Document the operation in the current file, or mark it as deprecated in the legacy one and
    say what replaces it. Where the server was seen to serve it, the patch is one of the current
    file, else one of the legacy one; one that is marked there is told no more.
    """

    id = "operation-dropped"
    origin = Origin(experiments=("dropped",))
    severity = Severity.MINOR
    worst = Severity.MAJOR
    summary = "The legacy document has an operation that the current ones don't have."
    decided = False
    unpatched = "no current document has a place for it"

    def check_documents(
        self, portal: Portal, observed: Mapping[OperationId, ObservedContract]
    ) -> Iterable[Finding]:
        families = Families(portal)
        seen: set[Any] = set()
        for document in families.superseded():
            for operation in document.operations:
                key = route(operation.id)
                live = served(operation.id, observed)
                if key in seen or families.kept(operation) or (operation.deprecated and not live):
                    continue
                seen.add(key)
                others = families.other_versions(operation)
                told = self._finding(operation, others, live)
                yield _patched(told, operation, document, portal, observed) if live else told

    def _finding(self, operation: Operation, others: list[Operation], live: bool) -> Finding:
        issue = (
            f"The legacy document {operation.document.file} documents {operation.id}; "
            "no current document has it"
        )
        if others:
            versions = ", ".join(str(other.id) for other in others)
            issue += f" (there is {versions} in another version)"
        issue += ", and the server still serves it." if live else "."
        if live:
            fix = f"Document {operation.id} in the current documents: clients can still call it."
        elif others and version_of(others[0].id.path):
            fix = f"Say in the legacy document that {operation.id} is replaced by {others[0].id}."
        else:
            fix = (
                f"Document {operation.id} in the current documents if it is still served; "
                "else mark it as deprecated in the legacy one."
            )
        return Finding(
            rule=self.id,
            severity=Severity.MAJOR if live else self.severity,
            operation=str(operation.id),
            field=FindingField("operation"),
            documented={"legacy": str(operation.id), "current": None},
            observed=str(operation.id) if live else None,
            issue=issue,
            suggested_fix=fix,
            source=operation.location,
            patch=() if live else _marked(operation, others),
        )


def _marked(operation: Operation, others: list[Operation]) -> Patch:
    """The legacy operation as deprecated, with what replaces it."""
    place = operation.location
    steps: list[Mapping[str, Any]] = [
        {"op": "add", "path": place.child("deprecated").pointer, "value": True}
    ]
    if others:
        text = with_sentence(operation.description, f"Replaced by `{others[0].id}`.")
        steps.append({"op": "add", "path": place.child("description").pointer, "value": text})
    return tuple(steps)


def _patched(
    told: Finding,
    operation: Operation,
    document: Document,
    portal: Portal,
    observed: Mapping[OperationId, ObservedContract],
) -> Finding:
    """The finding with a patch that puts the operation into the current document: as the legacy
    one has it where that can be said there, else as it was seen."""
    home = home_of(operation.id, portal)
    if home is None:
        return told
    place = copied(operation, document, home)
    if place is None:
        exchanges = observed[operation.id].exchanges
        seen = [one for one in exchanges if one[1] is not Verdict.INCONCLUSIVE]
        place = written(operation.id, seen, home)
    if place is None:
        return told
    return told.with_(
        source=place[0], patch=place[1], named_at=told.source, related=(operation.location,)
    )


def served(operation: OperationId, observed: Mapping[OperationId, ObservedContract]) -> bool:
    """Whether the server accepted any request to the operation."""
    contract = observed.get(operation)
    if contract is None:
        return False
    return any(o.accepted for o in contract.observations) or any(
        verdict is Verdict.ACCEPTED for _, verdict in contract.exchanges
    )
