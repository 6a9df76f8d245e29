"""One response body against its documented schema: where they part. Pure, cost bounded.

Each cause is told once: a wrong type hides what lies below it, a missing object its members.
Array items are sampled, and a whole body stops at a number of visited nodes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from checker.domain.location import Location
from checker.domain.names import member_name
from checker.domain.nodes import member_of
from checker.domain.operation import INVENTED_NAMES
from checker.domain.schema import Schema, json_type, shown_type
from checker.lexicon.statements import says
from checker.lexicon.texts import as_word

Kind = Literal["missing", "undocumented", "type", "enum"]

MAX_ITEMS = 20
MAX_NODES = 3000
MAX_DEPTH = 40
MAX_VARIANTS = 4
_BLANK = re.compile(r"\*|<[^<>]+>|\{[^{}]+\}")
"""What stands for any text in a documented name."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One place where a body and its schema part.

    `name` is dotted (`items[].id`, "" for the body itself). `schema` is the field's own schema
    (`type`, `enum`, and `missing` where one is documented), `owner` the enclosing object's.
    `observed` is the JSON type's name, or for `enum` the value.
    """

    kind: Kind
    name: str
    observed: Any
    documented: Any
    location: Location
    schema: Schema | None = None
    owner: Schema | None = None

    @property
    def parent(self) -> str:
        """The name of what encloses the field, "" for the body itself."""
        head, dot, _ = self.name.rpartition(".")
        if dot:
            return head
        return self.name[:-2] if self.name.endswith("[]") else ""


@dataclass(slots=True)
class Reading:
    """What reading one body brought: mismatches by key, and the names that were there."""

    mismatches: dict[tuple[str, str, str], Mismatch] = field(default_factory=dict)
    there: set[str] = field(default_factory=set)
    nodes: int = 0

    def add(self, mismatch: Mismatch) -> None:
        mark = str(mismatch.observed) if mismatch.kind in ("type", "enum") else ""
        if mismatch.kind == "undocumented":
            mark = mismatch.observed
        self.mismatches.setdefault((mismatch.kind, mismatch.name, mark), mismatch)

    def absorb(self, other: Reading) -> None:
        for key, mismatch in other.mismatches.items():
            self.mismatches.setdefault(key, mismatch)
        self.there |= other.there


def read_body(schema: Schema, body: Any) -> Reading:
    """Compare a parsed JSON body with its schema."""
    reading = Reading()
    _walk(reading, schema, body, "", schema.location, frozenset(), False, 0, 0)
    return reading


def type_fits(schema: Schema, value: Any) -> bool:
    """Whether the value's JSON type is documented (types implied by `properties`/`items` too).

    An undocumented `null` is only excused where it may be null, or the words say so.
    """
    name = json_type(value)
    if name == "null" and may_be_null(schema):
        return True
    if schema.types:
        return "file" in schema.types or schema.allows_type(name)
    if name == "null" or schema.variants:
        return True
    if schema.properties and not schema.enum:
        return name == "object"
    return schema.items is None or name == "array"


def may_be_null(schema: Schema) -> bool:
    """`null` documented in any dialect's spelling, or in the field's words."""
    flags = (schema.raw.get("nullable"), schema.raw.get("x-nullable"))
    return (
        schema.nullable
        or any(flag is True for flag in flags)
        or schema.extensions.get("x-nullable") is True
        or says(schema.description, "may be null")
    )


def known_names(schema: Schema, depth: int = 0) -> tuple[frozenset[str], bool]:
    """The property names of an object and of all its variants, and whether it is open."""
    names, opened = set(schema.properties), _is_open(schema)
    objects = [v for v in schema.variants if not v.types or "object" in v.types]
    if depth <= MAX_VARIANTS:
        for variant in objects:
            theirs, their_open = known_names(variant, depth + 1)
            names |= theirs
            opened = opened or their_open
    elif objects:
        opened = True
    return frozenset(names), opened


def _is_open(schema: Schema) -> bool:
    """Whether a schema itself says, or leaves open, that an object has other members."""
    if schema.additional is True or isinstance(schema.additional, Schema):
        return True
    if schema.raw.get("patternProperties"):
        return True
    bare = not schema.properties and not schema.variants
    return bare and schema.additional is not False


def _mismatch(schema: Schema, value: Any, name: str, place: Location) -> Mismatch | None:
    """Where a value itself isn't what is documented."""
    if not type_fits(schema, value):
        observed = shown_type(value)
        spot = place if observed == "null" else schema.location
        return Mismatch("type", name, observed, _types(schema), spot, schema)
    if schema.enum is not None and not _listed(schema, value):
        return Mismatch("enum", name, value, list(schema.enum), schema.location, schema)
    return None


def _walk(
    into: Reading,
    schema: Schema,
    value: Any,
    name: str,
    place: Location,
    known: frozenset[str],
    opened: bool,
    depth: int,
    nesting: int,
) -> None:
    """`known`, `opened`: what the enclosing variants' siblings document at the same level;
    `nesting` counts variants within variants of one value."""
    into.nodes += 1
    if into.nodes > MAX_NODES or depth > MAX_DEPTH:
        return
    into.there.add(name)
    mismatch = _mismatch(schema, value, name, place)
    if mismatch is not None:
        into.add(mismatch)
        return
    if isinstance(value, Mapping):
        _object(into, schema, value, name, known, opened, depth)
    elif isinstance(value, list) and schema.items is not None:
        for item in _sample(value):
            own = schema.items.location
            _walk(into, schema.items, item, name + "[]", own, frozenset(), False, depth + 1, 0)
    if schema.variants and nesting < MAX_VARIANTS:
        _variants(into, schema, value, name, place, known, opened, depth, nesting)


