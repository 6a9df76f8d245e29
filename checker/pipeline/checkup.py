"""Is a configuration ready for a run? Asked of each target with a few harmless requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from checker.domain.checkup import Check, CheckState, Checkup
from checker.domain.credential import SetUp
from checker.domain.exchange import Exchange, Failure, Request
from checker.domain.numbers import is_number
from checker.domain.operation import Operation, Place
from checker.domain.portal import Portal
from checker.errors import DriftcheckError
from checker.pipeline.choosing.shares import budget_of
from checker.pipeline.gating import gate_for
from checker.pipeline.preparation import Part, prepare
from checker.pipeline.run import planned_part
from checker.planning.credentials import joint_name, scheme_for, schemes_of, tokens_for
from checker.planning.encoding import path_parameters
from checker.planning.json_tokens import claims_of
from checker.probing import base_paths
from checker.probing.bench import Bench
from checker.probing.http import Wire
from checker.probing.learning import share
from checker.reporting.clean import without_user
from checker.safety.effects import Effect
from checker.safety.gate import Gate
from checker.settings import Settings, Token, token_variable

MAX_READS = 5
"""Reading operations that a token is tried with, at most."""
REFUSED = (401, 403)
ENOUGH = 100


def examine(settings: Settings, portal: Portal) -> list[Checkup]:
    """Each target's checkup; a dry run's has no checks, since they take requests."""
    return [asyncio.run(_examine(settings, part)) for part in prepare(settings, portal)]


async def _examine(settings: Settings, part: Part) -> Checkup:
    target = part.target
    gate = gate_for(settings, target, part.portal.operations(), part.portal.records)
    planned = tuple(planned_part(part, settings))
    asked = sum(o.max_requests for o in planned if not o.reason)
    found = Checkup(
        target.name,
        without_user(target.base_url or ""),
        planned=planned,
        most=min(asked, budget_of(settings, len(planned))),
    )
    if settings.dry_run or target.base_url is None:
        return found
    wire = Wire(
        target,
        gate,
        max_requests=ENOUGH,
        rate=settings.rate,
        timeout=settings.timeout,
        max_retry_wait=settings.max_retry_wait,
        concurrency=1,
    )
    share(wire, settings.secrets)
    async with wire:
        bench = Bench(wire=wire, target=target, settings=settings)
        checks = [check async for check in _Looking(bench, gate, part).checks()]
    return replace(found, checks=tuple(checks), sent=wire.sent)


class _Looking:
    """One target, looked at."""

    def __init__(self, bench: Bench, gate: Gate, part: Part) -> None:
        self._wire = bench.wire
        self._part = part
        self._judge = bench.judge
        for operation in part.selection.known:
            self._judge.add(operation)
        self._schemes = schemes_of(part.selection.known)
        self._reads = list(_reads(gate, part.selection.known))
        self._open: dict[Operation, bool] = {}

    async def checks(self) -> AsyncIterator[Check]:
        """One after the other; those of the tokens only where somebody answers."""
        reached = await self._reached()
        yield reached
        if reached.state is CheckState.WRONG:
            return
        unserved = await base_paths.unserved(self._wire.look, self._part.selection.known)
        self._wire.left_out = tuple(unserved)
        for base, why in unserved.items():
            said = f"{base} isn't served: {why}; it is left out"
            yield Check(
                CheckState.UNKNOWN, "base path", said, "Mend the documents, or the base URL."
            )
        for token in self._part.target.tokens.values():
            try:
                yield await self._token(token)
            except DriftcheckError as error:
                yield Check(CheckState.WRONG, f"token {token.type}", error.message, error.mend)
        if not self._part.target.tokens:
            yield self._none()

    async def _reached(self) -> Check:
        address = without_user(self._part.target.base_url or "")
        try:
            outcome = (await self._wire.send(Request("GET", "/"), {}, {})).outcome
        except DriftcheckError as error:
            return Check(CheckState.WRONG, "address", error.message, error.mend)
        if isinstance(outcome, Failure):
            return Check(
                CheckState.WRONG, "address", f"{address}: {outcome.message}.", "Check the base URL."
            )
        return Check(CheckState.FINE, "address", f"{address} answers ({outcome.status} to GET /).")

    def _none(self) -> Check:
        wanted = self._schemes
        if not wanted:
            return Check(CheckState.FINE, "tokens", "None is given, and the documents want none.")
        names = ", ".join(s.name for s in wanted.values())
        said = f"None is given; the documents name {names}."
        variables = " or ".join(token_variable(s.name) for s in wanted.values())
        return Check(CheckState.UNKNOWN, "tokens", said, f"Set {variables}, or say how to get it.")

    async def _token(self, token: Token) -> Check:
        """Whether a token opens what is closed without it."""
        what = f"token {token.type}"
        if isinstance(token.source, SetUp):
            return Check(CheckState.UNKNOWN, what, "The set-up record gives it, when a run begins.")
        await self._wire.signing_in.ready(token, self._part.target.variables)
        ended = _ended(self._current(token), self._wire.now())
        if ended:
            return Check(CheckState.WRONG, what, f"It ended at {ended}.", "Get a new one.")
        refused: Exchange | None = None
        for operation in self._to_try(token):
            seen = await self._asked(operation, token.type)
            if not self._judge.accepted(seen):
                told = _refuses(seen) and self._is_for(operation, token)
                refused = refused or (seen if told else None)
                continue
            if not await self._is_open(operation):
                said = f"{operation.id} answers {_status(seen)} with it, and refuses without it."
                return Check(CheckState.FINE, what, f"{_way(token)}; {said}")
        if refused is not None:
            line = f"{refused.request.operation} answers {_status(refused)} with it"
            return Check(CheckState.WRONG, what, f"{line} ({_way(token)}).", self._doubt(token))
        said = f"{_way(token)}; no reading operation shows whether it works."
        return Check(CheckState.UNKNOWN, what, said)

    def _current(self, token: Token) -> str:
        session = self._wire.signing_in.sessions.get(token.value)
        return session.value if session is not None else token.value

    def _to_try(self, token: Token) -> list[Operation]:
        """Reading operations, those first whose documents name the token."""
        tokens = self._part.target.tokens
        fitting = [o for o in self._reads if token.type in tokens_for(o.security, tokens)]
        fitting.sort(key=lambda o: (not self._is_for(o, token), not o.security.protected))
        return fitting[:MAX_READS]

    def _is_for(self, operation: Operation, token: Token) -> bool:
        """Whether an operation's document names the token, alone; or no scheme is known of it."""
        scheme = scheme_for(token.type, self._schemes)
        name = token.type if token.also or scheme is None else scheme.name
        named = [joint_name(names) for names in operation.security.alternatives or ()]
        return name in named or (scheme is None and operation.security.protected)

    async def _asked(self, operation: Operation, token: str | None) -> Exchange:
        request = Request("GET", operation.id.path, token=token, operation=operation.id)
        target = self._part.target
        return await self._wire.send(request, target.tokens, target.variables)

    async def _is_open(self, operation: Operation) -> bool:
        if operation not in self._open:
            seen = await self._asked(operation, None)
            self._open[operation] = self._judge.accepted(seen)
        return self._open[operation]

    def _doubt(self, token: Token) -> str:
        """What is often wrong with a token that is refused."""
        schemes = self._schemes
        first, _, rest = token.value.strip().partition(" ")
        if rest and first.lower() in ("bearer", "basic", "token") and token.scheme:
            return f"Its value begins with {first!r}, which is sent before it anyway: leave it out."
        if token.value[:1] in "\"'" and token.source is None:
            return "Its value is in quotes: leave them out."
        if not token.shaped and scheme_for(token.type, schemes) is None and schemes:
            names = ", ".join(s.name for s in schemes.values())
            return f"No documented scheme is called so; call it as one of {names}."
        return "Get a new one, or say in the config how it is sent."


