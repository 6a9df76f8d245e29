"""POST for everything, 200 for everything, verbs of the API's own: what acts on an item is told
by its answers; a field that one value needs and another bars; a UUID of a resource by its name."""

from __future__ import annotations

import copy
import json
import re
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from serving import PromptHandler

from checker.pipeline import run
from checker.settings import Settings, Target, Token

Document = dict[str, Any]
STATES = ["waiting", "loaded", "gone"]


class Refused(Exception):
    pass


def need(condition: Any) -> None:
    if not condition:
        raise Refused


class Api:
    """Parcels of a courier: waiting, then loaded, then gone; only heavy ones have a weight."""

    def __init__(self) -> None:
        self.couriers: dict[str, Document] = {}
        self.parcels: dict[str, Document] = {}

    def answer(self, verb: str, body: Any) -> Document:
        need(isinstance(body, dict))
        match verb:
            case "createCourier":
                need(isinstance(body.get("name"), str) and body["name"])
                remark, label = body.get("remark"), body.get("label", "")
                locale = body.get("locale", "en-GB")
                need(remark is None or isinstance(remark, str))
                need(isinstance(label, str))
                need(isinstance(locale, str) and re.fullmatch("[a-z]{2}-[A-Z]{2}", locale))
                made = {"courierId": str(uuid.uuid4()), "name": body["name"], "remark": remark}
                made |= {"label": label, "locale": locale, "badge": None}
                self.couriers[made["courierId"]] = made
                return made
            case "createParcel":
                return self._create(body)
            case "retagParcel" | "loadParcel" | "despatchParcel":
                parcel = self.parcels.get(str(body.get("parcelId")))
                need(parcel)
                assert parcel is not None
                return self._move(verb, parcel, body)
        raise Refused

    def _create(self, body: Document) -> Document:
        sender, size = body.get("sender"), body.get("size")
        need(isinstance(sender, dict) and isinstance(sender.get("name"), str) and sender["name"])
        need(body.get("courier") in self.couriers and size in ("light", "heavy"))
        weight = body.get("weight")
        need((size == "heavy") == ("weight" in body))
        need(weight is None or (isinstance(weight, int) and 1 <= weight <= 500))
        need("weight" not in body or (not isinstance(weight, bool) and weight is not None))
        kept = {k: body[k] for k in ("sender", "courier", "size", "weight") if k in body}
        made = {"parcelId": f"P{len(self.parcels) + 1}", **kept, "tag": 0, "state": "waiting"}
        self.parcels[made["parcelId"]] = made
        return made

    def _move(self, verb: str, parcel: Document, body: Document) -> Document:
        if verb == "retagParcel":
            tag = body.get("tag", parcel["tag"])
            need(isinstance(tag, int) and not isinstance(tag, bool) and 0 <= tag <= 9)
            parcel["tag"] = tag
            return parcel
        before, after = STATES[:2] if verb == "loadParcel" else STATES[1:]
        need(parcel["state"] == before)
        parcel["state"] = after
        return parcel


@contextmanager
def serving() -> Iterator[str]:
    api = Api()

    class Handler(PromptHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            shown: Document = {"status": "error", "reason": "refused"}
            try:
                need(self.headers.get("X-Key") == "k-1")
                body = json.loads(raw) if raw else None
                shown = {"status": "ok", "result": api.answer(self.path.strip("/"), body)}
            except (Refused, ValueError):
                pass
            out = json.dumps(shown).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(out)))
            self.end_headers()
            self.wfile.write(out)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


TEXT = {"type": "string"}
NAME = {"type": "string", "minLength": 1}


def _object(*required: str, **properties: Document) -> Document:
    return {"type": "object", "required": list(required), "properties": properties}


