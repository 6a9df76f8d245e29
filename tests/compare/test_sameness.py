"""Equal subtrees are recognised; anything doubtful is not called the same."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.domain.schema import MISSING
from checker.drift.compare.paths import normalise, version_of, versionless
from checker.drift.compare.sameness import Sameness, lookup


def document(**schemas: Any) -> dict[str, Any]:
    return {"components": {"schemas": schemas}}


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


LEAF, OTHER = {"type": "string"}, {"type": "integer"}


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        (document(A=LEAF), document(A=dict(LEAF)), True),
        (document(A=LEAF), document(A=OTHER), False),
        (document(A=LEAF), document(), False),
        (document(A={"x": ref("B")}, B=LEAF), document(A={"x": ref("B")}, B=OTHER), False),
        (document(A={"x": ref("B")}, B=LEAF), document(A={"x": ref("B")}, B=LEAF), True),
        (document(A={"x": ref("A")}), document(A={"x": ref("A")}), True),
        (
            document(A={"x": ref("B")}, B={"x": ref("A"), "y": ref("C")}, C=LEAF),
            document(A={"x": ref("B")}, B={"x": ref("A"), "y": ref("C")}, C=OTHER),
            False,
        ),
        (document(A={"$ref": "other.json#/A"}), document(A={"$ref": "other.json#/A"}), False),
        (document(A={"default": 1}), document(A={"default": True}), False),
        (document(A={"a": 1, "b": 2}), document(A={"b": 2, "a": 1}), True),
        (document(A={1: "x", "y": 2}), document(A={1: "x", "y": 2}), False),
    ],
)
def test_references(old: Any, new: Any, same: bool) -> None:
    judge = Sameness(old, new)
    assert judge.nodes(ref("A"), ref("A")) is same
    assert judge.nodes({"deep": [ref("A")]}, {"deep": [ref("A")]}) is same


def test_one_memo_serves_many_questions() -> None:
    old = document(A={"x": ref("B")}, B=LEAF, C={"x": ref("D")}, D=LEAF)
    new = document(A={"x": ref("B")}, B=LEAF, C={"x": ref("D")}, D=OTHER)
    judge = Sameness(old, new)
    assert [judge.nodes(ref(n), ref(n)) for n in "ABCDAB"] == [True, True, False, False, True, True]


def test_lookup() -> None:
    root = {"a/b": [{"~": 1}], "responses": {200: "int key"}}
    assert lookup(root, "#/a~1b/0/~0") == 1
    assert lookup(root, "/responses/200") == "int key"
    assert lookup(root, "/a~1b/7") is MISSING
    assert lookup(root, "/none/deep") is MISSING
    assert lookup(root, "") is root


@pytest.mark.parametrize(
    ("path", "normal", "bare", "version"),
    [
        ("/v2/a/{id}/", "/v2/a/{}", "/a/{}", "v2"),
        ("/a//b", "/a/b", "/a/b", ""),
        ("/api/v1.2/x", "/api/v1.2/x", "/api/x", "v1.2"),
        ("/v1beta1/x", "/v1beta1/x", "/x", "v1beta1"),
        ("/voice/x", "/voice/x", "/voice/x", ""),
        ("/", "/", "/", ""),
    ],
)
def test_paths(path: str, normal: str, bare: str, version: str) -> None:
    assert (normalise(path), versionless(path), version_of(path)) == (normal, bare, version)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["a", "b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(JSON, JSON)
def test_without_references_the_same_is_json_equality(one: Any, two: Any) -> None:
    import json

    equal = json.dumps(one, sort_keys=True) == json.dumps(two, sort_keys=True)
    assert Sameness({}, {}).nodes(one, two) is equal
