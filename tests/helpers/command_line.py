"""driftcheck's command line within the process of a test.

An own process spends a second on what was imported here long ago. Where signals, pipes or what is
imported are the claim, a test starts one: so do `main_job.py` and `checker_process.py`.
"""

from __future__ import annotations

import os
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path
from unittest import mock

from checker.cli import run


@dataclass(frozen=True)
class Done:
    """What a command said, and its exit status."""

    returncode: int
    stdout: str
    stderr: str


def driftcheck(
    *arguments: str, cwd: Path, status: int | None = 0, given: str = "", **variables: str
) -> Done:
    """A command that is run; it has to end with the status, where one is wanted, and without an
    error of its own."""
    done = ran(*arguments, cwd=cwd, given=given, **variables)
    assert status in (None, done.returncode), (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr and "internal error" not in done.stderr, done.stderr
    return done


def ran(*arguments: str, cwd: Path, given: str = "", **variables: str) -> Done:
    """A command run in a folder, with variables of the environment and an input."""
    foreign = ("DRIFTCHECK_", "GIT_")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
    out, err = _stream(), _stream()
    with (
        mock.patch.dict(os.environ, {**environment, **variables}, clear=True),
        mock.patch("sys.stdin", _stream(given)),
        redirect_stdout(out),
        redirect_stderr(err),
        chdir(cwd),
    ):
        ended = run(list(arguments))
    return Done(ended, _text(out), _text(err))


def _stream(text: str = "") -> TextIOWrapper:
    return TextIOWrapper(BytesIO(text.encode()), encoding="utf-8", write_through=True)


def _text(stream: TextIOWrapper) -> str:
    stream.flush()
    written = stream.buffer
    assert isinstance(written, BytesIO)
    return written.getvalue().decode()
