"""Which legacy documents describe an API that the current ones describe, too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from checker.domain.operation import Operation
from checker.domain.portal import Document, Portal
from checker.drift.compare.paths import route, versionless
from checker.drift.compare.renamed_operations import renamed


class Families:
    """The legacy documents of a portal, by whether a current document took their place.

    Legacy documents of one folder with one base path are one family: together they described one
    API, which has a successor as soon as one of them has.
    """

    def __init__(self, portal: Portal) -> None:
        self._current = list(portal.operations(legacy=False))
        self._have = {route(operation.id) for operation in self._current}
        self._moved = {old.location for old, _ in renamed(portal)}
        self._versions: dict[tuple[str, str], list[Operation]] = defaultdict(list)
        for operation in self._current:
            self._versions[operation.id.method, versionless(operation.id.path)].append(operation)
        self._paths = {path for _, path in self._versions} - {"/"}
        self._legacy = [d for d in portal.documents if d.info.legacy and d.operations]
        self._superseded = {_family(d) for d in self._legacy if self._shares(d)}

    def superseded(self) -> Iterator[Document]:
        """Legacy documents whose family shares an operation with the current ones, as it is,
        moved, or in another version, or has one below a path of theirs."""
        return (d for d in self._legacy if _family(d) in self._superseded)

    def alive(self) -> Iterator[Document]:
        """Legacy documents of another API; none where there is no current document at all."""
        return (d for d in self._legacy if self._current and _family(d) not in self._superseded)

    def kept(self, operation: Operation) -> bool:
        """Whether a current document has a legacy operation, perhaps under another path."""
        return route(operation.id) in self._have or operation.location in self._moved

    def other_versions(self, operation: Operation) -> list[Operation]:
        """Current operations of the same path but for its version."""
        return self._versions.get((operation.id.method, versionless(operation.id.path)), [])

    def _shares(self, document: Document) -> bool:
        return any(
            self.kept(o) or self.other_versions(o) or self._extends(o) for o in document.operations
        )

    def _extends(self, operation: Operation) -> bool:
        """Whether an operation is about what a current path leads to: the path itself, or one
        below it."""
        parts = versionless(operation.id.path).split("/")
        return any("/".join(parts[:n]) in self._paths for n in range(2, len(parts) + 1))


def _family(document: Document) -> tuple[str, str]:
    """A folder and a base path; a document without a base path is a family of its own."""
    info = document.info
    return (info.domain, info.base_path) if info.base_path.strip("/") else (info.file, "")
