"""One run for many tests, in however many processes they are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from checker.errors import UsageError
from checker.testing.checking import Checked, checked, read_back, settings_of


def shared(arguments: Sequence[str], folder: Path) -> Checked:
    """The run with these arguments: made by whoever needs it first, read by all others.

    `folder` belongs to this test session alone. Raises UsageError, to everybody, where the run
    didn't come to a report.
    """
    try:
        from filelock import FileLock
    except ImportError:
        raise UsageError(
            "--driftcheck needs the package filelock.", "Install driftcheck[pytest]."
        ) from None
    done, reports = folder / "done.json", folder / "reports"
    with FileLock(folder / "lock"):
        if not done.is_file():
            _run(arguments, reports, done)
    kept = json.loads(done.read_text(encoding="utf-8"))
    if kept["error"]:
        raise UsageError(kept["error"])
    path = reports / "report.json"
    return read_back(kept["status"], path, kept["said"], settings_of(arguments))


def _run(arguments: Sequence[str], reports: Path, done: Path) -> None:
    kept = {"status": 0, "said": "", "error": ""}
    try:
        run = checked(arguments, reports)
        kept.update(status=run.status, said=run.said)
    except UsageError as error:
        kept["error"] = str(error)
    done.write_text(json.dumps(kept), encoding="utf-8")
