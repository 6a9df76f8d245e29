"""Four nights of a job: drift is accepted, more comes, some goes, the server breaks down."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from test_failing_targets import JSON, Answer, operation, serving, thing

from checker.cli import run as command

TOKEN = "staff-secret"
NAMES = "abcd"
FORMATS = "md,json,sarif,junit,html,github,gitlab,comment"
OUT = Path("reports")


class Shop:
    """Lists whose name is a number where it drifts; 500 alone once `breaks` answers are out."""

    def __init__(self) -> None:
        self.drifting = ""
        self.breaks: int | None = None

    def __call__(self, handler: BaseHTTPRequestHandler, count: int) -> Answer:
        if self.breaks is not None:
            self.breaks -= 1
            if self.breaks < 0:
                return 500, JSON, b'{"error": "oops"}'
        status, headers, body = thing(handler, (TOKEN,))
        if status == 200 and handler.path[6] in self.drifting:
            body = b'{"name": 5}'
        return status, headers, body


def night(url: str, *more: str) -> int:
    """The job's exit status; its reports are in OUT."""
    options = ["shop.json", "--base-url", url, "--no-fuzz", "--concurrency", "1", "--quiet"]
    options += ["--token", f"staff={TOKEN}", "--fail-on", "minor", "--max-retry-wait", "0.05"]
    return command([*options, "--format", FORMATS, *more])


def standings() -> dict[str, str]:
    """How each finding of the last night stands, by its operation, in the report's order."""
    report = json.loads((OUT / "report.json").read_text())
    return {f["operation"][-1]: f.get("baseline", "") for f in report["findings"]}


def cases() -> dict[str, list[str]]:
    """JUnit's outcomes, by operation."""
    root = ElementTree.parse(OUT / "report.junit.xml").getroot()
    return {
        suite.get("name", "")[-1]: [child.tag for case in suite for child in case] for suite in root
    }


def levels() -> list[str]:
    """The levels of the annotations at places in files."""
    lines = (OUT / "report.github.txt").read_text().splitlines()
    return [line.split(" ")[0].strip(":") for line in lines if "file=" in line]


def sarif() -> list[tuple[str, bool]]:
    """(state against the baseline, suppressed) of each result."""
    log = json.loads((OUT / "report.sarif").read_text())
    return [(r.get("baselineState", ""), "suppressions" in r) for r in log["runs"][0]["results"]]


def test_four_nights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    paths = {f"/shop/{name}": {"get": operation()} for name in NAMES}
    document: dict[str, Any] = {
        "openapi": "3.0.3",
        "info": {"title": "Shop", "version": "1"},
        "paths": paths,
        "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
    }
    Path("shop.json").write_text(json.dumps(document))
    shop = Shop()
    known = ["--baseline", "driftcheck-baseline.json"]
    with serving(shop) as server:
        # The first: there is drift already, and the team accepts it for now.
        shop.drifting = "ab"
        assert night(server.url) == 1
        assert standings() == {"a": "", "b": ""}
        accept = [
            "baseline",
            "reports/report.json",
            "--reason",
            "ticket 7",
            "--expires",
            "2999-12-31",
        ]
        assert command(accept) == 0
        assert night(server.url, *known) == 0
        assert standings() == {"a": "known", "b": "known"}
        assert cases()["a"] == ["skipped"] and levels() == ["notice", "notice"]

        # The second: something new is told first, and fails the job.
        shop.drifting = "abc"
        assert night(server.url, *known) == 1
        assert list(standings().items()) == [("c", "new"), ("a", "known"), ("b", "known")]
        assert (cases()["a"], cases()["c"]) == (["skipped"], ["failure"])
        assert levels()[0] in ("warning", "error") and levels()[1:] == ["notice", "notice"]
        assert sarif() == [("new", False), ("unchanged", True), ("unchanged", True)]
        assert "### API drift: 1 new finding\n" in (OUT / "report.comment.md").read_text()
        issues = json.loads((OUT / "report.gitlab.json").read_text())
        assert [issue["severity"] == "info" for issue in issues] == [False, True, True]

        # The third: the new one and an accepted one are mended.
        shop.drifting = "a"
        assert night(server.url, *known) == 0
        assert standings() == {"a": "known"}
        assert cases()["b"] == [] and cases()["a"] == ["skipped"]
        for page in ("report.md", "report.html", "report.comment.md"):
            assert "Fixed since the baseline" in (OUT / page).read_text(), page
        assert command(["baseline", "reports/report.json"]) == 0
        (entry,) = json.loads(Path("driftcheck-baseline.json").read_text())["findings"]
        assert (entry["operation"], entry["reason"]) == ("GET /shop/a", "ticket 7")

        # The fourth: the server breaks down half-way. That is no drift, and nothing is fixed.
        shop.breaks = 12
        assert night(server.url, *known) == 3
        report = json.loads((OUT / "report.json").read_text())
        assert report["run"]["status"] in ("partial", "failed")
        assert set(standings().values()) <= {"known"}
        assert report["baseline"]["fixed"] == []
        assert "error" in cases()["n"]
        assert "::error title=driftcheck::" in (OUT / "report.github.txt").read_text()
        assert "API drift: no answer" in (OUT / "report.comment.md").read_text()
