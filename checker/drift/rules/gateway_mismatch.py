"""The rule `gateway-mismatch`."""

from __future__ import annotations

from collections.abc import Iterable

from checker.domain.finding import Finding, FindingField, Severity, Words
from checker.domain.observation import Kind
from checker.drift.build import answered, finding, words_of
from checker.drift.origin import Origin
from checker.drift.rule import Case, Rule


class GatewayMismatch(Rule):
    """The operation behaves differently on the primary and the fallback base URL.

    ## What it does
    Sends the same request to both.

    ## Why it matters
    A client that uses the documented base URL fails.

    ## Example
    `POST /messages` answers 422 on the primary gateway and 201 on the fallback.

    ## Fix
    Document the base URL that works, or route the operation on the primary one.
    """

    id = "gateway-mismatch"
    origin = Origin(experiments=("gateway", "deletions"))
    severity = Severity.MAJOR
    summary = "Primary and fallback base URL behave differently."
    decided = False
    unpatched = "only the gateway can mend it"

    def check(self, case: Case) -> Iterable[Finding]:
        for seen in case.observed.of(Kind.BASE):
            if not seen.confirmed:
                continue
            if "fallback" in words_of(case).lower():
                continue
            only = seen.rejected
            yield finding(
                self,
                case,
                FindingField("operation"),
                issue=(
                    f"`{case.operation}` works on the fallback base URL only: the same request is "
                    f"answered {answered(seen)} on the primary one."
                    if only
                    else f"The workflow record of `{case.operation}` uses the fallback base URL, "
                    "but the primary one accepts the same request."
                ),
                fix=(
                    f"Document that `{case.operation}` is served by the fallback base URL only, "
                    "or route it on the primary one."
                    if only
                    else f"Use the primary base URL for `{case.operation}`."
                ),
                documented="primary",
                observed="fallback only" if only else "primary works",
                severity=Severity.MAJOR if only else Severity.MINOR,
                evidence=seen.evidence,
                words=Words("Served by the fallback base URL only.") if only else None,
            )
