"""What an operation's route says: which resource it is about and what it does to it. Pure.

`POST /rooms` makes a room, and so do `POST /rooms.create`, `/rooms/create` and `/createRoom`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache, partial

from checker.domain.operation import Field, FieldKey, Operation, OperationId, Place
from checker.lexicon import operation_line, read
from checker.lexicon.phrases import vocabulary
from checker.lexicon.texts import sentences_of

CREATE, LIST, READ, UPDATE, DELETE, ACTION = "create", "list", "read", "update", "delete", "action"

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_ACTS = (CREATE, LIST, READ, UPDATE, DELETE)
_WORDS_OF = partial(vocabulary, "routes")
_PLAIN = {verb: act for act in _ACTS for verb in _WORDS_OF(f"verb of {act}")}
"""Verbs that are hardly ever the name of a thing."""
_VERBS = _PLAIN | {
    verb: act for act in (CREATE, LIST, READ, UPDATE) for verb in _WORDS_OF(f"{act} beside a thing")
}
"""With verbs that only count beside the resource they belong to (`rooms.info`)."""
_LONE = {*_PLAIN, *_WORDS_OF("verb behind a thing")}
"""Verbs that count as a segment of their own after a resource (`/rooms/search`)."""
_SCRIPTS = frozenset(_WORDS_OF("ending of a script"))
"""Suffixes of scripts, which often have their verb behind the resource (`/room_new.php`)."""
FILE_ENDINGS = _SCRIPTS.union(_WORDS_OF("ending of a file"))
"""What a path may end with that names a format or a language, no part of the resource."""

MAX_SENTENCES = 12
KNOWN_PATHS = 4_096
"""Templates of which the resource is remembered: the same few are asked for all the time."""


def words(name: str) -> list[str]:
    """Lower-case words of a snake, kebab or camel name."""
    return [w.lower() for w in _WORDS.findall(name)]


def singular(word: str) -> str:
    """A plain English singular; good enough to compare names."""
    for tail, put in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh")):
        if word.endswith(tail) and len(word) > len(tail) + 1:
            return word[: -len(tail)] + put
    if word.endswith(("ss", "us", "is")):
        return word
    return word[:-1] if word.endswith("s") and len(word) > 2 else word


def _named(parts: list[str]) -> str:
    return "_".join([*parts[:-1], singular(parts[-1])]) if parts else ""


@lru_cache(maxsize=KNOWN_PATHS)
def _route(path: str) -> tuple[str, str]:
    """The resource and, where the path itself has a verb, what it does; else ""."""
    static = [s for s in path.split("/") if s and "{" not in s]
    if not static:
        return "", ""
    last = static[-1]
    pieces = [p for p in re.split(r"[.:]", last) if p]
    script = len(pieces) > 1 and pieces[-1].lower() in _SCRIPTS
    if len(pieces) > 1 and pieces[-1].lower() in FILE_ENDINGS:
        pieces = pieces[:-1]
    if len(pieces) > 1 and not any(p[0].isdigit() for p in pieces):
        verb = words(pieces[-1]) or [""]
        known = _VERBS.get(verb[0], ACTION)
        rest = verb[1:] if known is not ACTION else []
        return _named(rest or words(pieces[-2])), known
    parts = words(pieces[0]) if pieces else []
    if len(parts) > 1 and parts[0] in _PLAIN:
        return _named(parts[1:]), _PLAIN[parts[0]]
    if script and len(parts) > 1 and parts[-1] in _VERBS:
        return _named(parts[:-1]), _VERBS[parts[-1]]
    if len(parts) == 1 and parts[0] in _LONE and len(static) > 1:
        return _named(words(static[-2])), _VERBS[parts[0]]
    return _named(parts), ""


def resource_of(path: str) -> str:
    """The resource a path is about: the last static segment without its verb, singular."""
    return _route(path)[0]


def unprefixed(name: str, resource: str) -> list[str]:
    """A name without the resource it begins with, in the usual spellings: `kind` for
    `metadata_kind` of `metadata`; empty where it doesn't begin with it."""
    parts, head = words(name), [singular(w) for w in words(resource)]
    size = len(head)
    if not head or len(parts) <= size or [singular(w) for w in parts[:size]] != head:
        return []
    rest = parts[size:]
    camel = rest[0] + "".join(w.capitalize() for w in rest[1:])
    return list(dict.fromkeys(("_".join(rest), camel, "-".join(rest))))


def act_of(operation: OperationId) -> str:
    """What an operation does: the verb of its path, else what its method means there."""
    verb = _route(operation.path)[1]
    if verb:
        return verb
    item = operation.path.rstrip("/").endswith("}")
    match operation.method:
        case "GET" | "HEAD":
            return READ if item else LIST
        case "POST":
            return ACTION if item else CREATE
        case "PUT" | "PATCH":
            return UPDATE
        case "DELETE":
            return DELETE
        case _:
            return ACTION


def has_verb(path: str) -> bool:
    """Whether the path itself says what is done (RPC style)."""
    return bool(_route(path)[1])


