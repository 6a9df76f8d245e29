"""Identifiers of the same shape that belong to nothing."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from checker.experiments.references import unknown_like

IDENTIFIERS = st.one_of(
    st.uuids().map(str),
    st.integers(1, 10**6 - 1),
    st.from_regex(r"[1-9][0-9]{0,17}", fullmatch=True),
    st.from_regex(r"(usr|ven)_[a-z0-9]{4,12}", fullmatch=True),
)


@given(IDENTIFIERS)
def test_it_has_the_shape_and_is_another_one(known: Any) -> None:
    unknown = unknown_like(known)
    assert unknown != known and type(unknown) is type(known)
    if isinstance(known, str) and not known.isdigit():
        assert len(unknown) == len(known)
        assert re.sub(r"[0-9a-z]", "x", unknown) == re.sub(r"[0-9a-z]", "x", known)


@given(st.uuids(version=4), st.uuids(version=4), st.integers(1, 10**6 - 1))
def test_no_two_known_ones_share_it(one: UUID, other: UUID, number: int) -> None:
    """One operation may take it for a free text, and it is taken then in the next."""
    assert (unknown_like(str(one)) == unknown_like(str(other))) == (one == other)
    assert unknown_like(number) != unknown_like(number + 1)
    assert unknown_like(str(number)) != unknown_like(str(number + 1))
    assert UUID(unknown_like(str(one))).version == 4


def test_numbers_are_far_away() -> None:
    assert int(unknown_like("7")) > 99_000 and unknown_like(7) > 900_000_000
    assert len(unknown_like("1234567890123")) == 13
