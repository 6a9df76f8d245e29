"""Fields that the server ignores: two different values, both read back as something else."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from checker.domain.observation import Kind, Observation
from checker.domain.operation import FieldKey, Operation, Place
from checker.domain.schema import MISSING, Schema
from checker.experiments.base import Context
from checker.experiments.writing import (
    MAX_FIELDS,
    Round,
    Writing,
    another,
    readback,
    scalars,
    two_values,
)
from checker.lexicon.texts import name_words
from checker.planning import edits
from checker.planning.answered import find_identifier
from checker.planning.routes import resource_of
from checker.planning.values import looks_like_identifier
from checker.planning.variation import vary
from checker.probing.asks import Ask, replacing
from checker.probing.readback import same_value

MAX_CHOICES = 8


async def ignored_fields(
    context: Context, writing: Writing, only: Collection[FieldKey] | None = None
) -> list[Observation]:
    """Fields that aren't what was written, twice with different values; of all, or of `only`."""
    keys = [
        k
        for k in context.present()
        if (only is None or k in only)
        and k.place is Place.BODY
        and not context.is_bound(k)
        and "[]" not in k.name
        and k in context.documented.fields
        and _is_asked(k, edits.get(context.template, k))
    ][:MAX_FIELDS]
    if not keys:
        return []
    out: list[Observation] = []
    for key, first in await _suspects(context, writing, keys):
        values = _two_values(context, key, writing.field(first, key))
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
            made.append(find_identifier(got.body, "id", resource_of(context.documented.id.path)))
        if context.documented.id.method == "POST" and made[1:] and made[0] == made[1]:
            continue  # the same resource both times: nothing was made of what was sent
        if len(reads) < 2 or any(_kept(v, r) for v, r in zip(values, reads, strict=True)):
            continue
        if any(r is MISSING for r in reads) and writing.reading is None:
            continue
        wrong = await _invalid(context, key, values[0])
        if wrong is None or await _read_without_others(context, key, wrong.value):
            continue
        if _lacks_kin(context, key) or await _counts_elsewhere(context, writing, key, values[0]):
            continue
        read = [None if r is MISSING else r for r in reads]
        told: dict[str, Any] = {"value": values, "read": read}
        told["absent"] = all(r is MISSING for r in reads)
        out.append(readback(context, key, proof + wrong.evidence, "ignored", **told))
    return out


def _is_asked(key: FieldKey, value: Any) -> bool:
    """Whether a value is a plain one, or a list of plain ones that name nothing elsewhere."""
    if not edits.is_plain(value):
        return False
    return not isinstance(value, list) or (bool(value) and not looks_like_identifier(key.leaf))


def _kept(written: Any, read: Any) -> bool:
    """Whether what was written is read: of a list anything of it, in whatever order or shape."""
    if same_value(written, read):
        return True
    if not isinstance(written, list):
        return False
    return any(same_value(item, value) for item in written for value in scalars(read))


async def _suspects(
    context: Context, writing: Writing, keys: list[FieldKey]
) -> list[tuple[FieldKey, Round]]:
    """The fields that aren't what was written, with the round that shows it.

    Where something is changed, all get other values than the witness's, which may be what is
    stored already; one by one where they aren't accepted together.
    """
    rounds: list[tuple[list[FieldKey], Round | None]] = []
    if context.documented.id.method in ("PUT", "PATCH"):
        changes = {k: v for k in keys if (v := another(context, k)) is not MISSING}
        others = edits.chain(*(edits.putting(k, v) for k, v in changes.items()))
        rounds.append((keys, await writing.round(others) if changes else None))
        if rounds[0][1] is None:
            rounds = [([k], await writing.round(edits.putting(k, v))) for k, v in changes.items()]
            rounds.append(([k for k in keys if k not in changes], await writing.round()))
    if not any(got for _, got in rounds):
        rounds = [(keys, await writing.round())]
    found: list[tuple[FieldKey, Round]] = []
    for some, got in rounds:
        for key in some if got is not None else ():
            assert got is not None
            read = writing.field(got, key)
            if read is MISSING and not _expected(writing.reading or context.documented, key):
                continue
            if not _kept(edits.get(got.call, key), read):
                found.append((key, got))
    return found


def _two_values(context: Context, key: FieldKey, read: Any) -> list[Any]:
    """Two documented values, each other than what is read whatever is written; the only other
    one of a pair twice."""
    field, own = context.documented.fields[key], edits.get(context.template, key)
    if field.schema.enum or isinstance(own, bool):
        known = [True, False] if isinstance(own, bool) else list(field.schema.enumerated)
        others = [v for v in known if v is not None and not same_value(v, read)]
        return others[:2] if len(others) > 1 else others * 2
    values = two_values(field, own)
    if values and same_value(values[0], read):
        values = [vary(own, 5, field.schema), *values[1:]]
    return values


async def _invalid(context: Context, key: FieldKey, value: Any) -> Observation | None:
    """A value of a wrong type, accepted twice, or None where the server minds."""
    wrong: Any = {"zqx": [1]} if not isinstance(value, (dict, list)) else 7
    seen = await context.lab.establish(replacing(key, wrong, "wrong-type"))
    return seen if seen.surely_accepted else None


async def _read_without_others(context: Context, key: FieldKey, wrong: Any) -> bool:
    """Whether the server minds a wrong value once the fields beside this one are gone: then one
    of them takes its place, and the field isn't ignored."""
    if key.parent is not None and key.parent.name:
        beside = [k for k in context.present() if k.parent == key.parent and k != key]
    else:
        beside = [k for k in context.smallest if k != key] if key in context.smallest else []
    if not beside:
        return False
    alone = edits.removing(*beside)
    without = Ask(Kind.COMBINE, edits.chain(alone, edits.removing(key)), detail={"role": "alone"})
    if not (await context.lab.ask(without)).accepted:
        return False
    edit = edits.chain(alone, edits.putting(key, wrong))
    return (await context.lab.ask(Ask(Kind.COMBINE, edit, detail={"role": "alone"}))).rejected


def _lacks_kin(context: Context, key: FieldKey) -> bool:
    """Whether the witness could not bear a field beside this one whose name begins with the same
    word: what says how something is done may count only where that says what is done."""
    head, *rest = name_words(key.leaf).split()
    return bool(rest) and any(
        other.parent == key.parent
        and other.place is key.place
        and name_words(other.leaf).split()[:1] == [head]
        and not (field.schema.read_only or edits.has(context.template, other))
        and other not in context.lab.extra
        for other, field in context.documented.fields.items()
    )


async def _counts_elsewhere(context: Context, writing: Writing, key: FieldKey, value: Any) -> bool:
    """Whether the field has an effect beside another value of a field with a closed set."""
    tried = 0
    for other in context.present():
        field = context.field(other)
        if other == key or other.place is not Place.BODY or field is None:
            continue
        own = edits.get(context.template, other)
        choices = [v for v in field.schema.enumerated if v is not None and v != own]
        if isinstance(own, bool):
            choices = [not own]
        near = other.parent == key.parent or other.parent is None
        for choice in choices if near else ():
            if tried >= MAX_CHOICES:
                return False
            tried += 1
            got = await writing.round(
                edits.chain(edits.putting(other, choice), edits.putting(key, value))
            )
            if got is not None and same_value(value, writing.field(got, key)):
                return True
    return False


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
    if schema.items is not None and _has(schema.items, name, depth):
        return True
    return any(_has(child, name, depth + 1) for child in schema.properties.values())
