"""Whether what is read back is what was written."""

from __future__ import annotations

from typing import Any

import pytest

from checker.domain.schema import MISSING
from checker.probing.readback import same_value


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Plain", "plain "),
        ("+49 151", "49151"),
        ("example.org", "example.org."),
        ("7", 7),
        (True, "true"),
        (["a", "b"], "a,b"),
        ({"a": "X"}, {"a": "x", "b": 1}),
        (["A"], ["a"]),
    ],
)
def test_forms_of_one_value(written: Any, read: Any) -> None:
    assert same_value(written, read)
    assert same_value(written, read, part=False)


@pytest.mark.parametrize(("written", "read"), [("Thingabc", "Thing"), (["Thing"], ["Thingabc"])])
def test_a_part_is_the_same_only_where_it_may_be(written: Any, read: Any) -> None:
    assert same_value(written, read)
    assert not same_value(written, read, part=False)


@pytest.mark.parametrize(
    ("written", "read"), [("one", "two"), ("one", None), ("one", MISSING), (["a"], ["a", "b"])]
)
def test_another_value(written: Any, read: Any) -> None:
    assert not same_value(written, read)
