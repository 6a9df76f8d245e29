"""A base URL that already ends with the documents' base path. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlsplit

from checker.domain.operation import Operation
from checker.settings import Target


def without_base_path(target: Target, operations: Iterable[Operation]) -> Target:
    """The target, its URLs without the base path where that would stand in each request twice.

    The documents' base path is appended to the base URL, so `http://host/api/v1` beside
    `basePath: /api/v1` would mean `/api/v1/api/v1`. It is taken for what was meant only where
    every operation has that base path.
    """
    bases = {o.document.base_path.rstrip("/") for o in operations}
    if len(bases) != 1 or bases == {""}:
        return target
    (base,) = bases
    return replace(
        target,
        base_url=_shortened(target.base_url, base),
        fallback_url=_shortened(target.fallback_url, base),
    )


def _shortened(url: str | None, base: str) -> str | None:
    if url is None or not urlsplit(url).path.rstrip("/").endswith(base):
        return url
    return url.rstrip("/").removesuffix(base)
