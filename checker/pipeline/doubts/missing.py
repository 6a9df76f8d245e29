"""Is an operation without a witness missing from the server? Its answers against those of
nonsense routes, with controls that the server tells the two kinds of absence apart."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import unquote

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.finding import Evidence, Verdict
from checker.domain.observation import Kind, Observation, Rejection
from checker.domain.operation import SAFE_METHODS, Operation, OperationId
from checker.domain.templates import variables_in
from checker.domain.workflow import Step
from checker.errors import WorkflowError
from checker.planning.encoding import build_request, path_parameters
from checker.planning.producers import collection_of, shape
from checker.planning.routes import CREATE, act_of
from checker.planning.variables import Scope
from checker.probing.bench import Bench
from checker.probing.lag import PAUSES_S
from checker.probing.refusals import like_both, nonsense_route
from checker.probing.transport import steadily
from checker.probing.trial import NoWitness, Witness, fill

Found = Mapping[OperationId, Witness | NoWitness]
MANY = 2
NOT_HERE = (405, 501)
"""What says that there is no such method, whatever the path names."""
_PLAIN = re.compile(r"[A-Za-z0-9]+([._~-][A-Za-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Stock:
    """The witnesses that the search found, and how one of them is called as a step: what lists
    showed then may be gone by now."""

    bench: Bench
    found: Found
    as_step: Callable[[Witness], Awaitable[Step]]

    async def run(self, steps: Sequence[Step]) -> Scope | None:
        """What the steps give; with something made anew in each collection that they read, where
        nothing is in it any more. None where they can't be run."""
        account = self.bench.first_account()
        for tried in (tuple(steps), None):
            made = (*await self._made(steps), *steps) if tried is None else tried
            scope = account.scope.child()
            if (await self.bench.run_steps(account, made, scope)).ok:
                return scope
        return None

    async def _made(self, steps: Sequence[Step]) -> tuple[Step, ...]:
        read = {shape(s.operation.path) for s in steps if s.operation and s.operation.safe}
        made: tuple[Step, ...] = ()
        for key, witness in self.found.items():
            if isinstance(witness, Witness) and act_of(key) == CREATE and shape(key.path) in read:
                made += (*witness.recipe.steps, await self.as_step(witness))
        return made


async def look(
    bench: Bench, operation: Operation, failed: NoWitness, stock: Stock
) -> Observation | None:
    """The observation that the server has no such operation; None where that isn't sure.

    A 404 may also be about a value in the path: either each is known to exist, made anew or read
    just before, or the server answers an unknown identifier otherwise than an unknown route, and
    the values are plain ones, which a route takes whatever it allows. It may be about a value in
    the query or body: without any the answer must be the same. And asked for its options, the
    path must not differ from a nonsense one. Raises BudgetExhausted.
    """
    last, found = failed.last, stock.found
    answers = [e for e in failed.answers if not e.held]  # what wasn't sent says nothing
    if last is None or last.response is None or not answers:
        return None
    if not all(is_absence(bench, e.response) for e in answers):
        return None
    others = [f for k, f in found.items() if k != operation.id]
    if len(others) >= MANY and not any(isinstance(f, Witness) for f in others):
        return None  # nothing at all is there: another address or base path, rather
    statuses = {e.response.status for e in answers if e.response is not None}
    plain = statuses <= set(NOT_HERE)
    exist = plain or _resources_exist(operation, failed, found)
    if not exist and not await _tells_apart(bench, found.values()):
        return None
    asked = await _made_anew(stock, operation, failed)
    if asked is None or not (exist or _is_plain(asked, operation.id)):
        # What the search has named can't be had now, or no route takes it; what is read may do.
        asked = await _below_reading(stock, operation, failed)
    if asked is None:
        return None
    send = partial(steadily, bench.first_account().transport)
    # What changes with time is the same in both nonsense answers, or in none.
    first, second = (nonsense_route(asked, n) for n in (1, 2))
    before, again = await send(first), await _for_a_while(bench, asked)
    probes = [before, await send(second)]
    if again.response is None or not is_absence(bench, again.response):
        return None
    if not plain and not like_both(probes, again):
        return None
    if not plain and not await _bare_too(bench, operation, probes, again):
        return None
    if not plain and await may_hide(bench, probes, operation, found):
        return None
    routed = not plain and again.response.status // 100 != 2
    if routed and await is_served(bench, again, operation.id, found):
        return None
    evidence = [Evidence("probe", last, Verdict.REJECTED, "the documented operation")]
    evidence += [Evidence("control", p, Verdict.REJECTED, "a nonsense route") for p in probes]
    evidence.append(Evidence("probe", again, Verdict.REJECTED, "the documented operation"))
    return Observation(
        operation.id,
        Kind.EXIST,
        Verdict.REJECTED,
        rejection=Rejection.ABSENCE,
        confirmed=True,
        evidence=tuple(evidence),
        detail={"status": again.response.status},
    )


