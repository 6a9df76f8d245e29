"""The only way out: whatever a command prints or writes is masked here.

Nothing else in the command line, the pipeline and the reports may print or write.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from contextvars import ContextVar
from functools import cached_property
from typing import TYPE_CHECKING

import click

from checker.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from checker.redaction import Secrets

_FLAGS = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)


class _Started:
    """A command that starts. What it knows to be secret is learned before the first text is
    masked, and not earlier: a page of help needs none of it."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        self._arguments, self._environment = tuple(arguments), dict(environment)

    @cached_property
    def secrets(self) -> Secrets:
        from checker.planning.known_secrets import learn_arguments, learn_environment
        from checker.redaction import Secrets

        secrets = Secrets()
        learn_environment(secrets, self._environment)
        learn_arguments(secrets, self._arguments)
        return secrets


_current: ContextVar[_Started | None] = ContextVar("started", default=None)


def begin(arguments: Sequence[str], environment: Mapping[str, str]) -> None:
    """A command starts: its secrets are those of its command line and its environment."""
    _current.set(_Started(arguments, environment))


def known() -> Secrets:
    """The secrets of the command that runs; settings that it loads add to them."""
    started = _current.get()
    if started is None:
        started = _Started((), os.environ)
        _current.set(started)
    return started.secrets


def show(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Print a page or a line that was rendered: to stdout, or to stderr."""
    click.echo(known().page(text), err=err, nl=nl)


def tell(text: str, indent: str = "") -> None:
    """Print a sentence that may repeat what a server or a file said, in one line to stderr."""
    from checker.reporting.clean import one_line

    click.echo(indent + one_line(known().text(text)), err=True)


def write_file(path: Path, text: str, *, lasting: bool = True) -> None:
    """There in full or not at all; a link at `path` is replaced, and not followed.

    `lasting` waits for the disk: not worth it for one of thousands of pages that can be made again.
    """
    content = known().page(text).encode("utf-8")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace_file(path, content, lasting=lasting)
    except OSError as error:
        raise UsageError(f"{path}: can't be written ({error.strerror}).") from None


def rewrite_document(path: Path, text: str) -> None:
    """A document of the user's with patches applied, byte for byte.

    Not masked: what else stands in it is the user's own, and patches that held a secret were
    left out before.
    """
    try:
        _replace_file(path, text.encode("utf-8"), path.stat().st_mode & 0o777)
    except OSError as error:
        raise UsageError(f"{path}: can't be written ({error.strerror}).") from None


def _replace_file(
    path: Path, content: bytes, mode: int | None = None, *, lasting: bool = True
) -> None:
    """Written beside, then moved into place: a reader never sees half of it.

    Raises OSError; then what was there before is there still, and nothing is left beside it.
    """
    beside = path.with_name(f".{path.name}.{os.urandom(4).hex()}.part")
    file = os.open(beside, _FLAGS, 0o666 if mode is None else mode)
    try:
        try:
            rest = memoryview(content)
            while rest:
                rest = rest[os.write(file, rest) :]
            if lasting:
                os.fsync(file)
        finally:
            os.close(file)
        if mode is not None:
            beside.chmod(mode)
        os.replace(beside, path)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise
