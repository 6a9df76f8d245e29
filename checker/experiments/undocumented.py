"""Fields that no current document has: stored, or at least validated."""

from __future__ import annotations

from typing import Any

from checker.domain.finding import Evidence
from checker.domain.observation import Observation
from checker.domain.operation import UNKNOWN_NAME, FieldKey, Place
from checker.domain.schema import MISSING, Schema, json_type
from checker.experiments.base import Context, about_field
from checker.experiments.writing import MAX_FIELDS, SERVERS_OWN, Writing, readback
from checker.planning import edits
from checker.planning.values import Generator
from checker.planning.variation import vary
from checker.probing.asks import adding
from checker.probing.readback import field_in, same_value

ROLE = "undocumented"
MAX_OBJECTS = 2
MAX_DEPTH = 3


async def undocumented_fields(context: Context, writing: Writing) -> list[Observation]:
    """Suspected names of which two values come back, or a wrong one is refused."""
    out: list[Observation] = []
    strange = FieldKey(Place.BODY, UNKNOWN_NAME)
    for key, value in (await _suspects(context, writing))[:MAX_FIELDS]:
        seen = await _visible(context, writing, key, value, strange)
        if seen is None:
            seen = await _validated(context, key, value, strange)
        if seen is not None:
            out.append(seen)
    return out


async def _suspects(context: Context, writing: Writing) -> list[tuple[FieldKey, Any]]:
    """Names that legacy documents, the witness or answers know, with a plausible value."""
    documented = context.documented.fields
    if any(
        s is not None and s.additional not in (None, False) and not s.properties
        for s in context.documented.body.values()
    ):
        return []
    rng = context.bench.rng("undocumented", context.documented.id)
    found: dict[FieldKey, Any] = {}
    for key in context.present():
        if key not in documented and key.place is Place.BODY and _plain_parent(context, key):
            found[key] = edits.get(context.template, key)
    for key, field in context.known.items():
        if key in documented or key.place is not Place.BODY or "[]" in key.name:
            continue
        if _plain_parent(context, key) and not field.schema.read_only:
            known = context.candidates.of(context.documented, field)
            made = Generator(rng).value(field.schema, key.leaf)
            found.setdefault(key, known[0] if known else made)
    got = await writing.round()
    if got is not None:
        objects = 0
        for name, answered in _resource_members(got.body, context):
            key = FieldKey(Place.BODY, name)
            value = _documented(context, name) if answered is None else answered
            objects += isinstance(value, dict)
            if isinstance(value, dict) and objects > MAX_OBJECTS:
                continue
            if (
                key not in documented
                and name.lower() not in SERVERS_OWN
                and (
                    isinstance(value, (str, int, float, bool))
                    or _scalars(value)
                    or _scalar_object(value)
                )
                and not name.lower().endswith(("_at", "_id", "_uid", "_url"))
                and not name.endswith("At")
                and isinstance(context.template.body, dict)
            ):
                # An object as it is: its members may have limits of their own.
                found.setdefault(
                    key, value if value and _scalar_object(value) else _other(value, 5)
                )
    return list(found.items())


async def _visible(
    context: Context, writing: Writing, key: FieldKey, value: Any, strange: FieldKey
) -> Observation | None:
    """Both of two values come back, each its own, and an unknown name doesn't."""
    if isinstance(value, dict):
        values: list[Any] = [_other(value, 1), _other(value, 2)]
    else:
        values = [value, _other(value, 7)]
    if values[0] == values[1] or not (_scalar_object(value) or not isinstance(value, dict)):
        return None
    proof: tuple[Evidence, ...] = ()
    reads: list[Any] = []
    for each in values:
        got = await writing.round(
            edits.chain(edits.putting(key, each), edits.putting(strange, each))
        )
        if got is None:
            return None
        read = field_in(got.body, key)
        if read is MISSING or not same_value(each, read, part=False) or read in reads:
            return None
        reads.append(read)
        if field_in(got.body, strange) is not MISSING:
            return None
        proof += got.evidence
    validated = await _validated(context, key, value, strange)
    return readback(
        context,
        key,
        proof + (validated.evidence if validated else ()),
        ROLE,
        values,
        how="stored",
        validated=validated is not None,
        type=json_type(value),
    )


