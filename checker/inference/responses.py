"""All answers of an operation against its documented responses, folded into facts. Pure.

What counts: answers that speak for the API. Failures, answers of the rate limit and of the
transport (429, 502, 503, 504) never do, nor refusals of a path with control characters in it:
whoever passes requests on may refuse or misread those. Other 5xx answers are the food of
`server-error` and are compared with a body only where exactly their status is documented.
"""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import unquote

from checker.domain.exchange import INVALID, Exchange, Response
from checker.domain.finding import Verdict
from checker.domain.location import Location
from checker.domain.operation import DocumentedResponse, Operation
from checker.domain.schema import MISSING, Schema
from checker.inference.answered_by import (
    NO_BODY,
    bare,
    describes,
    documented_for,
    has_body,
    is_json,
    media_documented,
    schema_for,
)
from checker.inference.bodies import Mismatch, Reading, read_body
from checker.inference.chosen import Choices, missing_names
from checker.inference.echoes import Cache, without_echoes
from checker.inference.maps import folded_maps

Seen = tuple[Exchange, Verdict]
FactKind = Literal["status", "media", "missing", "undocumented", "type", "enum"]

NOT_THE_API = frozenset({429, 502, 503, 504})
MAX_BODIES = 300
MAX_VALUES = 20
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class ResponseFact:
    """Something that answers show and the documentation doesn't say.

    `status` is the first seen, `statuses` all of them (several where one documented response,
    `default` say, stands for them). `seen` of `out_of` answers show it; `out_of` are those in
    which the enclosing object (for `type` and `enum`: the field) was there. `observed` is the
    type's name (for `undocumented` a list where several), for `enum` the list of values, for
    `media` the media type. `exchanges` are at most two of those that show it.
    """

    kind: FactKind
    status: int
    name: str = ""
    statuses: tuple[int, ...] = ()
    documented: Any = None
    observed: Any = None
    location: Location = Location("")
    schema: Schema | None = None
    owner: Schema | None = None
    response: DocumentedResponse | None = None
    seen: int = 0
    out_of: int = 0
    exchanges: tuple[Seen, ...] = ()


@dataclass(slots=True)
class _Tally:
    """One fact in the making."""

    mismatch: Mismatch
    response: DocumentedResponse
    observed: list[Any] = field(default_factory=list)
    statuses: set[int] = field(default_factory=set)
    seen: int = 0
    exchanges: list[Seen] = field(default_factory=list)


_known: weakref.WeakKeyDictionary[Operation, tuple[Sequence[Seen], tuple[ResponseFact, ...]]] = (
    weakref.WeakKeyDictionary()
)


def response_facts(
    operation: Operation, exchanges: Sequence[Seen], kind: FactKind | None = None
) -> tuple[ResponseFact, ...]:
    """The facts of an operation's answers (of one kind), in a fixed order.

    Computed once for the same operation and the same sequence: several rules ask for it.
    """
    held = _known.get(operation)
    if held is None or held[0] is not exchanges:
        held = (exchanges, _facts(operation, exchanges))
        _known[operation] = held
    return tuple(f for f in held[1] if kind is None or f.kind == kind)


