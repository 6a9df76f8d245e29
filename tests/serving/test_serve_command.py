"""`driftcheck serve` as a command."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from checker.cli import run
from checker.cli.options import as_arguments
from checker.cli.serve import _OWN, serve

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in [n for n in os.environ if n.startswith("DRIFTCHECK_")]:
        monkeypatch.delenv(name)  # those of whoever runs the tests
    document = {"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": {}}
    (tmp_path / "api.json").write_text(json.dumps(document))
    return tmp_path


def test_it_serves_until_a_signal_comes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    command = [sys.executable, "-u", "-m", "checker.cli", "serve", "api.json", "--static"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as done:
        assert done.stdout is not None and done.stderr is not None
        found = re.search(r"http://127\.0\.0\.1:\d+/[\w-]{32,}/", done.stdout.readline())
        assert found is not None
        with urlopen(found[0]) as answer:
            assert b"Start a run" in answer.read()
        done.send_signal(signal.SIGTERM)
        assert done.wait() == 0 and done.stderr.read() == ""


def test_options_go_on_to_the_runs() -> None:
    given = {
        "base_url": "http://localhost:1/x",
        "operation": ("POST /x", "GET *"),
        "fuzz": False,
        "yes": True,
        "static": None,
        "out": "elsewhere",
        "port": 80,
    }
    assert sorted(as_arguments(serve, given, _OWN)) == [
        "--base-url=http://localhost:1/x",
        "--no-fuzz",
        "--operation=GET *",
        "--operation=POST /x",
        "--yes",
    ]


@pytest.mark.parametrize(
    "wrong", [["--out", "-"], ["--port", "99999"], ["--no-such-option"], ["nowhere.json"]]
)
def test_wrong_usage(folder: Path, capsys: pytest.CaptureFixture[str], wrong: list[str]) -> None:
    assert run(["serve", "api.json", *wrong]) == 2
    said = capsys.readouterr().err
    assert len(said.splitlines()) <= 2 and "Traceback" not in said
