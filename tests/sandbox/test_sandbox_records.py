"""Every workflow record works, webhooks and waiting included."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from patience import PATIENCE_S

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("folder", ["swagger", "tests/sandbox/truthful"])
def test_all_records_run(folder: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "checker.cli", "workflows", "run", folder],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    records = list((ROOT / folder).rglob("workflows/*.md"))
    assert len([line for line in lines if line.startswith("ok ")]) == len(records)
