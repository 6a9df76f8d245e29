"""The planted drifts: built from the truth, valid documents, every rule, each one seen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests
from document_files import load
from openapi_spec_validator import validate
from patience import PATIENCE_S

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from plant import SERVERS, planted  # noqa: E402
from running import command, running, unavailable  # noqa: E402

LIVE_RULES = """
    required-undocumented required-not-enforced field-undocumented field-rejected field-ignored
    type-mismatch enum-undocumented enum-value-undocumented enum-value-rejected enum-not-enforced
    format-mismatch bound-mismatch dependency-undocumented unique-undocumented
    reference-undocumented example-rejected default-mismatch status-undocumented
    response-field-missing response-field-undocumented response-type-mismatch
    response-enum-undocumented content-type-mismatch server-error operation-missing
    operation-undocumented token-rejected token-undocumented auth-not-enforced
    prerequisite-undocumented lifecycle-undocumented gateway-mismatch
"""
DOCUMENTS = sorted(
    path
    for kind in ("drifted", "truthful")
    for path in HERE.glob(f"*/{kind}/**/*")
    if path.suffix in (".json", ".yaml")
)


@pytest.mark.parametrize("server", SERVERS)
def test_drifted_documents_and_truth_are_up_to_date(server: str) -> None:
    run, document, truth = planted(server)
    assert (HERE / server / "drifted" / run["document"]).read_text("utf-8") == document
    assert (HERE / server / "truth.json").read_text("utf-8") == truth


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(HERE)))
def test_documents_are_valid(path: Path) -> None:
    validate(load(path))


def test_every_rule_that_needs_a_server_is_planted() -> None:
    entries = [entry for server in SERVERS for entry in load(HERE / server / "truth.json")]
    assert {entry["rule"] for entry in entries} == set(LIVE_RULES.split())


@pytest.mark.parametrize("server", [*SERVERS, "quirks"])
def test_a_taken_port_is_one_clear_sentence(server: str) -> None:
    if reason := unavailable(server):
        pytest.skip(reason)
    with running(server) as url:
        port = url.rpartition(":")[2]
        done = subprocess.run(
            [*command(server), port], capture_output=True, text=True, timeout=PATIENCE_S
        )
    assert done.returncode == 1
    assert done.stderr.startswith(f"cannot listen on 127.0.0.1:{port}: ")
    assert "Traceback" not in done.stderr


class Client:
    """Bare requests; answers (status, media type, body)."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __call__(
        self, method: str, path: str, token: str = "", **more: Any
    ) -> tuple[int, str, Any]:
        headers = dict(more.pop("headers", {}))
        if token:
            headers["Authorization"] = f"Bearer {token}"
        answer = requests.request(method, self.url + path, headers=headers, **more)
        media_type = answer.headers.get("Content-Type", "").split(";")[0]
        body = answer.json() if media_type.endswith("json") else answer.text
        return answer.status_code, media_type, body


def test_shop_drifts() -> None:
    with running("shop") as url:
        call = Client(url + "/gw/shop/v1")
        good = {"email": "a@b.cd", "name": "A"}
        nameless = call("POST", "/customers", data={"email": "a@b.cd"})
        assert nameless == (400, "text/plain", "name is required\n")
        status, _, made = call("POST", "/customers", data={**good, "nickname": "Al"})
        assert status == 201 and made["country"] == "US" and "nickname" not in made
        assert "nickname" not in call("GET", f"/customers/{made['id']}")[2]
        other = {"email": "b@b.cd", "name": "B", "tier": "platinum"}
        assert call("POST", "/customers", data=other)[0] == 400
        assert call("POST", "/customers", data={**other, "tier": "gold"})[0] == 201
        assert call("GET", "/customers")[0] == 200
        for colour in ("yellow", "zzqx", "qqjw"):
            note = {"text": "T", "colour": colour}
            assert call("POST", "/customers/1/notes", data=note)[0] == 201
        assert call("GET", "/customers/1/card")[:2] == (200, "text/vcard")
        file = {"file": ("a.txt", b"a")}
        assert call("POST", "/documents", data={"title": "T"}, files=file)[0] == 201
        assert call("POST", "/reports", data={"kind": "sales"})[0] == 400
        direct = Client(url + "/direct/shop/v1")
        assert direct("POST", "/reports", data={"kind": "sales"})[0] == 200
        assert call("GET", "/catalogue") == call("GET", "/zzqx")
        assert call("POST", "/stock/recount")[0] == 200