def acts_on_item(operation: OperationId) -> bool:
    """Whether an operation does something to one existing item, and makes no new one.

    `POST /channels/{id}/activate` does, `POST /channels/{id}/messages` (plural) doesn't.
    """
    act = act_of(operation)
    if act != CREATE or has_verb(operation.path):
        return act in (ACTION, UPDATE, DELETE)
    segments = [s for s in operation.path.split("/") if s]
    if len(segments) < 2 or "{" not in segments[-2]:
        return False
    parts = words(segments[-1])
    return bool(parts) and singular(parts[-1]) == parts[-1]


def name_given(operation: Operation) -> FieldKey | None:
    """The path parameter by which a client may name a new item itself: the last one of
    `PUT /files/{name}`, or of a `POST /groups/{name}` whose words say that it creates, where it
    takes any text or a made-up UUID. A number may be somebody's.
    """
    path = operation.id.path.rstrip("/")
    if operation.id.method not in ("PUT", "POST") or not path.endswith("}"):
        return None
    if operation.id.method == "POST":
        # `POST /codes/{owner}/{room}` makes no room.
        direct = not path.rpartition("/")[0].endswith("}")
        if not (direct and _creates(operation.summary, operation.description)):
            return None
    return _free_name(operation)


def name_written(operation: Operation) -> FieldKey | None:
    """As `name_given`, of a change as well: `PATCH /sections/{name}` makes what isn't there on some
    servers. What others make for it goes before that."""
    changes = operation.id.method == "PATCH" and operation.id.path.rstrip("/").endswith("}")
    return _free_name(operation) if changes else name_given(operation)


def _free_name(operation: Operation) -> FieldKey | None:
    """The path's last parameter, where it takes any text or a made-up UUID."""
    path = operation.id.path.rstrip("/")
    key = FieldKey(Place.PATH, path.rpartition("{")[2].removesuffix("}"))
    field = operation.fields.get(key)
    if field is None or field.schema.enum or set(field.schema.types) - {"null"} != {"string"}:
        return None
    return key


@lru_cache(maxsize=2_000)
def _creates(summary: str, description: str) -> bool:
    """Whether an operation's words say that it creates something."""
    said = (summary, *sentences_of(description, MAX_SENTENCES))
    return any(
        entry.means == "creates"
        for sentence in said
        if sentence
        for entry in read("effects", operation_line("POST", "/{}", sentence.strip(" .!\n")))
    )


def mentions_path(text: str, path: str) -> bool:
    """Whether a text names an operation by its path: "/orders", or the last segment alone where
    it is no plain word ("order.add", "orders.php")."""
    last = path.rstrip("/").rpartition("/")[2]
    ends = [re.escape(path.rstrip("/"))] if len(path) > 2 else []
    if re.search(r"\w[._]\w|[a-z][A-Z]", last) and "{" not in last:
        ends.append("/?" + re.escape(last))
    return any(re.search(rf"(?<![\w./-]){end}(?![\w/-]|\.\w)", text) for end in ends)


def verb_of(path: str) -> str:
    """The word of what an action's path does: `activate`, `confirm`; the last static word."""
    static = [s for s in path.split("/") if s and "{" not in s]
    parts = words(re.split(r"[.:]", static[-1])[-1]) if static else []
    return parts[0] if parts and parts[0] not in _PLAIN else (parts[-1] if parts else "")


def addressing(operation: Operation, resource: str) -> FieldKey | None:
    """The request field by which an operation addresses one item of a resource.

    The last path parameter, or a query or body field: `<resource>_id`, or a plain `id` where
    the operation is about that resource.
    """
    own = resource_of(operation.id.path) == resource
    found: list[tuple[bool, int, FieldKey]] = []
    for key, field in operation.fields.items():
        if key.place not in (Place.QUERY, Place.BODY, Place.PATH) or key.parent is not None:
            continue
        parts = words(key.leaf)
        if not parts:
            continue
        bare = _identifies(key.leaf)
        named = _identifies(parts[-1]) and _named(parts[:-1]) == resource
        if named or (bare and own):
            found.append((not field.required, bare, key))
    return min(found, key=lambda f: f[:2])[2] if found else None


def _identifies(name: str) -> bool:
    return name.lower() in vocabulary("endings", "bare identifier")


def same_resource(
    resource: str, acts: Iterable[str], operations: Iterable[Operation]
) -> Iterator[tuple[Operation, FieldKey]]:
    """RPC-style operations that do one of `acts` to an item, and how they address it."""
    wanted = tuple(acts)
    for operation in operations:
        if not has_verb(operation.id.path) or resource_of(operation.id.path) != resource:
            continue
        if act_of(operation.id) in wanted:
            key = addressing(operation, resource)
            if key is not None:
                yield operation, key


def required_beside(operation: Operation, key: FieldKey) -> list[tuple[FieldKey, Field]]:
    """The documented-required top-level request fields other than `key`."""
    return [
        (k, f)
        for k, f in operation.fields.items()
        if f.required and k != key and "." not in k.name and "[]" not in k.name and k.name
    ]
