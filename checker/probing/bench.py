"""What all labs of a target share: the wire, accounts, the listener, the records."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from checker.domain.exchange import Exchange
from checker.domain.operation import SAFE_METHODS, OperationId
from checker.domain.schema import MISSING
from checker.domain.workflow import REQUESTED, Record, Step
from checker.errors import DriftcheckError, TargetError
from checker.planning.known_secrets import learn_token
from checker.planning.variables import Scope
from checker.probing.http import AccountTransport, Wire
from checker.probing.learning import learn_extracts
from checker.probing.records import prepared
from checker.probing.refusals import Refusals
from checker.probing.steps import StepRunner, StepsResult
from checker.probing.webhook import WebhookListener
from checker.settings import Settings, Target, Token


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
    """One target's bench. `accepted` tells whether a step's answer is an acceptance."""

    wire: Wire
    target: Target
    settings: Settings
    records: Mapping[OperationId, Record] = field(default_factory=dict)
    setup: Record | None = None
    listener: WebhookListener | None = None
    accepted: Callable[[Exchange], bool] | None = None
    may_send: Callable[[OperationId], bool] = lambda _: True
    accounts_made: int = 0
    refusals: Refusals = field(default_factory=Refusals)
    setup_exchanges: list[Exchange] = field(default_factory=list)
    named: set[str] = field(default_factory=set)
    """Names that the run made up for new items; for the clean-up."""

    def rng(self, *parts: object) -> random.Random:
        """A generator of its own for a purpose, from the run's seed."""
        return random.Random(f"{self.settings.seed}:" + ":".join(map(str, parts)))

    def first_account(self) -> Account:
        """The account of the tokens and variables that the user gave."""
        scope = self._scope(self.target.variables, "given")
        transport = AccountTransport(self.wire, self.target.tokens, self.target.variables)
        return Account(transport, scope, 0)

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
                tokens[known] = replace(shape, value=str(value))
                learn_token(self.wire.secrets, tokens[known], str(value), named=False)
            variables[name] = value
        transport = AccountTransport(self.wire, tokens, variables)
        scope = self._scope(variables, f"account-{self.accounts_made}")
        return Account(transport, scope, self.accounts_made)

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

    async def run_steps(
        self, account: Account, steps: tuple[Step, ...], scope: Scope
    ) -> StepsResult:
        """Run steps for an account; `scope` receives what they extract."""
        runner = StepRunner(
            account.transport,
            scope,
            listener=self.listener,
            accepted=self.accepted,
            records=self.records,
            default_token=self.default_token(account),
        )
        result = await runner.run_steps(steps)
        learn_extracts(self.wire.secrets, result.extracted)
        for one in result.results:
            own = [name for name, path in one.step.extract.items() if path.startswith(REQUESTED)]
            self.named |= {str(one.extracted[name]) for name in own if name in one.extracted}
        return result

    def default_token(self, account: Account) -> str | None:
        """The token type that is sent where nothing else is said: the first one given."""
        return next(iter(account.tokens), None)


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
