"""The rule `operation-undocumented`."""

from __future__ import annotations

from collections.abc import Iterable

from checker.domain.finding import Evidence, Finding, FindingField, Severity, Verdict
from checker.domain.location import Location
from checker.drift.build import finding
from checker.drift.rule import Case, Rule


class OperationUndocumented(Rule):
    """A workflow or a recording uses an operation that the server serves and no document has.

    ## What it does
    Runs the workflow record of an operation that no document has; the server accepts it.

    ## Why it matters
    People use it already, without a contract.

    ## Example
    A record calls `GET /v1/limits`; no document has it.

    ## Fix
    Document the operation.
    """

    id = "operation-undocumented"
    severity = Severity.MAJOR
    summary = "The server serves an operation that no document has."

    def check(self, case: Case) -> Iterable[Finding]:
        if case.documented is not None or not case.records:
            return
        accepted = [e for e, v in case.observed.exchanges if v is Verdict.ACCEPTED]
        if not accepted:
            return
        yield finding(
            self,
            case,
            FindingField("operation"),
            issue=(
                f"`{case.operation}` is used by the workflow record `{case.records[0].file}` and "
                "the server serves it, but no document has it."
            ),
            fix=f"Document `{case.operation}`.",
            documented=None,
            observed=str(case.operation),
            evidence=[Evidence("probe", e, Verdict.ACCEPTED) for e in accepted[:2]],
            source=Location(case.records[0].file),
        )
