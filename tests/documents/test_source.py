"""Lines and columns of pointers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.documents.source import find, locate, locate_all
from checker.domain.location import Location

JSON = """{
  "a/b": {"c~d": [10,
    {"e": null}]},
  "s": "text, \\" with } and ]",
  "z": {}
}
"""
YAML = """a/b:
  c~d:
    - 10
    - e: null
s: "text: - x"
? z
: {q: [1, {r: 2}]}
"""


def test_json() -> None:
    found = find(JSON, ["/a~1b/c~0d/1/e", "/a~1b/c~0d/0", "/z", "/s"], "json")
    assert found["/a~1b"] == (2, 3)
    assert found["/a~1b/c~0d"] == (2, 11)
    assert found["/a~1b/c~0d/0"] == (2, 19)
    assert found["/a~1b/c~0d/1"] == (3, 5)
    assert found["/a~1b/c~0d/1/e"] == (3, 6)
    assert found["/s"] == (4, 3)
    assert found["/z"] == (5, 3)
    assert found[""] == (1, 1)


def test_yaml() -> None:
    found = find(YAML, ["/a~1b/c~0d/1/e", "/z/q/1/r", "/s"], "yaml")
    assert found["/a~1b"] == (1, 1)
    assert found["/a~1b/c~0d"] == (2, 3)
    assert found["/a~1b/c~0d/1"] == (4, 7)
    assert found["/a~1b/c~0d/1/e"] == (4, 7)
    assert found["/s"] == (5, 1)
    assert found["/z/q/1/r"] == (7, 12)


def test_a_pointer_that_is_not_there_gets_its_nearest_ancestor(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(JSON)
    at = locate(Location(str(path), "/a~1b/nothing/there"))
    assert (at.line, at.column, at.pointer) == (2, 3, "/a~1b/nothing/there")


def test_what_cannot_be_read_stays_as_it_is(tmp_path: Path) -> None:
    location = Location(str(tmp_path / "none.json"), "/a")
    assert locate(location) == location
    known = Location("none.json", "/a", 3, 4)
    assert locate_all([known, location]) == {known: known, location: location}


def test_invalid_json_is_located_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"a": {"b": 1,},\n "c": 2,}')
    assert locate(Location(str(path), "/c")).line == 2


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"a": 1}')
    assert locate(Location(str(path), "/a")).line == 1
    path.write_text('{\n\n"a": 1}')
    assert locate(Location(str(path), "/a")).line == 3


def pointers(value: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    yield at, value
    items: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    for key, child in items:
        token = str(key).replace("~", "~0").replace("/", "~1")
        yield from pointers(child, f"{at}/{token}")


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.text(alphabet="ab é✓'#&*!|-:?,[]", max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(alphabet='ab/~"{} ', min_size=1, max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("syntax", ["json", "yaml"])
@settings(max_examples=60, deadline=None)
@given(value=VALUES, indent=st.sampled_from([None, 1, 3]))
def test_every_pointer_leads_to_its_name_or_value(syntax: str, value: Any, indent: Any) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    lines = text.split("\n")
    places = list(pointers(value))
    found = find(text, [at for at, _ in places], syntax)
    for at, inner in places:
        line, column = found[at]
        rest = "\n".join([lines[line - 1][column - 1 :], *lines[line:]])
        start, _ = json.JSONDecoder().raw_decode(rest)
        token = at.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
        assert start in (inner, token)
