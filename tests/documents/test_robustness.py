"""Whatever stands in a file: bounded time, a problem, never a crash."""

from __future__ import annotations

import copy
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checker.documents.loader import load_document
from checker.documents.parse import parse
from checker.documents.portal import load_portal
from checker.documents.source import locate
from checker.domain.operation import Operation
from checker.domain.portal import Document
from checker.errors import DocumentError
from checker.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
ODD = st.sampled_from(
    [
        None, True, 0, -1, 1.5, 10**400, "", "x", "#/", "#/paths", "../../etc/passwd", "(a+)+$",
        "https://example.com/x.json", [], {}, [None], {"$ref": "#"}, {"$ref": 5},
        {"$ref": "#/components/schemas/x"}, {"type": ["null", 5]}, {"allOf": [{"$ref": "#"}]},
        {"": {"": ""}}, {"in": "body"}, {"in": "path", "name": {}}, {"name": "x", "in": "query"},
        [[]], {"properties": []}, {"enum": {}}, {"default": [], "type": "integer"},
        {"format": []}, {"pattern": "("}, {"pattern": "(a+)+$", "default": "a" * 40},
        {"minimum": "x", "default": 1}, {"discriminator": 5}, {"oneOf": [1, None]},
    ]
)  # fmt: skip


def samples() -> list[Any]:
    """The project's own documents, and real ones where they are."""
    folders = [ROOT / "swagger"]
    shared = Path(os.environ.get("DRIFTCHECK_SHARED") or ROOT.parent / "shared")
    folders += [shared / "corpus", shared / "targets"]
    found: list[Any] = []
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".json", ".yaml") and path.stat().st_size < 60_000:
                data = parse(path.read_text("utf-8"), path.suffix[1:]).data
                if isinstance(data, dict) and ("swagger" in data or "openapi" in data):
                    found.append(data)
    return found


SAMPLES = samples()


def touch(document: Document) -> None:
    """Everything that others ask of a document."""
    for operation in document.operations:
        touch_operation(operation)
    for problem in document.problems:
        assert problem.message.strip()
        assert problem.mend.strip()
        assert problem.location.file


def touch_operation(operation: Operation) -> None:
    assert operation.id.path.startswith("/")
    list(operation.fields.items())
    for response in operation.responses:
        for schema in response.content.values():
            if schema is not None:
                for name, child in schema.properties.items():
                    assert isinstance(name, str)
                    _ = (child.items, child.additional, list(child.variants), child.nullable)
        list(response.headers.values())
    _ = (operation.security.protected, operation.text)


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [at]
    children: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        children = list(value.items())
    elif isinstance(value, list):
        children = list(enumerate(value))
    for key, child in children:
        found += places(child, (*at, key))
    return found


PLACES = [places(sample)[1:] for sample in SAMPLES]


def mutate(data: st.DataObject) -> Any:
    """A sample with one to three nodes removed, replaced, doubled or renamed."""
    number = data.draw(st.integers(0, len(SAMPLES) - 1))
    document = copy.deepcopy(SAMPLES[number])
    for _ in range(data.draw(st.integers(1, 3))):
        *path, last = PLACES[number][data.draw(st.integers(0, len(PLACES[number]) - 1))]
        holder: Any = document
        for key in path:
            try:
                holder = holder[key]
            except (KeyError, IndexError, TypeError):
                holder = None
                break
        if isinstance(holder, dict) and last in holder:
            match data.draw(st.sampled_from(["remove", "replace", "rename"])):
                case "remove":
                    del holder[last]
                case "replace":
                    holder[last] = data.draw(ODD)
                case _:
                    holder[data.draw(st.sampled_from(["", "$ref", "x-y", "type", "/{", "in"]))] = (
                        holder.pop(last)
                    )
        elif isinstance(holder, list) and isinstance(last, int) and last < len(holder):
            holder[last] = data.draw(ODD)
    return document


@pytest.mark.skipif(not SAMPLES, reason="no documents to mutate")
@settings(
    max_examples=int(os.environ.get("DRIFTCHECK_MUTATIONS", "150")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_mutated_documents_never_crash(data: st.DataObject) -> None:
    document = mutate(data)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "api.json"
        path.write_text(json.dumps(document), "utf-8")
        try:
            touch(load_document(path))
        except DocumentError as error:
            assert str(path) in str(error)


@pytest.mark.skipif(not SAMPLES, reason="no documents to mutate")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), syntax=st.sampled_from(["json", "yaml"]))
def test_damaged_texts_never_crash(data: st.DataObject, syntax: str) -> None:
    document = SAMPLES[data.draw(st.integers(0, len(SAMPLES) - 1))]
    text = json.dumps(document, indent=1)
    at = data.draw(st.integers(0, len(text)))
    junk = data.draw(st.sampled_from(["", "{", "}", "[", '"', ",", "\x00", "&a *a", "\t", "!!x "]))
    damaged = text[:at] + junk + text[at + data.draw(st.integers(0, 5)) :]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"api.{syntax}"
        path.write_text(damaged, "utf-8")
        try:
            touch(load_document(path))
        except DocumentError as error:
            assert str(path) in str(error)


