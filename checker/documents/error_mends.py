"""Mends of meta-schema errors: what a row of `spec_errors.toml` calls by name.

A finder gives words of its own, `fixed`, the right value, and `patch`; None where it has nothing
to say, so that another row speaks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from checker.documents.error_facts import Facts, Patch, shown, table
from checker.documents.subjects import METHODS, value_at
from checker.documents.usual import usual_description
from checker.domain.nodes import list_of, mapping_of, member_of
from checker.domain.pointer import escape, pointer_of

Found = Mapping[str, Any] | None
TYPES = ("array", "boolean", "integer", "number", "object", "string")
MOVED = frozenset(
    {
        "type", "format", "enum", "default", "items", "minimum", "maximum", "pattern",
        "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "multipleOf",
        "exclusiveMinimum", "exclusiveMaximum",
    }
)  # fmt: skip
"""What a Swagger 2.0 parameter has itself and an OpenAPI 3 one in its `schema`."""
_PLAIN = ("query", "path", "header", "formData")
_EXCLUSIVE = (
    ("example", "examples"), ("schema", "content"), ("$ref", "in"), ("value", "externalValue"),
)  # fmt: skip


def _add(path: str, value: Any) -> Mapping[str, Any]:
    return {"op": "add", "path": path, "value": value}


def _replace(facts: Facts, value: Any) -> Mapping[str, Any]:
    return {"op": "replace", "path": facts.at, "value": value}


def _remove(path: str) -> Mapping[str, Any]:
    return {"op": "remove", "path": path}


def _rename(facts: Facts, name: str) -> Mapping[str, Any]:
    return {"op": "move", "from": facts.at, "path": f"{facts.base}/{escape(name)}"}


def moved(facts: Facts) -> Found:
    """What a parameter has itself and belongs into its `schema`."""
    value = facts.value
    names = sorted(MOVED.intersection(value)) if isinstance(value, Mapping) else []
    if "schema" not in facts.names or not names:
        return None
    add = _add(f"{facts.at}/schema", {n: value[n] for n in names})
    gone = [_remove(f"{facts.at}/{escape(n)}") for n in names]
    return {"moved": ", ".join(f"`{n}`" for n in names), "patch": (add, *gone)}


def hint(facts: Facts) -> Found:
    """Words of its own for the name that is wrong there."""
    dialect = "of_2" if facts.dialect == "2.0" else "of_3"
    hints = table()["hints"]["required" if facts["kind"] == "Required" else dialect]
    alone = facts["kind"] != "Required" or len(facts.names) == 1
    return {"hint": hints[facts["name"]]} if alone and facts["name"] in hints else None


def slash(facts: Facts) -> Found:
    """A path that lacks its first slash."""
    if facts.path[:-1] != ["paths"]:
        return None
    fixed = "/" + facts.last
    taken = fixed in (facts.holder or {})
    return {"fixed": fixed, "patch": () if taken else (_rename(facts, fixed),)}


def method(facts: Facts) -> Found:
    """A method in capitals."""
    lower = facts.last.lower()
    if len(facts.path) != 3 or facts.path[0] != "paths" or lower not in METHODS:
        return None
    return {"lower": lower, "patch": (_rename(facts, lower),)}


def security_schemes(facts: Facts) -> Found:
    """Security schemes alone, a 3.x habit in a 2.0 file: moved, in the words of 2.0."""
    schemes = mapping_of(member_of(facts.value, "securitySchemes"))
    if len(facts.path) != 1 or not schemes or len(facts.value) != 1:
        return None
    declared = facts.root.get("securityDefinitions")
    made = {name: _old_scheme(scheme) for name, scheme in schemes.items()}
    if _referred(facts.root) or None in made.values() or made.keys() & mapping_of(declared):
        return None
    add = [_add(f"/securityDefinitions/{escape(name)}", new) for name, new in made.items()]
    if not isinstance(declared, Mapping):
        add = [_add("/securityDefinitions", made)]
    return {"patch": (*add, _remove(facts.at))}


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


def _referred(root: Any) -> bool:
    """Whether a reference into `components` keeps it from being deleted."""
    return '"#/components/' in json.dumps(root, default=str)


def first_example(facts: Facts) -> Found:
    """3.1's list of examples in the words of 3.0."""
    add = [_add(f"{facts.base}/example", value) for value in facts.value[:1]]
    return {"patch": (*add, _remove(facts.at))} if add else None


def near_name(facts: Facts) -> Found:
    """A known name of nearly the same letters, which isn't there yet."""
    allowed = facts.leaf.definition.get("properties")
    known = [str(name) for name in allowed] if isinstance(allowed, Mapping) else []
    close = get_close_matches(facts.last, known, 1, 0.8) if facts.value is not None else []
    if not close or not isinstance(facts.holder, Mapping) or close[0] in facts.holder:
        return None
    return {"near": close[0], "patch": (_rename(facts, close[0]),)}


def required_property(facts: Facts) -> Found:
    """`required: true` in a property: its name belongs into the list of the object around it."""
    if len(facts.path) < 3 or facts.path[-3] != "properties":
        return None
    name, holder = facts.path[-2], value_at(facts.root, facts.path[:-3])
    listed = member_of(holder, "required")
    place = pointer_of(facts.path[:-3]) + "/required"
    steps = [_remove(facts.at)]
    if listed is None:
        steps.append(_add(place, [name]))
    elif not isinstance(listed, list):
        steps = []
    elif name not in listed:
        steps.append(_add(f"{place}/-", name))
    return {"property": name, "patch": steps}


