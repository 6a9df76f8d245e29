"""Runs the steps of a workflow: variables, requests, expectations, extracts, waiting."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import jsonpath

from checker.domain.exchange import Exchange, Failure, Request
from checker.domain.operation import OperationId
from checker.domain.schema import MISSING
from checker.domain.templates import needed_by
from checker.domain.workflow import LOCATION, REQUESTED, Record, Step, Until
from checker.errors import WorkflowError
from checker.planning.answered import located
from checker.planning.encoding import scalar_text
from checker.planning.markup import content_of
from checker.planning.recipe import match_path
from checker.planning.step_requests import RequestBuilder
from checker.planning.variables import Scope, substitute
from checker.probing.oracle import message_of
from checker.probing.transport import Transport
from checker.probing.webhook import WebhookListener

MAX_SLEEP_S = 10.0
MAX_POLLS = 500
RETRIES = 3
AFTER_EVENT_S = 0.05
"""Senders change the state only when they have the listener's answer."""


@dataclass(frozen=True, slots=True)
class StepResult:
    """What became of one step. `skipped` steps are ok; `reason` says why one isn't.

    `stale` says what the record expected where another accepted answer came; `stood_in`: it was
    refused, and what was there gave its values.
    """

    step: Step
    ok: bool
    reason: str = ""
    exchanges: tuple[Exchange, ...] = ()
    extracted: Mapping[str, Any] = field(default_factory=dict)
    skipped: bool = False
    stale: str = ""
    stood_in: bool = False


@dataclass(frozen=True, slots=True)
class StepsResult:
    """What became of a list of steps; `reason` is that of the step that ended it."""

    ok: bool
    reason: str = ""
    results: tuple[StepResult, ...] = ()

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        return tuple(e for r in self.results for e in r.exchanges)

    @property
    def shaky(self) -> bool:
        """Whether the network failed on the way, even where a repetition got through."""
        return any(isinstance(e.outcome, Failure) and not e.held for e in self.exchanges)

    @property
    def tries(self) -> int:
        """How often steps are worth a try: once more, and oftener where the one that failed varies
        values, of which one may be taken."""
        last = self.results[-1] if self.results else None
        answer = last.exchanges[-1].response if last is not None and last.exchanges else None
        failed = answer is not None and answer.status >= 500
        return 4 if last is not None and last.step.vary and not failed else 2

    @property
    def held(self) -> bool:
        """Whether the gate let a step's request not out."""
        return any(e.held for e in self.exchanges)

    @property
    def extracted(self) -> dict[str, Any]:
        return {k: v for r in self.results for k, v in r.extracted.items()}


