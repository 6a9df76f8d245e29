"""Rooms and bookings on aiohttp: HTTP 200 for everything, `{"ok": false}` inside a failure.

The error code is one of a few words and names no field.
"""

from __future__ import annotations

import sys
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from aiohttp import web
from listening import announce, bind, parser
from strict import check, known, parse

TOKENS = {"Bearer admin-7d1": "admin", "Bearer reader-5c2": "reader"}
ROOM = {
    "t": "object",
    "required": ["name", "kind", "seats"],
    "props": {
        "name": {"t": "string", "min": 1, "max": 40},
        "kind": {"t": "string", "enum": ["meeting", "phone", "lounge"]},
        "seats": {"t": "integer", "min": 1, "max": 50},
        "tags": {"t": "array", "max": 5, "items": {"t": "string", "min": 1, "max": 20}},
    },
}
BOOKING = {
    "t": "object",
    "required": ["room_id", "date", "slot"],
    "props": {
        "room_id": {"t": "string"},
        "date": {"t": "string", "date": True},
        "slot": {"t": "string", "enum": ["morning", "afternoon", "evening"]},
        "guests": {"t": "integer", "min": 1, "max": 20},
        "phone": {"t": "string", "min": 6, "max": 15, "pattern": r"^[0-9]+\Z"},
    },
}
CONFIRM = {"t": "object", "required": ["booking_id"], "props": {"booking_id": {"t": "string"}}}
INVOICE = {
    "t": "object",
    "required": ["booking_id", "amount"],
    "props": {
        "booking_id": {"t": "string"},
        "amount": {"t": "integer", "min": 1, "max": 10000},
    },
}

Store = dict[str, dict[str, Any]]
rooms: Store = {}
bookings: Store = {}
routes = web.RouteTableDef()


class Refused(Exception):
    """A failure: the error code."""


def fresh() -> str:
    return str(uuid.uuid4())


def allow(request: web.Request, *types: str) -> None:
    """The token first, whatever else is wrong with the request."""
    held = TOKENS.get(request.headers.get("Authorization", ""))
    if held is None:
        raise Refused("not_authed")
    if held not in types:
        raise Refused("not_allowed")


async def body(request: web.Request, spec: dict[str, Any]) -> dict[str, Any]:
    content = await request.read()
    if request.content_type != "application/json":
        raise Refused("invalid_arguments")
    try:
        value = parse(content)
    except ValueError as error:
        raise Refused("invalid_arguments") from error
    if check(value, spec):
        raise Refused("invalid_arguments")
    return known(value, spec)


def item(value: dict[str, Any]) -> web.Response:
    return web.json_response({"ok": True, "data": {"item": value}})


def find(store: Store, key: str) -> dict[str, Any]:
    if key not in store:
        raise Refused("not_found")
    return store[key]


@routes.post("/api/rooms.create")
async def create_room(request: web.Request) -> web.Response:
    allow(request, "admin")
    value = await body(request, ROOM)
    if any(room["name"] == value["name"] for room in rooms.values()):
        raise Refused("already_exists")
    made = {"id": fresh(), "tags": [], **value}
    rooms[made["id"]] = made
    return item(made)


@routes.get("/api/rooms.list")
async def list_rooms(request: web.Request) -> web.Response:
    allow(request, "admin", "reader")
    limit = request.query.get("limit", "20")
    if not limit.isascii() or not limit.isdigit() or len(limit) > 2 or not 1 <= int(limit) <= 50:
        raise Refused("invalid_arguments")
    newest = list(rooms.values())[::-1]
    shown = {"items": newest[: int(limit)], "total": len(rooms)}
    return web.json_response({"ok": True, "data": shown})


@routes.get("/api/rooms.info")
async def room_info(request: web.Request) -> web.Response:
    allow(request, "admin", "reader")
    if "room_id" not in request.query:
        raise Refused("invalid_arguments")
    return item({**find(rooms, request.query["room_id"]), "note": None})


@routes.post("/api/bookings.create")
async def create_booking(request: web.Request) -> web.Response:
    allow(request, "admin", "reader")
    value = await body(request, BOOKING)
    if value["room_id"] not in rooms:
        raise Refused("invalid_arguments")
    key = [value["room_id"], value["date"], value["slot"]]
    if any([other["room_id"], other["date"], other["slot"]] == key for other in bookings.values()):
        raise Refused("already_exists")
    made = {"id": fresh(), "guests": 1, **value, "state": "draft"}
    bookings[made["id"]] = made
    return item(made)


@routes.get("/api/bookings.info")
async def booking_info(request: web.Request) -> web.Response:
    allow(request, "admin", "reader")
    if "booking_id" not in request.query:
        raise Refused("invalid_arguments")
    return item(find(bookings, request.query["booking_id"]))


@routes.post("/api/bookings.confirm")
async def confirm(request: web.Request) -> web.Response:
    allow(request, "admin", "reader")
    booking = find(bookings, (await body(request, CONFIRM))["booking_id"])
    if booking["state"] != "draft":
        raise Refused("invalid_state")
    booking["state"] = "confirmed"
    return item(booking)


@routes.post("/api/bookings.invoice")
async def invoice(request: web.Request) -> web.Response:
    allow(request, "admin", "reader")
    value = await body(request, INVOICE)
    if find(bookings, value["booking_id"])["state"] != "confirmed":
        raise Refused("invalid_state")
    return item({"id": fresh(), **value})


@web.middleware
async def failures(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refused as error:
        return web.json_response({"ok": False, "error": str(error)})
    except web.HTTPException:
        return web.json_response({"ok": False, "error": "unknown_method"})


def main() -> None:
    sock = bind(parser(__doc__ or "").parse_args().port)
    app = web.Application(middlewares=[failures], client_max_size=64 * 2**20)
    app.add_routes(routes)
    web.run_app(app, sock=sock, print=lambda *_: announce(sock), access_log=None)


if __name__ == "__main__":
    main()
