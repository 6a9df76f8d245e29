"""What other places of the documents say of a field of the same name: types, patterns, examples.

They are guesses to try, likelier than made-up values: nothing is concluded from a refusal.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from checker.domain.exchange import Call
from checker.domain.operation import Field, FieldKey, Operation
from checker.domain.schema import Schema
from checker.planning import edits
from checker.planning.values import Generator
from checker.planning.variation import fits

MOST = 3
MAX_DEPTH = 5


class Namesakes:
    """Schemas by member name over all operations, requests before answers."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._operations = tuple(operations)
        self._schemas: dict[str, list[Schema]] | None = None

    def of(self, field: Field) -> list[Any]:
        """Values for a field as its namesakes document them, where they say more or otherwise."""
        found: list[Any] = []
        for schema in self._known().get(field.key.leaf, ()):
            if schema.location == field.schema.location or not _says_more(schema, field.schema):
                continue
            rng = random.Random(f"{field.key.leaf} {schema.location.pointer}")
            value = Generator(rng, full=False).value(schema, field.key.leaf)
            if value is not None and value not in found:
                found.append(value)
            if len(found) == MOST:
                break
        return found

    def formats(self, name: str = "") -> set[str]:
        """The formats that members of a name are documented with, those of any name without."""
        found = [self._known().get(name, [])] if name else self._known().values()
        return {s.format for schemas in found for s in schemas if s.format}

    def calls(self, call: Call, known: Mapping[FieldKey, Field]) -> Iterator[Call]:
        """The call with fields as their namesakes document them: all of them at once, since a
        bare refusal doesn't say how many are wrong, then one by one."""
        changes: dict[FieldKey, Any] = {}
        for key in edits.present_fields(call):
            field, current = known.get(key), edits.get(call, key)
            if field is None or "{{" in str(current) or key.parent in changes:
                continue
            for value in self.of(field)[:1]:
                changes[key] = value
        if len(changes) > 1:
            yield edits.chain(*(edits.putting(k, v) for k, v in changes.items()))(call)
        for key, value in changes.items():
            yield edits.put(call, key, value)

    def _known(self) -> dict[str, list[Schema]]:
        if self._schemas is None:
            self._schemas = {}
            for operation in self._operations:
                for key, field in operation.fields.items():
                    self._schemas.setdefault(key.leaf, []).append(field.schema)
            for operation in self._operations:
                for response in operation.responses:
                    for schema in response.content.values() if response.status[:1] == "2" else ():
                        for name, member in _members(schema):
                            self._schemas.setdefault(name, []).append(member)
        return self._schemas


def _says_more(schema: Schema, own: Schema) -> bool:
    """Whether a schema has another type, or a form that the field's own doesn't have."""
    theirs, ours = _types(schema), _types(own)
    if theirs and ours and not theirs & ours:
        return not schema.properties
    if "string" not in own.types or any((own.pattern, own.format, own.enum)):
        return False
    if own.examples:
        # A form that none of the own examples has: one of the two places is wrong.
        return bool(schema.pattern) and not any(fits(schema, e) for e in own.examples)
    return any((schema.pattern, schema.format, schema.examples))


def _types(schema: Schema) -> set[str]:
    return {"number" if name == "integer" else name for name in schema.types}


def _members(schema: Schema | None, depth: int = 0) -> Iterator[tuple[str, Schema]]:
    if schema is None or depth > MAX_DEPTH:
        return
    for name, child in schema.properties.items():
        yield name, child
        yield from _members(child, depth + 1)
    if schema.items is not None:
        yield from _members(schema.items, depth + 1)
