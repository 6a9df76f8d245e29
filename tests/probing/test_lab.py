"""The lab against a scripted server: what counts as proof, and what never does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import pytest
from documented import operation
from open_gate import open_gate

from checker.domain.exchange import Call, Exchange, Failure, Request, Response
from checker.domain.finding import Verdict
from checker.domain.observation import Kind, Observation, ObservedContract, Rejection
from checker.domain.operation import FieldKey, Place
from checker.drift.rule import Case
from checker.drift.rules.required_undocumented import RequiredUndocumented
from checker.experiments.required import removal
from checker.inference.sequential import Decision
from checker.planning import edits
from checker.planning.recipe import Recipe
from checker.probing import lab as lab_module
from checker.probing.asks import undecided
from checker.probing.bench import Account, Bench
from checker.probing.confirmation import MOST_BLANKS, Claim, proved
from checker.probing.http import AccountTransport, Wire
from checker.probing.lab import Lab
from checker.probing.server_errors import confirm_server_errors
from checker.settings import Settings, Target

NAME, NOTE = FieldKey(Place.BODY, "name"), FieldKey(Place.BODY, "note")
THING = operation({"properties": {"name": {"type": "string"}, "note": {"type": "string"}}})
T = TypeVar("T")

Script = Callable[[int, Any], int | None]
"""The status that a body gets, by the request's number from 1; None: no answer."""


@dataclass
class Scripted:
    """A transport that answers what a script says; `kinds` tells controls from probes."""

    script: Script
    bodies: list[Any] = field(default_factory=list)

    async def send(self, request: Request) -> Exchange:
        body = json.loads(request.content or b"null")
        self.bodies.append(body)
        number = len(self.bodies)
        status = self.script(number, body)
        if status is None:
            return Exchange(request, Failure("reset", "hung up"), number)
        said = {"id": number} if status < 400 else {"message": "no"}
        headers = {"content-type": "application/json"}
        return Exchange(request, Response(status, headers, said, json.dumps(said)), number)

    @property
    def kinds(self) -> str:
        """The order of controls (C) and probes without a name (P)."""
        return "".join("C" if "name" in b else "P" for b in self.bodies)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    async def sleep(_: float) -> None:
        return None

    monkeypatch.setattr(lab_module.asyncio, "sleep", sleep)


def lab_on(script: Script) -> tuple[Lab, Scripted]:
    target = Target(base_url="http://test.invalid")
    bench = Bench(Wire(target, open_gate()), target, Settings())
    transport = Scripted(script)
    account = Account(cast(AccountTransport, transport), bench.first_account().scope, 0)
    call = Call(THING.id, body={"name": "a", "note": "b"}, media_type="application/json")
    return Lab(bench, THING, Recipe((), call, "generated"), account), transport


