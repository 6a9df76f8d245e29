"""The comparison of a report with a truth file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from compare import compare

TRUTH: list[dict[str, Any]] = [
    {
        "rule": "enum-value-rejected",
        "operation": "POST /a",
        "field": {"in": "body", "name": "kind"},
        "observed": ["gift"],
        "severity": "major",
        "alternatives": [{"rule": "server-error", "field": {"in": "*", "name": "*"}}],
        "allowed": [{"rule": "bound-mismatch", "field": {"in": "body", "name": "kind"}}],
    },
    {
        "rule": "dependency-undocumented",
        "operation": "POST /b/{id}",
        "also_operations": ["PUT /b/{id}"],
        "field": {"in": "body", "name": "x"},
        "fields": ["x", "y"],
        "observed": {"kind": "or", "fields": ["x", "y"]},
        "severity": "major",
    },
]


def finding(rule: str, operation: str, name: str, **more: Any) -> dict[str, Any]:
    return {
        "rule": rule,
        "operation": operation,
        "field": {"in": "body", "name": name},
        "severity": "major",
        **more,
    }


KIND = finding("enum-value-rejected", "POST /a", "kind", observed=["gift", "loan"])
PAIR = finding(
    "dependency-undocumented",
    "POST /b/{uid}",
    "x, y",
    observed={"kind": "or", "fields": ["y", "x"]},
)


def test_all_found_and_nothing_else() -> None:
    result = compare({"findings": [KIND, PAIR]}, TRUTH)
    assert result.exact and result.found == 2
    assert not result.wrong_value and not result.wrong_severity


def test_an_alternative_counts_as_found_and_an_allowed_one_does_not() -> None:
    other = finding("server-error", "POST /a", "")
    assert compare({"findings": [other, PAIR]}, TRUTH).exact
    beside = finding("bound-mismatch", "POST /a", "kind")
    result = compare({"findings": [beside, PAIR]}, TRUTH)
    assert result.missing == ["enum-value-rejected POST /a body kind"] and not result.false


def test_every_operation_of_a_finding_must_be_true() -> None:
    assert compare({"findings": [KIND, {**PAIR, "also_operations": ["PUT /b/{id}"]}]}, TRUTH).exact
    result = compare({"findings": [KIND, {**PAIR, "also_operations": ["PUT /c"]}]}, TRUTH)
    assert len(result.false) == 1 and "PUT /c" in result.false[0]


def test_another_name_is_missing_and_false() -> None:
    result = compare({"findings": [finding("enum-value-rejected", "POST /a", "size"), PAIR]}, TRUTH)
    assert len(result.missing) == len(result.false) == 1


def test_values_and_severity_are_compared() -> None:
    report = {"findings": [{**KIND, "observed": ["loan"]}, {**PAIR, "severity": "minor"}]}
    result = compare(report, TRUTH)
    assert result.exact and len(result.wrong_value) == len(result.wrong_severity) == 1


def test_a_tentative_finding_neither_counts_nor_harms() -> None:
    result = compare({"findings": [{**KIND, "confidence": "tentative"}]}, TRUTH)
    assert result.found == 0 and not result.false
