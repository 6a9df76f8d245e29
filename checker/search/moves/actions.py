"""Calls that may bring what a request refers to into another state."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from checker.domain.exchange import Call
from checker.domain.operation import FieldKey, Operation, OperationId, Place
from checker.domain.schema import MISSING
from checker.domain.workflow import Step, Varied
from checker.lexicon import read
from checker.planning import edits
from checker.planning.documented_calls import parameter_values
from checker.planning.encoding import is_multipart, path_parameters
from checker.planning.producers import collection_of, status_field, transitions
from checker.planning.recipe import Recipe, call_variables, match_path
from checker.planning.routes import (
    ACTION,
    CREATE,
    UPDATE,
    act_of,
    acts_on_item,
    resource_of,
    same_resource,
)
from checker.planning.values import Generator, looks_like_identifier
from checker.probing.trial import Answer, Trial
from checker.search.templates import with_varying_texts

MAX_MOVES = 12


@dataclass(frozen=True, slots=True)
class Move:
    """A call, the step that made the resource it acts on, what it takes of that step's answer
    besides (variable → path), and the values that differ at each use."""

    origin: Step
    call: Call
    takes: Mapping[str, str] = field(default_factory=dict)
    vary: tuple[Varied, ...] = ()


class Catalogue(Protocol):
    """The documented operations; the recipes and smallest calls of those that have a witness by
    now, and those calls as they can be sent as often as something needs them."""

    @property
    def operations(self) -> Sequence[Operation]: ...

    def recipe(self, operation: OperationId) -> Recipe | None: ...

    def lean(self, operation: OperationId) -> Call | None: ...

    async def each_time(self, operation: OperationId) -> tuple[Call, tuple[Varied, ...]] | None: ...


class Moves:
    """The moves for one operation's request, as the documents and what was accepted give them."""

    def __init__(self, trial: Trial, tokens: Sequence[str | None], catalogue: Catalogue) -> None:
        self.trial = trial
        self.tokens = tokens
        self.catalogue = catalogue

    async def all(self, best: Answer, steps: tuple[Step, ...]) -> list[Move]:
        """Moves of the resources that the request refers to."""
        own = itertools.islice(self._of_resources(best, steps), MAX_MOVES)
        return [await self._each_time(m) for m in own]

    async def _each_time(self, move: Move) -> Move:
        """A move that makes something with the body of an accepted call: as often as needed."""
        recipe = self.catalogue.recipe(move.call.operation)
        as_accepted = recipe is not None and move.call.body == recipe.call.body
        if act_of(move.call.operation) != CREATE or not as_accepted:
            return move
        repeated = await self.catalogue.each_time(move.call.operation)
        if repeated is None:
            return move
        call = replace(move.call, body=repeated[0].body, media_type=repeated[0].media_type)
        return replace(move, call=call, vary=repeated[1])

    def _of_resources(self, best: Answer, steps: tuple[Step, ...]) -> Iterator[Move]:
        used = call_variables(best.call)
        seen: list[Call] = []
        for origin in steps:
            mine = [v for v in origin.extract if v in used]
            if not mine or origin.operation is None or act_of(origin.operation) != CREATE:
                continue
            for move in self._moves(origin, origin.operation, mine[0]):
                move = replace(move, call=self._in_the_same_terms(move.call, best.call))
                if move.call not in seen:
                    seen.append(move.call)
                    yield move

    def _moves(self, origin: Step, created: OperationId, variable: str) -> Iterator[Move]:
        resource = resource_of(created.path)
        found: list[tuple[Operation, FieldKey]] = []
        for item in self._items(created.path, resource):
            for operation in transitions(item, self.catalogue.operations):
                names = path_parameters(operation.id.path)
                depth = len(path_parameters(item))
                if len(names) >= depth:
                    found.append((operation, FieldKey(Place.PATH, names[depth - 1])))
        found += same_resource(resource, (ACTION, UPDATE), self.catalogue.operations)
        found.sort(key=lambda f: not acts_on_item(f[0].id))
        inherited = match_path(created.path, origin.path) or {}
        literal: list[Move] = []
        for operation, key in found:
            if operation.id == self.trial.operation.id or operation.id.safe:
                continue
            if not self.trial.bench.may_send(operation.id):
                continue
            call = self._call(operation, key, "{{" + variable + "}}", inherited)
            status = status_field(operation)
            if status is None:
                call, takes = self._told(call, origin)
                yield Move(origin, call, takes)
                continue
            where, values = status
            ordered = [v for v in values if read("ready", str(v))]
            for value in [*ordered, *(v for v in values if v not in ordered)][:6]:
                typed = replace(call, media_type=call.media_type or "application/json")
                moving = edits.put(typed, where, value)
                again = with_varying_texts(moving, operation, where)
                literal += [Move(origin, moving)] if again != moving else []
                yield Move(origin, again)
        yield from literal  # some texts may be bound to what they are

    def _told(self, call: Call, origin: Step) -> tuple[Call, dict[str, str]]:
        """The call with the body of an accepted one that repeats what the server told when it
        made the resource (its confirmation code), and what that takes of the origin's answer."""
        recipe = self.catalogue.recipe(call.operation)
        maker = (
            next((s for s in recipe.steps if s.operation == origin.operation), None)
            if (recipe is not None)
            else None
        )
        if recipe is None or maker is None or recipe.call.body is MISSING:
            return call, {}
        wanted = call_variables(replace(recipe.call, path={}))
        if not wanted or not wanted <= set(maker.extract):
            return call, {}
        takes = {v: maker.extract[v] for v in wanted}
        if any(origin.extract.get(v, p) != p for v, p in takes.items()):
            return call, {}
        return replace(call, body=recipe.call.body, media_type=recipe.call.media_type), takes

    def _in_the_same_terms(self, move: Call, request: Call) -> Call:
        """A move with the identifiers beside the item that the request has, too: the session,
        the account."""
        operation = next((o for o in self.catalogue.operations if o.id == move.operation), None)
        for key in operation.fields if operation is not None else ():
            value = edits.get(request, key)
            if key.place is not Place.PATH and looks_like_identifier(key.leaf):
                own = str(edits.get(move, key))
                if "{{" in str(value) and "{{" not in own and "." not in key.name:
                    move = edits.put(move, key, value)
        return move

    def _items(self, collection: str, resource: str) -> list[str]:
        """The item paths of a resource: below its collection, and anywhere by its name."""
        found: list[str] = []
        above = collection.rstrip("/")
        for operation in self.catalogue.operations:
            path = operation.id.path
            for name in path_parameters(path):
                head = collection_of(path, name)
                item = head + "/{" + name + "}"
                own = head == above or resource_of(head) == resource
                if own and path.startswith(item) and item not in found:
                    found.append(item)
        return found

    def _call(
        self, operation: Operation, key: FieldKey, value: str, inherited: dict[str, Any]
    ) -> Call:
        """An accepted call of the operation, or a made one, for another item."""
        recipe = self.catalogue.recipe(operation.id)
        if recipe is not None and not recipe.steps:
            return edits.put(recipe.call, key, value)
        files = any(map(is_multipart, operation.body))
        rng = self.trial.bench.rng("move", operation.id)
        generator = Generator(rng, full=False, files=files)
        by_place = parameter_values(operation, generator, full=False)
        media, schema = next(
            ((m, s) for m, s in operation.body.items() if s is not None), (None, None)
        )
        body = generator.value(schema) if schema is not None else MISSING
        if recipe is not None and not call_variables(replace(recipe.call, path={})):
            body, media = recipe.call.body, recipe.call.media_type
        call = Call(
            operation.id,
            path={**by_place[Place.PATH], **inherited},
            query=by_place[Place.QUERY],
            header=by_place[Place.HEADER],
            body=body,
            media_type=media if body is not MISSING else None,
            token=recipe.call.token if recipe is not None else self.tokens[0],
        )
        return edits.put(call, key, value)
