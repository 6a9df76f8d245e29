"""Which reasons for having no witness may be over by the next run. Pure."""

from __future__ import annotations

from checker.domain.observation import Rejection
from checker.probing.judge import Judge
from checker.probing.trial import NoWitness

_PASSING = (Rejection.RATE, Rejection.TRANSPORT, Rejection.SERVER_ERROR)
_UNKNOWN_CALLER = 401
"""A credential that is renewed may open what an old one didn't; 403 is about what it may do."""


def may_pass(found: NoWitness, judge: Judge) -> bool:
    """By the answer that came nearest to an acceptance."""
    if found.last is None or found.held:
        return False
    response = found.last.response
    if response is not None and response.status == _UNKNOWN_CALLER:
        return True
    return judge.judged(found.last).rejection in _PASSING
