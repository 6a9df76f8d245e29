"""What CI systems read: the baseline respected, their schemas kept, paths from the root."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from report_samples import make_finding, make_result

from checker.cli.repository import placed
from checker.domain.location import Location
from checker.domain.run import BaselineResult, KnownFinding, RunResult
from checker.drift.registry import all_rules
from checker.reporting import github, gitlab, junit, sarif
from checker.reporting.places import in_repository

GONE = KnownFinding("9" * 16, "enum-undocumented", "GET /gone", "state", "It was so.")


def against_baseline() -> RunResult:
    """The worst finding is accepted, the next had been until a day, the others are new."""
    names = [f.fingerprint for f in make_result().findings]
    baseline = BaselineResult(
        "b", tuple(names[2:]), (names[0],), (GONE,), (), (names[1],), {names[0]: "ticket 7"}
    )
    return make_result(baseline=baseline)


def test_junit_skips_the_known_and_passes_the_fixed() -> None:
    root = ElementTree.fromstring(junit.render(against_baseline()))
    known, expired, *_ = [f.fingerprint for f in make_result().findings]
    cases = {
        name.rpartition("[")[2].rstrip("]"): [child.tag for child in case]
        for case in root.iter("testcase")
        for name in [case.get("name", "")]
    }
    assert cases[known] == ["skipped"] and cases[expired] == ["failure"]
    assert cases[GONE.fingerprint] == []
    assert root.get("failures") == "3"
    assert "known: ticket 7" in [s.get("message") for s in root.iter("skipped")]


# What consumers' schemas allow: attributes by element, the required ones first.
JUNIT = {
    "testsuites": ("", "name time tests failures errors"),
    "testsuite": ("name tests failures errors", "time skipped timestamp hostname id package"),
    "testcase": ("name classname", "time"),
    "failure": ("type", "message"),
    "error": ("type", "message"),
    "skipped": ("", "type message"),
}


@pytest.mark.parametrize("result", [make_result(error="x"), against_baseline()])
def test_junit_has_the_elements_and_attributes_of_its_schema(result: RunResult) -> None:
    for element in ElementTree.fromstring(junit.render(result)).iter():
        required, optional = (set(names.split()) for names in JUNIT[element.tag])
        assert required <= set(element.keys()) <= required | optional, element.tag
        if element.tag == "testsuite":
            numbers = [len(element.findall(f"testcase/{n}")) for n in ("failure", "skipped")]
            assert [str(n) for n in numbers] == [element.get("failures"), element.get("skipped")]
            assert str(len(element)) == element.get("tests")


def test_annotations_of_known_findings_are_notices_at_the_end() -> None:
    lines = github.render(against_baseline()).splitlines()
    assert lines[0].startswith("::warning ") and "(major%2C expired)" in lines[0]
    assert lines[-1].startswith("::notice ") and "(critical%2C known)" in lines[-1]
    assert "title=driftcheck::" in lines[-2]


# Of GitLab's description of the artifact; its own schema wants no less.
QUALITY = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^(?!\\./|/)."},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}


def test_code_quality_has_an_issue_for_each_finding() -> None:
    issues = json.loads(gitlab.render(against_baseline()))
    jsonschema.validate(issues, QUALITY)
    assert [i["severity"] for i in issues] == ["info", "major", "major", "minor"]
    assert len({i["fingerprint"] for i in issues}) == len(issues)
    nowhere = make_result(findings=(make_finding(source=None, fingerprint="f" * 16),))
    jsonschema.validate(json.loads(gitlab.render(nowhere)), QUALITY)


def sarif_run(result: RunResult) -> dict[str, Any]:
    """The log's one run; held against the standard's schema where that is at hand."""
    log = json.loads(sarif.render(result))
    schema = Path(os.environ.get("DRIFTCHECK_SCHEMAS", ""), "sarif-schema-2.1.0.json")
    if schema.is_file():
        jsonschema.validate(log, json.loads(schema.read_text()))
    run: dict[str, Any] = log["runs"][0]
    return run


def test_sarif_suppresses_what_is_known() -> None:
    known, expired, new, _ = sarif_run(against_baseline())["results"]
    assert known["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "ticket 7"}
    ]
    states = [r["baselineState"] for r in (known, expired, new)]
    assert states == ["unchanged", "unchanged", "new"]
    assert "suppressions" not in expired and "suppressions" not in new


def test_every_rule_has_help_in_sarif() -> None:
    findings = tuple(make_finding(rule=rule.id) for rule in all_rules())
    rules = sarif_run(make_result(findings=findings))["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted(rule.id for rule in all_rules())
    for rule in rules:
        assert "## What it does" in rule["help"]["markdown"], rule["id"]
        assert rule["shortDescription"]["text"] and "\n" not in rule["fullDescription"]["text"]
    stranger = make_result(findings=(make_finding(rule="gone-since"),))
    assert sarif_run(stranger)["tool"]["driver"]["rules"][0]["id"] == "gone-since"


@pytest.mark.parametrize(
    ("file", "folder", "expected"),
    [
        ("docs/a.json", "", "docs/a.json"),
        ("./docs/a.json", "api", "api/docs/a.json"),
        ("docs\\a.json", "api", "api/docs/a.json"),
        ("../shared/a.json", "api", "shared/a.json"),
        ("/repo/api/a.json", "", "api/a.json"),
        ("../a.json", "", None),
        ("/elsewhere/a.json", "", None),
        ("/repository/a.json", "", None),
        ("https://example.com/a.json", "", None),
        ("C:/a.json", "", None),
    ],
)
def test_paths_start_at_the_repositorys_root(file: str, folder: str, expected: str | None) -> None:
    assert in_repository(file, make_result(folder=folder, root="/repo")) == expected


def test_every_format_names_files_from_the_root() -> None:
    finding = make_finding(source=Location("../docs/a b.json", "/info", 3))
    result = make_result(findings=(finding,), folder="ci")
    assert "file=docs/a b.json," in github.render(result)
    assert json.loads(gitlab.render(result))[0]["location"]["path"] == "docs/a b.json"
    place = sarif_run(result)["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "docs/a%20b.json", "uriBaseId": "%SRCROOT%"}
    away = make_finding(source=Location("/else where/a.json", "/info", 3))
    run = sarif_run(make_result(findings=(away,)))
    artifact = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": "file:///else%20where/a.json"}


def test_the_root_is_where_the_repository_begins(tmp_path: Path) -> None:
    here = tmp_path / "services" / "shop"
    here.mkdir(parents=True)
    assert placed(make_result(), here, new=True).root == ""
    (tmp_path / ".git").mkdir()
    new = placed(make_result(), here, new=True)
    assert (new.root, new.folder) == (str(tmp_path.resolve()), "services/shop")
    # What was read says itself where it was made.
    assert placed(make_result(folder="services/mail"), here).folder == "services/mail"
    assert placed(make_result(), tmp_path, new=True).folder == ""


def test_reports_keep_the_folder_and_not_the_root() -> None:
    from checker.reporting import json_report

    text = json_report.render(make_result(folder="api", root="/home/somebody/repo"))
    assert "somebody" not in text
    assert json_report.load(text, "r.json").folder == "api"
    assert re.search(r'"folder": "api"', text)
