"""The closed loop: check, `fix --write`, check again. What is left, and what came with the fixes?

    python benchmarks/closed_loop.py --keep DIR WORLD...

A world is a folder with `swagger/`, perhaps `workflows/` and `driftcheck.toml`, and a `suite.toml`
that says how its server is started (`serve`, a command with `{port}` that prints a line when it is
ready, run in the folder), its `base_path` and its `tokens`. The servers of `tests/servers` are
named `server:shop` and so on; `sandbox` is the embedded API with the documents that name it. Each
check has a fresh server, `--options` go to both.

A line for each world: findings before and after, those left that have a patch (0 is the goal), new
ones (0), mistakes of the documents before and after, and whether a second `fix` changed anything.
The new and the left ones are listed below it.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SERVERS = ROOT / "tests" / "servers"
sys.path[:0] = [str(SERVERS), str(ROOT / "tests" / "helpers"), str(ROOT)]

from running import command  # noqa: E402
from valid_documents import errors  # noqa: E402

Entry = dict[str, Any]
TIMEOUT_S = 900


@dataclass(frozen=True, slots=True)
class World:
    """One API: its folder, how it is served, and what the checker is told of it."""

    name: str
    folder: Path
    serve: Sequence[str]
    base_path: str
    tokens: Mapping[str, str]
    fallback: str = ""
    options: Sequence[str] = ()


def world_of(name: str) -> World:
    """The world that an argument names."""
    if name == "sandbox":
        return World(name, ROOT, (), "", {})
    server = name.removeprefix("server:")
    if server == name:
        folder = Path(name).resolve()
        suite = tomllib.loads((folder / "suite.toml").read_text("utf-8"))
        line = shlex.split(suite["serve"])
        base, fallback = suite["base_path"], suite.get("fallback_path", "")
        return World(folder.name, folder, line, base, suite.get("tokens", {}), fallback)
    import yaml

    run = yaml.safe_load((SERVERS / server / "planted.yaml").read_text("utf-8"))["run"]
    line = [*command(server), "{port}"]
    fallback, options = run.get("fallback_path", ""), run.get("options", ())
    return World(server, SERVERS / server, line, run["base_path"], run["tokens"], fallback, options)


def copied(world: World, place: Path) -> None:
    """A fresh copy of a world's documents."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    source = world.folder / "swagger"
    shutil.copytree(source if source.is_dir() else world.folder / "drifted", place / "swagger")
    if (world.folder / "workflows").is_dir():
        shutil.copytree(world.folder / "workflows", place / "workflows")


@contextmanager
def served(world: World) -> Iterator[str]:
    """The origin of a fresh server; an empty one where the run brings its own."""
    if not world.serve:
        yield ""
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    line = [sys.executable if part == "python" else part for part in world.serve]
    line = [part.replace("{port}", port) for part in line]
    with tempfile.TemporaryFile() as log:
        child = subprocess.Popen(
            line, stdout=subprocess.PIPE, stderr=log, text=True, cwd=world.folder
        )
        try:
            assert child.stdout is not None
            if not child.stdout.readline().strip():
                sys.exit(f"{world.name}: the server did not start")
            yield f"http://127.0.0.1:{port}"
        finally:
            child.terminate()
            child.communicate()


def driftcheck(place: Path, *arguments: str) -> None:
    """Runs the checker in a folder."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DRIFTCHECK_")}
    with (place / "driftcheck.log").open("a") as log:
        subprocess.run(
            [sys.executable, "-m", "checker.cli", *arguments],
            cwd=place,
            env={**environment, "PYTHONPATH": str(ROOT)},
            stdout=log,
            stderr=log,
            timeout=TIMEOUT_S,
            check=False,
        )


def checked(world: World, place: Path, out: str, options: Sequence[str]) -> list[Entry]:
    """The findings of a run against a fresh server."""
    with served(world) as url:
        arguments = ["check", "swagger", "--seed", "1", "--out", out, *world.options, *options]
        arguments += ["--base-url", url + world.base_path] if url else []
        if world.fallback:
            arguments += ["--fallback-url", url + world.fallback]
        for kind, value in world.tokens.items():
            arguments += ["--token", f"{kind}={value}"]
        if (place / "workflows").is_dir():
            arguments += ["--workflows", "workflows"]
        if (world.folder / "driftcheck.toml").is_file():
            arguments += ["--config", str(world.folder / "driftcheck.toml")]
        driftcheck(place, *arguments)
    report = place / out / "report.json"
    if not report.exists():
        sys.exit(f"{world.name}: no report, see {place / 'driftcheck.log'}")
    found: list[Entry] = json.loads(report.read_text("utf-8"))["findings"]
    return found


def documents(place: Path) -> dict[str, str]:
    """The texts of a copy's documents."""
    files = sorted(p for p in (place / "swagger").rglob("*") if p.is_file())
    return {str(p.relative_to(place)): p.read_text("utf-8") for p in files}


def mistakes(texts: Mapping[str, str]) -> int:
    """How many mistakes the documents have."""
    specs = [t for name, t in texts.items() if name.endswith((".json", ".yaml", ".yml"))]
    return sum(len(errors(text)) for text in specs)


def loop(world: World, place: Path, options: Sequence[str]) -> bool:
    """Runs the loop, tells what came of it; whether it is closed."""
    copied(world, place)
    before = checked(world, place, "before", options)
    old = documents(place)
    driftcheck(place, "fix", "before/report.json", "--write")
    new = documents(place)
    driftcheck(place, "fix", "before/report.json", "--write")
    again = documents(place) != new
    after = checked(world, place, "after", options)
    known = {f["fingerprint"] for f in before}
    left = [f for f in after if f["fingerprint"] in known and f["patch"]]
    brought = [f for f in after if f["fingerprint"] not in known]
    was, is_ = mistakes(old), mistakes(new)
    print(
        f"{world.name}: {len(before)} findings, {sum(bool(f['patch']) for f in before)} with a "
        f"patch; after: {len(after)}, with a patch {len(left)}, new {len(brought)}; mistakes "
        f"{was} -> {is_}{'; a second fix changes something' if again else ''}",
        flush=True,
    )
    for kind, listed in (("left", left), ("new", brought)):
        for one in listed:
            field = " ".join(str(part) for part in one["field"].values())
            where = f"{one['operation']} {field}"
            print(f"  {kind}: {one['rule']} {where}: {one['issue']}", flush=True)
    return not left and not brought and is_ <= was and not again


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("worlds", nargs="+", metavar="WORLD")
    parser.add_argument("--keep", type=Path, help="keep copies and reports there")
    parser.add_argument("--options", default="", help="further options of `driftcheck check`")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        base = given.keep or Path(scratch)
        options = shlex.split(given.options)
        worlds = [world_of(name) for name in given.worlds]
        closed = [loop(w, (base / w.name).resolve(), options) for w in worlds]
    print(f"closed: {sum(closed)} of {len(closed)}")
    sys.exit(0 if all(closed) else 1)


if __name__ == "__main__":
    main()
