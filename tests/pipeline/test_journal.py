"""What the journal makes of an operation's observations."""

from __future__ import annotations

from documented import POST, operation

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.finding import Verdict
from checker.domain.observation import Kind, Observation
from checker.pipeline.choosing.selection import Selection
from checker.pipeline.journal import Journal
from checker.probing.controls import Controls
from checker.probing.judge import Judge


def journal() -> Journal:
    made = Journal(Selection(current=(operation({"properties": {}}),)), Judge())
    request = Request("POST", "/things", operation=POST)
    made.observe(Exchange(request, Response(200, body={"id": 1}, text="{}"), 1))
    made.add(POST, Observation(POST, Kind.REMOVE, Verdict.ACCEPTED, confirmed=True))
    return made


def test_two_versions_silence_all_else_of_the_operation() -> None:
    one = journal()
    assert len(one.observed()[POST].observations) == len(one.observed()[POST].exchanges) == 1
    proof = Observation(POST, Kind.REPEAT, Verdict.INCONCLUSIVE, confirmed=True)
    one.add(POST, proof)
    observed = one.observed()[POST]
    assert observed.observations == (proof,) and not observed.exchanges


def test_the_failure_rate_is_told_where_there_is_one() -> None:
    one = journal()
    one.controls[POST] = Controls(sent=20)
    assert one.failing() == "" and one.observed()[POST].failure_rate < 0.01
    one.controls[POST] = Controls(sent=20, failed=2)
    assert "2 of 20 to POST /things (10%)" in one.failing()
    assert one.observed()[POST].failure_rate > 0.05
