"""One place makes oracles, and one judges: nobody else comes to a verdict of his own."""

from __future__ import annotations

import ast
from pathlib import Path

import checker

PACKAGE = Path(checker.__file__).parent


def calls(name: str) -> set[str]:
    """The modules in which a name is called."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = node.func
            spelled = (
                called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            )
            if spelled == name:
                found.add(path.relative_to(PACKAGE).as_posix())
    return found


def test_only_the_judge_makes_oracles_and_refusals() -> None:
    assert calls("Oracle") == calls("Refusals") == {"probing/judge.py"}


def test_only_the_judge_asks_them() -> None:
    assert calls("judge_exchange") == {"probing/judge.py"}


def test_a_target_has_one_judge() -> None:
    assert calls("Judge") == {"pipeline/live.py"}
    assert calls("Judged") == {"probing/judge.py"}
