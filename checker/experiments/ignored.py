"""Fields that the server ignores: two different values, both read back as something else."""

from __future__ import annotations

from typing import Any

from checker.domain.finding import Verdict
from checker.domain.observation import Kind, Observation
from checker.domain.operation import FieldKey, Operation, Place
from checker.domain.schema import MISSING, Schema
from checker.experiments.base import Context
from checker.experiments.writing import MAX_FIELDS, Writing, two_values
from checker.planning import edits
from checker.probing.asks import Ask
from checker.probing.bench import created_identifier
from checker.probing.readback import same_value


async def ignored_fields(context: Context, writing: Writing) -> list[Observation]:
    """Fields that aren't what was written, twice with different values."""
    keys = [
        k
        for k in context.present()
        if k.place is Place.BODY
        and not context.is_bound(k)
        and "[]" not in k.name
        and k in context.documented.fields
        and not isinstance(edits.get(context.template, k), (dict, list))
    ][:MAX_FIELDS]
    if not keys:
        return []
    first = await writing.round()
    if first is None:
        return []
    suspects = []
    for key in keys:
        read = writing.field(first, key)
        if read is MISSING and not _expected(writing.reading or context.documented, key):
            continue
        if not same_value(edits.get(first.call, key), read):
            suspects.append(key)
    out: list[Observation] = []
    for key in suspects:
        field = context.documented.fields[key]
        values = two_values(field, edits.get(context.template, key))
        if len(values) < 2:
            continue
        reads, proof = [], first.evidence
        made: list[Any] = []
        for value in values:
            got = await writing.round(edits.putting(key, value))
            if got is None:
                break
            reads.append(writing.field(got, key))
            proof += got.evidence
            made.append(created_identifier(got.body))
        if context.documented.id.method == "POST" and made[1:] and made[0] == made[1]:
            continue  # the same resource both times: nothing was made of what was sent
        if len(reads) < 2 or any(same_value(v, r) for v, r in zip(values, reads, strict=True)):
            continue
        if any(r is MISSING for r in reads) and writing.reading is None:
            continue
        wrong = await _invalid(context, key, values[0])
        if wrong is None:
            continue
        out.append(
            Observation(
                context.documented.id,
                Kind.READBACK,
                Verdict.ACCEPTED,
                subject=key,
                value=values,
                confirmed=True,
                evidence=proof + wrong.evidence,
                detail={
                    "role": "ignored",
                    "read": [None if r is MISSING else r for r in reads],
                },
            )
        )
    return out


async def _invalid(context: Context, key: FieldKey, value: Any) -> Observation | None:
    """An accepted value of a wrong type, or None where the server minds."""
    wrong: Any = {"zqx": [1]} if not isinstance(value, (dict, list)) else 7
    ask = Ask(
        Kind.REPLACE,
        edits.putting(key, wrong),
        subject=key,
        value=wrong,
        detail={"role": "wrong-type"},
    )
    seen = await context.lab.ask(ask)
    return seen if seen.accepted else None


def _expected(reading: Operation, key: FieldKey) -> bool:
    """Whether the operation that reads back documents the field in its answer."""
    for response in reading.responses:
        if response.status[:1] == "2":
            for schema in response.content.values():
                if schema is not None and _has(schema, key.leaf):
                    return True
    return False


def _has(schema: Schema, name: str, depth: int = 0) -> bool:
    if depth > 3:
        return False
    if name in schema.properties:
        return True
    return any(_has(child, name, depth + 1) for child in schema.properties.values())
