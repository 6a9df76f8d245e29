"""The rule `enum-value-undocumented`."""

from __future__ import annotations

from collections.abc import Iterable

from checker.domain.finding import Finding, Severity
from checker.domain.observation import Kind
from checker.drift.build import documented_field, each_value, field_words, finding, listed, named
from checker.drift.origin import Origin
from checker.drift.rule import Case, Rule
from checker.drift.words import names
from checker.inference.facts import is_closed, replaced, witness_value


class EnumValueUndocumented(Rule):
    """The server accepts a value outside the documented enum, and the set is closed.

    ## What it does
    Tries values that other documents, words and answers know, beside two nonsense values that
    must be refused.

    ## Why it matters
    A client doesn't learn of a value that it could use, or that it will meet.

    ## Example
    `type` documents `a` and `b`; the legacy document knows `c`, and the server accepts it.

    ## Fix
    Add the value to the enum. Generated clients with closed enums need a new version.

    ## Before
    ```yaml
    status:
      type: string
      enum: [lead, customer]
    ```

    ## After
    ```yaml
    status:
      type: string
      enum: [lead, customer, archived]
    ```
    """

    id = "enum-value-undocumented"
    origin = Origin(experiments=("enum",), questions=("values",))
    severity = Severity.MAJOR
    summary = "A value outside the documented enum is accepted."

    def check(self, case: Case) -> Iterable[Finding]:
        for key in case.observed.subjects(Kind.REPLACE):
            field = documented_field(case, key)
            if field is None or not field.schema.enum or not is_closed(case.observed, key):
                continue
            documented = list(field.schema.enum)
            folded = {str(v).lower() for v in documented}
            hits = [
                o
                for o in each_value(replaced(case.observed, key, "candidate"))
                if o.accepted
                and o.confirmed
                and o.value not in documented
                and str(o.value).lower() not in folded
            ]
            values = [o.value for o in hits]
            own = witness_value(case.observed, key)
            new = own is not None and own not in (*documented, *values)
            if new and str(own).lower() not in folded:
                values.insert(0, own)
            text = "\n".join(field_words(case, key))
            values = [v for v in values if not (isinstance(v, str) and names(text, v))]
            if not values:
                continue
            yield finding(
                self,
                case,
                key,
                issue=(
                    f"{named(key)} documents the values {listed(documented)}, but the server also "
                    f"accepts {listed(values)}; unrelated values are refused."
                ),
                fix=f"Add {listed(values)} to the enum of {named(key)}.",
                documented=documented,
                observed=values,
                evidence=[
                    e
                    for o in [*replaced(case.observed, key, "nonsense")[:1], *hits[:2]]
                    for e in o.evidence
                ],
                source=field.schema.location,
                patch=[
                    {"op": "add", "path": f"{field.schema.location.pointer}/enum/-", "value": v}
                    for v in values
                ],
            )
