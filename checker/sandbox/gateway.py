"""The business communication gateway: channels, sessions, messages, webhooks."""

from __future__ import annotations

from typing import Any

from checker.sandbox.checks import URL, Checker
from checker.sandbox.state import Channel, Session
from checker.sandbox.webhooks import Activator
from checker.sandbox.wire import GATEWAY, Call, Endpoint, Failure, Handler, Problem, Reply

BASE = "/business/communication"
CHANNEL_TYPES = ("transactional", "promotional", "internal")
MESSAGE_STATUSES = (
    "pending",
    "channel_pending",
    "sent",
    "received",
    "read",
    "error",
    "unavailable",
)
AI_STATUSES = ("none", "ai_intercepted", "ai_released")
DIRECTIONS = ("client_to_business", "business_to_client")
ANYONE = ("staff", "app", "directory")


def endpoints(activator: Activator) -> list[Endpoint]:
    """The gateway's operations."""
    api = Gateway(activator)
    table: list[tuple[str, str, Handler]] = [
        ("POST", "/webhooks", api.register),
        ("POST", "/channels", api.create_channel),
        ("GET", "/channels/{uid}", api.get_channel),
        ("PUT", "/channels/{uid}", api.update_channel),
        ("DELETE", "/channels/{uid}", api.delete_channel),
        ("POST", "/sessions", api.create_session),
        ("GET", "/sessions", api.list_sessions),
        ("POST", "/sessions/typing", api.typing),
        ("GET", "/sessions/{uid}", api.get_session),
        ("PUT", "/sessions/{uid}", api.update_session),
        ("DELETE", "/sessions/{uid}", api.delete_session),
        ("POST", "/messages", api.create_message),
        ("PUT", "/messages/{messageUid}", api.update_message),
    ]
    return [
        Endpoint(GATEWAY, method, BASE + path, handler, ANYONE, method in ("POST", "PUT"))
        for method, path, handler in table
    ]


def ok(data: Any, status: int = 200) -> Reply:
    """A success in the gateway's envelope."""
    return Reply(status, {"success": True, "data": data})


def _channel(channel: Channel) -> dict[str, Any]:
    return {
        "channel": {
            "uid": channel.uid,
            "status": channel.status,
            "display_name": channel.display_name,
        }
    }


def _session(session: Session) -> dict[str, Any]:
    return {"uid": session.uid, "status": session.status, "ai_status": session.ai_status}


