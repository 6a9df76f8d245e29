"""Applications are served in process, whichever protocol they speak, and checked there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from checker.errors import TargetError, UsageError
from checker.testing import DriftFound, check_application, serving
from checker.testing.applications import is_wsgi

ITEMS = [{"id": 1}]


async def items(_: Request) -> JSONResponse:
    return JSONResponse(ITEMS)


asgi = Starlette(routes=[Route("/items", items)])


def wsgi(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    found = environ["PATH_INFO"] == "/items"
    start_response("200 OK" if found else "404 No", [("Content-Type", "application/json")])
    return [json.dumps(ITEMS if found else {}).encode()]


class Callables:
    def __call__(self, environ: Any, start_response: Any) -> Any: ...
    async def asgi(self, scope: Any, receive: Any, send: Any) -> None: ...
    def both(self, scope: Any) -> Any: ...


def document(folder: Path, kind: str = "integer") -> Path:
    item = {"type": "object", "properties": {"id": {"type": kind}}}
    content = {"application/json": {"schema": {"type": "array", "items": item}}}
    path = folder / "api.json"
    path.write_text(
        json.dumps(
            {
                "openapi": "3.0.3",
                "info": {"title": "Items", "version": "1"},
                "paths": {
                    "/items": {
                        "get": {
                            "summary": "Lists the items",
                            "responses": {"200": {"description": "all", "content": content}},
                        }
                    }
                },
            }
        )
    )
    return path


def test_the_protocol_is_told_from_the_call() -> None:
    assert is_wsgi(wsgi) and is_wsgi(Callables())
    assert not (is_wsgi(asgi) or is_wsgi(Callables().asgi) or is_wsgi(Callables().both))


@pytest.mark.parametrize("application", [asgi, wsgi])
def test_an_application_answers_while_it_is_served_and_not_after(application: Any) -> None:
    with serving(application) as address, urlopen(f"{address}/items") as answer:
        assert json.load(answer) == ITEMS
    with pytest.raises(OSError):
        urlopen(f"{address}/items")


def test_an_application_that_does_not_start_is_told() -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    with pytest.raises(TargetError, match="doesn't start"), serving(broken):
        pass


def test_an_application_is_checked_in_process(tmp_path: Path) -> None:
    run = check_application(wsgi, [document(tmp_path, "string")], ["--no-fuzz"], tmp_path / "out")
    assert run.status == 1 and run.result.requests_sent
    with pytest.raises(DriftFound, match="documented as string"):
        run.raise_for_drift()
    assert "major" in run.said and {f.operation for f in run.failing} == {"GET /items"}


def test_the_truth_passes(tmp_path: Path) -> None:
    run = check_application(asgi, [document(tmp_path)], ["--no-fuzz"], tmp_path / "out")
    run.raise_for_drift()
    assert run.status == 0 and not run.findings


@pytest.mark.parametrize("wrong", ["--no-such-option", "--seed=x", "--rule=nonsense"])
def test_wrong_options_are_told(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(UsageError):
        check_application(wsgi, [document(tmp_path)], [wrong], tmp_path / "out")
