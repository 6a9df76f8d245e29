"""Which of two documents a server follows, as far as experiments have shown it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from checker.domain.finding import Verdict
from checker.domain.observation import Kind, Observation, ObservedContract, Rejection
from checker.domain.operation import FieldKey, Place
from checker.domain.schema import MISSING, json_type
from checker.drift.compare.change import Change
from checker.inference.dependencies import dependent_fields

LEGACY = "legacy"
CURRENT = "current"


def follows(
    fact: str, change: Change, legacy: Any, current: Any, contract: ObservedContract | None
) -> str:
    """`legacy`, `current`, or "" where no confirmed observation decides between them.

    `fact` is required, enum, type, status or token; `legacy` and `current` are what the two
    sides say of it.
    """
    if contract is None:
        return ""
    if fact == "status":
        return _status(change, legacy, contract)
    if fact == "token":
        return _token(legacy, current, contract)
    if change.place == "response":
        return _answered(fact, change, legacy, current, contract)
    try:
        key = FieldKey(Place(change.place), change.name)
    except ValueError:
        return ""
    if fact == "required":
        return _required(legacy, current, key, contract)
    if fact == "enum":
        return _enum(legacy, current, _of_values(contract, key))
    if fact == "type":
        return _type(legacy, current, _of_values(contract, key))
    return ""


def _of_values(contract: ObservedContract, key: FieldKey) -> list[Observation]:
    """What is confirmed of a field's values."""
    tried = (*contract.of(Kind.REPLACE, key), *contract.of(Kind.ADD, key))
    return [o for o in tried if o.confirmed and o.value is not MISSING and _about_the_value(o)]


def _about_the_value(observation: Observation) -> bool:
    return observation.accepted or (
        observation.rejected and observation.rejection in (None, Rejection.VALIDATION)
    )


def _decide(legacy_holds: bool, current_holds: bool) -> str:
    if legacy_holds == current_holds:
        return ""
    return LEGACY if legacy_holds else CURRENT


def _required(legacy: Any, current: Any, key: FieldKey, contract: ObservedContract) -> str:
    if key in dependent_fields(contract):
        return ""  # required beside some other field or value: neither side says that
    seen = {
        o.rejected for o in contract.of(Kind.REMOVE, key) if o.confirmed and _about_the_value(o)
    }
    if len(seen) != 1:
        return ""
    required = seen.pop()
    return _decide(bool(legacy) is required, bool(current) is required)


def _enum(legacy: Any, current: Any, observations: Iterable[Observation]) -> str:
    """A side fails when it forbids an accepted value or allows a rejected one."""
    holds = {LEGACY: True, CURRENT: True}
    told = False
    for observation in observations:
        for side, values in ((LEGACY, legacy), (CURRENT, current)):
            allowed = not isinstance(values, list) or observation.value in values
            if allowed != observation.accepted:
                holds[side] = False
                told = True
    return _decide(holds[LEGACY], holds[CURRENT]) if told else ""


def _type(legacy: Any, current: Any, observations: Iterable[Observation]) -> str:
    holds = {LEGACY: False, CURRENT: False}
    fails = {LEGACY: False, CURRENT: False}
    for observation in observations:
        kind = json_type(observation.value)
        for side, types in ((LEGACY, legacy), (CURRENT, current)):
            names = [types] if isinstance(types, str) else list(types or ())
            if kind in names or (kind == "integer" and "number" in names):
                holds[side] |= observation.accepted
                fails[side] |= observation.rejected
    return _decide(holds[LEGACY] and not fails[LEGACY], holds[CURRENT] and not fails[CURRENT])


def _status(change: Change, legacy: Any, contract: ObservedContract) -> str:
    """Only a status that was seen decides: for the side that documents it."""
    wanted = change.status.upper()
    for exchange, _ in contract.exchanges:
        response = exchange.response
        if response is not None and (
            str(response.status) == wanted or wanted == f"{response.status // 100}XX"
        ):
            return LEGACY if legacy is not None else CURRENT
    return ""


def _answered(
    fact: str, change: Change, legacy: Any, current: Any, contract: ObservedContract
) -> str:
    """Values that the server has sent: a side fails when it doesn't allow one of them.

    A value that is missing says nothing of requiredness unless one side demands it.
    """
    sent = list(_sent(change, contract))
    return _decide(
        all(_allows(fact, legacy, value) for value in sent),
        all(_allows(fact, current, value) for value in sent),
    )


def _allows(fact: str, said: Any, value: Any) -> bool:
    """Whether what a side says of a value allows one that was sent."""
    if fact == "required":
        return said is not True or value is not MISSING
    if value is MISSING or value is None:
        return True
    if fact == "enum":
        return not isinstance(said, list) or value in said
    if fact == "type":
        names = [said] if isinstance(said, str) else list(said or ())
        kind = json_type(value)
        return kind in names or (kind == "integer" and "number" in names)
    return True


def _sent(change: Change, contract: ObservedContract) -> Iterator[Any]:
    """The values of a response field in every answer with its status that shows it; MISSING
    where the object around it has no such member.
    """
    wanted = change.status.upper()
    for exchange, verdict in contract.exchanges:
        response = exchange.response
        if response is None or verdict is not Verdict.ACCEPTED or response.body is MISSING:
            continue
        if wanted in (str(response.status), f"{response.status // 100}XX"):
            yield from _members(response.body, change.name)


def _members(value: Any, name: str) -> Iterator[Any]:
    """What stands at a dotted name, `[]` for every item."""
    head, _, rest = name.partition(".")
    bare = head.removesuffix("[]")
    if bare:
        if not isinstance(value, Mapping):
            return
        value = value.get(bare, MISSING)
    lists = head.count("[]")
    items = [value]
    for _ in range(lists):
        items = [item for found in items if isinstance(found, list) for item in found]
    for item in items:
        if rest:
            yield from _members(item, rest)
        else:
            yield item


def _token(legacy: Any, current: Any, contract: ObservedContract) -> str:
    """Token types that only one side names: accepted speaks for it, refused against it."""
    one = {str(v).lower() for v in legacy} if isinstance(legacy, list) else set()
    two = {str(v).lower() for v in current} if isinstance(current, list) else set()
    votes: set[str] = set()
    for observation in contract.of(Kind.TOKEN):
        token = observation.detail.get("token")
        if not observation.confirmed or observation.verdict is Verdict.INCONCLUSIVE:
            continue
        if token is None and (legacy is None) != (current is None):
            open_side, closed_side = (LEGACY, CURRENT) if legacy is None else (CURRENT, LEGACY)
            votes.add(open_side if observation.accepted else closed_side)
        elif token is not None and str(token).lower() in one ^ two:
            named = LEGACY if str(token).lower() in one else CURRENT
            unnamed = CURRENT if named == LEGACY else LEGACY
            votes.add(named if observation.accepted else unnamed)
    return votes.pop() if len(votes) == 1 else ""
