"""What several observations say of a field; a refusal for another reason says nothing of it."""

from __future__ import annotations

from typing import Any

import pytest
from documented import POST

from checker.domain.finding import Verdict
from checker.domain.observation import Kind, Observation, ObservedContract, Rejection
from checker.domain.operation import FieldKey, Place
from checker.inference.facts import about_field, conflicting_reference, is_closed, is_open

NAME = FieldKey(Place.BODY, "name")


def seen(
    value: Any, rejection: Rejection | None, *, confirmed: bool = True, kind: Kind = Kind.REPLACE
) -> Observation:
    verdict = Verdict.ACCEPTED if rejection is None else Verdict.REJECTED
    detail = {"role": "nonsense"}
    return Observation(
        POST, kind, verdict, NAME, value, rejection, confirmed=confirmed, detail=detail
    )


def observed(*observations: Observation) -> ObservedContract:
    return ObservedContract(POST, observations)


@pytest.mark.parametrize("rejection", list(Rejection))
def test_only_refusals_of_its_own_kind_are_about_a_field(rejection: Rejection) -> None:
    about = rejection in (Rejection.VALIDATION, Rejection.CONFLICT)
    assert about_field(seen("zq", rejection)) is about
    assert is_closed(observed(seen("zqa", rejection), seen("zqb", rejection)), NAME) is about


def test_an_acceptance_is_no_refusal() -> None:
    assert not about_field(seen("zq", None))


def test_a_set_is_closed_or_open_by_two_confirmed_values() -> None:
    refused, taken = Rejection.VALIDATION, None
    for rejection, told in ((refused, is_closed), (taken, is_open)):
        assert told(observed(seen("zqa", rejection), seen("zqb", rejection)), NAME)
        assert not told(observed(seen("zqa", rejection), seen("zqa", rejection)), NAME)
        loose = seen("zqb", rejection, confirmed=False)
        assert not told(observed(seen("zqa", rejection), loose), NAME)


def test_a_removal_that_was_refused_and_accepted_is_nothing_sure() -> None:
    both = (seen(None, None, kind=Kind.REMOVE), seen(None, Rejection.VALIDATION, kind=Kind.REMOVE))
    assert conflicting_reference(observed(*both)) == {NAME}
    assert conflicting_reference(observed(both[0])) == set()
