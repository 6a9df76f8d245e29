"""What an operation does to others, told by its method, its path, its words and its siblings. Pure.

Where these disagree, the more harmful reading counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property

from checker.domain.operation import FieldKey, Operation, OperationId, Place
from checker.planning.producers import noun_of
from checker.planning.producers import shape as path_shape
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
from checker.planning.switches import sets_going, starts_itself
from checker.safety.acting import is_deed_by_name, is_deed_by_shape
from checker.safety.effects import Assessment, Effect
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
    names_things,
    on_items,
    one_addressed,
    successes,
    takes_things,
)
from checker.safety.wording import (
    by_fields,
    dealt_with,
    is_called,
    is_deed,
    is_named_by_path,
    only_confirms,
    target_of,
    words_of,
)

_MEANS = {
    "service": Effect.SERVICE,
    "account": Effect.ACCOUNT,
    "outward": Effect.OUTWARD,
    "callback": Effect.CALLBACK,
    "singleton": Effect.SINGLETON,
}
_IN_GET = ("service", "account", "outward")
"""What the words of a reading method can make of it."""
_TAKES_NEXT = "takes-next"
_TAKEN = "it hands out the next one, which others then don't get"


class Assessor:
    """Assesses operations, knowing all the others of the same API."""

    def __init__(
        self, operations: Iterable[Operation], makers: frozenset[OperationId] = frozenset()
    ) -> None:
        self._operations = tuple(operations)
        self._makers = makers
        self._known: dict[OperationId, Assessment] = {}
        self._routes = {(o.id.method, path_shape(o.id.path)): o for o in self._operations}
        shapes = {path_shape(o.id.path) for o in self._operations}
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

    @cached_property
    def removers(self) -> tuple[Operation, ...]:
        """The operations that delete things, in the order of the documents."""
        return tuple(o for o in self._operations if self.assess(o).route is Effect.DELETES)

    def can_make(self, path: str) -> bool:
        """Whether an operation creates items of the collection at a path."""
        return any(
            self.assess(o).effect is Effect.CREATES and path_shape(o.id.path) == path_shape(path)
            for o in self._operations
            if not o.id.safe
        )

    def removal_of(self, operation: Operation) -> Operation | None:
        """The operation that deletes an item of the collection at an operation's path."""
        return self._routes.get(("DELETE", f"{path_shape(operation.id.path)}/{{}}"))

    def is_needed(self, operation: Operation) -> bool:
        """Whether others may need what an operation makes: its items have paths below them,
        others are about such a thing or ask for the identifiers of one, or a record does."""
        shape, resource = path_shape(operation.id.path), resource_of(operation.id.path)
        return (
            shape in self._above_items
            or operation.id in self._makers
            or resource in self._asked
            or any(
                resource_of(o.id.path) == resource and path_shape(o.id.path) != shape
                for o in self._operations
            )
        )

    def _assess(self, operation: Operation) -> Assessment:
        found = self._by_words(operation)
        things = names_things(operation.id, self._routes)
        if not operation.id.safe or things:
            return found
        if not (is_deed_by_name(operation) or is_deed_by_shape(operation, self._routes)):
            return found
        deed = self._as_posted(operation)
        return deed if deed.effect > found.effect else found

    def _as_posted(self, operation: Operation) -> Assessment:
        """A reading that is called by a deed, as a POST would be that is called so. What its
        siblings make a POST's is none of its: it may make only what its answer names."""
        twin = replace(operation, id=OperationId("POST", operation.id.path))
        found = self._by_words(twin)
        if found.effect is Effect.CALLBACK:  # a reading's addresses are not asked about one by one
            return Assessment(Effect.UNKNOWN, found.why)
        makes = found.effect is Effect.CREATES and act_of(twin.id) == CREATE
        if found.effect > Effect.UNKNOWN or (makes and identifies(operation)):
            return found
        key, why = target_of(operation.id), "it is called by what it does"
        return Assessment(Effect.UNKNOWN if key is None else Effect.CHANGES, why, key)

    def _by_words(self, operation: Operation) -> Assessment:
        noun = is_named_by_path(operation) and names_things(operation.id, self._routes)
        spoken = tuple(words_of(operation, named=not noun))
        means = {entry.means for entry, _ in spoken}
        said = {entry.means: text for entry, text in reversed(spoken)}
        plain = self._by_route(operation, means)
        if plain.effect is Effect.CHANGES and sets_going(operation, self._routes):
            why = "it sets going what acts by itself"
            plain = replace(plain, effect=Effect.OUTWARD, why=why, by_route=Effect.CHANGES)
        plain = replace(plain, revives=said.get("revives", ""), along=said.get("along", ""))
        loud = [m for m in _MEANS if m in means and (not operation.id.safe or m in _IN_GET)]
        asked = demanded(operation)
        if "outward" not in loud and (asked is not None or by_fields(operation)):
            loud.append("outward")
        if "callback" not in loud and not operation.id.safe and is_called(operation):
            loud.append("callback")
        worst = max(loud, key=lambda m: _MEANS[m], default="")
        if not worst or _MEANS[worst] <= plain.effect:
            return plain
        many = plain.effect is Effect.CREATES and "DELETE" in on_items(operation, self._routes)
        if worst == "singleton" and (plain.addressed is not None or many):
            return plain  # the settings of one thing, or things that can be removed one by one
        by_field = f"by its `{asked.leaf}`" if asked is not None else "by its fields"
        text = next((t for entry, t in spoken if entry.means == worst), by_field)
        return Assessment(
            _MEANS[worst], f"{_SAYS[worst]} ({text!r})", plain.addressed, plain.route, plain.noun
        )

    def _by_route(self, operation: Operation, means: set[str]) -> Assessment:
        match operation.id.method:
            case "GET" | "HEAD" | "OPTIONS":
                return self._reading(operation, means)
            case "DELETE":
                key = one_addressed(operation, _addressed(operation), self._routes)
                if key is not None:
                    return Assessment(Effect.DELETES, "it deletes one thing", key)
                return Assessment(Effect.SERVICE, "it deletes a whole collection")
            case "PUT" | "PATCH":
                key = one_addressed(operation, _addressed(operation), self._routes)
                if key is not None:
                    return Assessment(Effect.CHANGES, "it changes one thing", key)
                many = self._holds_items(operation)
                what = "a whole collection" if many else "the only thing of its kind"
                return Assessment(Effect.SINGLETON, f"it changes {what}")
            case "POST":
                return self._posting(operation, means)
        return Assessment(Effect.UNKNOWN, f"what {operation.id.method} does isn't known")

    def _holds_items(self, operation: Operation) -> bool:
        shape = path_shape(operation.id.path)
        listing = self._routes.get(("GET", shape))
        return shape in self._above_items or (listing is not None and lists(listing))

    def _reading(self, operation: Operation, means: set[str]) -> Assessment:
        act = act_of(operation.id) if has_verb(operation.id.path) else READ
        if _TAKES_NEXT in means:
            return Assessment(Effect.CHANGES, _TAKEN, _addressed(operation))
        if act in (UPDATE, DELETE) or "changes" in means:
            effect = Effect.DELETES if act == DELETE else Effect.CHANGES
            return Assessment(
                effect, "its path says that it changes something", _addressed(operation)
            )
        if act == CREATE:
            return Assessment(Effect.CREATES, "its path says that it creates something")
        if only_confirms(operation):
            return Assessment(Effect.UNKNOWN, "it takes values and answers only that all is well")
        return Assessment(Effect.READS, "it reads")

    def _posting(self, operation: Operation, means: set[str]) -> Assessment:
        act = act_of(operation.id) if has_verb(operation.id.path) else ""
        if _TAKES_NEXT in means:
            return Assessment(Effect.CHANGES, _TAKEN, _addressed(operation))
        items = path_shape(operation.id.path) in self._above_items
        if ("reads" in means or act in (LIST, READ)) and not items and "changes" not in means:
            return Assessment(Effect.READS, "its words say that it reads")
        if "signs-in" in means and not items:
            return Assessment(Effect.SIGNS_IN, "it signs in")
        key = _addressed(operation)
        evidence = self._creation(operation, means, act)
        deletes = act == DELETE or ("deletes" in means and target_of(operation.id) is None)
        if deletes or act == UPDATE or (act == ACTION and key is not None):
            effect = Effect.DELETES if deletes else Effect.CHANGES
            return Assessment(effect, "its path says that it changes something", key)
        if self._writes_what_is_read(operation):
            effect = Effect.SINGLETON if key is None else Effect.CHANGES
            return Assessment(effect, "it writes the one thing that is read at its path", key)
        if evidence:
            return self._making(operation, evidence)
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

    def _making(self, operation: Operation, evidence: str) -> Assessment:
        """What a creation is taken for: the making of a deed is what is done by it."""
        if starts_itself(operation):
            why = "what it makes acts by itself, and nothing shows a way to have it switched off"
            return Assessment(Effect.OUTWARD, why, None, Effect.CREATES)
        about = dealt_with(operation)
        if about is not None:
            why = "what it makes is a deed, done to what it names"
            return Assessment(Effect.CHANGES, why, about, Effect.CREATES, noun_of(about.leaf))
        if is_deed(operation):
            why = "what it makes is a deed, and nothing says to what"
            return Assessment(Effect.UNKNOWN, why, None, Effect.CREATES)
        if self._answers_with_above(operation):
            why, key = "it answers with the thing above, which it changes", _addressed(operation)
            return Assessment(Effect.CHANGES, why, key, Effect.CREATES)
        return Assessment(Effect.CREATES, evidence)

    def _answers_with_above(self, operation: Operation) -> bool:
        """Whether what is made below an item is answered with that item, which shows such ones."""
        above, _, last = path_shape(operation.id.path).rpartition("/")
        reading = self._routes.get(("GET", above)) if above.endswith("}") else None
        ours = members(operation)
        return reading is not None and last in ours and ours == members(reading)

    def _writes_what_is_read(self, operation: Operation) -> bool:
        """Whether reading a POST's path shows one thing with what the POST takes: no collection in
        which another one could be made."""
        shape = path_shape(operation.id.path)
        reading = self._routes.get(("GET", shape))
        if reading is None or shape in self._above_items or lists(reading):
            return False
        taken = {n for s in operation.body.values() if s is not None for n in inner_names(s)}
        shown = {n for s in successes(reading) for n in inner_names(s)}
        return bool(taken) and 2 * len(taken & shown) > len(taken)

    def _creation(self, operation: Operation, means: set[str], act: str) -> str:
        """What tells that a POST creates something; empty where nothing does."""
        shape = path_shape(operation.id.path)
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
        return self._creation_by_answer(operation)

    def _creation_by_answer(self, operation: Operation) -> str:
        created = any(r.status == "201" for r in operation.responses)
        if (created or is_plural(operation.id.path)) and identifies(operation):
            return "its answer has a new identifier"
        if self._is_asked_for(operation):
            return "others ask for identifiers of what it makes"
        return ""

    def _is_asked_for(self, operation: Operation) -> bool:
        if not is_plural(operation.id.path):
            return False
        return resource_of(operation.id.path) in self._asked

    def _brings_things(self, operation: Operation) -> bool:
        """Whether a POST below a collection takes a list of what the collection's own POST takes
        one of."""
        above = path_shape(operation.id.path).rpartition("/")[0]
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
        above = path_shape(operation.id.path).rpartition("/")[0]
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


def _addressed(operation: Operation) -> FieldKey | None:
    return target_of(operation.id) or addressing(operation, resource_of(operation.id.path))
