"""The truthful documents are true: what they allow is accepted, what they don't is refused.

Every operation gets a valid request and many with one change. The documented request schema
foretells the verdict, but for fields whose rules stand in words. Every answer's status must be
documented and its body must follow the documented schema exactly, without further fields.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from document_files import load_all

TRUTHFUL = Path(__file__).parent / "truthful"
GW, PV, MC = "/business/communication", "/platform/v1", "/v1/communication"
VALUES: list[Any] = [
    *(None, "", "zebra", "x" * 31, "x" * 6000, "123", "2027-02-30", "a@b"),
    *(0, -1, 2, 2.0, 1.5, 10**9, True, [], {}, ["a"], [1], [{}]),
]
IN_WORDS = {
    *("business_uid", "channel_uid", "contact_uid", "external_uid", "session_uid"),
    *("client_id", "service_id", "staff_id", "conversation_uid", "from", "to"),
    *("start_time", "end_time", "email", "phone", "price", "currency", "content", "name"),
}
"""Last names of fields with rules in words: references, uniqueness, order, dependencies."""


DOCUMENTS = [d for name, d in load_all(TRUTHFUL).items() if "legacy" not in Path(name).parts]
OPERATIONS = {
    f"{method.upper()} {document['servers'][0]['url'].partition('.com')[2]}{path}": (
        document,
        operation,
    )
    for document in DOCUMENTS
    for path, item in document["paths"].items()
    for method, operation in item.items()
}


def _closed(node: Any) -> Any:
    """A schema in which objects with listed properties take no others."""
    if isinstance(node, list):
        return [_closed(child) for child in node]
    if not isinstance(node, dict):
        return node
    made = {key: _closed(child) for key, child in node.items()}
    if isinstance(made.get("properties"), dict) and "type" in made:
        made["additionalProperties"] = False
    return made


def _validator(document: dict[str, Any], schema: Any, *, closed: bool = False) -> Any:
    whole = {**schema, "components": {"schemas": document["components"]["schemas"]}}
    return jsonschema_rs.Draft202012Validator(
        _closed(whole) if closed else whole, validate_formats=True
    )


def check_answer(key: str, answer: Any) -> None:
    """The answer is a documented one."""
    document, operation = OPERATIONS[key]
    told = operation["responses"].get(str(answer.status))
    assert told is not None, f"{key} answers {answer.status}: {answer.text[:200]}"
    [(media, content)] = told["content"].items()
    assert answer.media_type == media
    if media == "application/json":
        _validator(document, content["schema"], closed=True).validate(answer.json)


# -- valid requests --------------------------------------------------------------------------------


def _sending(kind: str, to: str) -> Callable[[Any], tuple[str, Any]]:
    def make(client: Any) -> tuple[str, Any]:
        source = client.variables[f"{kind.replace('-', '_')}_channel_id"]
        return f"{MC}/{kind}/message", {"from": source, "to": to, "content": {"text": "Hello"}}

    return make


def _uid(client: Any, path: str, body: Any, *keys: str, fallback: bool = False) -> Any:
    data = client.call("POST", path, body, fallback=fallback).json["data"]
    for key in keys:
        data = data[key]
    return data


def _session_put(client: Any) -> tuple[str, Any]:
    session = client.session(client.channel())
    return f"{GW}/sessions/{session}", {"status": "active", "ai_status": "none"}


def _message_put(client: Any) -> tuple[str, Any]:
    channel = client.channel()
    client.session(channel)
    body = client.message_body(channel)
    client.call("POST", f"{GW}/messages", body)
    path = f"{GW}/messages/{body['message_uid']}"
    return path, {"channel_uid": channel, "status": "read"}


def _message(client: Any) -> tuple[str, Any]:
    channel = client.channel()
    client.session(channel)
    attachments = [{"url": "https://cdn.example.com/a.pdf", "name": "a.pdf"}]
    body = client.message_body(channel)
    return f"{GW}/messages", {**body, "direction": "business_to_client", "attachments": attachments}


def _client(client: Any) -> tuple[str, Any]:
    address = {"street": "1 Main Street", "city": "Springfield", "zip": "49007"}
    more = {"last_name": "Field", "status": "customer", "nickname": "Rob", "address": address}
    body = {"first_name": "Robin", "email": "robin@example.com", "phone": "123456", **more}
    return f"{PV}/clients", body


def _service(client: Any) -> tuple[str, Any]:
    name = f"Service {client.next()}"
    more = {"interaction_type": "video", "price": 80, "currency": "USD"}
    return f"{PV}/services", {"name": name, "duration": 45, **more}


def _appointment(client: Any) -> tuple[str, Any]:
    more = {"end_time": "2027-03-01T10:00:00Z", "source": "web", "notes": "", "guests": []}
    guests = [{"name": "Kim", "email": "kim@example.com"}]
    return f"{PV}/appointments", {**client.appointment_body(), **more, "guests": guests}


def _platform_message(client: Any) -> tuple[str, Any]:
    more = {"staff_id": client.variables["staff_id"], "direction": "business_to_client"}
    return f"{PV}/messages", client.platform_message(
        **more, channels="sms", conversation_title="Hello"
    )


VALID: dict[str, Callable[[Any], tuple[str, Any]]] = {
    f"POST {GW}/webhooks": lambda c: (f"{GW}/webhooks", {"url": "http://127.0.0.1:9/hook"}),
    f"POST {GW}/channels": lambda c: (
        f"{GW}/channels",
        {"business_uid": c.variables["business_id"], "type": "internal", "display_name": "A"},
    ),
    f"GET {GW}/channels/{{uid}}": lambda c: (f"{GW}/channels/{c.channel()}", None),
    f"PUT {GW}/channels/{{uid}}": lambda c: (
        f"{GW}/channels/{c.channel()}",
        {"status": "active", "display_name": "B"},
    ),
    f"DELETE {GW}/channels/{{uid}}": lambda c: (f"{GW}/channels/{c.channel()}", None),
    f"POST {GW}/sessions": lambda c: (f"{GW}/sessions", c.session_body(c.channel())),
    f"GET {GW}/sessions": lambda c: (f"{GW}/sessions?filter%5Bchannel_uid%5D={c.channel()}", None),
    f"POST {GW}/sessions/typing": lambda c: (
        f"{GW}/sessions/typing",
        {"session_uid": c.session(c.channel()), "typing": True},
    ),
    f"GET {GW}/sessions/{{uid}}": lambda c: (f"{GW}/sessions/{c.session(c.channel())}", None),
    f"PUT {GW}/sessions/{{uid}}": _session_put,
    f"DELETE {GW}/sessions/{{uid}}": lambda c: (f"{GW}/sessions/{c.session(c.channel())}", None),
    f"POST {GW}/messages": _message,
    f"PUT {GW}/messages/{{messageUid}}": _message_put,
    f"POST {PV}/businesses": lambda c: (f"{PV}/businesses", {"name": "B", "timezone": "UTC"}),
    f"GET {PV}/clients": lambda c: (f"{PV}/clients?per_page=1&page=1&status=lead", None),
    f"POST {PV}/clients": _client,
    f"GET {PV}/clients/{{client_id}}": lambda c: (
        f"{PV}/clients/{_uid(c, *_client(c), 'client', 'id')}",
        None,
    ),
    f"GET {PV}/staffs": lambda c: (f"{PV}/staffs", None),
    f"POST {PV}/messages": _platform_message,
    f"GET {PV}/messages/{{message_uid}}": lambda c: (
        f"{PV}/messages/{_uid(c, *_platform_message(c), 'uid', fallback=True)}",
        None,
    ),
    f"GET {PV}/conversations": lambda c: (f"{PV}/conversations", None),
    f"GET {PV}/services": lambda c: (f"{PV}/services", _uid(c, *_service(c)) and None),
    f"POST {PV}/services": _service,
    f"GET {PV}/services/export": lambda c: (f"{PV}/services/export", None),
    f"GET {PV}/service_categories": lambda c: (f"{PV}/service_categories", None),
    f"POST {PV}/appointments": _appointment,
    f"GET {PV}/appointments/{{appointment_id}}": lambda c: (
        f"{PV}/appointments/{_uid(c, *_appointment(c), 'appointment', 'id')}",
        None,
    ),
    f"POST {PV}/time_offs": lambda c: (
        f"{PV}/time_offs",
        {"title": "T", "from": "2027-01-01", "to": "2027-01-02", "weekdays": ["monday"]},
    ),
    f"GET {PV}/time_offs/{{time_off_id}}": lambda c: (
        f"{PV}/time_offs/"
        + _uid(
            c,
            f"{PV}/time_offs",
            {"title": "T", "from": "2027-01-01", "to": "2027-01-02"},
            *("time_off", "id"),
        ),
        None,
    ),
    f"GET {PV}/tags": lambda c: (f"{PV}/tags", _uid(c, f"{PV}/tags", {"name": "t"}) and None),
    f"POST {PV}/tags": lambda c: (f"{PV}/tags", {"name": "VIP", "color": "#00ff00"}),
    f"POST {MC}/whatsapp/message": _sending("whatsapp", "15550107777"),
    f"POST {MC}/instagram/message": _sending("instagram", "1784"),
    f"POST {MC}/messenger/message": _sending("messenger", "2400"),
    f"POST {MC}/telegram/message": _sending("telegram", "7123"),
    f"POST {MC}/sms/message": _sending("sms", "+15550107777"),
    f"POST {MC}/web-chatt2me/message": lambda c: _sending(
        "web-chatt2me", c.variables["visitor_id"]
    )(c),
    f"GET {MC}/application-channels": lambda c: (f"{MC}/application-channels", None),
    f"GET {MC}/web-chatt2me/visitors": lambda c: (f"{MC}/web-chatt2me/visitors", None),
}
FALLBACK_ONLY = f"POST {PV}/messages"


def _token(key: str) -> str:
    if MC in key:
        return "key"
    return "directory" if key.endswith("/businesses") else "staff"


def _send(client: Any, key: str, path: str, body: Any, **more: Any) -> Any:
    method = key.partition(" ")[0]
    more.setdefault("token", _token(key))
    answer = client.call(method, path, body, fallback=key == FALLBACK_ONLY, **more)
    check_answer(key, answer)
    return answer


def _mutations(value: Any, where: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """(place, new value) for every place of a body; `...` stands for a removed member."""
    for other in VALUES:
        yield where, other
    if isinstance(value, dict):
        for name, child in value.items():
            yield (*where, name), ...
            yield from _mutations(child, (*where, name))
    elif isinstance(value, list) and value:
        yield from _mutations(value[0], (*where, 0))


def _changed(body: Any, where: tuple[Any, ...], value: Any) -> Any:
    if not where:
        return value
    made = copy.deepcopy(body)
    node = made
    for step in where[:-1]:
        node = node[step]
    if value is ...:
        del node[where[-1]]
    else:
        node[where[-1]] = value
    return made


def test_every_operation_has_a_valid_request() -> None:
    assert set(VALID) == set(OPERATIONS)


@pytest.mark.parametrize("key", OPERATIONS)
def test_valid_requests_are_accepted(key: str, client: Any) -> None:
    for _ in range(2):
        path, body = VALID[key](client)
        assert _send(client, key, path, body).status < 300


@pytest.mark.parametrize("key", [k for k in OPERATIONS if "requestBody" in OPERATIONS[k][1]])
def test_schema_foretells_the_verdict(key: str, client: Any) -> None:
    document, operation = OPERATIONS[key]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    validator = _validator(document, schema)
    path, body = VALID[key](client)
    assert validator.is_valid(body)
    for number, (where, value) in enumerate(_mutations(body)):
        if number % 10 == 0 and key == FALLBACK_ONLY:
            client.fresh_business()
        if key.startswith("POST") and number:
            path, body = _renewed(client, key, path, body)
        changed = _changed(body, where, value)
        answer = _send(client, key, path, changed)
        accepted = answer.status < 300
        if not validator.is_valid(changed):
            assert not accepted, f"{where} = {value!r} is accepted"
        elif not {str(step) for step in where} & IN_WORDS and where:
            assert accepted, f"{where} = {value!r} is refused: {answer.text}"


def _renewed(client: Any, key: str, path: str, body: Any) -> tuple[str, Any]:
    """The request again, with what must be unique renewed."""
    if key in (f"POST {GW}/sessions", f"POST {PV}/services", FALLBACK_ONLY):
        return VALID[key](client)
    if key == f"POST {GW}/messages":
        return path, {**body, "message_uid": f"m-{client.next()}"}
    return path, body


@pytest.mark.parametrize("key", [k for k in OPERATIONS if "requestBody" in OPERATIONS[k][1]])
def test_malformed_bodies_are_400(key: str, client: Any) -> None:
    path, _ = VALID[key](client)
    deep = b"[" * 100_000
    for raw in (b"", b"{", b"\xff", b"NaN", b'{"a": 1e999}', b"1" * 5000, deep):
        assert _send(client, key, path, None, raw=raw).status == 400
    assert _send(client, key, path, None, raw=b"{}", media_type="text/plain").status == 400
    assert _send(client, key, path, {"\ud800": "\ud800"}).status < 500


@pytest.mark.parametrize("key", OPERATIONS)
def test_tokens_and_unknown_identifiers(key: str, client: Any) -> None:
    path, body = VALID[key](client)
    words = OPERATIONS[key][1]["description"].lower()
    described = words.partition("available for")[2].partition("tokens")[0]
    for token in ("staff", "app", "directory", "key", "nonsense", None):
        path, body = VALID[key](client)
        answer = _send(client, key, path, body, token=token)
        allowed = token == "key" if MC in key else bool(token) and str(token) in described
        if not key.endswith("/service_categories"):
            assert (answer.status < 300) is allowed, (token, answer.status)
    if key.endswith("}"):
        assert _send(client, key, path.rpartition("/")[0] + "/unknown", body).status == 404


def test_lists_refuse_bad_parameters(client: Any) -> None:
    key = f"GET {PV}/clients"
    for query in ({"page": "0"}, {"per_page": "51"}, {"page": "x"}, {"status": "zebra"}):
        answer = client.call("GET", f"{PV}/clients", query=query)
        check_answer(key, answer)
        assert answer.status == 422
    answer = client.call("GET", f"{GW}/sessions")
    check_answer(f"GET {GW}/sessions", answer)
    assert answer.status == 422


def test_unknown_routes_and_methods(client: Any) -> None:
    for path in ("/", "/zebra", f"{PV}/", f"{GW}/channels/", f"{MC}/fax/message"):
        assert client.call("GET", path).status == 404
    for path in (f"{PV}/clients", f"{GW}/channels", f"{MC}/sms/message"):
        assert client.call("PATCH", path, {}).status == 405


# -- multi-channel sending -------------------------------------------------------------------------

PARTS: dict[str, Any] = {
    "text": "Hello",
    "location": {"latitude": 1, "longitude": 2.5},
    "contact": {"name": "Kim", "phone": "123"},
    "contacts": [{"name": "Kim", "phone": "123"}],
    "interactive": {"type": "list", "body": "Choose"},
    "template": {"name": "welcome", "language": "en"},
    "reaction": {"messageId": "m", "emoji": "x"},
    "markSeen": {"messageId": "m"},
    "paymentRequest": {"method": "pix", "amount": 100},
    "orderStatus": {"orderId": "o", "status": "shipped"},
    **{f"{kind}Url": "https://cdn.example.com/x" for kind in ("image", "video", "audio")},
    **{f"{kind}Url": "https://cdn.example.com/x" for kind in ("document", "sticker")},
}
SENDERS = [key for key in OPERATIONS if key.startswith(f"POST {MC}/")]


@pytest.mark.parametrize("key", SENDERS)
def test_content_types_per_channel(key: str, client: Any) -> None:
    document, operation = OPERATIONS[key]
    path, body = VALID[key](client)
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    message = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    name = message["properties"]["content"]["$ref"].rpartition("/")[2]
    documented = set(document["components"]["schemas"][name]["properties"]) - {"caption"}
    status = "enqueued" if "whatsapp" in key or "messenger" in key else "sent"
    for main, value in PARTS.items():
        answer = _send(client, key, path, {**body, "content": {main: value}})
        assert answer.status == (200 if main in documented else 400), main
        if answer.status == 200:
            assert answer.json["status"] == status and answer.json["messageId"]
    both = {"text": "a", "imageUrl": "https://cdn.example.com/x"}
    assert _send(client, key, path, {**body, "content": both}).status == 400
    lost = {"imageUrl": "https://media.invalid/x.png", "caption": "A picture"}
    answer = _send(client, key, path, {**body, "content": lost})
    assert (answer.status, answer.json["messageId"]) == (200, None)
    assert answer.json["errorCode"] == "media_unreachable"


def test_alternate_senders(client: Any) -> None:
    alternates = {
        "whatsapp": ("15550100001", "+15550100001"),
        "instagram": ("sandbox.studio", "@sandbox.studio"),
        "messenger": ("100200300400500",),
        "telegram": ("sandbox_studio_bot", "@sandbox_studio_bot"),
        "sms": ("15550100002", "+15550100002"),
        "web-chatt2me": (),
    }
    for kind, names in alternates.items():
        key = f"POST {MC}/{kind}/message"
        path, body = VALID[key](client)
        for name in names:
            assert _send(client, key, path, {**body, "from": name}).json["status"] != "error"
        assert _send(client, key, path, {**body, "from": "unknown"}).status == 404


def test_web_chat_needs_a_session(client: Any) -> None:
    key = f"POST {MC}/web-chatt2me/message"
    path, body = VALID[key](client)
    answer = _send(client, key, path, {**body, "to": "stranger"})
    assert (answer.status, answer.json["errorCode"]) == (200, "session_not_found")
