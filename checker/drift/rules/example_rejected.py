"""The rule `example-rejected`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from checker.domain.finding import Finding, FindingField, Severity, Verdict
from checker.domain.names import member_name
from checker.domain.nodes import mapping_of
from checker.domain.observation import Kind, Observation, Rejection
from checker.domain.operation import Field, FieldKey, Place
from checker.domain.schema import MISSING
from checker.drift.build import answered, documented_field, finding, named, spoken
from checker.drift.compare.patches import Patch
from checker.drift.documented_examples import replaced_examples
from checker.drift.json_schema import violations
from checker.drift.origin import Origin
from checker.drift.rule import Case, Rule
from checker.drift.words import enum_candidates
from checker.inference.facts import accepted_values, replaced, sent_value
from checker.lexicon.texts import as_word
from checker.planning.hints import values_in

_WHOLE = FieldKey(Place.BODY, "")


class ExampleRejected(Rule):
    """The documented example value, or the whole documented example request, is refused.

    ## What it does
    Puts the example in place of the accepted value; identifiers stay the request's own.

    ## Why it matters
    The example is what people try first.

    ## Example
    `phone` has the example `050-1234567`; the server answers 422 to it.

    ## Fix
    Give an example that the server accepts. The patch writes the value, or the whole request,
    that was accepted beside it; where the example request lacks a field that the server demands,
    it adds that alone.
    """

    id = "example-rejected"
    origin = Origin(experiments=("examples", "enum"), questions=("example", "values"))
    severity = Severity.MAJOR
    summary = "A documented example is refused."
    decided = False

    def check(self, case: Case) -> Iterable[Finding]:
        refused_fields = set()
        for key in case.observed.subjects(Kind.REPLACE):
            field = documented_field(case, key)
            for seen in replaced(case.observed, key, "example"):
                if not seen.surely_rejected or field is None:
                    continue
                if seen.rejection is not Rejection.VALIDATION:
                    continue
                if field.schema.enum and seen.value in field.schema.enum:
                    continue
                if _goes_otherwise(case, key, seen.value) or _is_of_a_set(seen, field):
                    continue
                refused_fields.add(key)
                better = _taken_instead(case, key, field, seen)
                written = "by a value that the server accepts" if better is MISSING else ""
                yield finding(
                    self,
                    case,
                    key,
                    issue=(
                        f"The documented example of {named(key)}, {spoken(seen.value)}, is "
                        f"answered {answered(seen)}; the same request with another value is "
                        "accepted."
                    ),
                    fix=f"Replace the example of {named(key)} "
                    f"{written or f'by one that the server accepts: {spoken(better)}'}.",
                    documented=seen.value,
                    observed="rejected",
                    evidence=seen.evidence,
                    source=field.schema.location,
                    patch=_replaced(case, key, seen.value, better),
                )
        if refused_fields:
            return
        for seen in case.observed.of(Kind.REPLACE):
            if seen.detail.get("role") != "example-request" or seen.subject is not None:
                continue
            if not seen.surely_rejected or seen.rejection is not Rejection.VALIDATION:
                continue
            yield finding(
                self,
                case,
                FindingField("body", ""),
                issue=(
                    f"The documented example request is answered {answered(seen)}, also with "
                    "valid identifiers and unused unique values; another request is accepted."
                ),
                fix=f"Replace the example request of `{case.operation}` by one that works.",
                documented=seen.value,
                observed="rejected",
                evidence=seen.evidence,
                source=case.documented.body_location if case.documented else None,
                patch=_replaced(case, _WHOLE, seen.value, _working(case, seen)),
            )


def _taken_instead(case: Case, key: FieldKey, field: Field, seen: Observation) -> Any:
    """A value that the server takes and the schema allows, or MISSING."""
    taken = [seen.detail.get("witness"), *accepted_values(case.observed, key)]
    fitting = (v for v in taken if v is not None and not violations(field.schema, v))
    return next(fitting, MISSING)


def _working(case: Case, seen: Observation) -> Any:
    """The example with what it lacks and has to have, as the accepted request beside it has that;
    where it lacks nothing, that request, or MISSING."""
    needed = {o.subject for o in case.observed.of(Kind.REMOVE) if o.surely_refused}
    body = _accepted_beside(seen)
    whole = _completed(seen.value, body, needed)
    return body if whole == seen.value else whole


def _completed(
    example: Any, accepted: Any, needed: Collection[FieldKey | None], at: str = ""
) -> Any:
    """An example with the members of an accepted value that are needed and that it lacks."""
    if isinstance(example, list) and isinstance(accepted, list) and accepted:
        return [_completed(item, accepted[0], needed, f"{at}[]") for item in example]
    if not isinstance(example, dict):
        return example
    whole = dict(example)
    for name, value in mapping_of(accepted).items():
        place = member_name(at, name)
        if name in example:
            whole[name] = _completed(example[name], value, needed, place)
        elif FieldKey(Place.BODY, place) in needed:
            whole[name] = value
    return whole


def _accepted_beside(seen: Observation) -> Any:
    """The accepted request beside a refused example request, or MISSING."""
    for evidence in seen.evidence:
        if evidence.role == "control" and evidence.verdict is Verdict.ACCEPTED:
            body = sent_value(evidence.exchange.request, _WHOLE)
            if isinstance(body, dict) and body:
                return body
    return MISSING


def _replaced(case: Case, key: FieldKey, refused: Any, better: Any) -> Patch:
    """A JSON Patch that writes another value wherever the operation has the refused one."""
    operation = case.documented
    documents = {d.info.file: d for d in case.portal.documents}
    if better is MISSING or operation is None or operation.document.file not in documents:
        return ()
    return replaced_examples(operation, documents[operation.document.file], key, refused, better)


def _goes_otherwise(case: Case, key: FieldKey, example: Any) -> bool:
    """Whether another value of the example's shape is accepted, so that somebody has the example;
    or the example itself beside other values."""
    turned = replaced(case.observed, key, "example-in-turn", "example-in-company")
    return any(one.value == example and not one.rejected for one in turned)


def _is_of_a_set(seen: Observation, field: Field) -> bool:
    """Whether the field's words or the refusal name the few values that there are, or the refusal
    the accepted one at least: that is the cause, and the example only one of the values outside of
    it. Where the words name them, the document says two things, and the server does one of them."""
    if field.schema.enum:
        return False
    listed = enum_candidates(field.description or field.schema.description)
    if len(listed) > 1 and seen.detail.get("witness") in listed and seen.value not in listed:
        return True
    probes = [e.exchange.response for e in seen.evidence if e.role == "probe"]
    said = [response.text for response in probes if response is not None]
    accepted = seen.detail.get("witness")
    return bool(said) and all(_names_a_set(text, accepted, str(seen.value)) for text in said)


def _names_a_set(text: str, accepted: Any, refused: str) -> bool:
    named: list[Any] = values_in(text)  # any JSON value may be looked for in it
    worded = isinstance(accepted, str) and len(accepted) > 1 and accepted not in named
    if worded and as_word(accepted).search(text):
        named.append(accepted)
    return (len(named) > 1 or accepted in named) and refused not in named
