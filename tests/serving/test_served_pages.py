"""Runs, findings and the fix queue, as the pages show and change them."""

from __future__ import annotations

import csv
import io
import json
import time
from datetime import timedelta
from pathlib import Path

from conftest import SECRET, Browser
from patience import PATIENCE_S
from report_samples import NASTY, make_finding, make_result

from checker.history.remembering import past_run
from checker.history.store import Store
from checker.ranking import group, rank
from checker.reporting.json_report import render
from checker.serving.desk import Desk
from checker.settings import Settings


def names(browser: Browser) -> list[str]:
    return [e.finding.fingerprint for e in Desk(browser.desktop.setting).queue]


def state(browser: Browser, name: str) -> str:
    entry = Desk(browser.desktop.setting).entry(name)
    assert entry is not None
    return f"{entry.state}{' again' if entry.again else ''}"


def write(out: Path, *issues: str, days: int = 0, at: str = "") -> None:
    result = make_result()
    findings = [make_finding(issue=text, identity=str(n)) for n, text in enumerate(issues)]
    step = timedelta(days=days)
    path = out / at / "report.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        render(
            result.with_(
                findings=rank(group(findings)),
                started_at=result.started_at + step,
                finished_at=result.finished_at + step,
            )
        )
    )


def test_what_servers_said_is_inert_and_secrets_are_masked(browser: Browser, out: Path) -> None:
    write(out, NASTY, f"it said {SECRET}", '=HYPERLINK("http://evil.example")')
    pages = ["", "findings", "findings.csv", *(f"finding/{n}" for n in names(browser))]
    texts = [browser.get(page).text for page in pages]
    assert not any("<script" in text and ".csv" not in text for text in texts[:2] + texts[3:])
    assert not any(SECRET in text for text in texts)
    rows = list(csv.DictReader(io.StringIO(texts[2])))
    assert len(rows) == 3 and all(row["issue"][0] not in "=+-@" for row in rows)
    assert any(row["issue"].startswith("'=HYPERLINK") for row in rows)


def test_findings_are_narrowed(browser: Browser) -> None:
    every = browser.get("findings").text
    major = browser.get("findings?severity=major&state=open").text
    assert 0 < major.count("/finding/") < every.count("/finding/")
    assert browser.get("findings?rule=none").text.count("/finding/") == 0
    # Nothing is chosen beforehand, not even what is about no operation.
    assert " selected" not in browser.get("findings").text
    documents = browser.get("findings?operation=documents").text
    own = [f for f in make_result().findings if not f.operation]
    assert documents.count("/finding/") == len(own) and documents.count(" selected") == 1


def test_the_queue_is_worked_through(browser: Browser) -> None:
    first, second, *_ = names(browser)
    answer = browser.get("next")
    assert answer.status == 303 and answer.headers["location"].endswith(first)
    answer = browser.post(f"finding/{first}/decide", state="done")
    assert answer.headers["location"].endswith(f"/next?after={first}")
    assert browser.get(f"next?after={first}").headers["location"].endswith(second)
    browser.post(f"finding/{second}/decide", state="skip", reason="later")
    assert (state(browser, first), state(browser, second)) == ("done", "skip")
    browser.post(f"finding/{first}/decide", state="open")
    assert state(browser, first) == "open"
    for wrong in ("none/decide", f"{first}/decide"):
        assert browser.post(f"finding/{wrong}", state="nonsense").status == 404


def test_the_end_of_the_queue_is_no_circle(browser: Browser) -> None:
    for name in names(browser):
        browser.post(f"finding/{name}/decide", state="skip")
    assert browser.get("next").headers["location"].endswith("/findings")


def test_what_was_done_and_is_seen_again_is_open(browser: Browser, out: Path) -> None:
    write(out, "something")
    (name,) = names(browser)
    browser.post(f"finding/{name}/decide", state="done")
    write(out, "something", days=20_000)
    assert state(browser, name) == "open again"
    assert "seen again" in browser.get(f"finding/{name}").text


def test_what_is_tested_again_is_told_by_that_run(browser: Browser, out: Path) -> None:
    write(out, "one", "two")
    before = names(browser)
    write(out, "one", days=1, at=".retests/some")
    assert len(before) == 2 and len(names(browser)) == 1
    # An older one doesn't count.
    write(out, "one", "two", days=2)
    assert names(browser) == before


def test_a_finding_is_accepted_with_a_reason(browser: Browser, out: Path) -> None:
    name = names(browser)[0]
    assert browser.post(f"finding/{name}/accept", reason=" ").status == 400
    assert not Path("known.json").exists()
    answer = browser.post(f"finding/{name}/accept", reason="it is meant so")
    assert answer.status == 303, answer.text
    (entry,) = json.loads(Path("known.json").read_text())["findings"]
    assert (entry["fingerprint"], entry["reason"]) == (name, "it is meant so")
    assert state(browser, name) == "accepted"
    assert "--baseline" in browser.desktop.setting.check()
    # A baseline that can't be read is told, and nothing is written over it.
    Path("known.json").write_text("{")
    answer = browser.post(f"finding/{names(browser)[1]}/accept", reason="so")
    assert answer.status == 500 and "not JSON" in answer.text
    assert Path("known.json").read_text() == "{"


def test_runs_and_what_they_changed(browser: Browser, out: Path) -> None:
    store = Store(browser.desktop.setting.history)
    first = make_result()
    after = first.with_(
        findings=first.findings[1:], started_at=first.started_at + timedelta(days=1)
    )
    for result in (first, after):
        store.add(past_run(result, store.runs(), Settings(), {}, str))
    page = browser.get().text
    older, newer = store.runs()
    assert f"/runs/{older.id}" in page and f"/runs/{newer.id}" in page and "<svg" in page
    told = browser.get(f"runs/{newer.id}").text
    assert ("Vanished: 1" in told) == any(s.state == "gone" for s in newer.findings)
    assert browser.get("runs/none").status == browser.get("finding/none").status == 404


def test_a_run_is_started_and_its_lines_are_shown(browser: Browser, out: Path) -> None:
    """And while it goes on no other one is."""
    document = {"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": {}}
    Path("things.json").write_text(json.dumps(document))
    assert browser.post("start").status == 303
    assert browser.post("start").status == 409
    assert browser.desktop.live.wait(PATIENCE_S)
    page = browser.get().text
    assert "has ended with 0" in page and "Written:" in page
    assert len(Store(browser.desktop.setting.history).runs()) == 1


def test_a_damaged_report_is_told_in_a_sentence(browser: Browser, out: Path) -> None:
    (out / "report.json").write_text("{")
    answer = browser.get("findings")
    assert answer.status == 500 and "not JSON" in answer.text and "Traceback" not in answer.text


def test_a_run_is_stopped(browser: Browser) -> None:
    live = browser.desktop.live
    assert live.start("Something endless", ["sandbox"])
    deadline = time.monotonic() + PATIENCE_S
    while "http" not in " ".join(live.state.lines if live.state else ()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert browser.post("stop").status == 303
    assert live.wait(PATIENCE_S) and not live.running
