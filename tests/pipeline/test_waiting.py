"""What waits for a creation that has no working request."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from document_samples import openapi, write
from documented import operation
from report_samples import make_result
from serving import JsonServer, running

from checker.domain.coverage import gaps
from checker.domain.exchange import Exchange, Request, Response
from checker.domain.observation import OperationOutcome
from checker.domain.operation import Operation, OperationId
from checker.pipeline import run
from checker.pipeline.chains import chains, lacks_thing
from checker.probing.judge import Judge
from checker.probing.trial import NoWitness
from checker.reporting.json_report import from_json, report_json
from checker.reporting.markdown import render
from checker.settings import Settings, Target

MAKE, READ = OperationId("POST", "/venues"), OperationId("GET", "/venues/{venue_id}")
HALL = OperationId("POST", "/venues/{venue_id}/halls")
SEAT = OperationId("GET", "/venues/{venue_id}/halls/{hall_id}")
VISIT = OperationId("POST", "/visits")
EVERY = (MAKE, READ, HALL, SEAT, VISIT)


def documented(id_: OperationId) -> Operation:
    body = {"required": ["hall_id"], "properties": {"hall_id": {"type": "integer"}}}
    return operation(body if id_ == VISIT else None, id=id_)


def outcomes(**statuses: str) -> dict[OperationId, OperationOutcome]:
    names = dict(zip(("make", "read", "hall", "seat", "visit"), EVERY, strict=True))
    return {
        id_: OperationOutcome(id_, statuses.get(name, "no-witness"), f"as {name} met", 4, "help")
        for name, id_ in names.items()
    }


def waiting(lacking: Any, **statuses: str) -> dict[OperationId, OperationId]:
    return chains(lacking, outcomes(**statuses), map(documented, EVERY))


def test_the_end_of_the_chain_is_named() -> None:
    found = waiting({READ, HALL, SEAT, VISIT})
    assert found == dict.fromkeys((READ, HALL, SEAT, VISIT), MAKE)


def test_a_chain_ends_at_what_fails_by_itself() -> None:
    """The hall's creation was refused for another reason than a missing venue."""
    found = waiting({READ, VISIT})
    assert found == {READ: MAKE, VISIT: HALL}


@pytest.mark.parametrize("status", ["probed", "partial"])
def test_nothing_waits_for_what_works(status: str) -> None:
    assert waiting({READ, HALL}, make=status) == {}


@pytest.mark.parametrize(
    ("status", "held", "lacks"), [(404, "", True), (422, "", False), (422, "not its own", True)]
)
def test_only_a_missing_thing_is_waited_for(status: int, held: str, lacks: bool) -> None:
    last = Exchange(Request("GET", "/venues/7"), Response(status), 1)
    assert lacks_thing(NoWitness(READ, "why", 4, last, held=held), Judge()) is lacks


def test_what_waits_is_one_row_beside_its_maker() -> None:
    known = outcomes(hall="skipped")
    waits = [o if o.operation == MAKE else _waiting(o) for o in known.values()]
    result = make_result(operations=tuple(waits))
    found = {g.waits_for: set(g.operations) for g in gaps(result.operations) if g.waits_for}
    assert found == {MAKE: {READ, SEAT, VISIT}}
    page = render(result)
    assert "3 operations wait for what POST /venues makes" in page
    assert "as hall met" in page and "as make met" in page and "as seat met" not in page
    shown = json.loads(json.dumps(report_json(result)))
    assert from_json(shown).operations == result.operations


def _waiting(outcome: OperationOutcome) -> OperationOutcome:
    return replace(outcome, waits_for=MAKE)


class Venues(JsonServer):
    """Nobody can make a venue."""

    def answer(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        if len(path) == 1:
            return (200, []) if method == "GET" else (422, {"message": "not now"})
        return 404, {"message": "no such venue"}


def test_a_run_tells_what_waits(tmp_path: Path) -> None:
    ok: Any = {"responses": {"200": {"description": "ok"}}}
    name = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
    made = {"requestBody": {"content": {"application/json": {"schema": name}}}, **ok}
    given: Any = {"name": "venue_id", "in": "path", "required": True, "schema": {"type": "integer"}}
    one: Any = {"parameters": [given], "get": ok, "patch": made}
    paths: Any = {"/venues": {"get": ok, "post": made}, "/venues/{venue_id}": one}
    write(tmp_path, openapi(paths=paths))
    with running(Venues()) as server:
        target = Target(base_url=server.url)
        result = run(Settings(paths=(tmp_path,), targets=(target,), fuzz=False))
    found = {o.operation: o.waits_for for o in result.operations}
    change = OperationId("PATCH", "/venues/{venue_id}")
    listed = OperationId("GET", "/venues")
    assert found == {MAKE: None, listed: None, READ: MAKE, change: MAKE}
