"""Every workflow record works, webhooks and waiting included."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import driftcheck

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("folder", ["swagger", "tests/sandbox/truthful"])
def test_all_records_run(folder: str) -> None:
    done = driftcheck("workflows", "run", folder, cwd=ROOT)
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    records = list((ROOT / folder).rglob("workflows/*.md"))
    assert len([line for line in lines if line.startswith("ok ")]) == len(records)
