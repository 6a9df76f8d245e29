"""`workflows scan`: a record on the primary and on the fallback base URL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from serving import JsonServer, running

from checker.cli import run

RECORD = """---
endpoint: GET /{name}
status: verified
{flag}---
# {name}

Kept as it is: useFallbackApi: true

## Test Request
```yaml
steps:
  - id: main
    method: GET
    path: /{name}
{own}    expect:
      status: 200
```
"""
FLAG = "useFallbackApi: true\n"


class Two(JsonServer):
    """Two base paths; `broken` are the routes that answer 404."""

    broken: frozenset[str] = frozenset()

    def answer(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        return (404, {}) if "/".join(path) in self.broken else (200, {"ok": True})


@pytest.fixture
def server() -> Iterator[Two]:
    with running(Two()) as server:
        yield server


def write(folder: Path, name: str, flag: str = "", own: str = "") -> Path:
    path = folder / f"{name}.md"
    path.write_text(RECORD.format(name=name, flag=flag, own=own))
    return path


def scan(server: Two, folder: Path, *more: str) -> int:
    urls = ["--base-url", f"{server.url}/one", "--fallback-url", f"{server.url}/two"]
    return run(["workflows", "scan", str(folder), *urls, *more])


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    lines = [line for line in capsys.readouterr().out.splitlines() if " GET /" in line]
    return {line.split(" GET /")[1].split()[0]: line[:22].strip() for line in lines}


def test_each_kind_of_record_is_told(
    server: Two, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.broken = frozenset({"one/still", "two/broken", "one/both", "two/both", "one/needed"})
    for name in ("works", "still", "broken", "both"):
        write(tmp_path, name, FLAG)
    for name in ("plain", "needed"):
        write(tmp_path, name)
    write(tmp_path, "left", "status: skip\n")
    paths = {f"/{name}": {"get": {"responses": {}}} for name in ("plain", "nobody")}
    info = {"title": "T", "version": "1"}
    document = {"openapi": "3.0.3", "info": info, "paths": paths}
    (tmp_path / "api.json").write_text(json.dumps(document))
    assert scan(server, tmp_path) == 1
    assert told(capsys) == {
        "works": "primary now works",
        "still": "fallback still needed",
        "broken": "fallback broken",
        "both": "both failing",
        "plain": "primary works",
        "needed": "fallback needed",
        "left": "not run",
        "nobody": "no record",
    }
    assert FLAG in (tmp_path / "works.md").read_text()


def test_a_flag_that_is_not_needed_is_taken_out(
    server: Two, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.broken = frozenset({"one/still"})
    mended = write(tmp_path, "works", FLAG, "    useFallback: true\n")
    still = write(tmp_path, "still", FLAG)
    assert scan(server, tmp_path, "--write") == 0
    assert mended.read_text() == RECORD.format(name="works", flag="", own="")
    assert still.read_text() == RECORD.format(name="still", flag=FLAG, own="")
    capsys.readouterr()
    assert scan(server, tmp_path) == 0
    assert told(capsys)["works"] == "primary works"


def test_a_flag_that_shares_its_line_is_left(
    server: Two, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, "works", FLAG)
    step = "  - id: main\n    method: GET\n    path: /works\n    expect:\n      status: 200\n"
    text = path.read_text()
    assert step in text
    text = text.replace(step, "  - {id: main, method: GET, path: /works, useFallback: true}\n")
    path.write_text(text)
    assert scan(server, tmp_path, "--write") == 2
    assert path.read_text() == text and "by hand" in capsys.readouterr().err


def test_without_a_fallback_url_there_is_nothing_to_compare(
    server: Two, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, "works", FLAG)
    assert run(["workflows", "scan", str(tmp_path), "--base-url", server.url]) == 2
    assert "--fallback-url" in capsys.readouterr().err