class StepRunner:
    """Runs steps in one scope through one transport.

    `records` by operation: a step whose operation has a record with `useFallbackApi` uses that
    record's base URL and token. `accepted` judges answers of steps that expect no status, and
    those of other statuses than the expected: unless `strict`, an accepted answer is enough (a
    record that expects another success status is stale, not wrong). `sleep_scale` scales the
    steps' own sleeps, `max_sleep_s` caps them. `token_types` are the ones that there are, where
    known. `instead` gives another exchange to take a refused step's values from, where it may.
    """

    def __init__(
        self,
        transport: Transport,
        scope: Scope,
        *,
        accepted: Callable[[Exchange], bool],
        listener: WebhookListener | None = None,
        records: Mapping[OperationId, Record] | None = None,
        default_token: str | None = None,
        sleep_scale: float = 1.0,
        max_sleep_s: float = MAX_SLEEP_S,
        strict: bool = False,
        token_types: Collection[str] | None = None,
        instead: Callable[[Step, Exchange], Exchange | None] | None = None,
    ) -> None:
        self.transport = transport
        self.scope = scope
        self.listener = listener
        self.accepted = accepted
        self.builder = RequestBuilder(scope, records or {}, default_token, token_types)
        self.sleep_scale = sleep_scale
        self.max_sleep_s = max_sleep_s
        self.strict = strict
        self.instead = instead

    async def run_steps(self, steps: tuple[Step, ...]) -> StepsResult:
        """Run steps in order until one fails whose `onFail` is abort.

        A failed step with `onFail: skip` counts as skipped, with `continue` as failed; both let
        the next steps run. A step that needs what such a step didn't give fails with that
        reason. Raises WorkflowError for a variable that nothing gives.
        """
        results: list[StepResult] = []
        lost: dict[str, str] = {}
        for step in steps:
            needed = sorted(n for n in needed_by(step) & lost.keys() if not self.scope.has(n))
            if needed and not step.skip_reason:
                why = f"it needs {needed[0]}, which step {lost[needed[0]]} didn't give"
                result = StepResult(step, False, why)
            else:
                result = await self.run_step(step)
            if not result.ok and step.on_fail == "skip":
                result = replace(result, ok=True, skipped=True)
            results.append(result)
            lost |= {name: step.id for name in step.extract if name not in result.extracted}
            if not result.ok and step.on_fail != "continue":
                return StepsResult(False, f"step {step.id}: {result.reason}", tuple(results))
        return StepsResult(True, "", tuple(results))

    async def run_step(self, step: Step) -> StepResult:
        """Run one step. Raises WorkflowError for an unknown variable."""
        if step.skip_reason:
            return StepResult(step, True, step.skip_reason, skipped=True)
        seen = len(self.listener.events) if self.listener else 0
        exchanges: list[Exchange] = []
        exchange = await self._send(step, exchanges)
        ok, stale = self._expected(step, exchange)
        other = self.instead(step, exchange) if self.instead is not None and not ok else None
        if other is None and not ok:
            return StepResult(step, False, _unexpected(step, exchange), tuple(exchanges))
        if other is not None:
            exchange = other
        extracted, missing = self._extract(step, exchange)
        if missing and step.until is None:
            return StepResult(step, False, missing, tuple(exchanges), extracted, stale=stale)
        reason = await self._wait(step, seen, exchanges)
        if step.until is not None and not reason:
            extracted, reason = self._extract(step, exchanges[-1])
        stood_in = other is not None
        return StepResult(
            step, not reason, reason, tuple(exchanges), extracted, stale=stale, stood_in=stood_in
        )

    def request(self, step: Step) -> Request:
        """The step's request; raises WorkflowError as `RequestBuilder.request` does."""
        return self.builder.request(step)

    async def _send(self, step: Step, exchanges: list[Exchange]) -> Exchange:
        """The step's exchange; a failure of the network is tried again with a fresh request."""
        for attempt in range(RETRIES):
            exchange = await self.transport.send(replace(self.request(step), purpose="step"))
            exchanges.append(exchange)
            status = exchange.response.status if exchange.response else None
            if status in step.expect_status or exchange.held:
                break
            if not isinstance(exchange.outcome, Failure) and status not in (502, 504):
                break
            if attempt + 1 < RETRIES:
                await asyncio.sleep(0.05 * 2**attempt)
        return exchange

    def _expected(self, step: Step, exchange: Exchange) -> tuple[bool, str]:
        """(whether the answer will do, what the record expected instead)."""
        if exchange.response is None:
            return False, ""
        if not step.expect_status:
            return self.accepted(exchange), ""
        if exchange.response.status in step.expect_status:
            return True, ""
        if self.strict or not self.accepted(exchange):
            return False, ""
        wanted = _statuses(step)
        return True, f"it answered {exchange.response.status}, the record expects {wanted}"

    def _extract(self, step: Step, exchange: Exchange) -> tuple[dict[str, Any], str]:
        """What the answer gives, kept in the scope, and what it lacks."""
        body = content_of(exchange.response)
        found: dict[str, Any] = {}
        missing = ""
        for name, path in step.extract.items():
            value = self._value(step, path, exchange)
            if value is not MISSING:
                found[name] = value
                self.scope.set(name, value)
            elif not missing:
                what = "the answer is not JSON, so" if body is MISSING else "the answer has"
                missing = f"{what} nothing is at {path} for {name}"
                missing = missing.replace("has nothing is", "has nothing")
        return found, missing

    def _value(self, step: Step, path: str, exchange: Exchange) -> Any:
        """What an extract's expression finds, or MISSING."""
        response = exchange.response
        if path == LOCATION:
            return (response and located(response)) or MISSING
        if path.startswith(REQUESTED):
            template = step.operation.path if step.operation else step.path
            sent = match_path(template, exchange.request.url_path) or {}
            return sent.get(path.removeprefix(REQUESTED), MISSING)
        return find(str(substitute(path, self.scope)), content_of(response))

    async def _wait(self, step: Step, seen: int, exchanges: list[Exchange]) -> str:
        """Sleep, wait for the event, poll; why it was in vain, or nothing."""
        if step.wait_for is not None:
            if self.listener is None:
                return "it waits for an event, and no listener runs"
            wanted = str(substitute(step.wait_for.event, self.scope))
            event = await self.listener.wait_for(wanted, step.wait_for.timeout_s, after=seen)
            if event is None:
                return f"no event {wanted!r} came within {step.wait_for.timeout_s:g} s"
            await asyncio.sleep(AFTER_EVENT_S)
        attending: contextlib.AbstractContextManager[None] = contextlib.nullcontext()
        sleep_ms = step.sleep_ms + step.settle_ms
        if self.listener is not None and (sleep_ms or step.until):
            attending = self.listener.attending(seen)
        with attending:
            if sleep_ms:
                wanted_s = sleep_ms / 1000 * self.sleep_scale
                await asyncio.sleep(min(wanted_s, self.max_sleep_s))
            if step.until is not None:
                return await self._until(step, step.until, exchanges)
        return ""

    async def _until(self, step: Step, until: Until, exchanges: list[Exchange]) -> str:
        loop = asyncio.get_running_loop()
        end = loop.time() + until.timeout_s
        wanted = substitute(until.equals, self.scope)
        for _ in range(MAX_POLLS):
            last = exchanges[-1].response
            value = find(until.path, last.body) if last else MISSING
            if value is not MISSING and same(value, wanted):
                return ""
            if loop.time() >= end:
                break
            await asyncio.sleep(until.every_s)
            await self._send(step, exchanges)
        shown = "nothing" if value is MISSING else repr(value)[:120]
        return f"{until.path} was {shown}, not {wanted!r}, after {until.timeout_s:g} s"


