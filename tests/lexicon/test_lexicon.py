"""Every entry speaks where it must, is silent where it must, and is needed."""

from __future__ import annotations

import ast
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
from checker.lexicon.phrases import phrase, vocabulary

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


FILES = {file: [e for e in ALL if file_of(e) == file] for file in dict.fromkeys(map(file_of, ALL))}
of_a_file = pytest.mark.parametrize("file", FILES)
"""A test for each file and not for each entry: what fails is named in what is compared."""


def rivals(entry: Entry) -> list[Entry]:
    """The other entries of the same file that mean the same."""
    others = [other for other in FILES[file_of(entry)] if other is not entry]
    return [other for other in others if other.means == entry.means]


def ordinary() -> list[str]:
    lines = ORDINARY.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


@of_a_file
def test_an_entry_speaks_and_is_silent_as_its_cases_say(file: str) -> None:
    missed = [(e.id, text) for e in FILES[file] for text in e.speaks if not e.matches(text)]
    assert missed == []
    said = [(e.id, text) for e in FILES[file] for text in e.silent if e.matches(text)]
    assert said == []


@of_a_file
def test_an_entry_is_needed_by_one_of_its_cases(file: str) -> None:
    """Nobody would notice if an entry were deleted where others speak in each of its texts."""
    needless = [
        entry.id
        for entry in FILES[file]
        if all(any(o.matches(text) for o in rivals(entry)) for text in entry.speaks)
    ]
    assert needless == []


def parts_in(file: str) -> dict[str, list[str]]:
    """The patterns that a file lists for each of its entries, one by one."""
    data = tomllib.loads((files("checker.lexicon") / f"{file}.toml").read_text("utf-8"))
    given = {raw["id"]: raw.get("pattern", "") for raw in data["entry"]}
    return {name: [p] if isinstance(p, str) else p for name, p in given.items()}


@of_a_file
def test_each_pattern_of_an_entry_is_needed_by_one_of_its_cases(file: str) -> None:
    listed = parts_in(file)
    assert [f"{file}:{name}" for name in listed] == [entry.id for entry in FILES[file]]
    needless = []
    for entry in FILES[file]:
        parts = listed[entry.id.partition(":")[2]]
        for left_out in range(len(parts) if len(parts) > 1 else 0):
            rest = "|".join(f"(?:{part})" for i, part in enumerate(parts) if i != left_out)
            without = replace(entry, pattern=Pattern(rest))
            if all(without.matches(text) for text in entry.speaks):
                needless.append((entry.id, parts[left_out]))
    assert needless == []


@of_a_file
def test_a_pattern_is_written_as_texts_are_folded(file: str) -> None:
    """Accents are folded away before a pattern sees a text, but for one that is read as it is."""
    for entry in (e for e in FILES[file] if e.form != "text"):
        written = entry.pattern.pattern
        plain = unicodedata.normalize("NFKD", written)
        assert [c for c in plain if unicodedata.combining(c)] == [], entry.id
        assert re.search(r"[ßæœøłđı’]", written) is None, entry.id


def test_ids_are_used_once() -> None:
    assert len({entry.id for entry in ALL}) == len(ALL)


def test_ordinary_operations_are_not_read_as_harm() -> None:
    lines = ordinary()
    assert len(lines) > 500
    said = [(e.id, line) for line in lines for e in read("effects", line) if e.means in HARMFUL]
    assert said == []


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


def test_parts_that_entries_share_stand_in_their_patterns() -> None:
    shared = "[parts]\nword = '[a-z]{{many}}'\nmany = '{2,3}'\n[[entry]]"
    text = WHOLE.replace("[[entry]]", shared, 1).replace("'hello'", "'{{word}}lo'")
    (entry,) = _loaded("greetings", "greetings.en.toml", text)
    assert entry.pattern.pattern == "[a-z]{2,3}lo"


def test_words_are_whole_texts_in_their_order() -> None:
    text = WHOLE.replace("pattern = 'hello'", 'words = ["hello", "a.b"]')
    (entry,) = _loaded("greetings", "greetings.en.toml", text)
    assert entry.words == ("hello", "a.b")
    assert [t for t in ("HELLO", "A.b", "aab", "hello you") if entry.matches(t)] == ["HELLO", "A.b"]


def test_what_a_reader_wants_is_one_entry() -> None:
    assert phrase("tokens", "about tokens").search("Staff tokens")
    assert "bearer" in vocabulary("tokens", "no type")
    with pytest.raises(LexiconError, match="'tokens' has 0 entries that mean 'rain'"):
        phrase("tokens", "rain")


def test_an_unknown_topic_is_refused() -> None:
    with pytest.raises(LexiconError, match="no topic 'weather'"):
        entries("weather")


def asked_for() -> set[tuple[str, str]]:
    """The topics and meanings whose pattern or words some module cuts out."""
    calls: set[tuple[str, str]] = set()
    for file in (Path(__file__).parents[2] / "checker").rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)) if "lexicon" in text else ():
            named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if named and node.func.id in ("phrase", "vocabulary") and len(node.args) == 2:
                values = [a.value for a in node.args if isinstance(a, ast.Constant)]
                calls |= {(str(values[0]), str(values[1]))} if len(values) == 2 else set()
    return calls


def test_what_is_cut_out_by_its_meaning_stands_in_one_entry() -> None:
    calls = asked_for()
    assert calls
    for topic, meaning in calls:
        assert sum(entry.means == meaning for entry in entries(topic)) == 1, (topic, meaning)
