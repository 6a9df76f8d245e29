"""What of an interrupted run is not done again."""

from __future__ import annotations

from pathlib import Path

from report_samples import make_result

from checker.cli.resuming import unfinished
from checker.cli.running import journals_of
from checker.domain.observation import OperationOutcome
from checker.domain.operation import OperationId
from checker.domain.portal import Portal
from checker.reporting.json_report import render
from checker.settings import Settings


def test_what_may_have_passed_is_tried_again(tmp_path: Path) -> None:
    outcomes = (
        OperationOutcome(OperationId("GET", "/done"), "probed"),
        OperationOutcome(OperationId("GET", "/refused"), "no-witness", "422"),
        OperationOutcome(OperationId("GET", "/limited"), "no-witness", "429", passing=True),
        OperationOutcome(OperationId("GET", "/left"), "inconclusive", "gone", passing=True),
    )
    old = make_result(operations=outcomes, findings=(), status="partial", seed=0)
    (tmp_path / "report.json").write_text(render(old), encoding="utf-8")
    settings = Settings(paths=(Path("swagger"),), out=str(tmp_path))
    settings, before, _ = unfinished(settings, journals_of(settings), Portal())
    assert settings.done == {("default", "GET /done"), ("default", "GET /refused")}
    assert before is not None and [o.status for o in before.operations] == ["probed", "no-witness"]
