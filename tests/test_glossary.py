"""The glossary tells the truth: what it names exists, and what its rooms hold stands in it."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
CHECKER = ROOT / "checker"
PAGE = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
ROOMS = ("domain", "probing", "search", "experiments", "questions", "safety")
DISCOVERED = {"Experiment", "QuestionKind"}
"""Bases whose subclasses are found by discovery and speak for themselves."""
A_FILE = re.compile(r"(?:[a-z0-9_]+/)+(?:[a-z0-9_]+\.[a-z]+)?")
A_CLASS = re.compile(r"[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*")


def classes(path: Path) -> Iterator[ast.ClassDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return (node for node in tree.body if isinstance(node, ast.ClassDef))


FILES = sorted(CHECKER.rglob("*.py"))
BY_FILE = {p.relative_to(CHECKER).as_posix(): list(classes(p)) for p in FILES}
BASES = {
    node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
    for nodes in BY_FILE.values()
    for node in nodes
}
"""The bases of each class by name: good enough to tell what is found by discovery."""


def is_discovered(node: ast.ClassDef) -> bool:
    bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
    return any(base in DISCOVERED or BASES.get(base, set()) & DISCOVERED for base in bases)


def held_by_the_rooms() -> set[tuple[str, str]]:
    return {
        (node.name, file)
        for file, nodes in BY_FILE.items()
        if file.split("/")[0] in ROOMS
        for node in nodes
        if not node.name.startswith("_") and not is_discovered(node)
    }


def sections(level: str) -> Mapping[str, str]:
    parts = re.split(rf"^{level} (.+)$", PAGE, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def rows(text: str) -> list[list[str]]:
    """The cells of a table's rows, its head and rule left out."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if row[0] not in {"name", "word"}]


def told() -> list[tuple[str, str, str]]:
    """The rows of all rooms' tables: class, file, sentence."""
    rooms = [part for title, part in sections("##").items() if re.search(r"`(\w+)/`", title)]
    return [(row[0].strip("`"), row[1].strip("`"), row[2]) for part in rooms for row in rows(part)]


def quoted(text: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", text))


def test_every_public_class_of_the_rooms_stands_in_its_table() -> None:
    named = [(name, file) for name, file, _ in told()]
    assert len(named) == len(set(named)), "a class stands there twice"
    assert set(named) == held_by_the_rooms()


def test_every_class_has_a_sentence() -> None:
    assert [name for name, _, sentence in told() if not sentence.endswith(".")] == []


def test_a_room_has_one_table_and_keeps_to_it() -> None:
    for title, part in sections("##").items():
        if room := re.search(r"`(\w+)/`", title):
            assert {row[1].strip("`").split("/")[0] for row in rows(part)} == {room[1]}


def test_every_file_and_class_in_backticks_exists() -> None:
    names = quoted(PAGE)
    files = {name for name in names if A_FILE.fullmatch(name)}
    lost = {f for f in files if not (CHECKER / f).exists() and not (ROOT / f).exists()}
    unknown = {name for name in names if A_CLASS.fullmatch(name)} - set(BASES)
    assert (lost, unknown) == (set(), set())
    assert files


def test_every_word_of_the_field_says_what_it_is_and_where() -> None:
    words = rows(sections("##")["Words of the field"])
    assert words
    for word, sentence, where in words:
        assert sentence.endswith("."), word
        assert all(A_FILE.fullmatch(file) for file in quoted(where)) and quoted(where), word
    assert len({word for word, _, _ in words}) == len(words), "two meanings of one word"


def places_of(names: Mapping[str, list[str]]) -> dict[str, set[str]]:
    """The names that several files have; the sandbox imports nothing of the rest."""
    return {name: set(files) for name, files in names.items() if len(files) > 1}


def shared_section() -> str:
    return sections("##")["One name, several things"]


def told_apart() -> dict[str, set[str]]:
    return {row[0].strip("`"): quoted(row[1]) for row in rows(shared_section())}


def test_classes_of_one_name_are_told_apart() -> None:
    found = defaultdict(list)
    for file, nodes in BY_FILE.items():
        for node in nodes:
            if not file.startswith("sandbox/"):
                found[node.name].append(file)
    ours = {name for name, _, _ in told()}
    shared = {name: files for name, files in places_of(found).items() if name in ours}
    assert {k: v for k, v in told_apart().items() if A_CLASS.fullmatch(k)} == shared


def test_files_of_one_name_are_told_apart_or_of_one_topic() -> None:
    found = defaultdict(list)
    for file in BY_FILE:
        if not file.startswith("sandbox/") and not file.endswith("__init__.py"):
            found[file.split("/")[-1]].append(file)
    apart = {k: v & set(BY_FILE) for k, v in told_apart().items() if k.endswith(".py")}
    alike = re.search(r"^The same topic: .*$", shared_section(), re.M)
    assert alike is not None
    one_topic = {name for name in quoted(alike[0]) if name.endswith(".py")}
    shared = places_of(found)
    assert apart == {name: files for name, files in shared.items() if name not in one_topic}
    assert one_topic <= set(shared)
