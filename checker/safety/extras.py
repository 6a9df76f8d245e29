"""Does a request ask for more than its operation says: by its members, their values, or by
leaving out what is on by default? Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from checker.domain.exchange import Request
from checker.domain.operation import Field, Operation, Place
from checker.domain.schema import MISSING
from checker.planning.edits import split
from checker.planning.restraint import (
    MOST_MADE,
    Caution,
    caution_by_name,
    caution_in,
    caution_of,
    default_acts,
    is_asked_without_its_place,
    members_of,
    spares,
    wary_fields,
)
from checker.planning.switches import switches
from checker.planning.unbounded import means_all, unbounded
from checker.safety.brought import body_of, names_in

_MAY_BE_ON = "what acts by itself may be on, which is more than the thing itself"


def extra(request: Request, operation: Operation, *, reads: bool = False) -> str:
    """What a request asks for beyond the thing itself, in words; empty where nothing. What a
    reading operation's values say (`reads`) only selects."""
    on = "" if reads else _on(request, operation)
    if on:
        return on
    body = body_of(request)
    wary, known = _wary_by_name(operation, reads), _names_of(operation)
    headers = [(n, v) for n, v in request.headers if n in wary]
    for name, value in (*request.query, *headers, *members_of(body)):
        field = wary.get(name)
        if field is None and (name in known or reads):
            continue
        if field is not None:
            caution = caution_in(operation, field)
        else:
            caution = caution_by_name(name, value)
        said = _said(name, value, caution, field)
        if said:
            return said
    for name, value in (*request.query, *members_of(body)) if reads else ():
        if str(value).lower() == "false" and spares(name):
            return f"its `{name}` {value!r} asks for more than reading"
    return _left_out(request, operation) or ("" if reads else _of_all(request, operation))


@lru_cache(maxsize=2_000)
def _wary_by_name(operation: Operation, reads: bool) -> Mapping[str, Field]:
    """The fields whose values are looked at, but for what switches a thing off; of a reading
    (`reads`) those that act."""
    switched = switches(operation)
    wary = {k.leaf: f for k, f in wary_fields(operation).items() if k not in switched}
    return {n: f for n, f in wary.items() if not reads or caution_of(f, reads=True).acts}


@lru_cache(maxsize=2_000)
def _names_of(operation: Operation) -> frozenset[str]:
    return frozenset(k.leaf for k in operation.fields)


def _of_all(request: Request, operation: Operation) -> str:
    """Where a member is left out or empty that then means all of what others have."""
    body = body_of(request)
    for key in unbounded(operation):
        for value in _values_there(body, split(key.name), whole=False):
            if operation.id.method == "PATCH" and value is MISSING:
                continue  # it stays as it is
            if means_all(value):
                return f"without a `{key.leaf}` of its own it is about all that others have"
    return ""


def _said(name: str, value: Any, caution: Caution, field: Field | None) -> str:
    if caution.minds(value):
        shown = f" {value!r}" if isinstance(value, (str, bool)) else ""
        return f"its `{name}`{shown[:40]} asks for more than the thing itself"
    if caution.counts and field is not None:
        most = max(MOST_MADE, field.schema.minimum or 0)
        number = _number(value)
        if number is not None and number > most:
            return f"its `{name}` says how many are made, and {most:.0f} are enough"
    return ""


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _left_out(request: Request, operation: Operation) -> str:
    """A flag that acts by default has to be there, and off."""
    given = {name for name, _ in (*request.query, *request.headers)}
    for key, field in wary_fields(operation).items():
        if "[]" in key.name or key in switches(operation) or not default_acts(operation, field):
            continue
        if "." in key.name:
            whole = is_asked_without_its_place(operation, key)
            there = MISSING not in _values_there(body_of(request), split(key.name), whole=whole)
        else:
            there = key.leaf in (names_in(request) if key.place is Place.BODY else given)
        if not there:
            return f"without `{key.leaf}` its default asks for more than the thing itself"
    return ""


def _on(request: Request, operation: Operation) -> str:
    """Where something that acts by itself would be on: its switch has another value than the one
    for "off", or is left out where that leaves it to the server."""
    body = body_of(request)
    as_text = "json" not in (request.media_type or "").lower()
    for key, switch in switches(operation).items():
        steps = split(key.name)
        partial = operation.id.method == "PATCH" and isinstance(body, Mapping)
        if partial and steps[0] not in body:
            continue  # it stays as it is
        for value in _values_there(body, steps, whole=switch.whole and not partial):
            if value is MISSING:
                return f"without `{key.leaf}` {switch.off!r} {_MAY_BE_ON}"
            if not switch.is_off(value, as_text=as_text):
                return f"with this `{key.leaf}` {_MAY_BE_ON}"
    return ""


def _values_there(node: Any, steps: list[str], *, whole: bool) -> Iterator[Any]:
    """The values that a body has at a field, MISSING where what should have it lacks it; `whole`:
    also where nothing is there that could have it."""
    if not steps:
        yield node
    elif steps[0] == "[]" and isinstance(node, list):
        for item in node:
            yield from _values_there(item, steps[1:], whole=whole)
    elif isinstance(node, Mapping) and steps[0] in node:
        yield from _values_there(node[steps[0]], steps[1:], whole=whole)
    elif whole or len(steps) == 1:
        yield MISSING
