"""A 5xx proves nothing about a field: not that it is required, nor a set, nor a dependency."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from checker.domain.exchange import Exchange, Failure, Request
from checker.domain.finding import Verdict
from checker.domain.judged import Judged
from checker.domain.observation import Kind, Observation, ObservedContract, Rejection
from checker.domain.operation import FieldKey, Place
from checker.drift.registry import all_rules
from checker.drift.rule import Case
from checker.drift.rules.server_error import ServerError
from checker.experiments.bounds import Bounds
from checker.experiments.dependencies import Dependencies
from checker.experiments.enumeration import Enumeration
from checker.experiments.required import Required, removal
from checker.experiments.types import Types
from checker.inference.facts import is_closed
from checker.pipeline.examination import examine
from checker.probing.lab import Lab
from checker.probing.server_errors import confirm_server_errors

from .harness import Incoming, contract, lab, operation, run

BODY = {"name": "anna", "kind": "big", "note": "hello", "size": 3}
DOCUMENTED = operation(
    {
        "properties": {
            "name": {"type": "string"},
            "kind": {"type": "string"},
            "note": {"type": "string"},
            "size": {"type": "integer"},
        }
    }
)


def told(crashes: Callable[[dict[str, Any]], bool], status: int = 500) -> set[tuple[str, str]]:
    """(rule, field) of all findings where the server answers so to what `crashes` is true of."""

    def validate(incoming: Incoming) -> Any:
        return status if crashes(incoming.body) else True

    async def observe() -> ObservedContract:
        async with lab(DOCUMENTED, validate, BODY) as (context, _):
            await run(context, Required(), Enumeration(), Dependencies(), Types())
            context.made[:] = await confirm_server_errors(context.lab, context.made)
            return contract(context)

    observed = asyncio.run(observe())
    case = Case(DOCUMENTED.id, observed, DOCUMENTED)
    return {(f.rule, f.field.name) for rule in all_rules() for f in rule.check(case)}


def test_a_field_whose_absence_crashes() -> None:
    assert ("required-undocumented", "name") in told(lambda body: "name" not in body, 422)
    assert told(lambda body: "name" not in body) == {("server-error", "name")}


def test_a_set_that_crashes_on_other_values() -> None:
    def strange(body: dict[str, Any]) -> bool:
        return body.get("kind", "big") not in ("big", "small")

    assert ("enum-undocumented", "kind") in told(strange, 422)
    assert told(strange) == {("server-error", "kind")}


@pytest.mark.parametrize("others", [{}, {"width": 4, "depth": 5, "weight": 6}])
def test_a_size_that_crashes(others: dict[str, int]) -> None:
    sizes = {"size": 3, **others}
    documented = operation({"properties": {name: {"type": "integer"} for name in sizes}})

    async def told_of(validate: Callable[[Incoming], Any]) -> set[tuple[str, str]]:
        async with lab(documented, validate, sizes) as (context, _):
            await run(context, Bounds())
            context.made[:] = await confirm_server_errors(context.lab, context.made)
            case = Case(documented.id, contract(context), documented)
        return {(f.rule, f.field.name) for rule in all_rules() for f in rule.check(case)}

    def divides(incoming: Incoming) -> Any:
        return 500 if incoming.body["size"] == 0 else incoming.body["size"] > 0

    assert ("server-error", "size") in asyncio.run(told_of(divides))
    assert ("server-error", "size") not in asyncio.run(told_of(lambda i: i.body["size"] >= 0))


def test_fields_that_crash_together() -> None:
    def both_gone(body: dict[str, Any]) -> bool:
        return not {"name", "note"} & set(body)

    assert "dependency-undocumented" in {rule for rule, _ in told(both_gone, 422)}
    assert {rule for rule, _ in told(both_gone)} <= {"server-error"}


@pytest.mark.parametrize("kind", [Kind.REMOVE, Kind.REPLACE])
def test_a_5xx_is_no_refusal(kind: Kind) -> None:
    crash = Observation(
        DOCUMENTED.id, kind, Verdict.REJECTED, rejection=Rejection.SERVER_ERROR, confirmed=True
    )
    assert crash.rejected and not crash.refused


@pytest.mark.parametrize(
    ("rejection", "closed"), [(Rejection.VALIDATION, True), (Rejection.SERVER_ERROR, False)]
)
def test_nonsense_that_crashes_closes_no_set(rejection: Rejection, closed: bool) -> None:
    key = FieldKey(Place.BODY, "kind")
    seen = tuple(
        Observation(
            DOCUMENTED.id,
            Kind.REPLACE,
            Verdict.REJECTED,
            key,
            value,
            rejection,
            confirmed=True,
            detail={"role": "nonsense"},
        )
        for value in ("zq", "xv")
    )
    assert is_closed(ObservedContract(DOCUMENTED.id, seen), key) is closed


class FillsUp:
    """A fuzzer after which nothing more may be sent, or `but` one request."""

    def __init__(self, but: int = 0) -> None:
        self.but = but

    async def fuzz(self, lab: Lab) -> list[Observation]:
        held, send = Failure("held", "there are too many things"), lab.send_request

        async def send_request(request: Request) -> Judged:
            self.but -= 1
            if self.but >= 0:
                return await send(request)
            return lab.bench.judge.judged(Exchange(request, held, 0))

        lab.send_request = send_request  # type: ignore[method-assign]
        return []


def test_a_crash_is_proved_before_nothing_more_may_be_made() -> None:
    def validate(incoming: Incoming) -> Any:
        body = incoming.body
        return 500 if isinstance(body, dict) and isinstance(body.get("note"), dict) else True

    async def go() -> set[tuple[str, str]]:
        async def nothing() -> None:
            pass

        async with lab(DOCUMENTED, validate, BODY) as (context, _):
            await examine(context, [], lambda: False, FillsUp(), nothing, lambda: None, [])
            case = Case(DOCUMENTED.id, contract(context), DOCUMENTED)
            return {(f.rule, f.field.name) for f in ServerError().check(case) if f.field}

    assert ("server-error", "note") in asyncio.run(go())


def test_what_may_not_be_sent_again_is_no_accident() -> None:
    async def go() -> tuple[Observation, bool]:
        async with lab(DOCUMENTED, lambda i: "name" in i.body or 500, BODY) as (context, _):
            crash = (await context.lab.ask_many([removal(FieldKey(Place.BODY, "name"))]))[0]
            await FillsUp(but=1).fuzz(context.lab)
            seen = await confirm_server_errors(context.lab, [crash])
            return seen[0], context.lab.controls.crashing

    seen, crashing = asyncio.run(go())
    assert seen.rejection is Rejection.SERVER_ERROR and not seen.confirmed
    assert not crashing
