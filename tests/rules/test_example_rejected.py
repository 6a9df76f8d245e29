"""`example-rejected`: a documented example that the server refuses, and what explains that."""

from __future__ import annotations

import pytest
from documented import operation
from observed import replaced

from checker.domain.finding import Finding
from checker.domain.observation import ObservedContract
from checker.domain.operation import FieldKey, Place
from checker.drift.rule import Case
from checker.drift.rules.example_rejected import ExampleRejected

KEY = FieldKey(Place.BODY, "view")


def told(words: str, witness: str) -> list[Finding]:
    schema = {"type": "string", "description": words, "examples": ["Second gasket"]}
    documented = operation({"type": "object", "properties": {"view": schema}})
    seen = replaced(KEY, "Second gasket", "example", accepted=False, witness=witness)
    case = Case(documented.id, ObservedContract(documented.id, (seen,)), documented)
    return list(ExampleRejected().check(case))


@pytest.mark.parametrize(
    ("words", "witness"),
    [("", "owner"), ("Such as `owner`.", "owner"), ("One of `links` and `total`.", "owner")],
)
def test_an_example_that_is_refused_is_told(words: str, witness: str) -> None:
    assert len(told(words, witness)) == 1


def test_where_the_words_list_the_values_the_document_contradicts_itself() -> None:
    assert told("More in the answer. One of `history`, `owner` and `links`.", "owner") == []


def test_an_example_that_the_words_list_is_told() -> None:
    assert len(told("One of `owner`, `links` and `Second gasket`.", "owner")) == 1
