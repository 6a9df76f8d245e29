"""An API key where only the document says how it travels; codes of listed resources; codes that
must be unique; members in envelopes; a state that a creation decides; calls that work once."""

from __future__ import annotations

import copy
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from serving import PromptHandler

from checker.pipeline import run
from checker.settings import Settings, Target, Token

Document = dict[str, Any]
REGIONS = ("north", "south")


class Api:
    """Depots have a unique code and a region of GET /regions; orders belong to a depot and are
    made as `new` or `checked`; only checked ones can be packed, once."""

    def __init__(self) -> None:
        self.depots: dict[str, Document] = {}
        self.orders: dict[str, Document] = {}

    def answer(self, method: str, path: str, body: Any, types: str | None) -> tuple[int, Any]:
        match method, path.strip("/").split("/"):
            case "GET", ["regions"]:
                return 200, {"regions": [{"code": r, "label": r.title()} for r in REGIONS]}
            case "POST", ["depots"]:
                return self._depot(body if isinstance(body, dict) else {})
            case "POST", ["orders"]:
                return self._order(body if isinstance(body, dict) else {})
            case "POST", ["orders", number, "pack"]:
                order = self.orders.get(number)
                if order is None:
                    return 404, None
                if types is not None:
                    return 415, None  # there is no body, so there is no type of it
                if order["state"] != "checked":
                    return 400, None
                order["state"] = "packed"
                return 200, {"data": order}
            case _:
                return 404, None

    def _depot(self, body: Document) -> tuple[int, Any]:
        code, region = body.get("code"), body.get("regionCode")
        good = isinstance(code, str) and len(code) == 8 and code[:2] == "D-" and code[2:].isdigit()
        if not good or region not in REGIONS or code in self.depots:
            return 400, None
        made = {"id": f"dep{len(self.depots) + 1}", "code": code, "regionCode": region}
        self.depots[str(code)] = made
        return 201, {"data": made}

    def _order(self, body: Document) -> tuple[int, Any]:
        data = body.get("data")
        data = data if isinstance(data, dict) else {}
        depot, state = data.get("depot"), data.get("state", "new")
        known = {d["id"] for d in self.depots.values()}
        if not isinstance(depot, dict) or depot.get("id") not in known:
            return 400, None
        if state not in ("new", "checked"):
            return 400, None
        made = {"id": f"ord{len(self.orders) + 1}", "depot": depot, "state": state}
        self.orders[str(made["id"])] = made
        return 201, {"data": made}


@contextmanager
def serving(key: str) -> Iterator[str]:
    api = Api()

    class Handler(PromptHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def _any(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            url = urlsplit(self.path)
            if parse_qs(url.query).get("key") != [key]:
                status, answer = 401, None
            else:
                try:
                    body = json.loads(raw) if raw else None
                except ValueError:
                    body = None
                content_type = self.headers.get("Content-Type")
                status, answer = api.answer(self.command, url.path, body, content_type)
            out = json.dumps({"error": "refused"} if answer is None else answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(out)))
            self.end_headers()
            self.wfile.write(out)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def _object(**properties: Document) -> Document:
    return {"type": "object", "required": list(properties), "properties": properties}


def _operation(words: str, status: str, answer: Document, body: Document | None = None) -> Document:
    refused = {"description": "No.", "content": _json(_object(error={"type": "string"}))}
    made: Document = {
        "description": words,
        "responses": {
            status: {"description": "Yes.", "content": _json(answer)},
            **dict.fromkeys(("400", "401", "404"), refused),
        },
    }
    if body is not None:
        made["requestBody"] = {"required": True, "content": _json(body)}
    return made


def _json(schema: Document) -> Document:
    return {"application/json": {"schema": schema}}


def document() -> Document:
    text = {"type": "string"}
    code = {"type": "string", "pattern": r"^D-\d{6}$", "description": "Must be unique."}
    region = {**text, "description": "The code of an existing region (GET /regions)."}
    depot = _object(id={**text, "description": "The id of an existing depot."})
    state = {"type": "string", "enum": ["new", "checked"], "default": "new"}
    order = _object(depot=depot)
    order["properties"]["state"] = state
    seen = _object(id=text, depot=depot, state={**text, "enum": ["new", "checked", "packed"]})
    made = _object(data=_object(id=text, code=text, regionCode=text))
    pack = _operation(
        "Packs an order, whose state must be `checked`; afterwards its state is `packed`.",
        "200",
        _object(data=seen),
    )
    pack["parameters"] = [{"name": "orderId", "in": "path", "required": True, "schema": text}]
    regions = _object(regions={"type": "array", "items": _object(code=text, label=text)})
    return {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "security": [{"query_key": []}],
        "components": {
            "securitySchemes": {"query_key": {"type": "apiKey", "in": "query", "name": "key"}}
        },
        "paths": {
            "/regions": {"get": _operation("Regions.", "200", regions)},
            "/depots": {
                "post": _operation("A depot.", "201", made, _object(code=code, regionCode=region))
            },
            "/orders": {
                "post": _operation("An order.", "201", _object(data=seen), _object(data=order))
            },
            "/orders/{orderId}/pack": {"post": pack},
        },
    }


def _silent(shown: Document) -> Document:
    """The document without the words about the state, the regions and the uniqueness."""
    shown = copy.deepcopy(shown)
    shown["paths"]["/orders/{orderId}/pack"]["post"]["description"] = "Packs an order."
    body = shown["paths"]["/depots"]["post"]["requestBody"]["content"]["application/json"]
    for field in body["schema"]["properties"].values():
        del field["description"]
    return shown


@pytest.mark.parametrize("truthful", [True, False], ids=["truthful", "silent"])
def test_every_operation_is_probed_and_only_what_is_silent_is_told(
    tmp_path: Path, truthful: bool
) -> None:
    shown = document() if truthful else _silent(document())
    folder = tmp_path / "swagger"
    folder.mkdir()
    (folder / "api.json").write_text(json.dumps(shown), encoding="utf-8")
    with serving("k-1") as url:
        target = Target(base_url=url, tokens={"mine": Token("mine", "k-1")})
        result = run(Settings(paths=(folder,), targets=(target,), fuzz=False))
    assert {str(o.operation): o.status for o in result.operations} == dict.fromkeys(
        ["GET /regions", "POST /depots", "POST /orders", "POST /orders/{orderId}/pack"], "probed"
    )
    told = {(f.rule, str(f.operation)) for f in result.findings}
    assert told == (
        set()
        if truthful
        else {
            ("lifecycle-undocumented", "POST /orders/{orderId}/pack"),
            ("reference-undocumented", "POST /depots"),
            ("unique-undocumented", "POST /depots"),
        }
    )
