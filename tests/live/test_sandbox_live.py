"""The main job on the embedded sandbox: every planted drift and nothing else."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from command_line import driftcheck

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE)]

from compare import compare  # noqa: E402

from checker.sandbox.server import Sandbox  # noqa: E402

TRUTHFUL = "tests/sandbox/truthful"


def truth() -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads(
        (ROOT / "tests/sandbox/truth.json").read_text(encoding="utf-8")
    )
    return entries


def check(documents: str, out: Path, *options: str) -> tuple[int, dict[str, Any]]:
    """A run of the command in the checkout: exit status and report."""
    done = driftcheck(documents, "--out", str(out), *options, cwd=ROOT, status=None)
    path = out / "report.json"
    assert path.exists(), done.stderr
    return done.returncode, json.loads(path.read_text(encoding="utf-8"))


def against(sandbox: Sandbox) -> list[str]:
    """The options that point a run at a sandbox of one's own."""
    options = ["--base-url", sandbox.base_url, "--fallback-url", sandbox.fallback_url]
    for kind, value in sandbox.tokens.items():
        options += ["--token", f"{kind}={value}"]
    for name, value in sandbox.variables.items():
        options += ["--var", f"{name}={value}"]
    return options


def test_every_planted_drift_and_nothing_else(main_job: dict[str, Any]) -> None:
    result = compare(main_job, truth())
    assert result.exact, str(result)
    assert not result.wrong_severity, str(result)
    assert not result.wrong_value, str(result)


def test_truthful_documents_have_no_finding(tmp_path: Path) -> None:
    status, report = check(TRUTHFUL, tmp_path, "--fail-on", "minor")
    assert not report["findings"], str(compare(report, []))
    assert status == 0
    missed = [
        e for e in report["operations"] if e["status"] != "probed" and e["method"] != "DELETE"
    ]
    assert not missed, "silence proves nothing where nothing was probed"


def test_a_bad_neighbour_changes_the_time_not_the_findings(tmp_path: Path) -> None:
    """About every fifth request fails: with states, unique values, 5xx and defaults."""
    operations = [
        "POST /business/communication/sessions",
        "POST /platform/v1/clients",
        "POST /platform/v1/reports",
        "POST /platform/v1/services",
        "GET /platform/v1/clients",
    ]
    with Sandbox(seed=3, chaos=("flaky", "resets", "bad-json")) as sandbox:
        options = [part for name in operations for part in ("--operation", name)]
        status, report = check("swagger/", tmp_path, *against(sandbox), *options, "--no-fuzz")
    result = compare(report, [e for e in truth() if e["operation"] in operations])
    assert result.exact, str(result)
    assert status == 1


def test_a_rate_limit_changes_the_time_not_the_findings(tmp_path: Path) -> None:
    operation = "POST /platform/v1/tags"
    with Sandbox(chaos=("rate-limit", "slow")) as sandbox:
        status, report = check(
            "swagger/", tmp_path, *against(sandbox), "--operation", operation, "--no-fuzz"
        )
    wanted = [e for e in truth() if e["operation"] == operation]
    result = compare(report, wanted)
    assert result.exact, str(result)
    assert status == 1
