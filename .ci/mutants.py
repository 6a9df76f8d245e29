"""Breaks lines of the source one at a time, in a copy, and says which no test notices.

    python .ci/mutants.py [WORD...] [--jobs N]

The lines are in mutants.toml. WORDs choose those whose claim or file has one of them. Exit status
1 where a broken line turned no test red, 2 where the list itself is wrong.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_S = 300
"""A broken line may make a test run for ever: that is noticed, too."""
PASSED, FAILED = 0, 1


@dataclass(frozen=True)
class Mutant:
    """A line to break: its text stands once in the file."""

    claim: str
    file: str
    text: str
    becomes: str
    tests: tuple[str, ...]


def load(words: Sequence[str]) -> list[Mutant]:
    """The mutants that are asked for."""
    data = tomllib.loads((ROOT / ".ci" / "mutants.toml").read_text(encoding="utf-8"))
    every = [Mutant(**{**raw, "tests": tuple(raw["tests"])}) for raw in data["mutant"]]
    wanted = [w.lower() for w in words]
    return [
        m for m in every if not wanted or any(w in f"{m.claim} {m.file}".lower() for w in wanted)
    ]


def mistakes(mutants: Sequence[Mutant]) -> Iterator[str]:
    """What is wrong in the list."""
    for mutant in mutants:
        count = (ROOT / mutant.file).read_text(encoding="utf-8").count(mutant.text)
        if count != 1:
            yield f"{mutant.claim}: its text is {count} times in {mutant.file}"
        for test in mutant.tests:
            if not (ROOT / test.partition("::")[0]).exists():
                yield f"{mutant.claim}: there is no {test}"


def copied(folder: Path) -> Path:
    """A copy of the checkout as it is, without what git ignores."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True).stdout
    for name in names.decode().split("\0"):
        source = ROOT / name
        if name and source.is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, folder / name)
    return folder


def tested(folder: Path, tests: Sequence[str], files: int = 1) -> tuple[int | None, str]:
    """The exit status of the tests in a copy (None: they came to no end), and what they said;
    there is patience for so many files."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DRIFTCHECK_")}
    environment |= {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    environment["DRIFTCHECK_SHARED"] = os.environ.get(
        "DRIFTCHECK_SHARED", str(ROOT.parent / "shared")
    )
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S * files,
        )
    except subprocess.TimeoutExpired:
        return None, "no end"
    return done.returncode, done.stdout + done.stderr


class Copies:
    """One copy for each worker."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own = threading.local()
        self._lock = threading.Lock()
        self._count = 0

    def mine(self) -> Path:
        """The copy of the thread that asks."""
        if not hasattr(self._own, "copy"):
            with self._lock:
                self._count += 1
                self._own.copy = copied(self._folder / str(self._count))
        copy: Path = self._own.copy
        return copy

    def unbroken(self, tests: Sequence[str]) -> str:
        """What fails of the tests before anything is broken; empty where all pass."""
        status, said = tested(self.mine(), tests, len(tests))
        return "" if status == PASSED else f"Before anything is broken:\n{said[-4000:]}"

    def broken(self, mutant: Mutant) -> str:
        """What became of a broken line: "noticed", "survived", or what is wrong with it."""
        place = self.mine() / mutant.file
        whole = place.read_text(encoding="utf-8")
        place.write_text(whole.replace(mutant.text, mutant.becomes), encoding="utf-8")
        try:
            status, said = tested(self.mine(), mutant.tests)
        finally:
            place.write_text(whole, encoding="utf-8")
        if status in (None, FAILED):
            return "noticed"
        return "survived" if status == PASSED else f"can't be run: {said[-2000:]}"


def main() -> int:
    """See the module."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("words", nargs="*", metavar="WORD")
    parser.add_argument("--jobs", type=int, default=2, metavar="N")
    given = parser.parse_args()
    mutants = load(given.words)
    wrong = list(mistakes(mutants))
    if wrong or not mutants:
        print("\n".join(wrong) or "No mutant has such a word.")
        return 2
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(given.jobs) as pool:
        copies = Copies(Path(folder))
        tests = sorted({t for m in mutants for t in m.tests})
        parts = [tests[n :: given.jobs] for n in range(min(given.jobs, len(tests)))]
        failing = [said for said in pool.map(copies.unbroken, parts) if said]
        if failing:
            print("\n".join(failing))
            return 2
        results = []
        for mutant, result in zip(mutants, pool.map(copies.broken, mutants), strict=True):
            print(f"{result.splitlines()[0]:<9} {mutant.claim} ({mutant.file})", flush=True)
            results.append(result)
    for mutant, result in zip(mutants, results, strict=True):
        if result not in ("noticed", "survived"):
            print(f"\n{mutant.claim}: {result}")
    survived = results.count("survived")
    print(f"{len(mutants)} lines broken, {results.count('noticed')} noticed, {survived} survived.")
    if any(r not in ("noticed", "survived") for r in results):
        return 2
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
