"""docs/reading-a-run.md names every outcome that a report can tell of."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from checker.domain.coverage import coverage
from checker.domain.observation import OperationOutcome
from checker.domain.operation import OperationId
from checker.questions.ledger import Reason
from checker.reporting.merge import RANK

PAGE = (Path(__file__).parents[2] / "docs" / "reading-a-run.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ([^|]+) \| ([^|]*) \|", PAGE, re.M)


@pytest.mark.parametrize("status", RANK)
def test_each_status_has_its_row_and_is_counted_so(status: str) -> None:
    counted = dict(ROWS)[f"`{status}`"].strip("–")
    seen = coverage([OperationOutcome(OperationId("GET", "/x"), status)])
    words = {"examined": "examined", "partly": "partly", "left": "not", "held_back": "skipped"}
    assert [word for name, word in words.items() if getattr(seen, name)] == counted.split()


@pytest.mark.parametrize("reason", Reason)
def test_each_reason_of_a_question_has_its_row(reason: Reason) -> None:
    assert reason.value in dict(ROWS)
