"""The other variants of a body (`oneOf`, `anyOf`): their own fields are examined with a witness
of theirs. The first accepted variant has had all experiments; the others get those on fields."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import Any

from checker.domain.exchange import Call
from checker.domain.finding import Verdict
from checker.domain.nodes import mapping_of, member_of
from checker.domain.operation import Field, FieldKey, Operation, Place
from checker.domain.schema import Schema
from checker.errors import WorkflowError
from checker.experiments.base import Context
from checker.experiments.registry import all_experiments
from checker.planning import edits
from checker.planning.encoding import is_json
from checker.planning.values import Generator
from checker.probing.bench import LabBroken
from checker.probing.lab import Lab
from checker.probing.supply import Level

MAX_VARIANTS = 4
_EXPERIMENTS = ("required", "enum", "types", "formats", "bounds")
"""They ask about one field at a time; what is true of the whole is known already."""


async def examine_variants(
    context: Context, spent: Callable[[], bool], chosen: Collection[str]
) -> None:
    """Add to `context.made` what the chosen experiments observe of fields that only other variants
    have."""
    asked = [e for e in all_experiments() if e.id in _EXPERIMENTS and e.id in chosen]
    if not asked:
        return
    for operation, own in variants_of(context.documented, context.template):
        if spent():
            return
        call = _call_of(context, operation)
        recipe = replace(context.lab.recipe, call=call)
        lab = Lab(context.bench, operation, recipe, context.lab.account)
        try:
            _, verdict, _ = await lab.send(await lab.fresh(max(context.lab.level, Level.VARY)))
            if verdict is not Verdict.ACCEPTED:
                continue
            await lab.learn_level()
            inner = replace(context, lab=lab, documented=operation, legacy=(), made=[])
            for experiment in asked:
                if not lab.broken and not spent():
                    inner.made.extend(await experiment.run(inner))
        except (LabBroken, WorkflowError):
            pass
        if lab.doubts.found is not None:
            context.lab.broken, context.lab.doubts = lab.broken, lab.doubts
            return
        if not lab.broken:
            context.made.extend(o for o in inner.made if o.subject in own)


def variants_of(operation: Operation, witness: Call) -> Iterator[tuple[Operation, set[FieldKey]]]:
    """The operation with each variant of its JSON body alone that isn't the witness's, and the
    fields that only that one has."""
    media = witness.media_type or ""
    schema = next((s for m, s in operation.body.items() if m == media), None)
    if schema is None or not is_json(media) or len(schema.variants) < 2:
        return
    branches = list(schema.variants)[:MAX_VARIANTS]
    apart = [replace(operation, body={media: _alone(schema, b)}) for b in branches]
    body = {k for k in edits.present_fields(witness) if k.place is Place.BODY}
    scores = [sum(k in body for k in o.fields) for o in apart]
    current = _told_apart(schema, witness.body, branches)
    if current is None:
        current = scores.index(max(scores))
    for number, one in enumerate(apart):
        others = {k for n, o in enumerate(apart) if n != number for k in o.fields}
        own = {k for k in one.fields if k not in others}
        if number != current and own:
            yield one, own


def _alone(schema: Schema, branch: Schema) -> Schema:
    """The schema with one of its variants only; the discriminator's value made sure of."""
    name = schema.discriminator
    mark = _mark(schema, branch)
    own = branch.properties.get(name) if name else None
    if name and own is not None and (not own.enum or mark in own.enum):
        told = replace(own, enum=(mark,))
        branch = replace(branch, properties={**branch.properties, name: told})
    return branch if not schema.properties else replace(schema, variants=(branch,))


def _mark(schema: Schema, branch: Schema) -> str:
    """The discriminator's value for a branch: by the mapping, else its schema's name."""
    tail = (branch.reference or "").rpartition("/")[2]
    node = schema.raw.get("discriminator")
    mapping = member_of(node, "mapping")
    for value, target in mapping_of(mapping).items():
        if str(target).rpartition("/")[2] == tail:
            return str(value)
    return tail


def _told_apart(schema: Schema, body: Any, branches: list[Schema]) -> int | None:
    """The number of the branch that the discriminator in a body names."""
    value = member_of(body, schema.discriminator or "")
    for number, branch in enumerate(branches):
        if value is not None and value == _mark(schema, branch):
            return number
    return None


def _call_of(context: Context, operation: Operation) -> Call:
    """The witness's call with a body of the variant, the values of shared fields kept."""
    witness = context.template
    media = witness.media_type or ""
    schema = operation.body[media]
    assert schema is not None
    made = Generator(context.bench.rng("variant", operation.id)).value(schema)
    call = replace(witness, body=made)
    theirs = context.documented.fields
    for key in edits.present_fields(witness):
        field, own = operation.fields.get(key), theirs.get(key)
        if key.place is not Place.BODY or field is None or own is None or "[]" in key.name:
            continue
        value = edits.get(witness, key)
        shared = field.schema.location == own.schema.location or "{{" in str(value)
        if shared and _may_be_kept(field, value):
            call = edits.put(call, key, value)
    return call


def _may_be_kept(field: Field, value: Any) -> bool:
    if isinstance(value, (dict, list)):
        return False
    return not field.schema.enum or value in field.schema.enum
