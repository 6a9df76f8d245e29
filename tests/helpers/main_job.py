"""`driftcheck swagger/` in the checkout, as a command."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from patience import PATIENCE_S

ROOT = Path(__file__).parents[2]


def run_of_the_sandbox(out: Path, *options: str) -> dict[str, Any]:
    """The report of a run that ends with findings, written to a folder."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DRIFTCHECK_")}
    command = [sys.executable, "-m", "checker.cli", "swagger/", "--out", str(out), *options]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE_S
    )
    assert done.returncode == 1, done.stderr
    report: dict[str, Any] = json.loads((out / "report.json").read_text(encoding="utf-8"))
    return report


def folded(value: Any) -> Any:
    """A report's part without identifiers and times."""
    text = json.dumps(value, sort_keys=True)
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}", "#", text)
    text = re.sub(r"\d{13}", "#", text)
    return json.loads(
        re.sub(r"in (?:all )?\d+ (?:of \d+ )?responses seen(?: \(\d+%\))?", "#", text)
    )


def facts(report: dict[str, Any]) -> list[Any]:
    """What a report says, its evidence aside."""
    keys = ("fingerprint", "rule", "severity", "operation", "field", "issue", "suggested_fix")
    keys += ("documented", "observed", "confidence", "also_operations", "patch")
    return [folded({k: finding.get(k) for k in keys}) for finding in report["findings"]]
