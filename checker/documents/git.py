"""git, as far as it is asked: for what a repository holds, and to put commits into it."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path


class GitError(Exception):
    """git said no, or isn't there; the text is its own last words, without a full stop."""


def git(
    folder: Path, *arguments: str, given: bytes = b"", settings: Mapping[str, str] | None = None
) -> bytes:
    """What git prints in a folder; `given` is what it reads, `settings` are variables for it.

    Raises GitError.
    """
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            input=given,
            capture_output=True,
            env={**os.environ, **(settings or {})},
            check=False,
        )
    except OSError:
        raise GitError("git isn't installed") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise GitError("".join(said).removeprefix("fatal: ").rstrip(".") or "git failed")
    return done.stdout


def top_of(folder: Path) -> Path:
    """The top folder of the repository that a folder is in; raises GitError outside of one."""
    return Path(git(folder, "rev-parse", "--show-toplevel").decode().strip())


def unpack(top: Path, commit: str, folder: Path, wanted: Callable[[str], bool]) -> None:
    """The files of a commit whose names are wanted, as they were, put into a folder; nothing that
    leads out of it. Raises GitError."""
    archive = git(top, "archive", "--format=tar", commit)
    try:
        tar = tarfile.open(fileobj=io.BytesIO(archive))  # noqa: SIM115
    except tarfile.ReadError:
        return  # a revision without any file
    with tar:
        for member in tar:
            file = folder / member.name
            inside = file.resolve().is_relative_to(folder.resolve())
            content = tar.extractfile(member) if inside and member.isfile() else None
            if content is not None and wanted(member.name):
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content.read())
