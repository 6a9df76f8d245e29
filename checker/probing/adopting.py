"""An accepted field becomes a part of the witness, if that can be repeated with it then."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from checker.domain.exchange import Call, Exchange
from checker.domain.finding import Evidence, Verdict
from checker.domain.observation import Rejection
from checker.domain.operation import FieldKey
from checker.probing.supply import Level, Supply

REPEATS = 2
Sent = Callable[[], Awaitable[tuple[Call, Exchange, Verdict, Rejection | None]]]


@dataclass(frozen=True, slots=True)
class Adopted:
    """Whether the field is a part of the witness now; what was refused as it was sent again."""

    is_part: bool
    refused: Evidence | None = None


async def adopt(supply: Supply, sent: Sent, key: FieldKey, value: Any) -> Adopted:
    """Put the value into the witness as it is; where that is refused the next time (it is taken
    then, perhaps), as one that changes with each request, last in its own shape."""
    recipe, vary, level = supply.recipe, supply.vary, supply.level
    changes = (None, False, True) if isinstance(value, str) else (None,)
    first: Evidence | None = None
    for shaped in changes:
        supply.adopt(key, value)
        if shaped is not None:
            supply.vary, supply.level = {**vary, key: shaped}, max(level, Level.VARY)
        refused = await _refused(sent)
        if refused is None:
            return Adopted(True, first)
        first = first or refused
        supply.vary, supply.level = vary, level
        supply.restore(recipe)
    return Adopted(False, first)


async def _refused(sent: Sent) -> Evidence | None:
    """The answer that didn't accept the request, of as many as it is repeated."""
    for _ in range(REPEATS):
        _, exchange, verdict, _ = await sent()
        if verdict is not Verdict.ACCEPTED:
            return Evidence("probe", exchange, verdict)
    return None
