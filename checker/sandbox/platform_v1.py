"""Platform v1: businesses, staff, clients, messages, conversations."""

from __future__ import annotations

import re
from typing import Any

from checker.sandbox.checks import EMAIL, Checker, whole_number
from checker.sandbox.state import Business
from checker.sandbox.wire import PLATFORM, Call, Endpoint, Failure, Handler, Problem, Reply

BASE = "/platform/v1"
STAFF = ("staff",)
STAFF_AND_APP = ("staff", "app")
CLIENT_STATUSES = ("lead", "customer", "archived")
DIRECTIONS = ("business_to_client", "client_to_business")
DELIVERIES = ("email", "sms", "email,sms", "sms,email")
DIGITS = re.compile(r"[0-9]+")


def endpoints() -> list[Endpoint]:
    """The operations of this part."""
    table: list[tuple[str, str, Handler, tuple[str, ...]]] = [
        ("POST", "/businesses", create_business, ("directory",)),
        ("GET", "/clients", list_clients, STAFF_AND_APP),
        ("POST", "/clients", create_client, STAFF_AND_APP),
        ("GET", "/clients/{client_id}", get_client, STAFF_AND_APP),
        ("GET", "/messages/{message_uid}", get_message, STAFF),
        ("GET", "/conversations", list_conversations, STAFF),
        ("GET", "/staffs", list_staffs, STAFF),
    ]
    found = [
        Endpoint(PLATFORM, method, BASE + path, handler, tokens, method == "POST")
        for method, path, handler, tokens in table
    ]
    no_context = Failure(400, Problem("invalid", "No staff or business context."))
    found.append(
        Endpoint(
            PLATFORM,
            "POST",
            BASE + "/messages",
            create_message,
            STAFF,
            takes_body=True,
            refusals={"app": no_context},
        )
    )
    return found


def ok(data: Any, status: int = 200) -> Reply:
    """A success in the platform's envelope."""
    return Reply(status, {"status": "OK", "data": data})


def own_business(call: Call) -> Business:
    """The business that the token stands for."""
    return call.world.businesses[call.identity.business]


async def create_business(call: Call) -> Reply:
    """A fresh, unflagged account with everything that is needed to use it."""
    body = Checker(call.body)
    name = body.text("name", required=True, low=1, high=100)
    timezone = body.text("timezone", default="UTC", low=1, high=60)
    body.done()
    business, staff, app = call.world.new_business(name, timezone)
    return ok(
        {
            "business": {"id": business.id, "name": business.name, "timezone": business.timezone},
            "staff": {"id": business.staff_id, "token": staff},
            "app": {"token": app},
            "client": {"id": next(iter(business.clients))},
        },
        201,
    )


async def list_clients(call: Call) -> Reply:
    """A page of a business's clients, oldest first."""
    page = whole_number(call.query, "page", 1, 1, 10_000)
    size = whole_number(call.query, "per_page", 25, 1, 50)
    business = call.world.businesses.get(call.query.get("business_id", call.identity.business))
    if business is None:
        raise Failure(422, Problem("invalid", "business_id is unknown"))
    status = call.query.get("status")
    if status is not None and status not in CLIENT_STATUSES:
        raise Failure(422, Problem("invalid", "status is not an allowed value"))
    chosen = [c for c in business.clients.values() if status in (None, c["status"])]
    rows = [
        {
            "id": c["id"],
            "first_name": c["first_name"],
            "last_name": c["last_name"],
            "status": c["status"],
            "opted_in": c["email"] is not None,
        }
        for c in chosen[(page - 1) * size : page * size]
    ]
    return ok({"clients": rows, "page": page, "per_page": size})


async def create_client(call: Call) -> Reply:
    """A new client, who can be reached by e-mail or phone."""
    body = Checker(call.body)
    given: dict[str, Any] = {
        "first_name": body.text("first_name", required=True, low=1, high=50),
        "last_name": body.text("last_name", default="", high=50),
        "email": body.text("email", high=200, pattern=EMAIL),
        "phone": body.text("phone", low=3, high=30),
        "status": body.text("status", default="lead", choices=CLIENT_STATUSES),
        "nickname": body.text("nickname", high=50),
    }
    address = body.child("address")
    if address is not None:
        given["address"] = {
            "street": address.text("street", default="", high=200),
            "city": address.text("city", default="", high=100),
            "zip": address.text("zip", pattern=DIGITS),
        }
    if not body.has("email") and not body.has("phone"):
        body.bad("The client", "can't be reached", "missing")
    body.done()
    return ok({"client": call.world.new_client(own_business(call), given)}, 201)


async def get_client(call: Call) -> Reply:
    """One client."""
    client = own_business(call).clients.get(call.path["client_id"])
    if client is None:
        raise Failure(404, Problem("missing", "There is no such client."))
    return ok({"client": client})


async def create_message(call: Call) -> Reply:
    """A message in a conversation, which is found or made. Served on the fallback base only."""
    if call.base != "/api2":
        raise Failure(422, body={"status": "Error", "error": "Unauthorized"})
    business = own_business(call)
    if business.flagged:
        raise Failure(422, body={"status": "Error", "data": {}})
    body = Checker(call.body)
    message = body.child("message", required=True)
    body.done()
    assert message is not None
    client = message.text("client_id", required=True)
    text = message.text("text", required=True, low=1, high=5000)
    staff = message.text("staff_id")
    direction = message.text("direction", default="business_to_client", choices=DIRECTIONS)
    channels = message.text("channels", default="sms,email", choices=DELIVERIES)
    message.text("conversation_title", high=200)
    conversation = message.text("conversation_uid")
    message.done()
    if client not in business.clients:
        message.bad("client_id", "is unknown")
    if staff is not None and staff != business.staff_id:
        message.bad("staff_id", "is unknown")
    if conversation is not None and business.conversations.get(conversation) != client:
        message.bad("conversation_uid", "is not a conversation of the client")
    message.done()
    if conversation is None:
        theirs = [uid for uid, owner in business.conversations.items() if owner == client]
        conversation = theirs[-1] if theirs else call.world.uid()
        business.conversations[conversation] = client
    made = {
        "id": call.world.number(),
        "uid": call.world.uid(),
        "client_id": client,
        "text": text,
        "direction": direction,
        "channels": channels,
    }
    business.messages[made["uid"]] = made
    return ok({"id": made["id"], "uid": made["uid"], "conversation_uid": conversation}, 201)


async def get_message(call: Call) -> Reply:
    """One message."""
    message = own_business(call).messages.get(call.path["message_uid"])
    if message is None:
        raise Failure(404, Problem("missing", "There is no such message."))
    return ok({"message": message})


async def list_conversations(call: Call) -> Reply:
    """The conversations of the business."""
    rows = [
        {"uid": uid, "client_id": client}
        for uid, client in own_business(call).conversations.items()
    ]
    return ok({"conversations": rows})


async def list_staffs(call: Call) -> Reply:
    """The staff of the business."""
    return ok({"staffs": [{"id": own_business(call).staff_id, "role": "owner"}]})
