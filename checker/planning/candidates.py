"""Candidate values of a field from everything that is known: documents, words, answers,
published registries."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from checker.documents.prose_enums import enum_candidates
from checker.domain.nodes import mapping_of
from checker.domain.operation import Field, FieldKey, Operation, Place
from checker.domain.portal import Page, Portal
from checker.domain.schema import Schema, json_type
from checker.planning import hints
from checker.planning.moments import layout_in, layout_of, others
from checker.planning.namesakes import Namesakes
from checker.planning.pattern_texts import from_pattern
from checker.planning.registries import registered
from checker.planning.routes import resource_of, unprefixed

MAX_CANDIDATES = 24
MAX_LEARNED = 12
_TERM = re.compile(r"[A-Za-z](?=.{0,59}$)[\w.+-]*(?:[/:][\w.+-]+)?")
"""A term of a vocabulary: no free text, no number, nobody's address."""


class Candidates:
    """Candidate values by field name over a whole portal; deterministic order."""

    def __init__(self, portal: Portal) -> None:
        self._by_leaf: dict[str, list[Any]] = {}
        self._by_operation: dict[tuple[str, str], list[Any]] = {}
        self.namesakes = Namesakes(portal.operations())
        self._learned: dict[tuple[str, str], list[Any]] = {}
        """Values in the server's own answers, by resource and member name."""
        self._enums: list[tuple[Any, ...]] = []
        for operation in portal.operations():
            for key, field in operation.fields.items():
                if field.schema.enum:
                    self._add(operation, key, field.schema.enum)
        self.layouts = _layouts(portal.operations())
        """Layouts of dates that the documents use anywhere."""
        for operation in portal.operations():
            for leaf, values in _answered(operation):
                self._extend(self._by_leaf.setdefault(leaf, []), values)
                self._extend(self._enums, [tuple(values)])
        for leaf, values in _of_pages(portal.pages):
            self._extend(self._by_leaf.setdefault(leaf, []), values)
        for record in portal.records:
            for step in record.test_steps:
                self._from_body(mapping_of(step.body))

    def _add(self, operation: Operation, key: FieldKey, values: Iterable[Any]) -> None:
        self._extend(self._by_leaf.setdefault(key.leaf, []), values)
        mark = (_operation_mark(operation), key.name)
        self._extend(self._by_operation.setdefault(mark, []), values)

    def _from_body(self, body: Mapping[str, Any]) -> None:
        for name, value in body.items():
            if isinstance(value, Mapping):
                self._from_body(value)
            elif isinstance(value, str) and "{{" not in value and " " not in value:
                self._extend(self._by_leaf.setdefault(name, []), [value])

    @staticmethod
    def _extend(into: list[Any], values: Iterable[Any]) -> None:
        for value in values:
            if value is not None and value not in into:
                into.append(value)

    def learn(self, path: str, body: Any) -> None:
        """Keep the terms that an answer about the resource at `path` has, by member name."""
        for name, value in _terms(body):
            known = self._learned.setdefault((resource_of(path), name), [])
            if len(known) < MAX_LEARNED:
                self._extend(known, [value])

    def of(self, operation: Operation, field: Field, error: str = "") -> list[Any]:
        """Candidates of a field, the likeliest first: its own enum, other documents' enum of
        the same operation, words of its descriptions, errors, answers about the same resource,
        enums of the same name."""
        found: list[Any] = list(field.schema.enumerated)
        self._extend(
            found, self._by_operation.get((_operation_mark(operation), field.key.name), ())
        )
        self._extend(found, enum_candidates(field.description or field.schema.description))
        self._extend(found, hints.examples_in(field.description or field.schema.description))
        self._extend(found, hints.filled_in(field.description or field.schema.description))
        self._extend(found, hints.values_in(error))
        made = (from_pattern(p, random.Random(p)) for p in hints.patterns_in(error))
        self._extend(found, (value for value in made if value))
        if "string" in field.schema.types:
            self._extend(found, hints.sized_in(error))
        for name in _own_names(operation, field.key):
            self._extend(found, self._learned.get((resource_of(operation.id.path), name), ()))
        self._extend(found, self._by_leaf.get(field.key.leaf, ()))
        self._extend(found, self._wider(field.schema))
        typed = [v for v in found if _fits(field.schema, v)]
        return typed[:MAX_CANDIDATES]

    def _wider(self, schema: Schema) -> Iterator[Any]:
        """What enums under other names have beside all of a field's own values: `reason` takes
        what `closeReason` shows."""
        own = [v for v in schema.enumerated if v is not None]
        for values in self._enums if len(own) > 1 else ():
            if len(values) > len(own) and all(v in values for v in own):
                yield from values

    def called(self, leaf: str) -> list[Any]:
        """Values that any document gives for fields of a name."""
        return self._by_leaf.get(leaf, [])[:MAX_CANDIDATES]

    def moments(self, value: Any) -> list[str]:
        """A date in other layouts: those that the documents use elsewhere, then usual ones."""
        return others(value, self.layouts) if isinstance(value, str) else []

    def learned(self, operation: Operation, key: FieldKey, value: Any) -> bool:
        """Whether an answer about the same resource has the value under the field's name."""
        mark = (resource_of(operation.id.path), key.leaf)
        return value in self._learned.get(mark, ())

    @staticmethod
    def standard(
        operation: Operation, field: Field, *, large: bool = True, like: Any = None
    ) -> list[str]:
        """Values of published registries for a text whose name says that it holds one of them;
        those of which a sample says nothing only where `large`; see `registered` for `like`. What
        else a registry has beside a documented value is only of use where that one is `like`."""
        schema = field.schema
        closed = (schema.enum and like is None) or schema.format or schema.pattern
        if closed or (schema.types and "string" not in schema.types):
            return []
        around = (field.description, schema.description, operation.summary, operation.id.path)
        return registered(field.key.leaf, " ".join(around), large=large, like=like)

    def variants(self, values: Iterable[Any]) -> list[str]:
        """Case variants of known values."""
        out: list[str] = []
        for value in values:
            if isinstance(value, str):
                for form in (value.lower(), value.upper(), value.capitalize()):
                    if form != value and form not in out:
                        out.append(form)
        return out


