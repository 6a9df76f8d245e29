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
