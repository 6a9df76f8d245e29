"""A base URL that repeats the documents' base path."""

from __future__ import annotations

import pytest

from checker.domain.location import Location
from checker.domain.operation import DocumentInfo, Operation, OperationId
from checker.pipeline.doubts.base_path import without_base_path
from checker.settings import Target


def operations(*bases: str) -> list[Operation]:
    return [
        Operation(
            OperationId("GET", f"{base}/things"),
            DocumentInfo(f"{number}.json", "2.0", base_path=base),
            Location(f"{number}.json"),
            "/things",
        )
        for number, base in enumerate(bases)
    ]


@pytest.mark.parametrize(
    ("url", "bases", "meant"),
    [
        ("http://host/api/v1", ["/api/v1", "/api/v1"], "http://host"),
        ("http://host/gateway/api/v1/", ["/api/v1"], "http://host/gateway"),
        ("http://host/gateway", ["/api/v1"], "http://host/gateway"),
        ("http://host/xapi/v1", ["/api/v1"], "http://host/xapi/v1"),
        ("http://host/api/v1", ["/api/v1", ""], "http://host/api/v1"),
        ("http://host/api/v1", ["/api/v1", "/api/v2"], "http://host/api/v1"),
        ("http://host", [""], "http://host"),
        ("http://host/v1", [], "http://host/v1"),
    ],
)
def test_the_base_path_stands_once(url: str, bases: list[str], meant: str) -> None:
    target = without_base_path(Target(base_url=url, fallback_url=url), operations(*bases))
    assert target.base_url == meant
    assert target.fallback_url == meant
