"""The table of sentences about wrong documents: each row speaks where it should."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from document_samples import load, swagger2

from checker.documents import error_words
from checker.documents.error_facts import table
from checker.documents.meta import Leaf


def leaf(kind: str, said: Any) -> Leaf:
    return Leaf((), kind, said, "", {"properties": {"description": {}}})


def at(path: str, value: Any) -> Any:
    """A document with a value at one place."""
    for token in reversed(path.split()):
        value = [None] * int(token) + [value] if token.isdecimal() else {token: value}
    return value


SCHEMA = "components schemas A"
EXTRA = "AdditionalProperties"
PARAMETER = "paths /a get parameters 0"
FIELD = f"{SCHEMA} properties x"
# (kind, said, path, value there, dialect, message, mend)
ROWS: list[tuple[str, Any, str, Any, str, str, str]] = [
    ("Required", "$ref", f"{SCHEMA} properties x", 5, "3.0", "isn't a schema",
     "Write a schema here"),
    ("Required", "schema", PARAMETER, {"name": "b", "in": "body", "type": "string"},
     "2.0", "a body parameter has that in `schema`", "Move `type` into a `schema`"),
    ("Required", "schema", PARAMETER, {"name": "b", "in": "query", "type": "string"},
     "3.0", "OpenAPI 3 has that in `schema`", "Move `type` into a `schema`"),
    ("Required", "items", SCHEMA, {"type": "array"}, "3.0", "has no `items`", "the array's items"),
    ("Required", ["a", "b"], SCHEMA, {}, "3.0", "no `a` or `b`", "Add `a` or `b`"),
    (EXTRA, ["a"], "paths", {"a": {}}, "3.0", "start with a slash", 'Write "/a"'),
    (EXTRA, ["ok"], "paths /a get responses", {"ok": {}}, "2.0", "is no status",
     "100 to 599, or"),
    (EXTRA, ["ok"], "paths /a get responses", {"ok": {}}, "3.0", "is no status",
     "4XX"),
    ("UnevaluatedProperties", ["GET"], "paths /a", {"GET": {}}, "3.1", "doesn't know",
     "lower case: get"),
    (EXTRA, ["components"], "",
     {"components": {"securitySchemes": {"k": {"type": "http", "scheme": "basic"}}}}, "2.0",
     "`components`", "Move its security schemes"),
    (EXTRA, ["servers"], "", {"servers": []}, "2.0", "Swagger 2.0", "Use `host`"),
    (EXTRA, ["host"], "", {"host": "h"}, "3.0", "OpenAPI 3.0", "Use `servers`"),
    (EXTRA, ["examples"], SCHEMA, {"examples": [1]}, "3.0", "examples", "as `example`"),
    (EXTRA, ["descripton"], SCHEMA, {"descripton": "A."}, "3.0", "`descripton`",
     "Did you mean `description`"),
    (EXTRA, ["foo"], SCHEMA, {"foo": 1}, "3.0", "`foo`", "or name it `x-foo`"),
    ("Type", ["array"], f"{FIELD} required", False, "3.0", "`required: false`; in a schema",
     "Delete it."),
    ("Type", ["array"], f"{FIELD} required", True, "3.0", "`required: true`; in a schema",
     'put "x"'),
    ("Type", ["array"], f"{SCHEMA} required", True, "3.0", "`required: true`", "or write the list"),
    ("Type", ["object"], "paths", [], "3.0", "`paths` must be an object, not an array", "or more"),
    ("Type", ["boolean"], f"{SCHEMA} exclusiveMinimum", 3, "3.0", "must be a boolean",
     "`minimum: 3`"),
    ("Type", ["object"], "paths /a get responses 200", None, "3.0", "must be an object, not null",
     "Write a response"),
    ("Type", ["array"], f"{SCHEMA} enum", None, "3.0", "must be an array, not null", "Delete it."),
    ("Type", ["string"], f"{SCHEMA} $ref", 5, "3.0", "must be a string, not the integer 5",
     "Write a reference"),
    ("Type", ["object"], "paths /a get security 0", "key", "3.0", "item 1 of `security`",
     '{"key": []}'),
    ("Type", ["string"], "info version", 1.5, "3.0", "not the number 1.5", 'in quotes: "1.5"'),
    ("Type", ["boolean"], f"{SCHEMA} nullable", "true", "3.0", 'not the string "true"',
     "Write true."),
    ("Type", ["integer"], f"{SCHEMA} maxLength", "7", "3.0", 'not the string "7"', "Write 7."),
    ("Type", ["array"], f"{SCHEMA} required", "x", "3.0", 'not the string "x"', 'Write ["x"].'),
    ("Type", ["object"], f"{SCHEMA} allOf 0", 5, "3.0", "branch 1 of `allOf`", "Write an object."),
    ("Type", ["object"], FIELD, [], "3.0", 'Property "x" of schema "A" must be',
     "Write an object."),
    ("Enum", ["string", "object"], f"{SCHEMA} type", "file", "3.0", "only a formData", "binary"),
    ("Enum", ["string"], "paths /a get parameters 0 type", "object", "2.0",
     "can't have the type object (string can be)", "one by one"),
    ("Enum", ["object"], f"{SCHEMA} type", "array", "3.0", "can't have the type array", "Choose"),
    ("Enum", ["integer"], f"{SCHEMA} type", "int", "3.0", 'the type "int", which',
     'Write "integer"'),
    ("Enum", ["string"], f"{SCHEMA} type", "strng", "3.0", 'the type "strng"', 'Write "string"'),
    ("Enum", ["string"], f"{SCHEMA} type", ["string", "null"], "3.0", "a list", "`nullable: true`"),
    ("Enum", [True], "paths /a parameters 0 required", False, "3.0", "is in the path",
     "required: true"),
    ("Enum", ["query", "path"], "paths /a parameters 0 in", "qeury", "3.0", 'one of "query"',
     'Write "query"'),
    ("Constant", "a", f"{SCHEMA} x", 5, "3.0", 'must be "a", not 5', 'Write "a"'),
    ("Enum", ["query", "path"], "paths /a parameters 0 in", "body", "3.0", 'one of "query"',
     "Choose"),
    ("MinProperties", 1, "paths /a get responses", {}, "2.0", "GET /a has no responses",
     "at least one"),
    ("MinItems", 1, f"{SCHEMA} enum", [], "3.0", "`enum` is empty", "Delete it or fill it"),
    ("UniqueItems", None, f"{SCHEMA} enum", ["a", "b", "a"], "3.0", 'has "a" twice', "Delete one"),
    ("Format", "uri", "info contact url", "a b", "3.0", "isn't a valid uri", "Write a valid uri"),
    ("Pattern", "^/", "basePath", "v1", "2.0", "can't be \"v1\"", "Start it with a slash"),
    ("Pattern", "^[a-z]$", f"{SCHEMA} x", "V1", "3.0", "can't be \"V1\"", "It must match ^[a-z]$"),
    ("Minimum", 0, f"{SCHEMA} maxLength", -1, "3.0", "can't be -1", "in the allowed range"),
    ("Not", None, "paths /a parameters 0", {"example": 1, "examples": {}}, "3.0",
     "has both `example` and `examples`", "Delete one of the two"),
    ("PropertyNames", None, "components schemas", {"a b": {}}, "3.0",
     "as the specification wants it",
     "Compare"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]} {row[2]} {row[5]}"[:60])
def test_each_error_has_its_sentence_and_its_mend(row: tuple[Any, ...]) -> None:
    kind, said, path, value, dialect, message, mend = row
    (words,) = error_words.explain(at(path, value), path.split(), leaf(kind, said), dialect)
    assert message in words.message
    assert mend in words.mend


def test_no_row_is_never_reached() -> None:
    rows = [row for name in ("sentence", "mend") for row in table()[name]]
    reached = [
        error_words.chosen(name, facts)
        for kind, said, path, value, dialect, *_ in ROWS
        for facts in error_words.errors(at(path, value), path.split(), leaf(kind, said), dialect)
        for name in ("sentence", "mend")
    ]
    assert not [row for row in rows if row not in reached]


def test_what_follows_from_a_nested_section_of_another_dialect_is_told(tmp_path: Path) -> None:
    document = load(tmp_path, swagger2(definitions={"A": {"type": "object", "components": {}}}))
    (problem,) = document.problems
    assert problem.location.pointer == "/definitions/A/components"
    assert "Swagger 2.0 doesn't know there" in problem.message
