"""Signs in again where a token ends during a run, by what has signed the same account in before.

Nobody is guessed: sent is, unchanged, a request that this run has already had accepted, and only
where it is shown to sign in whom the ended token stands for.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from checker.domain.credential import Login, OAuth2
from checker.domain.exchange import INVALID, Exchange, Response
from checker.domain.operation import OperationId
from checker.errors import DriftcheckError
from checker.pipeline.doubts.outage import ABOUT_A_TOKEN
from checker.pipeline.doubts.watch import OutageWatch
from checker.planning.json_tokens import claims_of
from checker.planning.known_secrets import learn_token
from checker.probing.http import Wire
from checker.redaction import is_secret_name
from checker.safety.brought import body_of, texts_of
from checker.safety.gate import Gate
from checker.safety.policy import matches
from checker.settings import Token

MAX_RENEWALS = 5
"""So often a run signs in again."""
MAX_FUTILE = 30
"""So many refusals of one status are looked into that turn out to be about something else."""
LEAST_TOKEN = 8

_Asked = tuple[OperationId, str]
"""An operation, and the base URL at which it was asked."""


class Renewal:
    """One target's renewals. `notes` are sentences for the report.

    `tokens` and `variables` are those that the user gave; `signed_in` gives the accepted
    exchanges with the operations that sign in, the oldest first; `watch` knows what a token was
    accepted for.
    """

    def __init__(
        self,
        wire: Wire,
        gate: Gate,
        tokens: Mapping[str, Token],
        variables: Mapping[str, Any],
        signed_in: Callable[[], Iterable[Exchange]],
        watch: OutageWatch,
    ) -> None:
        self.notes: list[str] = []
        self._wire = wire
        self._gate = gate
        self._tokens = tokens
        self._whose = tokens.keys() - {INVALID}
        self._variables = variables
        self._signed_in = signed_in
        self._watch = watch
        self._lock = asyncio.Lock()
        self._futile: Counter[int] = Counter()
        self._given_up: set[str] = set()
        self._again: Counter[str] = Counter()
        """How often each token was got again that the configuration says how to get."""
        self._refusing: set[_Asked] = set()
        """Operations that have refused nobody's credential, or none."""
        self._taking: dict[_Asked, set[str]] = {}
        """Doubted tokens that operations have accepted since."""

    async def after(self, exchange: Exchange, tokens: Mapping[str, Token]) -> bool:
        """Whether a refused request is worth sending again, since its token was renewed."""
        name = exchange.request.token
        self._wire.doubted -= self._proved(exchange)
        if name is None or not self._suspicious(exchange, tokens):
            return False
        before = self._current(tokens[name])
        async with self._lock:
            if self._current(tokens[name]) != before:
                return True  # another request found it out meanwhile
            if isinstance(tokens[name].source, (OAuth2, Login)):
                return await self._got_again(tokens[name], exchange)
            opener = next(self._openers(tokens[name].value), None)
            if opener is None or not self._suspicious(exchange, tokens):
                return False
            return await self._is_over(exchange) and await self._renewed(
                tokens[name], opener, exchange
            )

    def _current(self, token: Token) -> object:
        """What is sent for a token, to be compared later."""
        if token.source is not None:
            return self._wire.signing_in.sessions.get(token.value)
        return self._wire.renewed.get(token.value)

    async def _is_over(self, exchange: Exchange) -> bool:
        """Whether the token of a refused request has ended; where it hasn't, that is counted."""
        if await self._watch.ended(exchange):
            return True
        assert exchange.response is not None
        self._futile[exchange.response.status] += 1
        return False

    async def _got_again(self, token: Token, exchange: Exchange) -> bool:
        """Whether a token that the configuration says how to get has ended, and is got again."""
        if not await self._is_over(exchange):
            return False
        self._again[token.type] += 1
        try:
            await self._wire.signing_in.again(token, self._variables)
        except DriftcheckError:
            self._given_up.add(token.type)
            return False
        if await self._watch.ended(exchange):
            self._given_up.add(token.type)
            return False
        if self._again[token.type] == 1:
            self.notes.append(
                f"The token {token.type} stopped working after {self._wire.sent} requests and was "
                "got again, as the config says."
            )
        return True

    def _proved(self, exchange: Exchange) -> set[str]:
        """The doubted tokens that live, now that an exchange is known: those that were accepted by
        what refuses nobody's token, or none. Others may be open, whatever their documents say."""
        request, response = exchange.request, exchange.response
        if request.operation is None or response is None:
            return set()
        asked, name = (request.operation, request.base), request.token
        if name in (None, INVALID):
            self._refusing |= {asked} if response.status in ABOUT_A_TOKEN else set()
        elif response.status // 100 == 2 and name in self._wire.doubted:
            self._taking.setdefault(asked, set()).add(name)
        return self._taking.get(asked, set()) if asked in self._refusing else set()

    def _suspicious(self, exchange: Exchange, tokens: Mapping[str, Token]) -> bool:
        """Whether an answer may come from an ended token of the user's. What belongs to no
        operation is asked to find that out."""
        name, response = exchange.request.token, exchange.response
        if response is None or name in (None, INVALID) or not self._watch.may_be_over(exchange):
            return False
        ours = name in tokens and tokens[name] == self._tokens.get(name)
        configured = ours and name is not None and tokens[name].source is not None
        open_ = name not in self._given_up and (configured or len(self.notes) < MAX_RENEWALS)
        asked = exchange.request.operation is not None
        return asked and ours and open_ and self._futile[response.status] < MAX_FUTILE

    def _openers(self, value: str) -> Iterator[Exchange]:
        """The accepted sign-ins of whom a token stands for: one has answered with that token, or
        with another one of the same subject, or the user gave all that it takes, and one token."""
        known = {value, self._wire.renewed.get(value, value)}
        subjects = {s for v in known if (s := subject_of(v))}
        given = {str(v) for v in self._variables.values()}
        for exchange in self._signed_in():
            if matches(str(exchange.request.operation), self._gate.policy.deny):
                continue
            handed = handed_out(exchange.response)
            proved = not (known.isdisjoint(handed) and subjects.isdisjoint(map(subject_of, handed)))
            brought = set(texts_of(body_of(exchange.request)))
            if proved or (len(self._whose) == 1 and brought and brought <= given):
                yield exchange

    async def _renewed(self, token: Token, opener: Exchange, refused: Exchange) -> bool:
        request = replace(opener.request, purpose="renewal")
        again = await self._wire.send(request, self._tokens, self._variables)
        response = again.response
        fine = response is not None and 200 <= response.status < 300
        old = self._wire.renewed.get(token.value)
        for value in handed_out(response)[:2] if fine else ():
            if value in (token.value, old):
                continue
            learn_token(self._wire.secrets, token, value, named=False)
            self._wire.renewed[token.value] = value
            if not await self._watch.ended(refused):
                self._wire.doubted |= self._whose - {token.type}
                self._taking.clear()
                self.notes.append(
                    f"The token {token.type} stopped working after {self._wire.sent} requests; "
                    f"the run signed in again by {opener.request.operation}, as it had done "
                    "before, and went on with the token that this answered."
                )
                return True
        if old is None:
            self._wire.renewed.pop(token.value, None)
        else:
            self._wire.renewed[token.value] = old
        self._given_up.add(token.type)
        return False


def handed_out(response: Response | None) -> list[str]:
    """The texts of an answer that may be tokens, those first that are named as secrets."""
    if response is None:
        return []
    found = [("cookie", c.partition(";")[0].partition("=")[2]) for c in response.cookies]
    found = [*_members(response.body, ""), *found]
    found.sort(key=lambda pair: not is_secret_name(pair[0]))
    return list(dict.fromkeys(v for _, v in found if len(v) >= LEAST_TOKEN and " " not in v))


def _members(node: Any, name: str, depth: int = 4) -> Iterator[tuple[str, str]]:
    if isinstance(node, str):
        yield name, node
    elif isinstance(node, Mapping) and depth:
        for member, child in node.items():
            yield from _members(child, str(member), depth - 1)


def subject_of(value: str) -> str:
    """Whom a JSON Web Token is about, by its issuer; empty for any other text."""
    claims = claims_of(value)
    return f"{claims.get('iss', '')} {claims['sub']}" if claims.get("sub") else ""
