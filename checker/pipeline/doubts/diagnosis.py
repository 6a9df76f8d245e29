"""What a run as a whole says about its target: tokens that are refused everywhere, a base URL
that leads elsewhere. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from checker.domain.exchange import INVALID
from checker.domain.finding import Verdict
from checker.domain.judged import Judged
from checker.domain.observation import Kind, ObservedContract, Rejection
from checker.domain.operation import OperationId

REFUSED = frozenset({401, 403, 407})
ABSENT = frozenset({404, 405, 501})
LEAST_REFUSALS = 3
LEAST_OPERATIONS = 3
Seen = Mapping[OperationId, Sequence[Judged]]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Why next to nothing could be found out, and the operations about which nothing was."""

    error: str = ""
    mend: str = ""
    operations: frozenset[OperationId] = frozenset()


def diagnose(seen: Seen, tokens: Iterable[str]) -> Diagnosis:
    """Are most operations closed to this run whatever it sends?

    Operations that anybody may call prove no token: a token counts as good where it opens what is
    closed without it.
    """
    given = [t for t in tokens if t != INVALID]
    closed: set[OperationId] = set()
    statuses: Counter[int] = Counter()
    tried = 0
    for operation, exchanges in seen.items():
        answered = list(_statuses(exchanges, given))
        if not answered:
            continue
        tried += 1
        if REFUSED.issuperset(answered):
            closed.add(operation)
            statuses.update(answered)
        elif given and _opened(exchanges, given):
            return Diagnosis()
    if not closed or len(closed) * 2 < tried:
        return Diagnosis()
    return _closed(given, statuses.most_common(1)[0][0], closed, tried)


def _closed(
    given: Sequence[str], status: int, closed: Collection[OperationId], tried: int
) -> Diagnosis:
    """Most operations are closed: with these tokens, or without any."""
    number = f"{len(closed)} of the {tried} operations tried"
    if tried == 1:
        number = "the operation"
    if not given:
        return Diagnosis(
            f"{_upper(number)} answer{'s' * (tried == 1)} {status} whatever is sent, and no token "
            "is given.",
            "Set DRIFTCHECK_TOKEN_<TYPE> or give --token TYPE=VALUE.",
            frozenset(closed),
        )
    return Diagnosis(
        f"The server refuses the token{'s' * (len(given) > 1)} given ({', '.join(given)}): "
        f"{number} answer{'s' * (tried == 1)} {status} whatever is sent.",
        "Check "
        + ", ".join(f"DRIFTCHECK_TOKEN_{name.upper().replace('-', '_')}" for name in given[:4])
        + " and how the token travels ([targets.….tokens.…] in the config).",
        frozenset(closed),
    )


def nowhere(seen: Seen, tokens: Iterable[str], base_url: str) -> Diagnosis:
    """Is nothing of the documents at the base URL: nothing accepted, and most operations absent
    whatever is sent? Fewer than three operations may well be missing."""
    if any(judged.accepted for judged in chain.from_iterable(seen.values())):
        return Diagnosis()
    given = [t for t in tokens if t != INVALID]
    answers = {o: list(_statuses(exchanges, given)) for o, exchanges in seen.items()}
    tried = {operation: statuses for operation, statuses in answers.items() if statuses}
    absent = [statuses for statuses in tried.values() if ABSENT.issuperset(statuses)]
    if len(tried) < LEAST_OPERATIONS or len(absent) * 2 < len(tried):
        return Diagnosis()
    status = Counter(chain.from_iterable(absent)).most_common(1)[0][0]
    number = f"{len(absent)} of {len(tried)} operations"
    if len(absent) == len(tried):
        number = f"all {len(tried)} operations"
    return Diagnosis(
        f"Nothing of the documents is at {base_url}: {number} answer {status} whatever is sent, "
        "and no request was accepted.",
        "Check the base URL, and whether a part of it stands in the documents' paths already.",
        frozenset(tried),
    )


