"""What was accepted without the edits that it didn't need."""

from __future__ import annotations

from checker.domain.exchange import Call
from checker.domain.operation import FieldKey
from checker.planning import edits
from checker.search.attempts import Attempt, Attempts

MAX_SHRUNK = 6


async def shrunk(attempts: Attempts, found: Attempt, base: Attempt) -> Attempt:
    """The accepted attempt with as little as can be that the refused `base` hadn't; at most
    `MAX_SHRUNK` requests."""
    changed = changes(base.call, found.call)
    for key in changed[:MAX_SHRUNK] if len(changed) > 1 else ():
        got = await attempts.send(_as_before(found.call, key, base.call))
        if got is not None and got.accepted:
            found = got
    return found


def changes(before: Call, after: Call) -> list[FieldKey]:
    """The fields that a call has otherwise than the one before it, then those it has beside."""
    own = list(edits.present_fields(before))
    values = [k for k in own if not isinstance(edits.get(before, k), (dict, list))]
    otherwise = [k for k in values if edits.get(before, k) != edits.get(after, k)]
    added = [k for k in edits.present_fields(after) if k not in own]
    return [*otherwise, *(k for k in added if k.parent not in added)]


def _as_before(call: Call, key: FieldKey, before: Call) -> Call:
    if edits.has(before, key):
        return edits.put(call, key, edits.get(before, key))
    return edits.remove(call, key)
