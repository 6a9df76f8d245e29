"""What all labs of a target share: the wire, accounts, the listener, the records."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from yarl import URL

from checker.domain.credential import SetUp
from checker.domain.exchange import Exchange, Failure, Request
from checker.domain.observation import Rejection
from checker.domain.operation import SAFE_METHODS, OperationId
from checker.domain.schema import MISSING
from checker.domain.workflow import Record, Step
from checker.errors import DriftcheckError, TargetError
from checker.planning.known_secrets import learn_token
from checker.planning.routes import CREATE, act_of
from checker.planning.variables import Scope
from checker.probing.attaching import Session
from checker.probing.controls import Controls
from checker.probing.http import AccountTransport, Wire
from checker.probing.judge import Judge
from checker.probing.learning import learn_extracts
from checker.probing.proxies import this_machine
from checker.probing.records import prepared
from checker.probing.steps import StepResult, StepRunner, StepsResult
from checker.probing.webhook import WebhookListener
from checker.safety.inventory import making_for
from checker.settings import Settings, Target, Token

MAX_BROKEN = 6
"""So often an operation that has never worked is tried as a step, where the server fails at it."""
SET_UP = "set-up"
"""What the things of set-ups are made for: they are needed until the end."""


@dataclass(slots=True)
class Account:
    """Tokens and variables that belong together: what the user gave, or a set-up made."""

    transport: AccountTransport
    scope: Scope
    number: int

    @property
    def tokens(self) -> Mapping[str, Token]:
        return self.transport.tokens


@dataclass(slots=True)
class Bench:
    """One target's bench; `judge` is the only one that says what an answer amounts to."""

    wire: Wire
    target: Target
    settings: Settings
    records: Mapping[OperationId, Record] = field(default_factory=dict)
    setup: Record | None = None
    listener: WebhookListener | None = None
    judge: Judge = field(default_factory=Judge)
    may_send: Callable[[OperationId], bool] = lambda _: True
    accounts_made: int = 0
    setup_exchanges: list[Exchange] = field(default_factory=list)
    accounts: dict[int, Account] = field(default_factory=dict)
    """Those that set-ups made, by number."""
    room: Callable[[bool], Awaitable[bool]] | None = None
    """Removes what was made for the present purpose, of each collection all but the last one
    where it is told to spare that; whether anything has gone."""
    standing_in: Callable[[OperationId, Request], Iterator[Exchange]] | None = None
    """The exchanges that made what is there still and may be used in the place of what a refused
    creation asks for, the best first."""
    done_before: Callable[[Exchange], Exchange | None] | None = None
    """The accepted exchange of the very request that is refused now."""
    crowded: set[OperationId] = field(default_factory=set)
    """Creations in whose place things that are there are used where they are refused."""
    worked: set[OperationId] = field(default_factory=set)
    """Operations that have worked as a step."""
    broken: Counter[OperationId] = field(default_factory=Counter)
    """How often the server failed at an operation as a step."""
    controls: Controls = field(default_factory=Controls)
    """How often unchanged requests to the target fail."""

    def rng(self, *parts: object) -> random.Random:
        """A generator of its own for a purpose, from the run's seed."""
        return random.Random(f"{self.settings.seed}:" + ":".join(map(str, parts)))

    def first_account(self) -> Account:
        """The account of the tokens and variables that the user gave."""
        scope = self._scope(self.target.variables, "given")
        transport = AccountTransport(self.wire, self.target.tokens, self.target.variables)
        return Account(transport, scope, 0)

    @property
    def is_called_back(self) -> bool:
        """Whether the target can reach the webhook listener: it is on this machine, too, or the
        listener has a public address."""
        if self.listener is None:
            return False
        host = URL(self.target.base_url or "").host or ""
        return self.target.webhook_url is not None or this_machine(host)

    async def open_account(self) -> Account:
        """A fresh account where there is a set-up, else the one that the user gave."""
        return await self.new_account() or self.first_account()

    async def new_account(self) -> Account | None:
        """A fresh account by the set-up record; None where there is none, or --read-only
        forbids it.

        Raises TargetError where the set-up fails.
        """
        if self.setup is None or self.held_back(self.setup):
            return None
        self.accounts_made += 1
        given = self.first_account()
        with making_for(SET_UP):
            result = await self.run_steps(given, prepared(self.setup, given.tokens), given.scope)
        self.setup_exchanges.extend(result.exchanges)
        if not result.ok:
            raise TargetError(
                f"The set-up record {self.setup.file} failed: {result.reason}.",
                "Run it alone with `driftcheck workflows run` to see why.",
            )
        tokens, variables = dict(given.tokens), dict(self.target.variables)
        for name, value in result.extracted.items():
            if name in tokens or name in self.setup.tokens or name.endswith("_token"):
                known = name if name in tokens else name.removesuffix("_token")
                shape = tokens.get(known, Token(known, ""))
                tokens[known] = replace(shape, value=str(value), source=None)
                learn_token(self.wire.secrets, tokens[known], str(value), named=False)
            variables[name] = value
        number = self.accounts_made
        transport = AccountTransport(self.wire, tokens, variables, number)
        scope = self._scope(variables, f"account-{number}")
        self.accounts[number] = Account(transport, scope, number)
        return self.accounts[number]

    async def sign_in(self) -> None:
        """Get the credentials that the configuration says how to get, before anything is asked
        with them. Raises TargetError where one can't be had."""
        by_setup = [t for t in self.target.tokens.values() if isinstance(t.source, SetUp)]
        account = await self.new_account() if by_setup else None
        if account is not None:
            for token in by_setup:
                value = account.transport.tokens[token.type].value
                self.wire.signing_in.sessions[token.value] = Session(value)
        for token in self.target.tokens.values():
            await self.wire.signing_in.ready(token, self.target.variables)

    def transport_of(self, account: int) -> AccountTransport:
        """The transport of an account by its number; the given one's where it isn't known."""
        known = self.accounts.get(account)
        return (known or self.first_account()).transport

    def held_back(self, record: Record) -> bool:
        """Whether `--read-only` forbids a record's steps."""
        steps = (*record.prerequisites, *record.test_steps)
        return self.settings.read_only and any(s.method not in SAFE_METHODS for s in steps)

    def _scope(self, variables: Mapping[str, Any], purpose: str) -> Scope:
        return Scope(
            given=dict(variables),
            rng=self.rng("variables", purpose, self.accounts_made),
            webhook_url=self.listener.url if self.listener else None,
        )

    async def roomier(self, result: StepsResult, tried: int = 0) -> bool:
        """Whether steps that failed are worth another try, since room was made for the thing that
        the last of them would have made: the server may have refused to keep more. Where there is
        no room to be made, or it was `tried` in vain, a thing that is there may stand in. Where
        that was no help (it may have been moved already), room is made for a new one."""
        stood_in = {r.step.operation for r in result.results if r.stood_in}
        if stood_in and not tried and self.room is not None and await self.room(True):
            self.crowded -= stood_in
            return True
        last = result.results[-1] if result.results else None
        if last is None or not _makes(last.step) or not any(map(_refused, last.exchanges)):
            return False
        if not tried and self.room is not None and await self.room(True):
            return True
        operation = last.step.operation
        if tried > 1 or operation is None or operation in self.crowded:
            return False
        if self._stand_in(last.step, last.exchanges[-1]) is None:
            return False
        self.crowded.add(operation)
        return True

    def _stand_in(self, step: Step, refused: Exchange) -> Exchange | None:
        """What made a thing that may be used in the place of the one that a step asked for."""
        if self.standing_in is None or step.operation is None or not _refused(refused):
            return None
        return next(self.standing_in(step.operation, refused.request), None)

    def _instead(self, step: Step, refused: Exchange) -> Exchange | None:
        if step.operation in self.crowded:
            return self._stand_in(step, refused)
        # What gives later steps a value has to be made anew; what only changes a thing that
        # stands in may have been done to it before.
        rejection = self.judge.judged(refused).rejection
        if step.extract or self.done_before is None or rejection not in _MAY_BE_DONE:
            return None
        return self.done_before(refused)

    async def run_steps(
        self, account: Account, steps: tuple[Step, ...], scope: Scope, *, anew: bool = True
    ) -> StepsResult:
        """Run steps for an account; `scope` receives what they extract. Unless all is to be made
        `anew`, things that are there stand in for those that the server makes no more of. What has
        only brought failures of the server so far isn't run again and again."""
        for step in steps:
            if self._only_breaks(step.operation):
                return StepsResult(False, f"step {step.id}: {step.operation} only fails")
        runner = StepRunner(
            account.transport,
            scope,
            listener=self.listener,
            accepted=self.judge.accepted,
            records=self.records,
            default_token=self.default_token(account),
            instead=None if anew else self._instead,
        )
        result = await runner.run_steps(steps)
        for one in result.results:
            if one.step.operation is not None:
                self.worked |= {one.step.operation} if one.ok else set()
                self.broken[one.step.operation] += _breaks(one)
        learn_extracts(self.wire.secrets, result.extracted)
        return result

    def _only_breaks(self, operation: OperationId | None) -> bool:
        if operation is None or operation in self.worked:
            return False
        return self.broken[operation] >= MAX_BROKEN

    def living(self, account: Account) -> Mapping[str, Token]:
        """The account's tokens but for those that have ended."""
        return {t: token for t, token in account.tokens.items() if t not in self.wire.ended}

    def default_token(self, account: Account) -> str | None:
        """The token type that is sent where nothing else is said: the first one given."""
        return next(iter(account.tokens), None)


