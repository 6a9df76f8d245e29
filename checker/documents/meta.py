"""The meta-schema's errors: every one, without the cascades, as plain sentences."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from checker.documents.error_mends import MOVED
from checker.documents.error_words import explain
from checker.documents.nodes import pointer, walk
from checker.documents.operations import Context, join
from checker.documents.subjects import operation_at, value_at
from checker.domain.location import Location
from checker.domain.nodes import mapping_of
from checker.domain.pointer import pointer_of, tokens_of
from checker.domain.portal import Problem

MAX_ERRORS = 2_000
MAX_PATTERN = 5_000
_FOLDERS = {"2.0": "v2.0", "3.0": "v3.0", "3.1": "v3.1", "3.2": "v3.2"}
_VERSIONS = {"2.0": ("swagger", "2.0"), "3.0": ("openapi", "3.0.3")}
# Properties that say which branch of a oneOf is meant, the most telling first.
_TELLING = ("in", "type", "openapi", "scheme")
_CLASS_THEN_DASH = re.compile(r"(\\[wsdWSD])-(?!\])")
_EXTRA = ("AdditionalProperties", "UnevaluatedProperties")
_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_OAS_WORDS: Mapping[str, Any] = {
    "type": ["object", "boolean"],
    "properties": {
        "discriminator": {
            "type": "object",
            "required": ["propertyName"],
            "properties": {
                "propertyName": {"type": "string"},
                "mapping": {"type": "object", "additionalProperties": {"type": "string"}},
            },
        },
        "externalDocs": {"type": "object", "required": ["url"]},
        "xml": {"type": "object"},
    },
}


@dataclass(frozen=True, slots=True)
class Leaf:
    """One plain error: the node's path, the kind of rule, and what the rule says."""

    path: tuple[Any, ...]
    kind: str
    said: Any
    message: str
    definition: Mapping[str, Any]


def meta_schema(dialect: str) -> dict[str, Any]:
    """openapi-spec-validator's own meta-schema, read without importing the package."""
    spec = find_spec("openapi_spec_validator")
    folders = spec.submodule_search_locations if spec else None
    if not folders:
        raise ModuleNotFoundError("openapi-spec-validator isn't installed")
    file = Path(folders[0]) / "resources" / "schemas" / _FOLDERS[dialect] / "schema.json"
    made: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return made


@cache
def _validator(dialect: str) -> tuple[Any, dict[str, Any]]:
    import jsonschema_rs

    schema = meta_schema(dialect)
    return jsonschema_rs.validator_cls_for(schema)(schema), schema


@cache
def _schema_validator() -> Any:
    import jsonschema_rs

    one = {"allOf": [{"$ref": _DRAFT}, _OAS_WORDS]}
    return jsonschema_rs.Draft202012Validator({"additionalProperties": one})


@cache
def known_names(dialect: str) -> frozenset[str]:
    """Every property name of a dialect's specification."""
    names: set[str] = set()
    pending: list[Any] = [_validator(dialect)[1]]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            if isinstance(node.get("properties"), dict):
                names.update(node["properties"])
            pending += node.values()
        elif isinstance(node, list):
            pending += node
    return frozenset(names)


def meta_problems(context: Context) -> list[Problem]:
    """Every error of the document's shape."""
    root: Mapping[str, Any] = context.root.value
    key, version = _VERSIONS.get(context.dialect, ("openapi", context.dialect + ".0"))
    shaped = {**root, key: version}
    shaped.pop("openapi" if key == "swagger" else "swagger", None)
    try:
        leaves = list(_leaves_of(shaped, context.dialect))
        if context.dialect in ("3.1", "3.2"):
            leaves += _schema_leaves(root)
    except ValueError as error:
        message = "The document can't be checked against the specification's schema"
        return [
            Problem(f"{message}: {error}.", "Make it plain JSON data.", Location(context.info.file))
        ]
    problems: list[Problem] = []
    for leaf in _without_echoes(leaves, root, context.dialect):
        path = [str(t) for t in leaf.path]
        operation = operation_at(path, lambda p: join(context.info.base_path, p))
        for words in explain(root, path, leaf, context.dialect):
            problems.append(
                Problem(
                    words.message,
                    words.mend,
                    Location(context.info.file, words.pointer),
                    operation=operation,
                    patch=words.patch,
                )
            )
    return problems


