"""Is anybody there at all? Tells a target that has gone from one that says no."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from checker.domain.exchange import Failure, Response
from checker.errors import TargetError

ANSWERS_IN_A_ROW = 20
SILENCES_IN_A_ROW = 5
NOWHERE = "/zq-is-anybody-there"
"""A route that no API has: whoever is there refuses it by itself."""

Outcome = Response | Failure


class Health:
    """Watches for answers that come from before the API: gateway errors, redirects, silence.

    A row of them may be one bad operation; so the root and a route that doesn't exist are asked
    too before the target counts as gone. Plain 500s are an answer of the API itself.
    """

    def __init__(self) -> None:
        self._row: list[str] = []
        self._silences = 0

    async def watch(self, outcome: Outcome, ask: Callable[[str], Awaitable[Outcome]]) -> None:
        """Note an answer; `ask` sends a GET. Raises TargetError where nobody is there."""
        said = absent(outcome)
        if said is None:
            self._row.clear()
            self._silences = 0
            return
        self._row.append(said)
        self._silences += isinstance(outcome, Failure) and outcome.kind == "timeout"
        if len(self._row) < ANSWERS_IN_A_ROW and self._silences < SILENCES_IN_A_ROW:
            return
        row = self._row.copy()
        self._row.clear()
        self._silences = 0
        for path in ("/", NOWHERE):
            if absent(await ask(path)) is None:
                return
        said = max(dict.fromkeys(row), key=row.count)
        raise TargetError(
            f"The target doesn't answer for itself any more: {said} to each of the last "
            f"{len(row)} requests, and to the root and to a route that doesn't exist."
            if len(set(row)) == 1
            else f"The target doesn't answer for itself any more: mostly {said} to the last "
            f"{len(row)} requests, and nothing better to a route that doesn't exist.",
            "Check the base URL, what stands before the server, and the server.",
        )


def absent(outcome: Outcome) -> str | None:
    """What came instead of an answer of the API; None where it answered."""
    if isinstance(outcome, Failure):
        return outcome.message
    if outcome.status in (429, 502, 503, 504):
        return f"status {outcome.status}"
    if 300 <= outcome.status < 400 and outcome.status != 304:
        return f"redirect {outcome.status}"
    return None
