"""What would help an operation without a witness, by the answer that came nearest."""

from __future__ import annotations

import pytest

from checker.domain.exchange import Exchange, Failure, Request, Response
from checker.domain.operation import OperationId
from checker.pipeline.advice import without_witness
from checker.probing.judge import Judge
from checker.probing.trial import NoWitness


@pytest.mark.parametrize(
    ("outcome", "path", "words", "passing"),
    [
        (Response(401), "/a", "--token TYPE=VALUE (given: app)", True),
        (Response(404), "/a/{user_id}", "--var user_id=", False),
        (Response(404), "/a", "base URL", False),
        (Response(422), "/a", "--har", False),
        (Response(429), "/a", "--rate", True),
        (Response(503), "/a", "--resume", True),
        (Failure("timeout", "no answer"), "/a", "--resume", True),
        (Response(500), "/a", "log", True),
        (None, "/a", "workflow record", False),
    ],
)
def test_help(outcome: Response | Failure | None, path: str, words: str, passing: bool) -> None:
    last = Exchange(Request("GET", path), outcome, 1) if outcome is not None else None
    found = NoWitness(OperationId("GET", path), "why", 1, last)
    said, may_pass = without_witness(found, ["app", "invalid"], Judge())
    assert words in said and may_pass is passing
