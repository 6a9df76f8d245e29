"""The list of lines to break is in step with the source; whether tests notice is asked apart."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / ".ci" / "mutants.py"


@pytest.fixture(scope="module")
def mutants() -> ModuleType:
    spec = importlib.util.spec_from_file_location("mutants", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_each_line_is_there_once_and_its_tests_are_there(mutants: ModuleType) -> None:
    every = mutants.load([])
    assert len(every) >= 34
    assert len({m.claim for m in every}) == len(every)
    assert list(mutants.mistakes(every)) == []


def test_what_is_broken_is_still_python(mutants: ModuleType) -> None:
    for mutant in mutants.load([]):
        whole = (SCRIPT.parents[1] / mutant.file).read_text(encoding="utf-8")
        broken = whole.replace(mutant.text, mutant.becomes)
        assert broken != whole
        compile(broken, mutant.file, "exec")


def test_some_are_chosen_by_their_words(mutants: ModuleType) -> None:
    chosen = mutants.load(["retry-after"])
    assert chosen and all("retry-after" in m.claim.lower() for m in chosen)
    assert mutants.load(["nothing has such a word"]) == []
