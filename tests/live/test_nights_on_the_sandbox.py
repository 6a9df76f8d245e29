"""Four nights of a job against the sandbox, and the same night in three shards."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from test_four_nights import levels

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE)]

from compare import compare  # noqa: E402

from checker.cli import run as command  # noqa: E402
from checker.sandbox import server as serving  # noqa: E402
from checker.sandbox.server import Sandbox  # noqa: E402

OPERATIONS = (
    "GET /platform/v1/clients/{client_id}",
    "GET /platform/v1/services/export",
    "POST /platform/v1/tags",
)
"""Of three families: each shard has one."""
DOCUMENT = Path("swagger/communication/platform_v1.json")
REPORTS = Path("reports")
SEVERITIES = ("critical", "major", "minor")


class Breaking:
    """An application that answers 500 alone once `left` answers are out; None: never."""

    def __init__(self, app: Callable[..., Any]) -> None:
        self.app = app
        self.left: int | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self.left is None or self.left > 0:
            self.left = None if self.left is None else self.left - 1
            await self.app(scope, receive, send)
            return
        headers = [(b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 500, "headers": headers})
        await send({"type": "http.response.body", "body": b"oops"})


class Team:
    """Who has the job: a folder with a document of the sandbox's, and the sandbox."""

    def __init__(self, sandbox: Sandbox, breaking: Breaking) -> None:
        self.breaking = breaking
        self.options = ["--base-url", sandbox.base_url, "--fallback-url", sandbox.fallback_url]
        self.options += [f"--var={name}={value}" for name, value in sandbox.variables.items()]
        self.options += [f"--operation={name}" for name in OPERATIONS]
        self.options += ["--no-fuzz", "--quiet", "--history", "nights.sqlite"]

    def night(self, *more: str) -> int:
        """The job's exit status."""
        formats = "md,json,html,junit,github,comment"
        return command(["swagger", *self.options, "--format", formats, *more])


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    monkeypatch.chdir(tmp_path)
    DOCUMENT.parent.mkdir(parents=True)
    shutil.copy(ROOT / DOCUMENT, DOCUMENT)
    broken: list[Breaking] = []
    build = serving.build_app

    def built(*arguments: Any) -> Breaking:
        broken.append(Breaking(build(*arguments)))
        return broken[0]

    monkeypatch.setattr(serving, "build_app", built)
    with Sandbox() as sandbox:
        for name, value in sandbox.tokens.items():
            monkeypatch.setenv(f"DRIFTCHECK_TOKEN_{name.upper()}", value)
        yield Team(sandbox, broken[0])


def report(folder: Path | str = REPORTS) -> dict[str, Any]:
    """The report of the last night."""
    found: dict[str, Any] = json.loads(Path(folder, "report.json").read_text())
    return found


def standings(found: dict[str, Any]) -> dict[str, str]:
    """How each finding stands, by rule."""
    return {f["rule"]: f.get("baseline", "") for f in found["findings"]}


def told(found: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
    """What has to be the same however the work was divided: findings, and what was looked at."""
    status = {f"{o['method']} {o['path']}": o["status"] for o in found["operations"]}
    return sorted(f["fingerprint"] for f in found["findings"]), status


def changed(found: dict[str, Any]) -> tuple[int, int]:
    """What the history says of the last night: how much appeared, how much vanished."""
    return len(found["history"]["appeared"]), len(found["history"]["vanished"])


def outcomes(tag: str) -> int:
    """How many cases of JUnit's ended so."""
    return len(ElementTree.parse(REPORTS / "report.junit.xml").getroot().findall(f".//{tag}"))


def without_name_required() -> None:
    """Somebody edits the document: a tag's name is said to be optional."""
    content = json.loads(DOCUMENT.read_text())
    del content["components"]["schemas"]["CreateTag"]["required"]
    DOCUMENT.write_text(json.dumps(content, indent=2))


def test_four_nights_and_three_shards(team: Team) -> None:
    # The first: what is planted is found, and accepted for now.
    assert team.night() == 1
    first = report()
    truth = json.loads((ROOT / "tests/sandbox/truth.json").read_text())
    planted = [entry for entry in truth if entry["operation"] in OPERATIONS]
    assert compare(first, planted).exact, str(compare(first, planted))
    assert command(["baseline", "reports/report.json", "--reason", "ticket 7"]) == 0

    # The same night in three shards is the same night.
    shards = [f"shard-{number}" for number in (1, 2, 3)]
    for number, out in enumerate(shards, 1):
        team.night("--shard", f"{number}/3", "--out", out, "--history", "off")
        assert len(report(out)["operations"]) == 1
    assert command(["report", *(f"{out}/report.json" for out in shards), "--out", "whole"]) == 0
    assert told(report("whole")) == told(first)

    # The second: a new drift fails the job, comes first, and is a warning at its line.
    known = ("--baseline", "driftcheck-baseline.json")
    without_name_required()
    assert team.night(*known) == 1
    second = report()
    assert second["findings"][0]["rule"] == "required-undocumented"
    assert [f["baseline"] for f in second["findings"]] == ["new"] + ["known"] * len(planted)
    assert changed(second) == (1, 0)
    assert "1 new finding" in (REPORTS / "report.comment.md").read_text()
    assert set(levels()[1:]) == {"notice"} and levels()[0] == "warning"
    assert (outcomes("failure"), outcomes("skipped")) == (1, 3)

    # The third: it is mended from the report, with all else that a patch can mend.
    assert command(["fix", "reports/report.json", "--write"]) == 0
    assert team.night(*known) == 0
    third = report()
    assert set(standings(third).values()) <= {"known"}
    fixed = {entry["rule"] for entry in third["baseline"]["fixed"]}
    assert "status-undocumented" in fixed and changed(third)[1] > len(fixed)
    assert "Fixed since the baseline" in (REPORTS / "report.md").read_text()

    # The fourth: the server breaks down half-way. That is no answer, and mends nothing.
    team.breaking.left = 25
    assert team.night(*known, "--max-retry-wait", "0.05") == 3
    fourth = report()
    assert fourth["run"]["status"] in ("partial", "failed")
    assert fourth["baseline"]["fixed"] == [] and changed(fourth) == (0, 0)
    assert "API drift: no answer" in (REPORTS / "report.comment.md").read_text()
    assert "::error title=driftcheck::" in (REPORTS / "report.github.txt").read_text()
    counts = [sum(run[s] for s in SEVERITIES) for run in fourth["history"]["runs"]]
    assert len(counts) == 4 and counts[1] == counts[0] + 1 > counts[2]
