"""Whatever is edited in a contract, a comparison tells of it: never "No differences".

`DRIFTCHECK_EDITS` draws more edits than the suite does.
"""

from __future__ import annotations

import copy
import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich_document import CONDITIONS, rich

from checker.documents.loader import load_document
from checker.domain.portal import Portal
from checker.drift.compare import diff_portals

EDITS = int(os.environ.get("DRIFTCHECK_EDITS", "240"))
DIALECTS = ("2.0", "3.0", "3.1")
DESCRIBING = {
    "description", "summary", "title", "example", "examples", "externalDocs", "$comment",
    "tags", "info", "openapi", "swagger",
}  # fmt: skip
NAMED = {
    "properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "mapping",
    "schemas", "headers", "responses", "parameters", "links", "callbacks", "content", "variables",
    "scopes", "encoding", "dependentRequired", "paths", "webhooks", "securitySchemes",
    "securityDefinitions",
}  # fmt: skip
UNORDERED = {"required", "enum", "type", "security", "parameters", "servers", "schemes"}
SILENT = {
    "required": (False, []), "deprecated": (False,), "nullable": (False,), "readOnly": (False,),
    "writeOnly": (False,), "uniqueItems": (False,), "additionalProperties": (True, {}),
    "minLength": (0,), "minItems": (0,), "minProperties": (0,), "exclusiveMinimum": (False,),
    "exclusiveMaximum": (False,), "items": ({},), "unevaluatedProperties": (True, {}),
    "x-nullable": (False,), "style": ("form",),
    "allowReserved": (False,), "allowEmptyValue": (False,),
}  # fmt: skip


def meant(node: Any, named: bool = False) -> Any:
    """What a document demands: without words that describe, what says nothing left out."""
    if isinstance(node, dict):
        found = {}
        for word, said in node.items():
            if not named and (word in DESCRIBING or (word[:2] == "x-" and word not in CONDITIONS)):
                continue
            value = meant(said, not named and word in NAMED)
            if word == "scopes" and isinstance(value, dict):
                value = sorted(value)
            if not named and word in ("consumes", "produces"):
                continue  # what isn't named is JSON, and a form where there are files
            if not named and word in UNORDERED and isinstance(value, list):
                value = sorted(value, key=json.dumps)
            if named or value not in SILENT.get(word, ()):
                found[word] = value
        if found.get("in") in ("body", "path"):
            found.pop("name", None)  # what travels doesn't depend on it
        return found
    return [meant(item) for item in node] if isinstance(node, list) else node


def places(node: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every node below."""
    steps = node.items() if isinstance(node, dict) else enumerate(node)
    for step, below in steps:
        yield (*way, step)
        if isinstance(below, dict | list):
            yield from places(below, (*way, step))


def edited(document: Any, draw: random.Random) -> tuple[Any, str]:
    """The document after one edit of any kind, and what was done."""
    made = copy.deepcopy(document)
    way = draw.choice(list(places(made)))
    holder = made
    for step in way[:-1]:
        holder = holder[step]
    step, value = way[-1], holder[way[-1]]
    schema = isinstance(value, dict) and "type" in value and way[-2] != "securitySchemes"
    if schema and draw.random() < 0.5:
        word, said = draw.choice(list(CONDITIONS.items()))
        value[word] = said
        return made, f"{way}: {word} = {said}"
    if isinstance(value, bool):
        holder[step] = not value
    elif isinstance(value, int):
        holder[step] = value + draw.choice((1, 7))
    elif isinstance(value, str) and step != "$ref" and draw.random() < 0.6:
        holder[step] = value + "x"
    else:
        del holder[step]
    return made, f"{way}: {value!r}"


def kinds(tmp_path: Path, old: Any, new: Any) -> list[str]:
    portals = []
    for name, content in (("old", old), ("new", new)):
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(content))
        portals.append(Portal((load_document(path, validate=False),)))
    return [change.kind for change in diff_portals(*portals)]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_edit_goes_unseen(dialect: str, tmp_path: Path) -> None:
    draw = random.Random(dialect)
    document = rich(dialect)
    unseen = []
    for _ in range(EDITS // len(DIALECTS)):
        made, what = edited(document, draw)
        if meant(made) != meant(document) and not kinds(tmp_path, document, made):
            unseen.append(what)
    assert unseen == []


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_document_is_like_itself(dialect: str, tmp_path: Path) -> None:
    document = rich(dialect)
    shuffled = json.loads(json.dumps(document, sort_keys=True))
    assert kinds(tmp_path, document, document) == []
    assert kinds(tmp_path, document, shuffled) == []


def test_what_is_no_flag_is_told_of_a_form_too(tmp_path: Path) -> None:
    made = rich("2.0")
    made["paths"]["/things/{id}"]["post"]["parameters"][1]["required"] = ["n"]
    assert kinds(tmp_path, rich("2.0"), made) == ["encoding-changed"]
