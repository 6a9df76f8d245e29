"""What a request was found with is gone by the time that it is examined."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from document_samples import openapi, write
from test_failing_targets import JSON, Answer, serving

from checker.pipeline import run
from checker.pipeline.operation_run import Examiner
from checker.settings import Settings, Target


def answer(handler: BaseHTTPRequestHandler, _: int) -> Answer:
    return (200 if handler.path == "/offers" else 404), JSON, b"[]"


@pytest.mark.parametrize(("stale", "status"), [(0, "probed"), (1, "probed"), (9, "inconclusive")])
def test_another_request_is_searched_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stale: int, status: str
) -> None:
    """The first `stale` requests turn out to be of no use when something is to be asked."""
    tried: list[Any] = []
    examined = Examiner._experiments

    async def experiments(self: Examiner, operation: Any, found: Any, share: Any) -> None:
        tried.append(found)
        if len(tried) > stale:
            await examined(self, operation, found, share)
        else:
            self.book.outcome(operation, "inconclusive", "prerequisite failed: it is gone")

    monkeypatch.setattr(Examiner, "_experiments", experiments)
    paths = {"/offers": {"get": {"responses": {"200": {"description": "ok"}}}}}
    write(tmp_path, openapi(paths=paths))
    with serving(answer) as server:
        target = Target(base_url=server.url)
        result = run(Settings(paths=(tmp_path,), targets=(target,), fuzz=False))
    assert [o.status for o in result.operations] == [status]
    assert len(tried) == min(stale, 1) + 1
    assert len({id(found) for found in tried}) == len(tried)