def _layouts(operations: Iterable[Operation]) -> list[str]:
    found: list[str] = []
    for operation in operations:
        for field in operation.fields.values():
            schema = field.schema
            texts = [e for e in schema.examples if isinstance(e, str)]
            if schema.pattern:
                texts.append(from_pattern(schema.pattern, random.Random(0)))
            words = f"{field.description} {schema.description}"
            layouts = [layout_in(words), *map(layout_of, texts)]
            found += [x for x in layouts if "%d" in x and x not in found]
    return found


def _terms(node: Any, name: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """The terms in an answer with the names of their members."""
    if isinstance(node, str) and name and _TERM.fullmatch(node):
        yield name, node
    elif isinstance(node, Mapping) and depth < 6:
        for member, value in node.items():
            yield from _terms(value, str(member), depth + 1)
    elif isinstance(node, list) and depth < 6:
        for item in node[:MAX_LEARNED]:
            yield from _terms(item, name, depth + 1)


def _own_names(operation: Operation, key: FieldKey) -> Iterator[str]:
    """What a field may be called in the resource itself: `kind` for a path's `{thing_kind}`."""
    yield key.leaf
    if key.place is Place.PATH:
        yield from unprefixed(key.leaf, resource_of(operation.id.path))


def _answered(operation: Operation) -> Iterator[tuple[str, Iterable[Any]]]:
    """Names of members of accepted answers, and the values that are documented for them."""
    for response in operation.responses:
        if response.status[:1] == "2":
            for schema in response.content.values():
                if schema is not None:
                    yield from _enums(schema)


def _enums(schema: Schema, name: str = "", depth: int = 0) -> Iterator[tuple[str, Iterable[Any]]]:
    if schema.enum and name:
        yield name, schema.enum
    if depth > 5:
        return
    for child, inner in schema.properties.items():
        yield from _enums(inner, child, depth + 1)
    if schema.items is not None:
        yield from _enums(schema.items, name, depth + 1)


def _operation_mark(operation: Operation) -> str:
    return f"{operation.id.method} {re.sub(r'{[^}]*}', '{}', operation.id.path)}"


def _fits(schema: Schema, value: Any) -> bool:
    return not schema.types or schema.allows_type(json_type(value)) or isinstance(value, str)


def _of_pages(pages: Iterable[Page]) -> Iterator[tuple[str, Sequence[Any]]]:
    """The values that tables of pages list, by the field's last name."""
    for page in pages:
        for fact in page.facts:
            if fact.kind == "enum" and isinstance(fact.value, (list, tuple)):
                yield fact.name.rpartition(".")[2], fact.value
