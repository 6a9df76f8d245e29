"""What is looked for before a pattern takes nothing from what the pattern finds."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.lexicon.entries import Entry, entries, topics
from checker.lexicon.needles import all_needles, needles_of
from checker.lexicon.patterns import NEEDLES, Pattern

ALL = [entry for topic in topics() for entry in entries(topic)]
ODD = str.maketrans({"i": "İ", "s": "ſ", "k": "\u212a"})


def test_the_file_is_that_of_the_patterns() -> None:
    """Write it anew: `python -m checker.lexicon.needles`."""
    written = json.loads(files("checker.lexicon").joinpath(NEEDLES).read_text(encoding="utf-8"))
    assert written == all_needles()


@pytest.mark.parametrize("topic", topics())
def test_cases_are_found_however_they_are_written(topic: str) -> None:
    wrong = [
        (entry.id, written)
        for entry in entries(topic)
        for text in (*entry.speaks, *entry.silent)
        for written in (text, text.lower(), text.upper(), text.translate(ODD))
        if bool(entry.pattern.search(written)) is not bool(entry.pattern.compiled().search(written))
    ]
    assert wrong == []


@given(st.sampled_from(ALL), st.data())
@settings(max_examples=60)
def test_whatever_a_pattern_matches_has_one_of_its_needles(
    entry: Entry, data: st.DataObject
) -> None:
    text = data.draw(st.from_regex(entry.pattern.compiled()))
    if entry.pattern.compiled().search(text):  # what it looks ahead for is not always made
        assert entry.pattern.search(text)


@pytest.mark.parametrize(
    ("pattern", "needles"),
    [
        (r"\bmoves? out\b", {"move"}),
        (r"(cats?|dogs?) and mice", {" and mice"}),
        (r"cats?|dogs?", {"cat", "dog"}),
        (r"(un)?lock", {"lock"}),
        (r"cat.{0,9}|\w+", None),
        (r"[ab]c?", None),
        (r"(?=.*cat)\w", None),
        (r"(?<!x)удалить", {"\x80"}),
        (r"[а-я]{2,}", {"\x80"}),
        (r"été", {"\x80"}),
        (r"année", {"ann"}),
        (r"İptal|\u212aey", {"iptal", "key"}),
        (r"(cat){2,3}x?", {"cat"}),
    ],
)
def test_needles(pattern: str, needles: set[str] | None) -> None:
    assert needles_of(pattern) == needles


def test_a_pattern_that_was_changed_is_always_searched_for() -> None:
    assert Pattern(r"zq[a-z]xkj").search("ZQaXKJ")