def _leaves_of(document: Mapping[str, Any], dialect: str) -> Iterator[Leaf]:
    validator, schema = _validator(dialect)
    if validator.is_valid(document):
        return
    for number, error in enumerate(validator.iter_errors(document)):
        if number >= MAX_ERRORS:
            return
        yield from _drill(error, document, schema)


def _top_schemas(root: Mapping[str, Any]) -> dict[str, Any]:
    """The schemas that aren't inside another one, by their pointers."""
    tops: dict[str, Any] = {}
    last = ""
    for kind, place, node in walk(root):
        if kind != "schema" or node.get("$schema", _DRAFT) != _DRAFT:
            continue
        at = pointer(place)
        if last and at.startswith(last + "/"):
            continue
        last = at
        tops[at] = node
    return tops


def _schema_leaves(root: Mapping[str, Any]) -> list[Leaf]:
    """3.1: schemas follow JSON Schema, which the document's meta-schema doesn't look into."""
    if root.get("jsonSchemaDialect", "https://spec.openapis.org/oas/3.1/dialect/base") not in (
        "https://spec.openapis.org/oas/3.1/dialect/base",
        "https://spec.openapis.org/oas/3.1/dialect/2024-11-10",
        _DRAFT,
    ):
        return []
    tops = _top_schemas(root)
    validator = _schema_validator()
    if validator.is_valid(tops):
        return []
    leaves: list[Leaf] = []
    for error in list(validator.iter_errors(tops))[:MAX_ERRORS]:
        for leaf in _drill(error, tops, {}):
            path = (*tokens_of(str(leaf.path[0])), *leaf.path[1:]) if leaf.path else ()
            leaves.append(Leaf(path, leaf.kind, leaf.said, leaf.message, leaf.definition))
    return leaves


def _drill(error: Any, root: Any, schema: Mapping[str, Any], depth: int = 0) -> list[Leaf]:
    """The plain errors behind one: of a choice, those of the branch that was meant."""
    kind = type(error.kind).__name__
    path = tuple(error.instance_path)
    branches = getattr(error.kind, "context", None)
    if branches is None or depth > 40:
        definition = value_at(schema, error.schema_path[:-1]) if schema else None
        said = _said(error, kind)
        message = str(error.message)[:300]
        made = mapping_of(definition)
        return [Leaf(path, kind, said, message, made)]
    drilled = [
        [leaf for inner in branch for leaf in _drill(inner, root, schema, depth + 1)]
        for branch in branches
    ]
    drilled = [branch for branch in drilled if branch]
    return _meant(path, drilled, value_at(root, path))


def _said(error: Any, kind: str) -> Any:
    for word in ("property", "unexpected", "types", "options", "expected_value", "pattern",
                 "format", "limit"):  # fmt: skip
        value = getattr(error.kind, word, None)
        if value is not None and not isinstance(value, type):
            return value
    return None


