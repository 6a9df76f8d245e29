"""report.md and what lies beside it: sizes, links, evidence; the comment for a pull request."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from report_samples import make_finding, make_result

from checker.cli.report_files import write_reports
from checker.domain.finding import Finding, FindingField
from checker.domain.run import BaselineResult, KnownFinding, RunResult
from checker.ranking import group, rank
from checker.reporting import comment, markdown
from checker.reporting.evidence_pages import page_name, pages
from checker.settings import Settings


def many(number: int) -> tuple[Finding, ...]:
    """As wordy as findings are, one or two an operation."""
    issue = "`kind` is documented as optional; the server rejects the request without it. " * 2
    return rank(
        group(
            make_finding(
                operation=f"POST /things/{n // 2}",
                field=FindingField("body", f"field_{n}"),
                issue=issue,
            )
            for n in range(number)
        )
    )


def against(known: int, findings: tuple[Finding, ...], **changes: object) -> RunResult:
    """A run of which the last `known` findings are accepted and one other has gone."""
    names = [f.fingerprint for f in findings]
    gone = KnownFinding("9" * 16, "enum-undocumented", "GET /gone", "state", "It was so.")
    cut = len(names) - known
    baseline = BaselineResult("b", tuple(names[:cut]), tuple(names[cut:]), (gone,))
    return make_result(findings=findings, baseline=baseline, **changes)


def test_the_page_of_fifty_findings_is_shown_by_a_code_host() -> None:
    assert len(markdown.render(make_result(findings=many(50))).encode()) < 65_000


def test_no_page_and_no_comment_outgrows_its_host() -> None:
    result = make_result(findings=many(5_000))
    page = markdown.render(result)
    assert len(page.encode()) < 1_048_576
    assert re.search(r"\d+ more findings are in the JSON report", page)
    assert re.search(r"\d+ more operations with findings are in the JSON report", page)
    said = comment.render(result)
    assert len(said) < 65_536 and re.search(r"\d+ more findings are in the report", said)


def test_every_link_of_the_page_leads_to_a_page(tmp_path: Path) -> None:
    write_reports(make_result(), Settings(out=str(tmp_path), formats=("md",)))
    page = (tmp_path / "report.md").read_text()
    links = set(re.findall(r"\]\((.*?)\)", page)) - {"javascript:1"}
    assert links == {page_name(f) for f in make_result().findings}
    for link in links:
        text = (tmp_path / link).read_text()
        assert (tmp_path / "evidence" / "../report.md").is_file() and "../report.md" in text


def test_evidence_of_what_is_gone_goes_and_other_files_stay(tmp_path: Path) -> None:
    settings = Settings(out=str(tmp_path), formats=("md",))
    write_reports(make_result(), settings)
    (tmp_path / "evidence" / "mine.md").write_text("mine")
    write_reports(make_result(findings=()), settings)
    assert [p.name for p in (tmp_path / "evidence").iterdir()] == ["mine.md"]


def test_a_printed_page_leads_nowhere() -> None:
    assert "](evidence" not in markdown.render(make_result(), alone=True)


@pytest.mark.parametrize("name", ["../../x", "/etc/x", "", "a" * 300])
def test_a_fingerprint_from_a_report_is_no_path(name: str) -> None:
    found = page_name(make_finding(fingerprint=name))
    assert re.fullmatch(r"evidence/[0-9a-f]{16}\.md", found)


def test_a_page_says_what_was_sent_what_came_back_and_the_patch() -> None:
    (text,) = (t for n, t in pages(make_result(findings=group([make_finding()]))))
    assert "> POST /things?page=1+2" in text and "\n< 422\n" in text
    assert "curl -sS -X POST" in text and '"path": "/paths/~1things/post/x"' in text


def test_new_findings_are_marked_and_come_first() -> None:
    findings = many(4)
    page = markdown.render(against(3, findings))
    rows = [line for line in page.splitlines() if line.startswith("| `POST")]
    assert [row.rstrip("| ").rpartition("major ")[2] for row in rows] == ["(new)", *["(known)"] * 3]


def test_a_comment_tells_what_is_new_and_what_is_fixed() -> None:
    findings = many(4)
    said = comment.render(against(3, findings))
    assert said.startswith("<!-- driftcheck -->")
    assert "### API drift: 1 new finding\n" in said
    assert findings[0].field.name in said and findings[3].field.name not in said
    assert "Fixed since the baseline" in said and "`GET /gone` state" in said
    assert "no new findings" in comment.render(against(4, findings))
    failed = {"status": "failed", "error": "Gone.", "exit_status": 3}
    assert "no answer" in comment.render(against(4, findings, **failed))
