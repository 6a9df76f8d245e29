"""Is a request sent again, since its failure may pass or the server asks to wait?"""

from __future__ import annotations

from yarl import URL

from checker.domain.exchange import Failure, Request, Response
from checker.domain.operation import SAFE_METHODS
from checker.errors import TargetError
from checker.probing.client import CERTIFICATE, Sending
from checker.probing.pacing import Clock, Pace, backoff, retry_after

RATE_RETRIES = 6
UNAVAILABLE_RETRIES = 3
FAILURE_RETRIES = 3
GONE_AFTER = 3
_IDEMPOTENT = SAFE_METHODS | {"PUT", "DELETE"}


class Repetition:
    """Sees what each request to one target came to, and says whether it is sent once more.

    Ends the run where the target can't be reached time after time.
    """

    def __init__(self, pace: Pace, now: Clock) -> None:
        self._pace = pace
        self._now = now
        self._refused = 0
        self._late: set[tuple[str, str]] = set()
        """What wasn't answered in time when it was asked last; see `_address`."""

    async def is_due(self, sending: Sending, outcome: Response | Failure, attempt: int) -> bool:
        """Whether the request goes out again after so many repetitions; waits until it may."""
        if isinstance(outcome, Response):
            self._refused = 0
            if self._late:
                self._late.discard(_address(sending.request))
            return self._is_asked_for(outcome, attempt)
        self._count_refused(outcome, sending.url)
        patience = self._patience(outcome, sending.request)
        if attempt >= patience or not _may_pass(outcome, sending, attempt):
            return False
        await self._pace.sleep(0.1 * 2**attempt)
        return True

    def _patience(self, failure: Failure, request: Request) -> int:
        """How often a failed request is sent again. What wasn't answered in time twice is hardly
        answered the next time: from then on each request of the kind has one chance."""
        if failure.kind != "timeout":
            return FAILURE_RETRIES
        known = _address(request) in self._late
        self._late.add(_address(request))
        return 0 if known else 1

    def _is_asked_for(self, response: Response, attempt: int) -> bool:
        """Whether the server wants the request later; then everything waits until then."""
        status, asked = response.status, retry_after(response.headers, self._now)
        tries = {429: RATE_RETRIES, 503: RATE_RETRIES if asked else UNAVAILABLE_RETRIES}
        # Some limits answer 403 or 423: what names a time is worth one more try.
        if attempt >= tries.get(status, 1 if asked and 400 <= status < 500 else 0):
            return False
        if not asked:
            self._pace.hold(backoff(attempt))
        return True

    def _count_refused(self, failure: Failure, url: URL) -> None:
        if failure.kind != "connect":
            return
        self._refused += 1
        if self._refused > GONE_AFTER:
            mend = "Check the base URL and that the server is running."
            if failure.cause == CERTIFICATE:
                mend = "Name the authority that signed it with --cacert FILE, or give --insecure."
            shown = f"{url.scheme}://{url.authority}"
            raise TargetError(f"{shown} can't be reached: {failure.message}.", mend)


def _address(request: Request) -> tuple[str, str]:
    """What a request asks: its operation, whatever thing it is about, or else its path."""
    asked = request.operation
    return request.method, asked.path if asked is not None else request.url_path


def _may_pass(failure: Failure, sending: Sending, attempt: int) -> bool:
    """Whether a failed request may be sent again without doing anything twice, and with hope."""
    if failure.kind in ("connect", "redirect", "held"):
        return failure.kind == "connect"
    if sending.request.method in SAFE_METHODS:
        return True
    # A server closes an idle connection just when it is used again.
    idle = failure.kind == "reset" and sending.kept and attempt == 0
    return idle and sending.request.method in _IDEMPOTENT
