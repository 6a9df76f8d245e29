"""Which documented operation a request is, and which one reads a path. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from checker.domain.exchange import Request
from checker.domain.operation import Operation, OperationId
from checker.domain.templates import calls
from checker.planning.recipe import find_operation
from checker.safety.assessor import Assessor
from checker.safety.effects import Effect
from checker.safety.siblings import alike

MOST_FOUND = 16_384


@dataclass(frozen=True, slots=True)
class Routes:
    """The operations of the documents and records, by concrete paths."""

    operations: Mapping[OperationId, Operation]
    assessor: Assessor
    _found: dict[tuple[str, str], OperationId | None] = field(default_factory=dict)
    """What was found at the concrete paths that were asked about: the same ones again and again."""
    _beside: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The paths at which things are made that are called as those at a concrete path."""

    def operation(self, request: Request) -> Operation | None:
        """The operation that a request is; None for one that nobody has documented."""
        known = self.operations.get(request.operation) if request.operation is not None else None
        if known is not None and calls(known.id.path, request.url_path):
            return known
        found = self.find(request.method, request.url_path)
        return self.operations[found] if found is not None else None

    def find(self, method: str, path: str) -> OperationId | None:
        """The operation that a concrete path calls; see `find_operation`."""
        asked = (method, path)
        if asked not in self._found:
            if len(self._found) >= MOST_FOUND:
                self._found.clear()
            self._found[asked] = find_operation(method, path, self.operations)
        return self._found[asked]

    def listing(self, path: str) -> str:
        """The concrete path at which a documented operation reads the collection that things are
        made in at a concrete path: mostly the same, `/v1/tags` for `/v1/tag`; empty without one.
        """
        if self._reader(path) is not None:
            return path
        others = alike(path, "GET", self.operations)
        return next((p for p in others if not self.readable(p)), "")

    def made_in(self, path: str) -> Iterator[str]:
        """The paths at which things are made in the collection that is read at a concrete path."""
        yield path
        if path not in self._beside:
            if len(self._beside) >= MOST_FOUND:
                self._beside.clear()
            self._beside[path] = tuple(alike(path, "POST", self.operations))
        yield from (other for other in self._beside[path] if self.find("GET", other) is None)

    def readable(self, path: str) -> bool:
        """Whether something at a concrete path can be read by itself, without any other effect."""
        found = self._reader(path) if path else None
        return found is not None and found.path.rstrip("/").endswith("}")

    def _reader(self, path: str) -> OperationId | None:
        """The operation that reads at a concrete path, and does no more than that."""
        found = self.find("GET", path)
        if found is None or self.assessor.assess(self.operations[found]).effect is not Effect.READS:
            return None
        return found
