"""The test request of a workflow record; what another record sends to an operation on its way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from checker.domain.exchange import Call
from checker.domain.observation import Rejection
from checker.domain.operation import Operation, OperationId
from checker.domain.workflow import Record, Step, Varied
from checker.planning.credentials import tokens_for
from checker.planning.recipe import call_of_step, test_step
from checker.planning.routes import CREATE, act_of
from checker.planning.variation import free_form, telling
from checker.probing.trial import Answer, Trial
from checker.search.attempts import FAILURES, PASSING_RETRIES

OF_A_KIND = 2
"""So many things that differ in such texts only show that each is a new one."""


async def from_record(
    operation: Operation, record: Record, trial: Trial, operations: Sequence[Operation] = ()
) -> Answer | None:
    """The answer to a record's test request after its prerequisites: accepted as it stands, with
    other literal values or with another credential; else the refusal. None where nothing could
    be sent; `trial.failed_step` says why. `operations` are those that its steps may call."""
    prepared = _prepared(operation, record, trial)
    if prepared is None:
        return None
    call, steps = prepared
    trial.use_steps(steps)
    answer = await _answered(call, trial)
    if answer is not None and answer.rejection is Rejection.CONFLICT:
        keys = free_form(answer.call, operation)
        answer = (await trial.afresh(answer, keys))[0] or answer
    if answer is not None and answer.exchange.held:
        return await _with_own_texts(call, steps, trial, operations) or answer
    if answer is None or answer.accepted:
        return answer
    trial.failed_step = trial.failed_step or "the test request was rejected"
    for other in tokens_for(operation.security, trial.account.tokens):
        opened = None
        if other != call.token:
            opened = await trial.send(replace(call, token=other), again=True)
        if opened is not None and opened.accepted:
            return opened
    return answer


def _prepared(
    operation: Operation, record: Record, trial: Trial
) -> tuple[Call, tuple[Step, ...]] | None:
    """A record's test request and the steps before it; None, and why in the trial, without one."""
    main, before = test_step(record)
    if main is None:
        trial.failed_step = "it has no test request"
        return None
    token = next(iter(record.tokens), None)
    if token not in trial.account.tokens:
        token = next(iter(trial.account.tokens), None)
    call = call_of_step(main, operation.id, token, "fallback" if record.use_fallback else "primary")
    if call is None:
        trial.failed_step = f"its test request is not {operation.id}"
        return None
    steps = (*record.prerequisites, *before)
    return call, tuple(s if s.token or s.anonymous else replace(s, token=token) for s in steps)


async def _answered(call: Call, trial: Trial) -> Answer | None:
    """The answer to a call; a refusal is asked for once more, a failure as often as it may pass."""
    answer = await trial.send(call)
    for _ in range(PASSING_RETRIES):
        if answer is None or answer.accepted:
            break
        failure = answer.rejection in FAILURES
        answer = await trial.send(call, again=True)
        if not failure:
            break
    return answer


async def _with_own_texts(
    call: Call, steps: tuple[Step, ...], trial: Trial, operations: Sequence[Operation]
) -> Answer | None:
    """The accepted answer to a call after steps that make things with texts of this run's own:
    what is made with a record's texts may have been there before. Two of a kind show it."""
    coining = tuple(_coining(step, operations) for step in steps)
    if coining == steps:
        return None
    trial.use_steps(coining)
    for _ in range(OF_A_KIND):
        answer = await trial.send(call, again=True)
        if answer is None or not answer.exchange.held:
            break
    if answer is not None and answer.accepted:
        return answer
    trial.use_steps(steps)
    return None


def _coining(step: Step, operations: Sequence[Operation]) -> Step:
    """A step that makes something, with other texts at each use; any other step as it is."""
    made = next((o for o in operations if o.id == step.operation), None)
    call = call_of_step(step, made.id, None, "primary") if made is not None else None
    if made is None or call is None or act_of(made.id) != CREATE or step.vary:
        return step
    keys = telling(call, made)
    fields = [(key, made.fields.get(key)) for key in keys]
    return replace(step, vary=tuple(Varied(k, f.schema if f else None) for k, f in fields))


def on_the_way(operation: OperationId, records: Iterable[Record]) -> Record | None:
    """A record of an operation out of those of others: the first of their steps that calls it is
    the test request, and what goes before is its prerequisites; None without such a step."""
    for record in records:
        steps = (*record.prerequisites, *record.test_steps)
        for number, step in enumerate(steps):
            if step.operation not in (None, operation):
                continue
            if call_of_step(step, operation, None, "primary") is None:
                continue
            own = number >= len(record.prerequisites)
            head = {**record.front_matter, "useFallbackApi": own and record.use_fallback}
            return replace(
                record,
                endpoint=operation,
                front_matter=head,
                prerequisites=steps[:number],
                test_steps=(step,),
            )
    return None
