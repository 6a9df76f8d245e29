"""Why an operation has no witness: what came nearest, what is complained about still, what was
tried against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checker.domain.observation import Rejection
from checker.probing.trial import Answer, NoWitness

if TYPE_CHECKING:
    from checker.search.solving import Solving

MAX_OPEN = 3
MAX_SHOWN = 4
LONGEST = 40


def told(solving: Solving, best: Answer | None) -> NoWitness:
    """The failure of a search; `best` is the answer that came nearest to an acceptance."""
    trial, operation = solving.trial, solving.operation
    if trial.held and (best is None or best.rejection is Rejection.HELD):
        return NoWitness(operation.id, trial.held[-1], held=trial.held[-1])
    if best is None:
        why = solving.reason or trial.failed_step or "no request could be built"
        return NoWitness(operation.id, why)
    said = f"{best.status or 'no answer'} {best.text[:160]}".strip()
    reason = f"{len(trial.answers)} requests tried, the best answer was: {said}"
    reason += _open(solving, best)
    if solving.reason:
        reason = f"the workflow record failed ({solving.reason}); {reason}"
    alike = tuple(a.exchange for a in trial.answers if a.call.token == best.call.token)
    tried = len(trial.answers)
    return NoWitness(operation.id, reason, tried, best.exchange, best.call, solving.steps, alike)


def _open(solving: Solving, best: Answer) -> str:
    """The complaints that stayed open, and the values that were tried for their fields."""
    attempt = next((a for a in solving.attempts.made if a.answer.exchange is best.exchange), None)
    if attempt is None:
        return ""
    lines: list[str] = []
    for key, complaint in list(attempt.named.items())[:MAX_OPEN]:
        tried = [t[:LONGEST] for t in solving.mender.tried.get(key, ())]
        shown = ", ".join(tried[:MAX_SHOWN]) + (", …" if len(tried) > MAX_SHOWN else "")
        after = f", after {len(tried)} values: {shown}" if tried else ""
        lines.append(f"{key} ({complaint.kind.value}{after})")
    return f"; open: {'; '.join(lines)}" if lines else ""
