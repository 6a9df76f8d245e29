"""Where documents are in their repository: what code hosts want of a path. Pure."""

from __future__ import annotations

import posixpath
import re

from checker.domain.location import Location
from checker.domain.run import RunResult

_ABSOLUTE = re.compile(r"/|[A-Za-z]:/|[A-Za-z][A-Za-z0-9+.-]+:")
"""A rooted path, one of a drive, or an address."""


def in_repository(file: str, result: RunResult) -> str | None:
    """A document's path from the repository's root; None for what is outside of it.

    Paths are as the user gave them, and start in `result.folder` of the repository.
    """
    path = file.replace("\\", "/")
    root = result.root.replace("\\", "/").rstrip("/")
    if root and path.startswith(f"{root}/"):
        path = path[len(root) + 1 :]
    elif _ABSOLUTE.match(path):
        return None
    else:
        path = posixpath.join(result.folder, path)
    path = posixpath.normpath(path)
    return None if path == ".." or path.startswith("../") else path


def shown_path(place: Location, result: RunResult) -> str:
    """The path from the repository's root, or as it was given for what is outside of it."""
    return in_repository(place.file, result) or place.file.replace("\\", "/")
