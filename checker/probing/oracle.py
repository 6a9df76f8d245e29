"""Is an answer an acceptance? Learned per operation, not assumed.

The status class decides first. Among successful statuses the shape and the envelope decide: is
it the operation's own answer at all; common markers of failure (`success: false`, a non-empty
`errors`, …) as a prior, and whatever top-level difference a certainly bad request showed against
a good one. A way elsewhere is an answer where the document gives it as one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache

from checker.domain.exchange import Exchange, Failure, Request, Response
from checker.domain.finding import Verdict
from checker.domain.observation import Rejection
from checker.domain.operation import Operation
from checker.lexicon import read
from checker.planning.answered import is_nothing
from checker.probing.answer_shape import (
    PAGE,
    Outline,
    Shape,
    form_of,
    leads_within,
    led_to,
    outline,
)
from checker.probing.envelopes import (
    OWN_NAMES,
    Features,
    declares_failure,
    envelope_names,
    features,
    ordinary,
)
from checker.probing.quoted import quotes_a_value
from checker.probing.refusals import Refusals

_CLASSES = {
    "conflict": Rejection.CONFLICT,
    "unauthorised": Rejection.AUTHORISATION,
    "absent": Rejection.ABSENCE,
}
"""What words say that a refusal is about, the surest first."""
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
"""A letter as JSON may write it."""
_MADE_OF = ("media", "shape")


class Oracle:
    """The acceptance oracle of one operation; made by the target's `Judge` alone.

    `learn` takes answers to a good and to a certainly bad request; afterwards features that
    told them apart decide about successful statuses. `refusals` are what is known of the target,
    `documented` is the operation, `astray` holds the places to which strangers are led, and
    `intruders` the answers that came for everything; `in_collection`: an operation stands at the
    path above its own, so that what is beside it is one of the same things.
    """

    def __init__(
        self,
        refusals: Refusals | None = None,
        documented: Operation | None = None,
        astray: Collection[str] = (),
        intruders: Collection[Outline] = (),
        in_collection: bool = False,
    ) -> None:
        self.shape = Shape(documented)
        self._refusals = refusals
        self._astray = astray
        self._intruders = intruders
        self._in_collection = in_collection
        self._good: Features = {}
        self._bad: Features = {}

    def learn(self, good: Response, bad: Response) -> None:
        """Keep what tells a good answer from a certainly bad one (both 2xx).

        Nothing is learned where the bad request was accepted all the same (the server ignores
        what is bad in it), nor from a page that isn't the operation's.
        """
        if good.status // 100 != 2 or bad.status // 100 != 2:
            return
        verdict, _ = self.judge(bad)
        other = verdict is Verdict.INCONCLUSIVE and (
            form_of(bad) == PAGE or bad.moved_to != good.moved_to
        )
        ours, theirs = dict(features(good)), dict(features(bad))
        if other or (verdict is Verdict.ACCEPTED and self._took(bad, ours, theirs)):
            return
        names = [n for n in {**ours, **theirs} if ours.get(n) != theirs.get(n)]
        self._good = {n: ours.get(n, "absent") for n in names}
        self._bad = {n: theirs.get(n, "absent") for n in names}

    def _took(self, bad: Response, ours: Features, theirs: Features) -> bool:
        """Whether an answer shows that a bad request was accepted: it has an identifier of its
        own as the good one has, or, without other flags and members that the document doesn't
        have, what the document demands of the thing."""
        differing = {n for n in {**ours, **theirs} if ours.get(n) != theirs.get(n)}
        if {"media", "shape"} & differing:
            return False
        there = {n for n, v in theirs.items() if n.startswith("has:") and v == "present"}
        both = {n for n in there if ours.get(n) == "present"}
        if any(re.split(r"[.:]", n)[-1].lower() in OWN_NAMES for n in both):
            return True
        members = self.shape.members(bad.status)
        own = set(members) - envelope_names(members)
        new = {n for n in there - both if n.removeprefix("has:") not in own}
        if new or any(not n.startswith("has:") for n in differing):
            return False
        wanted = self.shape.required(bad.status) & own
        body = bad.body if isinstance(bad.body, Mapping) else {}
        return bool(wanted) and not any(is_nothing(body.get(n)) for n in wanted)

    def judge_exchange(self, exchange: Exchange) -> tuple[Verdict, Rejection | None]:
        """`judge` of an answer, knowing what it answers to."""
        return self.judge(exchange.outcome, exchange.request)

    def judge(
        self, outcome: Response | Failure, request: Request | None = None
    ) -> tuple[Verdict, Rejection | None]:
        """The verdict on an answer, and the class of its rejection.

        Words that the `request` itself brought say nothing about it.
        """
        if isinstance(outcome, Failure):
            held = outcome.kind == "held"
            return Verdict.INCONCLUSIVE, Rejection.HELD if held else Rejection.TRANSPORT
        status = outcome.status
        if status == 429 or (status == 503 and _retry_after(outcome)):
            return Verdict.INCONCLUSIVE, Rejection.RATE
        if status in (502, 503, 504):
            return Verdict.INCONCLUSIVE, Rejection.TRANSPORT
        if status >= 500:
            return Verdict.REJECTED, Rejection.SERVER_ERROR
        if 200 <= status < 300:
            return self._of_success(outcome, request)
        if status < 400:
            return self._of_redirect(outcome, request)
        return _of_error(outcome)

    def _of_success(
        self, response: Response, request: Request | None
    ) -> tuple[Verdict, Rejection | None]:
        exchange = Exchange(request or Request("GET", ""), response)
        if not self._matches_bad(response) and self._is_anothers(exchange, response):
            return Verdict.INCONCLUSIVE, Rejection.ELSEWHERE
        if self._refuses(response, request):
            known = self._refusals.class_of(response) if self._refusals else None
            return Verdict.REJECTED, known or self._class_within(response, request)
        if self._refusals is not None and self._refusals.is_stranger(response):
            return Verdict.REJECTED, Rejection.AUTHORISATION
        if self.shape.is_other_json(response):
            return Verdict.INCONCLUSIVE, Rejection.ELSEWHERE
        return Verdict.ACCEPTED, None

    def _class_within(self, response: Response, request: Request | None) -> Rejection:
        """The class of a refusal whose status tells none: "doesn't exist" is said of a thing, and
        of a value that a field doesn't take, which is repeated then."""
        found = _class_by_words(response, Rejection.VALIDATION)
        if found is not Rejection.ABSENCE or request is None:
            return found
        of_value = quotes_a_value(response, request, self.shape.documented)
        return Rejection.VALIDATION if of_value else found

    def _of_redirect(
        self, response: Response, request: Request | None
    ) -> tuple[Verdict, Rejection | None]:
        """A way elsewhere that the document gives as an answer is one, unless strangers are led
        there as well, or it may be what is said to a credential that isn't let in; what the cache
        has (304) says nothing where nobody gave it as one."""
        if self.shape.redirects(response.status):
            exchange = Exchange(request or Request("GET", ""), response)
            token = exchange.request.token
            within = self._in_collection and leads_within(exchange)
            if self.shape.may_lead_away(token) and not within:
                return Verdict.INCONCLUSIVE, Rejection.ELSEWHERE
            if self._is_astray(exchange):
                return Verdict.INCONCLUSIVE, Rejection.ELSEWHERE
            return Verdict.ACCEPTED, None
        cached = response.status == 304
        return Verdict.INCONCLUSIVE, Rejection.TRANSPORT if cached else Rejection.ELSEWHERE

    def _is_anothers(self, exchange: Exchange, response: Response) -> bool:
        """Whether a success is something else's by what it is made of, or where it came from."""
        if self._is_astray(exchange) or self.shape.is_another_form(exchange):
            return True
        came_for_all = bool(self._intruders) and outline(response) in self._intruders
        return came_for_all and not self.shape.fits(response)

    def _is_astray(self, exchange: Exchange) -> bool:
        documented = self.shape.documented
        protected = documented is not None and documented.security.protected
        return protected and led_to(exchange) in self._astray

    def _matches_bad(self, response: Response) -> bool:
        """Whether an answer is made of what the one to a certainly bad request was made of, and
        the good one was not."""
        if "shape" not in self._bad:
            return False
        seen = dict(features(response))
        return all(seen[n] == self._bad[n] for n in _MADE_OF if n in self._bad)

    def _refuses(self, response: Response, request: Request | None) -> bool:
        if self._bad:
            seen = dict(features(response))
            bad = sum(seen.get(n, "absent") == v for n, v in self._bad.items())
            good = sum(seen.get(n, "absent") == v for n, v in self._good.items())
            if bad != good:
                return bad > good
        return declares_failure(response.body, request, ordinary(response, self.shape))


