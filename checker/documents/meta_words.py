"""A meta-schema error in words: what is wrong, and the smallest mend."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from checker.documents.flaws import escape
from checker.documents.meta_phrases import Words, owner_of, shown
from checker.documents.meta_tables import FILLERS, HINTS, MOVED, THREE_FROM_TWO, TWO_TO_THREE
from checker.documents.meta_values import not_allowed, wrong_type
from checker.documents.subjects import METHODS, subject, value_at

if TYPE_CHECKING:
    from checker.documents.meta import Leaf


Patch = tuple[Mapping[str, Any], ...]
NONE: Patch = ()


def explain(root: Any, path: Sequence[str], leaf: Leaf, dialect: str) -> Iterator[Words]:
    """The error's words; one for each name where it names several."""
    at = "".join("/" + escape(t) for t in path)
    value = value_at(root, path)
    match leaf.kind:
        case "Required":
            yield _required(root, path, at, leaf, dialect)
        case "AdditionalProperties" | "UnevaluatedProperties" | "PropertyNames":
            names = leaf.said if isinstance(leaf.said, list) else None
            if leaf.kind == "PropertyNames" or names is None:
                yield _other(root, path, at, leaf)
                return
            for name in names:
                yield _unexpected(root, path, at, str(name), leaf, dialect)
        case "Type":
            yield wrong_type(root, path, at, value, leaf)
        case "Enum" | "Constant":
            yield not_allowed(root, path, at, value, leaf)
        case "FalseSchema" if path:
            yield _unexpected(root, path[:-1], at.rpartition("/")[0], path[-1], leaf, dialect)
        case _:
            yield _rule(root, path, at, value, leaf)


def _required(root: Any, path: Sequence[str], at: str, leaf: Leaf, dialect: str) -> Words:
    names = [str(n) for n in leaf.said] if isinstance(leaf.said, list) else [str(leaf.said)]
    holder = value_at(root, path)
    listed = " or ".join(f"`{n}`" for n in names)
    message = f"{subject(root, path)} has no {listed}."
    if len(path) >= 3 and path[-2] == "properties" and names == ["$ref"]:
        return Words(f"{subject(root, path)} isn't a schema.", "Write a schema here.", at)
    moved = sorted(MOVED.intersection(holder)) if isinstance(holder, Mapping) else []
    if "schema" in names and moved and isinstance(holder, Mapping):
        listed = ", ".join(f"`{n}`" for n in moved)
        where = "a body parameter" if dialect == "2.0" else "OpenAPI 3"
        message = f"{subject(root, path)} has {listed} itself; {where} has that in `schema`."
        add = {"op": "add", "path": f"{at}/schema", "value": {n: holder[n] for n in moved}}
        gone = [{"op": "remove", "path": f"{at}/{escape(n)}"} for n in moved]
        return Words(message, f"Move {listed} into a `schema`.", at, (add, *gone))
    name = names[0]
    mend = HINTS.get(name, f"Add {listed}.")
    if len(names) > 1:
        return Words(message, f"Add {listed}.", at)
    filler: Any = FILLERS.get(name)
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
    table = TWO_TO_THREE if dialect == "2.0" else THREE_FROM_TWO
    holder = value_at(root, path)
    if name in table:
        mend, patch = table[name], NONE
        if name == "components" and dialect == "2.0" and not _used(root):
            mend, patch = _components(root, mend) or (mend, remove)
        elif name == "schema" and dialect == "2.0" and isinstance(holder, Mapping):
            patch = _flattened(holder, at)
        return Words(message, mend, place, patch)
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
    # what stands at the top may be what references of other files lead to
    safe = bool(path) or not isinstance(inner, (Mapping, list))
    mend = f"Delete it, or name it `x-{name}`."
    return Words(message, mend, place, remove if safe else NONE)


def _components(root: Any, mend: str) -> tuple[str, Patch] | None:
    """Security schemes alone, a 3.x habit in a 2.0 file: moved, in the words of 2.0."""
    components = root["components"]
    schemes = components.get("securitySchemes") if isinstance(components, Mapping) else None
    if not isinstance(schemes, Mapping) or len(components) != 1 or not schemes:
        return None
    declared = root.get("securityDefinitions")
    have = declared if isinstance(declared, Mapping) else {}
    made: dict[str, Any] = {}
    for name, scheme in schemes.items():
        new = _old_scheme(scheme)
        if new is None or name in have:
            return None
        made[name] = new
    add: list[Mapping[str, Any]] = [
        {"op": "add", "path": f"/securityDefinitions/{escape(name)}", "value": new}
        for name, new in made.items()
    ]
    if not isinstance(declared, Mapping):
        add = [{"op": "add", "path": "/securityDefinitions", "value": made}]
    mend = "Move its security schemes to `securityDefinitions`, or delete it."
    return mend, (*add, {"op": "remove", "path": "/components"})


def _old_scheme(scheme: Any) -> dict[str, Any] | None:
    """A security scheme of OpenAPI 3 as Swagger 2.0 has it; None where it has no such."""
    if not isinstance(scheme, Mapping):
        return None
    words = {"description": scheme["description"]} if "description" in scheme else {}
    kind, how = scheme.get("type"), str(scheme.get("scheme")).lower()
    if kind == "http" and how == "basic":
        return {"type": "basic", **words}
    if kind == "http" and how == "bearer":
        return {"type": "apiKey", "name": "Authorization", "in": "header", **words}
    if kind == "apiKey" and scheme.get("in") in ("header", "query") and scheme.get("name"):
        return {"type": "apiKey", "name": scheme["name"], "in": scheme["in"], **words}
    return None


def _flattened(holder: Mapping[str, Any], at: str) -> Patch:
    """A 2.0 parameter's `schema` put into the parameter itself, where it is that simple."""
    schema = holder.get("schema")
    plain = holder.get("in") in ("query", "path", "header", "formData")
    if not plain or not isinstance(schema, Mapping) or not set(schema) <= MOVED | {"description"}:
        return ()
    if schema.get("type") not in ("string", "integer", "number", "boolean"):
        return ()
    added = [
        {"op": "add", "path": f"{at}/{escape(k)}", "value": v}
        for k, v in schema.items()
        if k not in holder
    ]
    return (*added, {"op": "remove", "path": f"{at}/schema"})


def _used(root: Any) -> bool:
    """Whether a reference into `components` keeps it from being deleted."""
    return '"#/components/' in json.dumps(root, default=str)


def _rule(root: Any, path: Sequence[str], at: str, value: Any, leaf: Leaf) -> Words:
    name = path[-1] if path else "document"
    owner = owner_of(root, path)
    remove: tuple[Mapping[str, Any], ...] = ({"op": "remove", "path": at},)
    match leaf.kind:
        case "MinItems" | "MinProperties":
            if name == "responses":
                mend = HINTS["responses"]
                return Words(f"{subject(root, path[:-1])} has no responses.", mend, at)
            return Words(f"{owner}: `{name}` is empty.", "Delete it or fill it.", at, remove)
        case "UniqueItems":
            items = value if isinstance(value, list) else []
            twice = [i for n, i in enumerate(items) if i in items[:n]]
            what = shown(twice[0]) if twice else "an item"
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
            message = f"{owner}: `{name}` can't be {shown(value)}."
            if name == "basePath" or name.startswith("/"):
                return Words(message, "Start it with a slash.", at)
            return Words(message, f"It must match {leaf.said}.", at)
        case "Minimum" | "ExclusiveMinimum" | "Maximum" | "ExclusiveMaximum" | "MultipleOf":
            message = f"{owner}: `{name}` can't be {shown(value)}."
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