def _only_elsewhere(own: Iterable[Judged]) -> bool:
    return all(j.rejection is Rejection.ELSEWHERE for j in own if j.response is not None)


def elsewhere(seen: Seen) -> Diagnosis:
    """Does something else answer for the target: nothing accepted, and most operations led
    elsewhere or answered by what is no answer of theirs, whatever is sent?"""
    tried = {o: own for o, own in seen.items() if any(j.response is not None for j in own)}
    if any(j.accepted for own in tried.values() for j in own):
        return Diagnosis()
    led = {operation: own[-1] for operation, own in tried.items() if _only_elsewhere(own)}
    if len(tried) < LEAST_OPERATIONS or len(led) * 2 < len(tried):
        return Diagnosis()
    said = Counter(_strange(j) for j in led.values()).most_common(1)[0][0]
    return Diagnosis(
        f"Something else answers for the target: {said} to {len(led)} of the {len(tried)} "
        "operations, whatever is sent, and no request was accepted.",
        "Check the base URL, the tokens, and what stands before the server.",
        frozenset(led),
    )


def _strange(judged: Judged) -> str:
    response = judged.response
    if response is None:
        return "no answer"
    if response.status // 100 == 3:
        return f"redirect {response.status}"
    return f"{response.status} {response.media_type}".strip()


def useless(
    seen: Seen, tokens: Iterable[str], anyones: Collection[OperationId] = ()
) -> dict[str, int]:
    """Token types refused wherever another one was accepted, and at how many operations. To be
    accepted by one of `anyones`, which are documented to need no token, is no proof of one.

    A wrong value is the likelier cause than that many mistakes of the documentation; fewer than
    three operations say nothing about a value.
    """
    counts = {token: _refusals(seen, token, anyones) for token in tokens}
    return {token: count for token, count in counts.items() if count >= LEAST_REFUSALS}


def _statuses_with(token: str, exchanges: Iterable[Judged]) -> list[int]:
    """What requests with a token were answered."""
    return [
        e.response.status
        for e, _, _ in exchanges
        if e.request.token == token and e.response is not None
    ]


def _refusals(seen: Seen, token: str, anyones: Collection[OperationId]) -> int:
    """How many operations refused a token wherever another one was accepted; none where one of
    them did not: that is known soon, and asked after each operation."""
    tried = 0
    for operation, exchanges in seen.items():
        own = _statuses_with(token, exchanges)
        accepted = bool(own) and any(v is Verdict.ACCEPTED for _, v, _ in exchanges)
        if not accepted or _open_to_all(exchanges):
            continue
        if all(status in REFUSED for status in own):
            tried += 1
        elif operation not in anyones:
            return 0
    return tried


def _statuses(exchanges: Sequence[Judged], given: Sequence[str]) -> Iterator[int]:
    """The answers to requests with a given token; to all where none is given."""
    return (
        e.response.status
        for e, _, _ in exchanges
        if e.response is not None and (e.request.token in given or not given)
    )


def _opened(exchanges: Sequence[Judged], given: Sequence[str]) -> bool:
    """Whether a token was accepted where none, or a nonsense one, was not."""
    accepted = {e.request.token for e, v, _ in exchanges if v is Verdict.ACCEPTED}
    return bool(accepted & set(given)) and not _open_to_all(exchanges)


def _open_to_all(exchanges: Sequence[Judged]) -> bool:
    return any(
        v is Verdict.ACCEPTED and e.request.token in (None, INVALID) for e, v, _ in exchanges
    )


def without_token(contract: ObservedContract, token: str) -> ObservedContract:
    """The contract without what was learned about a token type."""
    kept = tuple(
        o
        for o in contract.observations
        if not (o.kind is Kind.TOKEN and o.detail.get("token") == token)
    )
    return replace(contract, observations=kept)


def internal(error: Exception, where: str = "") -> str:
    """A sentence about an error of the checker itself."""
    what = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    return f"internal error{f' at {where}' if where else ''}: {what}"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
