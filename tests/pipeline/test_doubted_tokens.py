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
from checker.pipeline.doubts.renewal import Renewal
from checker.redaction import Secrets
from checker.safety.gate import Gate
from checker.safety.ownership import Ledger
from checker.safety.policy import Policy
from checker.settings import Token

READ, SIGN_IN = OperationId("GET", "/things"), OperationId("POST", "/login")
TOKENS = {t: Token(t, f"{t}-quartz-lantern") for t in ("staff", "app", INVALID)}
PROTECTED = Security(alternatives=(("bearer",),))


def answered(
    token: str | None, status: int, asked: OperationId | None = READ, body: Any = None
) -> Exchange:
    request = Request("GET", "/things", token=token, operation=asked)
    return Exchange(request, Response(status, body=body), 1)


def at_fallback(exchange: Exchange) -> Exchange:
    return replace(exchange, request=replace(exchange.request, base="fallback"))


def doubted_after(before: set[str], *exchanges: Exchange) -> set[str]:
    """What is doubted after answers. Whoever signs in gets staff's token, then the next one."""
    documented: Operation = replace(operation(id=READ), security=PROTECTED)

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
    for exchange in exchanges:
        asyncio.run(renewal.after(exchange, TOKENS))
    return wire.doubted


def test_what_else_was_given_may_have_ended_with_a_token() -> None:
    """Not the made-up one: a server that takes it after that takes anything."""
    assert doubted_after(set(), answered("staff", 401)) == {"app"}


@pytest.mark.parametrize("nobody", [INVALID, None])
@pytest.mark.parametrize("first", [True, False])
def test_what_refuses_nobody_proves_the_token_that_it_accepts(
    nobody: str | None, first: bool
) -> None:
    row = [answered(nobody, 401), answered("app", 200)]
    assert not doubted_after({"app"}, *(row if first else row[::-1]))


@pytest.mark.parametrize(
    "row",
    [
        [answered("app", 200)],
        [answered("app", 200), answered(INVALID, 200), answered(None, 200)],
        [answered("app", 200), answered("staff", 403)],
        [answered("app", 404), answered(INVALID, 401)],
        [answered("app", 302), answered(INVALID, 401)],
        [answered("app", 200, None), answered(INVALID, 401, None)],
        [answered("app", 200, OperationId("GET", "/others")), answered(INVALID, 401)],
        [answered("app", 200), at_fallback(answered(INVALID, 403))],
    ],
    ids=["alone", "open", "one of ours", "not found", "away", "nothing", "others", "elsewhere"],
)
def test_what_accepts_anybody_proves_nothing(row: list[Exchange]) -> None:
    """Its documents may well say that it wants a token."""
    assert doubted_after({"app"}, *row) == {"app"}


def test_what_was_accepted_before_another_renewal_proves_nothing_after_it() -> None:
    row = [answered("app", 200), answered("staff", 401), answered(INVALID, 401)]
    assert doubted_after({"app"}, *row) == {"app"}


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
