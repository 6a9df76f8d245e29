"""Workflow records: how to call one operation successfully."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from checker.domain.location import Location
from checker.domain.operation import FieldKey, OperationId
from checker.domain.schema import MISSING, Schema

LOCATION = "$response.header.Location"
"""In place of a JSONPath: the last segment of the address that the answer's Location names."""
REQUESTED = "$request.path."
"""In place of a JSONPath, with a path parameter's name behind it: its value as it was sent."""


def is_expression(path: str) -> bool:
    """Whether an extract isn't a JSONPath into the answer's body."""
    return path == LOCATION or path.startswith(REQUESTED)


@dataclass(frozen=True, slots=True)
class WaitFor:
    """Wait until the listener has received an event. `event` matches any string value in it.

    `timeout_s` in seconds.
    """

    event: str
    timeout_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Until:
    """Repeat the step until the value at JSONPath `path` equals `equals` (times in seconds)."""

    path: str
    equals: Any
    timeout_s: float = 10.0
    every_s: float = 0.2


@dataclass(frozen=True, slots=True)
class Varied:
    """A literal value of a step that has to change, and how; `shaped` keeps its shape."""

    key: FieldKey
    schema: Schema | None = None
    shaped: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One request of a record; strings may hold `{{variable}}` templates anywhere."""

    id: str
    method: str
    path: str
    description: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    body: Any = MISSING
    headers: Mapping[str, Any] = field(default_factory=dict)
    cookies: Mapping[str, Any] = field(default_factory=dict)
    token: str | None = None
    """Token type; None takes the record's, then the run's first."""
    anonymous: bool = False
    extract: Mapping[str, str] = field(default_factory=dict)
    expect_status: tuple[int, ...] = ()
    on_fail: str = "abort"
    skip_reason: str = ""
    sleep_ms: int = 0
    settle_ms: int = 0
    """What the server takes until what the step made can be read: no condition of an operation."""
    use_fallback: bool = False
    content_type: str | None = None
    form_fields: Mapping[str, Any] = field(default_factory=dict)
    file_fields: Mapping[str, Any] = field(default_factory=dict)
    wait_for: WaitFor | None = None
    until: Until | None = None
    location: Location = Location("")
    operation: OperationId | None = None
    """The documented operation the step calls, where known."""
    vary: tuple[Varied, ...] = ()
    """Literal values that each use of the step changes."""


@dataclass(frozen=True, slots=True)
class UidResolution:
    """Where an identifier comes from, as a record's table and JSON say."""

    field: str
    source_endpoint: str
    resolved_value: str = ""
    used_fallback: bool = False
    fallback_endpoint: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """A parsed workflow record. `sections` keeps every body section as it was written."""

    file: str
    endpoint: OperationId | None
    front_matter: Mapping[str, Any] = field(default_factory=dict)
    prerequisites: tuple[Step, ...] = ()
    test_steps: tuple[Step, ...] = ()
    """Usually one; where several, the one that calls `endpoint` is the test request."""
    verified_request: Mapping[str, Any] | None = None
    uid_resolutions: tuple[UidResolution, ...] = ()
    parameters: tuple[Mapping[str, str], ...] = ()
    """Rows of `## Request Body` / `## Parameters Reference`, header → cell."""
    token_table: tuple[Mapping[str, str], ...] = ()
    fix_suggestions: tuple[Mapping[str, str], ...] = ()
    sections: tuple[tuple[str, str], ...] = ()
    """(heading line, text below it) in order; the text before the first heading has ""."""

    @property
    def tokens(self) -> tuple[str, ...]:
        value = self.front_matter.get("tokens") or ()
        return (value,) if isinstance(value, str) else tuple(str(v) for v in value)

    @property
    def use_fallback(self) -> bool:
        return bool(self.front_matter.get("useFallbackApi"))

    @property
    def status(self) -> str:
        return str(self.front_matter.get("status") or "")
