"""The operations of which the documents say something else than at an earlier revision."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from checker.documents.portal import load_portal
from checker.documents.revisions import at_revision
from checker.domain.operation import Operation, OperationId, flatten
from checker.domain.portal import Portal
from checker.domain.schema import Schema
from checker.settings import Settings


def with_changed(settings: Settings, portal: Portal) -> Settings:
    """The settings of a run with `--since`: it is about what has changed alone.

    Raises UsageError where the revision can't be read.
    """
    return replace(settings, changed=changed_since(settings, portal))


def changed_since(settings: Settings, portal: Portal) -> frozenset[OperationId]:
    """The operations that are new, or told otherwise by any of their documents, words included."""
    with at_revision(settings.since, settings.paths) as paths:
        before = load_portal(tuple(paths), settings, validate=False) if paths else Portal()
        old = _told_of(before)
    return frozenset(id_ for id_, told in _told_of(portal).items() if old.get(id_) != told)


def _told_of(portal: Portal) -> dict[OperationId, list[str]]:
    found: dict[OperationId, list[str]] = {}
    for operation in portal.operations():
        found.setdefault(operation.id, []).append(told(operation))
    return {id_: sorted(each) for id_, each in found.items()}


def told(operation: Operation) -> str:
    """All that a document says of an operation, references followed, as one text; where it stands
    doesn't count."""
    security = operation.security
    everything = [
        *(operation.summary, operation.description, operation.operation_id, operation.tags),
        *(operation.deprecated, operation.extensions, operation.links),
        *(operation.document.base_path, operation.document.legacy),
        *(security.alternatives, security.described, operation.body_required),
        [(s.name, s.type, s.place, s.parameter, s.scheme) for s in security.schemes.values()],
        [(str(f.key), f.required, f.style, f.explode, _schema(f.schema), f.description)
         for f in operation.parameters],
        {media: _schema(schema) for media, schema in operation.body.items()},
        operation.body_examples,
        [
            (
                *(r.status, r.description, r.examples),
                {media: _schema(schema) for media, schema in r.content.items()},
                {name: _schema(schema) for name, schema in r.headers.items()},
            )
            for r in operation.responses
        ],
    ]  # fmt: skip
    return json.dumps(everything, sort_keys=True, default=str)


def _schema(schema: Schema | None) -> list[Any]:
    """A schema's keywords and those of all that it leads to."""
    return [] if schema is None else [schema.raw, *_below(schema)]


def _below(schema: Schema) -> Iterator[Any]:
    for field in flatten(schema, schema.location):
        yield [field.key.name, field.required, field.variant, field.schema.raw]
