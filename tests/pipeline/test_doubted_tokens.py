"""Tokens that may have ended with a renewed one, and what proves that they live."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from documented import operation

from checker.domain.credential import Login
from checker.domain.exchange import INVALID, Exchange, Request, Response
from checker.domain.operation import Operation, OperationId, Security
from checker.errors import TargetError
from checker.pipeline.renewal import Renewal
from checker.redaction import Secrets
from checker.safety.gate import Gate
from checker.safety.ownership import Ledger
from checker.safety.policy import Policy
from checker.settings import Token

READ, SIGN_IN = OperationId("GET", "/things"), OperationId("POST", "/login")
TOKENS = {t: Token(t, f"{t}-quartz-lantern") for t in ("staff", "app", INVALID)}
PROTECTED = Security(alternatives=(("bearer",),))


def answered(
    token: str, status: int, asked: OperationId | None = READ, body: Any = None
) -> Exchange:
    request = Request("GET", "/things", token=token, operation=asked)
    return Exchange(request, Response(status, body=body), 1)


def doubted_after(exchange: Exchange, security: Security, before: set[str]) -> set[str]:
    """What is doubted after an answer. Whoever signs in gets staff's token, then the next one."""
    documented: Operation = replace(operation(id=READ), security=security)

    async def send(request: Request, *_: Any) -> Exchange:
        return Exchange(request, Response(200, body={"token": "staff-opal-marigold"}), 2)

    async def ended(_: Exchange) -> bool:
        return not wire.renewed

    def may_be_over(refused: Exchange) -> bool:
        return refused.response is not None and refused.response.status == 401

    watch: Any = SimpleNamespace(ended=ended, may_be_over=may_be_over)
    wire: Any = SimpleNamespace(doubted=before, renewed={}, sent=9, secrets=Secrets(), send=send)
    gate = Gate(Policy(), {READ: documented}, Ledger())
    signed_in = [answered("staff", 200, SIGN_IN, {"token": TOKENS["staff"].value})]
    renewal = Renewal(wire, gate, TOKENS, {}, lambda: signed_in, watch)
    asyncio.run(renewal.after(exchange, TOKENS))
    return wire.doubted


def test_what_else_was_given_may_have_ended_with_a_token() -> None:
    """Not the made-up one: a server that takes it after that takes anything."""
    assert doubted_after(answered("staff", 401), PROTECTED, set()) == {"app"}


def test_what_asks_for_a_token_proves_the_one_that_it_accepts() -> None:
    assert not doubted_after(answered("app", 200), PROTECTED, {"app"})


@pytest.mark.parametrize(
    ("security", "status", "asked"),
    [
        (Security(alternatives=()), 200, READ),
        (Security(alternatives=((), ("bearer",))), 200, READ),
        (PROTECTED, 404, READ),
        (PROTECTED, 302, READ),
        (PROTECTED, 200, None),
        (PROTECTED, 200, OperationId("GET", "/others")),
    ],
)
def test_what_accepts_anybody_proves_nothing(
    security: Security, status: int, asked: OperationId | None
) -> None:
    assert doubted_after(answered("app", status, asked), security, {"app"}) == {"app"}


@pytest.mark.parametrize(("lives_again", "refused"), [(True, False), (False, False), (True, True)])
def test_a_configured_token_that_ends_is_got_again(lives_again: bool, refused: bool) -> None:
    """As often as it takes, and told once; given up where it can't be had or doesn't help."""
    again: list[str] = []
    dead = True

    async def sign_in(token: Token, _: Any) -> None:
        nonlocal dead
        if refused:
            raise TargetError("no")
        again.append(token.type)
        dead = not lives_again

    async def ended(_: Exchange) -> bool:
        return dead

    watch: Any = SimpleNamespace(ended=ended, may_be_over=lambda _: True)
    tokens = {"staff": replace(TOKENS["staff"], source=Login("POST", "/login", token="$.t"))}
    signing_in = SimpleNamespace(sessions={}, again=sign_in)
    wire: Any = SimpleNamespace(doubted=set(), renewed={}, sent=9, signing_in=signing_in)
    gate = Gate(Policy(), {READ: operation(id=READ)}, Ledger())
    renewal = Renewal(wire, gate, tokens, {}, list, watch)
    worth = []
    for _ in range(7):
        worth.append(asyncio.run(renewal.after(answered("staff", 401), tokens)))
        dead = True
    works = lives_again and not refused
    assert worth == [works] * 7
    assert len(again) == (7 if works else 0 if refused else 1)
    assert len(renewal.notes) == (1 if works else 0)
