"""`--since`: what has changed between a revision and the files as they are."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from checker.cli import run as driftcheck
from checker.documents.portal import load_portal
from checker.errors import UsageError
from checker.pipeline.choosing.since import changed_since
from checker.settings import Settings

ITEM = {"type": "object", "properties": {"name": {"type": "string"}}}


def document() -> dict[str, Any]:
    """Two operations of which one refers to a schema in another file, and one of neither."""

    def answers(schema: Any) -> dict[str, Any]:
        content = {"application/json": {"schema": schema}}
        return {"200": {"description": "ok", "content": content}}

    return {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {
            "/a": {"get": {"responses": answers({"$ref": "parts/item.json"})}},
            "/b": {"get": {"summary": "Lists", "responses": answers({"type": "object"})}},
        },
    }


def git(folder: Path, *arguments: str) -> None:
    options = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(
        ["git", "-C", str(folder), *options, *arguments], check=True, capture_output=True
    )


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "docs" / "parts").mkdir(parents=True)
    save(tmp_path, document())
    (tmp_path / "docs" / "parts" / "item.json").write_text(json.dumps(ITEM))
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def save(folder: Path, content: Any) -> None:
    (folder / "docs" / "api.json").write_text(json.dumps(content, indent=1))


def changed(revision: str = "HEAD") -> list[str]:
    settings = Settings(paths=(Path("docs"),), since=revision)
    return sorted(map(str, changed_since(settings, load_portal(settings.paths, settings))))


def test_nothing_has_changed_by_how_it_is_written(repository: Path) -> None:
    text = json.dumps(dict(reversed(document().items())), indent=7)
    (repository / "docs" / "api.json").write_text(text)
    assert changed() == []


def test_words_and_what_is_referred_to_count(repository: Path) -> None:
    new = document()
    new["paths"]["/b"]["get"]["summary"] = "Lists all"
    save(repository, new)
    assert changed() == ["GET /b"]
    item = {**ITEM, "properties": {"name": {"type": "string", "maxLength": 9}}}
    (repository / "docs" / "parts" / "item.json").write_text(json.dumps(item))
    assert changed() == ["GET /a", "GET /b"]


def test_what_is_new_counts_and_a_folder_that_was_not_there(repository: Path) -> None:
    new = document()
    new["paths"]["/c"] = new["paths"]["/b"]
    save(repository, new)
    assert changed() == ["GET /c"]
    git(repository, "rm", "-rq", "--cached", "docs")
    git(repository, "commit", "-q", "-m", "without")
    assert changed() == ["GET /a", "GET /b", "GET /c"]
    assert changed("HEAD~1") == ["GET /c"]


@pytest.mark.parametrize("revision", ["nowhere", "--output=x", "HEAD:docs", ""])
def test_no_revision(revision: str, repository: Path) -> None:
    with pytest.raises(UsageError, match=r"--since: .* is no revision here"):
        changed(revision or "''")
    assert sorted(p.name for p in repository.iterdir()) == [".git", "docs"]


def test_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "docs").mkdir()
    save(tmp_path, document())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(UsageError, match="--since: not a git repository"):
        changed()


def test_a_run_is_about_what_has_changed(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["docs", "--since", "HEAD", "--dry-run", "--base-url", "http://localhost:9"]
    assert driftcheck(arguments) == 0
    assert "No operation's documents have changed since HEAD." in capsys.readouterr().out
    new = document()
    new["paths"]["/b"]["get"]["summary"] = "Lists all"
    save(repository, new)
    assert driftcheck(arguments) == 0
    said = capsys.readouterr().out
    assert "GET /b" in said and "GET /a" not in said
