from __future__ import annotations

from typing import Any

import pytest
from documented import POST, operation

from checker.domain.finding import Verdict
from checker.domain.observation import Kind, Observation, ObservedContract, Rejection
from checker.domain.operation import FieldKey, Place
from checker.drift.rule import Case
from checker.drift.rules.dependency_undocumented import DependencyUndocumented
from checker.drift.rules.required_undocumented import RequiredUndocumented

NAMES = ("method", "card", "iban", "note")


def proof(kind: str, *fields: str, confirmed: bool = True, **when: Any) -> Observation:
    keys = [FieldKey(Place.BODY, f) for f in fields]
    return Observation(
        POST,
        Kind.COMBINE,
        Verdict.REJECTED,
        subject=keys[0],
        rejection=Rejection.VALIDATION,
        confirmed=confirmed,
        detail={
            "role": "dependency",
            "kind": kind,
            "fields": [str(k) for k in keys],
            "when": {f"body {k}": v for k, v in when.items()} or None,
            "accepted": [],
            "rejected": [],
        },
    )


def check(
    seen: Observation,
    *,
    body: dict[str, Any] | None = None,
    words: dict[str, str] | None = None,
    **more: Any,
) -> list[Any]:
    fields = {n: {"type": "string", "description": (words or {}).get(n, "")} for n in NAMES}
    documented = operation({"type": "object", "properties": fields, **(body or {})}, **more)
    observed = ObservedContract(POST, (seen,))
    return list(DependencyUndocumented().check(Case(POST, observed, documented)))


@pytest.mark.parametrize(
    ("seen", "sentence", "field"),
    [
        (proof("requires", "note", "card"), "`note` requires `card`.", "note"),
        (proof("or", "iban", "card"), "At least one of `card` and `iban` is required.", "card"),
        (
            proof("only-one", "iban", "card"),
            "Exactly one of `card` and `iban` is required.",
            "card",
        ),
        (
            proof("all-or-none", "iban", "card"),
            "`card` and `iban` go together: both or neither.",
            "card",
        ),
        (
            proof("zero-or-one", "iban", "card"),
            "At most one of `card` and `iban` is allowed.",
            "card",
        ),
        (
            proof("required-for-value", "card", "method", method="card"),
            "`card` is required when `method` is `card`.",
            "card",
        ),
    ],
)
def test_sentences(seen: Observation, sentence: str, field: str) -> None:
    (finding,) = check(seen)
    assert finding.issue.startswith(sentence)
    assert sentence in finding.suggested_fix
    assert finding.field.name == field
    assert set(finding.observed) == {"kind", "fields", "when"}
    assert finding.observed["kind"] == seen.detail["kind"]


def test_the_condition_is_observed() -> None:
    (finding,) = check(proof("required-for-value", "card", "method", method="card"))
    assert finding.observed["when"] == {"method": "card"}


def test_the_order_of_equals_does_not_matter() -> None:
    one, other = check(proof("or", "card", "iban")), check(proof("or", "iban", "card"))
    assert one[0].identity == other[0].identity


def test_unconfirmed_is_no_proof() -> None:
    assert check(proof("or", "card", "iban", confirmed=False)) == []


DOCUMENTED: list[dict[str, Any]] = [
    {"description": "Send either `card` or `iban`."},
    {"words": {"card": "Required unless iban is given."}},
    {"body": {"anyOf": [{"required": ["card"]}, {"required": ["iban"]}]}},
    {"body": {"oneOf": [{"required": ["card"]}, {"required": ["iban"]}]}},
    {
        "extensions": {
            "x-driftcheck": {"dependencies": [{"kind": "or", "fields": ["card", "iban"]}]}
        }
    },
]


@pytest.mark.parametrize("how", DOCUMENTED, ids=lambda how: next(iter(how)))
def test_silent_where_it_is_written(how: dict[str, Any]) -> None:
    assert check(proof("or", "card", "iban"), **how) == []


def test_min_properties_says_that_the_body_may_not_be_empty() -> None:
    least = {"minProperties": 1}
    assert check(proof("or", *NAMES), body=least) == []
    assert len(check(proof("or", "card", "iban"), body=least)) == 1


@pytest.mark.parametrize(
    "how",
    [
        {"description": "Pays by `card`."},
        {"words": {"card": "The card.", "iban": "The account."}},
        {"body": {"anyOf": [{"required": ["method"]}, {"required": ["note"]}]}},
    ],
    ids=lambda how: next(iter(how)),
)
def test_other_words_do_not_document_it(how: dict[str, Any]) -> None:
    assert len(check(proof("or", "card", "iban"), **how)) == 1


def test_its_fields_are_not_reported_as_required_too() -> None:
    documented = operation({"type": "object", "properties": {n: {"type": "string"} for n in NAMES}})
    removed = Observation(
        POST,
        Kind.REMOVE,
        Verdict.REJECTED,
        subject=FieldKey(Place.BODY, "card"),
        rejection=Rejection.VALIDATION,
        confirmed=True,
    )
    dependent = proof("required-for-value", "card", "method", method="card")
    rule = RequiredUndocumented()
    for seen, findings in (((removed,), 1), ((removed, dependent), 0)):
        case = Case(POST, ObservedContract(POST, seen), documented)
        assert len(list(rule.check(case))) == findings


@pytest.mark.parametrize(
    "seen",
    [
        proof("requires", "note", "card"),
        proof("or", "iban", "card"),
        proof("only-one", "iban", "card"),
        proof("all-or-none", "iban", "card"),
        proof("zero-or-one", "iban", "card"),
        proof("required-for-value", "card", "method", method="card"),
    ],
)
def test_the_fix_is_said_to_readers_and_understood_again(seen: Observation) -> None:
    """An extension is nothing that a reader or a generator knows."""
    (found,) = check(seen, description="Pays.")
    (words,) = found.patch
    assert words["path"].endswith("/description")
    assert words["value"].startswith("Pays. ") and words["value"].endswith(".")
    assert check(seen, description=words["value"]) == []


def test_what_would_not_be_understood_again_stands_in_the_extension_too() -> None:
    (found,) = check(proof("requires", "straße", "öl"), description="Pays.")
    words, extension = found.patch
    assert words["value"] == "Pays. `straße` requires `öl`."
    assert extension["path"].endswith("/x-driftcheck")
