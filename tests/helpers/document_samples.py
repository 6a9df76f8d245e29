"""Small documents in every dialect, and how tests load them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from checker.documents.loader import load_document
from checker.domain.portal import Document

OK: dict[str, Any] = {"200": {"description": "fine"}}


def swagger2(**more: Any) -> dict[str, Any]:
    return {"swagger": "2.0", "info": {"title": "t", "version": "1"}, "paths": {}, **more}


def openapi(version: str = "3.0.3", **more: Any) -> dict[str, Any]:
    return {"openapi": version, "info": {"title": "t", "version": "1"}, "paths": {}, **more}


def write(folder: Path, data: Any, name: str = "api.json") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(data if isinstance(data, str) else json.dumps(data, indent=2), "utf-8")
    return path


def load(folder: Path, data: Any, name: str = "api.json") -> Document:
    return load_document(write(folder, data, name))


def shared() -> Path:
    """The folder of real documents beside the checkout; skips the test where there is none."""
    here = Path(__file__).resolve().parents[2]
    folder = Path(os.environ.get("DRIFTCHECK_SHARED") or here.parent / "shared")
    if not (folder / "corpus").is_dir():
        pytest.skip("no real documents here: set DRIFTCHECK_SHARED")
    return folder
