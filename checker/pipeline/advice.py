"""What would let the next run examine an operation that this one could not. Pure."""

from __future__ import annotations

from collections.abc import Collection

from checker.domain.exchange import INVALID
from checker.domain.observation import Rejection
from checker.pipeline.passing import may_pass
from checker.planning.encoding import path_parameters
from checker.probing.judge import Judge
from checker.probing.trial import NoWitness

LATER = "Go on with --resume."
MORE_BUDGET = "Raise --max-requests, or go on with --resume."
FRESHER = (
    "A set-up record (--setup) that makes a fresh account, or a workflow record whose "
    "prerequisites make what the request uses up, would keep the ground still."
)
ELSEWHERE = "Check the path, and whether the base URL serves it."
SHOWN = "A workflow record, or recorded traffic (--har), with a request that is accepted."


def by_hand(operation: object, path: str) -> str:
    """What is told of a thing that an operation borrowed and that nobody saw restored."""
    return (
        f"{operation}: {path} was borrowed and may have been changed; look at it and write it back "
        "by hand"
    )


def without_witness(found: NoWitness, tokens: Collection[str], judge: Judge) -> tuple[str, bool]:
    """(what would help, whether the reason may pass by itself) by the answer that came nearest.

    `tokens` are the types that the run had.
    """
    if found.last is None:
        return SHOWN, False
    passing = may_pass(found, judge)
    match judge.judged(found.last).rejection:
        case Rejection.RATE:
            return "Fewer requests in a time (--rate), or a later run with --resume.", passing
        case Rejection.TRANSPORT | Rejection.SERVER_ERROR:
            return f"The server's log has the cause. {LATER}", passing
        case Rejection.AUTHORISATION:
            return _token(tokens), passing
        case Rejection.ABSENCE:
            return _identifier(found), passing
    return SHOWN, passing


def _token(tokens: Collection[str]) -> str:
    given = ", ".join(sorted(t for t in tokens if t != INVALID)) or "none"
    return f"A token of a type that may call it: --token TYPE=VALUE (given: {given})."


def _identifier(found: NoWitness) -> str:
    names = path_parameters(found.operation.path)
    if not names:
        return ELSEWHERE
    return f"Something that exists: --var {names[-1]}=…, or a workflow record that makes it."
