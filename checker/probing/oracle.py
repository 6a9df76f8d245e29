"""Is an answer an acceptance? Learned per operation, not assumed.

The status class decides first. Among successful statuses the envelope decides: common markers
of failure (`success: false`, a non-empty `errors`, …) as a prior, and whatever top-level
difference a certainly bad request showed against a good one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from checker.domain.exchange import Failure, Response
from checker.domain.finding import Verdict
from checker.domain.observation import Rejection
from checker.domain.schema import MISSING
from checker.probing.refusals import Refusals

_CONFLICT = re.compile(
    r"already[\s_-]*(exist|taken|been|in use|used|registered|has)|duplicate|not[\s_-]*unique|"
    r"must be unique|has been taken|\bconflict",
    re.IGNORECASE,
)
_UNAUTHORISED = re.compile(
    r"unauthori[sz]ed|forbidden|not authori[sz]ed|authentication|permission denied|"
    r"access denied|invalid (api )?(key|token|credential)",
    re.IGNORECASE,
)
_ABSENT = re.compile(r"not[\s_-]*found|does(n't| not)[\s_-]*exist|no such", re.IGNORECASE)
_FAILED_WORD = re.compile(r"^(error|err|fail|failed|failure|ko|nok|invalid|rejected)$", re.I)
_REFUSED_WORD = re.compile(
    r"^(denied|refused|unsuccessful|not[ _-]?ok|unauthori[sz]ed|forbidden|bad[ _-]?request)$", re.I
)
"""Words of failure in an envelope; of a resource of its own they may tell the state."""
_SUCCESS_KEYS = ("success", "ok", "succeeded", "successful", "is_success", "issuccess", "valid")
_STATUS_KEYS = ("status", "result", "state", "outcome", "resultcode")
_ERROR_KEYS = ("error", "errors", "exception", "fault", "error_code", "errorcode", "errormessage")
_ENVELOPES = {"result", "response", "meta", "_meta", "header", "head", "status", "outcome", "info"}
_ENVELOPES |= {"envelope", "responsestatus", "response_status", "responseheader", "resultinfo"}
"""Members that tell of the call rather than of what it is about."""
_OWN_NAMES = {"id", "uid", "uuid", "guid", "_id", "href", "createdat", "created_at"}
"""Members of a resource: beside them a status is the resource's own."""
MAX_ENVELOPES = 3

Features = dict[str, str]


class Oracle:
    """The acceptance oracle of one operation.

    `learn` takes answers to a good and to a certainly bad request; afterwards features that
    told them apart decide about successful statuses. `refusals` are what is known of the target.
    """

    def __init__(self, refusals: Refusals | None = None) -> None:
        self._refusals = refusals
        self._good: Features = {}
        self._bad: Features = {}

    def learn(self, good: Response, bad: Response) -> None:
        """Keep what tells a good answer from a certainly bad one (both 2xx)."""
        if good.status // 100 != 2 or bad.status // 100 != 2:
            return
        ours, theirs = dict(features(good)), dict(features(bad))
        names = [n for n in {**ours, **theirs} if ours.get(n) != theirs.get(n)]
        self._good = {n: ours.get(n, "absent") for n in names}
        self._bad = {n: theirs.get(n, "absent") for n in names}

    def judge(self, outcome: Response | Failure) -> tuple[Verdict, Rejection | None]:
        """The verdict on an answer, and the class of its rejection."""
        if isinstance(outcome, Failure):
            return Verdict.INCONCLUSIVE, Rejection.TRANSPORT
        status = outcome.status
        if status == 429 or (status == 503 and _retry_after(outcome)):
            return Verdict.INCONCLUSIVE, Rejection.RATE
        if status in (502, 503, 504):
            return Verdict.INCONCLUSIVE, Rejection.TRANSPORT
        if status >= 500:
            return Verdict.REJECTED, Rejection.SERVER_ERROR
        if 200 <= status < 300:
            if self._refuses(outcome):
                known = self._refusals.class_of(outcome) if self._refusals else None
                return (
                    Verdict.REJECTED,
                    known or _class_by_words(outcome, Rejection.VALIDATION),
                )
            if self._refusals is not None and self._refusals.is_stranger(outcome):
                return Verdict.REJECTED, Rejection.AUTHORISATION
            return Verdict.ACCEPTED, None
        if status < 400:
            # A redirect to elsewhere (a login page, say) is neither.
            return Verdict.INCONCLUSIVE, Rejection.TRANSPORT
        match status:
            case 401 | 403 | 407:
                return Verdict.REJECTED, Rejection.AUTHORISATION
            case 404 | 405 | 410 | 501:
                return Verdict.REJECTED, Rejection.ABSENCE
            case 409:
                return Verdict.REJECTED, Rejection.CONFLICT
            case _:
                return Verdict.REJECTED, _class_by_words(outcome, Rejection.VALIDATION, narrow=True)

    def _refuses(self, response: Response) -> bool:
        if self._bad:
            seen = dict(features(response))
            bad = sum(seen.get(n, "absent") == v for n, v in self._bad.items())
            good = sum(seen.get(n, "absent") == v for n, v in self._good.items())
            if bad != good:
                return bad > good
        return declares_failure(response.body)


