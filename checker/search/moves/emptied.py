"""A request that isn't sent for what its lists would gather, without that. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from checker.domain.exchange import Call
from checker.domain.operation import Field, FieldKey, Place
from checker.planning import edits
from checker.safety.references import referred, within_lists


def emptied(call: Call, known: Mapping[FieldKey, Field]) -> Call:
    """The call with nothing in its lists of references: an empty list where the documents let it
    be empty, else without the field where that may be left out. Other lists stay as they are."""
    for key, field in known.items():
        if key.place is not Place.BODY or "[]" in key.name or not _gathers(call, key):
            continue
        if not field.schema.min_items:
            call = edits.put(call, key, [])
        elif not field.required:
            call = edits.remove(call, key)
    return call


def _gathers(call: Call, key: FieldKey) -> bool:
    value = edits.get(call, key)
    if not isinstance(value, list):
        return False
    body = {key.leaf: value}
    return any(True for _ in (*referred(body, listed=True), *within_lists(body)))
