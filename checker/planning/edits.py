"""One-change edits of a call, addressed by field key. Pure; the given call is never changed."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from checker.domain.exchange import Call
from checker.domain.names import member_name
from checker.domain.nodes import each_of
from checker.domain.operation import FieldKey, Place
from checker.domain.schema import MISSING

MAX_FIELD_DEPTH = 24
"""Deeper members are data, not fields that a document describes."""

Edit = Callable[[Call], Call]


def split(name: str) -> list[str]:
    """A dotted name's steps; `[]` is a step of its own: `a[].b` → `a`, `[]`, `b`."""
    steps: list[str] = []
    for part in name.split("."):
        stem = part
        marks = 0
        while stem.endswith("[]"):
            stem, marks = stem[:-2], marks + 1
        if stem:
            steps.append(stem)
        steps.extend(["[]"] * marks)
    return steps


def _container(call: Call, place: Place) -> Any:
    return call.body if place is Place.BODY else getattr(call, place.value)


def _with_container(call: Call, place: Place, value: Any) -> Call:
    return replace(call, **{"body" if place is Place.BODY else place.value: value})


def steps_of(call: Call, key: FieldKey) -> list[str]:
    """The steps to a field; a parameter whose very name has dots or brackets is one step."""
    container = _container(call, key.place)
    if key.place is not Place.BODY and (
        (isinstance(container, Mapping) and key.name in container) or "." not in key.name
    ):
        return [key.name]
    if key.name == "":
        return []
    return split(key.name)


def get(call: Call, key: FieldKey) -> Any:
    """The (first) value at a field, or MISSING."""
    value = _container(call, key.place)
    for step in steps_of(call, key):
        if step == "[]":
            value = value[0] if isinstance(value, list) and value else MISSING
        elif isinstance(value, Mapping):
            value = value.get(step, MISSING)
        else:
            return MISSING
        if value is MISSING:
            return MISSING
    return value


def has(call: Call, key: FieldKey) -> bool:
    return get(call, key) is not MISSING


def remove(call: Call, *keys: FieldKey) -> Call:
    """The call without the fields (in every array item); absent ones are passed over."""
    own = _Own()
    for key in keys:
        steps = steps_of(call, key)
        if not steps:
            call = _with_container(call, key.place, MISSING)
            continue
        container = own.of(_container(call, key.place))
        _remove(container, steps, own)
        call = _with_container(call, key.place, container)
    return call


class _Own:
    """Copy on write: the containers that one edit has made itself, and may change in place.

    All else is shared with the call that it began with, which is never changed.
    """

    def __init__(self) -> None:
        self._made: dict[int, Any] = {}

    def of(self, node: Any) -> Any:
        """A container as it may be changed; anything else as it is."""
        if not isinstance(node, (dict, list)) or id(node) in self._made:
            return node
        return self.new(node.copy())

    def new(self, node: Any) -> Any:
        """A container that nobody else has."""
        self._made[id(node)] = node  # kept, so that no other gets its `id()`
        return node


def _remove(node: Any, steps: list[str], own: _Own) -> None:
    head, rest = steps[0], steps[1:]
    if head == "[]":
        if isinstance(node, list):
            if not rest:
                node.clear()
            for number, item in enumerate(node):
                node[number] = own.of(item)
                _remove(node[number], rest, own)
    elif isinstance(node, dict) and head in node:
        if rest:
            node[head] = own.of(node[head])
            _remove(node[head], rest, own)
        else:
            del node[head]


def put(call: Call, key: FieldKey, value: Any) -> Call:
    """The call with a field set (in the first array item); enclosing objects are made."""
    return _with(call, key, value, _Own())


def put_each(call: Call, keys: Iterable[FieldKey], changed: Callable[[FieldKey, Any], Any]) -> Call:
    """The call with what `changed` makes of each field that it has, given key and value."""
    own = _Own()
    for key in keys:
        value = get(call, key)
        if value is not MISSING:
            call = _with(call, key, changed(key, value), own)
    return call


def _with(call: Call, key: FieldKey, value: Any, own: _Own) -> Call:
    steps = steps_of(call, key)
    if not steps:
        return _with_container(call, key.place, copy.deepcopy(value))
    before = _container(call, key.place)
    container = before
    if container is MISSING:
        container = own.new([] if steps[0] == "[]" else {})
    elif not isinstance(container, (dict, list)):
        container = own.new(dict(container) if isinstance(container, Mapping) else {})
    container = own.of(container)
    _put(container, steps, copy.deepcopy(value), own)
    return call if container is before else _with_container(call, key.place, container)


def _put(node: Any, steps: list[str], value: Any, own: _Own) -> None:
    head, rest = steps[0], steps[1:]
    if head == "[]":
        if not isinstance(node, list):
            return
        if not rest:
            node[:1] = [value]
            return
        if not node:
            node.append(own.new([] if rest[0] == "[]" else {}))
        node[0] = own.of(node[0])
        _put(node[0], rest, value, own)
        return
    if not isinstance(node, dict):
        return
    if not rest:
        node[head] = value
        return
    child = node.get(head)
    wanted: type = list if rest[0] == "[]" else dict
    node[head] = own.of(child) if isinstance(child, wanted) else own.new(wanted())
    _put(node[head], rest, value, own)


def is_plain(value: Any) -> bool:
    """Whether a value is a scalar or a list of scalars: nothing in it is a field of its own."""
    each = each_of(value)
    return not any(isinstance(v, (Mapping, list)) for v in each)


def unchanged(call: Call) -> Call:
    """The edit that changes nothing."""
    return call


def removing(*keys: FieldKey) -> Edit:
    """An edit that removes fields."""
    return lambda call: remove(call, *keys)


def putting(key: FieldKey, value: Any) -> Edit:
    """An edit that sets a field."""
    return lambda call: put(call, key, value)


def chain(*edits: Edit) -> Edit:
    """Several edits, one after another."""

    def apply(call: Call) -> Call:
        for edit in edits:
            call = edit(call)
        return call

    return apply


def present_fields(call: Call) -> Iterator[FieldKey]:
    """Every field that a call carries, body members down to MAX_FIELD_DEPTH, in order."""
    for place in (Place.PATH, Place.QUERY, Place.HEADER, Place.COOKIE):
        for name, value in _container(call, place).items():
            yield FieldKey(place, name)
            if isinstance(value, Mapping):
                yield from (FieldKey(place, n) for n in _members(value, name))
    if isinstance(call.body, (Mapping, list)):
        yield from (FieldKey(Place.BODY, n) for n in dict.fromkeys(_members(call.body, "")))


def _members(node: Any, prefix: str, depth: int = 0) -> Iterator[str]:
    if depth > MAX_FIELD_DEPTH:
        return
    if isinstance(node, Mapping):
        for name, value in node.items():
            dotted = member_name(prefix, name)
            yield dotted
            yield from _members(value, dotted, depth + 1)
    elif isinstance(node, list):
        for item in node[:3]:
            yield from _members(item, prefix + "[]", depth + 1)
