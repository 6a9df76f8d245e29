"""Which document, and which operation, of one side is which of the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePath
from typing import Any

from checker.domain.operation import Operation
from checker.domain.portal import Document
from checker.drift.compare.paths import Route, route

Entry = tuple[Operation, Document]


def paired_documents(
    old: Iterable[Document], new: Iterable[Document]
) -> list[tuple[Document, Document]]:
    """Documents by domain and file name, then by title, then the only ones left."""
    before, after = list(old), list(new)
    found: list[tuple[Document, Document]] = []
    for shape in (_by_file, _by_name, _by_title, lambda d: d.info.legacy, lambda _: True):
        left = _grouped(before, shape)
        right = _grouped(after, shape)
        for key, documents in left.items():
            others = right.get(key, [])
            if key is not None and len(documents) == 1 == len(others):
                found.append((documents[0], others[0]))
                before.remove(documents[0])
                after.remove(others[0])
    return found


def _grouped(documents: Iterable[Document], shape: Any) -> dict[Any, list[Document]]:
    groups: dict[Any, list[Document]] = defaultdict(list)
    for document in documents:
        groups[shape(document)].append(document)
    return groups


def _by_file(document: Document) -> Any:
    return PurePath(document.info.file).parts[-2:], document.info.legacy


def _by_name(document: Document) -> Any:
    return PurePath(document.info.file).name, document.info.domain, document.info.legacy


def _by_title(document: Document) -> Any:
    return (document.info.title, document.info.legacy) if document.info.title else None


def by_route(entries: Iterable[Entry]) -> dict[Route, list[Entry]]:
    """The operations of each route; where current documents have it, legacy ones don't count."""
    found: dict[Route, list[Entry]] = defaultdict(list)
    for entry in entries:
        found[route(entry[0].id)].append(entry)
    for key, several in found.items():
        current = [entry for entry in several if not entry[0].document.legacy]
        found[key] = current or several[:1]
    return dict(found)


def couples(
    old: list[Entry], new: list[Entry], partner: Mapping[int, Document]
) -> Iterator[tuple[Entry, Entry]]:
    """Operations of one route: within a pair of documents first, the rest with what there is.

    One that another file has now, or has too, is no other operation for it.
    """
    rest, left = list(old), list(new)
    for test in (_same_path(partner), _same_document(partner), _alike):
        for one in list(rest):
            match = next((two for two in left if test(one, two)), None)
            if match is not None:
                rest.remove(one)
                left.remove(match)
                yield one, match
    yield from zip(rest, left, strict=False)
    yield from ((one, new[0]) for one in rest[len(left) :])
    yield from ((old[0], two) for two in left[len(rest) :])


def _same_document(partner: Mapping[int, Document]) -> Any:
    return lambda one, two: partner.get(id(one[1])) is two[1]


def _same_path(partner: Mapping[int, Document]) -> Any:
    return lambda one, two: one[0].id == two[0].id and partner.get(id(one[1])) is two[1]


def _alike(one: Entry, two: Entry) -> bool:
    return one[0].id == two[0].id
