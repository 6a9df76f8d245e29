"""A meta-schema error in words: what is wrong, and the smallest mend."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from checker.documents.parse import escape
from checker.documents.subjects import METHODS, subject, value_at
from checker.documents.subjects import SECTIONS as _SECTIONS
from checker.domain.schema import json_type

if TYPE_CHECKING:
    from checker.documents.meta import Leaf

_TYPES = ["array", "boolean", "integer", "number", "object", "string"]
_TYPE_NAMES = {
    "int": "integer", "int32": "integer", "int64": "integer", "long": "integer",
    "float": "number", "double": "number", "decimal": "number", "numeric": "number",
    "bool": "boolean", "str": "string", "text": "string", "date": "string", "uuid": "string",
    "datetime": "string", "date-time": "string", "timestamp": "string", "email": "string",
    "url": "string", "uri": "string", "dict": "object", "hash": "object", "map": "object",
    "json": "object", "list": "array", "file": "string", "enum": "string",
}  # fmt: skip
_FILLERS: Mapping[str, Any] = {
    "responses": {"default": {"description": ""}},
    "description": "",
    "version": "1.0.0",
    "title": "",
    "info": {"title": "", "version": "1.0.0"},
    "paths": {},
    "scopes": {},
}
_HINTS = {
    "responses": "Add `responses` with at least one status.",
    "description": "Add a `description`; it may be short.",
    "version": 'Add `version`, such as "1.0.0".',
    "info": "Add `info` with a title and a version.",
    "paths": "Add `paths`; it may be empty.",
    "required": "Add `required: true`; a path parameter is always required.",
    "items": "Add `items` with the schema of the array's items.",
    "schema": "Add a `schema`.",
    "type": "Add a `type`.",
}
_TWO_TO_THREE = {
    "components": "Move what is in it to `definitions`, `parameters`, `responses` and "
    "`securityDefinitions`, or delete it.",
    "servers": "Use `host`, `basePath` and `schemes` instead.",
    "requestBody": "Use a parameter with `in: body` instead.",
    "content": "Put the `schema` directly here and the media type into `produces`.",
    "oneOf": "Swagger 2.0 has no oneOf: describe the common part, or move to OpenAPI 3.",
    "anyOf": "Swagger 2.0 has no anyOf: describe the common part, or move to OpenAPI 3.",
    "nullable": "Write `x-nullable` instead.",
    "schema": "Put `type`, `format` and `enum` directly into the parameter.",
    "writeOnly": "Swagger 2.0 has no writeOnly: delete it, or write `x-writeOnly`.",
    "deprecated": "Write `x-deprecated` instead.",
    "example": "Write `x-example` instead, or put the example into the schema.",
    "examples": "Write `x-examples` instead.",
}
_THREE_FROM_TWO = {
    "definitions": "Move it to `components.schemas`.",
    "securityDefinitions": "Move it to `components.securitySchemes`.",
    "basePath": "Use `servers` instead.",
    "host": "Use `servers` instead.",
    "schemes": "Use `servers` instead.",
    "consumes": "Name the media types under `requestBody.content` instead.",
    "produces": "Name the media types under each response's `content` instead.",
    "type": "Move it into the parameter's `schema`.",
    "format": "Move it into the `schema`.",
    "enum": "Move it into the `schema`.",
    "default": "Move it into the `schema`.",
    "items": "Move it into the `schema`.",
    "collectionFormat": "Use `style` and `explode` instead.",
    "schema": "Move it into `content`, under its media type.",
}

MOVED = frozenset(
    {
        "type", "format", "enum", "default", "items", "minimum", "maximum", "pattern",
        "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "multipleOf",
        "exclusiveMinimum", "exclusiveMaximum",
    }
)  # fmt: skip
"""What a Swagger 2.0 parameter has itself and an OpenAPI 3 one in its `schema`."""
_NAMED = frozenset({*_SECTIONS, "properties", "paths", "allOf", "anyOf", "oneOf"})


@dataclass(frozen=True, slots=True)
class Words:
    """An error's sentence, mend, place and patch."""

    message: str
    mend: str
    pointer: str
    patch: tuple[Mapping[str, Any], ...] = ()


