"""An exchange with the one verdict on it."""

from __future__ import annotations

from typing import NamedTuple

from checker.domain.exchange import Exchange, Response
from checker.domain.finding import Verdict
from checker.domain.observation import Rejection


class Judged(NamedTuple):
    """What was sent and answered, what that amounts to, and the class of a refusal.

    Made by the target's judge alone; whoever needs the verdict carries this.
    """

    exchange: Exchange
    verdict: Verdict
    rejection: Rejection | None

    @property
    def accepted(self) -> bool:
        return self.verdict is Verdict.ACCEPTED

    @property
    def response(self) -> Response | None:
        return self.exchange.response
