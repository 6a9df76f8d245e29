"""`driftcheck swagger/` in the checkout, as a command."""

from __future__ import annotations

import json
import os
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