def explain(root: Any, path: Sequence[str], leaf: Leaf, dialect: str) -> Iterator[Words]:
    """The error's words; one for each name where it names several."""
    at = "".join("/" + escape(t) for t in path)
    value = value_at(root, path)
    match leaf.kind:
        case "Required":
            yield _required(root, path, at, leaf)
        case "AdditionalProperties" | "UnevaluatedProperties" | "PropertyNames":
            names = leaf.said if isinstance(leaf.said, list) else None
            if leaf.kind == "PropertyNames" or names is None:
                yield _other(root, path, at, leaf)
                return
            for name in names:
                yield _unexpected(root, path, at, str(name), leaf, dialect)
        case "Type":
            yield _type(root, path, at, value, leaf)
        case "Enum" | "Constant":
            yield _enum(root, path, at, value, leaf)
        case "FalseSchema" if path:
            yield _unexpected(root, path[:-1], at.rpartition("/")[0], path[-1], leaf, dialect)
        case _:
            yield _rule(root, path, at, value, leaf)


def _owner(root: Any, path: Sequence[str]) -> str:
    return subject(root, path[:-1]) if path else "The document"


def _article(name: str) -> str:
    return f"an {name}" if name[:1] in "aeiou" else f"a {name}"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "…"


def _required(root: Any, path: Sequence[str], at: str, leaf: Leaf) -> Words:
    names = [str(n) for n in leaf.said] if isinstance(leaf.said, list) else [str(leaf.said)]
    holder = value_at(root, path)
    listed = " or ".join(f"`{n}`" for n in names)
    message = f"{subject(root, path)} has no {listed}."
    if len(path) >= 3 and path[-2] == "properties" and names == ["$ref"]:
        return Words(f"{subject(root, path)} isn't a schema.", "Write a schema here.", at)
    moved = sorted(MOVED.intersection(holder)) if isinstance(holder, Mapping) else []
    if "schema" in names and moved and isinstance(holder, Mapping):
        listed = ", ".join(f"`{n}`" for n in moved)
        message = f"{subject(root, path)} has {listed} itself; OpenAPI 3 has that in `schema`."
        add = {"op": "add", "path": f"{at}/schema", "value": {n: holder[n] for n in moved}}
        gone = [{"op": "remove", "path": f"{at}/{escape(n)}"} for n in moved]
        return Words(message, f"Move {listed} into a `schema`.", at, (add, *gone))
    name = names[0]
    mend = _HINTS.get(name, f"Add {listed}.")
    if len(names) > 1:
        return Words(message, f"Add {listed}.", at)
    filler: Any = _FILLERS.get(name)
    if name == "required" and isinstance(holder, Mapping) and holder.get("in") == "path":
        filler = True
    patch: tuple[Mapping[str, Any], ...] = ()
    if (
        filler is not None
        and isinstance(holder, Mapping)
        and not (name == "title" or (name == "version" and path[:1] != ["info"]))
    ):
        patch = ({"op": "add", "path": f"{at}/{escape(name)}", "value": filler},)
    return Words(message, mend, at, patch)


