"""How a target refuses inside a successful status, learned by asking it badly.

A stranger (no credential) and a nonsense route are asked twice each; what both answers have in
common is how the target says "not you" and "no such thing", in whatever words.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.observation import Rejection
from checker.domain.operation import SAFE_METHODS, OperationId
from checker.domain.schema import MISSING

TRIES = 3
MAX_ASKED = 12
MAX_KEPT = 200
NOWHERE = "zq-no-such-route-"
Send = Callable[[Request], Awaitable[Exchange]]
Marks = frozenset[tuple[str, str]]


def marks_of(response: Response) -> Marks:
    """What an answer says: its scalar members by path, or its text."""
    if response.body is MISSING:
        return frozenset({("", " ".join(response.text.split())[:500])})
    return frozenset(_leaves(response.body, ""))


def _leaves(node: Any, path: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    if isinstance(node, Mapping) and depth < 5:
        for name, value in node.items():
            yield from _leaves(value, f"{path}.{name}", depth + 1)
    elif isinstance(node, list) and depth < 5:
        yield f"{path}[]", "empty" if not node else "filled"
        for value in node[:3]:
            yield from _leaves(value, f"{path}[]", depth + 1)
    else:
        yield path, repr(node)


def members_of(marks: Marks) -> set[str]:
    """The members that an answer has, by path."""
    return {path for path, _ in marks}


@dataclass(slots=True)
class Refusals:
    """What one target answers to a stranger and at a nonsense route, both in a 2xx."""

    strangers: list[Marks] = field(default_factory=list)
    """In the words of each family of operations."""
    nowhere: Marks = frozenset()
    others: set[tuple[OperationId | None, Marks]] = field(default_factory=set)
    """Refusals of operations: they show whether the target tells a nonsense route apart."""
    forbidden: set[Marks] = field(default_factory=set)
    """What was said to a token where another one was accepted with the same request."""
    _asked: set[OperationId | None] = field(default_factory=set)
    _routes_asked: bool = False

    def class_of(self, response: Response) -> Rejection | None:
        """The class of a refusal that came with a successful status, where it is known."""
        said = marks_of(response)
        if self.is_nowhere(response):
            return Rejection.ABSENCE
        if said in self.forbidden or any(common <= said for common in self.strangers):
            return Rejection.AUTHORISATION
        return None

    def is_stranger(self, response: Response) -> bool:
        """Whether an answer that doesn't look like a refusal is one of a stranger all the same:
        it says what strangers are told, and has the very members of a refusal."""
        if not self.strangers:
            return False  # mostly so: no need to read the answer
        said = marks_of(response)
        if not any(common <= said for common in self.strangers):
            return False
        return any(members_of(said) == members_of(other) for _, other in self.others)

    def is_nowhere(self, response: Response) -> bool:
        """Whether an answer is the one for a nonsense route, and other refusals are not."""
        if not self.nowhere or not self.nowhere <= marks_of(response):
            return False
        return any(not self.nowhere <= said for _, said in self.others)

    def note(self, operation: OperationId | None, response: Response) -> None:
        """Keep a refusal that came with a successful status."""
        if len(self.others) < MAX_KEPT:
            self.others.add((operation, marks_of(response)))

    def note_forbidden(self, response: Response | None) -> None:
        """Keep what was said to a token that an operation refuses, in a successful status.

        Where the same was said to a request for another reason, it tells nothing.
        """
        if response is None or response.status // 100 != 2:
            return
        said = marks_of(response)
        if all(said != other for _, other in self.others):
            self.forbidden.add(said)

    async def learn(
        self, send: Send, refused: Exchange, lets_in: Callable[[Exchange], bool] = lambda _: False
    ) -> None:
        """Ask as a stranger and at a nonsense route, after the form of a refused request.

        What `lets_in` says is an acceptance teaches nothing: the operation is open to all.
        """
        response, request = refused.response, refused.request
        if response is None:
            return
        said = marks_of(response)
        self.note(request.operation, response)
        if not self._routes_asked:
            beside = [await ask_nowhere(send, nonsense_route(request, n)) for n in (1, 2)]
            self._routes_asked = not any(e.held for e in beside)
            self.nowhere = _common(beside, lets_in)
        if request.token is None or request.operation in self._asked:
            return
        if any(c <= said for c in self.strangers):
            return
        if len(self._asked) >= (MAX_ASKED if self.strangers else TRIES):
            return
        self._asked.add(request.operation)
        unknown = replace(request, token=None, operation=None)
        common = _common([await send(unknown), await send(unknown)], lets_in)
        if common and common != self.nowhere and not common <= said:
            self.strangers.append(common)


def _common(asked: Sequence[Exchange], lets_in: Callable[[Exchange], bool]) -> Marks:
    """What answers have in common; nothing where one isn't there, or is no refusal in a 2xx."""
    found: list[Marks] = []
    for exchange in asked:
        response = exchange.response
        if response is None or response.status // 100 != 2 or lets_in(exchange):
            return frozenset()
        found.append(marks_of(response))
    return frozenset.intersection(*found)


