"""Values for a field about which a server complains: one queue a field and complaint. Pure."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from checker.domain.exchange import Call
from checker.domain.operation import Field, FieldKey, Operation, Place
from checker.domain.schema import MISSING, Schema
from checker.domain.workflow import Step
from checker.planning import edits
from checker.planning.candidates import Candidates
from checker.planning.encoding import is_json, is_multipart
from checker.planning.moments import layout_of
from checker.planning.values import Generator, looks_like_identifier
from checker.planning.variation import vary
from checker.safety.wording import tries_a_proof
from checker.search import conversions
from checker.search.complaints import Complaint, ComplaintKind
from checker.search.memory import Memory

MOST_OF_A_SOURCE = 5
"""Of one source in a row, before the others have had their turn."""
LONGEST = 14
"""Values of one queue at most."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value to try for a field (MISSING: leave it out), where it comes from, and the steps
    that give what its `{{variables}}` stand for."""

    value: Any
    source: str
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """A field in the request about which something is said. `field` is None where no document
    knows it; `given` are values that other operations give for it; `number` tells unique values
    apart."""

    key: FieldKey
    field: Field | None
    call: Call
    operation: Operation
    given: tuple[Candidate, ...] = ()
    number: int = 0

    @property
    def current(self) -> Any:
        return edits.get(self.call, self.key)

    @property
    def schema(self) -> Schema:
        return self.field.schema if self.field is not None else Schema(self.operation.location)


_Source = Callable[[Subject, Complaint], Iterator[Any]]
_INVALID = (
    *("wanted", "given", "documented", "conversion", "namesake", "around", "ladder"),
    *("generated", "variant", "absent"),
)
ORDERS: Mapping[ComplaintKind, Sequence[str]] = {
    ComplaintKind.MISSING: (
        *("given", "wanted", "documented", "generated", "namesake", "conversion", "ladder"),
    ),
    ComplaintKind.INVALID: _INVALID,
    ComplaintKind.OTHER: ("wanted", "given", "absent", *_INVALID[2:-1]),
    ComplaintKind.UNKNOWN: ("absent",),
    ComplaintKind.REFERENCE: ("wanted", "given", "documented", "namesake", "absent", "conversion"),
    ComplaintKind.TAKEN: ("unique", "generated", "given", "absent"),
    ComplaintKind.STATE: ("given", "absent"),
    ComplaintKind.ACCESS: ("given", "absent"),
}
"""Where values come from, by the kind of the complaint."""


@dataclass(slots=True)
class Values:
    """The queues of a target. `seed` makes generated values the same in each run."""

    candidates: Candidates
    memory: Memory
    rng: Callable[..., random.Random]
    _sources: Mapping[str, _Source] = field(init=False)

    def __post_init__(self) -> None:
        self._sources = {
            "wanted": self._wanted,
            "documented": self._documented,
            "namesake": self._namesakes,
            "around": self._around,
            "conversion": self._conversions,
            "ladder": self._ladder,
            "generated": self._generated,
            "variant": self._variants,
            "unique": self._unique,
            "absent": self._absent,
        }

    def of(self, subject: Subject, complaint: Complaint) -> Iterator[Candidate]:
        """Values for the field, the likeliest to answer the complaint first, each once."""
        seen = {repr(subject.current)}
        number = 0
        for candidate in self._ranked(subject, complaint):
            mark = repr(candidate.value)
            if mark in seen or number >= LONGEST:
                continue
            seen.add(mark)
            number += 1
            yield candidate

    def _ranked(self, subject: Subject, complaint: Complaint) -> Iterator[Candidate]:
        order = ORDERS[complaint.kind]
        fixed = [s for s in order if s == "wanted"]
        rest = [s for s in order if s != "wanted"]
        rest.sort(key=lambda s: self.memory.rank(s, complaint.kind))
        queues = [(s, self._of_source(s, subject, complaint)) for s in (*fixed, *rest)]
        for _, queue in queues:
            yield from itertools.islice(queue, MOST_OF_A_SOURCE)
        for _, queue in queues:
            yield from queue

    def _of_source(
        self, source: str, subject: Subject, complaint: Complaint
    ) -> Iterator[Candidate]:
        if source == "given":
            yield from subject.given
            return
        current = subject.current
        for value in self._sources[source](subject, complaint):
            fitted = value
            if isinstance(current, list) and not isinstance(value, list) and source in _OF_ITEMS:
                fitted = [value]
            yield Candidate(fitted, source)

    # -- sources -----------------------------------------------------------------------------

    def _wanted(self, subject: Subject, complaint: Complaint) -> Iterator[Any]:
        rng = self.rng("wanted", subject.operation.id, subject.key)
        yield from conversions.wanted(complaint.wants, subject.schema, subject.current, rng)

    def _documented(self, subject: Subject, complaint: Complaint) -> Iterator[Any]:
        if subject.field is None:
            return
        schema = subject.schema
        yield from _own_first((e for e in schema.examples if e is not None), subject)
        if schema.default is not MISSING and schema.default is not None:
            yield schema.default
        yield from _own_first(self.candidates.of(subject.operation, subject.field), subject)
        if schema.items is not None and schema.items.enum:
            yield from ([v] for v in schema.items.enum if v is not None)

    def _namesakes(self, subject: Subject, complaint: Complaint) -> Iterator[Any]:
        if subject.field is None:
            yield from self.candidates.called(subject.key.leaf)
            return
        yield from _own_first(self.candidates.namesakes.of(subject.field), subject)
        yield from self.candidates.standard(subject.operation, subject.field)[:2]

    def _around(self, subject: Subject, complaint: Complaint) -> Iterator[Any]:
        """What the thing is called that the request is about: its parts may have to be."""
        if subject.key.place is Place.BODY and subject.schema.allows_type("string"):
            yield from (v for v in reversed([*subject.call.path.values()]) if isinstance(v, str))

    def _conversions(self, subject: Subject, complaint: Complaint) -> Iterator[Any]:
        current = subject.current
        if current is MISSING or (isinstance(current, str) and "{{" in current):
            if current is not MISSING and self._typed(subject):
                yield [current]
            return
        if isinstance(current, str) and is_multipart(subject.call.media_type):
            yield current.encode()
        yield from self.candidates.moments(current)
        for value in conversions.other_types(subject.schema, current):
            # Elsewhere an object's members go under other names than the field's.
            if self._typed(subject) or not isinstance(value, dict):
                yield value

    def _ladder(self, subject: Subject, complaint: Complaint) -> Iterator[Any]:
        for value in conversions.ordinary(subject.schema, subject.current, complaint.wants):
            plain = isinstance(value, str) and value.islower() and len(value) > 2
            yield _of_its_own(value, subject, named=plain)

    def _generated(self, subject: Subject, complaint: Complaint) -> Iterator[Any]:
        files = is_multipart(subject.call.media_type)
        schema, name = subject.schema, subject.key.leaf
        for full, plain in ((False, False), (True, False), (False, True)):
            rng = self.rng("mend", subject.operation.id, subject.key, subject.number)
            value = Generator(rng, full=full, plain=plain, files=files).value(schema, name)
            if value is not None:
                yield value
        if schema.types == ("array",) and not schema.min_items:
            yield []  # what may not be put into it can be left out of it
        if schema.types in ((), ("string",)) and complaint.kind is ComplaintKind.MISSING:
            yield 1

    def _variants(self, subject: Subject, complaint: Complaint) -> Iterator[Any]:
        current = subject.current
        yield from self.candidates.variants([current] if isinstance(current, str) else [])

    def _unique(self, subject: Subject, complaint: Complaint) -> Iterator[Any]:
        current = subject.current
        for turn, shaped in enumerate((False, True, False, True)):
            yield vary(current, subject.number + 7 * turn, subject.schema, shaped)

    def _absent(self, subject: Subject, complaint: Complaint) -> Iterator[Any]:
        if subject.current is not MISSING and subject.key.place is not Place.PATH:
            yield MISSING

    @staticmethod
    def _typed(subject: Subject) -> bool:
        return subject.key.place is Place.BODY and is_json(subject.call.media_type)


def _of_its_own(value: Any, subject: Subject, *, named: bool = False) -> Any:
    """A name, an address of mail or a host in a creation as one that nobody has: what is made
    under it is known again, and isn't in anybody's way."""
    named = named or (isinstance(value, str) and ("@" in value or value.endswith(".")))
    if not named or subject.operation.id.method != "POST":
        return value
    return vary(value, subject.number, subject.schema)


def _is_somebodys(value: Any, subject: Subject) -> bool:
    """Whether a value is a code that tells one thing from others: in a creation it may find the
    thing that has it, so one of its own shape comes first."""
    operation = subject.operation
    if operation.id.method != "POST" or identifies(subject.key, subject.field):
        return False
    if tries_a_proof(operation):
        return False  # wrong ones may lock an account
    coded = isinstance(value, str) and any(c.isdigit() for c in value)
    return coded and not layout_of(value) and "{{" not in value


def _own_first(values: Iterable[Any], subject: Subject) -> Iterator[Any]:
    """Each value as one of its own, then as it is: a credential is only good as it is."""
    for value in values:
        if _is_somebodys(value, subject):
            yield vary(value, subject.number + 7, subject.schema, shaped=True)
        yield _of_its_own(value, subject)
        yield value


_OF_ITEMS = ("wanted", "documented", "namesake")
"""Sources that speak of a list's items as well as of the list."""


def identifies(key: FieldKey, field_: Field | None) -> bool:
    """Whether a field holds another resource's identifier, by its name."""
    return looks_like_identifier(key.leaf) and (field_ is None or not field_.schema.enum)
