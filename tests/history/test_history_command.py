"""Runs are remembered by the main job, shown by `driftcheck history`, and told in the pages."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from keeping_shop import TOKEN, Shop, document, open_shop
from report_samples import make_finding, make_result

from checker.cli import run
from checker.domain.location import Location
from checker.reporting.json_report import load, render

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DRIFTCHECK_TOKEN_STAFF", TOKEN)
    (tmp_path / "shop.json").write_text(json.dumps(document()))
    with open_shop() as shop:
        yield shop


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    def given(*arguments: str) -> tuple[int, str, str]:
        status = run(list(arguments))
        said = capsys.readouterr()
        return status, said.out, said.err

    return given


def check(command: Command, shop: Shop, *more: str) -> tuple[int, str, str]:
    one = ("--operation", "POST /items", "--no-fuzz", "--concurrency", "1")
    return command("shop.json", "--base-url", shop.url, *one, *more)


def report(out: str = "reports") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(out, "report.json").read_text())
    return found


def test_a_finding_that_is_mended_has_vanished(shop: Shop, command: Command) -> None:
    assert check(command, shop)[0] == 1
    assert len(report()["history"]["runs"]) == 1
    before = {f["rule"] for f in report()["findings"]}
    content = json.loads(Path("shop.json").read_text())
    body = content["paths"]["/items"]["post"]["requestBody"]["content"]["application/json"]
    body["schema"]["required"] = ["name"]
    Path("shop.json").write_text(json.dumps(content))
    check(command, shop, "--format", "md,json,html")
    after = {f["rule"] for f in report()["findings"]}
    told = report()["history"]
    (gone,) = told["vanished"]
    assert before - after == {gone["rule"]} and [r["vanished"] for r in told["runs"]] == [0, 1]
    assert "1 vanished" in Path("reports/report.md").read_text()
    page = Path("reports/report.html").read_text()
    assert "1 vanished" in page and "<svg" in page
    trend = load(Path("reports/report.json").read_text(), "report.json").trend
    assert trend is not None and trend.vanished[0].fingerprint == gone["fingerprint"]

    status, out, _ = command("history")
    assert status == 0 and f"- {gone['fingerprint']}" in out
    _, out, _ = command("history", "reports", "--format", "json")
    (series,) = json.loads(out)
    assert [r["vanished"] for r in series["rules"] if r["name"] == gone["rule"]] == [1]
    _, out, _ = command("history", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row["vanished"] for row in rows] == ["0", "1"]
    status, out, _ = command("history", "--run", rows[0]["run"])
    assert status == 0 and gone["fingerprint"] not in out
    for wrong in (["--run", "none"], ["--series", "none"], ["nowhere"]):
        status, _, err = command("history", *wrong)
        assert status == 2 and len(err.splitlines()) <= 2


def test_where_it_is_kept_and_that_it_need_not_be(shop: Shop, command: Command) -> None:
    check(command, shop, "--history", "off")
    assert not list(Path().rglob("*.sqlite")) and "history" not in report()
    check(command, shop, "--history", "kept/h.sqlite")
    assert [str(p) for p in Path().rglob("*.sqlite")] == ["kept/h.sqlite"]


def test_a_history_that_can_not_be_written_costs_no_report(shop: Shop, command: Command) -> None:
    Path("broken").write_text("no database\n" * 100)
    status, _, err = check(command, shop, "--history", "broken")
    assert status == 1 and "The history broken can't be used" in err
    assert any("The run is not in it" in note for note in report()["run"]["notes"])


def test_a_merged_report_is_remembered_as_one_run(tmp_path: Path, command: Command) -> None:
    for number in (1, 2):
        outcomes = make_result().operations[number - 1 :: 2]
        finding = make_finding(source=Location("docs/shop/api.json", "/paths/x", 1, 1))
        part = make_result(shard=(number, 2), operations=outcomes, findings=(finding,))
        (tmp_path / f"{number}.json").write_text(render(part.with_(paths=("docs",))))
    names = [str(tmp_path / f"{number}.json") for number in (1, 2)]
    place = str(tmp_path / "h.sqlite")
    for _ in range(2):  # the same run is kept once
        out = str(tmp_path / "out")
        assert command("report", *names, "--out", out, "--history", place)[0] == 0
    _, out, _ = command("history", place, "--format", "json")
    (series,) = json.loads(out)
    assert len(series["runs"]) == 1
    assert [s["present"] for s in series["domains"] if s["name"] == "shop"] == [1]
