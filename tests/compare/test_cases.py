"""Pairs of documents, each with the changes that must be told and whether they break clients."""

from __future__ import annotations

from pathlib import Path

import pytest

from checker.documents.loader import load_document
from checker.domain.portal import Portal
from checker.drift.compare import Change, diff_portals

CASES = Path(__file__).parent / "cases"
EXPECTED: dict[str, list[tuple[str, bool, str]]] = {
    "webhook-removed": [("webhook-removed", True, "")],
    "callback-body": [("type-changed", True, "a")],
    "sec-scope-added": [("scope-added", True, "w")],
    "sec-alt-one-of-same-scheme-removed": [
        ("security-alternative-removed", True, "o with w"),
    ],
    "uneval-false": [("constraint-added", True, "a")],
    "if-then": [("constraint-added", True, "a")],
    "patternProperties": [("constraint-added", True, "a")],
    "minProperties": [("bound-changed", True, "a")],
    "not-added": [("constraint-added", True, "a")],
    "open-enum-anyof": [("known-value-added", False, "a")],
    "nullable-anyof-30-31": [],
    "two-templates-swapped": [("type-changed", True, "y"), ("type-changed", True, "x")],
    "discriminator-mapping": [
        ("discriminator-value-removed", True, ""),
        ("discriminator-value-added", False, ""),
    ],
    "multipart-encoding": [("encoding-changed", True, "f")],
    "file-to-string": [("type-changed", True, "f")],
    "query-case-words": [("parameter-renamed", True, "userId")],
}


def changes(name: str, old: str = "old", new: str = "new") -> tuple[Change, ...]:
    sides = [load_document(CASES / name / f"{side}.yaml", validate=False) for side in (old, new)]
    return diff_portals(*(Portal((side,)) for side in sides))


@pytest.mark.parametrize("name", EXPECTED)
def test_told(name: str) -> None:
    found = changes(name)
    assert sorted((c.kind, c.breaking, c.name) for c in found) == sorted(EXPECTED[name])
    assert all("none to none" not in c.text and c.text for c in found)


@pytest.mark.parametrize("name", EXPECTED)
def test_like_itself(name: str) -> None:
    assert changes(name, "new", "new") == ()


def test_a_mended_name_of_a_path_parameter_is_no_other_parameter(tmp_path: Path) -> None:
    sides = []
    for name in ("ident", "id"):
        path = tmp_path / f"{name}.yaml"
        path.write_text(
            "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n  /x/{id}:\n    get:\n"
            f"      parameters: [{{name: {name}, in: path, required: true, "
            "schema: {type: string}}]\n      responses: {'200': {description: ok}}\n"
        )
        sides.append(Portal((load_document(path, validate=False),)))
    assert diff_portals(*sides) == ()


def test_an_operation_that_moved_to_another_file_is_the_same(tmp_path: Path) -> None:
    head = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n"
    one = "  /a: {get: {responses: {'200': {description: ok}}}}\n"
    two = "  /b: {get: {responses: {'200': {description: ok}}}}\n"
    sides = []
    for number, files in enumerate(([one + two, "  {}\n"], [one, two])):
        documents = []
        for name, text in zip("pq", files, strict=True):
            path = tmp_path / f"{number}{name}.yaml"
            path.write_text(head + text)
            documents.append(load_document(path, validate=False))
        sides.append(Portal(tuple(documents)))
    assert diff_portals(*sides) == ()


def test_words_name_what_changed() -> None:
    (known,) = changes("open-enum-anyof")
    assert "`c`" in known.text
    assert "alternative" not in known.text
    (renamed,) = changes("query-case-words")
    assert "`userId` is called `userid`" in renamed.text
