"""Where a new member stands among the others: as the document has it elsewhere. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

MOST_COMPARED = 400
"""Objects with the member that are looked at: a document has its habits by then."""
LEAST_SORTED = 4
"""Members that stand in the order of the alphabet before that is more than chance."""
USUAL = (
    "tags",
    "summary",
    "description",
    "operationId",
    "consumes",
    "produces",
    "parameters",
    "requestBody",
    "headers",
    "content",
    "schema",
    "responses",
    "callbacks",
    "deprecated",
    "security",
    "servers",
)
"""The order in which the specification lists an operation's and a response's members."""


class Order:
    """The habits of one document."""

    def __init__(self, document: Any) -> None:
        self._document = document

    def place(self, name: str, members: Sequence[str]) -> int:
        """Before which of an object's members a new one belongs; their number is the end."""
        if name.isdigit() and members and members[0].isdigit():
            return _sorted_in(name, [m for m in members if m.isdigit()])
        return self._habit(name, members)

    def _habit(self, name: str, members: Sequence[str]) -> int:
        """Where the fewest members stand on another side of it than elsewhere; of equal places
        the last one."""
        leads = self._leads(name, set(members))
        if not any(leads.values()):
            if _is_sorted(members):
                return _sorted_in(name, [m for m in members if not m.startswith("x-")])
            leads = _usual(name, members)
        place = _least_wrong(members, leads)
        trailing = place == len(members) and any(leads.values())
        while trailing and place and members[place - 1].startswith("x-"):
            place -= 1
        return place

    def _leads(self, name: str, members: set[str]) -> dict[str, int]:
        """For each member how much oftener the new one stands before it than behind it."""
        leads = dict.fromkeys(members, 0)
        for names in self._named.get(name, [])[:MOST_COMPARED]:
            at = names.index(name)
            for number, other in enumerate(names):
                if other in leads:
                    leads[other] += 1 if number > at else -1
        return leads

    @cached_property
    def _named(self) -> dict[str, list[list[str]]]:
        """The names of each object's members, by each of them."""
        found: dict[str, list[list[str]]] = {}
        for names in _objects(self._document):
            for name in names:
                found.setdefault(name, []).append(names)
        return found


def _objects(node: Any) -> Iterator[list[str]]:
    pending = [node]
    while pending:
        node = pending.pop()
        if isinstance(node, Mapping):
            yield [str(name) for name in node]
            pending += node.values()
        elif isinstance(node, list):
            pending += node


def _usual(name: str, members: Sequence[str]) -> dict[str, int]:
    leads = dict.fromkeys(members, 0)
    if name in USUAL:
        at = USUAL.index(name)
        for member in members:
            if member in USUAL:
                leads[member] = 1 if USUAL.index(member) > at else -1
    return leads


def _is_sorted(members: Sequence[str]) -> bool:
    own = [m for m in members if not m.startswith("x-")]
    return len(own) >= LEAST_SORTED and own == sorted(own)


def _sorted_in(name: str, members: Sequence[str]) -> int:
    return sum(member < name for member in members)


def _least_wrong(members: Sequence[str], leads: Mapping[str, int]) -> int:
    """The place on whose wrong side the fewest members stand; of equal ones the last."""
    # Before all members: wrong for each that elsewhere stands before the new one.
    wrong = sum(max(-leads[m], 0) for m in members)
    best, place = wrong, 0
    for number, member in enumerate(members, 1):
        wrong += leads[member]
        if wrong <= best:
            best, place = wrong, number
    return place
