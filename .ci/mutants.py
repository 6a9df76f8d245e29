"""Breaks lines of the source one at a time, in copies, and says which no test notices.

    python .ci/mutants.py [WORD...] [--jobs N] [--verbose]

The lines are in mutants.toml. WORDs choose those whose claim or file has one of them. Exit status
1 where a broken line turned no test red, 2 where the list itself is wrong.

What is imported and isn't ours is imported once: each broken line is tried in a process forked
from this one, which imports the copy anew.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_S = 300
"""A broken line may make a test run for ever: that is noticed, too."""
PASSED, FAILED = 0, 1
SHARED = os.environ.get("DRIFTCHECK_SHARED", str(ROOT.parent / "shared"))
FORK = multiprocessing.get_context("fork")


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
            file, _, name = test.partition("::")
            function = rf"def {name.partition('[')[0]}\(" if name else ""
            place = ROOT / file
            if not place.exists() or not re.search(function, place.read_text(encoding="utf-8")):
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


def testing(folder: Path, tests: Sequence[str], said: Path, whole: bool) -> None:
    """Runs pytest in a copy and ends the process with its exit status; `said` gets the output. A
    copy that is whole gets bytecode and `.modules`, the names of those that were imported; that of
    a broken line could be taken for the whole one's."""
    os.setsid()
    with said.open("w") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    os.chdir(folder)
    for name in [name for name in os.environ if name.startswith("DRIFTCHECK_")]:
        del os.environ[name]
    os.environ["DRIFTCHECK_SHARED"] = SHARED
    os.environ["PYTHONPATH"] = str(folder)
    sys.path[0] = str(folder)
    sys.dont_write_bytecode = not whole
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if not whole:
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    import pytest

    status = pytest.main(["-x", "-q", "-p", "no:cacheprovider", *tests])
    if whole:
        said.with_suffix(".modules").write_text(json.dumps(list(others(folder))), encoding="utf-8")
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(int(status))


def others(folder: Path) -> Iterator[str]:
    """The modules that are imported and come from nowhere below a folder, in that order."""
    for name, module in list(sys.modules.items()):
        place = getattr(module, "__file__", None)
        if place and not Path(place).is_relative_to(folder) and name.isascii():
            yield name


def imported(names: Sequence[str]) -> None:
    """Imports what the tests did, so that no later process has to; in their order, since a module
    may need that another one comes before it."""
    for name in names:
        if name not in ("__main__", "__mp_main__"):
            # Some can be imported by what imports them only.
            with contextlib.suppress(Exception):
                importlib.import_module(name)


Ended = Callable[[int | None, str], None]
"""What is done with an exit status (None: it came to no end) and what was said."""


@dataclass
class Trial:
    """Tests that run in a process: how long they may, and what becomes of the answer."""

    process: ForkProcess
    said: Path
    until: float
    ended: Ended

    def over(self) -> bool:
        """Whether it is: then the answer is handed on."""
        late = time.monotonic() > self.until
        if self.process.is_alive() and not late:
            return False
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid or 0, signal.SIGKILL)
        self.process.join()
        text = self.said.read_text(encoding="utf-8", errors="replace") if self.said.exists() else ""
        self.ended(None if late else self.process.exitcode, text)
        return True


class Broken:
    """A line that is broken in a copy, until it is mended."""

    def __init__(self, mutant: Mutant, copy: Path) -> None:
        self.mutant = mutant
        self._place = copy / mutant.file
        self._whole, self._stamp = self._place.read_text(encoding="utf-8"), self._place.stat()
        broken = self._whole.replace(mutant.text, mutant.becomes)
        self._place.write_text(broken, encoding="utf-8")
        os.utime(self._place, (1, 1))  # no bytecode is as old

    def mend(self) -> None:
        """The copy is whole again, and its bytecode still holds."""
        self._place.write_text(self._whole, encoding="utf-8")
        os.utime(self._place, ns=(self._stamp.st_atime_ns, self._stamp.st_mtime_ns))


