"""The rule `response-enum-undocumented`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from checker.domain.finding import Finding, Severity
from checker.drift.origin import ANY_ANSWER
from checker.drift.responses import answers, field_name, listed, response_finding, share
from checker.drift.rule import Case, Rule
from checker.inference.responses import response_facts


class ResponseEnumUndocumented(Rule):
    """A response value lies outside the documented enum.

    ## What it does

    Compares every answer's body with the documented schema of its status and reports the
    values that the field's enum doesn't list. One answer is enough: a value that was returned
    exists. `null` in a nullable field and values that the field's description names are
    documented.

    ## Why it matters

    Clients switch over the documented values; typed clients refuse the answer.

    ## Example

    `status` is documented as `active` or `closed`; the server answers `"status": "pending"`.

    ## Fix

    Add the values to the enum (the patch does that). Where requests share the schema, see that
    they may send the values too.
    """

    id: ClassVar[str] = "response-enum-undocumented"
    origin = ANY_ANSWER
    severity: ClassVar[Severity] = Severity.MAJOR
    summary: ClassVar[str] = "A response value lies outside the documented enum."

    def check(self, case: Case) -> Iterable[Finding]:
        operation = case.documented
        if operation is None:
            return
        for fact in response_facts(operation, case.observed.exchanges, "enum"):
            values = listed(fact.observed)
            place = fact.location.child("enum", "-").pointer
            inline = fact.schema is not None and isinstance(fact.schema.raw.get("enum"), list)
            yield response_finding(
                self.id,
                self.severity,
                case,
                fact,
                issue=(
                    f"{field_name(fact).capitalize() if not fact.name else field_name(fact)} is "
                    f"documented as one of {listed(fact.documented)}; {answers(fact)} "
                    f"{'has' if len(fact.statuses) < 2 else 'have'} {values}, {share(fact)}."
                ),
                fix=f"Add {values} to the enum of {field_name(fact)}.",
                patch=(
                    tuple({"op": "add", "path": place, "value": v} for v in fact.observed)
                    if inline
                    else ()
                ),
            )
