"""The rule `field-undocumented`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from checker.domain.finding import Finding, Severity
from checker.domain.location import Location
from checker.domain.nodes import list_of
from checker.domain.observation import Kind, Observation
from checker.domain.operation import Operation
from checker.drift.build import documented_field, finding, named, owner_of, words_of
from checker.drift.namesakes import like_its_namesake
from checker.drift.origin import Origin
from checker.drift.rule import Case, Rule
from checker.drift.seen_content import inferred
from checker.drift.words import names


class FieldUndocumented(Rule):
    """The server knows a field that the documentation doesn't have.

    ## What it does
    Sends a field that legacy documents, records or answers know: two values are stored and read
    back, or a wrong value is refused, while an unknown name of the same shape has no effect.

    ## Why it matters
    Clients miss a feature, or break when its rules change.

    ## Example
    `PATCH /users/{id}` stores `locale`, which only the legacy document has.

    ## Fix
    Document the field. Clients are unaffected.

    ## Before
    ```yaml
    CreateClient:
      properties:
        first_name: {type: string}
    ```

    ## After
    ```yaml
    CreateClient:
      properties:
        first_name: {type: string}
        nickname: {type: string, maxLength: 50}
    ```
    """

    id = "field-undocumented"
    origin = Origin(experiments=("required",), questions=("known",))
    severity = Severity.MAJOR
    summary = "The server knows an undocumented field."

    def check(self, case: Case) -> Iterable[Finding]:
        if case.documented is None:
            return
        required = {o.subject for o in case.observed.of(Kind.REMOVE) if o.surely_refused}
        for seen in case.observed.of(Kind.READBACK):
            key = seen.subject
            if key is None or seen.detail.get("role") != "undocumented" or not seen.confirmed:
                continue
            if documented_field(case, key) is not None or key in required:
                continue
            if names(words_of(case), key.leaf):
                continue
            validated = bool(seen.detail["validated"])
            stored = seen.detail["how"] == "stored"
            how = "stores it: what was written is read back" if stored else "validates it"
            if stored and validated:
                how += ", and a wrong value is refused"
            owner = owner_of(case.documented, key)
            kind = seen.detail["type"]
            yield finding(
                self,
                case,
                key,
                issue=(
                    f"{named(key)} is not documented, but the server {how}; an unknown name "
                    "of the same shape has no such effect."
                ),
                fix=f"Document {named(key)} ({kind}) as an optional field of `{case.operation}`.",
                documented=None,
                observed=kind,
                severity=Severity.MAJOR if validated else Severity.MINOR,
                evidence=seen.evidence,
                source=owner,
                patch=(
                    [
                        {
                            "op": "add",
                            "path": f"{owner.pointer}/properties/{key.leaf}",
                            "value": _described(
                                seen, case.documented, owner.child("properties", key.leaf), case
                            ),
                        }
                    ]
                    if owner is not None
                    else []
                ),
            )


def _described(
    seen: Observation, operation: Operation, place: Location, case: Case
) -> dict[str, Any]:
    """The schema of the values that were taken, described as its namesakes are."""
    values = list_of(seen.value)
    made = inferred(values, operation) if values else {"type": seen.detail["type"]}
    return like_its_namesake(made, place.pointer.rpartition("/")[2], values, place, case.portal)