def declares_failure(body: Any) -> bool:
    """Whether a successful status carries one of the common envelopes of failure, at the top or
    in a member that tells of the call (`{"result": {"status": "ERROR"}}`)."""
    if not isinstance(body, Mapping):
        return False
    said = _declared(body)
    inner = body
    for _ in range(MAX_ENVELOPES if said is None else 0):
        members = [(str(k).lower(), v) for k, v in inner.items() if isinstance(v, Mapping)]
        named = [v for k, v in members if k in _ENVELOPES]
        alone = [v for _, v in members] if len(inner) == 1 else []
        found = next(iter(named or alone), None)
        if found is None or _OWN_NAMES & {str(k).lower() for k in found}:
            return False
        inner, said = found, _declared(found, inner=True)
        if said is not None:
            break
    return bool(said)


def _declared(body: Mapping[Any, Any], inner: bool = False) -> bool | None:
    """What an envelope's members say: failure, success, or nothing (None)."""
    lowered = {str(k).lower(): v for k, v in body.items()}
    for key in _SUCCESS_KEYS:
        if isinstance(lowered.get(key), bool):
            return not lowered[key]
    for key in _STATUS_KEYS:
        value = lowered.get(key)
        if isinstance(value, str) and _FAILED_WORD.match(value):
            return True
        if inner and isinstance(value, str) and _REFUSED_WORD.match(value):
            return True
    if any(lowered.get(key) for key in _ERROR_KEYS) and "data" not in lowered:
        return True
    return None


def features(response: Response) -> Iterator[tuple[str, str]]:
    """Coarse marks of an answer: media type, shape, flags and words, at the top and in the
    members that tell of the call."""
    yield "media", response.media_type
    body = response.body
    if body is MISSING:
        yield "shape", "empty" if not response.text.strip() else "text"
        return
    if not isinstance(body, Mapping):
        yield "shape", "array" if isinstance(body, list) else "scalar"
        return
    yield "shape", "object"
    yield from _marks(body, "", MAX_ENVELOPES)


def _marks(body: Mapping[Any, Any], above: str, depth: int) -> Iterator[tuple[str, str]]:
    for name, value in body.items():
        lowered, path = str(name).lower(), f"{above}{name}"
        if isinstance(value, bool):
            yield f"flag:{path}", str(value)
        elif lowered in _STATUS_KEYS and isinstance(value, str):
            yield f"word:{path}", value
        elif lowered in _ERROR_KEYS:
            yield f"error:{path}", "filled" if value else "empty"
        elif lowered in ("code", "error_code", "errorcode") and isinstance(value, int):
            yield f"code:{path}", "zero" if value in (0, 200, 201) else "other"
        else:
            yield f"has:{path}", "null" if value is None else "present"
        if depth and isinstance(value, Mapping) and (lowered in _ENVELOPES or len(body) == 1):
            yield from _marks(value, f"{path}.", depth - 1)


def message_of(outcome: Response | Failure, limit: int = 400) -> str:
    """The words of an answer, for hints and for the reader; never for a verdict on a field."""
    if isinstance(outcome, Failure):
        return outcome.message
    return " ".join(outcome.text.split())[:limit]


def _class_by_words(response: Response, usual: Rejection, narrow: bool = False) -> Rejection:
    """Words name the class where the status doesn't; `narrow`: a conflict only."""
    text = response.text[:4000]
    if _CONFLICT.search(text):
        return Rejection.CONFLICT
    if narrow:
        return usual
    if _UNAUTHORISED.search(text):
        return Rejection.AUTHORISATION
    if _ABSENT.search(text):
        return Rejection.ABSENCE
    return usual


def _retry_after(response: Response) -> bool:
    return any(name.lower() == "retry-after" for name in response.headers)
