"""The rule `operation-missing`."""

from __future__ import annotations

from collections.abc import Iterable

from checker.domain.finding import Finding, FindingField, Severity
from checker.domain.observation import Kind
from checker.domain.operation import Operation
from checker.drift.build import answered, finding
from checker.drift.origin import Origin
from checker.drift.rule import Case, Rule


class OperationMissing(Rule):
    """A documented operation doesn't exist on the server.

    ## What it does
    Where no request is accepted and all answers say "absent", compares the answer with the
    server's answer for a nonsense route.

    ## Why it matters
    Nothing that the documentation says of it works.

    ## Example
    `POST /exports` is answered as `/zq-no-such-route` is: 404.

    ## Fix
    Remove the operation from the documentation, or bring it back.
    """

    id = "operation-missing"
    origin = Origin(experiments=("missing", "deletions"))
    severity = Severity.CRITICAL
    summary = "A documented operation doesn't exist."
    decided = False

    def check(self, case: Case) -> Iterable[Finding]:
        for seen in case.observed.of(Kind.EXIST):
            if not seen.surely_rejected or case.documented is None:
                continue
            if _only_fails(case.documented):
                continue
            status = seen.detail.get("status")
            yield finding(
                self,
                case,
                FindingField("operation"),
                issue=(
                    f"`{case.operation}` is documented, but the server doesn't have it: it "
                    f"answers {answered(seen)}, as it does to a route or method that doesn't exist."
                ),
                fix=f"Remove `{case.operation}` from the documentation, or implement it.",
                documented=str(case.operation),
                observed=status,
                evidence=seen.evidence,
                patch=[{"op": "remove", "path": _removed(case, case.documented)}],
            )


def _only_fails(operation: Operation) -> bool:
    """Whether nothing but errors is documented: then an error is what is promised."""
    statuses = [r.status for r in operation.responses]
    return bool(statuses) and all(s[:1] in ("4", "5") for s in statuses)


def _removed(case: Case, operation: Operation) -> str:
    """The operation's pointer; the whole path's where it is the path's only operation."""
    pointer = operation.location.pointer
    path, _, _ = pointer.rpartition("/")
    beside = [
        o
        for o in case.portal.operations()
        if o.location.file == operation.location.file
        and o.location.pointer.rpartition("/")[0] == path
    ]
    return path if len(beside) == 1 else pointer
