"""Real records by others: all of them load, are checked, run through and written again."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from checker.documents.workflow import load_record, looks_like_record, parse_record
from checker.documents.workflow_lint import lint
from checker.domain.operation import OperationId
from checker.domain.workflow import Record, UidResolution
from checker.planning.variables import Scope
from checker.probing.judge import Judge
from checker.probing.steps import StepRunner
from checker.reporting.arazzo import arazzo
from checker.reporting.workflow import render_record

CHECKOUT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("DRIFTCHECK_SHARED") or CHECKOUT.parent / "shared")


def files() -> list[Path]:
    found = sorted(SHARED.glob("corpus/*/workflows/**/*.md"))
    found += [p for p in sorted(SHARED.glob("seeds/*.txt")) if "endpoint:" in p.read_text("utf-8")]
    if not found:
        pytest.skip("the shared records are not there (set DRIFTCHECK_SHARED)")
    return found


def test_all_records_load_and_are_written_again() -> None:
    records = []
    for path in files():
        text = path.read_bytes().decode("utf-8")
        assert looks_like_record(text), path
        record, problems = load_record(path, str(path))
        assert problems == (), path
        assert isinstance(record.endpoint, OperationId) and record.test_steps, path
        assert all(s.location.line and s.method and s.path for s in record.test_steps), path
        assert render_record(record) == text, path
        out = render_record(record, status="verified", verified_request={"method": "GET"})
        again, problems = parse_record(out, "again.md")
        assert problems == (), path
        assert (again.endpoint, again.status) == (record.endpoint, "verified")
        assert len(again.prerequisites) == len(record.prerequisites)
        _keep_rows(record)
        records.append(record)
    for record in records:
        for problem in lint(record, (), [r.endpoint for r in records if r.endpoint], records):
            assert problem.location.file == record.file and problem.location.line
    json.dumps(arazzo(records, {}))


def _keep_rows(record: Record) -> None:
    """All rows that a record has in its tables are there when it has learned something."""
    new = UidResolution("zz_uid", "POST /zz", "7")
    fix = {"Field": "zz", "Issue": "i", "Suggested Fix": "f", "Severity": "minor"}
    out = render_record(record, uid_resolutions=(new,), fix_suggestions=(fix,))
    again, problems = parse_record(out, "again.md")
    assert problems == (), record.file
    assert again.uid_resolutions == (*record.uid_resolutions, new), record.file
    assert again.fix_suggestions == (*record.fix_suggestions, fix), record.file
    assert render_record(again, uid_resolutions=(new,), fix_suggestions=(fix,)) == out


def test_all_steps_make_requests_once_their_variables_are_given() -> None:
    class Anything(dict):  # type: ignore[type-arg]
        def get(self, name: str, default: object = None) -> object:
            return f"value-of-{name}"

    scope = Scope(given=Anything())
    runner = StepRunner(None, scope, accepted=Judge().accepted)  # type: ignore[arg-type]
    for path in files():
        record, _ = load_record(path, str(path))
        for step in (*record.prerequisites, *record.test_steps):
            request = runner.request(step)
            assert request.url_path.startswith("/") and "{" not in request.url_path, path
            assert request.content is None or b"{{" not in request.content, path
