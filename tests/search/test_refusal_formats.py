"""Refusals of real servers are read as what they complain about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from refused import KNOWN, SENT, Refused, told

from checker.search.complaints import Complaint, ComplaintKind

FORMATS = yaml.safe_load(Path(__file__).with_name("formats.yaml").read_text(encoding="utf-8"))
EXPECTED: dict[str, dict[str, tuple[str, int | None]]] = {
    "missing": {"birth_date": ("missing", None)},
    "type": {"count": ("invalid", None)},
    "enum": {"kind": ("invalid", None)},
    "format": {"email": ("invalid", None)},
    "pattern": {"email": ("invalid", None)},
    "nested": {"lines[].qty": ("invalid", 1)},
    "two": {"birth_date": ("missing", None), "kind": ("invalid", None)},
    "unknown": {"nick": ("unknown", None)},
    "undocumented": {"tax_code": ("missing", None)},
    "reference": {"customer_id": ("reference", None)},
    "taken": {"email": ("taken", None)},
}
CASES = [
    pytest.param(case, Refused.of(entry, entry[case]), entry[case], id=f"{entry['style']}-{case}")
    for entry in FORMATS
    for case in EXPECTED
    if case in entry
]


def expected(case: str, given: dict[str, Any]) -> dict[str, tuple[str, int | None]]:
    kinds = given.get("kinds", {})
    return {f: (kinds.get(f, kind), at) for f, (kind, at) in EXPECTED[case].items()}


def read(refused: Refused) -> frozenset[Complaint]:
    return refused.complaints(SENT, KNOWN)


@pytest.mark.parametrize(("case", "refused", "given"), CASES)
def test_a_refusal_is_read(case: str, refused: Refused, given: dict[str, Any]) -> None:
    found = read(refused)
    assert told(found) == expected(case, given)
    for complaint in found:
        assert complaint.undocumented == (complaint.field.name in ("nick", "tax_code"))
        for name, value in given.get("wants", {}).items():
            wanted = getattr(complaint.wants, name)
            assert (list(wanted) if isinstance(wanted, tuple) else wanted) == value


@pytest.mark.parametrize(("case", "refused", "given"), CASES)
def test_an_echo_of_the_request_changes_nothing(
    case: str, refused: Refused, given: dict[str, Any]
) -> None:
    echoing = refused.echoing(SENT)
    assert told(read(echoing)) == told(read(refused))


def test_there_are_formats_enough() -> None:
    assert len(FORMATS) >= 25
    assert len(CASES) >= 150


def test_the_kinds_of_the_cases_are_kinds() -> None:
    kinds = {kind for each in EXPECTED.values() for kind, _ in each.values()}
    assert kinds <= {str(k) for k in ComplaintKind}
