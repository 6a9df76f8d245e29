"""Static diff of two versions of a large real document, loading included.

    python benchmarks/diff.py OLD.json NEW.json
    python benchmarks/diff.py --npm @octokit/openapi 22.0.0 23.0.2 generated/api.github.com.json

With `--npm` the documents are fetched with `npm pack` into a temporary folder. Prints the time
and the peak memory of a process of its own that loads both documents (without judging their
validity) and compares them; then the same for a tenth of the operations.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

from documents import peak_mb, tenth


def measure(old: str, new: str) -> dict[str, float]:
    """Loads and compares once; seconds by stage, peak memory in MB and what was found."""
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
    return {
        "import": imported - start,
        "load": loaded - imported,
        "diff": done - loaded,
        "seconds": done - start,
        "cpu": time.process_time(),
        "peak": peak_mb(),
        "changes": len(changes),
        "breaking": sum(change.breaking for change in changes),
    }


def best(old: Path, new: Path, rounds: int = 3) -> dict[str, float]:
    """The fastest of some rounds, each in a new process; prints its line."""
    command = [sys.executable, __file__, "--measure", str(old), str(new)]
    runs = [
        json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        for _ in range(rounds)
    ]
    run: dict[str, float] = min(runs, key=lambda one: one["seconds"])
    size = (old.stat().st_size + new.stat().st_size) / 1e6
    print(
        f"{size:.1f} MB in two files: import {run['import']:.2f} s, load {run['load']:.2f} s, "
        f"diff {run['diff']:.2f} s, in all {run['seconds']:.2f} s ({run['cpu']:.2f} s of CPU); "
        f"peak {run['peak']:.0f} MB; {run['changes']:.0f} changes, {run['breaking']:.0f} breaking"
    )
    return {**run, "size": size}


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
        print(json.dumps(measure(*arguments[1:3])))
        return
    with tempfile.TemporaryDirectory() as folder:
        if arguments[:1] == ["--npm"]:
            package, old, new, member = arguments[1:5]
            paths = [fetch(package, version, member, Path(folder)) for version in (old, new)]
        else:
            paths = [Path(argument).resolve() for argument in arguments[:2]]
        whole = best(*paths)
        parts = []
        for number, path in enumerate(paths):
            target = Path(folder) / f"tenth{number}"
            target.mkdir()
            parts.append(tenth(path, target))
        part = best(*parts)
        print("growth, from a tenth of the operations to all of them:")
        ratios = {name: whole[name] / part[name] for name in ("size", "load", "diff", "peak")}
        print("  " + ", ".join(f"{name} {ratio:.1f}" for name, ratio in ratios.items()))


if __name__ == "__main__":
    main(sys.argv[1:])