def _reads(gate: Gate, operations: Iterable[Operation]) -> Iterator[Operation]:
    """Operations that only read and take nothing that has to be known."""
    for operation in operations:
        needs = [f for f in operation.parameters if f.required and f.key.place is not Place.PATH]
        if operation.id.method != "GET" or needs or path_parameters(operation.id.path):
            continue
        reads = gate.assessor.assess(operation).effect is Effect.READS
        if reads and gate.expected(operation) is None:
            yield operation


def _refuses(exchange: Exchange) -> bool:
    return exchange.response is not None and exchange.response.status in REFUSED


def _status(exchange: Exchange) -> str:
    return str(exchange.response.status) if exchange.response is not None else "nothing"


def _way(token: Token) -> str:
    """How a token is sent, in words."""
    if token.also:
        return "sent together: " + ", ".join(part.type for part in token.also)
    if token.query:
        return f"sent in the query as {token.query}"
    if token.cookie:
        return f"sent as the cookie {token.cookie}"
    scheme = f": {token.scheme} …" if token.scheme and not token.header else ""
    return f"sent as {token.header or 'Authorization'}{scheme}"


def _ended(value: str, now: float) -> str:
    """When a JSON Web Token has ended; empty where it hasn't, or doesn't say."""
    ends = claims_of(value).get("exp")
    if not is_number(ends) or ends > now:
        return ""
    return datetime.fromtimestamp(ends, UTC).strftime("%Y-%m-%d %H:%M UTC")
