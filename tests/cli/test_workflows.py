"""`workflows` and `sandbox`, against the embedded API over real HTTP."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from command_line import Done, driftcheck
from patience import PATIENCE_S

ROOT = Path(__file__).parents[2]
LIST_CLIENTS = """---
endpoint: GET /platform/v1/clients
status: {status}
tokens: [staff]
---
# List

## Test Request
```yaml
steps:
  - id: main
    method: {method}
    path: /platform/v1/clients
    params: {{business_id: "{{{{{variable}}}}}"}}
    expect:
      status: {expected}
```
"""


def record(
    status: str = "verified",
    method: str = "GET",
    variable: str = "business_id",
    expected: int = 200,
) -> str:
    return LIST_CLIENTS.format(status=status, method=method, variable=variable, expected=expected)


def workflows(*arguments: str, cwd: Path, status: int = 0) -> Done:
    return driftcheck("workflows", *arguments, cwd=cwd, status=status)


def test_list_names_status_endpoint_and_tokens(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(record())
    (tmp_path / "page.md").write_text("# A page\n")
    done = workflows("list", ".", cwd=tmp_path)
    assert done.stdout.split() == ["verified", "GET", "/platform/v1/clients", "staff", "a.md"]


def test_lint_names_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "good.md").write_text(record())
    done = workflows("lint", "good.md", "--var", "business_id", cwd=tmp_path)
    assert done.stdout == ""
    (tmp_path / "bad.md").write_text(record(variable="nobody"))
    done = workflows("lint", "bad.md", cwd=tmp_path, status=1)
    assert re.match(r"bad\.md:\d+: .*nobody", done.stdout)


@pytest.mark.parametrize(
    ("text", "options", "outcome", "status"),
    [
        (record(), [], "ok", 0),
        (record(expected=418), [], "failed", 1),
        (record(variable="nobody"), [], "failed", 1),
        (record(status="skip"), [], "skipped", 0),
        (record(status="skip"), ["--skipped-too"], "ok", 0),
        (record(method="POST"), ["--read-only"], "skipped", 0),
        (record(method="DELETE"), [], "skipped", 0),
    ],
)
def test_run(tmp_path: Path, text: str, options: list[str], outcome: str, status: int) -> None:
    (tmp_path / "r.md").write_text(text)
    done = workflows("run", "r.md", "--sandbox", *options, cwd=tmp_path, status=status)
    assert done.stdout.startswith(outcome), done.stdout


def test_no_record_is_told(tmp_path: Path) -> None:
    done = workflows("list", ".", cwd=tmp_path, status=2)
    assert "No workflow record" in done.stderr


def test_sandbox_serves_until_interrupted(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "checker.cli", "sandbox"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(3)]
        found = re.search(r"DRIFTCHECK_BASE_URL=(http://127\.0\.0\.1:\d+)/", lines[0])
        assert found is not None, lines
        # It listens before it says so: what is sent now waits until it serves.
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(found[1] + "/nothing", timeout=PATIENCE_S)
        assert refused.value.code == 404
        refused.value.close()
    finally:
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode in (0, 130)
    assert "Traceback" not in said


INTERRUPTED_WITHIN_A_REQUEST = """
import signal
from checker.cli import main
from checker.sandbox import server

async def app(scope, receive, send):
    signal.raise_signal(signal.SIGINT)
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})

server.build_app = lambda *_: app
main(["sandbox"])
"""


def test_an_interrupted_request_gets_its_answer_and_the_sandbox_ends(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED_WITHIN_A_REQUEST],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert found is not None
        with urllib.request.urlopen(found[0], timeout=PATIENCE_S) as answer:
            assert answer.status == 204
        process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0
    finally:
        process.kill()


def test_written_records_lint_clean_and_run(tmp_path: Path) -> None:
    """One operation with a record, one without."""
    swagger = tmp_path / "swagger"
    shutil.copytree(ROOT / "swagger", swagger)
    records = swagger / "communication" / "workflows"
    (records / "post_platform_v1_clients.md").unlink()
    old = (records / "post_platform_v1_services.md").read_text(encoding="utf-8")
    operations = ("POST /platform/v1/clients", "POST /platform/v1/services")
    selected = [part for name in operations for part in ("--operation", name)]
    # What is asked for one rule is enough to have working requests.
    selected += ["--no-fuzz", "--rule", "required-undocumented"]
    driftcheck("swagger", "--write-workflows", *selected, cwd=tmp_path, status=None)
    fresh = records / "post_platform_v1_clients.md"
    refreshed = records / "post_platform_v1_services.md"
    text = refreshed.read_text(encoding="utf-8")
    assert text.startswith(old[: old.index("verifiedAt")])
    assert "timesReused: 1" in text and "## Verified Successful Request" in text
    assert "## Verified Successful Request" in fresh.read_text(encoding="utf-8")
    paths = [str(p.relative_to(tmp_path)) for p in (fresh, refreshed)]
    assert workflows("lint", *paths, cwd=tmp_path).stdout == ""
    done = workflows("run", *paths, cwd=tmp_path)
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["ok", "ok"]