def _is_plain(request: Request, operation: OperationId) -> bool:
    """Whether the values in a path are words or numbers: many routes take no others."""
    template, path = operation.path.split("/")[::-1], request.url_path.split("/")[::-1]
    values = [unquote(given) for name, given in zip(template, path, strict=False) if "{" in name]
    return all(_PLAIN.fullmatch(value) for value in values)


async def _made_anew(stock: Stock, operation: Operation, failed: NoWitness) -> Request | None:
    """The best request once more, with things that are there now: those that it named the first
    time may be gone. None where they can't be had."""
    assert failed.last is not None
    if not failed.steps or failed.call is None:
        return failed.last.request
    try:
        scope = await stock.run(failed.steps)
        return None if scope is None else build_request(fill(failed.call, scope), operation)
    except WorkflowError:
        return None


def _is_read_above(reading: OperationId, operation: OperationId) -> bool:
    """Whether an operation reads what another one is about: the paths take the same values."""
    values = len(path_parameters(reading.path)) == len(path_parameters(operation.path))
    above = shape(operation.path).startswith(shape(reading.path) + "/")
    return reading.safe and values and above


async def _below_reading(stock: Stock, operation: Operation, failed: NoWitness) -> Request | None:
    """The request for a thing that was read just before: it is at the very path of the operation
    but for its end, which names nothing. None where there is no such reading, or it isn't accepted
    now."""
    if failed.call is None:
        return None
    own = path_parameters(operation.id.path)
    bench = stock.bench
    for key, witness in stock.found.items():
        names = path_parameters(key.path)
        if not isinstance(witness, Witness) or not _is_read_above(key, operation.id):
            continue
        recipe, account = witness.recipe, bench.first_account()
        path = {n: recipe.call.path.get(o) for n, o in zip(own, names, strict=True)}
        try:
            scope = await stock.run(recipe.steps)
            if scope is None:
                continue
            reading = build_request(fill(recipe.call, scope), witness.operation)
            asked = build_request(fill(replace(failed.call, path=path), scope), operation)
        except WorkflowError:
            continue
        if bench.judge.accepted(await steadily(account.transport, reading)):
            return asked
    return None


async def _for_a_while(bench: Bench, request: Request) -> Exchange:
    """The answer to a request; where it says "absent" to one that changes something, that after a
    while: what it names was made just before. (Reads are waited for by the wire.)"""
    for pause in (*PAUSES_S, 0.0):
        answer = await steadily(bench.first_account().transport, request)
        if request.method in SAFE_METHODS or not is_absence(bench, answer.response):
            break
        await bench.wire.pace.sleep(pause)
    return answer


async def _bare_too(
    bench: Bench, operation: Operation, nowhere: Sequence[Exchange], again: Exchange
) -> bool:
    """Whether the path is answered as nonsense routes are without any parameters, too: a
    resource that they name may be what isn't found. Where nothing may be sent without naming
    one, it has to be an own one, which is there."""
    request = again.request
    if not request.query and request.content is None:
        return True
    bare = replace(request, query=(), content=None, media_type=None)
    answer = await steadily(bench.first_account().transport, bare)
    if answer.held:
        return bench.wire.gate.claims.target(request, operation) is not None
    return is_absence(bench, answer.response) and like_both(nowhere, answer)