def test_rooms_drifts() -> None:
    with running("rooms") as url:
        call = Client(url + "/api")
        admin, reader = "admin-7d1", "reader-5c2"

        def works(path: str, body: Any, token: str = admin) -> bool:
            status, media_type, answer = call("POST", path, token, json=body)
            assert (status, media_type) == (200, "application/json")
            return bool(answer["ok"])

        room = {"name": "A", "kind": "meeting", "seats": 2}
        for kind in ("zzqx", "qqjw"):
            assert not works("/rooms.create", {**room, "kind": kind})
        assert not works("/rooms.create", {**room, "tags": "a"})
        assert works("/rooms.create", {**room, "tags": ["a"]})
        assert not works("/rooms.create", {**room, "name": "B", "seats": 51})
        assert works("/rooms.create", {**room, "name": "B", "seats": 50})
        assert not works("/rooms.create", {**room, "name": "C"}, reader)
        assert works("/rooms.create", {**room, "name": "C"})
        listed = call("GET", "/rooms.list", reader)[2]
        assert listed["ok"] and not call("GET", "/rooms.list", "nonsense")[2]["ok"]
        key = listed["data"]["items"][0]["id"]
        detail = call("GET", f"/rooms.info?room_id={key}", admin)[2]["data"]["item"]
        assert detail["note"] is None and "floor" not in detail
        booking = {"room_id": key, "date": "2026-01-01", "slot": "morning"}
        assert not works("/bookings.create", {**booking, "room_id": key[::-1]})
        assert not works("/bookings.create", {**booking, "phone": "12-34-56"})
        assert works("/bookings.create", {**booking, "phone": "123456"})
        assert not works("/bookings.create", {**booking, "phone": "123456"})
        assert call("GET", "/rooms.stats", admin)[2] == call("GET", "/rooms.zzqx", admin)[2]


def test_tracker_drifts() -> None:
    if reason := unavailable("tracker"):
        pytest.skip(reason)
    with running("tracker") as url:
        call = Client(url + "/v2")
        admin = "admin-91f"
        assert call("GET", "/organisations", admin)[0] == 400
        assert call("GET", "/organisations", admin, headers={"X-Client-Name": "t"})[0] == 200
        organisation = call("POST", "/organisations", admin, json={"name": "O", "plan": "free"})[2]
        one = f"/organisations/{organisation['id']}"
        assert "internal_ref" in call("GET", one, admin)[2]
        body = {"name": "P", "key": "AB"}
        assert call("POST", f"{one}/projects", admin, json={**body, "color": "red"})[0] == 422
        status, _, project = call("POST", f"{one}/projects", admin, json=body)
        assert status == 201
        release = f"/projects/{project['id']}/releases"
        assert call("POST", release, admin, json={"version": "1.0"})[0] == 409
        tasks = f"/projects/{project['id']}/tasks"
        person = {"title": "T", "assignees": [{"name": "A"}]}
        status, media_type, problem = call("POST", tasks, admin, json=person)
        assert (status, media_type) == (422, "application/problem+json")
        assert problem["detail"] == "assignees[0].role is missing"
        assert call("POST", tasks, admin, json={"title": "T", "priority": "zzqx"})[0] == 422
        status, _, task = call("POST", tasks, admin, json={"title": "T", "priority": "urgent"})
        assert status == 201 and task["state"] == "inbox"
        assert call("POST", release, admin, json={"version": "1.0"})[0] == 201
        path = f"/tasks/{task['id']}"
        assert call("PATCH", path, admin, json={"labels": "a"})[0] == 422
        assert call("PATCH", path, admin, json={"labels": ["a"]})[2]["labels"] == ["a"]
        assert call("POST", f"{path}/exports", admin, json={"format": "pdf"})[0] == 500
        assert call("POST", f"{path}/exports", admin, json={"format": "csv"})[0] == 201
        assert call("GET", "/summary")[0] == 200
        assert call("GET", f"{one}/audit", admin) == call("GET", f"{one}/zzqx", admin)


