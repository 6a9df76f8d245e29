"""What began in the middle of a run ends it with its reason, and nothing made up is reported."""

from __future__ import annotations

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from test_failing_targets import JSON, Answer, check, operation, serving, thing

from checker.cli import run as command
from checker.domain.run import RunResult
from checker.settings import Token

BOTH = ("staff-secret", "app-secret")
ONE = {"staff": Token("staff", "staff-secret")}
PAGE = {"Content-Type": "text/html"}
NAMES = "abcdefgh"
START = 24
"""By then some operations are examined, and not all."""


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    paths = {f"/shop/{name}": {"get": operation()} for name in NAMES}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Shop", "version": "1"},
        "paths": paths,
        "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
    }
    (tmp_path / "shop.json").write_text(json.dumps(document))
    return tmp_path


def from_then_on(answer: Answer | None, start: int = START) -> Callable[..., Answer | None]:
    """A truthful server that answers one and the same to everything from a request on."""

    def answered(handler: BaseHTTPRequestHandler, count: int) -> Answer | None:
        return thing(handler, BOTH) if count <= start else answer

    return answered


def checked(documents: Path, answer: Callable[..., Answer | None], **options: Any) -> RunResult:
    with serving(answer) as server:
        # Nothing here is about how long a server may make itself waited for.
        quick = {"concurrency": 1, "tokens": ONE, "max_retry_wait": 0.05}
        return check(documents, server.url, **{**quick, **options})


def by_status(result: RunResult) -> dict[str, int]:
    statuses = [o.status for o in result.operations]
    return {status: statuses.count(status) for status in set(statuses)}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((401, JSON, b'{"error": "token expired"}'), "The token staff stopped working after"),
        ((403, JSON, b'{"error": "suspended"}'), "it or its account is blocked"),
        ((402, JSON, b'{"error": "pay"}'), "A quota or rate limit was reached after"),
        ((429, {**JSON, "Retry-After": "0"}, b'{"error": "quota"}'), "429"),
        ((500, JSON, b'{"error": "oops"}'), "The target stopped accepting requests after"),
        ((200, PAGE, b"<html>Are you a robot?</html>"), "Something else answers in the place of"),
        ((200, JSON, b'{"captcha": "c"}'), "Something else answers in the place of the API"),
        ((302, {"Location": "https://login.invalid/"}, b""), "302"),
    ],
)
def test_a_cause_that_began_in_the_middle(documents: Path, answer: Answer, said: str) -> None:
    result = checked(documents, from_then_on(answer))
    assert result.exit_status == 3 and result.status in ("partial", "failed")
    assert said in result.error
    assert not result.findings, [f.issue for f in result.findings]
    assert by_status(result).get("probed", 0) < len(NAMES)
    left = [o for o in result.operations if o.status == "inconclusive" or o.unasked]
    assert left and all(o.passing and o.reason and o.help for o in left if not o.requests)
    assert result.requests_sent < START + 80


def test_what_was_examined_before_is_kept(documents: Path) -> None:
    def answer(handler: BaseHTTPRequestHandler, count: int) -> Answer:
        known = ("app-secret",) if handler.path == "/shop/a" else BOTH
        if count > 2 * START:
            known = ("app-secret",)
        return thing(handler, known)

    tokens = {name: Token(name, f"{name}-secret") for name in ("staff", "app")}
    result = checked(documents, answer, tokens=tokens)
    assert "The token staff stopped working after" in result.error
    assert by_status(result).get("probed", 0) >= 1
    # Refusals by the dead token are no drift.
    assert {f.operation for f in result.findings} <= {"GET /shop/a"}


def test_a_read_that_fails_for_itself_ends_no_run(documents: Path) -> None:
    def answer(handler: BaseHTTPRequestHandler, count: int) -> Answer:
        if count > START and handler.path.startswith(("/shop/c", "/shop/d")):
            return 403, JSON, b'{"error": "not you"}'
        return thing(handler, BOTH)

    result = checked(documents, answer)
    assert not result.error
    assert by_status(result).get("probed", 0) >= len(NAMES) - 2


def test_a_poisoned_answer_is_not_the_whole_server(tmp_path: Path) -> None:
    """One operation only, and it falls over for good: the server itself is still there."""
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Shop", "version": "1"},
        "paths": {"/shop/a": {"get": operation()}},
        "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
    }
    (tmp_path / "shop.json").write_text(json.dumps(document))

    def answer(handler: BaseHTTPRequestHandler, count: int) -> Answer:
        said = thing(handler, BOTH)
        return (500, JSON, b'{"error": "oops"}') if said[0] == 200 and count > 12 else said

    result = checked(tmp_path, answer)
    assert "stopped accepting" not in result.error


