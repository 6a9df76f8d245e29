"""Documents as they were at a revision of their git repository."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from checker.errors import UsageError

SUFFIXES = (".json", ".yaml", ".yml", ".md", ".markdown", ".html", ".htm")
"""What a document, or what it refers to, may be called."""


@contextmanager
def at_revision(revision: str, paths: Sequence[Path]) -> Iterator[list[Path]]:
    """The paths in a copy of the repository as it was, for as long; those alone that were there.

    Raises UsageError where there is no such revision or repository.
    """
    start = paths[0] if paths[0].is_dir() else paths[0].parent
    root = Path(_git(start, "rev-parse", "--show-toplevel", mend="Leave --since out.").strip())
    inside = [path.resolve() for path in paths]
    for path, given in zip(inside, paths, strict=True):
        if not path.is_relative_to(root.resolve()):
            raise UsageError(f"--since: {given} is in another repository than {paths[0]}.")
    commit = _commit(root, revision)
    with tempfile.TemporaryDirectory(prefix="driftcheck-") as folder:
        _extract(root, commit, Path(folder))
        there = [Path(folder) / path.relative_to(root.resolve()) for path in inside]
        yield [path for path in there if path.exists()]


def _commit(root: Path, revision: str) -> str:
    mend = "A shallow clone may not have it: git fetch --unshallow."
    asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    return _git(root, *asked, mend=mend, what=f"{revision!r} is no revision here").strip()


def _extract(root: Path, commit: str, folder: Path) -> None:
    """What may be a document, and nothing that leads out of the folder."""
    archive = _git_bytes(root, "archive", "--format=tar", commit)
    try:
        tar = tarfile.open(fileobj=io.BytesIO(archive))  # noqa: SIM115
    except tarfile.ReadError:
        return  # a revision without any file
    with tar:
        wanted = [m for m in tar if m.isfile() and PurePosixPath(m.name).suffix.lower() in SUFFIXES]
        tar.extractall(folder, members=wanted, filter="data")


def _git(folder: Path, *arguments: str, mend: str = "", what: str = "") -> str:
    try:
        return _git_bytes(folder, *arguments).decode("utf-8", "replace")
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        why = what or " ".join(said).removeprefix("fatal: ") or "git failed"
        raise UsageError(f"--since: {why.rstrip('.')}.", mend) from None


def _git_bytes(folder: Path, *arguments: str) -> bytes:
    """What a reading git command prints."""
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
        )
    except FileNotFoundError:
        raise UsageError("--since: there is no git here.", "Install it.") from None
    return done.stdout
