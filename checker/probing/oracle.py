"""Is an answer an acceptance? Learned per operation, not assumed.

The status class decides first. Among successful statuses the envelope decides: common markers
of failure (`success: false`, a non-empty `errors`, …) as a prior, and whatever top-level
difference a certainly bad request showed against a good one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from checker.domain.exchange import Exchange, Failure, Request, Response
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
_ERROR_KEYS = ("error", "errors", "exception", "fault", "errormessage")
_ERROR_CODE = re.compile(r"^(err|error)[_-]?(code|no|nr|num|number)$")
_PLAIN_CODE = re.compile(r"^(code|(ret|return|result|response)[_-]?(code|no)?|rc)$")
_NO_ERROR = re.compile(r"^(0+|none|null|ok|success|no[_-]?error)?$", re.IGNORECASE)
"""Error codes that say that there is none, as text."""
_ENVELOPES = {"result", "response", "meta", "_meta", "header", "head", "status", "outcome", "info"}
_ENVELOPES |= {"envelope", "responsestatus", "response_status", "responseheader", "resultinfo"}
"""Members that tell of the call rather than of what it is about."""
_OWN_NAMES = {"id", "uid", "uuid", "guid", "_id", "href", "createdat", "created_at"}
"""Members of a resource: beside them a status is the resource's own."""
_SPOKEN = {"message", "msg", "error", "errors", "code", "reason", "detail", "description"}
"""Members in which an envelope says why."""
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
            if self._refuses(outcome, request):
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

    def _refuses(self, response: Response, request: Request | None) -> bool:
        if self._bad:
            seen = dict(features(response))
            bad = sum(seen.get(n, "absent") == v for n, v in self._bad.items())
            good = sum(seen.get(n, "absent") == v for n, v in self._good.items())
            if bad != good:
                return bad > good
        return declares_failure(response.body, request)


def declares_failure(body: Any, request: Request | None = None) -> bool:
    """Whether a successful status carries one of the common envelopes of failure, at the top or
    in a member that tells of the call (`{"result": {"status": "ERROR"}}`)."""
    if not isinstance(body, Mapping):
        return False
    said = _declared(body, request)
    inner = body
    for _ in range(MAX_ENVELOPES if said is None else 0):
        members = [(str(k).lower(), v) for k, v in inner.items() if isinstance(v, Mapping)]
        named = [v for k, v in members if k in _ENVELOPES]
        alone = [v for _, v in members] if len(inner) == 1 else []
        found = next(iter(named or alone), None)
        if found is None or _OWN_NAMES & {str(k).lower() for k in found}:
            return False
        inner, said = found, _declared(found, request, inner=True)
        if said is not None:
            break
    return bool(said)


def _declared(body: Mapping[Any, Any], request: Request | None, inner: bool = False) -> bool | None:
    """What an envelope's members say: failure, success, or nothing (None)."""
    lowered = {str(k).lower(): v for k, v in body.items()}
    for key in _SUCCESS_KEYS:
        if isinstance(lowered.get(key), bool):
            if request is not None and not lowered[key] and _brought(request, key):
                continue  # a field of its own
            return not lowered[key]
    codes = [v for k, v in lowered.items() if _ERROR_CODE.match(k) and _is_code(v)]
    if codes:
        return not all(map(_says_none, codes))
    for key in _STATUS_KEYS:
        value = lowered.get(key)
        if not isinstance(value, str) or _is_own_state(lowered, value, request):
            continue
        if _FAILED_WORD.match(value) or (inner and _REFUSED_WORD.match(value)):
            return True
    errors = [lowered.get(key) for key in _ERROR_KEYS]
    if any(e and not _says_none(e) for e in errors) and "data" not in lowered:
        return True
    return None


def _is_code(value: Any) -> bool:
    return isinstance(value, (int, str)) and not isinstance(value, bool)


def _says_none(code: Any) -> bool:
    """Whether an error code says that there is no error: 0, "0", "ok"."""
    return _is_code(code) and bool(_NO_ERROR.match(str(code).strip()))


def _is_own_state(lowered: Mapping[str, Any], word: str, request: Request | None) -> bool:
    """Whether a word is the state of a resource rather than of the call, or our own word."""
    if _OWN_NAMES & set(lowered) and not _SPOKEN & set(lowered):
        return True
    return request is not None and _brought(request, word)


def _brought(request: Request, word: str) -> bool:
    """Whether the request had the word as a value or a name."""
    if any(word in pair for pair in request.query):
        return True
    sent = (request.content or b"").decode("utf-8", "replace")
    return bool(re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", sent))


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
        elif (_ERROR_CODE.match(lowered) or _PLAIN_CODE.match(lowered)) and _is_code(value):
            fine = _says_none(value) or str(value) in ("200", "201")
            yield f"code:{path}", "zero" if fine else "other"
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
