"""What an operation does to others, told by its method, its path, its words and its siblings. Pure.

Where these disagree, the more harmful reading counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

from checker.domain.operation import FieldKey, Operation, OperationId, Place
from checker.lexicon import Entry, folded, operation_line, read
from checker.lexicon.texts import name_words
from checker.planning.encoding import path_parameters
from checker.planning.producers import noun_of
from checker.planning.restraint import demanded
from checker.planning.routes import (
    ACTION,
    CREATE,
    DELETE,
    LIST,
    READ,
    UPDATE,
    act_of,
    addressing,
    has_verb,
    resource_of,
)
from checker.safety.siblings import (
    above_parameters,
    acted_on,
    asked_for,
    identifies,
    inner_names,
    is_plural,
    item_names,
    lists,
    made_by_verb,
    members,
    successes,
    takes_things,
)

MAX_SENTENCES = 12
"""Of a description: an effect is often told last."""
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|(?<=[。！？])|\n\s*\n")
_ANSWERED, _ABROAD = frozenset({"service", "account", "outward"}), frozenset({"outward"})
"""What the words of its answers, and those of its tags and document, can make of an operation."""


_ADDRESSES = frozenset({"uri", "url", "hostname"})


class Effect(IntEnum):
    """Effects by harm: of two readings of one operation the greater counts."""

    READS = 0
    SIGNS_IN = 1
    CREATES = 2
    UNKNOWN = 3
    CHANGES = 4
    """One thing."""
    DELETES = 5
    """One thing."""
    SINGLETON = 6
    """The only one of its kind, which the run can't have made."""
    CALLBACK = 7
    """Registers an address that the server will call."""
    OUTWARD = 8
    """Reaches people or money outside."""
    ACCOUNT = 9
    """The caller's own account or credential."""
    SERVICE = 10
    """Stops, empties or rebuilds something, or changes many things at once."""


_MEANS = {
    "service": Effect.SERVICE,
    "account": Effect.ACCOUNT,
    "outward": Effect.OUTWARD,
    "callback": Effect.CALLBACK,
    "singleton": Effect.SINGLETON,
}
_IN_GET = ("service", "account", "outward")
"""What the words of a reading method can make of it."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """An operation's effect and what told it, in words."""

    effect: Effect
    why: str
    addressed: FieldKey | None = None
    """The field that names the one thing it changes; None where it changes none, or nothing
    names it."""
    by_route: Effect | None = None
    """What method and path alone say, where the words say something worse."""
    noun: str = ""
    """What the addressed thing is called, where the operation's own path is called otherwise."""

    @property
    def route(self) -> Effect:
        """What method, path and siblings say, whatever the words add."""
        return self.effect if self.by_route is None else self.by_route


