"""The rule `answers-inconsistent`."""

from __future__ import annotations

from collections.abc import Iterable

from checker.domain.finding import Finding, FindingField, Severity
from checker.domain.observation import Kind
from checker.drift.build import finding
from checker.drift.origin import ANY_ANSWER
from checker.drift.rule import Case, Rule


class AnswersInconsistent(Rule):
    """The same request is answered in two ways: two versions behind one address.

    ## What it does
    Where an unchanged request, or a probe that is repeated, is now accepted and now refused, it
    is sent again and again. Reported once both ways were seen at least three times, by turns,
    the refusals always with the same status and complaint. Server errors, lost connections and
    rate limits are no such answers: they are counted as the server's failure rate. The other
    rules are silent about the operation, for nobody can say which of the two they would be about.

    ## Why it matters
    A client that follows the documentation succeeds by chance.

    ## Example
    Every second `POST /orders` reaches an instance that already requires `currency`, and is
    answered 422.

    ## Fix
    Bring the same version to all instances behind the address. Then check again.
    """

    id = "answers-inconsistent"
    origin = ANY_ANSWER
    severity = Severity.MAJOR
    summary = "The same request is answered in two ways."
    patches = False
    unpatched = "only the server can mend it"

    def check(self, case: Case) -> Iterable[Finding]:
        for seen in case.observed.of(Kind.REPEAT):
            if not seen.confirmed:
                continue
            status = seen.detail["status"]
            what = "a request with one change" if seen.detail["changed"] else "an unchanged request"
            yield finding(
                self,
                case,
                FindingField("operation", ""),
                issue=(
                    f"The server accepts and refuses {what} to `{case.operation}` by turns, the "
                    f"refusals always {status} with the same complaint: two versions may stand "
                    "behind one address. Nothing else is said of this operation."
                ),
                fix="Bring the same version to all instances behind the address, then check again.",
                observed=status,
                evidence=seen.evidence,
            )
            return