class Gateway:
    """The handlers; `activator` announces what they create."""

    def __init__(self, activator: Activator) -> None:
        self.activator = activator

    def _find_channel(self, call: Call, uid: Any) -> Channel | None:
        channel = call.world.channels.get(uid) if isinstance(uid, str) else None
        if channel is not None:
            self.activator.refresh(channel, "error")
        return channel

    def _the_channel(self, call: Call) -> Channel:
        channel = self._find_channel(call, call.path["uid"])
        if channel is None:
            raise Failure(404, Problem("missing", "There is no such channel."))
        return channel

    def _the_session(self, call: Call) -> Session:
        session = call.world.sessions.get(call.path["uid"])
        if session is None:
            raise Failure(404, Problem("missing", "There is no such session."))
        self.activator.refresh(session, "failed")
        return session

    async def register(self, call: Call) -> Reply:
        """Another address that activation events are posted to."""
        body = Checker(call.body)
        url = body.text("url", required=True, high=2000, pattern=URL)
        body.done()
        call.world.listen(url)
        return ok({"webhook": {"url": url}}, 201)

    async def create_channel(self, call: Call) -> Reply:
        """A new channel, pending until the listener has answered."""
        body = Checker(call.body)
        business = body.text("business_uid", required=True)
        kind = body.text("type", required=True, choices=CHANNEL_TYPES)
        name = body.text("display_name", default="", high=100)
        if isinstance(business, str) and business not in call.world.businesses:
            body.bad("business_uid", "is unknown")
        body.done()
        channel = Channel(call.world.uuid(), business, kind, name)
        call.world.channels[channel.uid] = channel
        self.activator.channel(channel)
        return ok(_channel(channel), 201)

    async def get_channel(self, call: Call) -> Reply:
        """One channel."""
        return ok(_channel(self._the_channel(call)))

    async def update_channel(self, call: Call) -> Reply:
        """Activate or deactivate by hand, or rename."""
        channel = self._the_channel(call)
        body = Checker(call.body)
        status = body.text("status", default=channel.status, choices=("active", "inactive"))
        name = body.text("display_name", default=channel.display_name, high=100)
        body.done()
        channel.status, channel.display_name = status, name
        return ok(_channel(channel))

    async def delete_channel(self, call: Call) -> Reply:
        """Forget a channel and its sessions."""
        channel = self._the_channel(call)
        channel.status = "deleted"
        del call.world.channels[channel.uid]
        for uid in channel.sessions:
            call.world.sessions.pop(uid, None)
        return ok({})

    async def create_session(self, call: Call) -> Reply:
        """A new session over an active channel."""
        body = Checker(call.body)
        business = body.text("business_uid", required=True)
        channel_uid = body.text("channel_uid", required=True)
        contact = body.text("contact_uid", required=True)
        external = body.text("external_uid", required=True, low=1, high=255)
        body.done()
        channel = self._find_channel(call, channel_uid)
        owner = call.world.businesses.get(business)
        if owner is None:
            body.bad("business_uid", "is unknown")
        if channel is None or channel.business != business:
            body.bad("channel_uid", "is not a channel of the business")
        if owner is None or contact not in owner.clients:
            body.bad("contact_uid", "is not a client of the business")
        body.done()
        assert channel is not None
        if channel.status != "active":
            raise Failure(422, Problem("invalid", "The channel is not active."))
        if any(s.contact == contact for s in channel.sessions.values()):
            body.bad("contact_uid", "already has a session on the channel", "already_exists")
        if any(s.external == external for s in channel.sessions.values()):
            body.bad("external_uid", "already has a session on the channel", "already_exists")
        body.done()
        session = Session(call.world.uuid(), channel.uid, contact, external)
        call.world.sessions[session.uid] = channel.sessions[session.uid] = session
        self.activator.session(session)
        return ok({"session": _session(session)}, 201)

    async def list_sessions(self, call: Call) -> Reply:
        """The sessions of a channel, optionally of one contact."""
        uid = call.query.get("filter[channel_uid]")
        if uid is None:
            raise Failure(422, Problem("missing_field", "filter[channel_uid] is missing"))
        contact = call.query.get("filter[contact_uid]")
        channel = self._find_channel(call, uid)
        found = [] if channel is None else list(channel.sessions.values())
        for session in found:
            self.activator.refresh(session, "failed")
        chosen = [_session(s) for s in found if contact is None or s.contact == contact]
        return ok({"sessions": chosen})

    async def get_session(self, call: Call) -> Reply:
        """One session."""
        return ok({"session": _session(self._the_session(call))})

    async def update_session(self, call: Call) -> Reply:
        """Activate, deactivate, or hand over to or from the AI receptionist."""
        session = self._the_session(call)
        body = Checker(call.body)
        status = body.text("status", default=session.status, choices=("inactive", "active"))
        ai_status = body.text("ai_status", default=session.ai_status, choices=AI_STATUSES)
        body.done()
        session.status, session.ai_status = status, ai_status
        return ok({"session": _session(session)})

    async def delete_session(self, call: Call) -> Reply:
        """Forget a session."""
        session = self._the_session(call)
        del call.world.sessions[session.uid]
        call.world.channels[session.channel].sessions.pop(session.uid, None)
        return ok({})

    async def typing(self, call: Call) -> Reply:
        """Show or hide the typing indicator of an active session."""
        body = Checker(call.body)
        uid = body.text("session_uid", required=True)
        body.flag("typing", True)
        body.done()
        session = call.world.sessions.get(uid)
        if session is None:
            raise Failure(422, Problem("invalid", "session_uid is unknown"))
        if session.status != "active":
            raise Failure(422, Problem("invalid", "The session is not active."))
        return ok({})

    async def create_message(self, call: Call) -> Reply:
        """A message over an active channel within an active session."""
        body = Checker(call.body)
        uid = body.text("channel_uid", required=True)
        external = body.text("external_uid", required=True)
        body.text("message", required=True, low=1)
        message_uid = body.text("message_uid", required=True, low=1, high=255)
        contact = body.text("contact_uid")
        body.text("direction", choices=DIRECTIONS)
        for attachment in body.children("attachments"):
            attachment.text("url", required=True, high=2000, pattern=URL)
            attachment.text("name", high=255)
        body.done()
        channel = self._find_channel(call, uid)
        if channel is None:
            raise Failure(422, Problem("invalid", "channel_uid is unknown"))
        if channel.status != "active":
            raise Failure(422, Problem("invalid", "The channel is not active."))
        if message_uid in channel.messages:
            raise Failure(422, Problem("duplicate", "message_uid is already used on the channel"))
        if not any(
            s.status == "active"
            and (s.contact == contact if contact is not None else s.external == external)
            for s in channel.sessions.values()
        ):
            raise Failure(422, Problem("invalid", "The conversation can't take messages."))
        channel.messages[message_uid] = "pending"
        return ok({"message": {"uid": message_uid, "status": "pending"}}, 201)

    async def update_message(self, call: Call) -> Reply:
        """A message's new status."""
        body = Checker(call.body)
        uid = body.text("channel_uid", required=True)
        status = body.text("status", required=True, choices=MESSAGE_STATUSES)
        body.done()
        channel = self._find_channel(call, uid)
        message_uid = call.path["messageUid"]
        if channel is None or message_uid not in channel.messages:
            raise Failure(404, Problem("missing", "There is no such message on the channel."))
        channel.messages[message_uid] = status
        return ok({})