def _unexpected(
    root: Any, path: Sequence[str], at: str, name: str, leaf: Leaf, dialect: str
) -> Words:
    place = f"{at}/{escape(name)}"
    remove: tuple[Mapping[str, Any], ...] = ({"op": "remove", "path": place},)
    if list(path) == ["paths"]:
        fixed = "/" + name
        move = ({"op": "move", "from": place, "path": f"{at}/{escape(fixed)}"},)
        free = fixed not in (value_at(root, path) or {})
        message = f'The path "{name}" doesn\'t start with a slash.'
        return Words(message, f'Write "{fixed}".', place, move if free else ())
    owner = subject(root, path)
    if path and path[-1] == "responses":
        message = f'{subject(root, path[:-1])} has the response "{name}", which is no status.'
        mend = "Use a status from 100 to 599, or default."
        if dialect != "2.0":
            mend = "Use a status from 100 to 599, 4XX and the like, or default."
        return Words(message, mend, place)
    spelling = "Swagger 2.0" if dialect == "2.0" else f"OpenAPI {dialect}"
    message = f"{owner} has `{name}`, which {spelling} doesn't know there."
    if len(path) == 2 and path[0] == "paths" and name.lower() in METHODS:
        move = ({"op": "move", "from": place, "path": f"{at}/{name.lower()}"},)
        return Words(message, f"Write the method in lower case: {name.lower()}.", place, move)
    table = _TWO_TO_THREE if dialect == "2.0" else _THREE_FROM_TWO
    holder = value_at(root, path)
    if name in table:
        patch = remove if name == "components" and not _used(root) else ()
        return Words(message, table[name], place, patch)
    allowed = leaf.definition.get("properties")
    known = [str(k) for k in allowed] if isinstance(allowed, Mapping) else []
    inner = holder.get(name) if isinstance(holder, Mapping) else None
    if name == "examples" and dialect == "3.0" and isinstance(inner, list) and inner:
        patch = ({"op": "add", "path": f"{at}/example", "value": inner[0]}, *remove)
        return Words(message, "Write one of them as `example`.", place, patch)
    close = get_close_matches(name, known, 1, 0.8) if inner is not None else []
    if close and isinstance(holder, Mapping) and close[0] not in holder:
        move = ({"op": "move", "from": place, "path": f"{at}/{escape(close[0])}"},)
        return Words(message, f"Did you mean `{close[0]}`?", place, move)
    return Words(message, f"Delete it, or name it `x-{name}`.", place, remove)


def _used(root: Any) -> bool:
    """Whether a reference into `components` keeps it from being deleted."""
    return '"#/components/' in json.dumps(root, default=str)


def _type(root: Any, path: Sequence[str], at: str, value: Any, leaf: Leaf) -> Words:
    wanted = [str(t) for t in leaf.said] if isinstance(leaf.said, list) else []
    if not wanted:
        types = getattr(leaf.said, "types", None) or leaf.said
        wanted = [str(types)] if types else []
    name = path[-1] if path else "document"
    found = json_type(value)
    owner = _owner(root, path)
    if name == "required" and isinstance(value, bool) and "array" in wanted:
        return _required_flag(root, path, at, value)
    listed = " or ".join(_article(t) for t in wanted) or "something else"
    if len(path) > 1 and path[-2] in ("allOf", "anyOf", "oneOf"):
        what = f"{subject(root, path)}: branch {int(name) + 1} of `{path[-2]}`"
        message = f"{what} must be {listed}, not {_kind(found, value)}."
    elif name.isdecimal() or (len(path) > 1 and path[-2] in _NAMED):
        what = subject(root, path)
        message = f"{what} must be {listed}, not {_kind(found, value)}."
    else:
        message = f"{owner}: `{name}` must be {listed}, not {_kind(found, value)}."
    replace: tuple[Mapping[str, Any], ...] = ()
    if name in _FILLERS and (len(path) == 1 or name in ("responses", "description")):
        filler = _FILLERS[name]
        if value is None or not isinstance(value, (str, int, float)):
            fill = ({"op": "replace", "path": at, "value": filler},)
            return Words(message, f"Write {json.dumps(filler)} or more.", at, fill)
    if name == "exclusiveMinimum" or name == "exclusiveMaximum":
        bound = name.replace("exclusiveM", "m")
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            base = at.rpartition("/")[0]
            fix = (
                {"op": "add", "path": f"{base}/{bound}", "value": value},
                {"op": "replace", "path": at, "value": True},
            )
            return Words(message, f"Write `{bound}: {value}` and `{name}: true`.", at, fix)
    if value is None:
        return Words(message, "Delete it.", at, ({"op": "remove", "path": at},))
    if "string" in wanted and isinstance(value, (bool, int, float)):
        text = str(value).lower() if isinstance(value, bool) else str(value)
        replace = ({"op": "replace", "path": at, "value": text},)
        return Words(message, f'Put it in quotes: "{text}".', at, replace)
    if "boolean" in wanted and isinstance(value, str) and value.lower() in ("true", "false"):
        fixed: Any = value.lower() == "true"
    elif {"integer", "number"} & set(wanted) and isinstance(value, str) and value.isdecimal():
        fixed = int(value[:15])
    elif "array" in wanted and isinstance(value, str) and name != "type":
        fixed = [value]
    else:
        return Words(message, f"Write {listed}.", at)
    replace = ({"op": "replace", "path": at, "value": fixed},)
    return Words(message, f"Write {json.dumps(fixed)}.", at, replace)


