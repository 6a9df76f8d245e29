"""The rule `operation-undocumented`."""

from __future__ import annotations

from collections.abc import Iterable

from checker.domain.exchange import Exchange
from checker.domain.finding import Evidence, Finding, FindingField, Severity, Verdict
from checker.domain.location import Location
from checker.domain.schema import MISSING
from checker.drift.build import finding
from checker.drift.origin import UNASKED
from checker.drift.rule import Case, Rule
from checker.drift.written_operations import home_of, written


def _served(case: Case) -> list[Exchange]:
    """The accepted exchanges; of a recording only those that answer data."""
    accepted = (e for e, v in case.observed.exchanges if v is Verdict.ACCEPTED)
    return [e for e in accepted if case.records or _is_data(e)]


class OperationUndocumented(Rule):
    """A workflow or a recording uses an operation that the server serves and no document has.

    ## What it does
    Runs the workflow record, or sends the recorded request (`--har`), of an operation that no
    document has; the server accepts it. A recorded request has to be answered with JSON, or with
    nothing, so that pages and pictures don't count; and a server that answers routes that don't
    exist in the same way proves nothing.

    ## Why it matters
    People use it already, without a contract.

    ## Example
    A record calls `GET /v1/limits`; no document has it.

    ## Fix
    Document the operation. The patch describes what was sent and what came back, beside the
    operations of the same resource; what it is for says somebody who knows.
    """

    id = "operation-undocumented"
    origin = UNASKED
    severity = Severity.MAJOR
    summary = "The server serves an operation that no document has."
    decided = False
    unpatched = "no document describes its neighbours, or what it takes can't be described"

    def check(self, case: Case) -> Iterable[Finding]:
        if case.documented is not None:
            return
        accepted = _served(case)
        if not accepted:
            return
        file = case.records[0].file if case.records else case.source
        what = "workflow record" if case.records else "recording"
        seen = [one for one in case.observed.exchanges if one[1] is not Verdict.INCONCLUSIVE]
        home = home_of(case.operation, case.portal)
        place = written(case.operation, seen, home) if home is not None else None
        told = finding(
            self,
            case,
            FindingField("operation"),
            issue=(
                f"`{case.operation}` is used by the {what} `{file}` and "
                "the server serves it, but no document has it."
            ),
            fix=f"Document `{case.operation}`.",
            documented=None,
            observed=str(case.operation),
            evidence=[Evidence("probe", e, Verdict.ACCEPTED) for e in accepted[:2]],
            source=Location(file),
        )
        if place is not None:
            told = told.with_(source=place[0], patch=place[1], related=(Location(file),))
        yield told


def _is_data(exchange: Exchange) -> bool:
    response = exchange.response
    if response is None:
        return False
    return response.body is not MISSING or not response.text.strip()
