"""driftcheck against servers with planted drifts: all of them found, and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from document_files import load
from patience import PATIENCE_S

HERE = Path(__file__).resolve().parent
SERVERS = HERE.parent / "servers"
sys.path[:0] = [str(HERE), str(SERVERS)]

from compare import compare  # noqa: E402
from plant import SERVERS as NAMES  # noqa: E402
from running import running, unavailable  # noqa: E402


def check(server: str, documents: str, out: Path) -> tuple[int, dict[str, Any]]:
    """A fresh server checked against one set of its documents: exit status and report."""
    if reason := unavailable(server):
        pytest.skip(reason)
    run = load(SERVERS / server / "planted.yaml")["run"]
    with running(server) as url:
        command = [sys.executable, "-m", "checker.cli", "check", str(SERVERS / server / documents)]
        command += ["--base-url", url + run["base_path"], "--out", str(out)]
        command += ["--allow-destructive", "--fail-on", "minor", *run.get("options", ())]
        if "fallback_path" in run:
            command += ["--fallback-url", url + run["fallback_path"]]
        for kind, value in run["tokens"].items():
            command += ["--token", f"{kind}={value}"]
        environment = {**os.environ, "PYTHONPATH": str(HERE.parents[1])}
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE_S, cwd=out, env=environment
        )
    path = out / "report.json"
    assert path.exists(), done.stderr
    return done.returncode, json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("server", NAMES)
def test_every_planted_drift_and_nothing_else(server: str, tmp_path: Path) -> None:
    status, report = check(server, "drifted", tmp_path)
    result = compare(report, load(SERVERS / server / "truth.json"))
    assert result.exact, str(result)
    assert not result.wrong_severity, str(result)
    assert not result.wrong_value, str(result)
    assert status == 1


@pytest.mark.parametrize("server", NAMES)
def test_a_truthful_document_has_no_finding(server: str, tmp_path: Path) -> None:
    status, report = check(server, "truthful", tmp_path)
    assert not report["findings"], str(compare(report, []))
    missed = [entry for entry in report["operations"] if entry["status"] != "probed"]
    assert not missed, "silence proves nothing where nothing was probed"
    assert status == 0
