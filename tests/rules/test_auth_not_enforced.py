from __future__ import annotations

from dataclasses import replace

import pytest
from response_cases import ID, json_response, operation

from checker.domain.finding import Verdict
from checker.domain.observation import Kind, Observation, ObservedContract
from checker.domain.operation import Security
from checker.drift.rule import Case
from checker.drift.rules.auth_not_enforced import AuthNotEnforced


def told(words: str) -> list[str]:
    documented = operation(json_response({"type": "object"}), description=words)
    documented = replace(documented, security=Security((("token",),)))
    seen = Observation(ID, Kind.TOKEN, Verdict.ACCEPTED, confirmed=True, detail={"token": None})
    observed = ObservedContract(ID, observations=(seen,))
    return [f.issue for f in AuthNotEnforced().check(Case(ID, observed, documented))]


@pytest.mark.parametrize("words", ["", "Needs a token. Answers 401 without a token."])
def test_accepted_without_a_token(words: str) -> None:
    assert len(told(words)) == 1


@pytest.mark.parametrize(
    "words",
    [
        "Get the version. This endpoint is not authenticated for the purpose of clients and users.",
        "Shows the state.\n\nNo authentication required.",
    ],
)
def test_the_words_say_that_anybody_may(words: str) -> None:
    assert told(words) == []
