"""Full disks, unwritable folders, errors of the checker itself: nothing that is known is lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import reduce
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from checker_process import Place, ended
from keeping_shop import TOKEN

from checker.cli import run as command

ONE = ("--operation", "* /items")


def in_process(
    place: Place, monkeypatch: pytest.MonkeyPatch, *more: str
) -> Callable[[], tuple[int, dict[str, Any]]]:
    monkeypatch.chdir(place.folder)
    monkeypatch.setenv("DRIFTCHECK_TOKEN_STAFF", TOKEN)

    def go() -> tuple[int, dict[str, Any]]:
        status = command(["shop.json", *place.options, *more])
        return status, json.loads(Path("reports/report.json").read_text())

    return go


def test_a_journal_that_fills_the_disk_ends_in_a_note(place: Place) -> None:
    status, _, _ = ended(place.check(*ONE, limit=20_000))
    assert status == 1 and place.shop.left == 0
    (note,) = [n for n in place.report()["run"]["notes"] if n.startswith("The journal")]
    assert "could not be written on: File too large; the run goes on without it" in note
    status, _, err = place.run("report", "--from-journal", "reports", "--out", "again")
    assert status == 0 and "ended without a word" in err
    (note,) = [n for n in place.report("again")["run"]["notes"] if "could not be read" in n]
    assert "cut short" in note


def test_reports_that_do_not_fit_on_the_disk(place: Place) -> None:
    status, _, err = ended(place.check(*ONE, limit=1_000))
    said = [line for line in err.splitlines() if line.startswith("driftcheck: ")]
    assert status == 2 and len(said) == 1
    assert "can't be written (File too large)" in said[0]
    names = {p.name for p in (place.folder / "reports").iterdir()}
    assert names == {".journal"} and place.shop.left == 0


def test_a_folder_that_takes_no_journal_ends_in_a_note(place: Place) -> None:
    folder = place.folder / "reports"
    folder.mkdir()
    (folder / ".journal").write_text("")
    status, _, _ = place.whole(*ONE)
    assert status == 1
    assert any("the run goes on without it" in n for n in place.report()["run"]["notes"])


def test_links_in_the_output_folder_are_not_followed(place: Place) -> None:
    folder, elsewhere = place.folder / "reports", place.folder / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    for name in ("report.md", "journal"):
        (elsewhere / name).write_text("precious")
    (folder / "report.md").symlink_to(elsewhere / "report.md")
    (folder / "report.json").symlink_to(elsewhere / "made")
    (folder / ".journal").mkdir()
    (folder / ".journal" / "default.jsonl").symlink_to(elsewhere / "journal")
    status, _, _ = place.whole(*ONE)
    assert status == 1
    assert {p.name: p.read_text() for p in elsewhere.iterdir()} == {
        "report.md": "precious",
        "journal": "precious",
    }
    assert not [p for p in (*folder.iterdir(), *(folder / ".journal").iterdir()) if p.is_symlink()]
    assert place.report()["run"]["status"] == "complete"


def test_a_journal_folder_that_is_a_link_is_not_followed(place: Place) -> None:
    folder, elsewhere = place.folder / "reports", place.folder / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    (folder / ".journal").symlink_to(elsewhere)
    status, _, _ = place.whole(*ONE)
    assert status == 1 and not list(elsewhere.iterdir())
    assert any("is a link" in n for n in place.report()["run"]["notes"])


def boom(*_: Any, **__: Any) -> Any:
    raise ValueError("boom")


async def boom_later(*_: Any, **__: Any) -> Any:
    raise ValueError("boom")


@pytest.mark.parametrize(
    ("where", "broken"),
    [
        ("checker.pipeline.live:missing.look", boom_later),
        ("checker.search.solver:Solver.find", boom_later),
        ("checker.probing.webhook:WebhookListener.__aenter__", boom_later),
        ("checker.pipeline.fuzzing:PortalFuzzer.fuzz", boom_later),
        ("checker.pipeline.removing.cleanup:CleanUp.finish", boom_later),
        ("checker.safety.ownership:Ledger.note_seen", boom),
        ("checker.pipeline.bookkeeping:useless", boom),
        ("checker.pipeline.conclusions:select_findings", boom),
        ("checker.drift.rules.required_undocumented:RequiredUndocumented.check", boom),
    ],
)
def test_an_error_anywhere_leaves_a_report(
    place: Place,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    where: str,
    broken: Any,
) -> None:
    module, _, name = where.partition(":")
    *owners, name = name.split(".")
    monkeypatch.setattr(reduce(getattr, owners, import_module(module)), name, broken)
    more = ("--fuzz",) if "Fuzzer" in where else ()
    if "missing" in where:
        place.shop.before = lambda line: 404 if line.startswith("GET /items") else None
    status, report = in_process(place, monkeypatch, *ONE, *more)()
    said = capsys.readouterr()
    assert status == 3
    assert report["run"]["status"] in ("partial", "failed")
    assert "internal error" in report["run"]["error"] and "boom" in report["run"]["error"]
    assert "Traceback" not in said.err + said.out
    assert {o["path"] for o in report["operations"]} == {"/items"}


def test_an_error_in_the_journal_ends_in_a_note(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("checker.pipeline.written.recorder.exchange_json", boom)
    status, report = in_process(place, monkeypatch, *ONE)()
    assert status == 1 and place.shop.left == 0
    assert any("internal error (ValueError: boom)" in n for n in report["run"]["notes"])


def test_an_error_in_one_format_costs_only_that_format(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("checker.reporting.sarif.render", boom)
    status, report = in_process(place, monkeypatch, *ONE, "--format", "sarif,json,junit")()
    assert status == 3 and report["findings"]
    assert Path("reports/report.junit.xml").exists()
    assert "format sarif could not be made: internal error: ValueError: boom" in (
        capsys.readouterr().err
    )


def test_an_error_in_one_target_costs_only_that_target(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place.folder / "empty.md").write_text("---\nstatus: verified\n---\n# Nothing\n")
    (place.folder / "driftcheck.toml").write_text(
        "".join(
            f'[targets.{name}]\nbase_url = "{place.shop.url}"\n{more}'
            f"[targets.{name}.tokens.staff]\n"
            for name, more in (("one", ""), ("two", 'setup = "empty.md"\n'))
        )
    )
    place.options = ["--no-fuzz"]
    status, report = in_process(place, monkeypatch, *ONE)()
    assert status == 3 and "can't be run" in report["run"]["error"]
    assert [f["target"] for f in report["findings"]] == ["one"]
