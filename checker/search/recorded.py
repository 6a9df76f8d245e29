"""The test request of a workflow record; what another record sends to an operation on its way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from checker.domain.exchange import Base
from checker.domain.observation import Rejection
from checker.domain.operation import Operation, OperationId
from checker.domain.workflow import Record
from checker.planning.credentials import tokens_for
from checker.planning.recipe import call_of_step, test_step
from checker.planning.variation import free_form
from checker.probing.trial import Answer, Trial
from checker.search.attempts import FAILURES, PASSING_RETRIES


async def from_record(operation: Operation, record: Record, trial: Trial) -> Answer | None:
    """The answer to a record's test request after its prerequisites: accepted as it stands, with
    other literal values or with another credential; else the refusal. None where nothing could
    be sent; `trial.failed_step` says why."""
    main, before = test_step(record)
    if main is None:
        trial.failed_step = "it has no test request"
        return None
    token = next(iter(record.tokens), None)
    if token not in trial.account.tokens:
        token = next(iter(trial.account.tokens), None)
    base: Base = "fallback" if record.use_fallback else "primary"
    call = call_of_step(main, operation.id, token, base)
    if call is None:
        trial.failed_step = f"its test request is not {operation.id}"
        return None
    steps = tuple(
        s if s.token or s.anonymous else replace(s, token=token)
        for s in (*record.prerequisites, *before)
    )
    trial.use_steps(steps)
    answer = await trial.send(call)
    for _ in range(PASSING_RETRIES):
        if answer is None or answer.accepted:
            break
        failure = answer.rejection in FAILURES
        answer = await trial.send(call, again=True)
        if not failure:
            break
    if answer is not None and answer.rejection is Rejection.CONFLICT:
        keys = free_form(answer.call, operation)
        answer = (await trial.afresh(answer, keys))[0] or answer
    if answer is None or answer.accepted:
        return answer
    trial.failed_step = trial.failed_step or "the test request was rejected"
    for other in tokens_for(operation.security, trial.account.tokens):
        if other == call.token:
            continue
        opened = await trial.send(replace(call, token=other), again=True)
        if opened is not None and opened.accepted:
            return opened
    return answer


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
