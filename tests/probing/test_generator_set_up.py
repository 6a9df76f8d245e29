"""What is prepared for generation: tables that are right, and nothing of what is around."""

import importlib.util
import sys
from pathlib import Path

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from hypothesis.internal import charmap

from checker.probing import generator_set_up
from checker.probing.generator_set_up import ENCODABLE, prepared


@pytest.mark.parametrize("codec", ENCODABLE)
def test_the_tables_say_what_can_be_encoded(codec: str) -> None:
    inside = {point for first, last in ENCODABLE[codec] for point in (first, last)}
    beside = {p + step for p in inside for step in (-1, 1)} - inside - {-1, sys.maxunicode + 1}
    for point in inside:
        assert chr(point).encode(codec).decode(codec) == chr(point)
    for point in beside:
        known = any(first <= point <= last for first, last in ENCODABLE[codec])
        try:
            chr(point).encode(codec)
        except UnicodeEncodeError:
            assert not known
        else:
            assert known


def test_the_tables_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """An encoding that nothing else here uses, with a table that isn't true."""
    monkeypatch.setattr(generator_set_up, "ENCODABLE", {"iso8859-15": [[0x61, 0x63]]})
    generator_set_up._know_encodings.__wrapped__()
    encodable, _ = charmap.intervals_from_codec("iso8859-15")
    assert encodable.intervals == ((0x61, 0x63),)


def drawn() -> list[object]:
    values: list[object] = []

    @seed(7)
    @settings(max_examples=60, database=None, deadline=None)
    @given(st.lists(st.integers() | st.text()))
    def take(value: object) -> None:
        values.append(value)

    with prepared():
        take()
    return values


def test_values_dont_depend_on_the_modules_around(tmp_path: Path) -> None:
    before = drawn()
    place = tmp_path / "aside.py"
    place.write_text(f"KNOWN = {[*range(1000, 1400)]}\nWORDS = {[f'w{n}' for n in range(400)]}\n")
    spec = importlib.util.spec_from_file_location("aside", place)
    assert spec is not None
    sys.modules["aside"] = importlib.util.module_from_spec(spec)
    try:
        assert drawn() == before
    finally:
        del sys.modules["aside"]
