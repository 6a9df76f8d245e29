"""Starting, stopping, seeds and chaos."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from patience import PATIENCE_S

from checker.sandbox.chaos import parse_chaos
from checker.sandbox.server import Sandbox

ROOT = Path(__file__).parent.parent.parent


def fetch(sandbox: Sandbox) -> tuple[int, str, str | None]:
    """Status (0: connection reset, -1: any other failure), body and Retry-After of a GET."""
    connection = http.client.HTTPConnection(sandbox.host, sandbox.port, timeout=PATIENCE_S)
    try:
        connection.request("GET", "/apigw/platform/v1/service_categories")
        response = connection.getresponse()
        text = response.read().decode()
        return response.status, text, response.getheader("retry-after")
    except ConnectionResetError:
        return 0, "", None
    except (OSError, http.client.HTTPException):
        return -1, "", None
    finally:
        connection.close()


def test_async_context() -> None:
    async def run() -> int:
        async with Sandbox() as sandbox:
            return (await asyncio.to_thread(fetch, sandbox))[0]

    assert asyncio.run(run()) == 200


def test_thread_and_stop() -> None:
    sandbox = Sandbox().start()
    assert fetch(sandbox)[0] == 200
    sandbox.stop()
    sandbox.stop()
    assert fetch(sandbox)[0] == -1


def test_stopping_one_that_never_started() -> None:
    Sandbox().stop()


def test_taken_port_and_unknown_switch() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError):
            Sandbox(port=taken.getsockname()[1])
    with pytest.raises(ValueError, match="'zebra'"):
        Sandbox(chaos={"zebra"})
    with pytest.raises(ValueError, match=r"'zebra'.*bad-json"):
        parse_chaos("slow, zebra")
    assert parse_chaos(" slow,flaky,") == {"slow", "flaky"}


def test_same_seed_same_identifiers() -> None:
    made = [Sandbox(seed=seed) for seed in (1, 1, 2)]
    for sandbox in made:
        sandbox.stop()
    one, same, other = ((s.tokens, s.variables) for s in made)
    assert one == same != other
    assert set(one[0]) == {"staff", "app", "directory", "key"}
    assert {"business_id", "staff_id", "client_id"} <= set(one[1])


@pytest.mark.parametrize(
    ("switch", "bad"),
    [("rate-limit", 429), ("flaky", 503), ("resets", 0)],
)
def test_chaos_statuses(switch: str, bad: int) -> None:
    def fates() -> list[tuple[int, str, str | None]]:
        with Sandbox(chaos={switch}, seed=3) as sandbox:
            return [fetch(sandbox) for _ in range(60)]

    first = fates()
    statuses = [status for status, _, _ in first]
    assert set(statuses) == {200, bad}
    assert 1 <= statuses.count(bad) < 20
    assert all(after == "1" for status, _, after in first if status == 429)
    assert [status for status, _, _ in fates()] == statuses


def test_chaos_bad_json() -> None:
    broken = 0
    with Sandbox(chaos={"bad-json"}, seed=3) as sandbox:
        for _ in range(60):
            status, text, _ = fetch(sandbox)
            assert status == 200
            try:
                json.loads(text)
            except ValueError:
                broken += 1
    assert 1 <= broken < 20


def test_chaos_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    real = asyncio.sleep

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await real(0)

    with Sandbox(chaos={"slow"}, seed=3) as sandbox:
        monkeypatch.setattr("checker.sandbox.chaos.SLOW_S", 0.0123)
        monkeypatch.setattr("checker.sandbox.chaos.asyncio.sleep", sleep)
        assert all(fetch(sandbox)[0] == 200 for _ in range(60))
        monkeypatch.undo()
    assert 1 <= waits.count(0.0123) < 20


def test_export_lines() -> None:
    sandbox = Sandbox()
    lines = sandbox.export_lines()
    sandbox.stop()
    assert f"export DRIFTCHECK_BASE_URL={sandbox.base_url}" in lines
    assert f"export DRIFTCHECK_FALLBACK_URL={sandbox.fallback_url}" in lines
    for name, value in sandbox.tokens.items():
        assert f"export DRIFTCHECK_TOKEN_{name.upper()}={value}" in lines


def test_serve_forever_prints_and_serves() -> None:
    code = "from checker.sandbox.server import Sandbox; Sandbox().serve_forever()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip().partition("=")[2]
            port = int(url.partition("127.0.0.1:")[2].partition("/")[0])

            class Other:
                host = "127.0.0.1"

            other: Any = Other()
            other.port = port
            assert fetch(other)[0] == 200
        finally:
            process.terminate()


def test_package_is_light() -> None:
    code = "import sys, checker.sandbox; print('uvicorn' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.strip() == "False"
