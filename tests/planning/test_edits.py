"""Edits copy what they change and share the rest: the call that they begin with stays as it was."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.domain.exchange import Call
from checker.domain.operation import FieldKey, OperationId, Place
from checker.domain.schema import MISSING
from checker.planning import edits

NAMES = ("a", "b", "c")
BODIES = st.recursive(
    st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner),
    max_leaves=12,
)
PATHS = st.lists(st.sampled_from([*NAMES, *(f"{n}[]" for n in NAMES)]), max_size=4).map(".".join)


def call(body: Any = MISSING, **query: Any) -> Call:
    return Call(OperationId("POST", "/things"), body=body, query=query)


def key(name: str) -> FieldKey:
    return FieldKey(Place.BODY, name)


@given(BODIES, st.lists(PATHS, min_size=1, max_size=4), BODIES)
def test_the_given_call_stays_as_it_was(body: Any, names: list[str], value: Any) -> None:
    first, keys = call(body), [key(n) for n in names]
    before, given = copy.deepcopy(body), copy.deepcopy(value)
    edits.remove(first, *keys)
    edits.put(edits.put(first, keys[0], value), keys[-1], 1)
    edits.put_each(first, keys, lambda _, found: [found, value])
    assert first.body == before
    assert value == given


@given(BODIES, PATHS, PATHS)
def test_what_is_put_is_there_and_what_is_removed_isnt(body: Any, name: str, other: str) -> None:
    put = edits.put(call({"a": body}), key("a"), "put")
    assert edits.get(put, key("a")) == "put"
    removed = edits.remove(call(body), key(name), key(other))
    if not name.endswith("[]"):
        assert edits.get(removed, key(name)) is MISSING


@given(BODIES, st.lists(PATHS, max_size=4))
def test_each_is_put_as_if_one_after_another(body: Any, names: list[str]) -> None:
    def changed(_: FieldKey, value: Any) -> Any:
        return {"b": value}

    one = call(body)
    for each in (k for k in map(key, names)):
        if edits.has(one, each):
            one = edits.put(one, each, changed(each, edits.get(one, each)))
    assert edits.put_each(call(body), map(key, names), changed).body == one.body


@pytest.mark.parametrize(
    ("body", "name", "expected"),
    [
        (MISSING, "a.b", {"a": {"b": 0}}),
        (MISSING, "[].a", [{"a": 0}]),
        ({"a": 1}, "a.b", {"a": {"b": 0}}),
        ({"a": []}, "a[].b", {"a": [{"b": 0}]}),
        ({"a": [{"b": 1}, {"b": 2}]}, "a[].b", {"a": [{"b": 0}, {"b": 2}]}),
        ({"a": [1, 2]}, "a[]", {"a": [0, 2]}),
    ],
)
def test_enclosing_containers_are_made(body: Any, name: str, expected: Any) -> None:
    assert edits.put(call(body), key(name), 0).body == expected


def test_removing_reaches_every_item() -> None:
    body = {"a": [{"b": 1, "c": 2}, {"b": 3}, 4], "b": [1, 2]}
    assert edits.remove(call(body), key("a[].b"), key("b[]")).body == {
        "a": [{"c": 2}, {}, 4],
        "b": [],
    }


def test_parameters_with_dots_are_one_name() -> None:
    put = edits.put(call(**{"filter.name": "x"}), FieldKey(Place.QUERY, "filter.name"), "y")
    assert put.query == {"filter.name": "y"}


def test_what_isnt_changed_is_shared() -> None:
    """However large it is: an edit costs what it changes."""
    large = {"many": list(range(1000))}
    put = edits.put(call({"a": 1, "large": large}), key("a"), 2)
    assert put.body["large"] is large