def counted(exchanges: Iterable[Seen]) -> list[Seen]:
    """The answers that speak for the API; see the module."""
    return [
        (exchange, verdict)
        for exchange, verdict in exchanges
        if exchange.response is not None
        and exchange.response.status not in NOT_THE_API
        and not (exchange.response.status // 100 == 4 and _CONTROL.search(_path(exchange)))
    ]


def _path(exchange: Exchange) -> str:
    return unquote(exchange.request.url_path, errors="replace")


def _facts(operation: Operation, exchanges: Sequence[Seen]) -> tuple[ResponseFact, ...]:
    if not operation.responses:
        return ()
    answers = _to_the_known(counted(exchanges))
    return (
        *_status_facts(operation, answers),
        *_media_facts(operation, answers),
        *_body_facts(operation, answers),
    )


def _to_the_known(answers: Sequence[Seen]) -> Sequence[Seen]:
    """The answers without successes for a stranger, where there are others: what he gets may be
    a page to log in, a teaser or an empty list."""
    if not any(v is Verdict.ACCEPTED and not _strange(e) for e, v in answers):
        return answers
    return [(e, v) for e, v in answers if not _strange(e)]


def _strange(exchange: Exchange) -> bool:
    """Whether an answer is a success for somebody without a good credential."""
    response = exchange.response
    success = response is not None and response.status // 100 == 2
    return success and exchange.request.token in (None, INVALID)


# -- statuses ----------------------------------------------------------------------------------


def _status_facts(operation: Operation, answers: Sequence[Seen]) -> list[ResponseFact]:
    by_status: dict[int, list[Seen]] = {}
    for exchange, verdict in answers:
        assert exchange.response is not None
        by_status.setdefault(exchange.response.status, []).append((exchange, verdict))
    # Nothing but "isn't there": the operation itself is missing, which is told elsewhere.
    absent = all(status in (404, 405) or status >= 500 for status in by_status)
    labels = [r.status for r in operation.responses]
    # That a body which nobody documented isn't taken needs no documenting.
    taken = {bare(media) for media in operation.body}
    odd = [s for s in by_status.get(415, ()) if _sent_media(s) not in {None, *taken}]
    if odd:
        by_status[415] = [s for s in by_status[415] if s not in odd]
    facts = []
    for status, seen in sorted(by_status.items()):
        if status >= 500 or status < 200 or len(seen) < 2:
            continue
        if documented_for(operation, status) is not None or (absent and status in (404, 405)):
            continue
        facts.append(
            ResponseFact(
                "status",
                status,
                statuses=(status,),
                documented=labels,
                observed=status,
                location=operation.location.child("responses"),
                seen=len(seen),
                out_of=len(answers),
                exchanges=tuple(seen[:2]),
            )
        )
    return facts


def _sent_media(seen: Seen) -> str | None:
    request = seen[0].request
    return bare(request.media_type or "") if request.content is not None else None


# -- media types -------------------------------------------------------------------------------


def _media_facts(operation: Operation, answers: Sequence[Seen]) -> list[ResponseFact]:
    """One fact per documented place: `produces` of Swagger 2.0 stands for all statuses."""
    shared = operation.document.dialect == "2.0"
    found: dict[tuple[Any, str], list[tuple[Seen, DocumentedResponse]]] = {}
    totals: dict[Any, int] = {}
    for exchange, verdict in answers:
        response = exchange.response
        assert response is not None
        documented = documented_for(operation, response.status)
        if documented is None or not documented.content or not has_body(exchange, response):
            continue
        if response.status >= 500 and documented.status != str(response.status):
            continue
        media = response.media_type
        place = operation.location if shared else documented.location
        totals[place] = totals.get(place, 0) + 1
        if media and media_documented(documented, media) is None:
            found.setdefault((place, media), []).append(((exchange, verdict), documented))
    facts = []
    for (place, media), seen in found.items():
        if len(seen) < 2:
            continue
        statuses = tuple(sorted({e.response.status for (e, _), _ in seen if e.response}))
        content = list(dict.fromkeys(m for _, d in seen for m in d.content))
        facts.append(
            ResponseFact(
                "media",
                statuses[0],
                statuses=statuses,
                documented=content,
                observed=media,
                location=place,
                response=seen[0][1],
                seen=len(seen),
                out_of=totals[place],
                exchanges=tuple(s for s, _ in seen[:2]),
            )
        )
    return sorted(facts, key=lambda f: (f.status, str(f.observed)))


# -- bodies ------------------------------------------------------------------------------------


def _body_facts(operation: Operation, answers: Sequence[Seen]) -> list[ResponseFact]:
    tallies: dict[tuple[Any, ...], _Tally] = {}
    there: dict[tuple[str, str], int] = {}
    read: dict[str, int] = {}
    cache: dict[tuple[int, str], Reading] = {}
    brought: Cache = {}
    choices = Choices.of(operation)
    for exchange, verdict in answers:
        response = exchange.response
        assert response is not None
        documented = documented_for(operation, response.status)
        if documented is None or not describes(operation, documented, response.status):
            continue
        label = documented.status
        if exchange.request.method == "HEAD" or response.status in NO_BODY:
            continue
        reading = _reading(exchange, response, documented, cache, read)
        if reading is None:
            continue
        choices.note(label, exchange, missing_names(reading.mismatches), reading.there)
        for name in reading.there:
            there[label, name] = there.get((label, name), 0) + 1
        shown: set[tuple[Any, ...]] = set()
        for mismatch in without_echoes(operation, exchange, reading.mismatches, brought):
            told_apart = mismatch.observed if mismatch.kind == "type" else ""
            if told_apart == "integer":
                told_apart = "number"  # whole ones among them
            key = (label, mismatch.kind, mismatch.name, told_apart)
            tally = tallies.setdefault(key, _Tally(mismatch, documented))
            if mismatch.observed not in tally.observed and len(tally.observed) < MAX_VALUES:
                tally.observed.append(mismatch.observed)
            if key in shown:
                continue
            shown.add(key)
            tally.seen += 1
            tally.statuses.add(response.status)
            if len(tally.exchanges) < 2:
                tally.exchanges.append((exchange, verdict))
    asked_for = [
        k
        for k, t in tallies.items()
        if k[1] == "missing" and choices.left_out(k[0], k[2], t.mismatch.parent)
    ]
    return _folded({k: t for k, t in tallies.items() if k not in asked_for}, there)


def _reading(
    exchange: Exchange,
    response: Response,
    documented: DocumentedResponse,
    cache: dict[tuple[int, str], Reading],
    read: dict[str, int],
) -> Reading | None:
    """An answer's body read; None where nothing is documented about it."""
    if not has_body(exchange, response):
        return _nothing_there(response, documented)
    schema, body = schema_for(exchange, documented)
    if schema is None or body is MISSING:
        return None
    if set(schema.types) & {"file"} or schema.format == "binary":
        return None
    key = (id(schema), response.text)
    if response.text and key in cache:
        return cache[key]
    read[documented.status] = read.get(documented.status, 0) + 1
    if read[documented.status] > MAX_BODIES:
        return None
    return (
        cache.setdefault(key, read_body(schema, body)) if response.text else read_body(schema, body)
    )


def _nothing_there(response: Response, documented: DocumentedResponse) -> Reading | None:
    """An empty answer where a success documents a body: the body itself is missing."""
    schema = next((s for m, s in documented.content.items() if is_json(bare(m))), None)
    if response.status // 100 != 2 or schema is None or "null" in schema.types:
        return None
    if not (schema.properties or schema.items is not None or schema.types):
        return None
    reading = Reading(there={""})
    reading.add(Mismatch("missing", "", None, "required", schema.location, schema, None))
    return reading


def _observed_of(kind: str, tally: _Tally) -> Any:
    """What answers had, as a fact tells it."""
    observed: Any = tally.observed
    if kind == "enum":
        return sorted(tally.observed, key=lambda v: (str(type(v)), str(v)))
    if kind == "undocumented":
        observed = sorted(tally.observed)
    elif kind == "type" and len(observed) > 1:
        observed = ["number"]
    return observed[0] if len(observed) == 1 else observed


def _folded(
    tallies: Mapping[tuple[Any, ...], _Tally], there: Mapping[tuple[str, str], int]
) -> list[ResponseFact]:
    facts = []
    for (label, kind, name, _), tally in tallies.items():
        least = 1 if kind == "enum" else 2
        if tally.seen < least:
            continue
        mismatch = tally.mismatch
        whole = name if kind in ("type", "enum") else mismatch.parent
        observed = _observed_of(kind, tally)
        facts.append(
            ResponseFact(
                kind,
                min(tally.statuses),
                name,
                tuple(sorted(tally.statuses)),
                mismatch.documented,
                observed,
                mismatch.location,
                mismatch.schema,
                mismatch.owner,
                tally.response,
                tally.seen,
                max(there.get((label, whole), 0), tally.seen),
                tuple(tally.exchanges),
            )
        )
    return folded_maps(sorted(facts, key=lambda f: (f.status, f.name, f.kind, str(f.observed))))
