"""The rule `required-undocumented`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from checker.domain.finding import Finding, Severity
from checker.domain.observation import Kind, Observation, Rejection
from checker.domain.operation import FieldKey
from checker.drift.blame import may_be_a_choice
from checker.drift.build import (
    answered,
    documented_field,
    extension,
    field_words,
    finding,
    is_within_unknown,
    named,
    owner_of,
    require_patch,
    words_of,
)
from checker.drift.contradicted import accepted_alike
from checker.drift.origin import Origin
from checker.drift.rule import Case, Rule
from checker.drift.seen_content import inferred
from checker.drift.words import (
    documents_alternative,
    documents_required,
    documents_required_when,
)
from checker.inference.dependencies import dependent_fields
from checker.inference.facts import conflicting_reference, witness_value
from checker.planning.hints import mentioned


class RequiredUndocumented(Rule):
    """The server requires a field that the documentation has optional or doesn't have.

    ## What it does
    Takes a field out of an accepted request and leaves everything else as it is.

    ## Why it matters
    A client that follows the documentation leaves the field out, and is refused.

    ## Example
    `POST /orders` documents `currency` without requiring it; without it the server answers 422.

    ## Fix
    Add the field to the schema's `required` list. Clients that send it are unaffected. Where
    the schema is shared with operations of which the same isn't known, the patch requires it for
    this operation alone, with an `allOf` beside the reference.

    ## Before
    ```yaml
    CreateChannel:
      required: [type]
    ```

    ## After
    ```yaml
    CreateChannel:
      required: [type, business_uid]
    ```
    """

    id = "required-undocumented"
    origin = Origin(
        experiments=("required",),
        questions=("required",),
        explained_by=("absent", "dependencies", "wanted"),
    )
    severity = Severity.MAJOR
    summary = "The server requires a field that isn't documented as required."

    def check(self, case: Case) -> Iterable[Finding]:
        if case.documented is None:
            return
        explained = dependent_fields(case.observed) | conflicting_reference(case.observed)
        for seen in case.observed.of(Kind.REMOVE):
            key = seen.subject
            if key is None or not seen.surely_refused or key in explained:
                continue
            found = self._of_field(case, key, seen)
            if found is not None:
                yield found

    def _of_field(self, case: Case, key: FieldKey, seen: Observation) -> Finding | None:
        field = documented_field(case, key)
        if field is not None and field.required:
            return None
        if _is_the_things_state(seen, key) or accepted_alike(case, seen):
            return None
        if str(key) in extension(case).get("required", ()):
            return None
        if field is None and is_within_unknown(case, key):
            return None  # what encloses it isn't documented either, and is told
        words = "\n".join(field_words(case, key))
        if documents_required(words, key.leaf):
            return None
        beside = _beside(case, key)
        if any(documents_alternative(words, key.leaf, other) for other in beside):
            return None  # another field would do: the words say so
        if beside and documents_required_when(words_of(case, key), key.leaf, beside):
            return None  # nothing shows that it is so without the condition that the words name
        if field is not None and may_be_a_choice(case, seen):
            return None
        status = answered(seen)
        says = "documented as optional" if field is not None else "not documented"
        issue = (
            f"{named(key)} is {says}, but the server requires it: the request without it is "
            f"answered {status}, the same request with it is accepted."
        )
        where = "in the `required` list" if field is not None else "as a required field"
        fix = f"Document {named(key)} {where} of `{case.operation}`."
        patch = require_patch(field)
        if field is None and case.documented is not None:
            owner = owner_of(case.documented, key)
            if owner is not None and owner.file == case.documented.document.file:
                patch = [
                    {
                        "op": "add",
                        "path": f"{owner.pointer}/properties/{key.leaf}",
                        "value": inferred([_taken(case, key)], case.documented),
                    },
                    {"op": "add", "path": f"{owner.pointer}/required/-", "value": key.leaf},
                ]
        return finding(
            self,
            case,
            key,
            issue=issue,
            fix=fix,
            documented={"required": False} if field is not None else None,
            observed={"required": True},
            evidence=seen.evidence,
            patch=patch,
            source=field.owner if field is not None and field.owner.pointer else None,
        )


def _taken(case: Case, key: FieldKey) -> Any:
    """A value with which the request is accepted; a text where none is known."""
    value = witness_value(case.observed, key)
    return "" if value is None else value


def _is_the_things_state(seen: Observation, key: FieldKey) -> bool:
    """Whether a conflict is answered that doesn't name the field: what the request is about may
    have got into another state by itself, between this request and its controls."""
    if seen.rejection is not Rejection.CONFLICT:
        return False
    said = [
        e.exchange.response.text for e in seen.evidence if e.role == "probe" and e.exchange.response
    ]
    return not all(mentioned(text, [key]) for text in said)


def _beside(case: Case, key: FieldKey) -> list[str]:
    """The names of the documented fields beside one."""
    known = case.documented.fields if case.documented is not None else {}
    return [k.leaf for k in known if k.place is key.place and k.parent == key.parent and k != key]