def nonsense_route(request: Request, number: int = 1) -> Request:
    """The same request at a route beside it that no server has.

    The last segment that is no parameter is changed, and what stands behind it stays. Without a
    body: some servers write what comes to any path.
    """
    segments = request.url_path.rstrip("/").split("/")
    template = request.operation.path.rstrip("/").split("/") if request.operation else segments
    if len(template) != len(segments):
        template = segments
    place = max((n for n, s in enumerate(template) if "{" not in s), default=len(segments) - 1)
    parts = re.split(r"([.:])", segments[place], maxsplit=1)
    stem = "".join(parts[:2]) if len(parts) > 1 and parts[2] else ""
    segments[place] = f"{stem}{NOWHERE}{'x' * (4 + number)}"
    return elsewhere(request, "/" + "/".join(segments).lstrip("/"))


def elsewhere(request: Request, path: str) -> Request:
    """The same request at a path of no operation: without what it would bring there."""
    return replace(request, url_path=path, query=(), operation=None, content=None, media_type=None)


async def ask_nowhere(send: Send, asked: Request) -> Exchange:
    """The answer at a route that no server has; to a GET where a write is held back there."""
    exchange = await send(asked)
    if exchange.held and asked.method not in SAFE_METHODS:
        exchange = await send(replace(asked, method="GET"))
    return exchange


def route_answer(exchange: Exchange) -> tuple[Any, ...]:
    """An answer without what names the very path, to compare answers of two routes."""
    response = exchange.response
    if response is None:
        return ()
    path = exchange.request.url_path
    text = response.text
    for part in (path, path.rpartition("/")[2]):
        if len(part) > 1:
            text = text.replace(part, "#")
    return (response.status, response.media_type, "".join(c for c in text if not c.isdigit()))


def like_both(nowhere: Sequence[Exchange], exchange: Exchange) -> bool:
    """Whether an answer is the one of two nonsense routes, but for what differs between them
    (an identifier of the request, a time)."""
    one, other, this = (_members(e) for e in (*nowhere, exchange))
    if not one.keys() == other.keys() == this.keys():
        return False
    return all(this[k] == v for k, v in one.items() if other[k] == v)


def _members(exchange: Exchange) -> dict[str, Any]:
    """An answer's status, media type and members by path or words of its text, its own path
    folded."""
    response = exchange.response
    if response is None:
        return {"": None}
    found: dict[str, Any] = {"": (response.status, response.media_type)}
    path = exchange.request.url_path
    own = [part for part in (path, path.rpartition("/")[2]) if len(part) > 1]
    if response.body is MISSING:
        text = response.text[:4000]
        for part in own:
            text = text.replace(part, "#")
        return {**found, **{f"word {n}": w for n, w in enumerate(re.findall(r"\w+|\S", text))}}
    for place, value in sorted(marks_of(response)):
        for part in own:
            value = value.replace(part, "#")
        found[place] = f"{found.get(place, '')}{value}"
    return found
