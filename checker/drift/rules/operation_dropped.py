"""The rule `operation-dropped`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from checker.domain.finding import Finding, FindingField, Severity, Verdict
from checker.domain.observation import ObservedContract
from checker.domain.operation import Operation, OperationId
from checker.domain.portal import Portal
from checker.drift.compare.families import Families
from checker.drift.compare.paths import route, version_of
from checker.drift.rule import Rule


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
    say what replaces it.
    """

    id = "operation-dropped"
    severity = Severity.MINOR
    summary = "The legacy document has an operation that the current ones don't have."
    decided = False
    unpatched = "the operation has to be described anew, after the legacy document"

    def check_documents(
        self, portal: Portal, observed: Mapping[OperationId, ObservedContract]
    ) -> Iterable[Finding]:
        families = Families(portal)
        seen: set[Any] = set()
        for document in families.superseded():
            for operation in document.operations:
                key = route(operation.id)
                if key in seen or families.kept(operation):
                    continue
                seen.add(key)
                others = families.other_versions(operation)
                yield self._finding(operation, others, served(operation.id, observed))

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
        )


def served(operation: OperationId, observed: Mapping[OperationId, ObservedContract]) -> bool:
    """Whether the server accepted any request to the operation."""
    contract = observed.get(operation)
    if contract is None:
        return False
    return any(o.accepted for o in contract.observations) or any(
        verdict is Verdict.ACCEPTED for _, verdict in contract.exchanges
    )