def test_without_a_read_the_refusals_of_what_was_accepted_speak(tmp_path: Path) -> None:
    post = {
        **operation(),
        "requestBody": {
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "required": ["name"],
                        "properties": {"name": {"type": "string"}, "note": {"type": "string"}},
                    }
                }
            }
        },
    }
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Shop", "version": "1"},
        "paths": {f"/shop/{name}": {"post": post} for name in NAMES},
        "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
    }
    (tmp_path / "shop.json").write_text(json.dumps(document))
    result = checked(tmp_path, from_then_on((401, JSON, b'{"error": "expired"}'), 30))
    assert result.exit_status == 3
    assert "stopped working" in result.error
    # What was found before is true: the server takes whatever comes.
    assert {(f.rule, f.operation) for f in result.findings} <= {
        ("required-not-enforced", "POST /shop/a")
    }


def test_a_used_up_budget_leaves_a_rest_that_is_told(
    documents: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(documents)
    with serving(lambda handler, _: thing(handler, BOTH)) as server:
        options = ["shop.json", "--base-url", server.url, "--no-fuzz", "--concurrency", "1"]
        options += ["--token", "staff=staff-secret"]
        status = command([*options, "--max-requests", str(START)])
    said = capsys.readouterr()
    assert status == 3
    assert said.out.splitlines()[0].startswith("Incomplete: ")
    assert f"not looked at: The budget of {START} requests is used up" in " ".join(said.out.split())
    report = json.loads(Path("reports/report.json").read_text())
    assert report["run"]["status"] == "partial" and report["run"]["shortfall"]
    seen = report["run"]["coverage"]["operations"]
    assert seen["selected"] == len(NAMES) and seen["examined"] + seen["partly"] < len(NAMES)
    left = [o for o in report["operations"] if "The budget" in o["reason"]]
    assert left and all(o["help"] and o["passing"] for o in left)


def test_drift_is_more_telling_than_a_rest(
    documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the budget at its end after drift was found, the exit status is 1."""

    def answer(handler: BaseHTTPRequestHandler, _: int) -> Answer:
        said = thing(handler, BOTH)
        return (200, JSON, b'{"name": 5}') if said[0] == 200 else said

    monkeypatch.chdir(documents)
    with serving(answer) as server:
        options = ["shop.json", "--base-url", server.url, "--no-fuzz", "--concurrency", "1"]
        options += ["--token", "staff=staff-secret", "--max-requests", str(START)]
        assert command([*options, "--fail-on", "minor"]) == 1
        assert command([*options, "--fail-on", "never"]) == 3


def test_less_than_half_is_never_green(
    documents: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Most operations have no witness: the run was complete as such, and says too little."""

    def answer(handler: BaseHTTPRequestHandler, _: int) -> Answer:
        said = thing(handler, BOTH)
        bad = said[0] == 200 and handler.path[6] not in "abc"
        return (422, JSON, b'{"error": "no"}') if bad else said

    monkeypatch.chdir(documents)
    with serving(answer) as server:
        options = ["shop.json", "--base-url", server.url, "--no-fuzz", "--fail-on", "never"]
        options += ["--token", "staff=staff-secret"]
        assert command(options) == 3
        said = capsys.readouterr().out
        assert said.startswith("Incomplete: Only 3 of the 8 operations that may be sent were")
        five = [part for name in "abcde" for part in ("--operation", f"GET /shop/{name}")]
        assert command([*options, *five]) == 0
        assert command([*options, *five, "--min-coverage", "60"]) == 0
        assert command([*options, *five, "--min-coverage", "61"]) == 3
        assert "less than 61 % (--min-coverage)" in " ".join(capsys.readouterr().out.split())


def test_the_baseline_remembers_how_much_was_examined(
    documents: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = ""

    def answer(handler: BaseHTTPRequestHandler, _: int) -> Answer:
        said = thing(handler, BOTH)
        bad = said[0] == 200 and handler.path[6] in refused
        return (422, JSON, b'{"error": "no"}') if bad else said

    monkeypatch.chdir(documents)
    with serving(answer) as server:
        options = ["shop.json", "--base-url", server.url, "--no-fuzz", "--fail-on", "never"]
        options += ["--token", "staff=staff-secret"]
        assert command(options) == 0
        assert command(["baseline", "reports/report.json"]) == 0
        kept = json.loads(Path("driftcheck-baseline.json").read_text())
        assert kept["examined"] == [f"GET /shop/{name}" for name in NAMES]
        against = [*options, "--baseline", "driftcheck-baseline.json"]
        refused = "ab"
        assert command(against) == 0
        refused = "abc"
        assert command(options) == 0
        assert command(against) == 3
        assert "examined where the baseline's run examined 8" in capsys.readouterr().out
        assert command([*against, "--min-coverage", "50"]) == 0
        # An older file doesn't say how much it was.
        del kept["examined"]
        Path("driftcheck-baseline.json").write_text(json.dumps(kept))
        assert command(against) == 0
