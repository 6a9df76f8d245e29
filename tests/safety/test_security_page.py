"""SECURITY.md names a test in each line, and each of them exists."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
LINES = [
    line
    for part in PAGE.split("\n## ")
    if "| held by |" in part
    for line in part.splitlines()
    if line.startswith("| ") and "| held by |" not in line
]


@cache
def names_of(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef))


@pytest.mark.parametrize("line", LINES, ids=[line.split("|")[1].strip() for line in LINES])
def test_each_line_names_tests_that_exist(line: str) -> None:
    threat, defence, held_by = [cell.strip() for cell in line.strip("|").split(" | ")]
    assert threat and defence
    named = NAMED.findall(held_by)
    assert named and held_by == ", ".join(f"`{file}::{test}`" for file, test in named)
    for file, test in named:
        assert test.startswith("test_") and test in names_of(file), f"{file}::{test}"


def test_the_page_has_what_a_threat_model_has() -> None:
    assert len(LINES) >= 40
    for title in ("What is worth defending", "Whom and what is trusted", "What is not defended"):
        assert f"\n## {title}\n" in PAGE


def test_other_mentions_of_tests_exist_too() -> None:
    assert not [f"{f}::{t}" for f, t in NAMED.findall(PAGE) if t not in names_of(f)]
