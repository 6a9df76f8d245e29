"""Everything the sandbox remembers, and where its identifiers come from."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

SPAM_LIMIT = 25
"""Messages that an unverified business may send before it is flagged."""

MAX_LISTENERS = 8
"""How many registered addresses get events; an older one gives way."""

_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a token stands for: its type and, but for a directory, its business."""

    type: str
    business: str = ""


@dataclass(slots=True)
class Business:
    """One account and what belongs to it."""

    id: str
    name: str
    timezone: str
    staff_id: str
    clients: dict[str, dict[str, Any]] = field(default_factory=dict)
    services: dict[str, dict[str, Any]] = field(default_factory=dict)
    appointments: dict[str, dict[str, Any]] = field(default_factory=dict)
    time_offs: dict[str, dict[str, Any]] = field(default_factory=dict)
    tags: dict[str, dict[str, Any]] = field(default_factory=dict)
    conversations: dict[str, str] = field(default_factory=dict)
    """Conversation uid → client id."""
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    service_names: set[str] = field(default_factory=set)

    @property
    def flagged(self) -> bool:
        """Whether the business has sent too many messages."""
        return len(self.messages) >= SPAM_LIMIT


@dataclass(slots=True)
class Channel:
    """A communication channel of a business."""

    uid: str
    business: str
    type: str
    display_name: str
    status: str = "pending"
    made_at: float = field(default_factory=time.monotonic)
    messages: dict[str, str] = field(default_factory=dict)
    """message_uid → status."""
    sessions: dict[str, Session] = field(default_factory=dict)


@dataclass(slots=True)
class Session:
    """A session between a contact of the app and a client of the business."""

    uid: str
    channel: str
    contact: str
    external: str
    status: str = "pending"
    ai_status: str = "none"
    made_at: float = field(default_factory=time.monotonic)


class World:
    """The state of one sandbox. The same seed and requests give the same identifiers."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(f"sandbox {seed}")
        self._number = 140_000_000
        self.tokens: dict[str, Identity] = {}
        self.businesses: dict[str, Business] = {}
        self.channels: dict[str, Channel] = {}
        self.sessions: dict[str, Session] = {}
        self.listeners: list[str] = []
        """Addresses that get the events, the latest last."""
        self.directory_token = self.new_token("directory", "")
        self.key = self.new_token("key", "")
        self.first, self.staff_token, self.app_token = self.new_business("Sandbox Studio", "UTC")
        self.application_channels = {
            kind: self.uuid()
            for kind in ("whatsapp", "instagram", "messenger", "telegram", "sms", "web-chatt2me")
        }
        self.visitors = [self.uid() for _ in range(2)]

    def uid(self) -> str:
        """An identifier of 16 letters and digits."""
        return "".join(self._random.choices(_LETTERS, k=16))

    def uuid(self) -> str:
        """A UUID of version 4."""
        return str(UUID(int=self._random.getrandbits(128), version=4))

    def number(self) -> int:
        """The next running number."""
        self._number += 1
        return self._number

    def listen(self, url: str) -> None:
        """Register an address for events, or make it the latest again."""
        self.listeners = [*[u for u in self.listeners if u != url][1 - MAX_LISTENERS :], url]

    def new_token(self, kind: str, business: str) -> str:
        """A fresh token of a type."""
        token = "".join(self._random.choices(_LETTERS, k=40))
        self.tokens[token] = Identity(kind, business)
        return token

    def new_business(self, name: str, timezone: str) -> tuple[Business, str, str]:
        """A fresh, unflagged business with its staff and app tokens and one client."""
        business = Business(self.uid(), name, timezone, self.uid())
        self.businesses[business.id] = business
        staff = self.new_token("staff", business.id)
        app = self.new_token("app", business.id)
        self.new_client(business, {"first_name": "Dana", "email": "dana@example.com"})
        return business, staff, app

    def new_client(self, business: Business, given: dict[str, Any]) -> dict[str, Any]:
        """A client of a business, with what wasn't given filled in."""
        client = {
            "id": self.uid(),
            "first_name": "",
            "last_name": "",
            "email": None,
            "phone": None,
            "status": "lead",
            "nickname": None,
            "address": None,
            **given,
        }
        business.clients[client["id"]] = client
        return client
