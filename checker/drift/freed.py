"""A field of a documented set as a free one, where any value is kept. Pure.

An `enum` beside "other values are accepted" says two things. It goes, and the description names the
values that were in it; the `enum` of the answers that show what was sent goes, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from checker.domain.location import Location
from checker.domain.observation import Observation
from checker.domain.operation import Field, Operation, Place
from checker.domain.schema import json_type
from checker.drift.build import listed, with_sentence
from checker.drift.compare.patches import Patch
from checker.drift.rule import Case
from checker.drift.words import documents_enum
from checker.inference.answered_by import documented_for, schema_for
from checker.inference.bodies import read_body


def freed(case: Case, field: Field, kept: Iterable[Observation]) -> Patch:
    """A JSON Patch of a field's own schema, and of those of the answers to the values that were
    `kept`; empty where the set isn't the field's alone."""
    place, raw = field.schema.location, field.schema.raw
    if case.documented is None or field.variant or "enum" not in raw:
        return ()
    values = [v for v in field.schema.enumerated if v is not None]
    steps = [{"op": "remove", "path": f"{place.pointer}/enum"}]
    kinds = {json_type(v) for v in values}
    if "type" not in raw and len(kinds) == 1:
        steps.append({"op": "add", "path": f"{place.pointer}/type", "value": kinds.pop()})
    body = field.key.place is Place.BODY
    old = str(raw.get("description") or "") if body else field.description
    known = "Other values are" if documents_enum(old, values) else _named(values)
    where = place if body else field.location
    text = with_sentence(old, f"{known} accepted, too.")
    steps.append({"op": "add", "path": f"{where.pointer}/description", "value": text})
    shown = dict.fromkeys(at for o in kept for at in _shown(case.documented, o))
    others = (at for at in shown if at.file == place.file and at != place)
    return (*steps, *({"op": "remove", "path": f"{at.pointer}/enum"} for at in others))


def _named(values: Iterable[object]) -> str:
    return f"Known values: {listed(values)}; others are"


def _shown(operation: Operation, seen: Observation) -> Iterator[Location]:
    """Where the answers to a value say that it isn't one of theirs."""
    assert seen.subject is not None
    for exchange in (e.exchange for e in seen.evidence if e.role == "probe"):
        answer = exchange.response
        documented = documented_for(operation, answer.status) if answer is not None else None
        schema, body = schema_for(exchange, documented) if documented is not None else (None, None)
        for one in read_body(schema, body).mismatches.values() if schema is not None else ():
            leaf = one.name.rpartition(".")[2].removesuffix("[]")
            inline = one.schema is not None and "enum" in one.schema.raw
            mine = (one.kind, one.observed, leaf) == ("enum", seen.value, seen.subject.leaf)
            if mine and inline:
                yield one.location
