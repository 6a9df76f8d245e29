"""Whether a `default` follows its own schema.

Plain schemas are judged here; openapi-spec-validator's value validators judge the rest, which
is slow but rare. A document's `pattern`s run with a limit on backtracking only.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from checker.documents.converting import converted
from checker.documents.operations import Context, join
from checker.documents.subjects import operation_at, subject
from checker.domain.location import Location
from checker.domain.nodes import each_of
from checker.domain.pointer import escape, tokens_of
from checker.domain.portal import Problem
from checker.domain.schema import JSON_TYPES, json_type

BACKTRACKS = 100_000
MAX_JUDGED = 200_000
# Keywords that a plain schema may have without a say on whether its default fits.
_SILENT = frozenset(
    {
        "description", "title", "summary", "example", "examples", "default", "deprecated", "name",
        "in", "required", "readOnly", "writeOnly", "xml", "externalDocs", "allowEmptyValue",
        "collectionFormat", "properties", "items", "style", "explode",
    }
)  # fmt: skip
_FREE_FORMATS = frozenset({"int32", "int64", "float", "double", "password", "binary", "uri"})


def default_problem(context: Context, at: str, node: Mapping[str, Any]) -> Iterator[Problem]:
    """A problem where the schema at pointer `at` refuses its own default."""
    value = node["default"]
    if value is None and (node.get("nullable") is True or node.get("x-nullable") is True):
        return
    if fits(value, node) or not _known_types(node.get("type")):
        return
    why = _judge(context, at, node, value)
    if not why:
        return
    path = tokens_of(at)
    given = json.dumps(value, ensure_ascii=False, default=str)
    given = given if len(given) < 80 else given[:77] + "…"
    patch, mend = _mend(value, node, at)
    what = subject(context.root.value, path)
    name = what.partition(" of ")[0] if path[:1] == ["paths"] else what
    # Generators write `default: null` for "none": one habit of a file, and nothing is misled.
    none = value is None
    yield Problem(
        f"{what} has the default {given}, which {why}.",
        mend,
        Location(context.info.file, at + "/default"),
        operation=operation_at(path, lambda p: join(context.info.base_path, p)),
        patch=patch,
        minor=none,
        mistake="default null" if none else f"{name} has the default {given}, which {why}",
    )


def _known_types(said: Any) -> bool:
    """Whether the type is one at all: a wrong one is an error of its own."""
    listed = each_of(said)
    return said is None or all(isinstance(t, str) and t in JSON_TYPES for t in listed)


def fits(value: Any, node: Mapping[str, Any]) -> bool:
    """True where a plain schema certainly allows the value; False: look closer."""
    for key, said in node.items():
        if key in _SILENT or (isinstance(key, str) and key[:2] == "x-"):
            if key in ("items", "properties") and value not in ([], {}):
                return False
            if key == "required" and isinstance(said, list) and isinstance(value, dict):
                return False
            continue
        if key == "type":
            if not _is(value, said):
                return False
        elif key == "enum":
            if not isinstance(said, list) or not any(
                type(value) is type(o) and value == o for o in said
            ):
                return False
        elif key == "format":
            if not isinstance(said, str) or said not in _FREE_FORMATS:
                return False
        elif key == "nullable":
            continue
        elif key in ("minimum", "maximum"):
            number = isinstance(value, (int, float)) and isinstance(said, (int, float))
            if not number or (value < said if key == "minimum" else value > said):
                return False
            if node.get("exclusiveMinimum") or node.get("exclusiveMaximum"):
                return False
        else:
            return False
    return True


def _is(value: Any, said: Any) -> bool:
    if not isinstance(said, str):
        return False
    kind = json_type(value)
    if isinstance(value, float) and kind == "integer":
        return said == "number"
    return kind == said or (kind == "integer" and said == "number")


def _judge(context: Context, at: str, node: Mapping[str, Any], value: Any) -> str:
    """Why the validator refuses the value, empty where it doesn't (or can't tell)."""
    pattern = node.get("pattern")
    bare = {k: v for k, v in node.items() if k != "pattern"}
    if isinstance(pattern, str) and isinstance(value, str) and not matches(pattern, value):
        return "doesn't match its pattern"
    try:
        written = json.dumps(bare, default=str)
        if len(written) > MAX_JUDGED or '"pattern"' in written:
            return ""
        error = next(iter(_errors(context, at, bare, value)), None)
    except Exception:
        # The validator itself fails on this schema: nothing is known of the default.
        return ""
    return _words(error) if error is not None else ""


def _errors(context: Context, at: str, node: Mapping[str, Any], value: Any) -> Iterator[Any]:
    import openapi_schema_validator as judge
    from jsonschema_path.paths import SchemaPath

    validator, checker = {
        "3.1": (judge.OAS31Validator, judge.oas31_format_checker),
        "3.2": (judge.OAS32Validator, judge.oas32_format_checker),
    }.get(context.dialect, (judge.OAS30Validator, judge.oas30_format_checker))
    if '"$ref"' not in json.dumps(node, default=str):
        yield from validator(node, format_checker=checker).iter_errors(value)
        return
    root = {**context.root.value, "x-judged": node}
    path = SchemaPath.from_dict(root, handlers={}) / "x-judged"
    with path.resolve() as resolved:
        made = validator(resolved.contents, _resolver=resolved.resolver, format_checker=checker)
        yield from made.iter_errors(value)


def matches(pattern: str, value: str) -> bool:
    """Whether a document's pattern allows a value; True where that takes too long to say."""
    import jsonschema_rs

    try:
        schema = {"pattern": pattern[:5_000]}
        options = jsonschema_rs.FancyRegexOptions(backtrack_limit=BACKTRACKS, size_limit=10**6)
        made = jsonschema_rs.Draft202012Validator(schema, pattern_options=options)
        errors = list(made.iter_errors(value[:10_000]))
    except ValueError:
        return True
    return all(type(e.kind).__name__ != "Pattern" for e in errors)


def _words(error: Any) -> str:
    said = error.validator_value
    match error.validator:
        case "type":
            listed = " or ".join(said) if isinstance(said, list) else str(said)
            if error.absolute_path:
                return "doesn't follow its own schema"
            article = "an" if listed[:1] in "aeiou" else "a"
            return f"is not {article} {listed}"
        case "enum" | "const":
            return "is not among its enum values"
        case "format":
            return f"is not of its format {said}"
        case "minimum" | "exclusiveMinimum" | "minLength" | "minItems":
            return f"is below its {error.validator} {said}"
        case "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems":
            return f"is above its {error.validator} {said}"
        case "required":
            return "lacks a required property"
    return "doesn't follow its own schema"


def _mend(
    value: Any, node: Mapping[str, Any], at: str
) -> tuple[tuple[Mapping[str, Any], ...], str]:
    place = at + "/" + escape("default")
    fixed = converted(value, (node.get("type"),))
    options = node.get("enum")
    if fixed is not None and (not isinstance(options, list) or fixed in options):
        text = json.dumps(fixed)
        return ({"op": "replace", "path": place, "value": fixed},), f"Write {text}."
    if value is None:
        return ({"op": "remove", "path": place},), "Delete it, or allow null."
    if isinstance(options, list):
        return (), "Choose a default from the enum, or add this value to it."
    return (), "Correct the default or the schema."
