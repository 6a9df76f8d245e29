"""What a new operation is called in a document: as its neighbours are. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from checker.domain.nodes import member_of
from checker.domain.operation import Operation, OperationId
from checker.domain.portal import Document
from checker.drift.build import a_thing, thing
from checker.planning.routes import (
    ACTION,
    CREATE,
    DELETE,
    LIST,
    READ,
    UPDATE,
    act_of,
    acts_on_item,
    has_verb,
    resource_of,
    singular,
    verb_of,
    words,
)

_DOES = {CREATE: "Create", READ: "Read", UPDATE: "Change", DELETE: "Delete"}
_ARTICLES = frozenset({"a", "an", "the"})


def inner_path(operation: OperationId, document: Document) -> str | None:
    """The path as the document writes it, without its base path; None where it has another."""
    base = document.info.base_path.rstrip("/")
    if base and not operation.path.startswith(f"{base}/"):
        return None
    return operation.path[len(base) :]


def _listing(path: str, resource: str) -> str:
    verb = verb_of(path) if has_verb(path) else "list"
    parts = [part for part in re.split(r"[/.:]", path) if part and "{" not in part]
    listed = [p for p in parts if words(p) != [verb] or len(parts) == 1][-1:]
    return f"{verb.capitalize()} {' '.join(words(listed[0])) if listed else thing(resource)}"


def summary_of(operation: OperationId) -> str:
    """What the operation does, as its method and path say it."""
    act, resource = act_of(operation), resource_of(operation.path)
    if act == LIST:
        return _listing(operation.path, resource)
    on_item = operation.method == "POST" and acts_on_item(operation)
    if act == ACTION or on_item:
        verb = verb_of(operation.path) or operation.method
        above, _, end = operation.path.rpartition("/")
        resource = resource_of(above) if end == verb else resource
        return f"{verb.replace('_', ' ').capitalize()} {a_thing(resource)}"
    return f"{'Replace' if operation.method == 'PUT' else _DOES[act]} {a_thing(resource)}"


def sentence_of(operation: OperationId) -> str:
    """The same as a sentence: "Lists pets." """
    verb, _, rest = summary_of(operation).partition(" ")
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return f"{verb[:-1]}ies {rest}."
    return f"{verb}{'es' if verb.endswith(('s', 'x', 'z', 'ch', 'sh')) else 's'} {rest}."


def tags_of(operation: OperationId, kin: Operation, document: Document) -> list[str]:
    """Those of the nearest operation, where the path has no word that is a tag of its own: one
    that the document uses, or one as it calls its other resources."""
    used = {t: None for o in document.operations for t in _tags(o, document)}
    mine = list(_segments(operation, document))
    plain = set(map(_plain, mine))
    own = next((tag for tag in used if _plain(tag) in plain), None)
    if own is not None:
        return [own]
    theirs = set(_segments(kin.id, document))
    shared = [part for part in theirs.intersection(mine) if _is_own(part, document)]
    by_route = [o for o in document.operations if _is_named_by_route(o, document)]
    if not shared and mine and 2 * len(by_route) > len(document.operations):
        return [mine[0]]
    return _tags(kin, document)


def identifier_of(operation: OperationId, document: Document) -> str:
    """An `operationId` as most others are made: of the method and the path, or of the words that
    say what is done, joined as theirs are. No other operation has it."""
    known = [o.operation_id for o in document.operations if o.operation_id]
    by_route = sum(_by_route(o.id) == o.operation_id for o in document.operations)
    made = _by_route(operation)
    if known and 2 * by_route <= len(known):
        made = _joined([w for w in summary_of(operation).split() if w not in _ARTICLES], known)
    number, free = 2, made
    while free in known:
        free, number = f"{made}{number}", number + 1
    return free


def _by_route(operation: OperationId) -> str:
    parts = re.findall(r"[A-Za-z0-9]+", operation.path)
    return operation.method.lower() + "".join(p[0].upper() + p[1:] for p in parts)


def _joined(parts: list[str], known: list[str]) -> str:
    lower = [part.lower() for part in parts]
    for mark in "_-.":
        if 2 * sum(mark in name for name in known) > len(known):
            return mark.join(lower)
    made = "".join(part.capitalize() for part in lower)
    upper = 2 * sum(name[0].isupper() for name in known) > len(known)
    return made if upper else made[0].lower() + made[1:]


def _tags(operation: Operation, document: Document) -> list[str]:
    paths = document.raw.get("paths")
    item = member_of(paths, operation.path_template)
    node = member_of(item, operation.id.method.lower())
    tags = member_of(node, "tags")
    return [str(t) for t in tags] if isinstance(tags, list) else []


def _segments(operation: OperationId, document: Document) -> Iterator[str]:
    """The fixed parts of a path that not all paths of the document have."""
    path = inner_path(operation, document) or operation.path
    for part in path.split("/"):
        if part and "{" not in part and _is_own(part, document):
            yield part


def _is_own(part: str, document: Document) -> bool:
    """Whether a part of a path tells operations apart."""
    having = sum(part in o.id.path.split("/") for o in document.operations)
    return 5 * having <= 4 * len(document.operations) or len(document.operations) < 3


def _is_named_by_route(operation: Operation, document: Document) -> bool:
    first = next(_segments(operation.id, document), "")
    return [first] == _tags(operation, document)


def _plain(name: str) -> str:
    return " ".join(singular(word.lower()) for word in words(name))
