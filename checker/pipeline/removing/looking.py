"""Whether a thing that an earlier run has made is there still, and is still that thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.observation import Rejection
from checker.planning.markup import content_of
from checker.planning.recipe import find_operation
from checker.probing.bench import Bench
from checker.safety.gate import Gate
from checker.safety.recognition import is_among, is_marked
from checker.safety.shown import listed
from checker.safety.things import Thing

GONE = (404, 410)
CLOSED = (401, 403)
REFUSED = (*CLOSED, 400, 422)
"""What another credential may do better at: some say no more than that the request is bad."""
ANOTHER = "what is there now isn't what the run had made"
UNMARKED = "nothing tells them from others that have their identifiers by now"
UNREAD = "they can't be read, and something else may have their identifiers by now"
LOST_ACCOUNT = "they belong to an account that a set-up had made"
NAMELESS = "their identifiers are secret and were not kept"


async def still_there(bench: Bench, gate: Gate, thing: Thing) -> tuple[bool, str]:
    """(whether it has gone, why it is left alone); neither where it may be deleted.

    It is read, itself or in its collection: only what shows a mark of its making is deleted.
    """
    if not thing.names:
        return False, NAMELESS
    if thing.account:
        return False, LOST_ACCOUNT
    if not thing.marks:
        return False, UNMARKED
    why, gone = UNREAD, False
    for path, among in _places(gate, thing, ("", *bench.wire.left_out)):
        if among and gone:
            break
        exchange = await _read(bench, thing, path)
        response = exchange.response
        if response is None:
            continue
        if response.status in GONE:
            gone = gone or not among  # unless it is there by another of its names
            continue
        if not 200 <= response.status < 300:
            continue
        body = content_of(response)
        if is_among(body, thing.names, thing.marks) if among else is_marked(body, thing.marks):
            return False, ""
        why = UNREAD if among else ANOTHER
        if not among:
            break
    return (True, "") if gone and why == UNREAD else (False, why)


async def has_gone(bench: Bench, gate: Gate, thing: Thing) -> bool:
    """Whether reading a thing itself, by each of its names, says that there is none, by its status
    or in the words by which the target says so."""
    places = [p for p, among in _places(gate, thing, ("", *bench.wire.left_out)) if not among]
    answers = [await _read(bench, thing, path) for path in places]
    return bool(answers) and all(_says_gone(bench, answer) for answer in answers)


def _says_gone(bench: Bench, answer: Exchange) -> bool:
    if answer.response is None:
        return False
    gone = answer.response.status in GONE
    return gone or bench.judge.judged(answer).rejection is Rejection.ABSENCE


def length(response: Response | None) -> int | None:
    """How many entries a list has that was read, whatever is around it; None where it shows no
    list."""
    if response is None or response.status != 200:
        return None
    body = content_of(response)
    inside = list(body.values()) if isinstance(body, Mapping) else [body]
    lists = [len(part) for part in inside if isinstance(part, list)]
    if lists or not isinstance(body, Mapping):
        return max(lists, default=None)
    objects = sum(isinstance(part, Mapping) for part in inside)
    return objects if objects or not body else None


async def new_ones(bench: Bench, gate: Gate, things: Sequence[Thing]) -> list[Thing]:
    """Those of one collection's things of which its list shows by now that they weren't there
    before the run that made them.

    The first reading of the collection lacked them; that can't have been cut where there is more
    in the list now; and what is listed under their identifiers shows a mark of their making.
    """
    for path, among in _places(gate, things[0], ("", *bench.wire.left_out)):
        operation = find_operation("GET", path, gate.operations)
        if not among or operation is None:
            continue
        response = (await _read(bench, things[0], path)).response
        if response is not None and response.status == 200:
            return [t for t in things if _has_come(t, response, operation.path)]
    return []


def _has_come(thing: Thing, response: Response, path: str) -> bool:
    """Whether a list is longer than before the thing was made, and has it."""
    names = {name for item in listed(response, path) for name in item.names}
    if thing.unlisted is None or len(names) <= thing.unlisted:
        return False
    return is_among(content_of(response), thing.names, thing.marks)


def _places(gate: Gate, thing: Thing, bases: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Paths at which it may be read, and whether others stand there, too.

    `bases` are base paths that the documents have and requests have not.
    """
    for base in bases:
        collection = base + quote(thing.collection).rstrip("/")
        for name in thing.names:
            path = f"{collection}/{quote(name, safe='')}"
            found = find_operation("GET", path, gate.operations)
            if found is not None and found.path.rstrip("/").endswith("}"):
                yield path, False
        if find_operation("GET", collection, gate.operations) is not None:
            yield collection, True


async def _read(bench: Bench, thing: Thing, path: str) -> Exchange:
    """The reading, with another token where the first one may not read."""
    transport = bench.first_account().transport
    tokens = [thing.token, *(t for t in transport.tokens if t not in (thing.token, "invalid"))]
    for token in tokens:
        exchange = await transport.send(
            Request("GET", path, token=token, base=thing.base, purpose="clean-up")
        )
        if exchange.response is None or exchange.response.status not in CLOSED:
            break
    return exchange
