"""`check` and `diff` on documents, without a live API."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
from command_line import driftcheck

LEGACY = {
    "swagger": "2.0",
    "info": {"title": "Old", "version": "1"},
    "paths": {
        "/things": {"get": {"responses": {"200": {"description": "ok"}}}},
        "/gone": {"get": {"responses": {"200": {"description": "ok"}}}},
    },
}
CURRENT = {
    "openapi": "3.0.0",
    "info": {"title": "New", "version": "1"},
    "paths": {"/things": {"get": {"responses": {"200": {"description": "ok"}}}}},
}


@pytest.fixture
def portal(tmp_path: Path) -> Path:
    folder = tmp_path / "docs" / "shop" / "legacy"
    folder.mkdir(parents=True)
    (folder / "old.json").write_text(json.dumps(LEGACY, indent=2))
    (folder.parent / "new.json").write_text(json.dumps(CURRENT, indent=2))
    return tmp_path


def test_static_check_writes_both_reports(portal: Path) -> None:
    done = driftcheck("docs", "--static", cwd=portal)
    report = json.loads((portal / "reports" / "report.json").read_text())
    assert report["run"]["target"] == "none"
    assert report["run"]["requests_sent"] == 0
    assert [f["rule"] for f in report["findings"]] == ["operation-dropped"]
    assert "GET /gone" in (portal / "reports" / "report.md").read_text()
    assert "GET /gone" in done.stdout
    assert "documents" in done.stderr


def test_fail_on_decides_the_exit_status(portal: Path) -> None:
    driftcheck("docs", "--static", "--fail-on", "minor", cwd=portal, status=1)
    driftcheck("docs", "--static", "--fail-on", "never", cwd=portal)
    driftcheck("docs", "--static", cwd=portal, status=1, DRIFTCHECK_FAIL_ON="minor")
    (portal / "driftcheck.toml").write_text('[rules.operation-dropped]\nseverity = "critical"\n')
    driftcheck("docs", "--static", cwd=portal, status=1)
    driftcheck("docs", "--static", "--ignore", "operation-*", cwd=portal)
    driftcheck("docs", "--static", "--severity", "critical", cwd=portal, status=1)
    driftcheck(
        "docs", "--static", "--fail-on", "minor", "--severity", "major", cwd=portal, status=1
    )
    (portal / "driftcheck.toml").unlink()
    driftcheck("docs", "--static", "--fail-on", "minor", "--severity", "major", cwd=portal)


def test_a_baseline_lets_known_findings_pass(portal: Path) -> None:
    strict = ("docs", "--static", "--fail-on", "minor")
    driftcheck(*strict, cwd=portal, status=1)
    driftcheck("baseline", "reports/report.json", cwd=portal)
    done = driftcheck(*strict, "--baseline", "driftcheck-baseline.json", cwd=portal)
    assert "0 new, 1 known, 0 fixed" in done.stdout
    (portal / "docs" / "shop" / "legacy" / "old.json").write_text(
        json.dumps({**LEGACY, "paths": CURRENT["paths"]})
    )
    done = driftcheck(*strict, "--baseline", "driftcheck-baseline.json", cwd=portal)
    assert "1 fixed" in done.stdout
    assert "Fixed since the baseline" in (portal / "reports" / "report.md").read_text()


def test_paths_as_given_do_not_rename_findings(portal: Path) -> None:
    names = set()
    for path in ("docs", "./docs/", str(portal / "docs")):
        done = driftcheck(path, "--static", "--out", "-", cwd=portal)
        names.add(json.loads(done.stdout)["findings"][0]["fingerprint"])
    assert len(names) == 1


def test_stdout_has_the_machine_format_alone(portal: Path) -> None:
    done = driftcheck("docs", "--static", "--out", "-", "--format", "sarif", cwd=portal)
    assert json.loads(done.stdout)["version"] == "2.1.0"
    assert not (portal / "reports").exists()
    done = driftcheck("docs", "--static", "--out", "-", "--format", "github", cwd=portal)
    assert all(line.startswith("::") for line in done.stdout.splitlines())


def test_dry_run_sends_nothing(portal: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.setblocking(False)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        done = driftcheck("docs", "--dry-run", "--base-url", url, cwd=portal)
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert "GET /things" in done.stdout and "Nothing was sent" in done.stdout
    assert not (portal / "reports").exists()


def test_an_unreachable_host_is_one_sentence_and_status_three(portal: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    done = driftcheck("docs", "--base-url", url, cwd=portal, status=3)
    said = [line for line in done.stderr.splitlines() if line.startswith("driftcheck:")]
    assert len(said) == 1 and url in said[0]
    assert (portal / "reports" / "report.json").exists()


def test_a_wrong_output_folder_is_told_before_the_run(portal: Path) -> None:
    (portal / "taken").write_text("")
    done = driftcheck("docs", "--static", "--out", "taken", cwd=portal, status=2)
    assert "taken" in done.stderr
    done = driftcheck("docs", "--static", "--baseline", "none.json", cwd=portal, status=2)
    assert "none.json" in done.stderr


def test_a_folder_without_documents(tmp_path: Path) -> None:
    driftcheck(".", "--static", cwd=tmp_path, status=2)


def test_diff_of_two_documents(portal: Path) -> None:
    old, new = "docs/shop/legacy/old.json", "docs/shop/new.json"
    done = driftcheck("diff", old, new, cwd=portal, status=1)
    assert "GET /gone" in done.stdout
    content = json.loads(
        driftcheck("diff", old, new, "--format", "json", cwd=portal, status=1).stdout
    )
    assert content["breaking"] == 1
    driftcheck("diff", old, old, "--fail-on", "any", cwd=portal)
    driftcheck("diff", old, new, "--fail-on", "never", cwd=portal)


def test_tokens_never_show(portal: Path) -> None:
    value = "tok-5f2c9d81ab"
    (portal / "docs" / "shop" / "legacy" / "old.json").write_text(
        json.dumps({**LEGACY, "paths": {**LEGACY["paths"], f"/{value}": LEGACY["paths"]["/gone"]}})
    )
    formats = "md,json,html,sarif,junit,github,gitlab,comment"
    done = driftcheck(
        "docs", "--static", "--format", formats, cwd=portal, DRIFTCHECK_TOKEN_STAFF=value
    )
    texts = [path.read_text() for path in (portal / "reports").glob("*.*")]
    assert not any(value in text for text in (*texts, done.stdout, done.stderr))
    assert all("$DRIFTCHECK_TOKEN_STAFF" in text for text in texts)


@pytest.mark.parametrize("option", ["--operation", "--domain", "--tag"])
def test_a_selection_of_nothing_is_an_error(portal: Path, option: str) -> None:
    done = driftcheck("docs", "--static", option, "nothing", cwd=portal, status=2)
    assert f"{option}: nothing is called 'nothing'" in done.stderr


def test_several_selected_operations(portal: Path) -> None:
    driftcheck(
        "docs", "--static", "--operation", "GET /gone", "--operation", "GET /things", cwd=portal
    )
    report = json.loads((portal / "reports" / "report.json").read_text())
    assert [entry["path"] for entry in report["operations"]] == ["/things"]


def test_an_output_that_cannot_be_written_ends_the_run_at_its_start(portal: Path) -> None:
    (portal / "file").write_text("")
    done = driftcheck("docs", "--static", "--out", "file/reports", cwd=portal, status=2)
    assert "can't be written to" in done.stderr


def test_a_fingerprint_is_the_same_from_wherever_the_run_is_started(portal: Path) -> None:
    bad = {**CURRENT, "info": {"title": "No version"}}
    (portal / "docs" / "shop" / "new.json").write_text(json.dumps(bad))
    names = []
    for number, (start, path) in enumerate(
        [(portal, "docs"), (portal / "docs", "."), (portal, str(portal / "docs"))]
    ):
        out = portal / f"out{number}"
        driftcheck(path, "--static", "--fail-on", "never", "--out", str(out), cwd=start)
        report = json.loads((out / "report.json").read_text())
        names.append(sorted(finding["fingerprint"] for finding in report["findings"]))
    assert names[0] == names[1] == names[2] != []
