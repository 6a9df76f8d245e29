"""The rule `unique-undocumented`."""

from __future__ import annotations

from collections.abc import Iterable

from checker.domain.finding import Finding, Severity, Words
from checker.domain.observation import Kind
from checker.domain.operation import FieldKey, Place
from checker.drift.build import (
    answered,
    capital,
    documented_field,
    extension,
    finding,
    listed,
    named,
    words_of,
)
from checker.drift.origin import Origin
from checker.drift.rule import Case, Rule
from checker.drift.words import documents_unique
from checker.planning.producers import coded_noun, noun_of
from checker.planning.routes import acts_on_item, addressing, resource_of


class UniqueUndocumented(Rule):
    """The value, or the combination of values, must be unique.

    ## What it does
    Sends an accepted request again unchanged (refused), then with only that value changed
    (accepted).

    ## Why it matters
    A retry or a second record with the same value fails for no documented reason.

    ## Example
    `POST /tags` with the same `name` is answered 409 the second time.

    ## Fix
    Say in the description that the value must be unique, and within what.

    ## Before
    ```yaml
    name:
      description: Name of the service.
    ```

    ## After
    ```yaml
    name:
      description: Name of the service. Must be unique.
    ```
    """

    id = "unique-undocumented"
    origin = Origin(experiments=("unique",), questions=("unique",))
    severity = Severity.MINOR
    summary = "A value must be unique, and nothing says so."

    def check(self, case: Case) -> Iterable[Finding]:
        if case.documented is None:
            return
        for seen in case.observed.of(Kind.RESEND):
            keys = seen.detail.get("keys") or []
            if not keys or not seen.confirmed:
                continue
            groups = [[k] for k in keys] if seen.detail["mode"] == "each" else [list(keys)]
            for group in groups:
                names = [k.leaf for k in group]
                if set(names) <= set(extension(case).get("unique", ())):
                    continue
                if any(_said(case, k) for k in group):
                    continue
                if len(group) == 1 and _is_the_item(case, group[0]):
                    # The action can't be done twice to the same item: its state, no value.
                    continue
                what = named(group[0]) if len(group) == 1 else "the combination of " + listed(names)
                yield finding(
                    self,
                    case,
                    group[0],
                    issue=(
                        f"The value of {what} must be unique, which isn't documented: the "
                        f"identical request is answered {answered(seen)} the second time, and "
                        f"accepted with only {'it' if len(group) == 1 else 'one of them'} changed."
                    ),
                    fix=f"Document that {what} must be unique in `{case.operation}`.",
                    documented=None,
                    observed={"unique": [k.name for k in group]},
                    evidence=seen.evidence,
                    words=Words(
                        f"{capital(what)} must be unique.",
                        "Must be unique." if len(group) == 1 else "",
                    ),
                    identity=",".join(sorted(k.name for k in group)) if len(group) > 1 else "",
                )


def _said(case: Case, key: FieldKey) -> bool:
    """Whether the field's own description says it, or another text that names the field."""
    field = documented_field(case, key)
    own = f"{field.description}\n{field.schema.description}" if field is not None else ""
    words, resource = words_of(case, key), noun_of(key.leaf) or coded_noun(key.leaf)
    by_resource = bool(resource) and documents_unique(words, resource)
    return documents_unique(own) or documents_unique(words, key.leaf) or by_resource


def _is_the_item(case: Case, key: FieldKey) -> bool:
    """Whether the field says which existing item the operation acts on."""
    if case.documented is None or not acts_on_item(case.operation):
        return False
    if key.place is Place.PATH:
        return True
    return key == addressing(case.documented, resource_of(case.operation.path))
