"""When is a repeated answer proof? Wald's sequential probability ratio test. Pure.

After A. Wald, "Sequential Tests of Statistical Hypotheses", Annals of Mathematical Statistics
16 (1945), 117-186. Two hypotheses about a probe that was refused: "the change did it", under
which it is refused each time, and "it fails anyway", under which it is refused as often as the
unchanged request is. Each repetition that agrees multiplies the likelihood ratio of the first
to the second by one over the failure rate; the test ends in favour of the change once the ratio
reaches one over `FALSE_CONFIRMATION` (Wald's bound: the test then confirms wrongly in no
greater share of the cases). A repetition that disagrees is impossible under the first
hypothesis and ends the test against it. Where more than `MOST` repetitions would be needed,
none are made.

All rates are shares from 0 to 1.
"""

from __future__ import annotations

import math
from enum import Enum

FALSE_CONFIRMATION = 1e-4
"""The share of unfounded claims that may be confirmed, for a known failure rate."""
LEAST = 2
MOST = 6
_WEIGHT = 10.0
"""As many requests as what is known beforehand counts for."""
_CLEAN = 0.01
"""The failure rate that is assumed of a target of which nothing is known yet."""
_TOLERANCE = 1e-9


class Decision(Enum):
    """What a test says after so many agreeing repetitions."""

    CONFIRMED = "confirmed"
    OPEN = "open"
    """Repeat it."""
    HOPELESS = "hopeless"
    """More repetitions than are worth it would be needed."""


def estimate(failed: int, sent: int, beforehand: float = _CLEAN) -> float:
    """The failure rate after `failed` of `sent` unchanged requests failed.

    The mean of a beta distribution whose prior has the mean `beforehand` (the rate of the
    target, for one of its operations): a single failure of two is no rate of one half.
    """
    return (failed + beforehand * _WEIGHT) / (sent + _WEIGHT)


def repetitions(rate: float) -> int | None:
    """How many agreeing answers prove a change at a failure rate; None where too many would."""
    if rate >= 1.0:
        return None
    needed = LEAST
    if rate > 0.0:
        exact = math.log(FALSE_CONFIRMATION) / math.log(rate)
        needed = max(LEAST, math.ceil(exact - _TOLERANCE))
    return needed if needed <= MOST else None


def decide(agreeing: int, rate: float) -> Decision:
    """What `agreeing` equal answers say at a failure rate."""
    needed = repetitions(rate)
    if needed is None:
        return Decision.HOPELESS
    return Decision.CONFIRMED if agreeing >= needed else Decision.OPEN
