"""Calls of an operation as its documents have them. Pure."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from checker.domain.exchange import Call
from checker.domain.operation import Field, Operation, Place
from checker.domain.schema import MISSING
from checker.planning.encoding import FORM, MULTIPART, is_json, is_multipart
from checker.planning.values import Generator

LAST = 999
Rng = Callable[..., random.Random]


def documented_calls(
    operation: Operation, legacy: Sequence[Operation], rng: Rng, token: str | None
) -> Iterator[tuple[str, Call]]:
    """(where it comes from, a call as documented), the likeliest to be accepted first.

    `rng` gives a generator of random numbers for a purpose; `legacy` are older documents of the
    same operation.
    """
    media_type = preferred_media(operation) or next(
        (preferred_media(o) for o in legacy if preferred_media(o)), None
    )
    schema = operation.body.get(media_type) if media_type else None
    old = next((s for o in legacy for s in o.body.values() if s is not None), None)
    reads = operation.id.safe

    def call(body: Any, generator: Generator, full: bool, sources: Sequence[Operation]) -> Call:
        by_place: dict[Place, dict[str, Any]] = {}
        for source in sources:
            for place, values in parameter_values(source, generator, full=full).items():
                if place is Place.PATH and source is not operation:
                    continue
                by_place[place] = {**values, **by_place.get(place, {})}
        return Call(
            operation=operation.id,
            path=by_place.get(Place.PATH, {}),
            query=by_place.get(Place.QUERY, {}),
            header=by_place.get(Place.HEADER, {}),
            cookie=by_place.get(Place.COOKIE, {}),
            body=body,
            media_type=media_type if body is not MISSING else None,
            token=token,
        )

    def made(full: bool, plain: bool = False, turn: int = 0) -> Generator:
        own = rng("witness", operation.id, full, plain)
        return Generator(own, full, plain, is_multipart(media_type), turn)

    def body_of(generator: Generator) -> Any:
        return MISSING if schema is None else generator.value(schema)

    if reads:
        yield "generated", call(body_of(made(False)), made(False), False, [operation])
    for example in operation.body_examples:
        yield "example", call(example, made(False), False, [operation])
    yield "generated", call(body_of(made(True)), made(True), not reads, [operation])
    yield "generated", call(body_of(made(False)), made(False), False, [operation])
    # Of several values one often goes with another: the second of each, then the last.
    for turn in (1, LAST):
        body = body_of(made(True, turn=turn))
        yield "generated", call(body, made(True, turn=turn), not reads, [operation])
    yield "generated", call(body_of(made(True, True)), made(True, True), not reads, [operation])
    if schema is not None and not operation.body_required:
        # What a documented body requires may be what the server refuses.
        yield "generated", call(MISSING, made(False), False, [operation])
    if legacy:
        for full in (True, False):
            generator = made(full)
            ours = body_of(generator)
            theirs = MISSING if old is None else generator.value(old)
            body = (
                {**theirs, **ours}
                if isinstance(ours, dict) and isinstance(theirs, dict)
                else (theirs if ours is MISSING else ours)
            )
            both = call(body, generator, full, [operation, *legacy])
            yield "generated", replace(both, media_type=media_type or "application/json")
            if theirs is not MISSING:
                yield "generated", replace(both, body=theirs)
    if schema is None and operation.id.method in ("POST", "PUT", "PATCH") and not legacy:
        yield (
            "generated",
            replace(call({}, made(True), True, [operation]), media_type="application/json"),
        )


def preferred_media(operation: Operation) -> str | None:
    """The media type to send: JSON first, then forms, then whatever is documented first."""
    known = list(operation.body)
    for media in known:
        if is_json(media):
            return media
    for media in known:
        if media in (FORM, MULTIPART):
            return media
    return known[0] if known else None


def parameter_values(
    operation: Operation, generator: Generator, *, full: bool
) -> dict[Place, dict[str, Any]]:
    """Documented-valid values of query, path, header and cookie parameters by place."""
    out: dict[Place, dict[str, Any]] = {p: {} for p in Place if p is not Place.BODY}
    for field in operation.parameters:
        if not _top(field, operation) or (not field.required and not full):
            continue
        if field.key.client_header or operation.security.carries_credential(field.key):
            continue
        out[field.key.place][field.key.name] = generator.value(field.schema, field.key.leaf)
    return out


def _top(field: Field, operation: Operation) -> bool:
    """Whether a parameter is one of its own, not a member of a deep object beside it."""
    parent = field.key.parent
    while parent is not None:
        if any(f.key == parent for f in operation.parameters):
            return False
        parent = parent.parent
    return True