def test_a_wide_and_deep_web_of_schemas_is_bounded(tmp_path: Path) -> None:
    """30 properties each, 12 levels, every level refers to the next: 30¹² fields unrolled."""
    schemas = {
        f"L{n}": {
            "type": "object",
            "properties": {f"p{i}": {"$ref": f"#/components/schemas/L{n + 1}"} for i in range(30)},
        }
        for n in range(12)
    }
    schemas["L12"] = {"type": "object"}
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/L0"}}}
    post = {"requestBody": {"content": content}, "responses": {"200": {"description": ""}}}
    path = tmp_path / "api.json"
    path.write_text(
        json.dumps(
            {
                "openapi": "3.0.0",
                "info": {"title": "t", "version": "1"},
                "paths": {"/a": {"post": post}},
                "components": {"schemas": schemas},
            }
        )
    )
    document = load_document(path)
    assert not document.problems
    assert len(document.operations[0].fields) <= 5_000


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "api.json"
    path.write_bytes(b'{"openapi": "3.0.0", "paths": {}, "info": {"title": "\xff\xfe"}}')
    touch(load_document(path))
    path.write_bytes("\ufeff{}".encode("utf-16"))
    touch(load_document(path))


def test_what_is_nested_deeply_is_not_walked_for_positions(tmp_path: Path) -> None:
    text = 'openapi: 3.0.0\ninfo: {title: t, version: "1"}\npaths: {}\nx: '
    path = tmp_path / "api.yaml"
    path.write_text(text + "[" * 200_000 + "]" * 200_000)
    (problem,) = load_portal([path], Settings()).documents[0].problems
    assert "nested" in problem.message
    assert locate(problem.location).line == 1


def test_long_texts_are_read_in_bounded_time(tmp_path: Path) -> None:
    get = {"description": "token " * 20_000 + "available for " * 20_000, "responses": {}}
    path = tmp_path / "api.json"
    path.write_text(json.dumps({"openapi": "3.0.0", "paths": {"/a": {"get": get}}}))
    touch(load_document(path))


WORDS = [
    "allOf",
    "oneOf",
    "anyOf",
    "$ref",
    "properties",
    "items",
    "required",
    "type",
    "enum",
    "not",
    "default",
    "example",
    "discriminator",
    "components",
    "schema",
    "parameters",
    "",
    "a.b",
    "[]",
    ".",
]


