"""The only way out: whatever a command prints or writes is masked here.

Nothing else in the command line, the pipeline and the reports may print or write.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from pathlib import Path

import click

from checker.errors import UsageError
from checker.redaction import Secrets

_current: ContextVar[Secrets | None] = ContextVar("secrets", default=None)


def begin(arguments: Sequence[str], environment: Mapping[str, str]) -> Secrets:
    """The secrets of a command that starts: those of its command line and its environment."""
    from checker.planning.known_secrets import learn_arguments, learn_environment

    secrets = Secrets()
    learn_environment(secrets, environment)
    learn_arguments(secrets, arguments)
    _current.set(secrets)
    return secrets


def known() -> Secrets:
    """The secrets of the command that runs; settings that it loads add to them."""
    secrets = _current.get()
    return secrets if secrets is not None else begin((), os.environ)


def show(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Print a page or a line that was rendered: to stdout, or to stderr."""
    click.echo(known().page(text), err=err, nl=nl)


def tell(text: str, indent: str = "") -> None:
    """Print a sentence that may repeat what a server or a file said, in one line to stderr."""
    from checker.reporting.clean import one_line

    click.echo(indent + one_line(known().text(text)), err=True)


def write_file(path: Path, text: str) -> None:
    """Written beside and moved into place: a reader never sees half a report."""
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(known().page(text), encoding="utf-8", newline="\n")
        part.replace(path)
    except OSError as error:
        raise UsageError(f"{path}: can't be written ({error.strerror}).") from None


def rewrite_document(path: Path, text: str) -> None:
    """A document of the user's with patches applied, byte for byte.

    Not masked: what else stands in it is the user's own, and patches that held a secret were
    left out before.
    """
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(text.encode("utf-8"))
        part.chmod(path.stat().st_mode & 0o777)
        part.replace(path)
    except OSError as error:
        raise UsageError(f"{path}: can't be written ({error.strerror}).") from None