class Assessor:
    """Assesses operations, knowing all the others of the same API."""

    def __init__(
        self, operations: Iterable[Operation], makers: frozenset[OperationId] = frozenset()
    ) -> None:
        self._operations = tuple(operations)
        self._makers = makers
        self._known: dict[OperationId, Assessment] = {}
        self._routes = {(o.id.method, _shape(o.id.path)): o for o in self._operations}
        shapes = {_shape(o.id.path) for o in self._operations}
        self._above_items = above_parameters(shapes)
        self._made_by_verb = made_by_verb(self._operations)

    def assess(self, operation: Operation) -> Assessment:
        """The operation's effect; worked out once."""
        if operation.id not in self._known:
            self._known[operation.id] = self._assess(operation)
        return self._known[operation.id]

    @cached_property
    def _asked(self) -> frozenset[str]:
        return asked_for(self._operations)

    def can_make(self, path: str) -> bool:
        """Whether an operation creates items of the collection at a path."""
        return any(
            self.assess(o).effect is Effect.CREATES and _shape(o.id.path) == _shape(path)
            for o in self._operations
            if not o.id.safe
        )

    def is_needed(self, operation: Operation) -> bool:
        """Whether others may need what an operation makes: its items have paths below them,
        others are about such a thing or ask for the identifiers of one, or a record does."""
        shape, resource = _shape(operation.id.path), resource_of(operation.id.path)
        return (
            shape in self._above_items
            or operation.id in self._makers
            or resource in self._asked
            or any(
                resource_of(o.id.path) == resource and _shape(o.id.path) != shape
                for o in self._operations
            )
        )

    def _assess(self, operation: Operation) -> Assessment:
        spoken = tuple(words_of(operation))
        means = {entry.means for entry, _ in spoken}
        plain = self._by_route(operation, means)
        loud = [m for m in _MEANS if m in means and (not operation.id.safe or m in _IN_GET)]
        asked = demanded(operation)
        if "outward" not in loud and (asked is not None or _by_fields(operation)):
            loud.append("outward")
        if "callback" not in loud and not operation.id.safe and _is_called(operation):
            loud.append("callback")
        worst = max(loud, key=lambda m: _MEANS[m], default="")
        if not worst or _MEANS[worst] <= plain.effect:
            return plain
        if worst == "singleton" and plain.addressed is not None:
            return plain  # the settings of one thing
        by_field = f"by its `{asked.leaf}`" if asked is not None else "by its fields"
        text = next((t for entry, t in spoken if entry.means == worst), by_field)
        return Assessment(
            _MEANS[worst], f"{_SAYS[worst]} ({text!r})", plain.addressed, plain.effect, plain.noun
        )

    def _by_route(self, operation: Operation, means: set[str]) -> Assessment:
        match operation.id.method:
            case "GET" | "HEAD" | "OPTIONS":
                return self._reading(operation, means)
            case "DELETE":
                key = _addressed(operation)
                if key is not None:
                    return Assessment(Effect.DELETES, "it deletes one thing", key)
                return Assessment(Effect.SERVICE, "it deletes a whole collection")
            case "PUT" | "PATCH":
                key = _addressed(operation)
                if key is not None:
                    return Assessment(Effect.CHANGES, "it changes one thing", key)
                many = self._holds_items(operation)
                what = "a whole collection" if many else "the only thing of its kind"
                return Assessment(Effect.SINGLETON, f"it changes {what}")
            case "POST":
                return self._posting(operation, means)
        return Assessment(Effect.UNKNOWN, f"what {operation.id.method} does isn't known")

    def _holds_items(self, operation: Operation) -> bool:
        shape = _shape(operation.id.path)
        listing = self._routes.get(("GET", shape))
        return shape in self._above_items or (listing is not None and lists(listing))

    def _reading(self, operation: Operation, means: set[str]) -> Assessment:
        act = act_of(operation.id) if has_verb(operation.id.path) else READ
        if act in (UPDATE, DELETE) or "changes" in means:
            effect = Effect.DELETES if act == DELETE else Effect.CHANGES
            return Assessment(
                effect, "its path says that it changes something", _addressed(operation)
            )
        if act == CREATE:
            return Assessment(Effect.CREATES, "its path says that it creates something")
        if _only_confirms(operation):
            return Assessment(Effect.UNKNOWN, "it takes values and answers only that all is well")
        return Assessment(Effect.READS, "it reads")

    def _posting(self, operation: Operation, means: set[str]) -> Assessment:
        act = act_of(operation.id) if has_verb(operation.id.path) else ""
        items = _shape(operation.id.path) in self._above_items
        if ("reads" in means or act in (LIST, READ)) and not items and "changes" not in means:
            return Assessment(Effect.READS, "its words say that it reads")
        if "signs-in" in means and not items:
            return Assessment(Effect.SIGNS_IN, "it signs in")
        key = _addressed(operation)
        evidence = self._creation(operation, means, act)
        if act in (UPDATE, DELETE) or (act == ACTION and key is not None):
            effect = Effect.DELETES if act == DELETE else Effect.CHANGES
            return Assessment(effect, "its path says that it changes something", key)
        if evidence:
            about = _dealt_with(operation)
            if about is not None:
                return Assessment(
                    Effect.CHANGES,
                    "what it makes is a deed, done to what it names",
                    about,
                    Effect.CREATES,
                    noun_of(about.leaf),
                )
            return Assessment(Effect.CREATES, evidence)
        if key is not None and key.place is Place.PATH:
            return Assessment(Effect.CHANGES, "it acts on one thing", key)
        acted = acted_on(operation, self._made_by_verb)
        if acted is not None:
            return Assessment(Effect.CHANGES, "it acts on one thing", acted[0], noun=acted[1])
        if self._brings_things(operation):
            return Assessment(Effect.CREATES, "its body is a list of what is made one by one above")
        if self._answers_as_list(operation):
            return Assessment(Effect.READS, "it answers as the list does")
        return Assessment(Effect.UNKNOWN, "nothing says what it does")

    def _creation(self, operation: Operation, means: set[str], act: str) -> str:
        """What tells that a POST creates something; empty where nothing does."""
        shape = _shape(operation.id.path)
        listing = self._routes.get(("GET", shape))
        if act == CREATE:
            return "its path says so"
        if shape in self._above_items:
            return "what it makes has a path of its own"
        if listing is not None and lists(listing):
            return "what it makes is listed at its path"
        if "creates" in means:
            return "its words say so"
        if act:
            return ""
        if operation.id in self._makers:
            return "a record takes an identifier from its answer"
        created = any(r.status == "201" for r in operation.responses)
        if (created or is_plural(operation.id.path)) and identifies(operation):
            return "its answer has a new identifier"
        return (
            "others ask for identifiers of what it makes" if self._is_asked_for(operation) else ""
        )

    def _is_asked_for(self, operation: Operation) -> bool:
        if not is_plural(operation.id.path):
            return False
        return resource_of(operation.id.path) in self._asked

    def _brings_things(self, operation: Operation) -> bool:
        """Whether a POST below a collection takes a list of what the collection's own POST takes
        one of."""
        above = _shape(operation.id.path).rpartition("/")[0]
        single = self._routes.get(("POST", above))
        if single is None or above not in self._above_items:
            return False
        wanted = {n for s in single.body.values() if s is not None for n in inner_names(s)}
        return any(
            2 * len(names & wanted) > len(names)
            for schema in operation.body.values()
            if schema is not None
            for names in item_names(schema)
        )

    def _answers_as_list(self, operation: Operation) -> bool:
        """Whether a POST below a collection answers what reading the collection answers."""
        above = _shape(operation.id.path).rpartition("/")[0]
        listing = self._routes.get(("GET", above))
        if listing is None or not lists(listing) or takes_things(operation):
            return False
        ours, theirs = members(operation), members(listing)
        return bool(ours) and ours == theirs


