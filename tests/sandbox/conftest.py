"""A sandbox of one's own per module, and a plain HTTP client that remembers what it saw."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from patience import PATIENCE_S

from checker.sandbox.server import Sandbox

GATEWAY = "/business/communication"
PLATFORM = "/platform/v1"


class Answer:
    """An HTTP answer; `json` is None where the body isn't JSON."""

    def __init__(self, status: int, media_type: str, text: str) -> None:
        self.status, self.media_type, self.text = status, media_type, text
        try:
            self.json: Any = json.loads(text)
        except ValueError:
            self.json = None


class Client:
    """Calls a sandbox over real HTTP with one of its tokens."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.tokens: dict[str, str] = dict(sandbox.tokens)
        self.variables: dict[str, str] = dict(sandbox.variables)
        self.count = 0

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = "staff",
        query: dict[str, str] | None = None,
        fallback: bool = False,
        raw: bytes | None = None,
        media_type: str = "application/json",
    ) -> Answer:
        base = urlsplit(self.sandbox.fallback_url if fallback else self.sandbox.base_url)
        headers = {}
        if token == "key":
            headers["x-api-key"] = self.tokens["key"]
        elif token is not None:
            headers["Authorization"] = f"Bearer {self.tokens.get(token, token)}"
        content = raw
        if content is None and body is not None:
            content = json.dumps(body).encode()
        if content is not None:
            headers["Content-Type"] = media_type
        target = base.path + path + ("?" + urlencode(query) if query else "")
        connection = http.client.HTTPConnection(
            base.hostname or "", base.port or 0, timeout=PATIENCE_S
        )
        try:
            connection.request(method, target, body=content, headers=headers)
            response = connection.getresponse()
            media = (response.getheader("content-type") or "").partition(";")[0]
            return Answer(response.status, media, response.read().decode())
        finally:
            connection.close()

    def next(self) -> int:
        """A number that wasn't given before."""
        self.count += 1
        return self.count

    def fresh_business(self) -> None:
        """Move to a fresh account, as a setup record does."""
        made = self.call("POST", f"{PLATFORM}/businesses", {"name": "Fresh"}, token="directory")
        data = made.json["data"]
        self.tokens |= {"staff": data["staff"]["token"], "app": data["app"]["token"]}
        self.variables |= {
            "business_id": data["business"]["id"],
            "staff_id": data["staff"]["id"],
            "client_id": data["client"]["id"],
        }

    # -- things that other requests need --

    def channel(self, *, active: bool = True) -> str:
        """A channel's uid, activated by hand."""
        body = {"business_uid": self.variables["business_id"], "type": "internal"}
        uid = self.call("POST", f"{GATEWAY}/channels", body).json["data"]["channel"]["uid"]
        if active:
            self.call("PUT", f"{GATEWAY}/channels/{uid}", {"status": "active"})
        return str(uid)

    def session_body(self, channel: str) -> dict[str, Any]:
        return {
            "business_uid": self.variables["business_id"],
            "channel_uid": channel,
            "contact_uid": self.variables["client_id"],
            "external_uid": f"ext-{self.next()}",
        }

    def session(self, channel: str, *, active: bool = True) -> str:
        """A session's uid, activated by hand."""
        made = self.call("POST", f"{GATEWAY}/sessions", self.session_body(channel))
        uid = made.json["data"]["session"]["uid"]
        if active:
            self.call("PUT", f"{GATEWAY}/sessions/{uid}", {"status": "active"})
        return str(uid)

    def message_body(self, channel: str) -> dict[str, Any]:
        return {
            "channel_uid": channel,
            "external_uid": "somebody",
            "contact_uid": self.variables["client_id"],
            "message": "Hello",
            "message_uid": f"m-{self.next()}",
        }

    def service(self) -> str:
        made = self.call("POST", f"{PLATFORM}/services", {"name": f"Service {self.next()}"})
        return str(made.json["data"]["service"]["id"])

    def appointment_body(self, service: str | None = None) -> dict[str, Any]:
        return {
            "client_id": self.variables["client_id"],
            "service_id": service or self.service(),
            "start_time": "2027-03-01T09:00:00Z",
        }

    def platform_message(self, **more: Any) -> dict[str, Any]:
        return {"message": {"client_id": self.variables["client_id"], "text": "Hello", **more}}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(activation_delay=0.01, answer_timeout=PATIENCE_S) as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> Client:
    made = Client(sandbox)
    made.fresh_business()
    return made


@pytest.fixture
def impatient() -> Iterator[Client]:
    """A client of a sandbox of its own that takes any listener for silent almost at once."""
    with Sandbox(activation_delay=0.01, answer_timeout=0.05) as running:
        yield Client(running)


@pytest.fixture
def until() -> Callable[[Callable[[], Any], Any], None]:
    """Poll until a value is as wanted."""

    def wait(read: Callable[[], Any], wanted: Any) -> None:
        seen = None
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            seen = read()
            if seen == wanted:
                return
            time.sleep(0.01)
        raise AssertionError(f"still {seen!r}, not {wanted!r}")

    return wait
