"""Every statement of the truthful documents, tried on their servers."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from document_files import load

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from conform import Api, Sent, Witness, accepted, check  # noqa: E402
from running import running, unavailable  # noqa: E402


def api_of(server: str) -> Iterator[Api]:
    if reason := unavailable(server):
        pytest.skip(reason)
    run = load(HERE / server / "planted.yaml")["run"]
    with running(server) as url:
        document = load(HERE / server / "truthful" / run["document"])
        yield Api(url + run["base_path"], document, run["tokens"])


@pytest.fixture
def shop() -> Iterator[Api]:
    yield from api_of("shop")


@pytest.fixture
def rooms() -> Iterator[Api]:
    yield from api_of("rooms")


@pytest.fixture
def tracker() -> Iterator[Api]:
    yield from api_of("tracker")


@pytest.fixture
def ledger() -> Iterator[Api]:
    yield from api_of("ledger")


@pytest.fixture
def ten_cases() -> Iterator[Api]:
    yield from api_of("ten_cases")


def test_shop(shop: Api) -> None:
    def customer() -> Sent:
        form = {"email": f"Ada{next(shop.numbers)}@example.com", "name": "Ada"}
        return Sent(form={**form, "country": "FR", "tier": "gold"})

    def new() -> dict[str, int]:
        return {"id": shop.send("POST /shop/v1/customers", customer()).json()["id"]}

    check(shop, Witness("POST /shop/v1/customers", customer))
    check(shop, Witness("GET /shop/v1/customers", lambda: Sent(query={"page": "1"})))
    for operation in ("GET /shop/v1/customers/{id}", "DELETE /shop/v1/customers/{id}"):
        check(shop, Witness(operation, lambda: Sent(path=new())))
    check(shop, Witness("GET /shop/v1/customers/{id}/card", lambda: Sent(path=new())))
    notes = "/shop/v1/customers/{id}/notes"
    form = {"text": "Hello", "colour": "any"}
    check(shop, Witness(f"POST {notes}", lambda: Sent(path=new(), form=form)))
    check(shop, Witness(f"GET {notes}", lambda: Sent(path=new())))
    upload = Witness(
        "POST /shop/v1/documents",
        lambda: Sent(form={"title": "T"}, files={"file": ("a.txt", b"abc")}),
    )
    check(shop, upload)
    assert not accepted(shop.send("POST /shop/v1/documents", Sent(form={"title": "T"})))
    made = shop.send("POST /shop/v1/documents", upload.make()).json()
    assert made["category"] == "invoice" and made["size"] == 3
    check(shop, Witness("GET /shop/v1/documents/{id}", lambda: Sent(path={"id": made["id"]})))
    check(shop, Witness("POST /shop/v1/stock/recount", Sent))


def test_shop_customers_and_reports(shop: Api) -> None:
    create = "POST /shop/v1/customers"
    form = {"email": "BOB@example.com", "name": "Bob", "nickname": "B"}
    made = shop.send(create, Sent(form=form)).json()
    assert made["email"] == "bob@example.com" and "nickname" not in made
    assert (made["country"], made["tier"]) == ("US", "bronze")
    assert shop.send(create, Sent(form=form)).status_code == 409
    wrong = Sent(raw=b"{}", headers={"Content-Type": "application/json"})
    assert shop.send(create, wrong).status_code == 415
    report = Sent(form={"kind": "sales"})
    assert shop.send("POST /shop/v1/reports", report).status_code == 400
    fallback = Api(shop.url.removesuffix("/gw") + "/direct", shop.document, {})
    check(fallback, Witness("POST /shop/v1/reports", lambda: report))


def test_rooms(rooms: Api) -> None:
    slots = itertools.count()

    def room() -> Sent:
        body = {"name": f"Room {next(rooms.numbers)}", "kind": "phone", "seats": 4, "tags": ["a"]}
        return Sent(body=body)

    def new_room() -> str:
        item = rooms.send("POST /api/rooms.create", room(), "admin").json()["data"]["item"]
        return str(item["id"])

    def booking() -> Sent:
        day = f"2026-01-{next(slots) % 28 + 1:02}"
        body = {
            "room_id": new_room(),
            "date": day,
            "slot": "evening",
            "guests": 2,
            "phone": "1" * 9,
        }
        return Sent(body=body)

    def new_booking() -> str:
        item = rooms.send("POST /api/bookings.create", booking(), "admin").json()["data"]["item"]
        return str(item["id"])

    def confirmed() -> Sent:
        key = new_booking()
        rooms.send("POST /api/bookings.confirm", Sent(body={"booking_id": key}), "admin")
        return Sent(body={"booking_id": key, "amount": 5})

    check(rooms, Witness("POST /api/rooms.create", room, "admin", frozenset({"name"})))
    check(rooms, Witness("GET /api/rooms.list", Sent, "reader"))
    references = frozenset({"room_id", "booking_id"})
    detail = Witness(
        "GET /api/rooms.info", lambda: Sent(query={"room_id": new_room()}), "admin", references
    )
    check(rooms, detail)
    check(rooms, Witness("POST /api/bookings.create", booking, "reader", references))
    confirm = Witness(
        "POST /api/bookings.confirm",
        lambda: Sent(body={"booking_id": new_booking()}),
        "admin",
        references,
    )
    check(rooms, confirm)
    info = Witness(
        "GET /api/bookings.info",
        lambda: Sent(query={"booking_id": new_booking()}),
        "admin",
        references,
    )
    check(rooms, info)
    check(rooms, Witness("POST /api/bookings.invoice", confirmed, "admin", references))


def test_rooms_state_and_uniqueness(rooms: Api) -> None:
    body = {"name": "One", "kind": "lounge", "seats": 1}
    made = rooms.send("POST /api/rooms.create", Sent(body=body), "admin").json()["data"]["item"]
    assert made["tags"] == []
    again = rooms.send("POST /api/rooms.create", Sent(body=body), "admin")
    assert again.json() == {"ok": False, "error": "already_exists"}
    base = {"room_id": made["id"], "date": "2026-02-01", "slot": "morning"}
    create = "POST /api/bookings.create"
    booked = rooms.send(create, Sent(body=base), "reader").json()["data"]["item"]
    assert booked["guests"] == 1 and booked["state"] == "draft"
    assert not accepted(rooms.send(create, Sent(body=base), "reader"))
    assert accepted(rooms.send(create, Sent(body={**base, "slot": "evening"}), "reader"))
    assert accepted(rooms.send(create, Sent(body={**base, "date": "2026-02-02"}), "reader"))
    assert not accepted(rooms.send(create, Sent(body={**base, "room_id": "none"}), "reader"))
    invoice = Sent(body={"booking_id": booked["id"], "amount": 3})
    key = Sent(body={"booking_id": booked["id"]})
    assert not accepted(rooms.send("POST /api/bookings.invoice", invoice, "admin"))
    assert accepted(rooms.send("POST /api/bookings.confirm", key, "admin"))
    assert accepted(rooms.send("POST /api/bookings.invoice", invoice, "admin"))
    assert not accepted(rooms.send("POST /api/bookings.confirm", key, "admin"))


def test_tracker(tracker: Api) -> None:
    organisations = "/v2/organisations"
    organisation = Sent(body={"name": "Org", "plan": "team"})

    def new_organisation() -> dict[str, str]:
        made = tracker.send(f"POST {organisations}", organisation, "admin")
        return {"organisation_id": made.json()["id"]}

    def project() -> Sent:
        owner = {"name": "Ada", "email": "ada@example.com"}
        body = {"name": "Project", "key": "ABC", "owner": owner}
        return Sent(path=new_organisation(), body=body)

    def new_project() -> dict[str, str]:
        create = f"POST {organisations}/{{organisation_id}}/projects"
        return {"project_id": tracker.send(create, project(), "admin").json()["id"]}

    def task() -> Sent:
        body = {
            "title": "Task",
            "priority": "high",
            "estimate": 3,
            "due": "2026-05-01",
            "assignees": [{"name": "Ada", "role": "author"}],
        }
        return Sent(path=new_project(), body=body)

    def new_task() -> dict[str, str]:
        create = "POST /v2/projects/{project_id}/tasks"
        return {"task_id": tracker.send(create, task(), "admin").json()["id"]}

    def releasable() -> Sent:
        sent = task()
        tracker.send("POST /v2/projects/{project_id}/tasks", sent, "admin")
        return Sent(path=sent.path, body={"version": "1.0"})

    def user() -> Sent:
        email = f"U{next(tracker.numbers)}@example.com"
        return Sent(body={"email": email, "password": "12345678", "nickname": "N"})

    def new_user() -> dict[str, str]:
        return {"user_id": tracker.send("POST /v2/users", user(), "admin").json()["id"]}

    check(tracker, Witness(f"POST {organisations}", lambda: organisation, "admin"))
    named = Sent(headers={"X-Client-Name": "tests"})
    check(tracker, Witness(f"GET {organisations}", lambda: named, "reader"))
    one = f"{organisations}/{{organisation_id}}"
    check(tracker, Witness(f"GET {one}", lambda: Sent(path=new_organisation()), "admin"))
    check(tracker, Witness(f"POST {one}/projects", project, "admin"))
    check(tracker, Witness("GET /v2/projects/{project_id}", lambda: Sent(new_project()), "admin"))
    tasks = "/v2/projects/{project_id}/tasks"
    check(tracker, Witness(f"POST {tasks}", task, "admin"))
    check(tracker, Witness(f"GET {tasks}", lambda: Sent(path=new_project()), "reader"))
    check(tracker, Witness("GET /v2/tasks/{task_id}", lambda: Sent(new_task()), "admin"))
    patch = {"title": "New", "priority": "low", "labels": ["a"]}
    change = Witness("PATCH /v2/tasks/{task_id}", lambda: Sent(new_task(), body=patch), "admin")
    check(tracker, change)
    check(tracker, Witness("DELETE /v2/tasks/{task_id}", lambda: Sent(new_task()), "admin"))
    state = "PUT /v2/tasks/{task_id}/state"
    check(tracker, Witness(state, lambda: Sent(new_task(), body={"state": "done"}), "admin"))
    exports = "POST /v2/tasks/{task_id}/exports"
    check(tracker, Witness(exports, lambda: Sent(new_task(), body={"format": "csv"}), "admin"))
    check(tracker, Witness("POST /v2/projects/{project_id}/releases", releasable, "admin"))
    for target in ({"kind": "email", "address": "a@b.cd"}, {"kind": "chat", "room": "x"}):
        alert = Sent(body={"target": target})
        check(tracker, Witness("POST /v2/alerts", lambda sent=alert: sent, "admin"))
    check(tracker, Witness("POST /v2/users", user, "admin"))
    check(tracker, Witness("GET /v2/users/{user_id}", lambda: Sent(new_user()), "admin"))
    dark = Sent(cookies={"theme": "dark"})
    check(tracker, Witness("GET /v2/preferences", lambda: dark, "admin"))
    check(tracker, Witness("GET /v2/summary", Sent))


def test_ledger(ledger: Api) -> None:
    def code() -> str:
        return f"ABC{next(ledger.numbers):03}"

    def account() -> Sent:
        return Sent(body={"name": "Main", "code": code(), "currency": "USD", "limit": 1})

    number = ledger.send("POST /accounts", account()).json()["id"]
    payment = {
        "account_id": number,
        "amount": 5,
        "method": "card",
        "card_number": "1" * 12,
        "receipt_email": "a@b.cd",
        "receipt_name": "Ada",
    }
    skip = frozenset({"account_id", "card_number", "receipt_email", "code"})
    bodies = {
        "payments": payment,
        "transfers": {"amount": 1, "iban": "DE12345678", "account_number": "123456"},
        "notices": {"text": "Hi", "email": "a@b.cd"},
        "statements": {"title": "T", "from": "2026-01-01", "to": "2026-01-02"},
        "discounts": {"name": "D", "percent": 5},
        "schedules": {"start": "2026-01-01", "every": 3, "note": "n"},
    }
    check(ledger, Witness("POST /accounts", account, None, skip))
    check(ledger, Witness("GET /accounts", Sent))
    check(ledger, Witness("GET /accounts/{id}", lambda: Sent({"id": number})))
    depend = skip | {"email", "phone", "from", "to", "amount", "percent"}
    for name, body in bodies.items():
        check(ledger, Witness(f"POST /{name}", lambda body=body: Sent(body=body), None, depend))
    for name in ("transfers", "schedules"):
        check(ledger, Witness(f"GET /{name}/{{id}}", lambda: Sent({"id": 1})))


@pytest.mark.parametrize(
    ("operation", "base", "good", "bad"),
    [
        (
            "POST /payments",
            {"account_id": 1, "amount": 5, "method": "cash"},
            [
                {},
                {"method": "voucher"},
                {"method": "card", "card_number": "1" * 12},
                {"card_number": "1" * 12},
                {"receipt_email": "a@b.cd"},
                {"receipt_email": "a@b.cd", "receipt_name": "A"},
            ],
            [{"method": "card"}, {"receipt_name": "A"}, {"account_id": 77}],
        ),
        (
            "POST /transfers",
            {"amount": 5},
            [
                {"iban": "DE12345678"},
                {"account_number": "123456"},
                {"iban": "DE12345678", "account_number": "123456"},
            ],
            [{}],
        ),
        (
            "POST /notices",
            {"text": "T"},
            [{"email": "a@b.cd"}, {"phone": "+123456"}],
            [{}, {"email": "a@b.cd", "phone": "+123456"}],
        ),
        (
            "POST /statements",
            {"title": "T"},
            [{}, {"from": "2026-01-01", "to": "2026-01-01"}],
            [
                {"from": "2026-01-01"},
                {"to": "2026-01-01"},
                {"from": "2026-01-31", "to": "2026-01-01"},
            ],
        ),
        (
            "POST /discounts",
            {"name": "D"},
            [{}, {"percent": 5}, {"amount": 5}],
            [{"percent": 5, "amount": 5}],
        ),
    ],
)
def test_ledger_dependencies(
    ledger: Api, operation: str, base: dict, good: list[dict], bad: list[dict]
) -> None:
    ledger.send("POST /accounts", Sent(body={"name": "A", "code": "AAA111"}))
    for change in good:
        assert accepted(ledger.send(operation, Sent(body={**base, **change}))), change
    for change in bad:
        assert not accepted(ledger.send(operation, Sent(body={**base, **change}))), change


def test_ledger_accounts(ledger: Api) -> None:
    body = {"name": "A", "code": "AAA111"}
    made = ledger.send("POST /accounts", Sent(body=body)).json()
    assert (made["currency"], made["limit"]) == ("EUR", 500)
    assert ledger.send("POST /accounts", Sent(body=body)).status_code == 409
    listed = ledger.send("GET /accounts", Sent(query={"currency": "EUR,USD"})).json()
    assert listed == [made]
    assert ledger.send("GET /accounts", Sent(query={"currency": "GBP"})).json() == []
    assert not accepted(ledger.send("GET /accounts", Sent(query={"currency": "EUR,XXX"})))


def test_ten_cases(ten_cases: Api) -> None:
    bodies = {
        "contacts": {"name": "A", "region": "north"},
        "tickets": {"subject": "S", "body": "B"},
        "orders": {"item": "I", "speed": "slow"},
        "vouchers": {"label": "L", "kind": "share"},
        "mailings": {"title": "T", "recipients": ["a"]},
        "parcels": {"weight": 3},
        "rounds": {"title": "T"},
        "products": {"title": "T", "sku": "AB-1234"},
        "channels": {"title": "T"},
    }
    for name, body in bodies.items():
        made = ten_cases.send(f"POST /{name}", Sent(body=body), "admin").json()["id"]
        check(ten_cases, Witness(f"POST /{name}", lambda body=body: Sent(body=body), "admin"))
        one = Sent(path={"id": made})
        check(ten_cases, Witness(f"GET /{name}/{{id}}", lambda one=one: one, "reader"))
    message = Sent(path={"id": made}, body={"text": "Hi"})
    send = "POST /channels/{id}/messages"
    assert ten_cases.send(send, message, "admin").status_code == 400
    activate = "POST /channels/{id}/activate"
    check(ten_cases, Witness(activate, lambda: Sent(path={"id": made}), "admin"))
    check(ten_cases, Witness(send, lambda: message, "admin"))
    check(ten_cases, Witness("GET /audit", Sent, "admin"))
