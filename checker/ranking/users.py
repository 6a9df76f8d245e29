"""Which operations use a shared definition, and whether their answers have a member of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from checker.domain.nodes import member_of
from checker.domain.observation import ObservedContract
from checker.domain.operation import Operation, OperationId
from checker.domain.portal import Document
from checker.domain.schema import Schema
from checker.drift.compare.sameness import lookup
from checker.inference.answered_by import documented_for, schema_for
from checker.inference.responses import counted

MAX_ANSWERS = 60
MAX_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Users:
    """The operations of one document whose requests, and whose answers, use a definition."""

    requests: tuple[Operation, ...]
    answers: tuple[Operation, ...]


class References:
    """Where the references of one document lead, each part of it walked once."""

    def __init__(self, document: Document) -> None:
        self.raw = document.raw
        self._direct: dict[str, frozenset[str]] = {}
        self._sides = [(o, *self._of(o)) for o in document.operations]

    def users_of(self, pointer: str) -> Users:
        """Who uses the place `pointer`, by way of any references."""
        return Users(
            tuple(o for o, asked, _ in self._sides if _within(pointer, asked)),
            tuple(o for o, _, answered in self._sides if _within(pointer, answered)),
        )

    def _of(self, operation: Operation) -> tuple[frozenset[str], frozenset[str]]:
        """What the request of an operation refers to, and what its answers do."""
        base = operation.location.pointer
        node, item = lookup(self.raw, base), lookup(self.raw, base.rpartition("/")[0])
        if not isinstance(node, Mapping):
            return frozenset(), frozenset()
        above = member_of(item, "parameters")
        asked = [node.get("parameters"), node.get("requestBody"), above]
        return self._reached(asked), self._reached(node.get("responses"))

    def _reached(self, node: Any) -> frozenset[str]:
        """Every place that references lead to from a node."""
        found: set[str] = set()
        stack = list(_referred(node))
        while stack:
            target = stack.pop()
            if target in found:
                continue
            found.add(target)
            if target not in self._direct:
                self._direct[target] = _referred(lookup(self.raw, target))
            stack += self._direct[target]
        return frozenset(found)


def _referred(node: Any) -> frozenset[str]:
    """The places in the same document that a node refers to."""
    found: set[str] = set()
    stack = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, list):
            stack += one
        elif isinstance(one, Mapping):
            target = one.get("$ref")
            if isinstance(target, str) and target.startswith("#/"):
                found.add(target[1:])
            stack += one.values()
    return frozenset(found)


def _within(pointer: str, targets: Iterable[str]) -> bool:
    """Whether a place is one of the targets or stands in one."""
    return any(f"{pointer}/".startswith(f"{target}/") for target in targets)


def always_answered(
    operation: Operation,
    observed: Mapping[OperationId, ObservedContract],
    pointer: str,
    member: str,
) -> bool:
    """Whether an operation's answers have shown the object defined at `pointer`, each time with
    the member."""
    contract = observed.get(operation.id)
    shown: list[bool] = []
    for exchange, _ in counted(contract.exchanges if contract else ())[:MAX_ANSWERS]:
        assert exchange.response is not None
        documented = documented_for(operation, exchange.response.status)
        if documented is None:
            continue
        schema, body = schema_for(exchange, documented)
        if schema is not None:
            shown += [member in thing for thing in _defined_at(pointer, schema, body, 0)]
    return bool(shown) and all(shown)


def _defined_at(
    pointer: str, schema: Schema, value: Any, depth: int
) -> Iterator[Mapping[str, Any]]:
    """The objects in a value that the schema at `pointer` describes."""
    if depth > MAX_DEPTH:
        return
    if isinstance(value, list) and schema.items is not None:
        for item in value:
            yield from _defined_at(pointer, schema.items, item, depth + 1)
    if not isinstance(value, Mapping):
        return
    if schema.location.pointer == pointer:
        yield value
    for name, child in schema.properties.items():
        if name in value:
            yield from _defined_at(pointer, child, value[name], depth + 1)
