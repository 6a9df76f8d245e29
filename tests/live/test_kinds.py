"""Kinds of drift on a server that says "Bad Request" to every mistake: each planted one is told,
and of the true document nothing is."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from library import BADGE, BOOK, document, edited, serving, spoken_plainly

from checker.pipeline import run
from checker.settings import Settings, Target

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
Told = set[tuple[str, str, str]]
Edit = tuple[list[Any], Any]


def body(path: str, method: str, *names: str, media: str = JSON) -> list[Any]:
    """Where a body's field stands; `[]` is its items."""
    place: list[Any] = [path, method, "requestBody", "content", media, "schema"]
    for name in names:
        place += ["items"] if name == "[]" else ["properties", name]
    return place


def parameter(path: str, method: str, name: str) -> list[Any]:
    return [path, method, "parameters", f"name={name}", "schema"]


def told(tmp_path: Path, shown: dict[str, Any], *paths: str, plain: bool = False) -> Told:
    shown["paths"] = {p: v for p, v in shown["paths"].items() if p in paths}
    folder = tmp_path / "swagger"
    folder.mkdir()
    if plain:
        shown = spoken_plainly(shown)
    (folder / "api.json").write_text(json.dumps(shown), encoding="utf-8")
    with serving(plain=plain) as url:
        target = Target(base_url=url)
        result = run(Settings(paths=(folder,), targets=(target,), fuzz=False))
    assert {o.status for o in result.operations} == {"probed"}, result.operations
    return {(f.rule, str(f.operation), f.field.name if f.field else "") for f in result.findings}


@pytest.mark.parametrize("plain", [False, True], ids=["json", "plain"])
def test_nothing_is_told_of_the_truth(tmp_path: Path, plain: bool) -> None:
    shown = document()
    assert told(tmp_path, shown, *shown["paths"], plain=plain) == set()