async def _validated(
    context: Context, key: FieldKey, value: Any, strange: FieldKey
) -> Observation | None:
    """A wrong value of this name is refused, a right one and an unknown name are not."""
    wrong: Any = {"zqx": [1]} if not isinstance(value, dict) else "zqx"
    good, bad = adding(key, value, ROLE), adding(key, wrong, "undocumented-wrong")
    other = adding(strange, wrong, "unknown-name")
    seen = await context.lab.ask_many([good, bad, other])
    if not (seen[0].accepted and about_field(seen[1])):
        return None
    if not seen[2].accepted and not await _only_known(context, strange, value):
        return None
    again = await context.lab.confirm(bad, seen[1])
    if not again.confirmed:
        return None
    return readback(
        context,
        key,
        seen[0].evidence + again.evidence + seen[2].evidence,
        ROLE,
        [value],
        how="validated",
        validated=True,
        type=json_type(value),
    )


async def _only_known(context: Context, strange: FieldKey, value: Any) -> bool:
    """Whether the server refuses unknown names: one that it takes is known to it then."""
    seen = await context.lab.establish(adding(strange, value, "unknown-name"))
    return about_field(seen) and seen.confirmed


def _plain_parent(context: Context, key: FieldKey) -> bool:
    """Whether the enclosing object documents its members (an open map documents any)."""
    parent = key.parent
    if parent is None:
        return True
    field = context.documented.fields.get(parent)
    return field is not None and bool(field.schema.properties)


def _resource_members(body: Any, context: Context) -> list[tuple[str, Any]]:
    """Members of the object in an answer that has most of the request's names."""
    names = {k.leaf for k in context.present()}
    best: tuple[int, list[tuple[str, Any]]] = (0, [])
    queue = [body]
    while queue:
        node = queue.pop(0)
        if isinstance(node, dict):
            score = len(names & set(node))
            if score > best[0]:
                best = (score, [(str(k), v) for k, v in node.items()])
            queue.extend(v for v in node.values() if isinstance(v, dict))
    return best[1] if best[0] * 2 > 1 else []


def _scalar(value: Any) -> bool:
    return isinstance(value, (str, int, float, bool))


def _scalars(value: Any) -> bool:
    return isinstance(value, list) and not any(isinstance(v, (dict, list)) for v in value)


def _documented(context: Context, name: str) -> Any:
    """A value as the operation's answer documents a member that is null in it; None else."""
    for response in context.documented.responses:
        for schema in response.content.values() if response.status[:1] == "2" else ():
            member = _member(schema, name)
            if member is not None:
                rng = context.bench.rng("null member", context.documented.id, name)
                return Generator(rng).value(member, name)
    return None


def _member(schema: Schema | None, name: str, depth: int = 0) -> Schema | None:
    """The schema of the member of a name, the shallowest first."""
    if schema is None or depth > MAX_DEPTH:
        return None
    if name in schema.properties:
        return schema.properties[name]
    found = (_member(child, name, depth + 1) for child in schema.properties.values())
    return next((f for f in found if f is not None), None)


def _scalar_object(value: Any) -> bool:
    return isinstance(value, dict) and not any(isinstance(v, (dict, list)) for v in value.values())


def _other(value: Any, number: int) -> Any:
    """A value of the same type that differs; an empty text is taken for a word, an empty list
    or object for one of words."""
    if isinstance(value, dict):
        return {k: _other(v, number) for k, v in value.items()} or {"key": f"word{number}"}
    if isinstance(value, bool):
        return not value
    if value == "":
        return f"word{number}"
    return vary(value, number) if value != [] else [f"word{number}"]
