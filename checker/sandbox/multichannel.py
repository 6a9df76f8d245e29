"""Multi-channel sending: one message operation per channel."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from checker.sandbox.checks import URL, Checker
from checker.sandbox.state import World
from checker.sandbox.wire import SENDING, Call, Endpoint, Failure, Problem, Reply

BASE = "/v1/communication"
KEY = ("key",)
PLAIN_NUMBER = re.compile(r"[1-9][0-9]{6,14}")
PLUS_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")

MEDIA = {"imageUrl", "videoUrl", "audioUrl", "documentUrl", "stickerUrl"}
TALK = {"interactive", "reaction"}
EVERYWHERE = {"text", "imageUrl"}
RICH = EVERYWHERE | {"videoUrl", "audioUrl"} | TALK
PLACES = {"documentUrl", "location", "contact", "contacts"}


@dataclass(frozen=True, slots=True)
class Sender:
    """A channel: its content types, how recipients look, what a success is called.

    `alternates` name the application channel beside its UUID.
    """

    kind: str
    content: frozenset[str]
    status: str
    alternates: tuple[str, ...] = ()
    recipient: re.Pattern[str] | None = None


SENDERS = (
    Sender(
        "whatsapp",
        frozenset(RICH | PLACES | {"stickerUrl", "template", "paymentRequest", "orderStatus"}),
        "enqueued",
        ("15550100001", "+15550100001"),
        PLAIN_NUMBER,
    ),
    Sender(
        "instagram",
        frozenset(RICH | {"stickerUrl", "markSeen"}),
        "sent",
        ("sandbox.studio", "@sandbox.studio"),
    ),
    Sender("messenger", frozenset(RICH | {"markSeen"}), "enqueued", ("100200300400500",)),
    Sender(
        "telegram",
        frozenset(RICH | PLACES | {"stickerUrl"}),
        "sent",
        ("sandbox_studio_bot", "@sandbox_studio_bot"),
    ),
    Sender("sms", frozenset(EVERYWHERE), "sent", ("15550100002", "+15550100002"), PLUS_NUMBER),
    Sender("web-chatt2me", frozenset(RICH | PLACES | {"stickerUrl"}), "sent"),
)


def endpoints() -> list[Endpoint]:
    """The operations of this API."""
    found = [
        Endpoint(
            SENDING,
            "POST",
            f"{BASE}/{sender.kind}/message",
            partial(send, sender),
            KEY,
            takes_body=True,
        )
        for sender in SENDERS
    ]
    found.append(Endpoint(SENDING, "GET", f"{BASE}/application-channels", list_channels, KEY))
    found.append(Endpoint(SENDING, "GET", f"{BASE}/web-chatt2me/visitors", list_visitors, KEY))
    return found


async def list_channels(call: Call) -> Reply:
    """The application channels."""
    rows = [{"id": uid, "type": kind} for kind, uid in call.world.application_channels.items()]
    return Reply(200, {"channels": rows})


async def list_visitors(call: Call) -> Reply:
    """The visitors that have a session."""
    return Reply(200, {"visitors": [{"id": visitor} for visitor in call.world.visitors]})


async def send(sender: Sender, call: Call) -> Reply:
    """Send a message over a channel."""
    body = Checker(call.body)
    source = body.text("from", required=True)
    recipient = body.text("to", required=True, low=1, high=200, pattern=sender.recipient)
    content = body.child("content", required=True)
    main = _main_field(sender, content) if content is not None else ""
    if body.problems:
        raise Failure(400, *body.problems)
    if source != call.world.application_channels[sender.kind] and source not in sender.alternates:
        raise Failure(404, Problem("channel_not_found", "There is no such application channel."))
    if sender.kind == "web-chatt2me" and recipient not in call.world.visitors:
        return _failed("session_not_found", "The visitor has no session.")
    if main in MEDIA and content is not None and _unreachable(content.data[main]):
        return _failed("media_unreachable", "The media can't be fetched.")
    return Reply(200, {"messageId": _message_id(call.world), "status": sender.status})


def _message_id(world: World) -> str:
    return world.uuid()


def _failed(code: str, message: str) -> Reply:
    return Reply(
        200, {"messageId": None, "status": "error", "errorMessage": message, "errorCode": code}
    )


def _unreachable(url: Any) -> bool:
    """Hosts below `.invalid` never exist (RFC 2606)."""
    try:
        host = urlsplit(str(url)).hostname or ""
    except ValueError:
        return True
    return host == "invalid" or host.endswith(".invalid")


def _main_field(sender: Sender, content: Checker) -> str:
    """The one main field of the content, validated."""
    given = [name for name in sorted(sender.content) if content.has(name)]
    if len(given) != 1:
        content.bad("content", "must have exactly one main field of this channel")
        return ""
    main = given[0]
    content.text("caption", high=1000)
    if main == "text":
        content.text("text", low=1, high=4000)
    elif main in MEDIA:
        content.text(main, high=2000, pattern=URL)
    elif main == "contacts":
        for contact in content.children("contacts", 20):
            _contact(contact)
    else:
        part = content.child(main)
        if part is not None:
            _PARTS[main](part)
    return main


def _contact(part: Checker) -> None:
    part.text("name", required=True, low=1, high=200)
    part.text("phone", required=True, low=3, high=30)


def _location(part: Checker) -> None:
    part.number("latitude", required=True, low=-90, high=90)
    part.number("longitude", required=True, low=-180, high=180)
    part.text("name", high=200)


def _interactive(part: Checker) -> None:
    part.text("type", required=True, choices=("buttons", "list", "cta_url", "location_request"))
    part.text("body", required=True, low=1, high=1000)


def _template(part: Checker) -> None:
    part.text("name", required=True, low=1, high=200)
    part.text("language", required=True, low=2, high=10)


def _reaction(part: Checker) -> None:
    part.text("messageId", required=True, low=1, high=200)
    part.text("emoji", required=True, low=1, high=20)


def _mark_seen(part: Checker) -> None:
    part.text("messageId", required=True, low=1, high=200)


def _payment(part: Checker) -> None:
    part.text("method", required=True, choices=("pix", "boleto", "link"))
    part.number("amount", required=True, low=1, high=100_000_000, whole=True)


def _order(part: Checker) -> None:
    part.text("orderId", required=True, low=1, high=200)
    part.text("status", required=True, choices=("processing", "shipped", "completed", "canceled"))


_PARTS = {
    "contact": _contact,
    "location": _location,
    "interactive": _interactive,
    "template": _template,
    "reaction": _reaction,
    "markSeen": _mark_seen,
    "paymentRequest": _payment,
    "orderStatus": _order,
}