PRODUCERS = {"a field that is stored by another operation only": ("/readers",)}
DRIFTS: dict[str, tuple[list[Edit], Told]] = {
    "formats": (
        [([*body("/badges", "post", name), "pattern"], None) for name in BADGE["props"]],
        {("format-mismatch", "POST /badges", name) for name in BADGE["props"]},
    ),
    "defaults of a list": (
        [
            ([*parameter("/books", "get", "limit"), "default"], 50),
            ([*parameter("/books", "get", "order"), "default"], "desc"),
            ([*parameter("/books", "get", "archived"), "default"], True),
        ],
        {("default-mismatch", "GET /books", name) for name in ("limit", "order", "archived")},
    ),
    "a field that is stored by another operation only": (
        [
            (body("/readers/{id}", method, "city"), {"type": "string", "example": "Berlin"})
            for method in ("put", "patch")
        ],
        {("field-ignored", f"{m} /readers/{{id}}", "city") for m in ("PUT", "PATCH")},
    ),
    "a set in a form": (
        [([*body("/loans", "post", "kind", media=FORM), "enum"], None)],
        {("enum-undocumented", "POST /loans", "kind")},
    ),
    "a number in a URL": (
        [(parameter("/search", "get", "page"), {"type": "string"})],
        {("type-mismatch", "GET /search", "page")},
    ),
    "a word in a URL": (
        [(parameter("/books", "get", "genre"), {"type": "integer"})],
        {("type-mismatch", "GET /books", "genre")},
    ),
    "a number in a form": (
        [(body("/loans", "post", "days", media=FORM), {"type": "string"})],
        {("type-mismatch", "POST /loans", "days")},
    ),
    "a number within an object": (
        [(body("/books", "post", "size", "height"), {"type": "string"})],
        {("type-mismatch", "POST /books", "size.height")},
    ),
    "two types at once": (
        [(body("/books", "post", n), {"type": "string"}) for n in ("pages", "tags")]
        + [(body("/books", "post", "title"), {"type": "integer"})],
        {("type-mismatch", "POST /books", n) for n in ("pages", "tags", "title")},
    ),
    "a number": (
        [(body("/books", "post", "pages"), {"type": "string"})],
        {("type-mismatch", "POST /books", "pages")},
    ),
    "a text": (
        [(body("/books", "post", "title"), {"type": "integer"})],
        {("type-mismatch", "POST /books", "title")},
    ),
    "a number in the items of an array": (
        [(body("/books", "post", "authors", "[]", "share"), {"type": "string"})],
        {("type-mismatch", "POST /books", "authors[].share")},
    ),
    "what is required": (
        [
            ([*body("/books", "post"), "required"], [*BOOK["required"], "note"]),
            ([*body("/books", "post", "authors", "[]"), "required"], ["name", "share"]),
            ([*body("/books", "post", "size"), "required"], ["height", "unit"]),
            ([*body("/loans", "post", media=FORM), "required"], ["reader", "days", "gift"]),
        ],
        {
            ("required-not-enforced", "POST /books", "note"),
            ("required-not-enforced", "POST /books", "authors[].share"),
            ("required-not-enforced", "POST /books", "size.unit"),
            ("required-not-enforced", "POST /loans", "gift"),
            ("required-undocumented", "POST /books", "authors[].role"),
            ("required-undocumented", "POST /loans", "kind"),
        },
    ),
    "sets that aren't shown": (
        [
            ([*body("/books", "post", "authors", "[]", "role"), "enum"], None),
            ([*body("/books", "post", "tongues", "[]"), "enum"], None),
            ([*parameter("/loans", "post", "X-Channel"), "enum"], None),
            ([*parameter("/books", "get", "order"), "enum"], None),
        ],
        {
            ("enum-undocumented", "POST /books", "authors[].role"),
            ("enum-undocumented", "POST /books", "tongues[]"),
            ("enum-undocumented", "POST /loans", "X-Channel"),
            ("enum-undocumented", "GET /books", "order"),
        },
    ),
    "values that aren't in a set": (
        [
            ([*body("/books", "post", "size", "unit"), "enum"], ["ft", "mm", "in"]),
            ([*body("/books", "post", "tongues", "[]"), "enum"], ["it", "de", "en", "fr"]),
            ([*body("/loans", "post", "kind", media=FORM), "enum"], ["car", "home", "desk"]),
            ([*parameter("/loans", "post", "X-Channel"), "enum"], ["phone", "web", "kiosk"]),
            ([*parameter("/search", "get", "scope"), "enum"], ["all", "title", "note"]),
        ],
        {
            ("enum-value-rejected", "POST /books", "size.unit"),
            ("enum-value-rejected", "POST /books", "tongues[]"),
            ("enum-value-rejected", "POST /loans", "kind"),
            ("enum-value-rejected", "POST /loans", "X-Channel"),
            ("enum-value-rejected", "GET /search", "scope"),
        },
    ),
    "limits, looser": (
        [
            ([*body("/books", "post", "authors"), "maxItems"], None),
            ([*body("/books", "post", "authors", "[]", "share"), "maximum"], 200),
            ([*body("/books", "post", "size", "height"), "minimum"], 0),
            ([*body("/books", "post", "tags"), "minItems"], 0),
            ([*body("/books", "post", "tags", "[]"), "maxLength"], 60),
            ([*body("/loans", "post", "days", media=FORM), "maximum"], None),
            ([*parameter("/books", "get", "limit"), "minimum"], 0),
        ],
        {
            ("bound-mismatch", "POST /books", "authors"),
            ("bound-mismatch", "POST /books", "authors[].share"),
            ("bound-mismatch", "POST /books", "size.height"),
            ("bound-mismatch", "POST /books", "tags"),
            ("bound-mismatch", "POST /books", "tags[]"),
            ("bound-mismatch", "POST /loans", "days"),
            ("bound-mismatch", "GET /books", "limit"),
        },
    ),
    "limits, tighter": (
        [
            ([*body("/books", "post", "title"), "maxLength"], 40),
            ([*body("/books", "post", "pages"), "maximum"], 1000),
            ([*body("/books", "post", "tags"), "minItems"], 2),
            ([*parameter("/books", "get", "limit"), "maximum"], 50),
        ],
        {
            ("bound-mismatch", "POST /books", "title"),
            ("bound-mismatch", "POST /books", "pages"),
            ("bound-mismatch", "POST /books", "tags"),
            ("bound-mismatch", "GET /books", "limit"),
        },
    ),
    "formats beside others": (
        [([*body("/books", "post", name), "pattern"], None) for name in ("isbn", "shelf")],
        {("format-mismatch", "POST /books", name) for name in ("isbn", "shelf")},
    ),
}


@pytest.mark.parametrize("name", DRIFTS)
def test_what_is_planted_is_told(tmp_path: Path, name: str) -> None:
    edits, wanted = DRIFTS[name]
    paths = {*(edit[0][0] for edit in edits), *PRODUCERS.get(name, ())}
    assert told(tmp_path, edited(edits), *paths) == wanted


@pytest.mark.parametrize("name", ["two types at once", "formats beside others", "what is required"])
def test_whatever_the_refusals_look_like(tmp_path: Path, name: str) -> None:
    edits, wanted = DRIFTS[name]
    paths = {edit[0][0] for edit in edits}
    assert told(tmp_path, edited(edits), *paths, plain=True) == wanted
