"""Ten drifts that public issue trackers are full of, on one small API (Starlette).

Every refusal is `{"error": "invalid request"}`. `/__requests` tells how many requests came in;
it belongs to the measurement, not to the API.
"""

from __future__ import annotations

import json
import sys
import uuid
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import uvicorn
from listening import announce, bind, parser
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from strict import check, known, parse

TOKENS = {"Bearer admin-4e0": "admin", "Bearer reader-8b6": "reader"}
TEXT = {"t": "string", "min": 1, "max": 60}


def thing(required: list[str], **props: Any) -> dict[str, Any]:
    return {"t": "object", "required": required, "props": props}


CONTACT = thing(["name", "region"], name=TEXT, region={"t": "string", "enum": ["north", "south"]})
TICKET = thing(["subject"], subject=TEXT, body={"t": "string", "max": 200})
ORDER = thing(
    ["item", "speed"],
    item=TEXT,
    speed={"t": "string", "enum": ["slow", "fast", "express"]},
)
VOUCHER = thing(["label", "kind"], label=TEXT, kind={"t": "string", "enum": ["fixed", "share"]})
MAILING = thing(
    ["title", "recipients"],
    title=TEXT,
    recipients={"t": "array", "min": 1, "max": 10, "items": TEXT},
)
PRODUCT = thing(["title"], title=TEXT, sku={"t": "string", "pattern": r"^[A-Z]{2}-[0-9]{4}\Z"})
CHANNEL = thing(["title"], title=TEXT)
MESSAGE = thing(["text"], text=TEXT)

Value = dict[str, Any]
stores: dict[str, dict[str, Value]] = {}
requests = {"count": 0}


def answer(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value), status, media_type="application/json")


def allow(request: Request, *types: str) -> None:
    held = TOKENS.get(request.headers.get("authorization", ""))
    if held is None:
        raise HTTPException(401)
    if held not in types:
        raise HTTPException(403)


async def body(request: Request, spec: Value) -> Value:
    content = await request.body()
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if content and media_type != "application/json":
        raise HTTPException(415)
    try:
        value = parse(content)
    except ValueError as error:
        raise HTTPException(400) from error
    if check(value, spec):
        raise HTTPException(400)
    return known(value, spec)


def store(name: str) -> dict[str, Value]:
    return stores.setdefault(name, {})


def creator(name: str, spec: Value, **fixed: Any) -> list[Route]:
    """POST to the collection (admin), GET of one item (admin and reader)."""

    async def create(request: Request) -> Response:
        allow(request, "admin")
        made = {"id": str(uuid.uuid4()), **await body(request, spec), **fixed}
        store(name)[made["id"]] = made
        return answer(made, 201)

    async def show(request: Request) -> Response:
        allow(request, "admin", "reader")
        return answer(find(name, request))

    return [
        Route(f"/{name}", create, methods=["POST"]),
        Route(f"/{name}/{{id}}", show, methods=["GET"]),
    ]


def find(name: str, request: Request) -> Value:
    if (key := request.path_params["id"]) not in store(name):
        raise HTTPException(404)
    return store(name)[key]


async def activate(request: Request) -> Response:
    allow(request, "admin")
    channel = find("channels", request)
    channel["status"] = "active"
    return answer(channel)


async def send(request: Request) -> Response:
    allow(request, "admin")
    channel = find("channels", request)
    value = await body(request, MESSAGE)
    if channel["status"] != "active":
        raise HTTPException(400)
    return answer({"id": str(uuid.uuid4()), "channel_id": channel["id"], **value}, 201)


async def audit(request: Request) -> Response:
    allow(request, "admin")
    return answer({"entries": 0})


async def counted(request: Request) -> Response:
    return answer({"requests": requests["count"]})


async def refuse(request: Request, error: Exception) -> Response:
    response = answer({"error": "invalid request"}, getattr(error, "status_code", 500))
    response.headers.update(getattr(error, "headers", None) or {})
    return response


ROUTES = [
    *creator("contacts", CONTACT),
    *creator("tickets", TICKET),
    *creator("orders", ORDER),
    *creator("vouchers", VOUCHER),
    *creator("mailings", MAILING),
    *creator(
        "parcels", thing(["weight"], weight={"t": "integer", "min": 1, "max": 30}), state="held"
    ),
    *creator("rounds", thing(["title"], title=TEXT)),
    *creator("products", PRODUCT),
    *creator("channels", CHANNEL, status="pending"),
    Route("/channels/{id}/activate", activate, methods=["POST"]),
    Route("/channels/{id}/messages", send, methods=["POST"]),
    Route("/audit", audit, methods=["GET"]),
    Route("/__requests", counted, methods=["GET"]),
]
INNER = Starlette(routes=ROUTES, exception_handlers={HTTPException: refuse})


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Counts what comes in, whatever becomes of it."""
    if scope["type"] == "http" and scope["path"] != "/__requests":
        requests["count"] += 1
    await INNER(scope, receive, send)


def main() -> None:
    sock = bind(parser(__doc__ or "").parse_args().port)
    announce(sock)
    config = uvicorn.Config(app, log_level="error", access_log=False, lifespan="off")
    uvicorn.Server(config).run(sockets=[sock])


if __name__ == "__main__":
    main()
