"""Does a target still accept what it accepted before? Suspicion from the stream of answers. Pure.

A token that expires, a blocked account, a used-up quota, a firewall that has had enough, a server
that falls over: each looks like a row of refusals, and so does a search that is on the wrong
track. A row only raises a suspicion; what was accepted before, asked again, decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from checker.domain.exchange import INVALID, Exchange, Failure, Response
from checker.domain.finding import Verdict
from checker.domain.operation import OperationId

UNAUTHORISED = 401
UNLIKE = "unlike"
"""A successful answer of another kind than the operation's own: a page, say."""
ROW = 8
"""So many answers of one manner since the last acceptance are suspicious …"""
LONG_ROW = 40
"""… and so many where the manner is also that of an ordinary refusal of one request."""
UNPROVED_ROW = 24
LEAST_BROKEN = 3
"""With nothing to ask again: so many answers, of which so many to what was accepted before."""
PATIENCE = 16
"""A row is looked at again at twice its length each time, up to this many times the first."""
WITNESSES = 3
_WHOLE = frozenset({401, 402, 403, 407, 423, 429, 451, 511})
"""Refusals that are about the caller as a whole, rather than about one request."""
ABOUT_A_TOKEN = frozenset({401, 403, 407, 423})
"""Refusals that may be about the credential alone."""
_FOR_STRANGERS = frozenset({"401", "407"})
"""Refusals that ask who somebody is: to a request without a credential they tell of no end."""


@dataclass(frozen=True, slots=True)
class Outage:
    """What has ended the acceptance: the `manner` of the answers, since request `since`."""

    token: str | None
    manner: str
    since: int
    operation: OperationId

    def spoils(self, exchange: Exchange) -> bool:
        """Whether an answer came from the outage, and says nothing about its operation."""
        return exchange.number > self.since and (
            not self.of_token or exchange.request.token == self.token
        )

    @property
    def of_token(self) -> bool:
        """Whether it may be the credential alone that isn't accepted any more."""
        return self.status in ABOUT_A_TOKEN and self.token is not None

    @property
    def status(self) -> int | None:
        return int(self.manner) if self.manner.isdigit() else None


@dataclass(slots=True)
class _Caller:
    """What one credential was answered.

    `last_good` is the number of the last answer like an earlier accepted one, `last_first` that
    of an operation's first accepted one.
    """

    last_good: int = 0
    last_first: int = 0
    accepted: dict[OperationId, Exchange] = field(default_factory=dict)
    row: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    cleared: Counter[str] = field(default_factory=Counter)

    def good(self, number: int, first: bool) -> None:
        """Something was accepted: no row goes on. The `first` answer of an operation doesn't
        end a row of answers of another kind: it may be one of them."""
        if first:
            self.last_first = max(self.last_first, number)
        else:
            self.last_good = max(self.last_good, number)
        unlike = (self.row[UNLIKE], self.broken[UNLIKE]) if first else (0, 0)
        self.row.clear()
        self.broken.clear()
        self.row[UNLIKE], self.broken[UNLIKE] = unlike