def with_schemas(schemas: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A document whose one operation takes and gives the schema L0."""
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/L0"}}}
    post = {
        "requestBody": {"content": content},
        "responses": {"200": {"description": "", "content": content}},
        **more,
    }
    return {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"post": post}},
        "components": {"schemas": schemas},
    }


def chain(word: str, levels: int, width: int = 2) -> dict[str, Any]:
    """Every level names the next one several times: width to the power of levels, written out."""
    made: dict[str, Any] = {
        f"L{n}": {word: [{"$ref": f"#/components/schemas/L{n + 1}"}] * width} for n in range(levels)
    }
    made[f"L{levels}"] = {"type": "object", "properties": {"a": {"type": "string"}}}
    return with_schemas(made)


def walked(document: dict[str, Any], folder: Path) -> Document:
    path = folder / "api.json"
    path.write_text(json.dumps(document), "utf-8")
    loaded = load_document(path)
    touch(loaded)
    return loaded


@pytest.mark.parametrize("word", ["oneOf", "anyOf", "allOf"])
@pytest.mark.parametrize("width", [2, 6, 40])
def test_chains_that_double_are_bounded(word: str, width: int, tmp_path: Path) -> None:
    from checker.domain import operation

    document = walked(chain(word, 30, width), tmp_path)
    schema = document.operations[0].body["application/json"]
    assert schema is not None
    walk = operation._Flattening()
    list(walk.walk(schema, "", 0, "", frozenset()))
    assert walk.visits <= 1_000


def test_members_that_double_are_bounded(tmp_path: Path) -> None:
    schemas: dict[str, Any] = {
        f"L{n}": {
            "oneOf": [
                {"properties": {f"{kind}{n}": {"$ref": f"#/components/schemas/L{n + 1}"}}}
                for kind in "abcdefgh"
            ]
        }
        for n in range(30)
    }
    schemas["L30"] = {"type": "string"}
    assert len(walked(with_schemas(schemas), tmp_path).operations[0].fields) <= 5_000


def test_a_shared_branch_is_found_at_its_nearest(tmp_path: Path) -> None:
    """What was met far down first is walked again where it is nearer to the top."""
    inner = {"type": "object", "properties": {"inner": {"type": "string"}}}
    schemas: dict[str, Any] = {"End": {"type": "object", "properties": {"end": inner}}}
    far: dict[str, Any] = {"$ref": "#/components/schemas/End"}
    for _ in range(7):
        far = {"anyOf": [far, {"type": "integer"}, {"type": "boolean"}]}
    schemas["L0"] = {"oneOf": [far, {"$ref": "#/components/schemas/End"}]}
    fields = walked(with_schemas(schemas), tmp_path).operations[0].fields
    assert [key.name for key in fields] == ["end", "end.inner"]


def test_names_of_keywords_are_names_where_names_stand(tmp_path: Path) -> None:
    inner = {word: {"type": "integer"} for word in WORDS}
    schemas = {"L0": {"properties": {w: {"type": "object", "properties": inner} for w in WORDS}}}
    document = walked(with_schemas(schemas, components={"schemas": {"X": {}}}), tmp_path)
    names = {key.name for key in document.operations[0].fields}
    assert {"allOf", "allOf.oneOf", "$ref.$ref", "properties.items"} <= names


@pytest.mark.parametrize("levels", [60, 3_000])
@pytest.mark.parametrize("kind", ["plain", "allOf", "oneOf", "properties"])
def test_long_ways_of_references(kind: str, levels: int, tmp_path: Path) -> None:
    def step(number: int) -> dict[str, Any]:
        to = {"$ref": f"#/components/schemas/L{number + 1}"}
        if kind == "plain":
            return to
        if kind == "properties":
            return {"type": "object", "properties": {"n": to}}
        return {kind: [to, {"type": "null"}]} if kind == "oneOf" else {kind: [to]}

    schemas = {f"L{n}": step(n) for n in range(levels)}
    walked(with_schemas({**schemas, f"L{levels}": {"type": "string"}}), tmp_path)


def test_numbers_and_texts_that_nobody_can_write(tmp_path: Path) -> None:
    path = tmp_path / "api.json"
    text = json.dumps(
        with_schemas({"L0": {"type": "number", "maximum": 0, "description": "\ud800"}})
    )
    path.write_text(text.replace('"maximum": 0', f'"maximum": {"9" * 5_000}, "minimum": -1e999'))
    document = load_document(path)
    schema = document.operations[0].body["application/json"]
    assert schema is not None and schema.description == "\ufffd"
    assert schema.maximum is not None and float(schema.maximum) > 1e200
    assert schema.minimum is not None and schema.minimum > float("-inf")
    assert any("surrogate" in problem.message for problem in document.problems)


def test_nothing_where_something_should_be(tmp_path: Path) -> None:
    document = with_schemas({"L0": {}})
    document["paths"].update({"/x": None, "": {"get": {}}, "y": {"get": None}})
    document["paths"]["/z"] = {
        "parameters": None,
        "get": {"parameters": None, "responses": None, "security": None, "tags": None},
        "put": {"parameters": [None, {}, {"in": "query"}, {"name": "q", "required": "yes"}]},
    }
    walked(document, tmp_path)
    walked(dict.fromkeys(("openapi", "info", "paths", "components", "servers")), tmp_path)
    walked({**document, "components": None}, tmp_path)


def test_keys_that_are_no_texts(tmp_path: Path) -> None:
    path = tmp_path / "api.yaml"
    path.write_text(
        "openapi: 3.0.0\ninfo: {title: t, version: 2020-01-01, 5: x, ~: y}\n"
        "paths:\n  /a:\n    get:\n      2020-01-01: x\n"
        "      responses: {200: {}, ~: , 2020-01-01: {}}\n"
        "  5: {get: {}}\n  2020-01-01: {get: }\n  ~: {}\n  ? [a, b]\n  : {}\n"
        f"x: {'9' * 5_000}\ny: 1e999\nz: !!float {'9' * 5_000}\nw: !!int {'9' * 5_000}\n"
    )
    touch(load_document(path))
