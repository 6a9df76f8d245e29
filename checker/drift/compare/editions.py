"""Current documents that describe one address for different callers: editions of an API.

A provider may publish a document for each country or plan at one base URL. They share many
operations and each has some of its own; what they tell differently is meant so. A document that
has all operations of another one is no edition: one of the two is a copy.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from checker.domain.nodes import list_of
from checker.domain.portal import Document, Portal
from checker.drift.compare.paths import Route, route

MIN_SHARED = 5
OWN_SHARE = 0.2
"""Of the operations of each edition, so many at least that the other one lacks."""
_Address = tuple[str, frozenset[str], str]


class Editions:
    """The current documents of a portal that are editions of one API."""

    def __init__(self, portal: Portal) -> None:
        groups: dict[_Address, list[Document]] = defaultdict(list)
        for document in portal.documents:
            if not document.info.legacy and document.operations:
                groups[address(document)].append(document)
        self._groups = [docs for docs in groups.values() if _has_editions(docs)]
        self._group = {id(d): number for number, docs in enumerate(self._groups) for d in docs}

    def __iter__(self) -> Iterator[Sequence[Document]]:
        """The editions of each API that has some."""
        return iter(self._groups)

    def are(self, one: Document, two: Document) -> bool:
        """Whether two documents are editions of one API."""
        groups = [self._group.get(id(side)) for side in (one, two)]
        return groups[0] is not None and groups[0] == groups[1] and _differ(one, two)


def address(document: Document) -> _Address:
    """Where a document's operations are: its part of the portal, its hosts, its base path."""
    return document.info.domain, frozenset(hosts(document)), document.info.base_path


def hosts(document: Document) -> set[str]:
    """The hosts or server URLs that a document names."""
    host, servers = document.raw.get("host"), document.raw.get("servers")
    listed = list_of(servers)
    urls = {str(s.get("url")).rstrip("/") for s in listed if isinstance(s, Mapping)}
    return {str(host)} if host else {u for u in urls if "//" in u}


def _has_editions(documents: Sequence[Document]) -> bool:
    if len(documents) < 2:
        return False
    routes = {id(d): {route(o.id) for o in d.operations} for d in documents}
    return any(
        _differ(one, two) and _overlap(routes[id(one)], routes[id(two)])
        for one, two in combinations(documents, 2)
    )


def _differ(one: Document, two: Document) -> bool:
    return one.info.title != two.info.title


def _overlap(one: set[Route], two: set[Route]) -> bool:
    """Whether two sets share much, and neither nearly has all of the other."""
    shared = len(one & two)
    return shared >= MIN_SHARED and all(
        len(side) - shared >= OWN_SHARE * len(side) for side in (one, two)
    )
