"""Documents in files, read by what their names say; by nothing of ours."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""YAML in Python takes seconds for a document of some hundred kilobytes."""


def load(path: Path) -> Any:
    """A JSON or YAML document, a new one with each call."""
    text = path.read_text(encoding="utf-8")
    return json.loads(text) if path.suffix == ".json" else yaml.load(text, Loader=_LOADER)


def load_all(root: Path) -> dict[str, Any]:
    """Those below a folder, by their path in it."""
    paths = sorted(p for p in root.rglob("*") if p.suffix in (".json", ".yaml"))
    return {str(path.relative_to(root)): load(path) for path in paths}
