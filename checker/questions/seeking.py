"""A value that is accepted of a field that the witness lacks, where documented ones are refused.

What other places say of the name comes first: operations that document it otherwise, things that
answers show. Of an object whose members are the matter, one member after another is changed, as
long as the refusal speaks of something else then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checker.domain.observation import Observation
from checker.domain.operation import Field, FieldKey, Place
from checker.domain.schema import Schema, json_type
from checker.experiments.base import Context
from checker.experiments.company import documented_values
from checker.inference.name_spellings import without_name
from checker.planning import edits
from checker.planning.answered import members
from checker.planning.routes import resource_of
from checker.planning.values import looks_like_identifier
from checker.planning.variation import vary
from checker.planning.wrong_values import COMMON_TEXTS, wrong_types
from checker.probing.asks import adding
from checker.probing.trial import Witness
from checker.questions.desk import complaint, says_no

MAX_TRIES = 10
MAX_SHOWN = 3
MAX_OF_MEMBER = 6
MAX_OF_OBJECT = 24


async def sought(context: Context, field: Field) -> list[Observation]:
    """What was tried for a field, the accepted value last where there is one."""
    key = field.key
    if not _askable(context, key):
        return []
    tried = {repr(o.value) for o in context.made if o.subject == key and o.value is not None}
    out: list[Observation] = []
    for value in _taken_elsewhere(context, field):
        if repr(value) not in tried:
            out.append(await context.lab.ask(adding(key, value, "candidate")))
            tried.add(repr(value))
    if any(seen.accepted for seen in out[-1:]):
        return out
    if field.schema.properties:
        return [*out, *await _object(context, field)]
    values = [*documented_values(context, field), *other_values(context, field)]
    for value in values[: MAX_TRIES + len(tried)]:
        if repr(value) in tried or len(out) == MAX_TRIES:
            continue
        tried.add(repr(value))
        seen = await context.lab.ask(adding(key, value, "candidate"))
        out.append(seen)
        if seen.accepted or not says_no(seen):
            break
    return out


def _taken_elsewhere(context: Context, field: Field) -> list[Any]:
    """The value with members that another operation on the same resource has taken in this place:
    one document of it may be wrong where the other one isn't."""
    own = context.documented.id
    for operation, witness in context.search.found.items():
        same = operation != own and resource_of(operation.path) == resource_of(own.path)
        if same and isinstance(witness, Witness):
            value = edits.get(witness.recipe.call, field.key)
            if isinstance(value, (dict, list)) and value and "{{" not in repr(value):
                return [value]
    return []


def other_values(context: Context, field: Field) -> Iterator[Any]:
    """Values that other places name for the field's name, then those of usual shapes."""
    schema, leaf = field.schema, field.key.leaf
    yield from context.candidates.namesakes.of(field)
    for value in shown(context, leaf):
        yield value
        if isinstance(value, str):
            yield vary(value, 3, shaped=True)
    for text in documented_values(context, field)[:1]:
        yield from context.candidates.moments(text)
    yield from (v for v in context.candidates.of(context.documented, field)[:MAX_SHOWN])
    if "string" in schema.types and not schema.enum:
        yield from COMMON_TEXTS


def shown(context: Context, leaf: str) -> list[Any]:
    """The values that answers of any operation show under a name."""
    found: list[Any] = []
    for witness in context.search.found.values():
        response = witness.exchange.response if isinstance(witness, Witness) else None
        if response is None or len(found) == MAX_SHOWN:
            continue
        for _, name, value in members(response.body):
            if name == leaf and value not in found and isinstance(value, (str, int, float)):
                found.append(value)
    return found[:MAX_SHOWN]


def _askable(context: Context, key: FieldKey) -> bool:
    inside = key.parent is None or edits.has(context.template, key.parent)
    return (
        inside
        and key.place in (Place.BODY, Place.QUERY, Place.HEADER)
        and key not in context.conflicting
        and not looks_like_identifier(key.leaf)
        and not edits.has(context.template, key)
    )


async def _object(context: Context, field: Field) -> list[Observation]:
    """An object with one member after another changed."""
    made = next((v for v in documented_values(context, field) if isinstance(v, dict)), None)
    if not made or field.key.place is not Place.BODY:
        return []
    search = _MemberSearch(context, field, made)
    while await search.step():
        pass
    return search.out


class _MemberSearch:
    """An object of which one member after another is changed until it is accepted.

    What the refusal names comes first, and is right once it isn't named any more. Where none of
    the members is named, another refusal than any before tells that one was right.
    """

    def __init__(self, context: Context, field: Field, value: dict[str, Any]) -> None:
        self._context = context
        self._field = field
        self._value = value
        self._said: list[str] = []
        self._left: dict[tuple[str, ...], Schema] = {}
        self.out: list[Observation] = []

    async def step(self) -> bool:
        """One member put right; False where there is nothing more to do."""
        if not self.out:
            self._left = dict(_members(self._field.schema, self._value))
            return not await self._accepted(self._value)
        named = [p for p in self._left if _names(self._said[-1], p)]
        for path in named or list(self._left):
            if await self._righted(path, bool(named)):
                return len(self.out) < MAX_OF_OBJECT and not self.out[-1].accepted
            if named:
                return False  # as long as this one is wrong, nothing is said of others
        return False

    async def _righted(self, path: tuple[str, ...], named: bool) -> bool:
        """Whether another value of a member is accepted, or puts an end to the complaint."""
        schema = self._left.pop(path)
        name = f"{self._field.key.name}.{'.'.join(path)}"
        own = self._context.documented.fields.get(FieldKey(self._field.key.place, name))
        before = list(self._said)
        for value in _for_member(self._context, own, schema, _at(self._value, path)):
            if len(self.out) >= MAX_OF_OBJECT:
                return False
            other = _put(self._value, path, value)
            accepted = await self._accepted(other)
            if accepted or (
                says_no(self.out[-1])
                and (not _names(self._said[-1], path) if named else self._said[-1] not in before)
            ):
                self._value = other
                return True
        return False

    async def _accepted(self, value: dict[str, Any]) -> bool:
        seen = await self._context.lab.ask(adding(self._field.key, value, "part"))
        self.out.append(seen)
        self._said.append(complaint(seen))
        return seen.accepted


def _names(text: str, path: tuple[str, ...]) -> bool:
    return without_name(text, path[-1]) != text


def _for_member(context: Context, own: Field | None, schema: Schema, value: Any) -> list[Any]:
    """Other values of a member, the likeliest first."""
    values: list[Any] = list(other_values(context, own)) if own is not None else []
    if not schema.enum:
        values += [v for v in wrong_types(schema, value) if not isinstance(v, dict)]
    distinct: list[Any] = []
    for one in values:
        if one != value and one not in distinct:
            distinct.append(one)
    # Another type first where the document's own one is no text: it is the rarer mistake else.
    if json_type(value) != "string":
        distinct.sort(key=lambda v: json_type(v) == json_type(value))
    return distinct[:MAX_OF_MEMBER]


def _members(
    schema: Schema, value: Mapping[str, Any], around: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Schema]]:
    """The members of an object, those inside its objects included, by their names."""
    for name, inner in value.items():
        known = schema.properties.get(name)
        if known is None:
            continue
        if isinstance(inner, Mapping) and known.properties and len(around) < 2:
            yield from _members(known, inner, (*around, name))
        else:
            yield (*around, name), known


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        value = value[name]
    return value


def _put(value: Mapping[str, Any], path: tuple[str, ...], other: Any) -> dict[str, Any]:
    name, *rest = path
    return {**value, name: _put(value[name], tuple(rest), other) if rest else other}
