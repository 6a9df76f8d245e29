"""The rule `enum-value-rejected`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from checker.domain.finding import Finding, Severity
from checker.domain.observation import Kind, Rejection
from checker.domain.operation import Field
from checker.drift.build import answered, documented_field, each_value, finding, listed, named
from checker.drift.origin import Origin
from checker.drift.rule import Case, Rule
from checker.inference.dependencies import dependent_values
from checker.inference.facts import COMPANY, replaced


class EnumValueRejected(Rule):
    """A documented enum value is refused.

    ## What it does
    Sends each documented value in an otherwise accepted request.

    ## Why it matters
    A client that follows the documentation is refused.

    ## Example
    `color` documents `red`, `green` and `mauve`; `mauve` is answered 422.

    ## Fix
    Take the value out of the enum, or make the server accept it.
    """

    id = "enum-value-rejected"
    origin = Origin(
        experiments=("enum",), questions=("values",), explained_by=("dependencies", "wanted")
    )
    severity = Severity.MAJOR
    summary = "A documented enum value is refused."
    decided = False

    def check(self, case: Case) -> Iterable[Finding]:
        explained = dependent_values(case.observed)
        for key in dict.fromkeys(
            [*case.observed.subjects(Kind.REPLACE), *case.observed.subjects(Kind.ADD)]
        ):
            field = documented_field(case, key)
            if field is None or not field.schema.enum:
                continue
            tried = replaced(case.observed, key, "documented")
            taken = {repr(o.value) for o in tried if o.accepted}
            refused = [
                o
                for o in each_value(tried)
                if o.rejected
                and o.confirmed
                and o.rejection is Rejection.VALIDATION
                and COMPANY not in o.detail
                and o.value in field.schema.enum
                and repr(o.value) not in taken
                and (key, repr(o.value)) not in explained
            ]
            if not refused:
                continue
            added = key in case.observed.subjects(Kind.ADD)
            # Added to the witness: another documented value must have been accepted.
            if added and not any(o.accepted for o in tried):
                continue
            values = [o.value for o in refused]
            at = [repr(v) for v in field.schema.enum]
            yield finding(
                self,
                case,
                key,
                issue=(
                    f"{named(key)} documents {listed(values)}, but the server answers "
                    f"{answered(refused)} to {'it' if len(values) == 1 else 'them'}; the same "
                    "request with another documented value is accepted."
                ),
                fix=(
                    f"Take {listed(values)} out of the enum of {named(key)}, "
                    f"or make the server accept {'it' if len(values) == 1 else 'them'}."
                ),
                documented=list(field.schema.enum),
                observed=values,
                evidence=[e for o in refused[:2] for e in o.evidence],
                source=field.schema.location,
                patch=_without(field, [at.index(repr(v)) for v in values]),
            )


def _without(field: Field, places: list[int]) -> list[dict[str, Any]]:
    """A JSON Patch that takes values out of an enum; the whole of it where none is left."""
    path = f"{field.schema.location.pointer}/enum"
    if len(places) == len(field.schema.enumerated):
        return [{"op": "remove", "path": path}]
    return [{"op": "remove", "path": f"{path}/{n}"} for n in sorted(places, reverse=True)]