def same(found: Any, wanted: Any) -> bool:
    """Equal as JSON; a text in the record also stands for the number or boolean it spells."""
    if found == wanted and isinstance(found, bool) == isinstance(wanted, bool):
        return True
    if isinstance(wanted, str) and isinstance(found, (bool, int, float)):
        return scalar_text(found) == wanted
    return isinstance(found, str) and isinstance(wanted, (int, float)) and found == str(wanted)


def find(path: str, body: Any) -> Any:
    """The first value at a JSONPath, or MISSING; raises WorkflowError for a bad path."""
    compiled = _compiled(path)
    if body is MISSING:
        return MISSING
    try:
        hit = next(iter(compiled.finditer(body)), None)
    except (jsonpath.JSONPathError, RecursionError, TypeError):
        return MISSING
    return MISSING if hit is None else hit.obj


@lru_cache(maxsize=512)
def _compiled(path: str) -> Any:
    try:
        return jsonpath.compile(path)
    except (jsonpath.JSONPathError, ValueError, RecursionError) as error:
        words = " ".join(str(error).split())
        raise WorkflowError(
            f"{path!r} is not a JSONPath ({words}).", "Write one such as `$.data.items[0].id`."
        ) from None


def _statuses(step: Step) -> str:
    shown = " or ".join(str(s) for s in step.expect_status[:5])
    return shown + (" …" if len(step.expect_status) > 5 else "")


def _unexpected(step: Step, exchange: Exchange) -> str:
    request = exchange.request
    if exchange.held:
        return f"{request.method} {request.url_path} was not sent: {exchange.held}"
    status = exchange.response.status if exchange.response else "nothing:"
    said = message_of(exchange.outcome, 160)
    reason = f"{request.method} {request.url_path} answered {status} {said}".strip()
    if step.expect_status and exchange.response is not None:
        reason += f" (expected {_statuses(step)})"
    return reason