def _kind(found: str, value: Any) -> str:
    if value is None or found == "null":
        return "null"
    if isinstance(value, (bool, int, float, str)):
        return f"the {found} {_shown(value)}"
    return _article(found)


def _required_flag(root: Any, path: Sequence[str], at: str, value: bool) -> Words:
    message = f"{subject(root, path[:-1])} has `required: {str(value).lower()}`; in a schema "
    message += "`required` is the list of an object's required property names."
    remove: tuple[Mapping[str, Any], ...] = ({"op": "remove", "path": at},)
    if not value:
        return Words(message, "Delete it.", at, remove)
    if len(path) >= 3 and path[-3] == "properties":
        name, holder = path[-2], value_at(root, path[:-3])
        base = "".join("/" + escape(t) for t in path[:-3])
        mend = f'Delete it, and put "{name}" into the `required` list of the object around it.'
        has = holder.get("required") if isinstance(holder, Mapping) else None
        add: Mapping[str, Any]
        if isinstance(has, list):
            add = {"op": "add", "path": f"{base}/required/-", "value": name}
            return Words(message, mend, at, remove if name in has else (*remove, add))
        if has is None:
            add = {"op": "add", "path": f"{base}/required", "value": [name]}
            return Words(message, mend, at, (*remove, add))
        return Words(message, mend, at)
    return Words(message, "Delete it, or write the list of required properties.", at)


def _enum(root: Any, path: Sequence[str], at: str, value: Any, leaf: Leaf) -> Words:
    options = list(leaf.said) if isinstance(leaf.said, (list, tuple)) else [leaf.said]
    name = path[-1] if path else "document"
    owner = _owner(root, path)
    fix: tuple[Mapping[str, Any], ...]
    if name == "type" and isinstance(value, str):
        if value == "file":
            message = f"{owner} has `type: file`, which only a formData parameter "
            message += "(Swagger 2.0) can have."
            mend = "Write `type: string` with `format: binary`."
            parent = at.rpartition("/")[0]
            fix = (
                {"op": "replace", "path": at, "value": "string"},
                {"op": "add", "path": f"{parent}/format", "value": "binary"},
            )
            return Words(message, mend, at, fix)
        near = _TYPE_NAMES.get(value.lower()) or (
            value.lower() if value.lower() in _TYPES else None
        )
        near = near or next(iter(get_close_matches(value.lower(), _TYPES, 1, 0.7)), None)
        strings = [str(o) for o in options]
        if near and (near in strings or set(strings) & set(_TYPES)):
            message = f'{owner} has the type "{value[:40]}", which doesn\'t exist.'
            fix = ({"op": "replace", "path": at, "value": near},)
            return Words(message, f'Write "{near}".', at, fix)
    if name == "type" and isinstance(value, list):
        rest = [t for t in value if t != "null"]
        if len(rest) == 1 and len(value) == 2 and rest[0] in _TYPES:
            message = f"{owner} has a list as its `type`, which OpenAPI 3.0 doesn't know."
            parent = at.rpartition("/")[0]
            fix = (
                {"op": "replace", "path": at, "value": rest[0]},
                {"op": "add", "path": f"{parent}/nullable", "value": True},
            )
            return Words(message, f"Write `type: {rest[0]}` and `nullable: true`.", at, fix)
    listed = ", ".join(_shown(o) for o in options)
    if name == "required" and options == [True]:
        message = f"{owner} is in the path, so it is required."
        fix = ({"op": "replace", "path": at, "value": True},)
        return Words(message, "Write `required: true`.", at, fix)
    one = "must be" if len(options) == 1 else "must be one of"
    message = f"{owner}: `{name}` {one} {listed}, not {_shown(value)}."
    texts = [o for o in options if isinstance(o, str)]
    close = get_close_matches(str(value).lower(), texts, 1, 0.8) if texts else []
    if not close and len(options) != 1:
        return Words(message, "Choose one of them.", at)
    chosen = close[0] if close else options[0]
    fix = ({"op": "replace", "path": at, "value": chosen},)
    return Words(message, f"Write {_shown(chosen)}.", at, fix)


