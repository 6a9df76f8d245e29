"""What a comparison of two documented contracts brings: changes, one per fact."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from checker.domain.location import Location
from checker.domain.operation import OperationId

Direction = Literal["request", "response", ""]

REQUEST: Direction = "request"
RESPONSE: Direction = "response"


@dataclass(frozen=True, slots=True)
class Change:
    """One fact that two documents tell differently.

    `breaking` is meant for clients written against the old document. `place` is one of the
    report's `in` values (body, query, path, header, cookie, response, token, operation,
    document), `name` the dotted field name (`[]` for array items), the media type or the token.
    `status` is the documented response status ("200", "4XX", "default"). A fact that stands in
    one place and serves several operations is one change: `operation` is the first of
    `operations`.
    """

    kind: str
    direction: Direction
    breaking: bool
    operation: OperationId
    place: str
    name: str = ""
    old: Any = None
    new: Any = None
    old_location: Location | None = None
    new_location: Location | None = None
    status: str = ""
    media_type: str = ""
    text: str = ""
    operations: tuple[OperationId, ...] = ()
    hidden: bool = False
    """Of no effect where it stands (`readOnly` in a request)."""
    whole: tuple[Any, Any] | None = None
    """For a part of a list (enum values added or removed): the whole old and new list."""

    def with_(self, **changes: Any) -> Change:
        """A copy with some attributes replaced."""
        return replace(self, **changes)
