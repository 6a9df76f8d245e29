"""Starts a test server in a process of its own and stops it again."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent


def command(server: str) -> list[str]:
    """How a server is started, without its port."""
    script = HERE / server / "server.mjs"
    if script.exists():
        return ["node", str(script)]
    return [sys.executable, str(HERE / server / "server.py")]


def unavailable(server: str) -> str:
    """Why a server can't run here; empty where it can."""
    if command(server)[0] == "node" and shutil.which("node") is None:
        return f"the test server {server!r} needs Node.js (no `node` in PATH)"
    return ""


@contextmanager
def running(server: str, *options: str) -> Iterator[str]:
    """The base URL of a fresh server on a free port; RuntimeError where it doesn't start."""
    process = subprocess.Popen(
        [*command(server), "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line.startswith("listening on "):
            process.kill()
            raise RuntimeError(f"{server} did not start: {process.communicate()[1]}")
        yield line.removeprefix("listening on ").strip()
    finally:
        process.terminate()
        process.communicate()