def _rule(root: Any, path: Sequence[str], at: str, value: Any, leaf: Leaf) -> Words:
    name = path[-1] if path else "document"
    owner = _owner(root, path)
    remove: tuple[Mapping[str, Any], ...] = ({"op": "remove", "path": at},)
    match leaf.kind:
        case "MinItems" | "MinProperties":
            if name == "responses":
                mend = _HINTS["responses"]
                return Words(f"{subject(root, path[:-1])} has no responses.", mend, at)
            return Words(f"{owner}: `{name}` is empty.", "Delete it or fill it.", at, remove)
        case "UniqueItems":
            items = value if isinstance(value, list) else []
            twice = [i for n, i in enumerate(items) if i in items[:n]]
            what = _shown(twice[0]) if twice else "an item"
            patch: tuple[Mapping[str, Any], ...] = ()
            if twice:
                number = max(n for n, i in enumerate(items) if i == twice[0])
                patch = ({"op": "remove", "path": f"{at}/{number}"},)
            message = f"{owner}: `{name}` has {what} twice."
            return Words(message, "Delete one of the two.", at, patch)
        case "Format":
            message = f"{owner}: `{name}` isn't a valid {leaf.said}."
            return Words(message, f"Write a valid {leaf.said}.", at)
        case "Pattern":
            message = f"{owner}: `{name}` can't be {_shown(value)}."
            if name == "basePath" or name.startswith("/"):
                return Words(message, "Start it with a slash.", at)
            return Words(message, f"It must match {leaf.said}.", at)
        case "Minimum" | "ExclusiveMinimum" | "Maximum" | "ExclusiveMaximum" | "MultipleOf":
            message = f"{owner}: `{name}` can't be {_shown(value)}."
            return Words(message, "Write a number in the allowed range.", at)
        case "Not" | "OneOfMultipleValid":
            both = _exclusive(value)
            if both:
                message = f"{subject(root, path)} has both {both}; they exclude each other."
                return Words(message, "Delete one of the two.", at)
    return _other(root, path, at, leaf)


def _exclusive(value: Any) -> str:
    if isinstance(value, Mapping):
        for one, two in (("example", "examples"), ("schema", "content"), ("$ref", "in")):
            if one in value and two in value:
                return f"`{one}` and `{two}`"
        if "value" in value and "externalValue" in value:
            return "`value` and `externalValue`"
    return ""


def _other(root: Any, path: Sequence[str], at: str, leaf: Leaf) -> Words:
    message = f"{subject(root, path)} isn't as the specification wants it"
    if leaf.message and len(leaf.message) < 160:
        message += f" ({leaf.message})"
    return Words(message + ".", "Compare it with the specification.", at)
