"""Activation by webhook, by hand and not at all; spam flags and fresh accounts."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from typing import Any

import pytest
from patience import PATIENCE_S
from serving import PromptHandler

from checker.sandbox.state import MAX_LISTENERS, SPAM_LIMIT, World
from checker.sandbox.webhooks import NO_LISTENER_S, is_local

GW, PV = "/business/communication", "/platform/v1"


class Listener(ThreadingHTTPServer):
    """Keeps the events; answers with `status`, or not until `gate` is open."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.events: list[dict[str, Any]] = []
        self.status = 204
        self.gate = threading.Event()
        self.gate.set()
        self.url = f"http://127.0.0.1:{self.server_port}/hook"


class Receiver(PromptHandler):
    server: Listener

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.server.events.append(json.loads(self.rfile.read(length)))
        self.server.gate.wait(PATIENCE_S)
        try:
            self.send_response(self.server.status)
            self.end_headers()
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        return


@pytest.fixture
def listener() -> Iterator[Listener]:
    server = Listener()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.gate.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def _no_listeners(sandbox: Any) -> Iterator[None]:
    yield
    sandbox.world.listeners = []


def register(client: Any, url: str) -> None:
    assert client.call("POST", f"{GW}/webhooks", {"url": url}).status == 201


def channel_status(client: Any, uid: str) -> str:
    found = client.call("GET", f"{GW}/channels/{uid}")
    return str(found.json["data"]["channel"]["status"])


def session_status(client: Any, uid: str) -> str:
    found = client.call("GET", f"{GW}/sessions/{uid}")
    return str(found.json["data"]["session"]["status"])


Until = Callable[[Callable[[], Any], Any], None]


def test_answered_events_activate(client: Any, listener: Listener, until: Until) -> None:
    register(client, listener.url)
    channel = client.channel(active=False)
    until(lambda: channel_status(client, channel), "active")
    session = client.session(channel, active=False)
    until(lambda: session_status(client, session), "active")
    first, second = listener.events
    assert (first["event"], first["channel_uid"]) == ("channel.activation", channel)
    assert (second["event"], second["session_uid"]) == ("session.activation", session)
    assert first["status"] == second["status"] == "pending"
    sent = client.call("POST", f"{GW}/messages", client.message_body(channel))
    assert sent.status == 201


def test_an_event_that_is_not_answered_yet_leaves_it_pending(
    client: Any, listener: Listener, until: Until
) -> None:
    register(client, listener.url)
    listener.gate.clear()
    channel = client.channel(active=False)
    until(lambda: len(listener.events), 1)
    assert channel_status(client, channel) == "pending"
    listener.gate.set()
    until(lambda: channel_status(client, channel), "active")


def test_unanswered_events_fail(impatient: Any, listener: Listener, until: Until) -> None:
    register(impatient, listener.url)
    listener.gate.clear()
    channel = impatient.channel(active=False)
    until(lambda: channel_status(impatient, channel), "error")
    impatient.call("PUT", f"{GW}/channels/{channel}", {"status": "active"})
    session = impatient.session(channel, active=False)
    until(lambda: session_status(impatient, session), "failed")


def test_refusing_listener_fails(client: Any, listener: Listener, until: Until) -> None:
    register(client, listener.url)
    listener.status = 500
    channel = client.channel(active=False)
    until(lambda: channel_status(client, channel), "error")


def test_one_of_several_listeners_is_enough(client: Any, listener: Listener, until: Until) -> None:
    for url in (listener.url, "http://127.0.0.1:9/nobody", "https://elsewhere.example.com/hook"):
        register(client, url)
    channel = client.channel(active=False)
    until(lambda: channel_status(client, channel), "active")


def test_without_a_listener_by_hand(client: Any, sandbox: Any) -> None:
    channel = client.channel(active=False)
    assert channel_status(client, channel) == "pending"
    client.call("PUT", f"{GW}/channels/{channel}", {"status": "active"})
    assert channel_status(client, channel) == "active"
    other = client.channel(active=False)
    sandbox.world.channels[other].made_at -= NO_LISTENER_S + 1
    assert channel_status(client, other) == "error"


def test_old_addresses_give_way() -> None:
    world = World()
    for number in range(MAX_LISTENERS + 2):
        world.listen(f"http://127.0.0.1:{number + 1}/")
    world.listen("http://127.0.0.1:5/")
    assert len(world.listeners) == MAX_LISTENERS
    assert world.listeners[-1] == "http://127.0.0.1:5/"


def test_only_this_machine_is_called() -> None:
    assert all(map(is_local, ("http://localhost:1/x", "http://127.0.0.1/", "http://[::1]:2/")))
    others = ("http://example.com/", "http://10.0.0.1/", "http://[", "http://a:99999/")
    assert not any(map(is_local, others))


def test_spam_flag_and_a_fresh_business(client: Any) -> None:
    path, body = f"{PV}/messages", client.platform_message()
    for _ in range(SPAM_LIMIT):
        assert client.call("POST", path, body, fallback=True).status == 201
    for refused in (body, {}, client.platform_message(direction="zebra")):
        answer = client.call("POST", path, refused, fallback=True)
        assert (answer.status, answer.json) == (422, {"status": "Error", "data": {}})
    old = client.variables["business_id"]
    client.fresh_business()
    assert client.variables["business_id"] != old
    sent = client.call("POST", path, client.platform_message(), fallback=True)
    assert sent.status == 201
    again = client.call("POST", path, client.platform_message(), fallback=True)
    assert again.json["data"]["conversation_uid"] == sent.json["data"]["conversation_uid"]


def test_sessions_are_unique(client: Any) -> None:
    path, channel = f"{GW}/sessions", client.channel()
    body = client.session_body(channel)
    other = client.call("POST", f"{PV}/clients", {"first_name": "Ann", "phone": "123"})
    contact = other.json["data"]["client"]["id"]
    assert client.call("POST", path, body).status == 201
    refused = ({}, {"contact_uid": contact}, {"external_uid": "new"})
    for change in refused:
        answer = client.call("POST", path, {**body, **change})
        assert answer.status == 422
        assert {error["code"] for error in answer.json["errors"]} == {"already_exists"}
    both = {**body, "contact_uid": contact, "external_uid": "new"}
    assert client.call("POST", path, both).status == 201


def test_sessions_are_filtered(client: Any) -> None:
    channel = client.channel()
    session = client.session(channel)
    path = f"{GW}/sessions"
    query = {"filter[channel_uid]": channel}
    found = client.call("GET", path, query=query).json["data"]["sessions"]
    assert [row["uid"] for row in found] == [session]
    query["filter[contact_uid]"] = "nobody"
    assert client.call("GET", path, query=query).json["data"]["sessions"] == []


def test_message_uid_is_unique_per_channel(client: Any) -> None:
    channel = client.channel()
    client.session(channel)
    body = client.message_body(channel)
    assert client.call("POST", f"{GW}/messages", body).status == 201
    answer = client.call("POST", f"{GW}/messages", body)
    assert (answer.status, answer.json["errors"][0]["code"]) == (422, "duplicate")
    long = {**body, "message_uid": "x" * 256}
    assert client.call("POST", f"{GW}/messages", long).json["errors"][0]["code"] == "too_long"
