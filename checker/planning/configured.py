"""Headers that the configuration sends with each request: they are no fields to ask about. Pure."""

from __future__ import annotations

from dataclasses import replace

from checker.domain.operation import Field, Operation, Place
from checker.domain.portal import Portal
from checker.settings import Target


def without_headers(portal: Portal, target: Target) -> Portal:
    """The portal; its operations have no field for what the target's configuration sends itself.

    Nothing else can be sent in its place, so nothing can be seen of such a field.
    """
    names = {n.lower() for n in target.headers}
    names |= {n.lower() for token in target.tokens.values() for n in token.headers}
    if not names:
        return portal
    documents = tuple(
        replace(d, operations=tuple(_without(o, names) for o in d.operations))
        for d in portal.documents
    )
    return replace(portal, documents=documents)


def _without(operation: Operation, names: set[str]) -> Operation:
    kept = tuple(f for f in operation.parameters if not _is_sent(f, names))
    if len(kept) == len(operation.parameters):
        return operation
    return replace(operation, parameters=kept)


def _is_sent(field: Field, names: set[str]) -> bool:
    return field.key.place is Place.HEADER and field.key.name.lower() in names
