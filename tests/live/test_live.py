"""driftcheck against servers with planted drifts: all of them found, and nothing else."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from command_line import driftcheck
from document_files import load

HERE = Path(__file__).resolve().parent
SERVERS = HERE.parent / "servers"
sys.path[:0] = [str(HERE), str(SERVERS)]

from compare import compare  # noqa: E402
from plant import SERVERS as NAMES  # noqa: E402
from running import running, unavailable  # noqa: E402


def check(server: str, documents: str, out: Path, *more: str) -> tuple[int, dict[str, Any]]:
    """A fresh server checked against one set of its documents: exit status and report."""
    if reason := unavailable(server):
        pytest.skip(reason)
    run = load(SERVERS / server / "planted.yaml")["run"]
    with running(server) as url:
        options = ["--base-url", url + run["base_path"], "--out", str(out)]
        options += ["--allow-destructive", "--fail-on", "minor", *run.get("options", ()), *more]
        if "fallback_path" in run:
            options += ["--fallback-url", url + run["fallback_path"]]
        for kind, value in run["tokens"].items():
            options += ["--token", f"{kind}={value}"]
        documents = str(SERVERS / server / documents)
        done = driftcheck("check", documents, *options, cwd=out, status=None)
    path = out / "report.json"
    assert path.exists(), done.stderr
    return done.returncode, json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("server", NAMES)
def test_every_planted_drift_and_nothing_else(server: str, tmp_path: Path) -> None:
    status, report = check(server, "drifted", tmp_path, "--no-fuzz")
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
