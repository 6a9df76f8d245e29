"""Folders → portals: what each file is."""

from __future__ import annotations

from pathlib import Path

import pytest
from document_samples import OK, openapi, shared, swagger2, write

from checker.documents.portal import domain_of, load_portal
from checker.domain.portal import Portal
from checker.errors import DocumentError
from checker.settings import Settings

GET = {"/a": {"get": {"responses": OK}}}
RECORD = """---
endpoint: "GET /a"
domain: things
tags: []
status: verified
---

# A

## Test Request

```json
{"steps": [{"id": "main", "method": "GET", "path": "/a"}]}
```
"""
PAGE = "# Things\n\n| Field | Type |\n|---|---|\n| a | string |\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, openapi(paths=GET), "things/api.json")
    write(tmp_path, swagger2(paths=GET), "things/legacy/old.json")
    write(tmp_path, RECORD, "things/workflows/get_a.md")
    write(tmp_path, RECORD, "elsewhere/get_a.md")
    write(tmp_path, PAGE, "things/docs/page.md")
    write(tmp_path, "Just words.\n", "README.md")
    write(tmp_path, {"name": "package"}, "things/package.json")
    write(tmp_path, "x", "things/.hidden.json")
    write(tmp_path, "openapi: 3.0.0\ninfo: {title: t, version: '1'}\npaths: {}\n", "b/x.yml")
    return tmp_path


def test_every_file_is_recognised_by_its_content(folder: Path) -> None:
    portal = load_portal([folder], Settings())
    found = {Path(d.info.file).name: d.info for d in portal.documents}
    assert set(found) == {"api.json", "old.json", "x.yml"}
    assert (found["old.json"].legacy, found["old.json"].domain) == (True, "things")
    assert (found["api.json"].legacy, found["api.json"].domain) == (False, "things")
    assert found["x.yml"].domain == "b"
    assert len(portal.records) == 2
    assert [p.domain for p in portal.pages] == ["things"]
    assert sorted(n.partition(" skipped")[0][len(str(folder)) + 1 :] for n in portal.notes) == [
        "README.md",
        "things/package.json",
    ]


def test_files_are_named_as_the_user_named_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    portal = load_portal([Path("things")], Settings())
    assert portal.documents[0].info.file == "things/api.json"
    assert portal.documents[0].operations[0].location.file == "things/api.json"


@pytest.mark.parametrize(
    ("place", "legacy"),
    [
        ("Legacy/api.json", True),
        ("old_legacy_documents/api.json", True),
        ("legacyform/api.json", False),
        ("things/legacy-api.json", False),
    ],
)
def test_legacy_by_a_word_of_a_folder_s_name(place: str, legacy: bool, tmp_path: Path) -> None:
    write(tmp_path, swagger2(paths=GET), place)
    (document,) = load_portal([tmp_path], Settings()).documents
    assert document.info.legacy is legacy


def test_legacy_by_settings_and_by_a_given_folder(folder: Path) -> None:
    portal = load_portal([folder / "things" / "api.json"], Settings(legacy=("*/things/api.json",)))
    assert portal.documents[0].info.legacy
    given = load_portal([folder / "things" / "legacy"], Settings())
    assert (given.documents[0].info.legacy, given.documents[0].info.domain) == (True, "things")


def test_a_file_given_twice_counts_once(folder: Path) -> None:
    portal = load_portal([folder, folder / "things", folder / "b" / "x.yml"], Settings())
    assert len(portal.documents) == 3


def test_a_path_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="doesn't exist"):
        load_portal([tmp_path / "none"], Settings())


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("a.json", '{"openapi": "3.0.0",\n "paths": {"/a": }', 2),
        ("a.yaml", "openapi: 3.0.0\n\tpaths: {}\n", 2),
        ("a.yaml", "swagger: '2.0'\npaths:\n  /a: [\n", 4),
    ],
)
def test_a_broken_document_is_a_fatal_problem(
    tmp_path: Path, name: str, text: str, line: int
) -> None:
    portal = load_portal([write(tmp_path, text, name)], Settings())
    (document,) = portal.documents
    fatal = [p for p in document.problems if p.fatal]
    assert fatal[0].location.line == line
    assert fatal[0].mend


def test_an_empty_folder(tmp_path: Path) -> None:
    assert load_portal([tmp_path], Settings()) == Portal()


@pytest.mark.parametrize(
    ("path", "root", "domain"),
    [
        ("swagger/a/x.json", "swagger", "a"),
        ("swagger/a/legacy/x.json", "swagger", "a"),
        ("swagger/a/b/x.json", "swagger", "a"),
        ("swagger/x.json", "swagger", ""),
        ("swagger/a/x.json", "swagger/a", "a"),
        ("swagger/a/legacy/x.json", "swagger/a/legacy", "a"),
    ],
)
def test_domains(path: str, root: str, domain: str, tmp_path: Path) -> None:
    assert domain_of(tmp_path / path, tmp_path / root) == domain


def test_every_real_document_loads() -> None:
    folder = shared() / "corpus" / "vcita"
    prefix = "https://vcita.github.io/developers-hub/entities"
    portal = load_portal([folder / "swagger"], Settings(ref_map={prefix: folder / "entities"}))
    files = sorted(str(p) for p in (folder / "swagger").rglob("*.json"))
    assert sorted(d.info.file for d in portal.documents) == files
    assert all(d.operations for d in portal.documents)
    assert not [p for d in portal.documents for p in d.problems if p.fatal]
    assert all(f.location.file for o in portal.operations() for f in o.fields.values())
