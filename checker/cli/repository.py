"""The repository that a command runs in: code hosts name files from its root."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from checker.domain.run import RunResult


def placed(result: RunResult, here: Path | None = None, *, new: bool = False) -> RunResult:
    """The result with the repository's root as it is on this machine.

    A `new` run's relative paths start where the command runs; one that was read says it itself.
    """
    from checker.documents.checkouts import checkout_around

    here = (here or Path.cwd()).resolve()
    root = checkout_around(here)
    if root is None:
        return result
    folder = here.relative_to(root).as_posix() if new else result.folder
    return replace(result, root=str(root), folder="" if folder == "." else folder)