def _meant(path: tuple[Any, ...], branches: list[list[Leaf]], value: Any) -> list[Leaf]:
    """The errors of the branch that the author most likely meant."""
    if not branches:
        return [Leaf(path, "Choice", None, "", {})]
    left = branches
    refers = isinstance(value, Mapping) and "$ref" in value

    def keep(test: Any) -> None:
        nonlocal left
        good = [branch for branch in left if test(branch)]
        left = good or left

    def is_reference(branch: Sequence[Leaf]) -> bool:
        return any(x.kind == "Required" and x.said == "$ref" and x.path == path for x in branch)

    keep(lambda branch: not is_reference(branch) or refers)
    if len(left) == 1:
        return left[0]
    wrong = [b for b in left if any(x.path == path and x.kind == "Type" for x in b)]
    if len(wrong) == len(left) and len(left) > 1:
        types = [t for b in left for x in b if x.kind == "Type" for t in _listed(x.said)]
        return [Leaf(path, "Type", list(dict.fromkeys(types)), "", left[0][0].definition)]
    keep(lambda branch: not any(x.path == path and x.kind == "Type" for x in branch))
    if len(left) == 1:
        return left[0]
    # a security scheme's `type` says what it is, a parameter's `in`
    scheme = len(path) > 1 and str(path[-2]).startswith("security")
    for name in sorted(_TELLING, key=lambda n: n != "type") if scheme else _TELLING:
        at = (*path, name)
        telling = [x for b in left for x in b if x.path == at and x.kind in ("Enum", "Constant")]
        if telling and all(
            any(x.path == at and x.kind in ("Enum", "Constant") for x in b) for b in left
        ):
            options = [o for x in telling for o in _listed(x.said)]
            return [Leaf(at, "Enum", list(dict.fromkeys(map(str, options))), "", {})]
        keep(lambda b, at=at: not any(x.path == at and x.kind in ("Enum", "Constant") for x in b))
    lone = [b[0] for b in left if len(b) == 1 and b[0].kind == "Required" and b[0].path == path]
    if len(lone) == len(left) and len(lone) > 1:
        names = list(dict.fromkeys(str(x.said) for x in lone))
        return [Leaf(path, "Required", names, "", lone[0].definition)]
    return min(left, key=lambda b: (len(b), -max(len(x.path) for x in b)))


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _compiles(root: Any, path: Sequence[Any]) -> bool:
    """Whether Python reads a pattern that jsonschema-rs refuses: dialects of regular expressions
    differ (`[\\w- ]`), and only what none of them reads is certainly wrong.
    """
    value = value_at(root, path)
    if not isinstance(value, str) or len(value) > MAX_PATTERN:
        return True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(_CLASS_THEN_DASH.sub(r"\1\\-", value))
    except (re.error, RecursionError, OverflowError):
        return False
    return True


def _without_echoes(leaves: Sequence[Leaf], root: Any, dialect: str) -> list[Leaf]:
    """Each place and rule once, without what only follows from another error."""
    unique: dict[str, Leaf] = {}
    for leaf in leaves:
        at = pointer_of(leaf.path)
        unique.setdefault(f"{at} {leaf.kind} {leaf.said}", leaf)
    found = list(unique.values())
    solid = [leaf.path for leaf in found if leaf.kind != "UnevaluatedProperties"]
    by_path: dict[tuple[Any, ...], list[Leaf]] = {}
    for leaf in found:
        by_path.setdefault(leaf.path, []).append(leaf)
    result: list[Leaf] = []
    for leaf in found:
        beside = [x for x in by_path[leaf.path] if x is not leaf]
        names = _listed(leaf.said)
        if leaf.kind in ("Not", "Choice") and beside:
            continue
        if leaf.kind == "Format" and leaf.said == "regex" and _compiles(root, leaf.path):
            continue
        if leaf.kind == "Type" and any(x.kind == "Enum" for x in beside):
            continue
        if leaf.kind == "UniqueItems" and leaf.path == ("tags",):
            continue  # said by name elsewhere
        if leaf.kind == "Required":
            extra = [n for x in beside if x.kind in _EXTRA for n in _listed(x.said)]
            if names == ["type"] and "schema" in extra:
                continue
        if leaf.kind in _EXTRA:
            lacks = [n for x in beside if x.kind == "Required" for n in _listed(x.said)]
            if "schema" in lacks:
                names = [n for n in names if n not in MOVED]
            if leaf.kind == "UnevaluatedProperties" and any(
                p[: len(leaf.path)] == leaf.path for p in solid
            ):
                names = [n for n in names if n not in known_names(dialect)]
                names = [n for n in names if not str(n).startswith("/")]
            if not names:
                continue
            leaf = Leaf(leaf.path, leaf.kind, names, leaf.message, leaf.definition)
        result.append(leaf)
    return result
