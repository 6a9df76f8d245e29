"""What an experiment gets and gives: questions through a lab, observations back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from checker.domain.exchange import Call
from checker.domain.observation import Observation, Rejection
from checker.domain.operation import Field, FieldKey, Operation, Place, known_fields
from checker.domain.schema import Schema
from checker.planning import edits
from checker.planning.candidates import Candidates
from checker.planning.encoding import is_json
from checker.probing.asks import Ask
from checker.probing.bench import Bench
from checker.probing.lab import Lab
from checker.search.solver import Solver

SAYS_SOMETHING = frozenset({Rejection.VALIDATION, Rejection.CONFLICT})
"""Rejections that can be about a field: a 5xx proves nothing about it."""


@dataclass(frozen=True, slots=True)
class Exchanged:
    """An accepted value of a field, and the witness's fields that have to go for it."""

    value: Any
    gone: tuple[FieldKey, ...]


@dataclass(slots=True)
class Context:
    """One operation under experiment. `known` are the fields of all its documents.

    `made` is everything observed so far, so that an experiment can build on earlier ones.
    """

    lab: Lab
    bench: Bench
    documented: Operation
    legacy: Sequence[Operation]
    candidates: Candidates
    search: Solver
    made: list[Observation] = field(default_factory=list)
    explaining: bool = False
    """Whether only other causes of what was observed are looked for, and nothing new."""
    done: set[str] = field(default_factory=set)
    """The experiments that came to their end."""
    smallest: Sequence[FieldKey] = ()
    """Fields of the witness that can all be left out at once."""
    conflicting: list[FieldKey] = field(default_factory=list)
    """Documented fields that the witness can't have beside its own."""
    instead: dict[FieldKey, Exchanged] = field(default_factory=dict)
    """Those of them that are accepted in the place of one of its own."""

    @property
    def known(self) -> Mapping[FieldKey, Field]:
        return known_fields(self.documented, self.legacy)

    def field(self, key: FieldKey) -> Field | None:
        """The documented field, the current document's first."""
        every = (o.field(key) for o in (self.documented, *self.legacy))
        return self.known.get(key) or next((f for f in every if f is not None), None)

    @property
    def template(self) -> Call:
        """The witness's call with its `{{variables}}`."""
        return self.lab.recipe.call

    def is_bound(self, key: FieldKey) -> bool:
        """Whether the witness takes the field's value from an earlier step or a variable."""
        return "{{" in str(edits.get(self.template, key))

    def present(self) -> list[FieldKey]:
        """Request fields of the witness that can be changed: all but path parameters."""
        return [
            k
            for k in edits.present_fields(self.template)
            if k.place is not Place.PATH
            and not k.client_header
            and not self._entry(k)
            and not self._again(k)
        ]

    def _again(self, key: FieldKey) -> bool:
        """Whether a field is (inside) one of a schema that contains itself, a level further in:
        the same documented field has its experiments where it comes first."""
        inner: FieldKey | None = key
        while inner is not None and inner not in self.documented.fields:
            if not inner.name.endswith("[]") and self.documented.field(inner) is not None:
                return True
            inner = inner.parent
        return False

    def with_items(self) -> list[FieldKey]:
        """The fields of `present`, and the items of their arrays of texts and numbers."""
        found: list[FieldKey] = []
        for key in self.present():
            value = edits.get(self.template, key)
            found.append(key)
            if key.place is not Place.BODY or not is_json(self.template.media_type):
                continue
            item = FieldKey(key.place, f"{key.name}[]")
            if isinstance(value, list) and value and isinstance(value[0], (str, int, float)):
                found += [item] if self.field(item) is not None else []
        return found

    def _entry(self, key: FieldKey) -> bool:
        """Whether a field is an entry of an open map (or inside one): no field of its own."""
        inner: FieldKey | None = key
        while inner is not None and inner not in self.documented.fields:
            parent = inner.parent
            if any(_is_map(s) for s in self._schemas(parent, inner)):
                return True
            inner = parent
        return False

    def _schemas(self, key: FieldKey | None, below: FieldKey) -> list[Schema]:
        """The documented schemas of what encloses `below`."""
        if key is None:
            bodies = self.documented.body.values() if below.place is Place.BODY else ()
            return [s for s in bodies if s is not None]
        stem = FieldKey(key.place, key.name.rstrip("[]"))
        depth = (len(key.name) - len(stem.name)) // 2
        if stem.name:
            field = self.documented.fields.get(stem)
            found = [field.schema] if field is not None else []
        else:
            found = [s for s in self.documented.body.values() if s is not None]
        for _ in range(depth):
            found = [s.items for s in found if s.items is not None]
        return found

    async def settle(self, asks: Sequence[Ask], surprising: Any) -> list[Observation]:
        """Ask all; confirm those for which `surprising(observation)` holds."""
        return await self.confirmed(asks, await self.lab.ask_many(asks), surprising)

    async def confirmed(
        self, asks: Sequence[Ask], seen: Sequence[Observation], surprising: Any
    ) -> list[Observation]:
        """What was seen, confirmed together where `surprising(observation)` holds."""
        out = list(seen)
        again = [n for n, one in enumerate(out) if surprising(one)]
        confirmed = await self.lab.confirm_many([(asks[n], out[n]) for n in again])
        for n, one in zip(again, confirmed, strict=True):
            out[n] = one
        return out


def _is_map(schema: Schema) -> bool:
    """Whether callers choose the names of an object's members: beside documented ones only where
    the others are documented as something (`additionalProperties: {}` is as good as true)."""
    other = schema.additional
    return (
        other is not None
        and other is not False
        and bool(not schema.properties or (isinstance(other, Schema) and other.raw))
    )


class Experiment:
    """Base of all experiments. `id` is its name in plans and in `--dry-run`."""

    id: ClassVar[str]
    order: ClassVar[int] = 50
    """Experiments run in ascending order; later ones may read `Context.made`."""
    builds_on: ClassVar[tuple[str, ...]] = ()
    """The earlier ones whose observations it reads, or whose fields it asks about."""
    writes_only: ClassVar[bool] = False

    async def run(self, context: Context) -> Iterable[Observation]:
        """Ask the lab and return what was observed."""
        raise NotImplementedError

    def cost(self, operation: Operation) -> int:
        """An upper bound of the requests for an operation, for `--dry-run`."""
        return 4 * (len(operation.fields) + 1)


def about_field(observation: Observation) -> bool:
    """Whether a rejection can be the field's fault."""
    return observation.rejected and observation.rejection in SAYS_SOMETHING


def crashed(observation: Observation) -> bool:
    """Whether a probe ended in a 5xx: that proves nothing about a field, and it can't be passed
    over either where several fields are tried at once."""
    return observation.rejected and not observation.refused


def misses_field(observation: Observation) -> bool:
    """Whether a field's absence is refused because of it. What names a tenant or a place in a
    header or cookie is often missed with "forbidden"; the credential itself is no field."""
    if about_field(observation):
        return True
    key = observation.subject
    outside = key is not None and key.place in (Place.HEADER, Place.COOKIE)
    return outside and observation.rejected and observation.rejection is Rejection.AUTHORISATION


def outermost(keys: Iterable[FieldKey]) -> Iterator[FieldKey]:
    """The keys of which no enclosing field is among the keys."""
    pool = set(keys)
    for key in (pool and keys) or ():
        parent = key.parent
        while parent is not None and parent not in pool:
            parent = parent.parent
        if parent is None:
            yield key
