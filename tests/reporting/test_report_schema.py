"""docs/report.schema.json says what is in report.json: all of it, and under these names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from report_samples import make_finding, make_result

from checker.domain.asked import Asked
from checker.domain.finding import OtherPatch
from checker.domain.history import Point, Seen, Trend
from checker.domain.location import Location
from checker.domain.observation import OperationOutcome
from checker.domain.operation import OperationId
from checker.domain.run import BaselineResult, KnownFinding, RunResult, TargetInfo, TokenShape
from checker.ranking import group, rank
from checker.reporting.json_report import render
from checker.reporting.report_shape import SHAPE

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs" / "report.schema.json").read_text(encoding="utf-8"))


def closed(schema: Any) -> Any:
    """The schema of a report that has nothing beside what is named."""
    match schema:
        case dict():
            inner = {name: closed(part) for name, part in schema.items()}
            described = isinstance(schema.get("properties"), dict)
            return {**inner, "additionalProperties": False} if described else inner
        case list():
            return [closed(part) for part in schema]
        case _:
            return schema


def flaws(report: Any, schema: Any = SCHEMA) -> list[str]:
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    validator = jsonschema.Draft202012Validator(schema, format_checker=checker)
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(report)]


def whole() -> RunResult:
    """A run of which every part of a report tells something."""
    known = KnownFinding("z", "r", "GET /x", "f", "i", "why", "2030-01-01", "other")
    findings = rank(
        group(
            [
                *make_result().findings,
                make_finding(
                    operation="PUT /things",
                    related=(Location("old.json", "/info", 3, 4),),
                    elsewhere=(OtherPatch("old.json", ({"op": "remove", "path": "/info"},)),),
                ),
            ]
        )
    )
    first = findings[0].fingerprint
    return make_result(
        findings=findings,
        operations=(
            *make_result().operations,
            OperationOutcome(
                OperationId("GET", "/late"),
                "inconclusive",
                "not reached",
                3,
                "Go on.",
                True,
                {"required": Asked(1, 2, {"why": 1}, ("f",), 4)},
                True,
                OperationId("POST", "/things"),
                "other",
            ),
        ),
        error="It broke.",
        exit_status=3,
        shortfall="Too little.",
        shard=(1, 2),
        folder="docs",
        files={"things.json": "0" * 64},
        baseline=BaselineResult("b", ("x",), (first,), (known,), (known,), ("y",), {first: "why"}),
        trend=Trend(
            (Point("1", datetime(2026, 1, 1, tzinfo=UTC), "complete", 1),),
            ("x",),
            (Seen("z", "gone", "r", "major", "GET /x"),),
            ("y",),
        ),
        targets=(
            TargetInfo("default", "https://a.example", "", {"t": TokenShape(cookie="c")}),
            TargetInfo("other", "https://b.example", "", {"both": TokenShape(also=("t", "u"))}),
        ),
    )


REPORTS = {
    "the example": lambda: (ROOT / "reports/example/report.json").read_text(encoding="utf-8"),
    "an empty one": lambda: render(make_result(findings=(), operations=(), targets=())),
    "a small one": lambda: render(make_result()),
    "one with everything": lambda: render(whole()),
}


@pytest.mark.parametrize("name", REPORTS)
def test_reports_are_as_the_schema_says(name: str) -> None:
    """Also under a schema that allows no other member, so that a renamed one is noticed."""
    report = json.loads(REPORTS[name]())
    assert flaws(report, closed(SCHEMA)) == []


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_more_may_stand_beside_what_is_named() -> None:
    report = json.loads(render(make_result()))
    report["run"]["weather"] = report["findings"][0]["mood"] = "fine"
    assert flaws(report) == []


def members(shape: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Each place of a schema that describes members, by its path, and its part of the schema."""
    shape = SCHEMA["$defs"][shape["$ref"].rpartition("/")[2]] if "$ref" in shape else shape
    yield place, shape
    for name, part in shape.get("properties", {}).items():
        yield from members(part, f"{place}.{name}")
    for key in ("items", "additionalProperties"):
        if isinstance(shape.get(key), dict):
            yield from members(shape[key], f"{place}[]")
    for part in shape.get("anyOf", ()):
        yield from members(part, place)


def test_what_is_read_back_is_named_in_the_schema() -> None:
    """Under the same names, with the same closed sets."""
    told: dict[str, Any] = {}
    for place, part in members(SCHEMA):
        told[place] = {**told.get(place, {}), **part}
    for place, part in members(SHAPE):
        assert place in told, place
        if "enum" in part:
            assert set(told[place]["enum"]) == set(part["enum"]), place
