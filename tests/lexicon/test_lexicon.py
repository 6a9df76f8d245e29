"""Every entry speaks where it must, is silent where it must, and is needed."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from checker.lexicon import Entry, LexiconError, entries, read, topics
from checker.lexicon.entries import _loaded
from checker.lexicon.patterns import Pattern

ALL = [entry for topic in topics() for entry in entries(topic)]
ORDINARY = Path(__file__).with_name("ordinary.txt")
HARMFUL = {"service", "account", "outward", "callback"}
WHOLE = """
form = "prose"
[[entry]]
id = "greets"
means = "greeting"
pattern = 'hello'
speaks = ["Hello"]
silent = ["Bye"]
"""


def file_of(entry: Entry) -> str:
    return entry.id.partition(":")[0]


def rivals(entry: Entry) -> list[Entry]:
    """The other entries of the same file that mean the same."""
    return [
        other
        for other in ALL
        if other is not entry and other.means == entry.means and file_of(other) == file_of(entry)
    ]


def ordinary() -> list[str]:
    lines = ORDINARY.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


@pytest.mark.parametrize("entry", ALL, ids=lambda entry: entry.id)
def test_an_entry_speaks_and_is_silent_as_its_cases_say(entry: Entry) -> None:
    assert [text for text in entry.speaks if not entry.matches(text)] == []
    assert [text for text in entry.silent if entry.matches(text)] == []


@pytest.mark.parametrize("entry", ALL, ids=lambda entry: entry.id)
def test_an_entry_is_needed_by_one_of_its_cases(entry: Entry) -> None:
    others = rivals(entry)
    assert any(not any(other.matches(text) for other in others) for text in entry.speaks), (
        "another entry speaks in each of its texts: nobody would notice if it were deleted"
    )


def parts_of(entry: Entry) -> list[str]:
    """The patterns that the entry's file lists, one by one."""
    folder, _, name = entry.id.partition(":")
    data = tomllib.loads((files("checker.lexicon") / f"{folder}.toml").read_text("utf-8"))
    (given,) = [raw["pattern"] for raw in data["entry"] if raw["id"] == name]
    return [given] if isinstance(given, str) else given


@pytest.mark.parametrize("entry", ALL, ids=lambda entry: entry.id)
def test_each_pattern_of_an_entry_is_needed_by_one_of_its_cases(entry: Entry) -> None:
    parts = parts_of(entry)
    for left_out in range(len(parts) if len(parts) > 1 else 0):
        rest = "|".join(f"(?:{part})" for i, part in enumerate(parts) if i != left_out)
        without = replace(entry, pattern=Pattern(rest))
        assert not all(without.matches(text) for text in entry.speaks), parts[left_out]


@pytest.mark.parametrize("entry", ALL, ids=lambda entry: entry.id)
def test_a_pattern_is_written_as_texts_are_folded(entry: Entry) -> None:
    written = entry.pattern.pattern
    plain = unicodedata.normalize("NFKD", written)
    accents = [c for c in plain if unicodedata.combining(c)]
    assert accents == [], "accents are folded away before a pattern sees a text"
    assert re.search(r"[ßæœøłđı’]", written) is None


def test_ids_are_used_once() -> None:
    assert len({entry.id for entry in ALL}) == len(ALL)


@pytest.mark.parametrize("line", ordinary())
def test_ordinary_operations_are_not_read_as_harm(line: str) -> None:
    assert [entry.id for entry in read("effects", line) if entry.means in HARMFUL] == []


def test_a_whole_entry_loads() -> None:
    (entry,) = _loaded("greetings", "greetings.en.toml", WHOLE)
    assert (entry.id, entry.matches("HELLO there")) == ("greetings.en:greets", True)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (('speaks = ["Hello"]', ""), "greets has no text in which it must speak"),
        (('silent = ["Bye"]', "silent = []"), "greets has no text in which it must stay silent"),
        (("'hello'", "'(hello'"), "greets has a wrong pattern"),
        (("means =", 'where = "nowhere"\nmeans ='), "greets: where is one of"),
        (("means =", 'methods = "none"\nmeans ='), "greets: where is one of"),
        (('means = "greeting"', ""), "greets has no means"),
        (('"prose"', '"song"'), "form 'song' is none of"),
    ],
)
def test_a_wrong_entry_is_refused(change: tuple[str, str], complaint: str) -> None:
    text = WHOLE.replace(*change)
    assert text != WHOLE
    with pytest.raises(LexiconError, match=re.escape(complaint)):
        list(_loaded("greetings", "greetings.en.toml", text))


def test_an_unknown_topic_is_refused() -> None:
    with pytest.raises(LexiconError, match="no topic 'weather'"):
        entries("weather")
