"""Folders under version control: what is published together may refer to each other."""

from __future__ import annotations

from pathlib import Path


def checkout_around(folder: Path) -> Path | None:
    """The nearest folder at or above `folder` that is under version control."""
    real = folder.resolve()
    return next((up for up in (real, *real.parents) if (up / ".git").exists()), None)


def visible(path: Path, checkout: Path) -> bool:
    """Whether a file lies in a checkout, and in none of its hidden folders."""
    if not path.is_relative_to(checkout):
        return False
    return not any(part.startswith(".") for part in path.relative_to(checkout).parts)
