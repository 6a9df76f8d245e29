"""Which existing item does a request act on? Told by answers where the route doesn't say it.

`POST /releaseOrder` with an order's id, answered with that order as it was answered when it was
made: the call did something to it and made no new thing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from checker.domain.exchange import Call, Exchange
from checker.domain.finding import Verdict
from checker.domain.schema import MISSING
from checker.domain.templates import variables_in
from checker.domain.workflow import Step
from checker.experiments.base import Context
from checker.planning.answered import status_of
from checker.planning.encoding import build_request, path_parameters
from checker.planning.producers import shape
from checker.planning.recipe import call_variables
from checker.planning.routes import acts_on_item
from checker.probing.bench import created_identifier
from checker.probing.transport import steadily
from checker.probing.trial import fill

MIN_SHARED = 0.75
"""So many of the members that an item had when it was made are in another answer about it."""


def state_shown(context: Context, exchange: Exchange | None) -> str | None:
    """The state that an accepted answer shows; errors have a `status` of their own."""
    response = exchange.response if exchange is not None else None
    if exchange is None or response is None or not context.bench.judge.accepted(exchange):
        return None
    return status_of(response.body)


def made_nothing(exchange: Exchange, identifier: object, maker: Exchange | None = None) -> bool:
    """Whether an accepted answer is about the very item that the request named, or empty:
    then the request did something to it and made no new one.

    `maker` is the exchange that made the item, where it is known.
    """
    response = exchange.response
    if response is None or (response.body is MISSING and not response.text.strip()):
        return True
    if str(created_identifier(response.body)) == str(identifier):
        return True
    return maker is not None and about_item(exchange, identifier, maker)


def about_item(exchange: Exchange, identifier: object, maker: Exchange) -> bool:
    """Whether an answer shows the item that an earlier exchange made."""
    if exchange.response is None or maker.response is None:
        return False
    return same_item(maker.response.body, exchange.response.body, identifier)


def same_item(made: Any, answer: Any, identifier: object) -> bool:
    """Whether an answer shows the item that another one made: its identifier under the same
    name, beside most of the members that it had."""
    first = _holder(made, identifier)
    second = _holder(answer, identifier)
    if first is None or second is None or first[0] != second[0]:
        return False
    members = set(first[1]) - {first[0]}
    return bool(members) and len(members & set(second[1])) >= MIN_SHARED * len(members)


def _holder(body: Any, identifier: object) -> tuple[str, Mapping[str, Any]] | None:
    """The shallowest object that has the identifier, and under which name."""
    queue: deque[Any] = deque([body])
    while queue:
        node = queue.popleft()
        if isinstance(node, Mapping):
            for name, value in node.items():
                if isinstance(value, (str, int)) and str(value) == str(identifier):
                    return str(name), node
            queue.extend(v for v in node.values() if isinstance(v, (Mapping, list)))
        elif isinstance(node, list):
            queue.extend(node[:1])
    return None


async def acted_on(context: Context) -> Step | None:
    """The step that made the item on which the request acts: as its path says, else as the
    answer to a run of its own shows. None where it makes something new."""
    steps, template = context.lab.recipe.steps, context.template
    if acts_on_item(context.documented.id):
        names = {v for value in template.path.values() for v in variables_in(value)}
        made = [s for s in steps if names & set(s.extract) and s.operation]
        if made:
            return made[-1]
    used = call_variables(template)
    makers = [s for s in steps if used & set(s.extract) and s.operation]
    if not makers or context.documented.id.safe:
        return None
    lab = context.lab
    scope = lab.account.scope.child()
    result = await context.bench.run_steps(lab.account, steps, scope)
    if not result.ok:
        return None
    exchange, verdict, _ = await lab.send(fill(template, scope))
    if verdict is not Verdict.ACCEPTED or exchange.response is None:
        return None
    last = {r.step.id: r.exchanges[-1] for r in result.results if r.exchanges}
    for step in reversed(makers):
        values = [scope.stored(name) for name in used & set(step.extract)]
        if step.id in last and any(about_item(exchange, v, last[step.id]) for v in values):
            return step
    return None


async def item_read(context: Context, call: Call) -> Exchange | None:
    """The item that a call below its path acts on, as its own reading operation shows it."""
    return await read_at(context, call.operation.path.rstrip("/").rpartition("/")[0], call)


async def read_at(context: Context, item: str, call: Call) -> Exchange | None:
    """The item at a path that a call's own path begins with, as its reading operation shows it;
    None where there is no such operation, or it isn't accepted."""
    reads = (o for o in context.search.operations if o.id.method == "GET" and "{" in item)
    reading = next((o for o in reads if shape(o.id.path) == shape(item)), None)
    if reading is None or not context.bench.may_send(reading.id):
        return None
    names = dict(zip(path_parameters(reading.id.path), path_parameters(item), strict=False))
    if not call.path.keys() >= set(names.values()):
        return None
    path = {theirs: call.path[ours] for theirs, ours in names.items()}
    for token in dict.fromkeys((call.token, *context.lab.account.tokens)):
        asked = Call(reading.id, path=path, token=token, base=call.base)
        exchange = await steadily(context.lab.account.transport, build_request(asked, reading))
        if context.bench.judge.accepted(exchange):
            return exchange
    return None
