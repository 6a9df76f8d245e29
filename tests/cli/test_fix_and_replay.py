"""A report's patches mend the documents: what they were for isn't found again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import yaml
from command_line import driftcheck
from openapi_spec_validator import validate

ROOT = Path(__file__).parents[2]
OPERATIONS = ("POST /business/communication/sessions", "GET /platform/v1/clients")


def findings(folder: Path) -> dict[str, Any]:
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return {finding["fingerprint"]: finding for finding in report["findings"]}


def documents(folder: Path) -> dict[str, bytes]:
    files = (folder / "swagger").rglob("*")
    return {str(path): path.read_bytes() for path in files if path.is_file()}


def test_patches_mend_and_replay_tells(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "swagger", tmp_path / "swagger")
    selected = ["--no-fuzz"]
    selected += [part for name in OPERATIONS for part in ("--operation", name)]
    driftcheck("swagger", *selected, cwd=tmp_path, status=1)
    before = findings(tmp_path / "reports")
    patched = [name for name, finding in before.items() if finding["patch"]]
    assert len(patched) >= 3
    required = next(n for n in patched if before[n]["rule"] == "required-undocumented")
    said = driftcheck("replay", "reports/report.json", required, cwd=tmp_path, status=1)
    assert f"{required}: still there" in said.stdout

    driftcheck("fix", "reports/report.json", "--write", cwd=tmp_path, status=0)
    once = documents(tmp_path)
    driftcheck("fix", "reports/report.json", "--write", cwd=tmp_path, status=0)
    assert documents(tmp_path) == once
    for file in {before[name]["source"]["file"] for name in patched}:
        validate(yaml.safe_load((tmp_path / file).read_text(encoding="utf-8")))
    driftcheck("swagger", *selected, "--fail-on", "never", "--out", "after", cwd=tmp_path, status=0)
    after = findings(tmp_path / "after")
    assert not set(patched) & set(after)
    assert set(after) <= set(before), "a fix brings nothing that wasn't there"
    assert not any(finding["patch"] for finding in after.values())
    said = driftcheck("replay", "reports/report.json", required, cwd=tmp_path, status=0)
    assert f"{required}: not seen any more" in said.stdout
