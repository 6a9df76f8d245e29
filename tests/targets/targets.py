"""Real servers by others, started for a test in a temporary folder, and driftcheck against them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from patience import PATIENCE_S

_HERE = Path(__file__).resolve()
SHARED = Path(os.environ.get("DRIFTCHECK_SHARED") or _HERE.parents[3] / "shared") / "targets"
TOKEN = "secret"
Finding = tuple[str, str, str]
"""Rule, operation and the field's name."""


def document(target: str, name: str = "spec.yaml") -> Path:
    """A target's published document; skips where the shared folder isn't there."""
    path = SHARED / target / name
    if not path.is_file():
        pytest.skip(f"no document of {target}: set DRIFTCHECK_SHARED to the shared folder")
    return path


def program(name: str, *places: str) -> str:
    """A program's path; skips where it isn't installed."""
    beside = Path(sys.executable).parent / name
    found = next((p for p in (str(beside), *places) if os.access(p, os.X_OK)), shutil.which(name))
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(
    command: Sequence[str], port: int, folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[str]:
    """The base URL of a server that runs as a process group of its own and is ended with it."""
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        _await(server, port, folder)
        yield f"http://127.0.0.1:{port}"
    finally:
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(server.pid, number)
            except ProcessLookupError:
                break
            try:
                server.wait(2)
            except subprocess.TimeoutExpired:
                continue
        server.wait()


def _await(server: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    end = time.monotonic() + PATIENCE_S
    while server.poll() is None and time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    said = (folder / "server.log").read_text(errors="replace")[-600:]
    pytest.fail(f"the server did not start: {said}")


def run(
    spec: Path,
    url: str,
    folder: Path,
    credential: Mapping[str, str] | None = None,
    *extra: str,
    token: str = TOKEN,
) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    """A run on a copy of a document, and its report. `credential`: the token's header or scheme."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(spec, folder / spec.name)
    lines = [
        "[targets.default.tokens.key]",
        *(f'{k} = "{v}"' for k, v in (credential or {}).items()),
    ]
    (folder / "driftcheck.toml").write_text("\n".join(lines if credential else []))
    root = str(_HERE.parents[2])
    environment = {**os.environ, "PYTHONPATH": root}
    if credential:
        environment["DRIFTCHECK_TOKEN_KEY"] = token
    done = subprocess.run(
        [
            *(sys.executable, "-m", "checker.cli", "check", spec.name),
            *("--base-url", url, "--out", "out", *extra),
        ],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    path = folder / "out" / "report.json"
    assert path.is_file(), done.stderr[-2000:]
    report: dict[str, Any] = json.loads(path.read_text())
    return done, report


def check(
    spec: Path, url: str, folder: Path, credential: Mapping[str, str] | None = None, *extra: str
) -> dict[str, Any]:
    """The report of a run that examined enough."""
    done, report = run(spec, url, folder, credential, *extra)
    assert done.returncode in (0, 1), done.stderr[-2000:]
    return report


def found(report: Mapping[str, Any]) -> set[Finding]:
    """Every finding at each of its operations, the server's prefix left out of the paths."""
    out: set[Finding] = set()
    for finding in report["findings"]:
        assert finding["confidence"] == "confirmed"
        name = str(finding["field"].get("status") or "") or finding["field"].get("name", "")
        if finding["field"].get("in") == "response" and finding["field"].get("name"):
            name = finding["field"]["name"]
        for operation in finding.get("also_operations") or [finding["operation"]]:
            out.add((finding["rule"], operation, name))
    return out


def rules(report: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Rule and field's name of every finding."""
    return {(f["rule"], f["field"].get("name", "")) for f in report["findings"]}
