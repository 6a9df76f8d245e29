"""Platform v1: services, appointments, time off, tags, reports."""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

from checker.sandbox.checks import EMAIL, Checker, seconds_of
from checker.sandbox.platform_v1 import BASE, STAFF, STAFF_AND_APP, ok, own_business
from checker.sandbox.wire import PLATFORM, Call, Endpoint, Failure, Handler, Problem, Reply

CURRENCY = re.compile(r"[A-Z]{3}")
COLOR = re.compile(r"#[0-9a-f]{6}")
MEETINGS = ("phone", "video", "in_person")
MAX_ROWS = 100


def endpoints() -> list[Endpoint]:
    """The operations of this part."""
    table: list[tuple[str, str, Handler, tuple[str, ...]]] = [
        ("GET", "/services", list_services, STAFF_AND_APP),
        ("POST", "/services", create_service, STAFF),
        ("GET", "/services/export", export_services, STAFF),
        ("GET", "/service_categories", list_categories, ()),
        ("POST", "/appointments", create_appointment, STAFF),
        ("GET", "/appointments/{appointment_id}", get_appointment, STAFF),
        ("POST", "/time_offs", create_time_off, STAFF),
        ("GET", "/time_offs/{time_off_id}", get_time_off, STAFF),
        ("GET", "/tags", list_tags, STAFF),
        ("POST", "/tags", create_tag, STAFF),
        ("POST", "/reports", create_report, STAFF),
    ]
    return [
        Endpoint(PLATFORM, method, BASE + path, handler, tokens, method == "POST")
        for method, path, handler, tokens in table
    ]


def _latest(rows: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """The latest rows, oldest first."""
    return list(islice(rows.values(), max(0, len(rows) - MAX_ROWS), None))


async def list_services(call: Call) -> Reply:
    """The latest services of the business."""
    return ok({"services": _latest(own_business(call).services)})


async def create_service(call: Call) -> Reply:
    """A new service; its name is unique within the business."""
    business = own_business(call)
    body = Checker(call.body)
    service = {
        "id": call.world.uid(),
        "name": body.text("name", required=True, low=1, high=80),
        "duration": body.number("duration", default=60, low=5, high=1440, whole=True),
        "interaction_type": body.text("interaction_type", default="in_person", choices=MEETINGS),
        "price": body.number("price", low=0, high=1_000_000),
        "currency": body.text("currency", pattern=CURRENCY),
    }
    if body.has("price") and not body.has("currency"):
        body.bad("The price", "is incomplete", "missing")
    body.done()
    if service["name"] in business.service_names:
        body.bad("name", "already exists", "already_exists")
    body.done()
    business.service_names.add(service["name"])
    business.services[service["id"]] = service
    return ok({"service": service}, 201)


async def export_services(call: Call) -> Reply:
    """The services as comma-separated values."""
    rows = ["id,duration"] + [
        f"{s['id']},{s['duration']}" for s in _latest(own_business(call).services)
    ]
    return Reply(200, text="\n".join(rows) + "\n", media_type="text/plain")


async def list_categories(call: Call) -> Reply:
    """What services can be about; nobody is asked who they are."""
    return ok({"categories": ["consulting", "education", "health"]})


async def create_appointment(call: Call) -> Reply:
    """A new appointment, requested until the staff has confirmed it."""
    business = own_business(call)
    body = Checker(call.body)
    guests = [
        {
            "name": guest.text("name", required=True, low=1, high=80),
            "email": guest.text("email", high=200, pattern=EMAIL),
        }
        for guest in body.children("guests", 10)
    ]
    appointment = {
        "id": call.world.uid(),
        "number": call.world.number(),
        "status": "requested",
        "client_id": body.text("client_id", required=True),
        "service_id": body.text("service_id", required=True),
        "start_time": body.date_time("start_time", required=True),
        "end_time": body.date_time("end_time"),
        "source": body.text("source"),
        "notes": body.text("notes", default="", high=500),
        "guests": guests,
    }
    if body.has("time_zone"):
        body.bad("The request", "can't be processed", "unexpected")
    body.done()
    if appointment["client_id"] not in business.clients:
        body.bad("client_id", "is unknown")
    if appointment["service_id"] not in business.services:
        body.bad("service_id", "is unknown")
    end = appointment["end_time"]
    if end is not None and _seconds(end) <= _seconds(appointment["start_time"]):
        body.bad("end_time", "is not later than start_time")
    body.done()
    business.appointments[appointment["id"]] = appointment
    return ok({"appointment": appointment}, 201)


def _seconds(text: Any) -> float:
    return seconds_of(text) or 0.0


async def get_appointment(call: Call) -> Reply:
    """One appointment."""
    found = own_business(call).appointments.get(call.path["appointment_id"])
    if found is None:
        raise Failure(404, Problem("missing", "There is no such appointment."))
    return ok({"appointment": found})


async def create_time_off(call: Call) -> Reply:
    """Days on which the business is closed."""
    body = Checker(call.body)
    title = body.text("title", required=True, low=1, high=100)
    first = body.date("from", required=True)
    last = body.date("to", required=True)
    weekdays = body.items("weekdays")
    if not all(isinstance(day, str) for day in weekdays):
        body.bad("weekdays", "must be an array of strings")
    body.done()
    if last < first:
        body.bad("to", "is earlier than from")
    body.done()
    time_off = {
        "id": call.world.uid(),
        "title": title,
        "from": first,
        "to": last,
        "weekdays": weekdays,
        "reason": None,
    }
    own_business(call).time_offs[time_off["id"]] = time_off
    return ok({"time_off": time_off}, 201)


async def get_time_off(call: Call) -> Reply:
    """One time off."""
    found = own_business(call).time_offs.get(call.path["time_off_id"])
    if found is None:
        raise Failure(404, Problem("missing", "There is no such time off."))
    return ok({"time_off": found})


async def list_tags(call: Call) -> Reply:
    """The latest tags of the business."""
    return ok({"tags": _latest(own_business(call).tags)})


async def create_tag(call: Call) -> Reply:
    """A new tag."""
    body = Checker(call.body)
    tag = {
        "id": call.world.uid(),
        "name": body.text("name", required=True, low=1, high=30),
        "color": body.text("color", default="#888888", pattern=COLOR),
    }
    body.done()
    own_business(call).tags[tag["id"]] = tag
    return ok({"tag": tag}, 201)


async def create_report(call: Call) -> Reply:
    """A new report. A number of days that isn't an integer isn't caught (planted)."""
    body = Checker(call.body)
    name = body.text("name", required=True, low=1, high=100)
    days = call.body.get("days", 30) if isinstance(call.body, dict) else 30
    if isinstance(days, bool) or not isinstance(days, (int, float)) or days != int(days):
        body.done()
        raise Failure(500, Problem("unexpected", "Internal server error"))
    if not 1 <= days <= 365:
        body.bad("days", "is out of range")
    body.done()
    return ok({"report": {"id": call.world.uid(), "name": name, "days": int(days)}}, 201)
