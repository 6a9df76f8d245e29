"""Names in JSON Pointers, there and back."""

from __future__ import annotations

import pytest

from checker.domain.pointer import escape, pointer_of, tokens_of, unescape


@pytest.mark.parametrize(
    ("name", "written"), [("a", "a"), ("a/b", "a~1b"), ("~", "~0"), ("~1", "~01"), ("", "")]
)
def test_a_name_and_how_a_pointer_has_it(name: str, written: str) -> None:
    assert escape(name) == written
    assert unescape(written) == name


@pytest.mark.parametrize(
    ("tokens", "pointer"), [([], ""), ([""], "/"), (["paths", "/a/{b}", 0], "/paths/~1a~1{b}/0")]
)
def test_a_pointer_and_what_it_leads_through(tokens: list[str | int], pointer: str) -> None:
    assert pointer_of(tokens) == pointer
    assert tokens_of(pointer) == [str(token) for token in tokens]
