"""The rule `enum-undocumented`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from checker.domain.finding import Evidence, Finding, Severity, Words
from checker.domain.observation import Kind
from checker.domain.operation import FieldKey
from checker.drift.build import (
    capital,
    documented_field,
    field_words,
    finding,
    is_within_unknown,
    listed,
    named,
)
from checker.drift.origin import Origin
from checker.drift.rule import Case, Rule
from checker.drift.words import documents_enum
from checker.inference.facts import (
    about_field,
    has_shape,
    is_closed,
    replaced,
    taken_beside,
    witness_value,
)
from checker.lexicon.statements import says

_SAMPLE = (
    ", and every other value that the server takes (only some of the usual names were tried, so "
    "this list isn't complete)"
)


class EnumUndocumented(Rule):
    """The server accepts only a closed set of values; no enum is documented.

    ## What it does
    Puts two unrelated nonsense values in the field's place (both refused), a varied value of
    the same shape (refused too), then every candidate that documents, words and answers know.

    ## Why it matters
    A client can't guess the values.

    ## Example
    `type` is documented as a string; only `transactional` and `promotional` are accepted.

    ## Fix
    Document the accepted values as an `enum`. Check that the list is complete: only candidates
    that driftcheck knew of could be tried. Where one value is known, or a sample of a registry's,
    the patch says so in words: an `enum` would turn away what is accepted.

    ## Before
    ```yaml
    type:
      type: string
    ```

    ## After
    ```yaml
    type:
      type: string
      enum: [transactional, promotional, internal]
    ```
    """

    id = "enum-undocumented"
    origin = Origin(
        experiments=("enum",),
        questions=("values",),
        explained_by=(
            "formats",
            "bounds",
            "wire-numbers",
            "dependencies",
            "references",
            "examples",
            "wrong-types",
        ),
    )
    severity = Severity.MAJOR
    summary = "A closed set of values without a documented enum."

    def check(self, case: Case) -> Iterable[Finding]:
        if case.documented is None:
            return
        for key in case.observed.subjects(Kind.REPLACE):
            field = documented_field(case, key)
            if field is not None and field.schema.enum:
                continue
            if field is None and is_within_unknown(case, key):
                continue  # what encloses it isn't documented either, and is told
            if not is_closed(case.observed, key) or has_shape(case.observed, key):
                continue
            tried = replaced(case.observed, key, "candidate", "documented")
            accepted = [o.value for o in tried if o.surely_accepted]
            # A registry's values are a sample: as the whole set they would mislead.
            guessed = any(o.accepted and o.detail.get("guessed") for o in tried)
            more = _SAMPLE if guessed else ""
            own = witness_value(case.observed, key)
            values = [v for v in dict.fromkeys([own, *accepted]) if isinstance(v, (str, int))]
            values = _distinct_words(values)
            whole = not guessed and len(values) > 1
            words = "\n".join(field_words(case, key))
            if documents_enum(words, values) or taken_beside(case.observed, key, values):
                continue
            if not values or (len(values) < 2 and not self._set_of_one(case, key, words)):
                continue
            refused = replaced(case.observed, key, "nonsense")
            evidence: list[Evidence] = [
                e for o in [*refused[:1], *[o for o in tried if o.accepted][:2]] for e in o.evidence
            ]
            source = field.schema.location if field is not None else None
            yield finding(
                self,
                case,
                key,
                issue=(
                    f"{named(key)} is documented without an enum, but the server accepts only a "
                    f"closed set: {listed(values)} {'is' if len(values) == 1 else 'are'} accepted, "
                    f"{'words that look alike' if len(values) == 1 else 'unrelated values'} are "
                    "refused."
                ),
                fix=f"Document the enum of {named(key)}: {listed(values)}{more}.",
                documented=None,
                observed=values,
                evidence=evidence,
                source=source,
                patch=(
                    [{"op": "add", "path": f"{source.pointer}/enum", "value": values}]
                    if source is not None and whole
                    else []
                ),
                words=None if whole else _among(key, values),
            )

    @staticmethod
    def _set_of_one(case: Case, key: FieldKey, words: str) -> bool:
        """Whether one accepted word is enough: all that look like it are refused, and nothing
        documented (a format, a standard, another resource) explains that."""
        field = documented_field(case, key)
        if field is not None and (field.schema.format or field.schema.pattern):
            return False
        if says(words, "elsewhere"):
            return False
        alike = replaced(case.observed, key, "lookalike")
        return len(alike) >= 3 and all(about_field(o) and o.confirmed for o in alike)


def _among(key: FieldKey, values: Sequence[str | int]) -> Words:
    """What is known of a set of which some values are known."""
    told = f"accepts certain values only, {listed(values)} among them."
    return Words(f"{capital(named(key))} {told}", capital(told))


def _distinct_words(values: list[str | int]) -> list[str | int]:
    """Case variants of one value count once."""
    out: dict[str, str | int] = {}
    for value in values:
        out.setdefault(str(value).lower(), value)
    return list(out.values())
