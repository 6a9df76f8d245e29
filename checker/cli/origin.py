"""What this program can be installed from again, for a job on another machine."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from checker.documents.git import GitError, git


def installed_from() -> str:
    """A requirement for pip; empty where the origin isn't known, or can't be reached by others.

    pip notes where it has installed from (PEP 610); of a clone git knows its origin.
    """
    try:
        text = distribution("driftcheck").read_text("direct_url.json")
    except PackageNotFoundError:
        return ""
    return requirement(json.loads(text)) if text else ""


def requirement(noted: dict[str, Any]) -> str:
    """The same of what pip has noted."""
    url = str(noted.get("url", ""))
    if noted.get("vcs_info", {}).get("vcs") == "git":
        return _pinned(url, str(noted["vcs_info"].get("commit_id", "")))
    if urlsplit(url).scheme != "file" or "dir_info" not in noted:
        return ""
    folder = Path(unquote(urlsplit(url).path))
    try:
        origin = git(folder, "remote", "get-url", "origin").decode().strip()
        return _pinned(origin, git(folder, "rev-parse", "HEAD").decode().strip())
    except GitError:
        return ""


def _pinned(url: str, commit: str) -> str:
    """Nothing for an address that only this machine or this user reaches: a path, an account."""
    parts = urlsplit(url)
    public = parts.scheme == "https" and parts.hostname and "@" not in parts.netloc
    return f"git+{url}@{commit}" if public and commit else ""
