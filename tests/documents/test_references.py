"""References: where they lead, and where they may not."""

from __future__ import annotations

from pathlib import Path

from document_samples import OK, load, openapi, swagger2, write

from checker.documents.loader import load_document
from checker.documents.portal import load_portal
from checker.documents.references import Files
from checker.domain.operation import FieldKey, Place
from checker.settings import Settings


def with_body(reference: str) -> dict[str, object]:
    content = {"application/json": {"schema": {"$ref": reference}}}
    return {"/a": {"post": {"requestBody": {"content": content}, "responses": OK}}}


def test_within_and_between_files(tmp_path: Path) -> None:
    write(tmp_path, {"type": "object", "properties": {"n": {"$ref": "b.yaml#/x"}}}, "m/a.json")
    write(tmp_path, "x:\n  type: integer\n", "m/b.yaml")
    document = load(tmp_path, openapi(paths=with_body("m/a.json")))
    field = document.operations[0].fields[FieldKey(Place.BODY, "n")]
    assert field.schema.types == ("integer",)
    assert field.schema.location.file == str(tmp_path / "m" / "b.yaml")
    assert field.schema.location.pointer == "/x"
    assert field.location.file == str(tmp_path / "m" / "a.json")
    assert not document.problems


def test_outside_the_folder_is_never_opened(tmp_path: Path) -> None:
    write(tmp_path, {"type": "object", "properties": {"secret": {}}}, "secret.json")
    inside = tmp_path / "docs"
    document = load(inside, openapi(paths=with_body("../secret.json")))
    (problem,) = document.problems
    assert "leads out of the given folder" in problem.message
    assert not document.operations[0].fields
    (inside / "link.json").symlink_to(tmp_path / "secret.json")
    linked = load(inside, openapi(paths=with_body("link.json")))
    assert "leads out of the given folder" in linked.problems[0].message
    for address in ("/etc/passwd", "file:///etc/passwd"):
        refused = load(inside, openapi(paths=with_body(address)))
        assert refused.problems, address


def test_a_wider_root_allows_what_is_below_it(tmp_path: Path) -> None:
    write(tmp_path, {"type": "object", "properties": {"n": {}}}, "common.json")
    path = write(tmp_path, openapi(paths=with_body("../common.json")), "docs/api.json")
    document = load_document(path, files=Files(roots=[tmp_path]))
    assert not document.problems
    assert FieldKey(Place.BODY, "n") in document.operations[0].fields


def test_mapped_and_remote(tmp_path: Path) -> None:
    write(tmp_path, {"properties": {"n": {"$ref": "./deep/m.json"}}}, "copy/thing.json")
    write(tmp_path, {"type": "string"}, "copy/deep/m.json")
    address = "https://example.com/entities/thing.json"
    path = write(tmp_path, openapi(paths=with_body(address)), "docs/api.json")
    mapped = Settings(ref_map={"https://example.com/entities": tmp_path / "copy"})
    portal = load_portal([path], mapped)
    fields = portal.documents[0].operations[0].fields
    assert fields[FieldKey(Place.BODY, "n")].schema.types == ("string",)
    assert not portal.documents[0].problems
    # unmapped: nothing is fetched, nothing is called wrong, a note says what to do
    alone = load_portal([path], Settings())
    assert not alone.documents[0].problems
    assert not alone.documents[0].operations[0].fields
    assert "--ref-map" in alone.notes[0]


def test_a_mapped_folder_is_no_way_out(tmp_path: Path) -> None:
    write(tmp_path, {"properties": {"secret": {}}}, "secret.json")
    write(tmp_path, {}, "copy/x.json")
    address = "https://example.com/e/../secret.json"
    path = write(tmp_path, openapi(paths=with_body(address)), "docs/api.json")
    portal = load_portal([path], Settings(ref_map={"https://example.com/e": tmp_path / "copy"}))
    assert not portal.documents[0].operations[0].fields
    assert portal.documents[0].problems


def test_what_is_missing_is_said_once_with_the_nearest_name(tmp_path: Path) -> None:
    paths = {**with_body("#/components/schemas/Usr"), "/b": with_body("x")["/a"]}
    paths["/b"] = with_body("#/components/schemas/Usr")["/a"]
    schemas = {"User": {"type": "object"}}
    (problem,) = load(tmp_path, openapi(paths=paths, components={"schemas": schemas})).problems
    assert 'Did you mean "User"?' in problem.mend
    assert "1 more place" in problem.message
    assert problem.location.line


def test_cycles_end(tmp_path: Path) -> None:
    schemas = {
        "Loop": {"$ref": "#/components/schemas/Loop"},
        "A": {"allOf": [{"$ref": "#/components/schemas/A"}, {"properties": {"x": {}}}]},
        "Node": {
            "type": "object",
            "properties": {
                "child": {"$ref": "#/components/schemas/Node"},
                "children": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}},
                "name": {"type": "string"},
            },
        },
    }
    for name in ("Loop", "A", "Node"):
        paths = with_body(f"#/components/schemas/{name}")
        document = load(tmp_path, openapi(paths=paths, components={"schemas": schemas}))
        fields = document.operations[0].fields
        assert len(fields) < 30
    names = [k.name for k in fields]
    assert names == ["child", "children", "name"]


def test_recursive_schemas_can_be_walked_as_deep_as_one_likes(tmp_path: Path) -> None:
    node = {"type": "array", "items": {"$ref": "#/definitions/T"}}
    body = {"in": "body", "name": "b", "schema": {"$ref": "#/definitions/T"}}
    paths = {"/a": {"post": {"parameters": [body], "responses": OK}}}
    document = load(tmp_path, swagger2(paths=paths, definitions={"T": node}))
    schema = document.operations[0].body["application/json"]
    for _ in range(50):
        assert schema is not None
        assert schema.types == ("array",)
        schema = schema.items


def test_siblings_of_a_reference(tmp_path: Path) -> None:
    schemas = {"S": {"type": "string", "maxLength": 5}}
    node = {"$ref": "#/components/schemas/S", "minLength": 2, "description": "mine"}
    content = {"application/json": {"schema": {"properties": {"s": node}}}}
    paths = {"/a": {"post": {"requestBody": {"content": content}, "responses": OK}}}
    old = load(tmp_path, openapi(paths=paths, components={"schemas": schemas}))
    new = load(tmp_path, openapi("3.1.0", paths=paths, components={"schemas": schemas}))
    key = FieldKey(Place.BODY, "s")
    assert old.operations[0].fields[key].schema.min_length is None
    assert new.operations[0].fields[key].schema.min_length == 2
    assert new.operations[0].fields[key].schema.max_length == 5
    assert new.operations[0].fields[key].schema.types == ("string",)


def test_anchors(tmp_path: Path) -> None:
    schemas = {"S": {"$anchor": "money", "type": "integer"}}
    document = load(
        tmp_path, openapi("3.1.0", paths=with_body("#money"), components={"schemas": schemas})
    )
    body = document.operations[0].body["application/json"]
    assert body is not None
    assert body.types == ("integer",)
    assert not document.problems


def test_names_with_slashes_tildes_and_percent_signs(tmp_path: Path) -> None:
    schemas = {"a/b~c d": {"type": "integer"}}
    reference = "#/components/schemas/a~1b~0c%20d"
    document = load(tmp_path, openapi(paths=with_body(reference), components={"schemas": schemas}))
    body = document.operations[0].body["application/json"]
    assert body is not None
    assert body.types == ("integer",)
    assert body.location.pointer == "/components/schemas/a~1b~0c d"
