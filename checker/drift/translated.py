"""An operation of Swagger 2.0 as OpenAPI 3 has it. Pure.

Only what can be said without loss: where a part has no plain counterpart there is no translation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from checker.domain.nodes import mapping_of

JSON = "application/json"
_OF_PARAMETER = ("name", "in", "description", "required", "allowEmptyValue")
_AS_IT_IS = ("tags", "summary", "description", "externalDocs", "operationId", "deprecated")
_VALUES = ("example", "default", "enum")
_HOME = {
    "#/definitions/": "#/components/schemas/",
    "#/parameters/": "#/components/parameters/",
    "#/responses/": "#/components/responses/",
}


class Untranslated(Exception):
    """There is no plain counterpart."""


def translated(
    node: Mapping[str, Any], root: Mapping[str, Any], dialect: str = "3.0"
) -> dict[str, Any]:
    """An operation's own node of a Swagger 2.0 document in a dialect of OpenAPI 3; raises
    Untranslated."""
    made = _operation(node, root)
    return _modern(made) if dialect == "3.1" else made


def _operation(node: Mapping[str, Any], root: Mapping[str, Any]) -> dict[str, Any]:
    made = {k: v for k, v in node.items() if k in _AS_IT_IS or k.startswith("x-")}
    parameters = [p for p in node.get("parameters", ()) if isinstance(p, Mapping)]
    bodies = [p for p in parameters if p.get("in") == "body"]
    plain = [_parameter(p) for p in parameters if p.get("in") != "body"]
    if plain:
        made["parameters"] = plain
    if bodies:
        consumes = node.get("consumes") or root.get("consumes") or [JSON]
        made["requestBody"] = _body(bodies[0], consumes)
    produces = node.get("produces") or root.get("produces") or [JSON]
    responses = node.get("responses")
    if not isinstance(responses, Mapping):
        raise Untranslated
    made["responses"] = {str(s): _response(r, produces) for s, r in responses.items()}
    if "security" in node:
        made["security"] = node["security"]
    return made


def translated_schemas(root: Mapping[str, Any], dialect: str = "3.0") -> dict[str, Any]:
    """The shared schemas, where OpenAPI 3 has them; those without a counterpart are left out."""
    schemas: dict[str, Any] = {}
    definitions = root.get("definitions")
    for name, schema in mapping_of(definitions).items():
        try:
            made = _schema(schema)
            schemas[str(name)] = _modern(made) if dialect == "3.1" else made
        except Untranslated:
            continue
    return {"components": {"schemas": schemas}}


def _parameter(node: Mapping[str, Any]) -> dict[str, Any]:
    if "$ref" in node or node.get("in") not in ("query", "path", "header"):
        raise Untranslated
    if node.get("type") == "array" or "collectionFormat" in node:
        raise Untranslated
    made = {k: node[k] for k in _OF_PARAMETER if k in node}
    made |= {k: v for k, v in node.items() if k.startswith("x-") and k != "x-nullable"}
    rest = {k: v for k, v in node.items() if k not in made}
    return {**made, "schema": _schema(rest)}


def _body(node: Mapping[str, Any], media: Sequence[str]) -> dict[str, Any]:
    made = {k: node[k] for k in ("description", "required") if k in node}
    return {**made, "content": {str(m): {"schema": _schema(node.get("schema"))} for m in media}}


def _response(node: Any, media: Sequence[str]) -> dict[str, Any]:
    if not isinstance(node, Mapping) or "$ref" in node or "headers" in node:
        raise Untranslated
    made: dict[str, Any] = {"description": node.get("description", "")}
    examples = node.get("examples")
    examples = mapping_of(examples)
    if "schema" in node:
        shown = {str(m): {"schema": _schema(node["schema"])} for m in media}
        for name, example in examples.items():
            if name in shown:
                shown[name]["example"] = example
        made["content"] = shown
    return made


def _schema(node: Any) -> Any:
    """The schema with references and `nullable` as OpenAPI 3.0 has them."""
    if isinstance(node, list):
        return [_schema(item) for item in node]
    if not isinstance(node, Mapping):
        return node
    if node.get("type") == "file" or isinstance(node.get("discriminator"), str):
        raise Untranslated
    made: dict[Any, Any] = {}
    for name, value in node.items():
        if name == "$ref" and isinstance(value, str):
            made[name] = _reference(value)
        else:
            made["nullable" if name == "x-nullable" else name] = (
                value if name in _VALUES else _schema(value)
            )
    return made


def _reference(text: str) -> str:
    for old, new in _HOME.items():
        if text.startswith(old):
            return new + text.removeprefix(old)
    raise Untranslated


def _modern(node: Any) -> Any:
    """The same for OpenAPI 3.1, which has null as a type and limits that exclude as numbers."""
    if isinstance(node, list):
        return [_modern(item) for item in node]
    if not isinstance(node, Mapping):
        return node
    if any(isinstance(node.get(name), bool) for name in ("exclusiveMinimum", "exclusiveMaximum")):
        raise Untranslated
    made = {k: v if k in _VALUES else _modern(v) for k, v in node.items() if k != "nullable"}
    if node.get("nullable") is True and isinstance(node.get("type"), str):
        made["type"] = [node["type"], "null"]
    return made
