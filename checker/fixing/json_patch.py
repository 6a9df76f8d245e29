"""JSON Pointer and JSON Patch (RFC 6901, 6902) on values; nothing is changed in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checker.domain.pointer import tokens_of

IDENTITY = ("$ref", "name", "in", "type", "operationId", "title")
"""Members by which an object is known among others."""
NEVER_EMPTY = ("required", "enum")
"""Lists of which Swagger 2.0 and OpenAPI 3.0 want one entry at least."""


class Unplaced(Exception):
    """An operation that can't be applied; its text says why, in a few words."""


class AlreadyThere(Unplaced):
    """What a patch would change is so already."""

    def __init__(self) -> None:
        super().__init__("already there")


@dataclass(frozen=True, slots=True)
class Operation:
    """One step of a patch that changes something: `add`, `replace`, `remove`, or `rename` of an
    object's member (`value` is its new name), which keeps what stands below as it is written."""

    op: str
    tokens: tuple[str, ...]
    value: Any = None


def parse_pointer(pointer: str) -> tuple[str, ...]:
    """The unescaped tokens; raises Unplaced for what isn't a pointer."""
    if pointer == "":
        return ()
    if not pointer.startswith("/"):
        raise Unplaced(f"{pointer!r} is not a JSON Pointer")
    return tuple(tokens_of(pointer))


def same(one: Any, two: Any) -> bool:
    """Equal as JSON: 1 is not true."""
    if isinstance(one, Mapping) and isinstance(two, Mapping):
        return one.keys() == two.keys() and all(same(v, two[k]) for k, v in one.items())
    if isinstance(one, (list, tuple)) and isinstance(two, (list, tuple)):
        return len(one) == len(two) and all(map(same, one, two))
    if isinstance(one, bool) or isinstance(two, bool):
        return one is two
    return bool(one == two)


def is_plain_list(value: Any) -> bool:
    """Whether it is a list whose entries are told apart by their values alone."""
    return isinstance(value, list) and not any(isinstance(v, (Mapping, list)) for v in value)


def index_of(token: str, length: int) -> int:
    """A list position; raises Unplaced where it is none or too large."""
    if not token.isdigit() or (len(token) > 1 and token[0] == "0") or int(token) >= length:
        raise Unplaced(f"there is no list item {token}")
    return int(token)


def get(document: Any, tokens: Sequence[str]) -> Any:
    """The value at a place; raises Unplaced where there is none."""
    for token in tokens:
        if isinstance(document, Mapping):
            if token not in document:
                raise Unplaced(f"there is no {token!r}")
            document = document[token]
        elif isinstance(document, list):
            document = document[index_of(token, len(document))]
        else:
            raise Unplaced(f"there is no {token!r}")
    return document


def exists(document: Any, tokens: Sequence[str]) -> bool:
    """Whether there is a value at a place."""
    try:
        get(document, tokens)
    except Unplaced:
        return False
    return True


def applied(document: Any, operation: Operation) -> Any:
    """The document after one operation; what isn't on its path is shared with the old one."""
    return _applied(document, operation.tokens, operation)


def _applied(document: Any, tokens: Sequence[str], operation: Operation) -> Any:
    if not tokens:
        if operation.op == "remove":
            raise Unplaced("the whole document can't be removed")
        return operation.value
    if isinstance(document, Mapping):
        return _in_mapping(document, tokens, operation)
    if isinstance(document, list):
        return _in_list(document, tokens, operation)
    raise Unplaced(f"there is no {tokens[0]!r}")


def _in_mapping(
    document: Mapping[str, Any], tokens: Sequence[str], operation: Operation
) -> dict[str, Any]:
    token, rest = tokens[0], tokens[1:]
    copy = dict(document)
    if rest:
        copy[token] = _applied(get(document, (token,)), rest, operation)
    elif operation.op == "remove":
        get(document, (token,))
        del copy[token]
    elif operation.op == "rename":
        return {operation.value if k == token else k: v for k, v in document.items()}
    else:
        copy[token] = operation.value
    return copy


def _in_list(document: list[Any], tokens: Sequence[str], operation: Operation) -> list[Any]:
    token, rest = tokens[0], tokens[1:]
    items = list(document)
    if rest:
        position = index_of(token, len(items))
        items[position] = _applied(items[position], rest, operation)
    elif operation.op == "add":
        position = len(items) if token == "-" else index_of(token, len(items) + 1)
        items.insert(position, operation.value)
    elif operation.op == "remove":
        del items[index_of(token, len(items))]
    else:
        items[index_of(token, len(items))] = operation.value
    return items
