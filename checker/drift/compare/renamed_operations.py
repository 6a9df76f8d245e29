"""Operations that a legacy and a current document have under different paths."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from checker.domain.operation import Operation
from checker.domain.portal import Portal
from checker.drift.compare.paths import normalise, route, versionless

Move = tuple[Operation, Operation]


def renamed(portal: Portal) -> tuple[Move, ...]:
    """Legacy operations paired with the current one that must be meant: no document of the
    other side has their path, and the operation id or the path below the base path is the same,
    unambiguously. Another version of a path is another operation.
    """
    current = list(portal.operations(legacy=False))
    legacy = list(portal.operations(legacy=True))
    new_routes = {route(o.id) for o in current}
    old_routes = {route(o.id) for o in legacy}
    gone = [o for o in legacy if route(o.id) not in new_routes]
    come = [o for o in current if route(o.id) not in old_routes]
    found: list[Move] = []
    matched: set[int] = set()
    for shape in (_by_operation_id, _by_template):
        sources, targets = _index(gone, shape, matched), _index(come, shape, matched)
        for key, olds in sources.items():
            news = targets.get(key, [])
            if len(olds) == 1 == len(news) and not _other_version(olds[0], news[0]):
                matched |= {id(olds[0]), id(news[0])}
                found.append((olds[0], news[0]))
    return tuple(found)


def _index(
    operations: list[Operation], shape: Any, matched: set[int]
) -> dict[Any, list[Operation]]:
    index: dict[Any, list[Operation]] = defaultdict(list)
    for operation in operations:
        key = shape(operation) if id(operation) not in matched else None
        if key is not None:
            index[key].append(operation)
    return index


def _by_operation_id(operation: Operation) -> Any:
    name = operation.operation_id
    return (operation.id.method, operation.document.domain, name) if name else None


def _by_template(operation: Operation) -> Any:
    path = normalise(operation.path_template)
    return (operation.id.method, operation.document.domain, path) if len(path) > 1 else None


def _other_version(old: Operation, new: Operation) -> bool:
    return versionless(old.id.path) == versionless(new.id.path)