def test_ledger_drifts() -> None:
    """Dependencies, uniqueness and defaults are proved with the truthful document."""
    with running("ledger") as url:
        call = Client(url)
        assert call("POST", "/schedules", json={"every": 3}) == (400, "", "")
        schedule = {"start": "2026-01-01", "every": 365}
        assert call("POST", "/schedules", json=schedule)[0] == 201
        assert call("POST", "/schedules", json={**schedule, "every": 366})[0] == 400
        assert call("POST", "/schedules", json={**schedule, "note": "n" * 120})[0] == 201
        assert call("POST", "/schedules", json={**schedule, "note": "n" * 121})[0] == 400
        example = {"title": "January", "from": "2026-01-31", "to": "2026-01-01"}
        assert call("POST", "/statements", json=example)[0] == 400


def test_ten_cases_drifts() -> None:
    with running("ten_cases") as url:
        call = Client(url)
        admin, reader = "admin-4e0", "reader-8b6"

        def post(path: str, **body: Any) -> tuple[int, Any]:
            status, _, answer = call("POST", path, admin, json=body)
            return status, answer

        assert post("/contacts", name="A") == (400, {"error": "invalid request"})
        assert post("/contacts", name="A", region="north")[0] == 201
        assert post("/tickets", subject="S")[0] == 201
        assert post("/orders", item="I", speed="express")[0] == 201
        assert post("/orders", item="I", speed="zzqx")[0] == 400
        assert post("/vouchers", label="L", kind="gift")[0] == 400
        assert post("/vouchers", label="L", kind="fixed")[0] == 201
        assert post("/mailings", title="T", recipients="a")[0] == 400
        assert post("/mailings", title="T", recipients=["a"])[0] == 201
        assert post("/parcels", weight=1)[1]["state"] == "held"
        assert post("/rounds", title="T")[0] == 201
        assert post("/products", title="T", sku="nonsense")[0] == 400
        assert post("/products", title="T", sku="AB-1234")[1]["sku"] == "AB-1234"
        channel = post("/channels", title="T")[1]["id"]
        assert post(f"/channels/{channel}/messages", text="Hi")[0] == 400
        assert call("POST", f"/channels/{channel}/activate", admin)[0] == 200
        assert post(f"/channels/{channel}/messages", text="Hi")[0] == 201
        assert call("GET", "/audit", reader)[0] == 403
        assert call("GET", "/audit", admin)[0] == 200
        assert call("GET", "/__requests")[2] == {"requests": 19}


def test_quirks() -> None:
    options = ("--fields", "8", "--required", "f1,f5", "--requires", "f2:f3")
    with running("quirks", *options) as url:
        call = Client(url)
        refused = (400, "application/json", {"error": "invalid request"})
        assert call("POST", "/things", json={"f1": "a"}) == refused
        assert call("POST", "/things", json={"f1": "a", "f5": "b"})[0] == 201
        assert call("POST", "/things", json={"f1": "a", "f5": "b", "f2": "c"}) == refused
        full = {f"f{n}": "x" for n in range(8)}
        assert call("POST", "/things", json=full)[2] == {"id": 4, **full}
        assert call("GET", "/__requests")[2] == {"requests": 4}
