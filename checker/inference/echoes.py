"""What a request itself brought against its own documentation, and an answer only shows back. Pure.

A probe leaves a required field out, or brings a value that isn't documented; a server that takes
it stores it and answers with it. That is told of the request; of the answer it says nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from checker.domain.exchange import Exchange, Request
from checker.domain.operation import Operation
from checker.domain.schema import Schema
from checker.inference.bodies import Mismatch, read_body

Cache = dict[tuple[int, bytes], tuple[Mismatch, ...]]
"""By schema and content: what a request has against its documentation."""


def without_echoes(
    operation: Operation,
    exchange: Exchange,
    mismatches: Mapping[tuple[str, str, str], Mismatch],
    cache: Cache,
) -> list[Mismatch]:
    """The places where an answer and its schema part, without those that show what its own
    request brought or left out at the same place, against the request's schema."""
    if not mismatches:
        return []
    own = _departures(operation, exchange.request, cache)
    return [m for m in mismatches.values() if not any(_shows(m, each) for each in own)]


def _departures(operation: Operation, request: Request, cache: Cache) -> tuple[Mismatch, ...]:
    schema = _schema(operation, request)
    if schema is None or request.content is None:
        return ()
    key = (id(schema), request.content)
    if key not in cache:
        try:
            body = json.loads(request.content)
        except (ValueError, RecursionError):
            cache[key] = ()
        else:
            cache[key] = tuple(m for m in read_body(schema, body).mismatches.values() if _asked(m))
    return cache[key]


def _schema(operation: Operation, request: Request) -> Schema | None:
    sent = (request.media_type or "").split(";")[0].strip().lower()
    media = {written.split(";")[0].strip().lower(): s for written, s in operation.body.items()}
    return media.get(sent) if sent.endswith("json") else None


def _asked(mismatch: Mismatch) -> bool:
    """Whether a request should have what it lacks: it needn't bring what only answers have."""
    return mismatch.kind != "missing" or mismatch.schema is None or not mismatch.schema.read_only


def _shows(mismatch: Mismatch, brought: Mismatch) -> bool:
    """Whether an answer parts from its schema as the request does, wherever it wraps the thing."""
    same = mismatch.kind == brought.kind and mismatch.observed == brought.observed
    name = brought.name
    return same and bool(name) and (mismatch.name == name or mismatch.name.endswith(f".{name}"))
