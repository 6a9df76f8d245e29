"""What a table of a prose page is about: the endpoints that its headings name, or nothing.

A heading's own endpoints are those in its text, then those on lines of their own or in code below
it, then one that its text mentions. A table belongs to the nearest heading that has any. What
merely stands elsewhere on the page says nothing of a table, but for a page that lists its
endpoints in one place and gives no heading any of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from checker.documents.prose_blocks import Block
from checker.documents.prose_endpoints import (
    endpoints_in,
    endpoints_of_row,
    lone_endpoints,
    mentioned,
)
from checker.domain.operation import OperationId
from checker.lexicon import folded, read
from checker.lexicon.texts import name_words

REQUEST, RESPONSE, EVENT = "request", "response", "event"

Scope = tuple[OperationId, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Where a table stands: its heading, that one's line, what it is about, its own endpoints.

    `before` is the text between the previous table or heading and this table; `headings` are the
    headings around it, the nearest first. `near`: that one names the endpoints itself, or says
    which way the fields go. Not `sure`: the endpoints are named at some distance,
    so that the table's own content has to bear them out.
    """

    heading: str
    scope: Scope
    direction: str
    before: str
    sure: bool = True
    near: bool = True
    headings: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class _Heading:
    level: int
    text: str
    number: int


@dataclass(frozen=True, slots=True)
class _Own:
    """A heading's endpoints; `loose` where its text only mentions them."""

    scope: Scope = ()
    loose: bool = False


def sections(blocks: Sequence[Block], *, guessed: bool = False) -> dict[int, Section]:
    """The section of every table, by the table's index among the blocks. Where several endpoints
    are `guessed` headings, where the section of one ends isn't to be seen.
    """
    named = {b.text for b in blocks if b.kind == "heading" and lone_endpoints(b.text)}
    found = _sections(blocks)
    if not guessed or len(named) < 2:
        return found
    return {number: replace(section, sure=False) for number, section in found.items()}


def _sections(blocks: Sequence[Block]) -> dict[int, Section]:
    listed = _listed(blocks)
    found: dict[int, Section] = {}
    path = [_Heading(0, "", -1)]
    since = 0
    for number, block in enumerate(blocks):
        if block.kind == "heading":
            while len(path) > 1 and path[-1].level >= block.level:
                path.pop()
            path.append(_Heading(block.level, block.text, number))
            since = number
        elif block.kind == "table":
            found[number] = _section(blocks, path, since, number, listed)
            since = number
    return found


def outlined(blocks: Sequence[Block]) -> list[Block]:
    """The blocks of a page whose headings are guessed, with each line that is an endpoint as the
    heading of what follows it."""
    found: list[Block] = []
    for block in blocks:
        lone = lone_endpoints(block.text) if block.kind == "text" else ()
        if lone:
            found.append(Block("heading", block.line, str(lone[0]), 1))
        found.append(block)
    return found


def names_direction(text: str) -> bool:
    """Whether a text says which way the fields go that follow it."""
    return bool({REQUEST, RESPONSE} & _told(text).keys())


def _told(text: str) -> dict[str, set[str]]:
    """The directions that a text tells, and the words that tell each."""
    flat = folded(text)
    return {
        entry.means: {match[0] for match in entry.pattern.finditer(flat)}
        for entry in read("directions", text)
    }


def _listed(blocks: Sequence[Block]) -> Scope:
    """The endpoints of a page that lists them in one place: tables, or lines below one heading,
    and no heading has any of its own."""
    tables: dict[OperationId, None] = {}
    owners: dict[int, Scope] = {}
    owner = -1
    for number, block in enumerate(blocks):
        if block.kind == "heading":
            owner = number
            owners[number] = endpoints_in(block.text)
        elif block.kind == "table":
            for row in block.rows:
                tables.update(dict.fromkeys(endpoints_of_row(row.cells)))
        else:
            lone = _in_code(block) if block.kind == "code" else lone_endpoints(block.text)
            owners[owner] = (*owners.get(owner, ()), *lone)
    naming = [scope for scope in owners.values() if scope]
    if tables:
        return tuple(tables) if not naming else ()
    return tuple(dict.fromkeys(naming[0])) if len(naming) == 1 else ()


def _section(
    blocks: Sequence[Block], path: Sequence[_Heading], since: int, number: int, listed: Scope
) -> Section:
    between = blocks[max(since, 0) : number]
    near = _text_of(between, ("text",))
    headings = tuple(h.text for h in reversed(path) if h.text)
    own, depth, level = _nearest(blocks, path, number)
    section = Section(
        heading=headings[0] if headings else "",
        scope=own.scope or listed,
        direction=_direction(headings, near, own.scope if depth == 0 else ()),
        before=_text_of(between, ("text", "code")),
        headings=headings,
        line=blocks[path[-1].number].line if path[-1].number >= 0 else 0,
    )
    far = own.loose and depth > 0 and level < 2
    near_ = depth == 0 or names_direction(section.heading)
    return replace(section, near=near_, sure=len(own.scope) == 1 and not far)


def _text_of(blocks: Sequence[Block], kinds: Sequence[str]) -> str:
    return "\n".join(block.text for block in blocks if block.kind in kinds)


def _nearest(
    blocks: Sequence[Block], path: Sequence[_Heading], number: int
) -> tuple[_Own, int, int]:
    """The endpoints of the nearest heading that has any, how many headings away, its level."""
    for depth, heading in enumerate(reversed(path)):
        own = _own(heading.text, _until_heading(blocks, heading.number, number))
        if own.scope:
            return own, depth, heading.level
    return _Own(), -1, -1


def _own(heading: str, below: Sequence[Block]) -> _Own:
    named = endpoints_in(heading) or lone_endpoints(heading)
    if named:
        return _Own(named)
    texts = [block.text for block in below if block.kind != "code"]
    codes = [block for block in below if block.kind == "code"]
    coded = (code.text for code in codes)
    lines = _all(map(lone_endpoints, texts)) or _all(map(lone_endpoints, coded))
    if lines:
        return _Own(lines)
    loose = _all(map(mentioned, texts)) or _all(map(_in_code, codes))
    return _Own(loose, True) if len(loose) == 1 else _Own()


def _all(several: Iterable[Scope]) -> Scope:
    return tuple(dict.fromkeys(operation for scope in several for operation in scope))


def _in_code(block: Block) -> Scope:
    return tuple(dict.fromkeys((*lone_endpoints(block.text), *endpoints_in(block.text))))


def _until_heading(blocks: Sequence[Block], start: int, end: int) -> list[Block]:
    """The blocks below a heading up to the next one (or to `end`)."""
    found: list[Block] = []
    for block in blocks[start + 1 : end]:
        if block.kind == "heading":
            break
        if block.kind in ("text", "code"):
            found.append(block)
    return found


def _one(word: str) -> str:
    """A plain singular, to compare words by."""
    return word.lower().rstrip("s")


def _direction(headings: Sequence[str], near: str, own: Scope) -> str:
    """request, response or event, from the nearest words that tell.

    `own` are the operations that the section itself names: what their paths are about ("Create an
    event" of `POST /events`) is a thing of the API.
    """
    things = {_one(w) for operation in own for w in name_words(operation.path).split()}
    for text in (*headings[:1], near, *headings[1:-1]):
        told = _told(text)
        events = {_one(word) for word in told.get(EVENT, ())} - things
        if events and REQUEST not in told and text != near:
            return EVENT
        if REQUEST in told:
            return REQUEST
        if RESPONSE in told:
            return RESPONSE
    return REQUEST
