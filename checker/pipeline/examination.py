"""The experiments on one operation that has a witness, in their order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

from checker.domain.judged import Judged
from checker.domain.observation import Observation
from checker.domain.operation import UNKNOWN_NAME, Operation
from checker.experiments.base import Context
from checker.experiments.registry import all_experiments
from checker.pipeline.choosing.choice import Choice, everything
from checker.pipeline.journal import statuses_once
from checker.planning.encoding import is_json
from checker.planning.wrong_values import nonsense
from checker.probing.bench import LabBroken
from checker.probing.confirmation import proved
from checker.probing.fuzz import confirm_failures
from checker.probing.lab import Lab
from checker.probing.server_errors import confirm_server_errors
from checker.probing.supply import Level
from checker.questions.ledger import Ledger
from checker.questions.running import ask_all, ask_of
from checker.search.solver import CallSource

_FLEETING = (401, 403, 408, 429)
"""Refusals that depend on the moment or the credential: one is no sign of a second."""
_OF_ROUTES = (404, 405)
"""Refusals of an address, whatever is sent there."""


class FuzzSource(CallSource, Protocol):
    """Generates calls, and fuzzes an operation through its lab."""

    async def fuzz(self, lab: Lab) -> list[Observation]: ...


async def examine(
    context: Context,
    seen: Sequence[Judged],
    spent: Callable[[], bool],
    fuzzer: FuzzSource | None,
    make_room: Callable[[], Awaitable[None]],
    found: Callable[[], Operation | None],
    further: list[Observation],
    choice: Choice | None = None,
) -> tuple[str, Ledger | None]:
    """Run the experiments, then ask what they left open; why some were left out, empty where
    none was, and what became of the questions.

    What they observe is in `context.made`. `seen` grows with each of the operation's exchanges;
    `spent` tells whether its share of the budget is used up. `make_room` removes what earlier
    experiments have made. `found` is the operation with the fields that no document has as they
    were found; what is observed of these then goes to `further`. Only what is in the `choice` is
    asked. The lab may be broken afterwards.
    """
    lab, made, choice = context.lab, context.made, choice or everything()
    await _learn_oracle(lab)
    left_out = await _run(context, choice.experiments, spent, make_room)
    if not lab.broken:
        # Now, and not only at the end: what is still to come may use up what may be made.
        made[:] = await confirm_server_errors(lab, made)
    ledger = None
    if not lab.broken and not left_out:
        await make_room()
        ledger = await ask_all(context, spent, choice.questions)
    if any(o.confirmed for o in made) and not left_out:
        context.explaining = True
        left_out = await _run(context, choice.explaining, spent, make_room)
        context.explaining = False
    if fuzzer is not None and choice.whole and not lab.broken and not left_out:
        made.extend(await fuzzer.fuzz(lab))
    if choice.whole and not lab.broken and not left_out:
        failed = context.search.failed.get(context.documented.id, ())
        made.extend(await confirm_failures(lab, failed))
    if not lab.broken:
        made[:] = proved(await confirm_server_errors(lab, made), lab.controls)
        if choice.whole:
            await _refused(lab, seen)
            await _second_look(lab, seen)
        known = found() if not lab.broken and not left_out else None
        if known is not None:
            keys = [f.key for f in known.found]
            asked = await ask_of(replace(context, documented=known), keys, spent)
            if lab.held:
                # No more may be made for these; what was seen before stands, and what is
                # documented has been examined.
                lab.broken = lab.held = ""
            further.extend([] if lab.broken else proved(asked, lab.controls))
    return left_out, ledger


async def _run(
    context: Context,
    chosen: Collection[str],
    spent: Callable[[], bool],
    make_room: Callable[[], Awaitable[None]],
) -> str:
    """Run the chosen experiments, in their order; why some were left out, empty where none was."""
    for experiment in (e for e in all_experiments() if e.id in chosen):
        if context.lab.broken:
            break
        if experiment.writes_only and context.documented.id.safe:
            context.done.add(experiment.id)
            continue
        if spent():
            return f"its share of the budget is used up, from experiment {experiment.id}"
        await make_room()
        context.made.extend(await experiment.run(context))
        context.done |= set() if context.lab.broken else {experiment.id}
    return ""


async def _learn_oracle(lab: Lab) -> None:
    """A certainly bad request teaches how this operation refuses, where it says 2xx."""
    if lab.last_control is None or lab.last_control.exchange.response is None:
        return
    if lab.documented.id.safe or not isinstance(lab.recipe.call.body, dict):
        return
    call = await lab.fresh(Level.SAME)
    # Where it is accepted, what it makes is known by a text that nobody has brought before.
    text, _ = nonsense(lab.bench.rng("oracle", lab.documented.id))
    exchange, _, _ = await lab.send(replace(call, body={UNKNOWN_NAME: [text]}))
    # What comes back with the answer was stored: the request wasn't bad after all.
    if exchange.response is not None and UNKNOWN_NAME not in exchange.response.text:
        lab.bench.judge.learn(lab.last_control.exchange, exchange)


async def _refused(lab: Lab, seen: Sequence[Judged]) -> None:
    """A body that is no object, where nothing was refused for what it is: with which status that
    is done is otherwise met by chance alone, in one run and not in the next."""
    statuses = (j.exchange.response.status for j in seen if j.exchange.response is not None)
    if any(s // 100 == 4 and s not in (*_FLEETING, *_OF_ROUTES) for s in statuses):
        return
    call = lab.recipe.call
    if lab.documented.id.safe or not (is_json(call.media_type) and isinstance(call.body, dict)):
        return
    text, _ = nonsense(lab.bench.rng("refused", lab.documented.id))
    with suppress(LabBroken):
        await lab.send(replace(await lab.fresh(Level.SAME), body=[text]))


async def _second_look(lab: Lab, seen: Sequence[Judged]) -> None:
    """A refusal with an undocumented status that came once: does it come again?"""
    documented = {r.status.upper() for r in lab.documented.responses}
    for status, exchange in statuses_once(seen):
        known = {str(status), f"{status // 100}XX", "DEFAULT"} & documented
        if status // 100 == 4 and status not in _FLEETING and not known:
            await lab.account.transport.send(exchange.request)