_SAYS = {
    "service": "its words say that it stops, empties or rebuilds something, or changes many things",
    "account": "its words say that it changes the caller's own account or credential",
    "outward": "its words say that it reaches people or money outside",
    "callback": "its words say that it registers an address for the server to call",
    "singleton": "its words say that it changes the settings of the whole system",
}


def words_of(operation: Operation) -> Iterator[tuple[Entry, str]]:
    """The lexicon's entries that speak in an operation's path or words, and the text of each."""
    method, path = operation.id.method, operation.path_template or operation.id.path
    named = name_words(operation.operation_id).removeprefix(method.lower() + " ")
    sentences = [operation.summary, named]
    sentences += _sentences(operation.description)
    method = "POST" if method in ("HEAD", "OPTIONS") else method  # documented, they may do a lot
    for entry in read("effects", operation_line(method, path)):
        yield entry, path
    if named and not operation.id.safe:
        item = "/{}" if "{" in path else ""
        for entry in read("effects", operation_line(method, f"{item}/{operation.operation_id}")):
            if entry.where == "path" and entry.means in _MEANS:
                yield entry, operation.operation_id
    yield from _spoken(method, path, sentences)
    if not operation.id.safe:
        for sentence, means in _words_beside(operation):
            beside = _spoken(method, path, (sentence,))
            yield from (found for found in beside if found[0].means in means)


