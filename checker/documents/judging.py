"""What is wrong with the text of a document: a question that can be asked before and after a
change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from checker.documents.collecting import paused
from checker.documents.loader import document
from checker.documents.parse import parse
from checker.documents.pointing import Source
from checker.documents.references import Files
from checker.documents.source import syntax_of
from checker.errors import DocumentError

Judge = Callable[[str], frozenset[str]]


def judge_of(path: Path, display: str) -> Judge:
    """A judge of the texts that the file `path` may have: what is wrong with each, in sentences.

    References lead into the files beside it, as they are on the disk.
    """

    def flaws(text: str) -> frozenset[str]:
        text = text.lstrip("\ufeff")
        with paused():
            parsed = parse(text, syntax_of(text, path.name))
            source = Source(display, parsed.data, parsed.flaws, path, syntax=parsed.syntax)
            try:
                problems = document(source, Files(roots=[path.parent])).problems
            except DocumentError:
                return frozenset()
        return frozenset(problem.message for problem in problems)

    return flaws
