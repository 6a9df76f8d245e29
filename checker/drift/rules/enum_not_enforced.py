"""The rule `enum-not-enforced`."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from checker.domain.finding import Finding, Severity
from checker.domain.observation import Kind
from checker.domain.operation import FieldKey
from checker.drift.build import documented_field, each_value, finding, listed, named
from checker.drift.freed import freed
from checker.drift.origin import Origin
from checker.drift.rule import Case, Rule
from checker.inference.facts import comes_back, is_open, replaced


def _is_ignored(case: Case, key: FieldKey) -> bool:
    return any(o.detail.get("role") == "ignored" for o in case.observed.of(Kind.READBACK, key))


class EnumNotEnforced(Rule):
    """An enum is documented, but the server accepts any value.

    ## What it does
    Puts two unrelated nonsense values in the field's place, each twice.

    ## Why it matters
    A typing error in a client isn't noticed, and what the server makes of it is unknown.

    ## Example
    `kind` documents `Native`, `Master` and `Slave`; `zqbcdf` is accepted.

    ## Fix
    Make the server refuse other values, or document the field as a free string. The patch does
    that, and names the documented values in the description, where the answers show other values
    as they were sent. Where nothing shows what becomes of them, the documented ones may well be
    all that mean something, and the document stays as it is.
    """

    id = "enum-not-enforced"
    origin = Origin(experiments=("enum",), questions=("values",), explained_by=("effects",))
    severity = Severity.MINOR
    summary = "A documented enum that the server doesn't enforce."
    decided = False
    unpatched = "nothing shows that other values mean something, or others use the same schema"

    def check(self, case: Case) -> Iterable[Finding]:
        for key in case.observed.subjects(Kind.REPLACE):
            field = documented_field(case, key)
            if field is None or not field.schema.enum or not is_open(case.observed, key):
                continue
            # A field that has no effect at all has a finding of its own.
            if _is_ignored(case, key):
                continue
            nonsense = replaced(case.observed, key, "nonsense")
            tried = each_value(o for o in nonsense if o.surely_accepted)
            shown = [o.value for o in tried[:2]]
            documented = list(field.schema.enum)
            yield finding(
                self,
                case,
                key,
                issue=(
                    f"{named(key)} documents the values {listed(documented)}, but the server "
                    f"accepts any value, {listed(shown)} for instance."
                ),
                fix=(
                    f"Make the server refuse values of {named(key)} other than "
                    f"{listed(documented)}, or document it without an enum."
                ),
                documented=documented,
                observed=shown,
                evidence=list(chain.from_iterable(o.evidence for o in tried[:2])),
                source=field.schema.location,
                patch=freed(case, field, tried) if all(map(comes_back, tried)) else (),
            )
