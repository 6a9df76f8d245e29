"""The rule `field-ignored`."""

from __future__ import annotations

from collections.abc import Iterable

from checker.domain.finding import Finding, Severity
from checker.domain.observation import Kind
from checker.drift.build import documented_field, field_words, finding, listed, named, spoken
from checker.drift.rule import Case, Rule
from checker.drift.words import others_ignored


class FieldIgnored(Rule):
    """A documented field is accepted but has no effect.

    ## What it does
    Writes two different values and reads the resource back; also sends a value of a wrong type,
    which is accepted too.

    ## Why it matters
    A client believes that it has set something.

    ## Example
    `POST /clients` takes `nickname`; `GET /clients/{id}` always answers `null`.

    ## Fix
    Take the field out of the request's documentation, or make the server store it.
    """

    id = "field-ignored"
    severity = Severity.MAJOR
    summary = "A documented field has no effect."

    def check(self, case: Case) -> Iterable[Finding]:
        for seen in case.observed.of(Kind.READBACK):
            key = seen.subject
            if key is None or seen.detail.get("role") != "ignored" or not seen.confirmed:
                continue
            field = documented_field(case, key)
            if field is None or field.schema.write_only:
                continue
            text = "\n".join(field_words(case, key)).lower()
            if "ignored" in text or "no effect" in text or "deprecated" in text:
                continue
            if case.documented is not None and others_ignored(case.documented.text, key.leaf):
                continue
            read = seen.detail["read"]
            yield finding(
                self,
                case,
                key,
                issue=(
                    f"{named(key)} is documented and accepted, but has no effect: after writing "
                    f"{listed(seen.value)} the resource has {listed(map(spoken, read))}, and a "
                    "value of a wrong type is accepted too."
                ),
                fix=f"Remove {named(key)} from `{case.operation}`, or make the server store it.",
                documented=seen.value,
                observed=read,
                evidence=seen.evidence,
            )
