"""Documents as they were at a revision of their git repository."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from checker.documents.git import GitError, git, top_of, unpack
from checker.errors import UsageError

SUFFIXES = (".json", ".yaml", ".yml", ".md", ".markdown", ".html", ".htm")
"""What a document, or what it refers to, may be called."""


@contextmanager
def at_revision(revision: str, paths: Sequence[Path]) -> Iterator[list[Path]]:
    """The paths in a copy of the repository as it was, for as long; those alone that were there.

    Raises UsageError where there is no such revision or repository.
    """
    start = paths[0] if paths[0].is_dir() else paths[0].parent
    try:
        root = top_of(start)
    except GitError as error:
        raise UsageError(f"--since: {error}.", "Leave --since out.") from None
    inside = [path.resolve() for path in paths]
    for path, given in zip(inside, paths, strict=True):
        if not path.is_relative_to(root.resolve()):
            raise UsageError(f"--since: {given} is in another repository than {paths[0]}.")
    commit = _commit(root, revision)
    with tempfile.TemporaryDirectory(prefix="driftcheck-") as folder:
        unpack(root, commit, Path(folder), _may_be_document)
        there = [Path(folder) / path.relative_to(root.resolve()) for path in inside]
        yield [path for path in there if path.exists()]


def _may_be_document(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in SUFFIXES


def _commit(root: Path, revision: str) -> str:
    asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    try:
        return git(root, *asked).decode().strip()
    except GitError:
        raise UsageError(
            f"--since: {revision!r} is no revision here.",
            "A shallow clone may not have it: git fetch --unshallow.",
        ) from None