def filler(facts: Facts) -> Found:
    """What can stand for what has a wrong type."""
    everywhere = ("responses", "description")
    if len(facts.path) != 1 and facts.last not in everywhere:
        return None
    fillers = table()["fillers"]
    return {"fixed": fillers[facts.last]} if facts.last in fillers else None


def bound(facts: Facts) -> Found:
    """3.1's exclusive limit in the words of 3.0."""
    bound = facts.last.replace("exclusiveM", "m")
    return {
        "bound": bound,
        "patch": (_add(f"{facts.base}/{bound}", facts.value), _replace(facts, True)),
    }


def requirement(facts: Facts) -> Found:
    """The name of a security scheme alone, where it has to be a member."""
    known = facts["parent"] == "security" and isinstance(facts.value, str)
    return {"fixed": {facts.value: []}} if known else None


def as_text(facts: Facts) -> Found:
    """A number or flag in quotes."""
    text = str(facts.value)
    return {"fixed": text.lower() if isinstance(facts.value, bool) else text}


def read(facts: Facts) -> Found:
    """A text in which the wanted value is written."""
    text, wanted = facts.value, set(facts.options)
    if "boolean" in wanted and text.lower() in ("true", "false"):
        return {"fixed": text.lower() == "true"}
    if wanted & {"integer", "number"} and text.isdecimal():
        return {"fixed": int(text[:15])}
    return {"fixed": [text]} if "array" in wanted and facts.last != "type" else None


def near_type(facts: Facts) -> Found:
    """What another language calls so, or nearly the same letters."""
    text = facts.value.lower()
    called = [name for name, others in table()["type_names"].items() if text in others]
    near = next(iter([*called, *get_close_matches(text, TYPES, 1, 0.7)]), None)
    usable = near in facts.options or set(facts.options) & set(TYPES)
    return {"fixed": near} if near and usable else None


def or_null(facts: Facts) -> Found:
    """3.1's `[string, null]` in the words of 3.0."""
    rest = [t for t in facts.value if t != "null"]
    if len(rest) != 1 or len(facts.value) != 2 or rest[0] not in TYPES:
        return None
    nullable = _add(f"{facts.base}/nullable", True)
    return {"other": rest[0], "patch": (_replace(facts, rest[0]), nullable)}


def nearest(facts: Facts) -> Found:
    """The option that is meant: of nearly the same letters, or the only one."""
    texts = [option for option in facts.options if isinstance(option, str)]
    close = get_close_matches(str(facts.value).lower(), texts, 1, 0.8)
    if not close and len(facts.options) != 1:
        return None
    return {"fixed": close[0] if close else facts.options[0]}


def twice(facts: Facts) -> Found:
    """An item that stands twice."""
    items = list_of(facts.value)
    twice = [item for number, item in enumerate(items) if item in items[:number]]
    if not twice:
        return None
    number = max(n for n, item in enumerate(items) if item == twice[0])
    return {"item": shown(twice[0]), "patch": (_remove(f"{facts.at}/{number}"),)}


def rooted(facts: Facts) -> Found:
    """A path."""
    return {} if facts.last == "basePath" or facts.last.startswith("/") else None


def both(facts: Facts) -> Found:
    """Two members that exclude each other."""
    value = mapping_of(facts.value)
    pairs = (f"`{a}` and `{b}`" for a, b in _EXCLUSIVE if a in value and b in value)
    both = next(pairs, None)
    return {"both": both} if both else None


def filled(facts: Facts) -> Patch:
    """What is missing, where something neutral can stand for it."""
    name, value = facts["name"], facts.value
    if len(facts.names) > 1 or not isinstance(value, Mapping):
        return ()
    filler = _neutral(name, value, facts)
    if filler is None:
        return ()
    return (_add(f"{facts.at}/{escape(name)}", filler),)


def _neutral(name: str, value: Mapping[str, Any], facts: Facts) -> Any:
    """What may stand under a name without saying anything; None where nothing may."""
    if name == "title" or (name == "version" and facts.path[:1] != ["info"]):
        return None  # made up
    if name == "description" and facts.path[-2:-1] == ["responses"]:
        return usual_description(facts.root, facts.last)
    if name == "required" and value.get("in") == "path":
        return True
    return table()["fillers"].get(name)


def as_2_has_it(facts: Facts) -> Patch:
    """Unused components go; a parameter's `schema` is put into the parameter itself where it is
    that simple."""
    if facts.last == "components":
        return () if _referred(facts.root) else (_remove(facts.at),)
    return tuple(_flattened(facts)) if facts.last == "schema" else ()


def _flattened(facts: Facts) -> Iterator[Mapping[str, Any]]:
    holder, schema = facts.holder, facts.value
    if not isinstance(holder, Mapping) or holder.get("in") not in _PLAIN:
        return
    if not isinstance(schema, Mapping) or not set(schema) <= MOVED | {"description"}:
        return
    if schema.get("type") not in ("string", "integer", "number", "boolean"):
        return
    for name, value in schema.items():
        if name not in holder:
            yield _add(f"{facts.base}/{escape(name)}", value)
    yield _remove(facts.at)


def removed(facts: Facts) -> Patch:
    """What stands at the top may be what references of other files lead to."""
    safe = len(facts.path) > 1 or not isinstance(facts.value, (Mapping, list))
    return (_remove(facts.at),) if safe else ()


def as_binary(facts: Facts) -> Patch:
    """3.x's words for a file."""
    return _replace(facts, "string"), _add(f"{facts.base}/format", "binary")