def done(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def needs_name(_: int, body: Any) -> int:
    return 201 if "name" in body else 422


def named(observation: Observation) -> list[str]:
    case = Case(THING.id, ObservedContract(THING.id, (observation,)), THING)
    return [f.field.name for f in RequiredUndocumented().check(case)]


# -- what proves something --------------------------------------------------------------------


def test_a_clean_server_is_asked_twice_with_a_control_each_time() -> None:
    lab, server = lab_on(needs_name)
    seen = done(lab.establish(removal(NAME)))
    assert seen.confirmed and seen.rejection is Rejection.VALIDATION
    assert server.kinds == "PCCP"
    assert [e.role for e in seen.evidence] == ["probe", "control", "control", "probe"]
    assert named(seen) == ["name"]


def test_what_is_accepted_needs_no_control() -> None:
    lab, server = lab_on(lambda *_: 201)
    seen = done(lab.establish(removal(NAME)))
    assert seen.accepted and seen.confirmed and server.kinds == "PP"


def test_a_refusal_counts_only_if_the_control_is_accepted() -> None:
    """From the second request on everything is refused: that says nothing about the field."""
    lab, server = lab_on(lambda number, _: 422)
    seen = done(lab.ask(removal(NAME)))
    assert seen.verdict is Verdict.INCONCLUSIVE and lab.broken
    assert server.kinds.startswith("PC")


def test_a_refusal_is_void_where_the_control_fails_at_first() -> None:
    """The ground moved under the probe and came back: the probe is asked again."""
    lab, server = lab_on(lambda number, _: 409 if number in (1, 2) else 201)
    assert done(lab.ask(removal(NAME))).accepted
    assert server.kinds == "PCCP"


def test_a_repetition_that_disagrees_ends_the_claim() -> None:
    lab, _ = lab_on(lambda number, body: 409 if number == 1 else 201)
    seen = done(lab.establish(removal(NAME)))
    assert not seen.confirmed and seen.verdict is Verdict.INCONCLUSIVE
    assert seen.rejection is None and not named(seen)


def test_refusals_of_two_classes_disagree() -> None:
    lab, _ = lab_on(lambda n, body: 201 if "name" in body else 422 if n == 1 else 403)
    assert done(lab.establish(removal(NAME))).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("status", [429, 502, 503, 504, None])
def test_limits_and_the_network_are_no_refusal(status: int | None) -> None:
    lab, _ = lab_on(lambda n, body: 201 if "name" in body else status)
    seen = done(lab.establish(removal(NAME)))
    assert seen.verdict is Verdict.INCONCLUSIVE and not seen.confirmed


@pytest.mark.parametrize("status", [429, None])
def test_a_limit_is_waited_for(status: int | None) -> None:
    lab, _ = lab_on(lambda n, body: status if n == 1 else needs_name(n, body))
    assert done(lab.ask(removal(NAME))).rejection is Rejection.VALIDATION


def test_what_was_seen_once_is_not_reported() -> None:
    lab, _ = lab_on(needs_name)
    seen = done(lab.ask(removal(NAME)))
    assert seen.rejected and not seen.confirmed and not named(seen)


# -- servers that fail now and then ---------------------------------------------------------------


def fails(lab: Lab, failed: int, sent: int, rejection: Rejection = Rejection.SERVER_ERROR) -> None:
    """Let the lab know how many of its unchanged requests failed."""
    for number in range(sent):
        if number < failed:
            lab.controls.missed(rejection)
        else:
            lab.controls.passed()


def test_at_a_tenth_it_takes_four() -> None:
    lab, server = lab_on(needs_name)
    fails(lab, 10, 100, Rejection.VALIDATION)
    seen = done(lab.establish(removal(NAME)))
    assert seen.confirmed and server.kinds.count("P") == 4
    assert server.kinds == "PCCPPCCP"


def test_at_two_fifths_it_gives_up() -> None:
    lab, server = lab_on(needs_name)
    fails(lab, 40, 100, Rejection.VALIDATION)
    seen = done(lab.establish(removal(NAME)))
    assert seen.verdict is Verdict.INCONCLUSIVE and not seen.confirmed and not named(seen)
    assert server.kinds == "PC"


@pytest.mark.parametrize("way", [Rejection.SERVER_ERROR, Rejection.TRANSPORT])
def test_failures_of_another_kind_explain_no_refusal(way: Rejection) -> None:
    lab, server = lab_on(needs_name)
    fails(lab, 40, 100, way)
    assert done(lab.establish(removal(NAME))).confirmed and server.kinds.count("P") == 2


def test_lost_connections_explain_no_5xx() -> None:
    lab, _ = lab_on(lambda _, body: 201 if "name" in body else 500)
    fails(lab, 40, 100, Rejection.TRANSPORT)
    assert done(lab.establish(removal(NAME))).confirmed
    fails(lab, 80, 100)
    assert not done(lab.establish(removal(NAME))).confirmed


def test_what_is_accepted_twice_is_so_however_much_fails() -> None:
    lab, _ = lab_on(lambda *_: 201)
    fails(lab, 40, 100)
    assert done(lab.establish(removal(NAME))).confirmed


def test_controls_that_fail_are_counted() -> None:
    lab, _ = lab_on(lambda n, body: 500 if n == 2 else needs_name(n, body))
    done(lab.establish(removal(NAME)))
    assert (lab.controls.failed, lab.controls.refused) == (1, 0)
    assert lab.bench.controls.failed == 1 and lab.controls.sent > 2
    assert lab.controls.rate > 0.05


def test_the_network_counts_as_a_failure() -> None:
    lab, _ = lab_on(lambda n, body: None if n == 2 else needs_name(n, body))
    done(lab.establish(removal(NAME)))
    assert (lab.controls.failed, lab.controls.refused) == (1, 0)


def test_what_has_to_be_made_anew_is_no_failure() -> None:
    """The unchanged request is refused as often as it is sent again: it is used up."""
    used: list[str] = []

    def once(_: int, body: Any) -> int:
        if body["note"] in used:
            return 409
        used.append(body["note"])
        return 201

    lab, _ = lab_on(once)
    lab._supply.recipe = Recipe((), lab.recipe.call, "generated", (NOTE,))
    done(lab.learn_level())
    assert lab.varied == (NOTE,) and lab.controls.failed == 0


def test_what_one_thing_may_hold_again_is_taken_for_the_next() -> None:
    """The note is accepted of the thing that has it, as often as it is sent; of others it isn't."""
    holders: dict[str, int] = {}
    now = 1

    def of_the_thing(_: int, body: Any) -> int:
        return 200 if holders.setdefault(body["note"], now) == now else 422

    lab, _ = lab_on(of_the_thing)
    done(lab.learn_level())
    now = 2
    assert done(lab.control()) is False and not lab.broken
    assert NOTE in lab.varied and done(lab.control())


def test_a_5xx_of_a_server_that_fails_is_asked_again() -> None:
    lab, _ = lab_on(lambda n, body: 500 if n == 1 else needs_name(n, body))
    fails(lab, 2, 20)
    assert done(lab.ask(removal(NAME))).rejection is Rejection.VALIDATION


def test_one_5xx_takes_the_witness_no_freshness() -> None:
    lab, _ = lab_on(lambda n, body: 500 if n == 1 else 201)
    done(lab.learn_level())
    assert lab.level_reason is None and lab.controls.failed == 1


def test_a_5xx_that_does_not_come_again_is_none() -> None:
    lab, _ = lab_on(lambda n, body: 500 if n == 1 else 201)
    seen = done(lab.ask(removal(NAME)))
    assert seen.rejection is Rejection.SERVER_ERROR
    again = done(confirm_server_errors(lab, [seen]))
    assert again[0].verdict is Verdict.INCONCLUSIVE and lab.controls.failed == 1


def test_a_5xx_confirmed_before_the_rate_was_known_is_asked_again() -> None:
    lab, server = lab_on(lambda n, body: 201 if "name" in body or n > 6 else 500)
    seen = done(lab.establish(removal(NAME)))
    assert seen.confirmed
    # The first of so many probes that failed is no answer: it is asked twice more.
    (seen,) = done(confirm_server_errors(lab, [seen]))
    assert seen.confirmed and len(server.bodies) == 6
    assert done(confirm_server_errors(lab, [seen])) == [seen] and len(server.bodies) == 6
    fails(lab, 2, 20)
    assert done(confirm_server_errors(lab, [seen]))[0].verdict is Verdict.INCONCLUSIVE


def test_claims_older_than_the_rate_of_refusals_are_taken_back() -> None:
    lab, _ = lab_on(needs_name)
    seen = done(lab.establish(removal(NAME)))
    fails(lab, 2, 20)
    assert proved([seen], lab.controls) == [seen]
    fails(lab, 2, 20, Rejection.VALIDATION)
    assert proved([seen], lab.controls)[0].verdict is Verdict.INCONCLUSIVE


# -- two versions behind one address ---------------------------------------------------------------


@pytest.mark.parametrize("first", [0, 1])
def test_every_second_request_gets_to_a_version_that_needs_more(first: int) -> None:
    """The controls always pass; the probe is refused by one of the versions only."""

    def balanced(number: int, body: Any) -> int:
        return needs_name(number, body) if (number + first) % 2 else 201

    lab, _ = lab_on(balanced)
    seen = done(lab.establish(removal(NAME)))
    if first == 0:
        assert not seen.confirmed and lab.broken
        assert lab.doubts.found is not None and lab.doubts.found.kind is Kind.REPEAT
        assert [e.verdict.value[0] for e in lab.doubts.found.evidence] == list("rarara")
    else:
        assert not (seen.rejected and seen.confirmed)


def test_unchanged_requests_that_pass_by_turns() -> None:
    lab, _ = lab_on(lambda number, _: 422 if number % 2 else 201)
    done(lab.establish(removal(NOTE)))
    found = lab.doubts.found
    assert found is not None and found.confirmed
    assert found.detail == {"status": 422, "changed": False}
    assert {e.role for e in found.evidence} == {"control"} and len(found.evidence) == 6


@pytest.mark.parametrize("status", [500, 429, None, 409])
def test_accidents_and_taken_values_are_no_second_version(status: int | None) -> None:
    lab, _ = lab_on(lambda number, _: status if number % 2 else 201)
    for _ in range(4):
        done(lab.establish(removal(NOTE)))
    assert lab.doubts.found is None


def test_a_state_that_is_reached_is_no_second_version() -> None:
    lab, server = lab_on(lambda number, _: 422 if number < 3 else 201)
    done(lab.ask(removal(NOTE)))
    assert lab.doubts.found is None and not lab.broken
    assert len(server.bodies) < 16


def test_a_value_that_was_bad_by_chance_is_no_second_version() -> None:
    """Each request has another note, and every second note is refused whenever it is sent."""
    lab, _ = lab_on(lambda _, body: 422 if sum(map(ord, body["note"])) % 2 else 201)
    call = edits.put(lab.recipe.call, NOTE, "b0")
    lab._supply.recipe, lab._supply.call = Recipe((), call, "generated", (NOTE,)), None
    done(lab.learn_level())
    for _ in range(4):
        done(lab.establish(removal(NAME)))
    assert lab.doubts.found is None


def test_a_repetition_that_comes_to_nothing_is_asked_for_once_more() -> None:
    lab, _ = lab_on(needs_name)
    seen = done(lab.ask(removal(NAME)))
    claim = Claim(seen)
    for _ in range(MOST_BLANKS):
        claim.add(undecided(seen))
        assert claim.decision(lab.controls) is Decision.OPEN
    claim.add(seen)
    assert claim.result(lab.controls).confirmed
    doubtful = Claim(seen)
    for _ in range(MOST_BLANKS + 1):
        doubtful.add(undecided(seen))
    assert doubtful.decision(lab.controls) is Decision.HOPELESS
