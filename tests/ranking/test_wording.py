"""What no schema can say becomes a sentence, and isn't told again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from document_samples import load, openapi
from valid_documents import errors

from checker.domain.finding import Finding, FindingField, Severity, Words
from checker.domain.location import Location
from checker.domain.portal import Document, Portal
from checker.drift.build import with_sentence
from checker.fixing import fix_text
from checker.fixing.sealed import sealed
from checker.ranking.wording import untold, worded

OK = {"200": {"description": "fine"}}
THING = "#/components/schemas/Thing"


def api(tmp_path: Path, *users: str, words: str = "A name") -> tuple[dict[str, Any], Document]:
    """Operations that take one schema; `get` answers with it."""
    content = {"content": {"application/json": {"schema": {"$ref": THING}}}}
    item: dict[str, Any] = {}
    for method in users:
        item[method] = {"description": "Does it.", "requestBody": content, "responses": OK}
        if method == "get":
            item[method] = {"responses": {"200": {"description": "fine", **content}}}
    name = {"type": "string", "description": words}
    thing = {"type": "object", "required": ["name"], "properties": {"name": name, "size": {}}}
    raw = openapi(paths={"/things": item}, components={"schemas": {"Thing": thing}})
    return raw, load(tmp_path, raw)


def found(document: Document, words: Words, **more: Any) -> Finding:
    return Finding(
        "unique-undocumented",
        Severity.MINOR,
        "POST /things",
        FindingField("body", "name"),
        issue="It must be unique.",
        suggested_fix="Document it.",
        source=Location(document.info.file, "/components/schemas/Thing/properties/name"),
        words=words,
        **more,
    )


UNIQUE = Words("`name` must be unique.", "Must be unique.")


def fixed(raw: dict[str, Any], document: Document, finding: Finding) -> dict[str, Any]:
    portal = Portal((document,))
    text = json.dumps(raw)
    done = fix_text(document.info.file, text, sealed(worded([finding], portal), portal))
    assert done.applied and errors(done.after) <= errors(text)
    after: dict[str, Any] = json.loads(done.after)
    return after


def thing(document: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = document["components"]["schemas"]["Thing"]
    return schema


def test_it_is_said_of_the_field_where_nobody_else_has_it(tmp_path: Path) -> None:
    raw, document = api(tmp_path, "post")
    after = fixed(raw, document, found(document, UNIQUE))
    assert thing(after)["properties"]["name"]["description"] == "A name. Must be unique."
    assert after["paths"] == raw["paths"], "nothing of the tool's own is put into a document"


def test_of_a_field_that_others_share_it_is_said_in_the_operation(tmp_path: Path) -> None:
    for other in ("put", "get"):
        raw, document = api(tmp_path, "post", other)
        after = fixed(raw, document, found(document, UNIQUE))
        assert thing(after) == thing(raw)
        description = after["paths"]["/things"]["post"]["description"]
        assert description == "Does it. `name` must be unique."
        assert after["paths"]["/things"][other] == raw["paths"]["/things"][other]


def test_a_field_that_is_refused_goes_with_its_name_in_required(tmp_path: Path) -> None:
    refused = Words("Requests with `name` are refused.", drop=True)
    raw, document = api(tmp_path, "post")
    after = thing(fixed(raw, document, found(document, refused)))
    assert "name" not in after["properties"] and "required" not in after
    raw, document = api(tmp_path, "post", "put")
    after = fixed(raw, document, found(document, refused))
    assert thing(after) == thing(raw)
    assert "`name` are refused" in after["paths"]["/things"]["post"]["description"]


@pytest.mark.parametrize("users", [("post",), ("post", "put"), ("post", "get")])
def test_what_is_told_is_not_found_again_and_the_rest_is(
    tmp_path: Path, users: tuple[str, ...]
) -> None:
    raw, document = api(tmp_path, *users)
    one = found(document, UNIQUE)
    portal = Portal((load(tmp_path, fixed(raw, document, one), "after.json"),))
    size = Words("`size` must be unique.", "Must be unique.")
    other = one.with_(field=FindingField("body", "size"), words=size)
    elsewhere = one.with_(operation="PUT /others")
    another = one.with_(rule="reference-undocumented", words=Words("`name` is one.", "Is one."))
    wordless = one.with_(words=None)
    every = [one, other, elsewhere, another, wordless]
    assert untold(every, portal) == every[1:]
    assert untold(every, Portal((document,))) == every


def test_what_the_sentence_names_may_be_another_thing_by_now(tmp_path: Path) -> None:
    told = "A name. Identifier of an existing pet, as given by `GET /pets`."
    _, document = api(tmp_path, "post", words=told)
    own = "Identifier of an existing {}, as given by `POST /pets`."
    findings = [found(document, Words("", own.format(thing))) for thing in ("pet", "toy")]
    assert untold(findings, Portal((document,))) == findings[1:]


def test_who_says_it_in_other_words_can_note_that_it_is_told(tmp_path: Path) -> None:
    raw, _ = api(tmp_path, "post", words="Jeder Name nur einmal")
    note = {"told": {"unique-undocumented": ["body name"]}}
    raw["paths"]["/things"]["post"]["x-driftcheck"] = note
    document = load(tmp_path, raw)
    one = found(document, UNIQUE)
    other = one.with_(rule="reference-undocumented")
    assert untold([one, other], Portal((document,))) == [other]


def test_a_finding_with_a_patch_keeps_it(tmp_path: Path) -> None:
    _, document = api(tmp_path, "post")
    one = found(document, UNIQUE, patch=({"op": "add", "path": "/x-a", "value": 1},))
    assert worded([one], Portal((document,))) == (one,)


def test_a_sentence_is_added_as_the_text_is_written() -> None:
    assert with_sentence("", "B.") == "B."
    assert with_sentence("A", "B.") == "A. B."
    assert with_sentence("A.", "B.") == "A. B."
    assert with_sentence("A:\n\n* one\n* two", "B.") == "A:\n\n* one\n* two\n\nB."
    assert with_sentence("A.\nMore.\n", "B.") == "A.\nMore.\n\nB."


def test_two_sentences_behind_a_text_without_a_full_stop(tmp_path: Path) -> None:
    raw, document = api(tmp_path, "post")
    two = found(document, Words("", "Of an existing thing.")).with_(rule="reference-undocumented")
    portal = Portal((document,))
    both = sealed(worded([found(document, UNIQUE), two], portal), portal)
    after = json.loads(fix_text(document.info.file, json.dumps(raw), both).after)
    words = thing(after)["properties"]["name"]["description"]
    assert words == "A name. Must be unique. Of an existing thing."
