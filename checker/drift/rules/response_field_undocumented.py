"""The rule `response-field-undocumented`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import ClassVar

from checker.domain.finding import Finding, Severity
from checker.domain.nodes import each_of
from checker.drift.namesakes import like_its_namesake, seen_values
from checker.drift.origin import ANY_ANSWER
from checker.drift.responses import (
    answers,
    field_in_words,
    property_slot,
    response_finding,
    schema_of,
    share,
)
from checker.drift.rule import Case, Rule
from checker.inference.maps import ANY_MEMBER
from checker.inference.responses import response_facts


class ResponseFieldUndocumented(Rule):
    """The response has a field that the documentation doesn't have.

    ## What it does

    Compares every answer's body with the documented schema of its status and reports members
    of an object whose schema lists properties, but not this one, once it was seen twice. An
    object without listed properties, with `additionalProperties` or `patternProperties`
    documents anything; among `oneOf`/`anyOf` variants it is enough that one has the field.
    More than 30 in one object are a map, which is reported once.

    ## Why it matters

    Nobody can use what nobody knows of, and strict clients refuse it.

    ## Example

    `GET /users/{id}` answers `{"id": 1, "name": "Ann", "created_at": "…"}`; the schema lists
    `id` and `name` only.

    ## Fix

    Add the property with the type that was seen (the patch does that), described as the document
    describes the same property elsewhere.

    ## Before
    ```yaml
    ClientSummary:
      properties:
        id: {type: string}
    ```

    ## After
    ```yaml
    ClientSummary:
      properties:
        id: {type: string}
        opted_in: {type: boolean}
    ```
    """

    id: ClassVar[str] = "response-field-undocumented"
    origin = ANY_ANSWER
    severity: ClassVar[Severity] = Severity.MINOR
    summary: ClassVar[str] = "The response has a field that isn't documented."

    def check(self, case: Case) -> Iterable[Finding]:
        operation = case.documented
        if operation is None:
            return
        for fact in response_facts(operation, case.observed.exchanges, "undocumented"):
            if field_in_words(case, fact):
                continue
            leaf = fact.name.rpartition(".")[2]
            # That it is null now says nothing of what it is when it has a value.
            schema = schema_of(fact.observed, operation) if fact.observed != "null" else {}
            many = leaf == ANY_MEMBER
            slot = property_slot(fact.owner, leaf) if fact.owner is not None and not many else None
            if slot is not None:
                bodies = [e.response.body for e, _ in fact.exchanges if e.response is not None]
                values = seen_values(bodies, fact.name)
                schema = like_its_namesake(schema, leaf, values, slot, case.portal)
            kinds = " or ".join(each_of(fact.observed))
            here = slot is not None and slot.file == fact.location.file
            yield response_finding(
                self.id,
                self.severity,
                case,
                fact,
                issue=(
                    f"`{fact.name}` ({kinds}) comes in {answers(fact)}, {share(fact)}, and "
                    f"isn't documented."
                ),
                fix=(
                    f"It is a map: document its `additionalProperties` as `{json.dumps(schema)}`."
                    if many
                    else f"Add the property: `{json.dumps({leaf: schema})}`."
                ),
                patch=(
                    ({"op": "add", "path": slot.pointer, "value": schema},)
                    if slot is not None and here
                    else ()
                ),
            )
