"""Each planted drift of truth.json is shown on the running server or in the documents."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from document_files import load

HERE = Path(__file__).parent
SWAGGER = HERE.parent.parent / "swagger"
TRUTH = json.loads((HERE / "truth.json").read_text(encoding="utf-8"))
GW, PV = "/business/communication", "/platform/v1"

Key = tuple[str, str, str]
PROOFS: dict[Key, Callable[[Any], None]] = {}


def proof(rule: str, operation: str, *names: str) -> Callable[[Any], Any]:
    def register(function: Callable[[Any], None]) -> Callable[[Any], None]:
        for name in names or ("",):
            PROOFS[rule, operation, name] = function
        return function

    return register


def key_of(entry: dict[str, Any]) -> Key:
    return entry["rule"], entry["operation"], entry["field"]["name"]


@pytest.mark.parametrize("entry", TRUTH, ids=lambda e: " ".join(key_of(e)))
def test_planted(entry: dict[str, Any], client: Any) -> None:
    PROOFS[key_of(entry)](client)


def test_nothing_else_is_proved() -> None:
    assert set(PROOFS) == {key_of(entry) for entry in TRUTH}


def document(name: str) -> Any:
    return load(SWAGGER / name)


def documented(path: str, method: str, name: str = "platform_v1.json") -> Any:
    return document(f"communication/{name}")["paths"][path][method]


def request_schema(path: str, method: str, name: str = "platform_v1.json") -> Any:
    whole = document(f"communication/{name}")
    content = whole["paths"][path][method]["requestBody"]["content"]["application/json"]
    return whole["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]


def statuses(client: Any, method: str, path: str, *bodies: Any, **more: Any) -> list[int]:
    return [client.call(method, path, body, **more).status for body in bodies]


# -- requests --------------------------------------------------------------------------------------


@proof("required-undocumented", f"POST {GW}/channels", "business_uid")
def _(client: Any) -> None:
    whole = {"business_uid": client.variables["business_id"], "type": "internal"}
    without = {"type": "internal"}
    seen = statuses(client, "POST", f"{GW}/channels", whole, without, whole, without)
    assert seen == [201, 422, 201, 422]
    assert (
        "business_uid" not in request_schema("/channels", "post", "communication.json")["required"]
    )


@proof(
    "required-undocumented",
    f"POST {GW}/sessions",
    "business_uid",
    "channel_uid",
    "contact_uid",
    "external_uid",
)
def _(client: Any) -> None:
    assert "required" not in request_schema("/sessions", "post", "communication.json")
    whole = client.session_body(client.channel())
    for name in whole:
        partial = {k: v for k, v in whole.items() if k != name}
        assert statuses(client, "POST", f"{GW}/sessions", partial) == [422]
    assert statuses(client, "POST", f"{GW}/sessions", whole) == [201]


@proof("required-not-enforced", f"POST {PV}/messages", "message.direction")
def _(client: Any) -> None:
    body = client.platform_message()
    assert statuses(client, "POST", f"{PV}/messages", body, fallback=True) == [201]
    message = request_schema(f"{PV}/messages", "post")["properties"]["message"]
    assert "direction" in message["required"]


@proof("field-undocumented", f"POST {PV}/clients", "nickname")
def _(client: Any) -> None:
    base = {"first_name": "Ann", "phone": "123456"}
    made = client.call("POST", f"{PV}/clients", {**base, "nickname": "Annie", "nock": "x"})
    answered = made.json["data"]["client"]
    assert answered["nickname"] == "Annie" and "nock" not in answered
    assert statuses(client, "POST", f"{PV}/clients", {**base, "nickname": 5}) == [422]
    assert "nickname" not in request_schema(f"{PV}/clients", "post")["properties"]


@proof("field-rejected", f"POST {PV}/appointments", "time_zone")
def _(client: Any) -> None:
    body = client.appointment_body()
    field = request_schema(f"{PV}/appointments", "post")["properties"]["time_zone"]
    for value in field["enum"]:
        seen = statuses(client, "POST", f"{PV}/appointments", {**body, "time_zone": value}, body)
        assert seen == [422, 201]


@proof("field-ignored", f"POST {PV}/time_offs", "reason")
def _(client: Any) -> None:
    body = {"title": "Closed", "from": "2027-01-01", "to": "2027-01-02"}
    for value in ("holidays", "works", {"no": ["reason"]}):
        made = client.call("POST", f"{PV}/time_offs", {**body, "reason": value})
        uid = made.json["data"]["time_off"]["id"]
        read = client.call("GET", f"{PV}/time_offs/{uid}").json["data"]["time_off"]
        assert made.status == 201 and read["reason"] is None


@proof("type-mismatch", f"POST {PV}/time_offs", "weekdays")
def _(client: Any) -> None:
    body = {"title": "Closed", "from": "2027-01-01", "to": "2027-01-02"}
    days: list[Any] = ["monday", ["monday"], "monday", ["tuesday"]]
    bodies = [{**body, "weekdays": day} for day in days]
    assert statuses(client, "POST", f"{PV}/time_offs", *bodies) == [422, 201, 422, 201]


@proof("enum-undocumented", f"POST {GW}/channels", "type")
def _(client: Any) -> None:
    business = client.variables["business_id"]
    values = ("transactional", "promotional", "internal", "zebra", "quux")
    bodies = [{"business_uid": business, "type": value} for value in values]
    assert statuses(client, "POST", f"{GW}/channels", *bodies) == [201, 201, 201, 422, 422]
    schema = request_schema("/channels", "post", "communication.json")
    assert "enum" not in schema["properties"]["type"]


@proof("enum-value-undocumented", f"POST {PV}/clients", "status")
def _(client: Any) -> None:
    values = ("lead", "customer", "archived", "zebra", "quux")
    bodies = [{"first_name": "Ann", "phone": "123", "status": value} for value in values]
    assert statuses(client, "POST", f"{PV}/clients", *bodies) == [201, 201, 201, 422, 422]


@proof("enum-value-rejected", f"POST {PV}/services", "interaction_type")
def _(client: Any) -> None:
    enum = request_schema(f"{PV}/services", "post")["properties"]["interaction_type"]["enum"]
    bodies = [{"name": f"N{client.next()}", "interaction_type": value} for value in enum]
    assert statuses(client, "POST", f"{PV}/services", *bodies) == [201, 201, 201, 422]


@proof("enum-not-enforced", f"POST {PV}/appointments", "source")
def _(client: Any) -> None:
    body = client.appointment_body()
    bodies = [{**body, "source": value} for value in ("web", "zebra", "quux")]
    assert statuses(client, "POST", f"{PV}/appointments", *bodies) == [201, 201, 201]


@proof("format-mismatch", f"POST {PV}/clients", "address.zip")
def _(client: Any) -> None:
    body = {"first_name": "Ann", "phone": "123"}
    zips = ("1", "49007", "000000000000", "", "AB1 2CD", "490-07")
    bodies = [{**body, "address": {"zip": value}} for value in zips]
    assert statuses(client, "POST", f"{PV}/clients", *bodies) == [201, 201, 201, 422, 422, 422]


@proof("bound-mismatch", f"POST {PV}/clients", "first_name")
def _(client: Any) -> None:
    bodies = [{"first_name": "é" * n, "phone": "123"} for n in (50, 51, 255)]
    assert statuses(client, "POST", f"{PV}/clients", *bodies) == [201, 422, 422]
    assert request_schema(f"{PV}/clients", "post")["properties"]["first_name"]["maxLength"] == 255


@proof("bound-mismatch", f"GET {PV}/clients", "per_page")
def _(client: Any) -> None:
    seen = [
        client.call("GET", f"{PV}/clients", query={"per_page": n}).status
        for n in ("1", "50", "51", "100")
    ]
    assert seen == [200, 200, 422, 422]


@proof("dependency-undocumented", f"POST {PV}/services", "price")
def _(client: Any) -> None:
    extras: list[dict[str, Any]] = [
        {},
        {"price": 5, "currency": "USD"},
        {"currency": "USD"},
        {"price": 5},
    ]
    bodies = [{"name": f"N{client.next()}", **extra} for extra in extras]
    assert statuses(client, "POST", f"{PV}/services", *bodies) == [201, 201, 201, 422]


@proof("dependency-undocumented", f"POST {PV}/clients", "email")
def _(client: Any) -> None:
    extras = [{"email": "a@b.c", "phone": "123"}, {"email": "a@b.c"}, {"phone": "123"}, {}]
    bodies = [{"first_name": "Ann", **extra} for extra in extras]
    assert statuses(client, "POST", f"{PV}/clients", *bodies) == [201, 201, 201, 422]


@proof("unique-undocumented", f"POST {PV}/services", "name")
def _(client: Any) -> None:
    bodies = [{"name": "One"}, {"name": "One"}, {"name": "Two"}]
    assert statuses(client, "POST", f"{PV}/services", *bodies) == [201, 422, 201]


@proof("reference-undocumented", f"POST {PV}/appointments", "service_id")
def _(client: Any) -> None:
    known = client.service()
    unknown = known[::-1]
    bodies = [client.appointment_body(service) for service in (known, unknown, known)]
    assert statuses(client, "POST", f"{PV}/appointments", *bodies) == [201, 422, 201]


@proof("example-rejected", f"POST {PV}/time_offs", "")
def _(client: Any) -> None:
    content = documented(f"{PV}/time_offs", "post")["requestBody"]["content"]
    example = content["application/json"]["example"]
    turned = {**example, "from": example["to"], "to": example["from"]}
    assert statuses(client, "POST", f"{PV}/time_offs", example, turned) == [422, 201]


@proof("default-mismatch", f"POST {PV}/services", "duration")
def _(client: Any) -> None:
    made = client.call("POST", f"{PV}/services", {"name": "Default"})
    default = request_schema(f"{PV}/services", "post")["properties"]["duration"]["default"]
    assert (made.json["data"]["service"]["duration"], default) == (60, 30)


@proof("default-mismatch", f"POST {PV}/messages", "message.channels")
def _(client: Any) -> None:
    made = client.call("POST", f"{PV}/messages", client.platform_message(), fallback=True)
    read = client.call("GET", f"{PV}/messages/{made.json['data']['uid']}")
    message = request_schema(f"{PV}/messages", "post")["properties"]["message"]
    default = message["properties"]["channels"]["default"]
    assert (read.json["data"]["message"]["channels"], default) == ("sms,email", "email")


# -- responses -------------------------------------------------------------------------------------


def _refused(client: Any, operation: str) -> tuple[str, str, Any, Any]:
    """A request that the gateway refuses with 422, as method, path, body and query."""
    method, _, path = operation.partition(" ")
    filled = path
    if "{uid}" in path:
        channel = client.channel()
        filled = path.replace("{uid}", channel if "/channels/" in path else client.session(channel))
    body: Any = {"status": "zebra"} if method == "PUT" else {}
    return method, filled, None if method == "GET" else body, None


def _status_422(operation: str) -> None:
    @proof("status-undocumented", operation)
    def _(client: Any) -> None:
        method, path, body, query = _refused(client, operation)
        for _ in range(2):
            assert client.call(method, path, body, query=query).status == 422
        template = operation.partition(GW)[2]
        told = documented(template, method.lower(), "communication.json")["responses"]
        assert "422" not in told


for _entry in TRUTH:
    if _entry["rule"] == "status-undocumented" and GW in _entry["operation"]:
        _status_422(_entry["operation"])


@proof("status-undocumented", f"POST {PV}/tags")
def _(client: Any) -> None:
    assert statuses(client, "POST", f"{PV}/tags", {"name": "VIP"}, {"name": "VIP"}) == [201, 201]
    assert "201" not in documented(f"{PV}/tags", "post")["responses"]


@proof("response-field-missing", f"GET {PV}/clients/{{client_id}}", "data.client.account_manager")
def _(client: Any) -> None:
    found = client.call("GET", f"{PV}/clients/{client.variables['client_id']}")
    assert found.status == 200 and "account_manager" not in found.json["data"]["client"]


@proof("response-field-undocumented", f"GET {PV}/clients", "data.clients[].opted_in")
def _(client: Any) -> None:
    rows = client.call("GET", f"{PV}/clients").json["data"]["clients"]
    assert rows and all(row["opted_in"] in (True, False) for row in rows)
    assert "opted_in" not in (SWAGGER / "communication/platform_v1.json").read_text("utf-8")


@proof("response-type-mismatch", f"POST {PV}/appointments", "data.appointment.number")
def _(client: Any) -> None:
    made = client.call("POST", f"{PV}/appointments", client.appointment_body())
    assert isinstance(made.json["data"]["appointment"]["number"], int)


@proof(
    "response-enum-undocumented",
    f"GET {PV}/appointments/{{appointment_id}}",
    "data.appointment.status",
)
def _(client: Any) -> None:
    made = client.call("POST", f"{PV}/appointments", client.appointment_body())
    uid = made.json["data"]["appointment"]["id"]
    read = client.call("GET", f"{PV}/appointments/{uid}").json["data"]["appointment"]
    assert read["status"] == "requested"


@proof("content-type-mismatch", f"GET {PV}/services/export")
def _(client: Any) -> None:
    assert client.call("GET", f"{PV}/services/export").media_type == "text/plain"
    content = documented(f"{PV}/services/export", "get")["responses"]["200"]["content"]
    assert list(content) == ["text/csv"]


@proof("server-error", f"POST {PV}/reports", "days")
def _(client: Any) -> None:
    bodies = [{"name": "R", "days": days} for days in (7, "7", 7, "7", 0)]
    assert statuses(client, "POST", f"{PV}/reports", *bodies) == [201, 500, 201, 500, 422]


# -- operations, tokens, state ---------------------------------------------------------------------


@proof("operation-missing", f"GET {PV}/staff_ratings")
def _(client: Any) -> None:
    missing = client.call("GET", f"{PV}/staff_ratings")
    nonsense = client.call("GET", f"{PV}/zebra")
    assert (missing.status, missing.text) == (404, nonsense.text)


@proof("operation-undocumented", f"GET {PV}/staffs")
def _(client: Any) -> None:
    assert client.call("GET", f"{PV}/staffs").status == 200
    assert f"{PV}/staffs" not in document("communication/platform_v1.json")["paths"]


@proof("token-rejected", f"POST {PV}/messages", "directory")
def _(client: Any) -> None:
    body = client.platform_message()
    seen = [
        client.call("POST", f"{PV}/messages", body, token=token, fallback=True).status
        for token in ("staff", "directory", "app", "nonsense", None)
    ]
    assert seen == [201, 401, 400, 401, 401]


@proof("token-undocumented", f"GET {PV}/services", "app")
def _(client: Any) -> None:
    seen = [
        client.call("GET", f"{PV}/services", token=token).status
        for token in ("staff", "app", "directory", None)
    ]
    assert seen == [200, 200, 401, 401]


@proof("auth-not-enforced", f"GET {PV}/service_categories")
def _(client: Any) -> None:
    seen = [
        client.call("GET", f"{PV}/service_categories", token=token).status
        for token in ("staff", "nonsense", None)
    ]
    assert seen == [200, 200, 200]


@proof("prerequisite-undocumented", f"POST {GW}/messages", "create_session")
def _(client: Any) -> None:
    for _ in range(2):
        channel = client.channel()
        body = client.message_body(channel)
        assert statuses(client, "POST", f"{GW}/messages", body) == [422]
        session = client.session(channel, active=False)
        assert statuses(client, "POST", f"{GW}/messages", body) == [422]
        client.call("PUT", f"{GW}/sessions/{session}", {"status": "active"})
        assert statuses(client, "POST", f"{GW}/messages", body) == [201]


@proof("lifecycle-undocumented", f"POST {GW}/sessions", "channel")
def _(client: Any) -> None:
    channel = client.channel(active=False)
    body = client.session_body(channel)
    assert statuses(client, "POST", f"{GW}/sessions", body) == [422]
    client.call("PUT", f"{GW}/channels/{channel}", {"status": "active"})
    assert statuses(client, "POST", f"{GW}/sessions", body) == [201]
    session = client.session_body(client.channel())
    client.call("POST", f"{GW}/sessions", session)
    client.call("PUT", f"{GW}/channels/{channel}", {"status": "inactive"})
    assert statuses(client, "POST", f"{GW}/messages", client.message_body(channel)) == [422]


@proof("gateway-mismatch", f"POST {PV}/messages")
def _(client: Any) -> None:
    body = client.platform_message()
    primary = client.call("POST", f"{PV}/messages", body)
    assert (primary.status, primary.json) == (422, {"status": "Error", "error": "Unauthorized"})
    assert client.call("POST", f"{PV}/messages", body, fallback=True).status == 201


# -- documents -------------------------------------------------------------------------------------


@proof("spec-invalid", "")
def _(client: Any) -> None:
    legacy = document("communication/legacy/communication.json")
    assert legacy["swagger"] == "2.0" and "components" in legacy


@proof("spec-conflict", f"POST {GW}/channels", "type")
def _(client: Any) -> None:
    legacy = document("communication/legacy/communication.json")["definitions"]["CreateChannel"]
    assert legacy["properties"]["type"]["enum"] == ["transactional", "promotional"]


@proof("spec-conflict", f"PUT {GW}/messages/{{messageUid}}", "channel_uid")
def _(client: Any) -> None:
    legacy = document("communication/legacy/communication.json")["definitions"]["UpdateMessage"]
    schema = request_schema("/messages/{messageUid}", "put", "communication.json")
    assert "channel_uid" in schema["required"] and "channel_uid" not in legacy["required"]
    channel = client.channel()
    client.session(channel)
    message = client.message_body(channel)
    client.call("POST", f"{GW}/messages", message)
    bodies = [{"status": "read", "channel_uid": channel}, {"status": "read"}]
    path = f"{GW}/messages/{message['message_uid']}"
    assert statuses(client, "PUT", path, *bodies) == [200, 422]


@proof("operation-dropped", f"GET {PV}/conversations")
def _(client: Any) -> None:
    assert client.call("GET", f"{PV}/conversations").status == 200
    assert f"{PV}/conversations" not in document("communication/platform_v1.json")["paths"]
    assert "/conversations" in document("communication/legacy/conversations.yaml")["paths"]


@proof("docs-conflict", "POST /v1/communication/web-chatt2me/message")
def _(client: Any) -> None:
    path = "/v1/communication/web-chatt2me/message"
    page = (SWAGGER / "messaging/docs/sending_messages.md").read_text(encoding="utf-8")
    assert f"POST {path}" in page and path not in document("messaging/sending.yaml")["paths"]
    body = {
        "from": client.variables["web_chatt2me_channel_id"],
        "to": client.variables["visitor_id"],
        "content": {"text": "Hello"},
    }
    assert client.call("POST", path, body, token="key").json["status"] == "sent"


@proof("example-invalid", f"GET {PV}/services")
def _(client: Any) -> None:
    content = documented(f"{PV}/services", "get")["responses"]["200"]["content"]
    [service] = content["application/json"]["example"]["data"]["services"]
    assert isinstance(service["duration"], str)


@proof("description-conflict", f"GET {PV}/services")
def _(client: Any) -> None:
    content = documented(f"{PV}/services", "get")["responses"]["200"]["content"]
    [service] = content["application/json"]["example"]["data"]["services"]
    found = client.call("GET", f"{PV}/services").json["data"]["services"]
    assert "colour" in service and not any("colour" in one for one in found)


@proof("token-undocumented-in-spec", f"GET {PV}/tags")
def _(client: Any) -> None:
    assert "token" not in documented(f"{PV}/tags", "get")["description"].lower()
    seen = [
        client.call("GET", f"{PV}/tags", token=token).status for token in ("staff", "app", None)
    ]
    assert seen == [200, 401, 401]
