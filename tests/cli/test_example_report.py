"""The committed example report is what `driftcheck swagger/` says today; runs repeat themselves.

To refresh it: `driftcheck swagger/ --out reports/example`.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from main_job import facts, run_of_the_sandbox

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "reports" / "example"
IDENTIFIER = re.compile(r"\b(?=[0-9a-z-]*\d)[0-9a-z-]{12,}\b")


QUOTED = re.compile(r'`[a-z]+`|"[a-z]+"')
DOCUMENTED = "".join(
    path.read_text(encoding="utf-8") for path in (ROOT / "swagger").rglob("*.*") if path.is_file()
)


def folded(text: str) -> str:
    """Without identifiers, times, counts and made-up values, which no two runs share."""

    def made_up(found: re.Match[str]) -> str:
        return found[0] if found[0][1:-1] in DOCUMENTED else "#"

    return re.sub(r"\d+", "#", IDENTIFIER.sub("#", QUOTED.sub(made_up, text)))


def read(folder: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return report


def said(report: dict[str, Any]) -> list[str]:
    """A line a finding, in the report's order."""
    return [
        " ".join(
            [
                finding["severity"],
                finding["rule"],
                finding["operation"],
                *finding["also_operations"],
                f"{finding['field']['in']}:{finding['field']['name']}",
                finding["fingerprint"],
                folded(finding["issue"]),
            ]
        )
        for finding in report["findings"]
    ]


def test_the_example_is_true(main_job: dict[str, Any]) -> None:
    """It is another run's report: two runs say the same."""
    example, now = read(EXAMPLE), main_job
    assert sorted(said(example)) == sorted(said(now)), "refresh it: see the top of this file"
    statuses = [
        {(o["method"], o["path"], o["status"]) for o in r["operations"]} for r in (example, now)
    ]
    assert statuses[0] == statuses[1]
    assert facts(example) == facts(now)


def test_the_page_is_that_of_the_report(tmp_path: Path) -> None:
    from checker.reporting.json_report import load
    from checker.reporting.markdown import render

    result = load((EXAMPLE / "report.json").read_text(encoding="utf-8"), "report.json")
    page = (EXAMPLE / "report.md").read_text(encoding="utf-8")
    assert [line for line in render(result).splitlines() if line.startswith("|")] == [
        line for line in page.splitlines() if line.startswith("|")
    ]


def test_two_runs_with_one_seed_say_the_same(tmp_path: Path) -> None:
    operations = ("POST /business/communication/channels", "GET /platform/v1/clients")
    options = [part for name in operations for part in ("--operation", name)]
    options += ["--seed", "7"]
    first, second = (run_of_the_sandbox(tmp_path / name, *options) for name in "ab")
    assert said(first) == said(second)
    for one, other in zip(first["findings"], second["findings"], strict=True):
        assert one["patch"] == other["patch"]
        assert [e["role"] + e["verdict"] for e in one["evidence"]] == [
            e["role"] + e["verdict"] for e in other["evidence"]
        ]
