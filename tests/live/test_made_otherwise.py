"""Requests that need what other operations made in a particular way: a session that a query names,
a member's identifier, a flag given when something was made, a list sent as one text."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from serving import PromptHandler

from checker.pipeline import run
from checker.settings import Settings, Target

Document = dict[str, Any]
TEXT: Document = {"type": "string"}
FORM = "application/x-www-form-urlencoded"


class Api:
    """Halls have rows; a seat is held in a row of an open hall; only holds made with `now` false
    can be kept, for at most the price of the hall. All but the log-in needs the `sid` it gives."""

    def __init__(self) -> None:
        self.sids: set[str] = set()
        self.halls: dict[str, Document] = {}
        self.holds: dict[str, Document] = {}

    def answer(self, method: str, path: str, query: Document, body: Document) -> tuple[int, Any]:
        parts = path.strip("/").split("/")
        if method == "POST" and parts == ["logins"]:
            if not isinstance(body.get("who"), str) or not body["who"]:
                return 400, "who?"
            self.sids.add(sid := uuid.uuid4().hex)
            return 201, {"sid": sid, "who": body["who"]}
        if query.get("sid") not in self.sids:
            return 403, "not logged in"
        match parts:
            case ["halls"]:
                return self._hall(body)
            case ["halls", number, "open"] if number in self.halls:
                if self.halls[number]["open"]:
                    return 409, "open"
                self.halls[number]["open"] = True
                return 200, self.halls[number]
            case ["holds"]:
                return self._hold(body)
            case ["holds", number, "keep"] if number in self.holds:
                return self._keep(self.holds[number], body)
            case _:
                return 404, "nothing here"

    def _hall(self, body: Document) -> tuple[int, Any]:
        names, price = body.get("rows"), str(body.get("price", ""))
        if not isinstance(names, str) or not all(names.split(",")) or "," not in names:
            return 400, "rows"
        if not price.isdigit() or not 10 <= int(price) <= 500:
            return 400, "price"
        rows = [{"id": uuid.uuid4().hex, "name": name} for name in names.split(",")]
        made = {"id": f"h{len(self.halls)}", "rows": rows, "price": int(price), "open": False}
        self.halls[str(made["id"])] = made
        return 201, made

    def _hold(self, body: Document) -> tuple[int, Any]:
        hall = self.halls.get(str(body.get("hallId")))
        if hall is None or body.get("now", True) not in (True, False):
            return 400, "hall"
        if not hall["open"]:
            return 409, "closed"
        if body.get("rowId") not in [row["id"] for row in hall["rows"]]:
            return 400, "row"
        made = {"id": f"s{len(self.holds)}", "hallId": hall["id"], "rowId": body["rowId"]}
        made["kept"] = body.get("now", True)
        self.holds[made["id"]] = made
        return 201, made

    def _keep(self, hold: Document, body: Document) -> tuple[int, Any]:
        price = self.halls[hold["hallId"]]["price"]
        paid = body.get("paid", price)
        if not isinstance(paid, int) or isinstance(paid, bool) or not 1 <= paid <= price:
            return 400, "paid"
        if hold["kept"]:
            return 409, "kept"
        hold["kept"] = True
        return 200, {**hold, "paid": paid}


@contextmanager
def serving() -> Iterator[str]:
    api = Api()

    class Handler(PromptHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def _any(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            url = urlsplit(self.path)
            query = {k: v[0] for k, v in parse_qs(url.query).items()}
            status, answer = api.answer(self.command, url.path, query, self._body(raw))
            out = json.dumps({"error": answer} if isinstance(answer, str) else answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(out)))
            self.end_headers()
            self.wfile.write(out)

        def _body(self, raw: str) -> Document:
            if self.headers.get("Content-Type") == FORM:
                return {k: v[0] for k, v in parse_qs(raw).items()}
            try:
                body = json.loads(raw) if raw else {}
            except ValueError:
                return {}
            return body if isinstance(body, dict) else {}

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def document() -> Document:
    def known(**properties: Document) -> Document:
        return {"type": "object", "required": list(properties), "properties": properties}

    def post(words: str, status: str, answer: Document, *parameters: Document) -> Document:
        refusals = {s: {"description": "Refused."} for s in ("400", "403", "404", "409")}
        made = {"description": "Done.", "schema": answer}
        return {
            "post": {
                "description": words,
                "parameters": list(parameters),
                "responses": {status: made, **refusals},
            }
        }

    def body(schema: Document) -> Document:
        return {"name": "body", "in": "body", "required": True, "schema": schema}

    flag, number = {"type": "boolean"}, {"type": "integer"}
    sid = {
        "name": "sid",
        "in": "query",
        "required": True,
        **TEXT,
        "description": "An open session.",
    }
    item = {"name": "id", "in": "path", "required": True, **TEXT}
    row = known(id=TEXT, name=TEXT)
    hall = known(id=TEXT, rows={"type": "array", "items": row}, price=number, open=flag)
    wanted = known(
        hallId={**TEXT, "description": "Id of an existing hall."},
        rowId={**TEXT, "description": "Id of an existing row of the hall."},
    )
    wanted["properties"]["now"] = {**flag, "default": True}
    hold = known(id=TEXT, hallId=TEXT, rowId=TEXT, kept=flag)
    kept = known(id=TEXT, hallId=TEXT, rowId=TEXT, kept=flag, paid=number)
    paid = {"type": "integer", "minimum": 1}
    rows = {"type": "array", "items": TEXT, "minItems": 2, "name": "rows", "in": "formData"}
    price = {"type": "integer", "minimum": 10, "maximum": 500, "name": "price", "in": "formData"}
    made = post(
        "A hall.", "201", hall, sid, {**rows, "required": True}, {**price, "required": True}
    )
    made["post"]["consumes"] = [FORM]
    return {
        "swagger": "2.0",
        "info": {"title": "t", "version": "1"},
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "paths": {
            "/logins": post(
                "Starts a session.",
                "201",
                known(sid=TEXT, who=TEXT),
                body(known(who={**TEXT, "minLength": 1})),
            ),
            "/halls": made,
            "/halls/{id}/open": post(
                "A hall that isn't open becomes open.", "200", hall, sid, item
            ),
            "/holds": post(
                "The hall must be open (POST /halls/{id}/open).", "201", hold, sid, body(wanted)
            ),
            "/holds/{id}/keep": post(
                "Keeps a hold; refused where it is kept already.",
                "200",
                kept,
                sid,
                item,
                body({"type": "object", "properties": {"paid": paid}}),
            ),
        },
    }


def test_every_operation_is_called_and_nothing_is_told(tmp_path: Path) -> None:
    """`paid` has no most and no default of its own: both are the price of the hall."""
    (tmp_path / "api.json").write_text(json.dumps(document()), encoding="utf-8")
    with serving() as url:
        target = Target(base_url=url)
        result = run(Settings(paths=(tmp_path,), targets=(target,), fuzz=False))
    assert {o.status for o in result.operations} == {"probed"}
    assert [(f.rule, f.issue) for f in result.findings] == []
