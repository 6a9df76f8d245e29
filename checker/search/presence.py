"""Is there what an accepted request was about? Some servers accept changes of nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from checker.domain.exchange import Call
from checker.domain.observation import Rejection
from checker.domain.operation import Operation, OperationId
from checker.domain.schema import MISSING
from checker.planning.answered import is_nothing
from checker.planning.encoding import path_parameters
from checker.planning.markup import content_of
from checker.planning.producers import shape
from checker.probing.trial import Answer, Trial

LATE_S = 1.0
"""A reading may lag behind what was written by so much."""
IN_VAIN = "what its path names isn't there, and it is accepted all the same"


async def is_absent(trial: Trial, found: Answer, operations: Sequence[Operation]) -> bool:
    """Whether the documented reading of the thing that an accepted request names says that there
    is none, or shows nothing of what was written, now and a moment later. Only a guessed name is
    looked for: what an answer gave was there."""
    template = found.call
    names = path_parameters(template.operation.path)
    if template.operation.safe or not names or "{{" in str(template.path.get(names[-1])):
        return False
    reading = _reading(template.operation, operations)
    if reading is None or found.sent is None or not found.sent.path.keys() >= set(names):
        return False
    values = [found.sent.path[name] for name in names]
    path = dict(zip(path_parameters(reading.id.path), values, strict=True))
    looking = Trial(trial.bench, reading, trial.account, limit=2)
    call = Call(reading.id, path=path, token=found.sent.token, base=found.sent.base)
    for wait_s in (0.0, LATE_S):
        await asyncio.sleep(wait_s)
        answer = await looking.send(call)
        if answer is None or not (answer.rejection is Rejection.ABSENCE or _in_vain(found, answer)):
            return False
    return True


def _in_vain(found: Answer, looked: Answer) -> bool:
    """Whether a reading shows nothing at all though something was written: some servers show
    whatever isn't there as an empty thing."""
    shown = looked.exchange.response
    wrote = found.call.body is not MISSING and not is_nothing(found.call.body)
    return wrote and looked.accepted and shown is not None and is_nothing(content_of(shown))


def _reading(operation: OperationId, operations: Sequence[Operation]) -> Operation | None:
    """The operation that reads what the last name in a path stands for."""
    head, _, _ = operation.path.rpartition("}")
    place = shape(head + "}")
    reads = (o for o in operations if o.id.method == "GET" and shape(o.id.path) == place)
    return next(reads, None)
