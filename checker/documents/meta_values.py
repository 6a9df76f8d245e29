"""A meta-schema error about a value, of the wrong type or not among the allowed ones."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from checker.documents.flaws import escape
from checker.documents.meta_phrases import Words, article, kind, owner_of, shown
from checker.documents.meta_tables import FILLERS, NAMED, PARTS, TYPE_NAMES, TYPES
from checker.documents.subjects import subject, value_at
from checker.domain.schema import json_type

if TYPE_CHECKING:
    from checker.documents.meta import Leaf


def wrong_type(root: Any, path: Sequence[str], at: str, value: Any, leaf: Leaf) -> Words:
    wanted = [str(t) for t in leaf.said] if isinstance(leaf.said, list) else []
    if not wanted:
        types = getattr(leaf.said, "types", None) or leaf.said
        wanted = [str(types)] if types else []
    name = path[-1] if path else "document"
    found = json_type(value)
    owner = owner_of(root, path)
    if name == "required" and isinstance(value, bool) and "array" in wanted:
        return _required_flag(root, path, at, value)
    listed = " or ".join(article(t) for t in wanted) or "something else"
    if len(path) > 1 and path[-2] in ("allOf", "anyOf", "oneOf"):
        what = f"{subject(root, path)}: branch {int(name) + 1} of `{path[-2]}`"
        message = f"{what} must be {listed}, not {kind(found, value)}."
    elif name.isdecimal() and len(path) > 1 and path[-2] not in PARTS:
        message = f"{owner_of(root, path[:-1])}: item {int(name) + 1} of `{path[-2]}` "
        message += f"must be {listed}, not {kind(found, value)}."
    elif name.isdecimal() or (len(path) > 1 and path[-2] in NAMED):
        what = subject(root, path)
        message = f"{what} must be {listed}, not {kind(found, value)}."
    else:
        message = f"{owner}: `{name}` must be {listed}, not {kind(found, value)}."
    replace: tuple[Mapping[str, Any], ...] = ()
    if name in FILLERS and (len(path) == 1 or name in ("responses", "description")):
        filler = FILLERS[name]
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
    if value is None and list(path[-2:-1]) == ["responses"]:
        fill = ({"op": "replace", "path": at, "value": {"description": ""}},)
        return Words(message, "Write a response with a `description`.", at, fill)
    if value is None:
        return Words(message, "Delete it.", at, ({"op": "remove", "path": at},))
    if name == "$ref":
        return Words(message, "Write a reference, such as #/components/schemas/Name.", at)
    if len(path) > 1 and path[-2] == "security" and isinstance(value, str):
        replace = ({"op": "replace", "path": at, "value": {value: []}},)
        return Words(message, f"Write {{{json.dumps(value)}: []}}.", at, replace)
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


def not_allowed(root: Any, path: Sequence[str], at: str, value: Any, leaf: Leaf) -> Words:
    options = list(leaf.said) if isinstance(leaf.said, (list, tuple)) else [leaf.said]
    name = path[-1] if path else "document"
    owner = owner_of(root, path)
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
        near = TYPE_NAMES.get(value.lower()) or (value.lower() if value.lower() in TYPES else None)
        near = near or next(iter(get_close_matches(value.lower(), TYPES, 1, 0.7)), None)
        strings = [str(o) for o in options]
        if value in TYPES:
            listed = ", ".join(s for s in strings if s != "file")
            message = f"{owner} can't have the type {value} ({listed} can be)."
            mend = "Describe its members one by one, or make it a string and say how it is written."
            if value == "object" and "string" in strings:
                return Words(message, mend, at)
            return Words(message, "Choose one of them.", at)
        if near and (near in strings or set(strings) & set(TYPES)):
            message = f'{owner} has the type "{value[:40]}", which doesn\'t exist.'
            fix = ({"op": "replace", "path": at, "value": near},)
            return Words(message, f'Write "{near}".', at, fix)
    if name == "type" and isinstance(value, list):
        rest = [t for t in value if t != "null"]
        if len(rest) == 1 and len(value) == 2 and rest[0] in TYPES:
            message = f"{owner} has a list as its `type`, which OpenAPI 3.0 doesn't know."
            parent = at.rpartition("/")[0]
            fix = (
                {"op": "replace", "path": at, "value": rest[0]},
                {"op": "add", "path": f"{parent}/nullable", "value": True},
            )
            return Words(message, f"Write `type: {rest[0]}` and `nullable: true`.", at, fix)
    listed = ", ".join(shown(o) for o in options)
    if name == "required" and options == [True]:
        message = f"{owner} is in the path, so it is required."
        fix = ({"op": "replace", "path": at, "value": True},)
        return Words(message, "Write `required: true`.", at, fix)
    one = "must be" if len(options) == 1 else "must be one of"
    what = f"{owner}: `{name}`"
    if name.isdecimal() and len(path) > 1:
        what = f"{owner_of(root, path[:-1])}: item {int(name) + 1} of `{path[-2]}`"
    message = f"{what} {one} {listed}, not {shown(value)}."
    texts = [o for o in options if isinstance(o, str)]
    close = get_close_matches(str(value).lower(), texts, 1, 0.8) if texts else []
    if not close and len(options) != 1:
        return Words(message, "Choose one of them.", at)
    chosen = close[0] if close else options[0]
    fix = ({"op": "replace", "path": at, "value": chosen},)
    return Words(message, f"Write {shown(chosen)}.", at, fix)
