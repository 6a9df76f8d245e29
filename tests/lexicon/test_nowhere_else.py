"""Words are data: no module outside the lexicon chooses between words in a regular expression.

What belongs to the grammar of a format is counted by file; a new one that is language belongs into
the lexicon at once, with sentences in which it speaks and is silent.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
CHOICE = re.compile(r"[A-Za-z]{3,}(?:\\b|\?|s\?)*\|(?:\(\?:)?[A-Za-z]{3,}")
"""Two words of three letters or more, of which an expression takes either."""

OF_A_FORMAT = {
    "checker/documents/portal.py": 2,  # keys of front matter and of documents
    "checker/documents/prose.py": 1,  # HTML
    "checker/documents/prose_flat.py": 1,  # methods
    "checker/documents/workflow.py": 1,  # keys of records
    "checker/documents/workflow_steps.py": 2,  # variables and units of records
    "checker/drift/compare/paths.py": 1,  # versions
    "checker/drift/compare/whole.py": 1,  # references
    "checker/planning/markup.py": 1,  # XML
    "checker/planning/moments.py": 2,  # layouts of dates
    "checker/planning/nobodys_hosts.py": 1,  # RFC 2606
    "checker/planning/producers.py": 1,  # methods
    "checker/probing/answer_shape.py": 1,  # HTML
    "checker/ranking/fingerprint.py": 1,  # members of documents
    "checker/redaction/places.py": 1,  # schemes of Authorization
    "checker/search/alternatives.py": 1,  # literals of JSON
}
"""Grammars: what other words would be isn't language but another format."""


def patterns(path: Path) -> list[str]:
    """The literal parts of what a module gives to functions of `re`."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name("re")), args=given):
                parts = (part for one in given for part in ast.walk(one))
                texts = [
                    p.value
                    for p in parts
                    if isinstance(p, ast.Constant) and isinstance(p.value, str)
                ]
                found.append("".join(texts))
    return found


def choosing() -> Counter[str]:
    """How many expressions of each file choose between words."""
    found: Counter[str] = Counter()
    for path in sorted((ROOT / "checker").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(("checker/lexicon/", "checker/sandbox/")):
            found[name] += sum(CHOICE.search(text) is not None for text in patterns(path))
    return +found


def test_expressions_that_choose_between_words_stand_in_the_lexicon() -> None:
    assert choosing() == Counter(OF_A_FORMAT)


def test_a_choice_is_seen_where_it_is_one() -> None:
    assert CHOICE.search(r"\b(?:required|optional)\b")
    assert CHOICE.search(r"creat\w*|lists?\b|delete") and not CHOICE.search(r"[a-z]+|[A-Z]+|id|no")