async def may_hide(
    bench: Bench, nowhere: Sequence[Exchange], operation: Operation, found: Found
) -> bool:
    """Whether the absence may be a refusal of the token: the server answers strangers at a route
    that exists as at a nonsense one, and the token is proven for no operation that is protected
    alike."""
    proven = [
        w
        for w in found.values()
        if isinstance(w, Witness) and w.recipe.call.token is not None and w.operation != operation
    ]
    safe = operation.id.safe
    if any(
        w.operation.security == operation.security and w.operation.id.safe == safe for w in proven
    ):
        return False
    for witness in proven:
        if witness.operation.id.safe:
            request = replace(witness.exchange.request, token=None)
            answer = await steadily(bench.first_account().transport, request)
            return is_absence(bench, answer.response) and like_both(nowhere, answer)
    return False


def is_absence(bench: Bench, response: Response | None) -> bool:
    """Whether an answer can be the one of a route that doesn't exist."""
    if response is None:
        return False
    if response.status // 100 == 2:
        return bench.judge.refusals.is_nowhere(response)
    return response.status in (404, *NOT_HERE)


def _resources_exist(operation: Operation, failed: NoWitness, found: Found) -> bool:
    """Whether each resource in the path was made, and the path up to it is a known one."""
    for name in path_parameters(operation.id.path):
        value = failed.call.path.get(name) if failed.call is not None else None
        names = variables_in(value)
        giver = next((s for s in failed.steps if names & set(s.extract)), None)
        if giver is None or giver.operation is None:
            return False
        above = collection_of(operation.id.path, name)
        prefix = shape(above + "/{" + name + "}")
        proven = any(
            isinstance(other, Witness) and (shape(key.path) + "/").startswith(prefix + "/")
            for key, other in found.items()
        )
        if not proven and shape(giver.operation.path) != shape(above):
            return False
    return True


async def is_served(
    bench: Bench, documented: Exchange, operation: OperationId, found: Found
) -> bool:
    """Whether OPTIONS tells the path from a nonsense one, and nothing says that it is for other
    methods of the path only."""
    shared = any(
        isinstance(other, Witness) and shape(key.path) == shape(operation.path)
        for key, other in found.items()
    )
    send = partial(steadily, bench.first_account().transport)
    first, second = (nonsense_route(documented.request, n) for n in (1, 2))
    before, here, after = [
        await send(replace(r, method="OPTIONS", content=None, operation=None))
        for r in (first, documented.request, second)
    ]
    if like_both((before, after), here):
        return False
    allowed = allowed_at(here.response)
    return operation.method in allowed if allowed else not shared


def allowed_at(response: Response | None) -> set[str]:
    """The methods that an answer names as those of its path; none where it names none."""
    headers = response.headers if response is not None else {}
    return {
        method.strip().upper()
        for name, value in headers.items()
        if name.lower() == "allow"
        for method in value.split(",")
        if method.strip()
    }


async def _tells_apart(bench: Bench, witnesses: Iterable[Witness | NoWitness]) -> bool:
    """Whether an unknown identifier is answered otherwise than an unknown route."""
    send = partial(steadily, bench.first_account().transport)
    for witness in witnesses:
        if not isinstance(witness, Witness):
            continue
        operation = witness.operation
        names = path_parameters(operation.id.path)
        if operation.id.method != "GET" or not names:
            continue
        call = witness.recipe.call
        path = {**call.path, **dict.fromkeys(names, "zqnosuchthing")}
        request = build_request(replace(call, path=path), operation)
        before, item, after = [
            await send(r) for r in (nonsense_route(request, 1), request, nonsense_route(request, 2))
        ]
        if not is_absence(bench, item.response):
            continue  # a name of another form may be all that is refused
        known = before.response is not None and after.response is not None
        return known and not like_both((before, after), item)
    return False
