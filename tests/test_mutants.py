"""The list of lines to break is in step with the source; whether tests notice is asked apart."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / ".ci" / "mutants.py"


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
        whole = (ROOT / mutant.file).read_text(encoding="utf-8")
        broken = whole.replace(mutant.text, mutant.becomes)
        assert broken != whole
        compile(broken, mutant.file, "exec")


def test_some_are_chosen_by_their_words(mutants: ModuleType) -> None:
    chosen = mutants.load(["retry-after"])
    assert chosen and all("retry-after" in m.claim.lower() for m in chosen)
    assert mutants.load(["nothing has such a word"]) == []


def test_a_test_that_is_not_there_is_told(mutants: ModuleType) -> None:
    first = mutants.load([])[0]
    for test in ("tests/test_nowhere.py", f"{Path(__file__).relative_to(ROOT)}::test_nothing"):
        (said,) = mutants.mistakes([replace(first, tests=(test,))])
        assert said.endswith(f"there is no {test}")


def test_a_line_is_broken_until_it_is_mended(mutants: ModuleType, tmp_path: Path) -> None:
    """Its bytecode is no other's, neither then nor afterwards."""
    place = tmp_path / "a.py"
    place.write_text("LEAST = 2\n")
    before = place.stat().st_mtime_ns
    broken = mutants.Broken(mutants.Mutant("c", "a.py", "2", "1", ()), tmp_path)
    assert place.read_text() == "LEAST = 1\n"
    assert place.stat().st_mtime_ns != before
    broken.mend()
    assert place.read_text() == "LEAST = 2\n"
    assert place.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("status", "said"), [(0, "survived"), (1, "noticed"), (None, "noticed"), (4, "can't be run")]
)
def test_what_an_exit_status_says(mutants: ModuleType, status: int | None, said: str) -> None:
    assert mutants.verdict(status) == said
