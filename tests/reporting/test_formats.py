"""Every format renders hostile texts, and nothing of them gets through."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
from markdown_it import MarkdownIt
from report_samples import NASTY, make_evidence, make_finding, make_result

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.finding import Severity
from checker.domain.observation import OperationOutcome
from checker.domain.operation import OperationId
from checker.domain.run import BaselineResult, KnownFinding, TargetInfo, TokenShape
from checker.ranking import group, merge_same, rank
from checker.reporting import comment, github, html, json_report, junit, markdown, sarif, terminal
from checker.reporting.curl import curl_command
from checker.reporting.formats import FORMATS, render
from checker.reporting.merge import merge_runs

SHARED = Path(os.environ.get("DRIFTCHECK_SHARED") or Path(__file__).parents[2].parent / "shared")


@pytest.fixture
def schema() -> dict[str, object]:
    path = SHARED / "design" / "report.schema.json"
    if not path.is_file():
        pytest.skip("report.schema.json isn't here: set DRIFTCHECK_SHARED")
    content: dict[str, object] = json.loads(path.read_text())
    return content


@pytest.mark.parametrize("name", FORMATS)
def test_no_secret_or_control_character_in_any_format(name: str) -> None:
    text = render(name, make_result())
    assert "hunter2" not in text
    assert "abc123" not in text
    assert "user:pass" not in text
    assert "\x1b" not in text


@pytest.mark.parametrize("name", FORMATS)
def test_empty_runs_render(name: str) -> None:
    text = render(name, make_result(findings=(), operations=(), notes=(), cleanup=()))
    assert text.endswith("\n")


@pytest.mark.parametrize("name", FORMATS)
def test_a_lone_surrogate_can_be_written(name: str) -> None:
    finding = make_finding(issue="bad \udc80 text")
    render(name, make_result(findings=(finding,))).encode("utf-8")


def test_json_is_valid_and_comes_back(schema: dict[str, object]) -> None:
    result = make_result(
        error="It broke.",
        baseline=BaselineResult("b", ("x",), ("y",), (KnownFinding("z", "r", "GET /x"),)),
    )
    text = json_report.render(result)
    jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    ).validate(json.loads(text))
    assert json_report.render(json_report.load(text, "r.json")) == text


def test_json_has_evidence_without_secrets() -> None:
    report = json_report.report_json(make_result())
    probe = next(
        e for f in report["findings"] for e in f["evidence"] if e["request"]["path"] == "/things"
    )
    assert probe["request"]["body"] == {"name": "n", "password": "[redacted]"}
    assert probe["response"]["status"] == 422
    assert probe["response"]["headers"] == {"content-type": "application/json"}
    assert '"$DRIFTCHECK_TOKEN_STAFF"' in probe["curl"]


def test_json_survives_values_that_json_has_not() -> None:
    deep: object = 1
    for _ in range(500):
        deep = [deep]
    body = {"nan": float("nan"), "deep": deep, "long": "x" * 10_000}
    evidence = make_evidence(exchange=Exchange(Request("GET", "/"), Response(200, {}, body)))
    text = json_report.render(make_result(findings=(make_finding(evidence=(evidence,)),)))
    assert len(text) < 20_000
    json.loads(text, parse_constant=lambda name: pytest.fail(name))


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"schema_version": 1}', '{"schema_version": 2, "run": {}}', "[" * 9999],
)
def test_other_files_are_refused(text: str) -> None:
    from checker.errors import UsageError

    with pytest.raises(UsageError, match=r"r\.json"):
        json_report.load(text, "r.json")


@pytest.mark.parametrize("name", ["md", "comment"])
def test_markdown_tables_keep_four_columns_and_no_html(name: str) -> None:
    text = render(name, make_result()).removeprefix(comment.MARK)
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    columns = 0
    rows = []
    for token in tokens:
        if token.type == "tr_open":
            columns = 0
        elif token.type in ("th_open", "td_open"):
            columns += 1
        elif token.type == "tr_close":
            rows.append(columns)
        assert token.type != "html_block", token.content
        for child in token.children or ():
            assert child.type not in ("html_inline", "image"), token.content
            if child.type == "link_open":
                assert re.fullmatch(r"evidence/[0-9a-f]{16}\.md", str(child.attrs["href"]))
    assert rows and set(rows) <= {3, 4}


def test_markdown_orders_operations_by_their_worst_finding() -> None:
    headings = re.findall(r"^## (.*)$", markdown.render(make_result()), re.M)
    assert headings[:2] == ["All findings", "POST /messages"]
    assert headings.index("POST /things") < headings.index("GET /things")
    assert headings[-3:] == ["Operations not probed", "Left on the server", "Notes"]


def test_markdown_rows_say_what_the_finding_says() -> None:
    text = markdown.render(make_result())
    assert "| Field | Issue | Suggested Fix | Severity |" in text
    assert (
        "| `kind` | `kind` is documented as optional; the server rejects the request without it. "
        "| Add `kind` to `required`. | major |"
    ) in text
    assert "Also: `GET /things/{id}`." in text


@pytest.mark.parametrize("value", ["`", "``", "a`b", "`a", "a``b`c", "\\`x`", "|", "a\\|b", NASTY])
def test_markdown_words_come_out_as_they_went_in(value: str) -> None:
    """What a reader sees is the value, whatever it holds."""
    tokens = (
        MarkdownIt("commonmark")
        .enable("table")
        .parse(f"| a |\n|---|\n| {markdown.code(value)} |\n")
    )
    cell = [t for t in tokens if t.type == "inline"][1]
    seen = "".join(child.content for child in cell.children or ())
    assert seen == " ".join(value.replace("\x1b", "\N{REPLACEMENT CHARACTER}").split())


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_html_is_one_page_and_escapes() -> None:
    text = html.render(make_result())
    parser = Tags()
    parser.feed(text)
    assert not {"img", "link", "iframe", "object"} & set(parser.seen)
    # The findings, their evidence, and the page's own script; in a browser: test_html_page.py.
    assert parser.seen.count("script") == 3
    assert "<script>alert(1)</script>" not in text and "\\u003cscript>alert(1)" in parser.text
    assert "src=" not in text.replace("default-src", "").replace("style-src", "")


@pytest.mark.parametrize("width", [60, 80, 200])
def test_terminal_lines_are_not_wider_than_asked(width: int) -> None:
    text = terminal.render(make_result(), width)
    assert max(map(len, text.splitlines())) <= width
    assert "5 findings" not in text and "4 findings" in text
    assert "critical" in text and "create session" in text


def test_terminal_colours_only_where_asked() -> None:
    assert "\x1b[" in terminal.render(make_result(findings=(make_finding(),)), 80, True)


def test_terminal_stays_short_with_many_findings() -> None:
    findings = tuple(make_finding(operation=f"GET /p{n}") for n in range(500))
    text = terminal.render(make_result(findings=findings))
    assert "and 440 more in the report" in text


def test_junit_counts() -> None:
    root = ElementTree.fromstring(junit.render(make_result()))
    assert root.get("failures") == "4"
    assert sum(int(suite.get("skipped", "")) for suite in root) == 2
    assert len(root.findall(".//failure")) == 4
    assert ElementTree.fromstring(junit.render(make_result(error="x"))).get("errors") == "1"


def test_sarif_has_rules_places_and_fingerprints() -> None:
    log = json.loads(sarif.render(make_result()))
    (run,) = log["runs"]
    assert len(run["results"]) == 4
    first = run["results"][0]
    assert first["level"] == "error"
    assert first["partialFingerprints"]["driftcheck/v1"]
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {
        "uri": "nasty%20dir/a%2Cb%3Ac.json",
        "uriBaseId": "%SRCROOT%",
    }
    assert place["region"] == {"startLine": 3, "startColumn": 1}
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert all(ids[r["ruleIndex"]] == r["ruleId"] for r in run["results"])


def test_github_lines_hold_one_command_each() -> None:
    lines = github.render(make_result()).splitlines()
    assert len(lines) == 5
    for line in lines:
        assert re.match(r"^::(error|warning|notice) [^:]*::", line), line
    assert "file=nasty dir/a%2Cb%3Ac.json,line=3" in lines[0]


def test_curl_runs_in_a_shell_as_it_is() -> None:
    """The shell gives curl exactly the values that were sent."""
    request = Request(
        "POST",
        "/a%20b",
        query=(("q", "$(touch x) '&"),),
        headers=(("X-A", "it's $HOME `id`"),),
        content=b'{"a": "$(id) \'x\'"}',
        media_type="application/json",
        token="key",
    )
    target = TargetInfo("t", "https://h/b", "", {"key": TokenShape(header="x-api-key")})
    command = curl_command(request, target)
    script = f"curl() {{ printf '%s\\0' \"$@\"; }}; {command}"
    done = subprocess.run(
        ["sh", "-c", script],
        capture_output=True,
        check=True,
        env={"DRIFTCHECK_TOKEN_KEY": "s3cret", "PATH": os.environ["PATH"]},
    )
    words = done.stdout.decode().split("\0")[:-1]
    assert words == [
        "-sS",
        "-X",
        "POST",
        "https://h/b/a%20b?q=%24%28touch+x%29+%27%26",
        "-H",
        "X-A: it's $HOME `id`",
        "-H",
        "Content-Type: application/json",
        "-H",
        "x-api-key: s3cret",
        "--data-raw",
        '{"a": "$(id) \'x\'"}',
    ]


def test_shards_become_one_report() -> None:
    one = make_result()
    shared = next(f for f in one.findings if len(f.also_operations) == 2)
    left = one.with_(findings=(shared.with_(also_operations=(), operation="GET /things"),))
    right = one.with_(
        findings=(shared.with_(also_operations=(), operation="GET /things/{id}"),),
        status="partial",
        error="Budget.",
    )
    merged = merge_runs([left, right])
    findings = rank(merge_same(merged.findings))
    assert [f.also_operations for f in findings] == [("GET /things", "GET /things/{id}")]
    assert findings[0].fingerprint == shared.fingerprint
    assert merged.requests_sent == 82
    assert merged.status == "partial" and merged.error == "Budget."
    assert len(merged.operations) == len(one.operations)


def test_shards_that_make_no_whole_run_are_told() -> None:
    outcomes = make_result().operations
    shards = [
        make_result(operations=(o, o), findings=(), shard=(n, 3))
        for n, o in enumerate(outcomes[:3], 1)
    ]
    back = [json_report.load(render("json", s), "x") for s in shards]
    assert [r.shard for r in back] == [(1, 3), (2, 3), (3, 3)]
    merged = merge_runs(back)
    assert (merged.error, merged.exit_status, merged.shard) == ("", 0, (1, 1))
    merged = merge_runs(back[:2])
    assert "missing: 3/3" in merged.error and (merged.status, merged.exit_status) == ("partial", 3)
    merged = merge_runs([*back[:2], back[2].with_(operations=outcomes[1:3])])
    assert "divided differently" in merged.error and merged.exit_status == 3
    # An operation of another API may have the same name.
    both = [
        back[n].with_(operations=tuple(replace(o, target="ab"[n]) for o in outcomes))
        for n in (0, 1)
    ]
    assert "divided differently" not in merge_runs(both).error
    assert len(merge_runs(both).operations) == 2 * len(outcomes)
    # Two runs of one shard (one of them resumed) are that shard.
    assert merge_runs([back[0], back[0]]).shard == (1, 3)


def test_counts_of_grouped_findings() -> None:
    findings = group([make_finding(), make_finding(rule="x", severity=Severity.CRITICAL)])
    assert "2 findings (1 critical, 1 major)" in markdown.render(make_result(findings=findings))


@pytest.mark.parametrize("name", ["md", "html"])
def test_pages_tell_the_coverage_and_why_it_is_too_little(name: str) -> None:
    text = render(name, make_result(status="partial", shortfall="Only 1 of 9 were examined."))
    assert "Only 1 of 9 were examined." in text
    assert "Coverage: 3 of 6 operations examined; 1 partly, 1 not, 1 skipped." in text


def test_the_first_line_says_why_a_run_is_no_answer() -> None:
    def first(**changes: object) -> str:
        return terminal.render(make_result(**changes)).splitlines()[0]

    assert first(shortfall="Too little.", status="partial") == "Incomplete: Too little."
    assert first(error="Gone.", exit_status=3, status="failed") == "Incomplete: Gone."
    assert not first(error="A note.", status="partial").startswith("Incomplete")


@pytest.mark.parametrize("name", ["md", "html"])
def test_equal_reasons_stand_together_with_what_would_help(name: str) -> None:
    left = [
        OperationOutcome(OperationId("GET", f"/{n}"), "no-witness", "refused", 1, "A token.", True)
        for n in "ba"
    ]
    text = render(name, make_result(operations=tuple(left), findings=()))
    assert text.count("refused. A token.") == 1
    assert text.index("GET /a") < text.index("GET /b")
    said = " ".join(terminal.render(make_result(operations=tuple(left))).split())
    assert "no-witness: GET /a, GET /b refused. A token." in said


def test_json_keeps_coverage_help_and_shortfall(schema: dict[str, object]) -> None:
    left = OperationOutcome(OperationId("GET", "/a"), "no-witness", "429", 1, "Later.", True)
    result = make_result(operations=(left,), shortfall="Too little.", status="partial")
    text = json_report.render(result)
    content = json.loads(text)
    jsonschema.validate(content, schema)
    assert content["run"]["coverage"]["operations"] == {
        "selected": 1,
        "examined": 0,
        "partly": 0,
        "not": 1,
        "skipped": 0,
    }
    again = json_report.load(text, "report.json")
    assert again.operations == (left,) and again.shortfall == "Too little."


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_told_where_formats_are_chosen(name: str) -> None:
    root = Path(__file__).parents[2]
    assert f"\n| `{name}` |" in (root / "docs/reports.md").read_text()
    for help_of in ("options", "reports"):
        said = (root / f"checker/cli/{help_of}.py").read_text()
        assert re.search(rf'"[a-z,]*\b{name}\b[a-z,]*\.', said), help_of