def _breaks(result: StepResult) -> bool:
    """Whether the server failed at a step, or was too late."""
    outcome = result.exchanges[-1].outcome if result.exchanges and not result.ok else None
    if isinstance(outcome, Failure):
        return outcome.kind == "timeout"
    return outcome is not None and outcome.status >= 500


_MAY_BE_DONE = (Rejection.VALIDATION, Rejection.CONFLICT)


def _makes(step: Step) -> bool:
    """Whether a step's operation makes things in a collection."""
    return step.operation is not None and act_of(step.operation) == CREATE


def _refused(exchange: Exchange) -> bool:
    """Whether a creation may have been refused since there are as many things as there may be:
    the server said so, or what the run may make is used up."""
    outcome = exchange.outcome
    if isinstance(outcome, Failure):
        return outcome.cause == "created"
    return outcome.status < 500 and outcome.status not in (401, 429)


class LabBroken(DriftcheckError):
    """No accepted control can be had any more; the operation is inconclusive."""


def created_identifier(body: Any) -> Any:
    """The identifier in a create answer: the shallowest `id`-like member, or MISSING."""
    queue: list[Any] = [body]
    while queue:
        node = queue.pop(0)
        if isinstance(node, Mapping):
            for name in ("id", "uid", "uuid", "_id", "guid", "key", "name"):
                if isinstance(node.get(name), (str, int)):
                    return node[name]
            queue.extend(v for v in node.values() if isinstance(v, (Mapping, list)))
        elif isinstance(node, list):
            queue.extend(node[:1])
    return MISSING
