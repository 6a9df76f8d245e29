"""Static diff of two versions of a large real document, loading included.

    python benchmarks/diff.py OLD.json NEW.json
    python benchmarks/diff.py --npm @octokit/openapi 22.0.0 23.0.2 generated/api.github.com.json

With `--npm` the documents are fetched with `npm pack` into a temporary folder. Prints the wall
time and the peak memory of a process of its own that loads both documents (without judging their
validity) and compares them.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path


def measure(old: str, new: str) -> None:
    """Loads and compares; prints seconds by stage, the number of changes and the peak memory."""
    start = time.perf_counter()
    from checker.documents.collecting import paused
    from checker.documents.loader import load_document
    from checker.domain.portal import Portal
    from checker.drift.compare import diff_portals

    imported = time.perf_counter()
    with paused():  # as the command does
        portals = [Portal((load_document(Path(path), validate=False),)) for path in (old, new)]
        loaded = time.perf_counter()
        changes = diff_portals(*portals)
    done = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    operations = [sum(len(d.operations) for d in portal.documents) for portal in portals]
    print(
        f"import {imported - start:.2f} s, load {loaded - imported:.2f} s, "
        f"diff {done - loaded:.2f} s, in all {done - start:.2f} s; peak {peak:.0f} MB; "
        f"{operations[0]} and {operations[1]} operations, {len(changes)} changes, "
        f"{sum(change.breaking for change in changes)} breaking"
    )


def fetch(package: str, version: str, member: str, folder: Path) -> Path:
    """One file of an npm package, unpacked into `folder`."""
    command = ["npm", "pack", "--silent", f"{package}@{version}"]
    name = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    target = folder / version
    with tarfile.open(folder / name.stdout.strip().splitlines()[-1]) as archive:
        archive.extract(f"package/{member}", target, filter="data")
    return target / "package" / member


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--measure"]:
        measure(*arguments[1:3])
        return
    with tempfile.TemporaryDirectory() as folder:
        if arguments[:1] == ["--npm"]:
            package, old, new, member = arguments[1:5]
            paths = [fetch(package, version, member, Path(folder)) for version in (old, new)]
        else:
            paths = [Path(argument).resolve() for argument in arguments[:2]]
        for _ in range(3):
            command = [sys.executable, __file__, "--measure", *map(str, paths)]
            subprocess.run(command, check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
