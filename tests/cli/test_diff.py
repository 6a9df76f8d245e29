"""What `diff` reads and writes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as Tree

import pytest
from command_line import Done, driftcheck
from patience import PATIENCE_S

ROOT = Path(__file__).parents[2]
OLD = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n  /x: {get: {responses: {}}}\n"
NEW = OLD.replace("/x", "/y")


def diff(*arguments: str, cwd: Path, status: int, given: str = "") -> Done:
    return driftcheck("diff", *arguments, cwd=cwd, status=status, given=given)


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    (tmp_path / "old.yaml").write_text(OLD)
    (tmp_path / "new.yaml").write_text(NEW)
    return tmp_path


def test_standard_input_and_pipes(pair: Path) -> None:
    text = diff("-", "new.yaml", "--format", "text", cwd=pair, status=1, given=OLD).stdout
    assert "standard input:4" in text
    assert "2 differences, 1 breaking" in text
    read, write = os.pipe()
    os.write(write, OLD.encode())
    os.close(write)
    done = subprocess.run(
        [sys.executable, "-m", "checker.cli", "diff", f"/dev/fd/{read}", "old.yaml"],
        cwd=pair,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        pass_fds=(read,),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    os.close(read)
    assert (done.returncode, "No differences" in done.stdout) == (0, True), done.stderr
    diff("-", "-", cwd=pair, status=2, given=OLD)


def test_revisions(pair: Path) -> None:
    inside = pair / "repository"
    inside.mkdir()
    (inside / "api").mkdir()
    (inside / "parts").mkdir()
    whole = OLD.replace("responses: {}", "responses: {$ref: '../parts/r.yaml'}")
    (inside / "api" / "a.yaml").write_text(whole)
    (inside / "parts" / "r.yaml").write_text("'200': {description: ok}\n")
    name = ["-c", "user.name=n", "-c", "user.email=n@example.com"]
    for command in (["init", "-q"], ["add", "."], [*name, "commit", "-qm", "first"]):
        subprocess.run(["git", *command], cwd=inside, check=True, capture_output=True)
    (inside / "parts" / "r.yaml").write_text("'201': {description: ok}\n")
    text = diff("git:HEAD:api/a.yaml", "api/a.yaml", cwd=inside, status=1).stdout
    assert "status `200` was removed" in text
    assert "git:HEAD:parts/r.yaml" in text
    diff("git:HEAD:api", "git:HEAD:api", "--fail-on", "any", cwd=inside, status=0)
    diff("git:HEAD:a.yaml", "git:HEAD:a.yaml", cwd=inside / "api", status=0)
    assert "nowhere" in diff("git:nowhere:api", "api", cwd=inside, status=2).stderr
    assert "has no b.yaml" in diff("git:HEAD:b.yaml", "api", cwd=inside, status=2).stderr


def test_an_empty_folder_has_no_operations_yet(pair: Path) -> None:
    (pair / "none").mkdir()
    text = diff("none", "new.yaml", cwd=pair, status=0).stdout
    assert "The operation was added" in text
    assert "The operation was removed" in diff("new.yaml", "none", cwd=pair, status=1).stdout


@pytest.mark.parametrize("text", ["paths:\n\t/x: {}\nopenapi: 3.0.3\n", '{"openapi": "3.0.3",', ""])
def test_broken_input_is_no_empty_contract(text: str, pair: Path) -> None:
    (pair / "broken.yaml").write_text(text)
    for sides in (("broken.yaml", "new.yaml"), ("new.yaml", "broken.yaml")):
        assert "broken.yaml" in diff(*sides, cwd=pair, status=2).stderr


def test_every_format(pair: Path) -> None:
    said = {
        form: diff("old.yaml", "new.yaml", "--format", form, cwd=pair, status=1).stdout
        for form in ("text", "md", "json", "github", "junit", "html")
    }
    assert json.loads(said["json"])["breaking"] == 1
    assert "::error file=" in said["github"] and "line=4" in said["github"]
    root = Tree.fromstring(said["junit"])
    assert len(root.findall(".//testcase")) == 2
    assert len(root.findall(".//failure")) == 1
    assert "<script" not in said["html"] and "The operation was removed." in said["html"]
    diff("old.yaml", "new.yaml", "--fail-on", "never", "--out", "d/x.html", cwd=pair, status=0)
    assert (pair / "d" / "x.html").exists()
