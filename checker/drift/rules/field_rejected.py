"""The rule `field-rejected`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from checker.domain.exchange import Request
from checker.domain.finding import Finding, Severity, Words
from checker.domain.observation import Kind, Observation, Rejection
from checker.domain.operation import FieldKey
from checker.domain.schema import Schema
from checker.drift.build import answered, documented_field, finding, listed, named, spoken
from checker.drift.origin import Origin
from checker.drift.rule import Case, Rule
from checker.inference.dependencies import dependent_fields
from checker.inference.facts import replaced, sent_value
from checker.inference.name_spellings import gist, without_name
from checker.lexicon.texts import as_word
from checker.planning.hints import mentioned

_REFUSED = Rejection.VALIDATION


class FieldRejected(Rule):
    """A documented field makes the server refuse the request, whatever documented value it has.

    ## What it does
    Adds the field to an accepted request with every documented value and example, and with
    values made from its schema; the same request without it is the control. A few values out
    of many (a text that isn't a closed set, say) prove nothing: there, an unknown name beside it
    has to be refused too, and alike, which shows that it is the field that isn't known.

    ## Why it matters
    A client that uses the field as documented always fails.

    ## Example
    `nickname` is documented; any request that has it is answered 400.

    ## Fix
    Take the field out of the documentation, or make the server accept it.
    """

    id = "field-rejected"
    origin = Origin(
        experiments=("absent",), questions=("accepted",), explained_by=("dependencies", "wanted")
    )
    severity = Severity.CRITICAL
    summary = "A documented field is refused with every documented value."
    decided = False

    def check(self, case: Case) -> Iterable[Finding]:
        explained = dependent_fields(case.observed)
        for key in case.observed.subjects(Kind.ADD):
            field = documented_field(case, key)
            if field is None or key in explained:
                continue
            tried = replaced(case.observed, key, "documented")
            others = replaced(case.observed, key, "other-type", "candidate")
            if len(tried) < 2 or any(o.accepted for o in others):
                continue
            if not all(o.surely_rejected and o.rejection is _REFUSED for o in tried):
                continue
            if all(_is_of_another(case, key, o) for o in tried):
                continue
            if not _closed(field.schema) and not _unknown_refused(case, key, tried):
                continue
            if any(_may_want_another(case, key, o) for o in tried):
                continue
            yield finding(
                self,
                case,
                key,
                issue=(
                    f"{named(key)} is documented, but the server answers {answered(tried)} to "
                    f"every documented value tried ({listed([o.value for o in tried[:4]])}); the "
                    "same request without it is accepted."
                ),
                fix=f"Remove {named(key)} from `{case.operation}`, or make the server accept it.",
                documented=[o.value for o in tried],
                observed="rejected",
                words=Words(f"Requests with {named(key)} are refused.", drop=True),
                evidence=[e for o in tried[:2] for e in o.evidence],
            )


def _is_of_another(case: Case, key: FieldKey, seen: Observation) -> bool:
    """Whether a refusal speaks of another documented field only, which the request hasn't: that
    is what was missing beside this one. What is said of unknown names as well is no field's name.
    """
    unknown = [
        text
        for beside in case.observed.subjects(Kind.ADD)
        for refusal in replaced(case.observed, beside, "unknown-name")
        for _, text in _probed(refusal)
    ]
    for request, text in _probed(seen):
        spoken_of = _names(case, text)
        usual = {k for said in unknown for k in _names(case, said)}
        others = [k for k in spoken_of if k not in usual and sent_value(request, k) is None]
        return key not in spoken_of and bool(others)
    return False


def _may_want_another(case: Case, key: FieldKey, seen: Observation) -> bool:
    """Whether a refusal names no field, and a documented one beside it, which the request hasn't,
    was never seen to be accepted: the two may only be taken together."""
    assert case.documented is not None
    said = _probed(seen)
    if not said or any(_names(case, text) for _, text in said):
        return False
    taken = {o.subject for o in case.observed.of(Kind.ADD) if o.accepted}
    return any(
        (beside.place, beside.parent) == (key.place, key.parent)
        and beside not in (key, *taken)
        and not field.schema.read_only
        and all(sent_value(request, beside) is None for request, _ in said)
        for beside, field in case.documented.fields.items()
    )


def _names(case: Case, text: str) -> list[FieldKey]:
    assert case.documented is not None
    return mentioned(text, case.documented.fields)


def _probed(seen: Observation) -> list[tuple[Request, str]]:
    """The probes of an observation and what each was answered."""
    return [
        (e.exchange.request, e.exchange.response.text)
        for e in seen.evidence
        if e.role == "probe" and e.exchange.response is not None
    ]


def _closed(schema: Schema) -> bool:
    return bool(schema.enum) or set(schema.types) - {"null"} == {"boolean"}


def _unknown_refused(case: Case, key: FieldKey, tried: Sequence[Observation]) -> bool:
    """Whether a name that nobody knows is refused at the same place, in the same way.

    In the same way: each answer speaks of its own field, and but for that they are alike; or
    none names a field, they are alike, and what known fields beside must not hold is answered
    otherwise.
    """
    for beside in case.observed.subjects(Kind.ADD):
        if (beside.place, beside.parent) != (key.place, key.parent):
            continue
        for unknown in replaced(case.observed, beside, "unknown-name"):
            if unknown.surely_rejected and unknown.rejection is _REFUSED:
                theirs = _folded(unknown, beside.leaf, key.leaf)
                if theirs:
                    return all(theirs == _folded(o, key.leaf, beside.leaf) for o in tried)
                return _alike_whole(case, key, unknown, tried)
    return False


def _alike_whole(
    case: Case, key: FieldKey, unknown: Observation, tried: Sequence[Observation]
) -> bool:
    """Whether answers that name no field are alike, and those to known fields beside are not."""
    whole = _answer(unknown)
    if whole is None or any(whole != _answer(o) for o in tried):
        return False
    return _values_answered_otherwise(case, key, whole)


def _values_answered_otherwise(case: Case, key: FieldKey, unknown: tuple[int, str]) -> bool:
    """Whether refused values of known fields beside are answered, and never as unknown names."""
    answers = [
        _answer(seen)
        for seen in case.observed.of(Kind.REPLACE)
        if seen.subject is not None
        and (seen.subject.place, seen.subject.parent) == (key.place, key.parent)
        and seen.rejected
        and seen.rejection is _REFUSED
    ]
    return bool(answers) and unknown not in answers


def _answer(seen: Observation) -> tuple[int, str] | None:
    """The status and text of a probe's answer; None where it says nothing."""
    for evidence in seen.evidence:
        response = evidence.exchange.response
        if evidence.role == "probe" and response is not None and response.text.strip():
            return response.status, response.text
    return None


def _folded(seen: Observation, name: str, other: str) -> tuple[int, str] | None:
    """An answer without the field's name; None where it doesn't speak of it. Without the `other`
    one's, too, since every refusal may have a member that is called so."""
    for evidence in seen.evidence:
        response = evidence.exchange.response
        if evidence.role == "probe" and response is not None:
            if without_name(response.text, name) == response.text:
                return None
            # A number that is only part of another one isn't the value; as a whole it is folded
            # as all that differs from answer to answer.
            text = as_word(spoken(seen.value)).sub("0", response.text)
            return response.status, gist(without_name(text, name), other)
    return None