def _of_error(outcome: Response) -> tuple[Verdict, Rejection | None]:
    match outcome.status:
        case 401 | 403 | 407:
            return Verdict.REJECTED, Rejection.AUTHORISATION
        case 404 | 405 | 410 | 501:
            return Verdict.REJECTED, Rejection.ABSENCE
        case 409:
            return Verdict.REJECTED, Rejection.CONFLICT
        case _:
            return Verdict.REJECTED, _class_by_words(outcome, Rejection.VALIDATION, narrow=True)


def message_of(outcome: Response | Failure, limit: int = 400) -> str:
    """The words of an answer, for hints and for the reader; never for a verdict on a field."""
    if isinstance(outcome, Failure):
        return outcome.message
    return " ".join(outcome.text.split())[:limit]


def _class_by_words(response: Response, usual: Rejection, narrow: bool = False) -> Rejection:
    """Words name the class where the status doesn't; `narrow`: a conflict only."""
    said = _said(_ESCAPED.sub(lambda m: chr(int(m[1], 16)), response.text[:4000]))
    classes = [c for meaning, c in _CLASSES.items() if meaning in said]
    return next((c for c in classes if not narrow or c is Rejection.CONFLICT), usual)


@lru_cache(maxsize=2048)
def _said(text: str) -> frozenset[str]:
    return frozenset(entry.means for entry in read("rejections", text))


def _retry_after(response: Response) -> bool:
    return any(name.lower() == "retry-after" for name in response.headers)
