"""Paths without what doesn't matter: parameter names, doubled slashes, a trailing slash."""

from __future__ import annotations

import re

from checker.domain.operation import OperationId

_PARAMETER = re.compile(r"\{[^{}]*\}")
_VERSION = re.compile(r"^v\d+(?:[._]\d+)*(?:(?:alpha|beta)\d*)?$", re.IGNORECASE)

Route = tuple[str, str]
"""Method and normalised path."""


def normalise(path: str) -> str:
    """`/a//{id}/` → `/a/{}`."""
    parts = [part for part in path.split("/") if part]
    return "/" + _PARAMETER.sub("{}", "/".join(parts))


def nameless(path: str) -> str:
    """The path as it is, but for the names of its parameters."""
    return _PARAMETER.sub("{}", path) or "/"


def route(operation: OperationId) -> Route:
    """What two documents' operations are matched by."""
    return operation.method.upper(), normalise(operation.path)


def versionless(path: str) -> str:
    """The normalised path without its version segments: `/v2/a/{}` → `/a/{}`."""
    parts = normalise(path).split("/")
    return "/".join(part for part in parts if not _VERSION.match(part)) or "/"


def version_of(path: str) -> str:
    """The version segments of a path joined by `/`; empty where it has none."""
    return "/".join(part for part in path.split("/") if _VERSION.match(part))


def parameter_names(path: str) -> tuple[str, ...]:
    """The names of a template's parameters, in order."""
    return tuple(text[1:-1] for text in _PARAMETER.findall(path))