def document() -> Document:
    size = {"type": "string", "enum": ["heavy", "light"]}
    words = "Required if size is `heavy`; not allowed if size is `light`."
    weight = {"type": "integer", "minimum": 1, "maximum": 500, "description": words}
    tag = {"type": "integer", "minimum": 0, "maximum": 9}
    courier = {"type": "string", "format": "uuid"}
    parcel_id = {**TEXT, "description": "The id of an existing parcel (createParcel)."}
    kept = {"courier": TEXT, "size": size, "weight": {"type": "integer"}, "tag": {**tag}}
    parcel = _object(
        *("parcelId", "sender", "courier", "size", "tag", "state"),
        **{"parcelId": TEXT, "sender": _object("name", name=TEXT), **kept},
        state={"type": "string", "enum": STATES},
    )
    remark = {"type": "string", "nullable": True}
    locale = {"type": "string", "pattern": "^[a-z]{2}-[A-Z]{2}$", "default": "en-GB"}
    known = {**courier, "description": "The id of an existing courier (createCourier)."}
    bodies = {
        "createCourier": (
            _object("name", name=NAME, remark=remark, label=TEXT, locale=locale),
            "Adds a courier.",
        ),
        "createParcel": (
            _object(
                *("sender", "courier", "size"),
                sender=_object("name", name=NAME),
                courier=known,
                size=size,
                weight=weight,
            ),
            "Adds a parcel.",
        ),
        "retagParcel": (_object("parcelId", parcelId=parcel_id, tag=tag), "Tags a parcel."),
        "loadParcel": (
            _object("parcelId", parcelId=parcel_id),
            "Loads a parcel whose state is `waiting`.",
        ),
        "despatchParcel": (
            _object("parcelId", parcelId=parcel_id),
            "Despatches a parcel whose state is `loaded` (see loadParcel).",
        ),
    }
    shown = {"name": TEXT, "remark": remark, "label": TEXT, "locale": TEXT, "badge": remark}
    made = {"createCourier": _object("courierId", *shown, courierId=courier, **shown)}
    return {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "security": [{"key": []}],
        "components": {
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}
        },
        "paths": {
            f"/{verb}": {
                "post": {
                    "description": words,
                    "requestBody": {
                        "required": True,
                        "content": {"application/json": {"schema": body}},
                    },
                    "responses": {
                        "200": {
                            "description": "Done, or not: see `status`.",
                            "content": {
                                "application/json": {
                                    "schema": _object(
                                        "status",
                                        status={"type": "string", "enum": ["ok", "error"]},
                                        reason=TEXT,
                                        result=made.get(verb, parcel),
                                    )
                                }
                            },
                        }
                    },
                }
            }
            for verb, (body, words) in bodies.items()
        },
    }


def _silent() -> Document:
    """The document without the words about states and about the weight, without two fields that
    answers show as null and as empty, with another default and a field that nobody reads."""
    shown = copy.deepcopy(document())
    body = shown["paths"]["/createCourier"]["post"]["requestBody"]["content"]["application/json"]
    for name in ("remark", "label"):
        del body["schema"]["properties"][name]
    body["schema"]["properties"]["locale"]["default"] = "de-DE"
    answer = shown["paths"]["/createCourier"]["post"]["responses"]["200"]["content"]
    result = answer["application/json"]["schema"]["properties"]["result"]
    for schema in (body["schema"], result):
        schema["properties"]["badge"] = {**TEXT, "nullable": True}
    for verb in ("loadParcel", "despatchParcel"):
        shown["paths"][f"/{verb}"]["post"]["description"] = "Moves it on."
    body = shown["paths"]["/createParcel"]["post"]["requestBody"]["content"]["application/json"]
    del body["schema"]["properties"]["weight"]["description"]
    return shown


@pytest.mark.parametrize("truthful", [True, False], ids=["truthful", "silent"])
def test_states_of_items_are_no_unique_values_and_no_defaults(
    tmp_path: Path, truthful: bool
) -> None:
    folder = tmp_path / "swagger"
    folder.mkdir()
    shown = document() if truthful else _silent()
    (folder / "api.json").write_text(json.dumps(shown), encoding="utf-8")
    with serving() as url:
        target = Target(base_url=url, tokens={"key": Token("key", "k-1", header="X-Key")})
        result = run(Settings(paths=(folder,), targets=(target,), fuzz=False))
    assert {o.status for o in result.operations} == {"probed"}
    told = {(f.rule, str(f.operation), f.field.name if f.field else "") for f in result.findings}
    assert told == (
        set()
        if truthful
        else {
            ("default-mismatch", "POST /createCourier", "locale"),
            ("dependency-undocumented", "POST /createParcel", "weight"),
            ("field-ignored", "POST /createCourier", "badge"),
            ("field-undocumented", "POST /createCourier", "label"),
            ("field-undocumented", "POST /createCourier", "remark"),
            ("lifecycle-undocumented", "POST /loadParcel", "parcel"),
            ("lifecycle-undocumented", "POST /despatchParcel", "parcel"),
        }
    )