class Copies:
    """As many copies as jobs; in each one line is broken at a time."""

    def __init__(self, folder: Path, jobs: int) -> None:
        self._folder = folder
        self._first = copied(folder / "0")
        self._jobs = jobs
        self._free = list[Path]()
        self._going = list[tuple[Trial, Path]]()

    def learn(self, tests: Sequence[str]) -> str:
        """What fails of the tests before anything is broken, empty where all pass; then there are
        all copies, with bytecode. The tests are collected once, so that all that they import is
        imported already where they pass, as it will be where a line is broken."""
        failing = list[str]()

        def ended(status: int | None, text: str) -> None:
            if status != PASSED:
                failing.append(text[-4000:])

        self._start(self._first, ["--collect-only", *tests], ended)
        self._wait_for_all()
        if not failing:
            modules = self._folder / "0.modules"
            imported(json.loads(modules.read_text(encoding="utf-8")))
            for number in range(self._jobs):
                if part := tests[number :: self._jobs]:
                    self._start(self._first, part, ended)
            self._wait_for_all()
        if failing:
            return "Before anything is broken:\n" + "\n".join(failing)
        more = [self._folder / str(number) for number in range(1, self._jobs)]
        self._free = [self._first, *(shutil.copytree(self._first, copy) for copy in more)]
        return ""

    def try_all(self, mutants: Sequence[Mutant], tell: Callable[[Mutant, str, str], None]) -> None:
        """Each line broken once: what became of it, and what its tests said."""

        def ended(broken: Broken, status: int | None, text: str) -> None:
            broken.mend()
            tell(broken.mutant, verdict(status), text)

        for mutant in mutants:
            while not self._free:
                self._wait()
            copy = self._free.pop()
            self._start(copy, mutant.tests, partial(ended, Broken(mutant, copy)), whole=False)
        self._wait_for_all()

    def _start(self, copy: Path, tests: Sequence[str], ended: Ended, *, whole: bool = True) -> None:
        said = self._folder / f"{len(self._going) if whole else copy.name}.txt"
        process = FORK.Process(target=testing, args=(copy, tests, said, whole))
        process.start()
        files = len({test.partition("::")[0] for test in tests})
        until = time.monotonic() + PATIENCE_S * files
        self._going.append((Trial(process, said, until, ended), copy))

    def _wait_for_all(self) -> None:
        while self._going:
            self._wait()

    def _wait(self) -> None:
        """Until a trial is over, or one may be late."""
        wait([trial.process.sentinel for trial, _ in self._going], timeout=1)
        over = [(trial, copy) for trial, copy in self._going if trial.over()]
        for one in over:
            self._going.remove(one)
            self._free.append(one[1])


def verdict(status: int | None) -> str:
    """What the exit status of tests says of a broken line; None: they came to no end."""
    if status in (None, FAILED):
        return "noticed"
    return "survived" if status == PASSED else "can't be run"


def main() -> int:
    """See the module."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("words", nargs="*", metavar="WORD")
    parser.add_argument("--jobs", type=int, default=2, metavar="N")
    parser.add_argument("--verbose", action="store_true", help="say which test noticed")
    given = parser.parse_args()
    mutants = load(given.words)
    wrong = list(mistakes(mutants))
    if wrong or not mutants:
        print("\n".join(wrong) or "No mutant has such a word.")
        return 2
    results, odd = list[str](), list[str]()

    def tell(mutant: Mutant, result: str, text: str) -> None:
        results.append(result)
        print(f"{result:<9} {mutant.claim} ({mutant.file})", flush=True)
        if given.verbose:
            print("".join(re.findall(r"(?m)^(?:FAILED|ERROR) .*\n", text)), end="", flush=True)
        if result == "can't be run":
            odd.append(f"{mutant.claim}: {text[-2000:]}")

    with tempfile.TemporaryDirectory() as folder:
        copies = Copies(Path(folder), max(1, given.jobs))
        if failing := copies.learn(sorted({t for m in mutants for t in m.tests})):
            print(failing)
            return 2
        copies.try_all(mutants, tell)
    print("".join(f"\n{said}\n" for said in odd), end="")
    survived = results.count("survived")
    print(f"{len(mutants)} lines broken, {results.count('noticed')} noticed, {survived} survived.")
    return 2 if odd else 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