@dataclass(slots=True)
class Stream:
    """The judged answers of a run, by credential. Feed it with `note`."""

    _callers: dict[str | None, _Caller] = field(default_factory=dict)

    def note(self, exchange: Exchange, verdict: Verdict) -> None:
        """Keep what an answer says about its credential."""
        request = exchange.request
        if request.operation is None or request.token == INVALID:
            return
        caller = self._callers.setdefault(request.token, _Caller())
        before = caller.accepted.get(request.operation)
        how = manner(exchange, verdict, before)
        if how is None:
            if before is None:
                caller.accepted[request.operation] = exchange
            caller.good(exchange.number, first=before is None)
        elif request.token is not None or how not in _FOR_STRANGERS:
            caller.row[how] += 1
            caller.broken[how] += before is not None

    def suspicion(self, token: str | None, least: int = ROW) -> str | None:
        """The manner of which there are too many in a row for a token; None where all is well.

        `least`: how long a row has to be.
        """
        caller = self._callers.get(token)
        if caller is None:
            return None
        for how, count in caller.row.most_common():
            short = least if about_the_caller(how) else max(least, LONG_ROW * least // ROW)
            if count >= short * min(2 ** caller.cleared[how], PATIENCE):
                return how
        return None

    def took(self, token: str | None, operation: OperationId | None) -> bool:
        """Whether an operation has accepted a request with a token."""
        caller = self._callers.get(token)
        return caller is not None and operation in caller.accepted

    def tokens(self) -> tuple[str | None, ...]:
        """The credentials that anything was sent with."""
        return tuple(self._callers)

    def proofs(
        self, token: str | None, how: str, without: Collection[OperationId] = ()
    ) -> tuple[Exchange, ...]:
        """The earliest accepted reads with a token that may be asked again, the best first; where
        there are none, the earliest creation that named nothing, for what is about the caller.
        Those `without` are open to all: they prove nothing of a credential.

        What one thing's own path names may be gone for reasons of its own, so that an ordinary
        refusal there proves nothing.
        """
        caller, whole = self._callers.get(token, _Caller()), about_the_caller(how)
        fitting = [
            (o, e)
            for o, e in caller.accepted.items()
            if o not in without and (whole or "{" not in o.path)
        ]
        fitting.sort(key=lambda pair: pair[1].number)
        reads = [e for o, e in fitting if o.safe]
        makes = [e for o, e in fitting if whole and o.method == "POST" and "{" not in o.path]
        return tuple(reads[:WITNESSES] or makes[:1])

    def unproved(self, token: str | None, how: str) -> bool:
        """Whether a row speaks for itself where nothing can be asked again: refusals about the
        caller, many of them by operations that accepted the same credential before."""
        caller = self._callers.get(token, _Caller())
        return (
            about_the_caller(how)
            and how != UNLIKE
            and caller.row[how] >= UNPROVED_ROW
            and caller.broken[how] >= LEAST_BROKEN
            and sum(caller.row.values()) == caller.row[how]
        )

    def clear(self, token: str | None, how: str, proved: bool = True) -> None:
        """A suspicion was unfounded: the next one of its manner needs a longer row. Where
        nothing `proved` that, the row goes on."""
        caller = self._callers.setdefault(token, _Caller())
        caller.cleared[how] += 1
        if proved:
            caller.row.clear()
            caller.broken.clear()

    def outage(
        self,
        token: str | None,
        how: str,
        *,
        unproved: bool = False,
        intruder: Response | None = None,
    ) -> Outage | None:
        """What is told of a suspicion that has held. `intruder` is what is answered now."""
        caller = self._callers.get(token, _Caller())
        asked = self.proofs(token, how) or tuple(caller.accepted.values())
        if not asked or (unproved and not self.unproved(token, how)):
            return None
        since = max(caller.last_good, *_firsts(caller, how, intruder))
        operation = asked[0].request.operation
        assert operation is not None, "only answers of operations are kept"
        return Outage(token, how, since, operation)


def _firsts(caller: _Caller, how: str, intruder: Response | None) -> list[int]:
    """The numbers of first acceptances that were none of the answers of this manner already."""
    if how != UNLIKE:
        return [caller.last_first]
    firsts = [(e.number, e.response) for e in caller.accepted.values()]
    return [
        number
        for number, response in firsts
        if intruder and response and not alike(response, intruder)
    ] + [0]


def manner(exchange: Exchange, verdict: Verdict, before: Exchange | None) -> str | None:
    """How an answer isn't an acceptance: its status, the kind of failure, or UNLIKE; None where
    it is one. `before` is an accepted answer of the same operation."""
    outcome = exchange.outcome
    if isinstance(outcome, Failure):
        return outcome.kind
    if verdict is Verdict.ACCEPTED:
        known = before.response if before is not None else None
        return UNLIKE if known is not None and not alike(known, outcome) else None
    return UNLIKE if 200 <= outcome.status < 300 else str(outcome.status)


def alike(known: Response, other: Response) -> bool:
    """Whether two successful answers may be of one operation: their media types agree, and
    objects have a member in common. An empty answer is like any."""
    if not known.text.strip() or not other.text.strip():
        return True
    if known.media_type != other.media_type:
        return False
    ours, theirs = known.body, other.body
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping) and ours and theirs:
        return bool(set(ours) & set(theirs))
    return True


def explained(found: Outage) -> tuple[str, str]:
    """(what has happened, what to do about it) in sentences."""
    variable = "DRIFTCHECK_TOKEN_" + (found.token or "").upper().replace("-", "_")
    after = f"after {found.since} request{'' if found.since == 1 else 's'}"
    again = f"{found.operation}, which was accepted before, is answered"
    match found.status:
        case 401 | 403 | 407 | 423 if found.token is not None:
            gone = found.status in (401, 407)
            why = "expired or revoked" if gone else "it or its account is blocked"
            return (
                f"The token {found.token} stopped working {after} ({why}): {again} "
                f"{found.status} now.",
                f"Give a fresh one ({variable}) and go on with --resume.",
            )
        case 402 | 429:
            return (
                f"A quota or rate limit was reached {after}: {again} {found.status} now.",
                "Wait or raise the limit, lower --rate, and go on with --resume.",
            )
        case None if found.manner == UNLIKE:
            return (
                f"Something else answers in the place of the API, from request {found.since + 1} "
                f"on: {again} by another kind of answer now, and so is a route that doesn't exist "
                "(a login page, a captcha, a firewall's page?).",
                "Lower --rate or have this address let through, and go on with --resume.",
            )
        case None:
            said = f"{again} by nobody now ({found.manner})"
        case status:
            said = f"{again} {status} now"
    return (
        f"The target stopped accepting requests {after}: {said}.",
        "Check the server and what stands before it, and go on with --resume.",
    )


def about_the_caller(how: str) -> bool:
    """Whether a manner is about the caller or the server as a whole, rather than one request."""
    if not how.isdigit():
        return True
    status = int(how)
    return status in _WHOLE or status >= 500 or status < 400
