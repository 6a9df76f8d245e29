"""Which documented operation a request is, and which one reads a path. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from checker.domain.exchange import Request
from checker.domain.operation import Operation, OperationId
from checker.planning.recipe import find_operation, match_path
from checker.safety.effects import Assessor, Effect
from checker.safety.siblings import alike


@dataclass(frozen=True, slots=True)
class Routes:
    """The operations of the documents and records, by concrete paths."""

    operations: Mapping[OperationId, Operation]
    assessor: Assessor

    def operation(self, request: Request) -> Operation | None:
        """The operation that a request is; None for one that nobody has documented."""
        known = self.operations.get(request.operation) if request.operation is not None else None
        if known is not None and match_path(known.id.path, request.url_path) is not None:
            return known
        found = find_operation(request.method, request.url_path, self.operations)
        return self.operations[found] if found is not None else None

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
        for other in alike(path, "POST", self.operations):
            if find_operation("GET", other, self.operations) is None:
                yield other

    def readable(self, path: str) -> bool:
        """Whether something at a concrete path can be read by itself, without any other effect."""
        found = self._reader(path) if path else None
        return found is not None and found.path.rstrip("/").endswith("}")

    def _reader(self, path: str) -> OperationId | None:
        """The operation that reads at a concrete path, and does no more than that."""
        found = find_operation("GET", path, self.operations)
        if found is None or self.assessor.assess(self.operations[found]).effect is not Effect.READS:
            return None
        return found