def _spoken(method: str, path: str, sentences: Iterable[str]) -> Iterator[tuple[Entry, str]]:
    for sentence in dict.fromkeys(s.strip(" .!\n") for s in sentences):
        if not sentence:
            continue
        for entry in read("effects", operation_line(method, path, sentence)):
            if entry.where != "path":
                yield entry, " ".join(sentence.split())[:80]


def _words_beside(operation: Operation) -> Iterator[tuple[str, frozenset[str]]]:
    """Sentences about what an operation does that stand elsewhere: with its accepted answers;
    for one that makes things, with its tags, and in the document's own words where they name
    what it is about."""
    for response in operation.responses:
        if response.status.startswith("2"):
            yield from ((s, _ANSWERED) for s in _sentences(response.description))
    if operation.id.method != "POST" or operation.id.path.rstrip("/").endswith("}"):
        return
    document = operation.document
    for tag in operation.tags:
        yield from ((s, _ABROAD) for s in _sentences(document.tags.get(tag, "")))
    noun = resource_of(operation.id.path).replace("_", " ")
    for sentence in _sentences(document.description, 4 * MAX_SENTENCES):
        if noun and f" {noun}" in f" {folded(sentence)}":
            yield sentence, _ABROAD


def _sentences(text: str, most: int = MAX_SENTENCES) -> list[str]:
    return _SENTENCE.split(text.strip())[:most]


def _by_fields(operation: Operation) -> bool:
    """Whether the names of what a POST takes say that it reaches people or money."""
    if operation.id.method != "POST":
        return False
    names = ", ".join(name_words(key.leaf) for key in operation.fields if key.place is Place.BODY)
    return bool(names) and any(e.means == "outward" for e in read("fields", names))


def target_of(operation: OperationId) -> FieldKey | None:
    """The path parameter that names the thing an operation is about: the last one."""
    names = path_parameters(operation.path)
    return FieldKey(Place.PATH, names[-1]) if names else None


def _dealt_with(operation: Operation) -> FieldKey | None:
    """The field that names what a deed (an approval, a suspension) is done to; None where the
    operation makes something else."""
    if not read("deeds", resource_of(operation.id.path)):
        return None
    for key, documented in operation.fields.items():
        if key.place is not Place.BODY or "." in key.name or key.name.endswith("[]"):
            continue
        scalar = {"string", "integer"} & set(documented.schema.types)
        if scalar and noun_of(key.leaf) and addressing(operation, noun_of(key.leaf)) == key:
            return key
    return target_of(operation.id)


def _is_called(operation: Operation) -> bool:
    """Whether a body brings an address that the server will call, fetch, scan or forward to: by
    the address's own words, or the operation's."""
    about = operation_line("MEMBER", f"/{resource_of(operation.id.path)}", operation.description)
    calls = any(e.means == "calls" for e in read("members", about))
    for key, documented in operation.fields.items():
        if key.place is not Place.BODY:
            continue
        words = f"{documented.description} {documented.schema.description}"
        means = {e.means for e in read("members", operation_line("MEMBER", f"/{key.leaf}", words))}
        formed = documented.schema.format in _ADDRESSES and key.name == key.leaf
        if ("address" in means or formed) and (calls or "calls" in means):
            return True
    return False


def _only_confirms(operation: Operation) -> bool:
    """Whether a reading operation takes parameters and shows nothing but that it went well."""
    if not any(k.place is Place.QUERY for k in operation.fields):
        return False
    answers = [names for s in successes(operation) if (names := set(s.properties))]
    return bool(answers) and all(read("confirmations", n) for names in answers for n in names)


def _addressed(operation: Operation) -> FieldKey | None:
    return target_of(operation.id) or addressing(operation, resource_of(operation.id.path))


def _shape(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path.rstrip("/")) or "/"
