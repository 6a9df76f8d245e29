"""What a run says that it left behind."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from checker.domain.exchange import Request, Response
from checker.domain.operation import OperationId
from checker.pipeline.cleanup import CleanUp
from checker.probing.bench import Bench
from checker.safety.gate import Gate, Policy
from checker.safety.ownership import Ledger


def made(ledger: Ledger, number: int, path: str, template: str, given: Any, said: Any) -> None:
    content = json.dumps(given).encode()
    request = Request("POST", path, content=content, media_type="application/json")
    ledger.note_sent(number, request)
    response = Response(201, {"content-type": "application/json"}, said, json.dumps(said))
    ledger.note_made(number, request, response, OperationId("POST", template))


@pytest.mark.parametrize("gone", [True, False])
def test_what_went_with_what_it_was_in_is_not_left_behind(gone: bool) -> None:
    """Something unsure and something nameless, in a hall that has been removed or has not."""
    ledger = Ledger()
    for number in (1, 2):
        hall = {"name": f"kx8{number} attic"}
        made(ledger, number, "/halls", "/halls", hall, {"id": number, **hall})
    made(ledger, 3, "/halls/1/rooms", "/halls/{hall}/rooms", {"size": 1}, {"id": 7})
    made(ledger, 4, "/halls/1/notes", "/halls/{hall}/notes", {"size": 1}, {})
    for thing in ledger.alive() if gone else ():
        ledger.note_gone(thing)
    lines = CleanUp(cast(Bench, None), Gate(Policy(), {}, ledger)).left()
    assert len(lines) == (0 if gone else 3), lines
    assert gone or ("rooms: 1 made" in lines[1] and "/halls/1/notes: 1 accepted" in lines[2])
