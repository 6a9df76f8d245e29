"""Schema nodes of any dialect → `Schema`, built when somebody asks.

A schema is the merge of one or more nodes: a node, what its `$ref` leads to, and its `allOf`
branches. Children are built on access, so recursive schemas are finite and large ones cheap.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from checker.documents import keywords
from checker.documents.further import unmodelled
from checker.documents.keywords import OLD
from checker.documents.lazy import LazyList, LazyMap, LazySchema, Thunk
from checker.documents.pointing import Node, Unresolved
from checker.documents.references import Files
from checker.domain.location import Location
from checker.domain.nodes import mapping_of
from checker.domain.schema import MISSING, Schema

MAX_PARTS = 200
_ANNOTATIONS = frozenset(
    {"$ref", "description", "summary", "title", "example", "examples", "externalDocs"}
)


@dataclass(frozen=True, slots=True)
class Builder:
    """Builds schemas of one document; `dialect` is "2.0", "3.0", "3.1" or "3.2"."""

    files: Files
    dialect: str
    _shared: dict[tuple[int, str, str], Schema] = field(default_factory=dict)
    """Schemas that plain references lead to: each is built once, whoever refers to it."""

    def build(
        self, *nodes: Node, examples: tuple[Any, ...] = (), read_type: str = "", words: str = ""
    ) -> Schema:
        """The schema of a node, or of several that hold at once.

        `examples` come before the schema's own, `words` replaces an absent description and
        `read_type` an absent type.
        """
        shared = None
        if len(nodes) == 1 and not (examples or read_type or words):
            shared = self._shared_key(nodes[0])
            if shared in self._shared:
                return self._shared[shared]
        schema = self._build(nodes, examples, read_type, words)
        if shared is not None:
            self._shared[shared] = schema
        return schema

    def _shared_key(self, node: Node) -> tuple[int, str, str] | None:
        """What a plain reference leads to, None for anything else."""
        value = node.value
        if not isinstance(value, Mapping) or len(value) != 1:
            return None
        reference = value.get("$ref")
        if not isinstance(reference, str):
            return None
        found = self.files.resolve(reference, node.source)
        if isinstance(found, Unresolved):
            return None
        return id(found.source), found.pointer, reference

    def _build(
        self, nodes: tuple[Node, ...], examples: tuple[Any, ...], read_type: str, words: str
    ) -> Schema:
        parts: list[Node] = []
        reference: str | None = None
        for number, node in enumerate(nodes):
            last = self._collect(node, parts, set())
            if number == 0:
                reference = last
        if not parts:
            said = nodes[0].value
            rest = {} if said is True or said is None or reference else {"schema": said}
            return LazySchema(
                location=nodes[0].location, reference=reference, description=words, rest=rest
            )
        single = len(nodes) == 1 and _bare_reference(nodes[0].value, self.dialect)
        location = parts[0].location if single else nodes[0].location
        return self._merge(parts, location, reference, examples, read_type, words)

    def _collect(self, node: Node, parts: list[Node], trail: set[tuple[int, str]]) -> str | None:
        """Appends the node's parts: itself, what it refers to, its `allOf`. → last `$ref`."""
        mark = (id(node.source), node.pointer)
        value = node.value
        # The same node twice says nothing more: branches that double at each level stay small.
        if mark in trail or len(trail) >= 2 * MAX_PARTS or len(parts) >= MAX_PARTS:
            return None
        if not isinstance(value, Mapping):
            return None
        trail.add(mark)
        reference: str | None = None
        if isinstance(value.get("$ref"), str):
            found = self.files.resolve(value["$ref"], node.source)
            if self.dialect not in OLD or isinstance(found, Unresolved):
                own = {k: v for k, v in value.items() if k != "$ref"}
                if own:
                    parts.append(Node(own, node.source, node.pointer))
            elif len(value) > 1:
                own = {k: value[k] for k in ("description", "title") if k in value}
                ignored = {k: v for k, v in value.items() if _binds(k)}
                if ignored:
                    own["beside $ref"] = ignored
                if own:
                    parts.append(Node(own, node.source, node.pointer))
            if isinstance(found, Unresolved):
                return str(value["$ref"])
            return self._collect(found, parts, trail) or str(value["$ref"])
        parts.append(node)
        branches: list[Node] = []
        for word in ("allOf", "oneOf", "anyOf"):
            group = value.get(word)
            at = node.child(word)
            if isinstance(group, Mapping):
                at = self._behind(node, word)
                group = at.value
            if isinstance(group, list) and (word == "allOf" or len(group) == 1):
                branches += [at.child(i) for i in range(min(len(group), MAX_PARTS))]
            elif word != "allOf" and isinstance(group, list) and len(group) == 2:
                chosen = keywords.not_null(group)
                if chosen is not None:
                    branches.append(at.child(chosen))
        for branch in branches:
            last = self._collect(branch, parts, trail)
            if len(branches) == 1 and "properties" not in value:
                reference = last
        return reference

    def _merge(
        self,
        parts: list[Node],
        location: Location,
        reference: str | None,
        examples: tuple[Any, ...],
        read_type: str,
        words: str,
    ) -> Schema:
        values: list[Mapping[str, Any]] = [p.value for p in parts]
        first = values[0]
        said = first.keys() if len(values) == 1 else set().union(*values)

        def text(name: str) -> str:
            if name not in said:
                return ""
            return next((str(v[name]) for v in values if isinstance(v.get(name), str)), "")

        def number(name: str, pick: Callable[[list[float]], float]) -> float | None:
            if name not in said:
                return None
            found = [v[name] for v in values if keywords.is_finite(v.get(name))]
            return pick(found) if found else None

        def whole(name: str, pick: Callable[[list[float]], float]) -> int | None:
            found = number(name, pick)
            return int(found) if found is not None else None

        def flag(name: str) -> bool:
            return name in said and any(v.get(name) is True for v in values)

        types = keywords.types(values)
        if not types and read_type:
            types = (read_type,)
        if types and "null" not in types and self._nullable(values):
            types = (*types, "null")
        minimum, exclusive_minimum = keywords.bound(values, "minimum", "exclusiveMinimum", max)
        maximum, exclusive_maximum = keywords.bound(values, "maximum", "exclusiveMaximum", min)
        properties: dict[str, list[Node]] = {}
        for part in parts:
            if isinstance(part.value.get("properties"), Mapping):
                at = self._behind(part, "properties")
                for name in mapping_of(at.value):
                    properties.setdefault(str(name), []).append(at.child(name))
        required = tuple(
            dict.fromkeys(
                name
                for value in values
                if isinstance(value.get("required"), list)
                for name in value["required"]
                if isinstance(name, str)
            )
        )
        items = self._thunk(parts, "items")
        additional: Any = None
        if any(v.get("additionalProperties") is False for v in values):
            additional = False
        else:
            additional = self._thunk(parts, "additionalProperties")
            if additional is None and any(v.get("additionalProperties") is True for v in values):
                additional = True
        kind, variants = self._variants(parts)
        rest, further = unmodelled(parts)
        if flag("nullable"):
            # without a type it is a choice or an enum that may be null
            rest["null" if self.dialect == "3.0" else "nullable"] = True
        extensions = {
            k: x
            for v in reversed(values)
            for k, x in v.items()
            if isinstance(k, str) and k.startswith("x-")
        }
        return LazySchema(
            location=location,
            raw=parts[-1].value if reference and first is not parts[-1].value else first,
            types=types,
            enum=keywords.enum(values),
            format=text("format") or ("binary" if keywords.is_file(values) else None),
            pattern=text("pattern") or None,
            minimum=minimum,
            maximum=maximum,
            exclusive_minimum=exclusive_minimum,
            exclusive_maximum=exclusive_maximum,
            multiple_of=number("multipleOf", max) or None,
            min_length=whole("minLength", max),
            max_length=whole("maxLength", min),
            min_items=whole("minItems", max),
            max_items=whole("maxItems", min),
            unique_items=flag("uniqueItems"),
            default=next((v["default"] for v in values if "default" in v), MISSING),
            examples=examples + keywords.examples(values, self.dialect),
            title=text("title"),
            description=text("description") or words,
            properties=self._properties(properties),
            required=required,
            items=items,
            additional=additional,
            variants=variants,
            variant_kind=kind,
            discriminator=keywords.discriminator(values),
            mapping=keywords.mapping(values),
            rest=rest,
            others=self._others(further) if further else {},
            parts=self._parts(parts),
            closed_to=keywords.closed_to(values),
            origin=tuple((p.source.display, p.pointer) for p in parts),
            read_only=flag("readOnly"),
            write_only=flag("writeOnly"),
            deprecated=flag("deprecated"),
            reference=reference,
            extensions=extensions,
        )

    def _parts(self, parts: list[Node]) -> Sequence[Schema]:
        if len(parts) < 2:
            return ()
        return LazyList(len(parts), lambda i: self.build(parts[i]))

    def _properties(self, nodes: Mapping[str, list[Node]]) -> Mapping[str, Schema]:
        if not nodes:
            return {}
        places = LazyMap(list(nodes), lambda name: nodes[name][0].location)
        return LazyMap(list(nodes), lambda name: self.build(*nodes[name]), places)

    def _others(self, nodes: Mapping[str, Node]) -> Mapping[str, Schema]:
        return LazyMap(list(nodes), lambda name: self.build(nodes[name]))

    def _behind(self, part: Node, word: str) -> Node:
        """What a keyword has, behind a reference that stands where a map or list should."""
        node = part.child(word)
        found = self.files.follow(node)
        return found[0] if isinstance(found, tuple) else node

    def _nullable(self, values: Sequence[Mapping[str, Any]]) -> bool:
        words = ("nullable", "x-nullable") if self.dialect == "3.0" else ("x-nullable",)
        if any(v.get(word) is True for v in values for word in words):
            return True
        return any(
            isinstance(v.get(word), list)
            and keywords.not_null(v[word]) is not None
            and len(v[word]) == 2
            for v in values
            for word in ("anyOf", "oneOf")
        )

    def _thunk(self, parts: Sequence[Node], word: str) -> Any:
        nodes = [p.child(word) for p in parts if isinstance(p.value.get(word), Mapping)]
        return Thunk(lambda: self.build(*nodes)) if nodes else None

    def _variants(self, parts: Sequence[Node]) -> tuple[str, Sequence[Schema]]:
        for word in ("oneOf", "anyOf"):
            for part in parts:
                group = part.value.get(word)
                if not isinstance(group, list) or len(group) < 2:
                    continue
                if len(group) == 2 and keywords.not_null(group) is not None:
                    continue
                at = part.child(word)
                return word, LazyList(len(group), lambda i, at=at: self.build(at.child(i)))  # type: ignore[misc]
        return "", ()


def _binds(word: Any) -> bool:
    """Whether what stands beside a reference would say something if it counted there."""
    return word not in _ANNOTATIONS and not str(word).startswith("x-")


def _bare_reference(value: Any, dialect: str) -> bool:
    """Whether a node is nothing but a reference (its siblings don't count before 3.1)."""
    if not isinstance(value, Mapping) or not isinstance(value.get("$ref"), str):
        return False
    return dialect in OLD or len(value) == 1
