"""Which operations may be sent at all."""

from __future__ import annotations

import fnmatch

from checker.domain.operation import OperationId
from checker.settings import Settings, Target


def allowed(settings: Settings, target: Target, operation: OperationId) -> bool:
    """Whether options and configuration let an operation be sent."""
    if settings.read_only and not operation.safe:
        return False
    marked = operation.method == "DELETE" or any(
        fnmatch.fnmatchcase(str(operation), g) for g in target.destructive
    )
    return settings.allow_destructive or not marked
