"""The pages in a browser: what somebody does in the morning, from the trend to the baseline."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from browser import Page
from browser import browser as opened
from conftest import SECRET, Browser
from report_samples import NASTY, make_finding, make_result

from checker.domain.finding import Severity
from checker.history.remembering import past_run
from checker.history.store import Store
from checker.ranking import group, rank
from checker.reporting.json_report import render
from checker.settings import Settings

ROWS = "[...document.querySelectorAll('tbody tr')].map(row => row.cells[0].textContent)"
FIRST = "document.querySelector('h1').textContent"


def remembered(browser: Browser, out: Path) -> list[str]:
    """Two runs in the history, the last one's report; the fingerprints, the worst first."""
    findings = rank(
        group(
            make_finding(severity=severity, operation=f"GET /{severity.label}", issue=issue)
            for severity, issue in (
                (Severity.CRITICAL, f"{NASTY} {SECRET}"),
                (Severity.MAJOR, "something"),
                (Severity.MINOR, "not much"),
            )
        )
    )
    store = Store(browser.desktop.setting.history)
    for night, count in enumerate((2, 3)):
        at = make_result().started_at + timedelta(days=night)
        result = make_result(findings=findings[:count], started_at=at, finished_at=at)
        store.add(past_run(result, store.runs(), Settings(), {}, str))
    (out / "report.json").write_text(render(result))
    return [f.fingerprint for f in findings]


def chosen(page: Page, name: str, value: str) -> None:
    """The list with a value picked in a filter."""
    page.run(f"document.querySelector('select[name={name}]').value = {value!r}")
    page.leave(lambda: page.click("form button"))


def test_a_morning_with_the_pages(browser: Browser, out: Path, tmp_path: Path) -> None:
    critical, major, minor = remembered(browser, out)
    with opened(tmp_path / "profile") as page:
        # The trend, then what is open.
        page.visit(browser.address)
        assert page.run("document.querySelectorAll('svg rect').length") >= 5
        assert page.run(ROWS)[0] > page.run(ROWS)[1], "the newest first"
        page.leave(lambda: page.click("nav a[href*='state=open']"))
        assert page.run(ROWS) == ["critical", "major", "minor"]

        # Filters, which have an address to send to somebody.
        chosen(page, "severity", "major")
        assert page.run(ROWS) == ["major"]
        assert "severity=major" in page.run("location.search")
        page.leave(lambda: page.click("tbody a"))
        assert page.run("location.pathname").endswith(f"/finding/{major}")

        # A permalink shows what a server said as text, and a click takes the whole patch.
        page.visit(f"{browser.address}finding/{critical}")
        body = page.run("document.body.innerHTML")
        assert "&lt;script&gt;" in body and "<script" not in body and SECRET not in body
        page.run("document.querySelector('pre.whole').scrollIntoView()")
        at = page.run(
            "(({x, y}) => [x + 30, y + 20])"
            "(document.querySelector('pre.whole').getBoundingClientRect())"
        )
        for kind in ("mousePressed", "mouseReleased"):
            page.call(
                "Input.dispatchMouseEvent", type=kind, x=at[0], y=at[1], button="left", clickCount=1
            )
        patch = json.loads(page.run("getSelection().toString()"))
        assert patch == [dict(step) for step in make_finding().patch]

        # Accepted only with a reason; the list has it at its end then.
        page.click("form[action$=accept] button")
        assert page.run("document.querySelector('form[action$=accept] input:invalid') !== null")
        assert not Path("known.json").exists()
        page.run("document.querySelector('[name=reason]').value = 'ticket 7: it is meant so'")
        page.leave(lambda: page.click("form[action$=accept] button"))
        (entry,) = json.loads(Path("known.json").read_text())["findings"]
        assert (entry["fingerprint"], entry["reason"]) == (critical, "ticket 7: it is meant so")
        page.visit(f"{browser.address}findings")
        assert page.run(ROWS) == ["major", "minor", "critical"]

        # The queue: the next open one, until all are through.
        page.leave(lambda: page.click("nav a[href$='/next']"))
        assert page.run("location.pathname").endswith(major)
        page.leave(lambda: page.click("button[value=done]"))
        assert page.run("location.pathname").endswith(minor)
        page.leave(lambda: page.click("button[value=skip]"))
        assert "finding" in page.run(FIRST)
        assert page.problems == []