def _object(
    into: Reading,
    schema: Schema,
    value: Mapping[str, Any],
    name: str,
    known: frozenset[str],
    opened: bool,
    depth: int,
) -> None:
    for required in dict.fromkeys(schema.required):
        child = schema.properties.get(required)
        if required in value or (child is not None and child.write_only):
            continue
        if child is not None and says(child.description, "may be absent"):
            continue
        spot = schema.location if child is None else own_place(schema, required, child)
        into.add(
            Mismatch("missing", member_name(name, required), None, "required", spot, child, schema)
        )
    names, its_open = known_names(schema)
    closed = not (its_open or opened)
    for key, item in value.items():
        child = schema.properties.get(key)
        dotted = member_name(name, str(key))
        if child is not None:
            spot = own_place(schema, key, child)
            _walk(into, child, item, dotted, spot, frozenset(), False, depth + 1, 0)
        elif key in INVENTED_NAMES or _stands_for(names | known, str(key)):
            continue
        elif isinstance(schema.additional, Schema):
            inner = schema.additional
            starred = member_name(name, "*")
            _walk(into, inner, item, starred, inner.location, frozenset(), False, depth + 1, 0)
        elif closed:
            kind = json_type(item)
            into.add(Mismatch("undocumented", dotted, kind, None, schema.location, None, schema))


def _stands_for(names: Iterable[str], key: str) -> bool:
    """Whether one of the documented names is this one, or has a blank in it (`logo-*`,
    `x-<lang>`) and means it."""
    for name in names:
        if name == key:
            return True
        parts = _BLANK.split(name)
        pattern = ".+".join(re.escape(part) for part in parts)
        if len(parts) > 1 and re.fullmatch(pattern, key, re.DOTALL):
            return True
    return False


def _variants(
    into: Reading,
    schema: Schema,
    value: Any,
    name: str,
    place: Location,
    known: frozenset[str],
    opened: bool,
    depth: int,
    nesting: int,
) -> None:
    """The best variant's reading; a type or value that no variant has is told once for all."""
    names, its_open = known_names(schema)
    readings: list[tuple[Schema, Reading]] = []
    for variant in _chosen(schema, value):
        trial = Reading(nodes=into.nodes)
        around, loose = names | known, its_open or opened
        _walk(trial, variant, value, name, place, around, loose, depth, nesting + 1)
        readings.append((variant, trial))
        into.nodes = max(into.nodes, min(trial.nodes, MAX_NODES))
        if not trial.mismatches:
            into.absorb(trial)
            return
    if not readings:
        return
    for kind in ("type", "enum"):
        # What concerns the value itself, not a member of it.
        own = [[m for m in r.mismatches.values() if m.name == name] for _, r in readings]
        if all(any(m.kind == kind for m in found) for found in own):
            first = next(m for m in own[0] if m.kind == kind)
            documented = list(dict.fromkeys(_flat(m.documented for f in own for m in f)))
            spot = place if kind == "type" else schema.location
            into.add(Mismatch(first.kind, name, first.observed, documented, spot, schema))
            return

    def badness(reading: Reading) -> tuple[bool, int]:
        wrong = any(m.name == name and m.kind == "type" for m in reading.mismatches.values())
        return wrong, len(reading.mismatches)

    into.absorb(min((r for _, r in readings), key=badness))


def _chosen(schema: Schema, value: Any) -> Sequence[Schema]:
    """The variant that the discriminator names, else all of them."""
    if schema.discriminator and isinstance(value, Mapping):
        mark = value.get(schema.discriminator)
        node = schema.raw.get("discriminator")
        mapping = member_of(node, "mapping")
        target = mapping.get(mark) if isinstance(mapping, Mapping) and _hashable(mark) else mark
        tail = str(target).rpartition("/")[2]
        hits = [
            v for v in schema.variants if tail in ((v.reference or "").rpartition("/")[2], v.title)
        ]
        if hits and tail:
            return hits[:1]
    return schema.variants


def own_place(schema: Schema, name: str, child: Schema) -> Location:
    """Where a property stands in its object; the child's own place where that isn't known."""
    if child.reference is None:
        return child.location
    properties = schema.raw.get("properties")
    if isinstance(properties, Mapping) and name in properties:
        return schema.location.child("properties", name)
    return child.location


def _listed(schema: Schema, value: Any) -> bool:
    if value is None and may_be_null(schema):
        return True
    if any(_same(value, allowed) for allowed in schema.enumerated):
        return True
    if isinstance(value, str) and len(value) > 2:
        # Words that name the value document it.
        return as_word(value).search(schema.description) is not None
    return False


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)


def _types(schema: Schema) -> Any:
    """The documented type as JSON: a name, or a list of names."""
    types = list(schema.types)
    if not types:
        types = ["object"] if schema.properties else ["array"]
    return types[0] if len(types) == 1 else types


def _flat(values: Iterator[Any] | Any) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list):
            yield from (v for v in value if _hashable(v))
        elif _hashable(value):
            yield value


def _hashable(value: Any) -> bool:
    return value is None or isinstance(value, (str, int, float))


def _sample(items: Sequence[Any]) -> Sequence[Any]:
    if len(items) <= MAX_ITEMS:
        return items
    half = MAX_ITEMS // 2
    return [*items[:half], *items[-half:]]
