"""A report or a baseline that somebody or something has damaged ends in one sentence."""

from __future__ import annotations

import copy
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checker.cli import run

ROOT = Path(__file__).resolve().parents[2]
REPORT: dict[str, Any] = json.loads((ROOT / "reports" / "example" / "report.json").read_text())
REPORT["findings"] = REPORT["findings"][:6]
REPORT["operations"] = REPORT["operations"][:3]
FINGERPRINT = REPORT["findings"][0]["fingerprint"]
ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    10**400,
    -(10**4000),
    "",
    "x",
    "\ud800",
    "\x00",
    "POST /x",
    "../../x",
    "9999-99-99",
    "0001-01-01T00:00:00+14:00",
    [],
    {},
    [None],
    [[]],
    ["a"],
    {"": {}},
    {"file": 5},
    {"file": "a"},
    float("nan"),
    float("inf"),
    1e300,
    [[["x"]]],
    {"a": {"b": ["c"]}},
]
COMMANDS = [
    ["report", "r.json", "--format", "md,json,sarif,junit,html,github,gitlab,comment"],
    ["report", "r.json", "r.json", "--format", "md"],
    ["fix", "r.json"],
    ["fix", "r.json", "--overlay", "o.yaml"],
    ["baseline", "r.json", "--output", "b.json"],
    ["replay", "r.json", FINGERPRINT, "--static"],
]


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if at:
        yield at
    if isinstance(value, dict):
        for key, child in value.items():
            yield from places(child, (*at, key))
    elif isinstance(value, list):
        for number, child in enumerate(value):
            yield from places(child, (*at, number))


PLACES = list(places(REPORT))


@pytest.fixture
def says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Any:
    """What commands say of a text as the report: the worst exit status, and stderr."""
    monkeypatch.chdir(tmp_path)

    def tell(text: str, commands: list[list[str]] = COMMANDS) -> tuple[int, str]:
        with tempfile.TemporaryDirectory(dir=tmp_path) as folder:
            os.chdir(folder)
            Path("r.json").write_text(text, encoding="utf-8")
            status = max(run(command) for command in commands)
            os.chdir(tmp_path)
        said = capsys.readouterr().err
        assert "Traceback" not in said and "internal error" not in said, said
        return status, said

    return tell


@settings(
    max_examples=int(os.environ.get("DRIFTCHECK_MUTATIONS", "60")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_a_mutated_report_is_read_or_refused(data: st.DataObject, says: Any) -> None:
    report = copy.deepcopy(REPORT)
    for _ in range(data.draw(st.integers(1, 3))):
        *path, last = data.draw(st.sampled_from(PLACES))
        holder: Any = report
        try:
            for token in path:
                holder = holder[token]
            if data.draw(st.booleans()):
                holder[last] = data.draw(st.sampled_from(ODD))
            else:
                del holder[last]
        except (KeyError, IndexError, TypeError):
            pass
    status, said = says(json.dumps(report))
    assert status in (0, 1, 2)
    assert status < 2 or "driftcheck: " in said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        "5",
        '{"schema_version": 1}',
        '{"schema_version": 1, "run": [], "operations": {}, "findings": 5}',
        json.dumps(REPORT)[: len(json.dumps(REPORT)) // 2],
        json.dumps({"openapi": "3.0.0", "paths": {}}),
        "[" * 100_000,
        '{"schema_version": 1, "x": ' + "[" * 900 + "]" * 900 + "}",
        '{"schema_version": ' + "1" * 5_000 + "}",
    ],
)
def test_what_is_no_report_is_named_with_a_mend(text: str, says: Any) -> None:
    for command in COMMANDS:
        status, said = says(text, [command])
        assert status == 2
        assert "r.json" in said and "Give a report.json that driftcheck wrote." in said


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        (("findings", 0, "evidence", 0, "request", "media_type"), 5, "media_type"),
        (("operations", 0, "path"), -1, "operations.0.path"),
        (("run", "status"), "done", "run.status"),
        (("run", "started_at"), "yesterday", "yesterday"),
        (("findings", 0, "patch"), [None], "findings.0.patch.0"),
    ],
)
def test_the_place_is_named(path: tuple[Any, ...], value: Any, place: str, says: Any) -> None:
    report = copy.deepcopy(REPORT)
    holder: Any = report
    for token in path[:-1]:
        holder = holder[token]
    holder[path[-1]] = value
    status, said = says(json.dumps(report), COMMANDS[:1])
    assert status == 2 and "a damaged report" in said and place in said


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "5",
        "null",
        "[" * 100_000,
        '{"baseline_version": 1}',
        '{"baseline_version": 1, "findings": 5}',
        '{"baseline_version": 1, "findings": [5]}',
        '{"baseline_version": ' + "1" * 5_000 + "}",
    ],
)
def test_a_damaged_baseline(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("b.json").write_text(text)
    Path("r.json").write_text(json.dumps(REPORT))
    assert run(["baseline", "r.json", "--output", "b.json"]) == 2
    said = capsys.readouterr().err
    assert "b.json" in said and "driftcheck baseline REPORT" in said
