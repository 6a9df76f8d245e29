"""Answers that aren't JSON, or whose status is always 200: XML with text errors behind GETs that
write, and scripts that tell an error by a code."""

from __future__ import annotations

import copy
import json
import re
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from serving import PromptHandler

from checker.pipeline import run
from checker.pipeline.run import RunResult
from checker.settings import Settings, Target, Token

Document = dict[str, Any]
Answer = tuple[int, str, str]


class Refused(Exception):
    """Its code and status."""


def need(condition: Any, code: int = 22, status: int = 400) -> None:
    if not condition:
        raise Refused(code, status)


class Boats:
    """Boats of a harbour with the day they were built, and berths for them."""

    def __init__(self) -> None:
        self.boats: dict[str, dict[str, str]] = {}
        self.berths: list[str] = []

    def add(self, given: dict[str, str]) -> dict[str, str]:
        name, built = given.get("name", ""), given.get("built", "")
        need(3 <= len(name) <= 30 and re.fullmatch(r"\d\d\.\d\d\.\d{4}", built))
        try:
            time.strptime(built, "%d.%m.%Y")
        except ValueError:
            raise Refused(22, 400) from None
        made = {"id": str(len(self.boats) + 11), "name": name, "built": built}
        self.boats[made["id"]] = made
        return made

    def one(self, given: dict[str, str]) -> dict[str, str]:
        need(given.get("boat"), 21)
        need(given["boat"] in self.boats, 40, 404)
        return self.boats[given["boat"]]

    def count(self, given: dict[str, str]) -> dict[str, str]:
        order = given.get("order", "name")
        need(re.fullmatch(r"(name|built)( asc| desc)?", order))
        return {"count": str(len(self.boats)), "order": order}

    def moor(self, given: dict[str, str]) -> dict[str, str]:
        boat = self.one(given)
        need(given.get("side") in ("port", "starboard"))
        self.berths.append(boat["id"])
        return {"berth": str(len(self.berths)), "boat": boat["id"], "side": given["side"]}


def by_verb(boats: Boats, method: str, path: str, given: dict[str, str]) -> Answer:
    acts = {"/boat.add": boats.add, "/boat.info": boats.one, "/boat.moor": boats.moor}
    acts["/boat.count"] = boats.count
    trace = f"(trace {uuid.uuid4().hex})"
    if path not in acts:
        return 404, "text/plain", f"ERR 10 {trace}"
    if method != "GET":
        return 405, "text/plain", f"ERR 12 {trace}"
    try:
        made = acts[path](given)
    except Refused as error:
        return error.args[1], "text/plain", f"ERR {error.args[0]} {trace}"
    inner = "".join(f"<{k}>{v}</{k}>" for k, v in made.items())
    return 200, "application/xml", f"<boat>{inner}</boat>"


def by_script(boats: Boats, method: str, path: str, given: dict[str, str]) -> Answer:
    acts = {
        ("POST", "/boat_new.php"): boats.add,
        ("GET", "/boat.php"): boats.one,
        ("POST", "/boat_moor.php"): boats.moor,
    }
    if (method, path) not in acts:
        return 404, "text/html", "<h1>Not Found</h1>"
    shown: Document
    try:
        need(given.pop("(session)", "") == "s-1", 202)
        shown = {"errcode": "0", "errmsg": "", "result": acts[method, path](given)}
    except Refused as error:
        trace = uuid.uuid4().hex
        shown = {"errcode": str(error.args[0]), "errmsg": "no", "trace": trace}
    return 200, "text/html", json.dumps(shown)


@contextmanager
def serving(answer: Any) -> Iterator[str]:
    boats = Boats()

    class Handler(PromptHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def _any(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            url = urlsplit(self.path)
            given = dict(parse_qsl(raw or url.query, keep_blank_values=True))
            session = re.search(r"SID=([\w-]+)", self.headers.get("Cookie") or "")
            if answer is by_script and session:
                given["(session)"] = session[1]
            status, media, text = answer(boats, self.command, url.path, given)
            self.send_response(status)
            self.send_header("Content-Type", media)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST = do_OPTIONS = _any

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


TEXT = {"type": "string"}
NAME = {"type": "string", "minLength": 3, "maxLength": 30}
BUILT = {"type": "string", "pattern": r"^\d{2}\.\d{2}\.\d{4}$", "description": "DD.MM.YYYY"}
SIDE = {"type": "string", "enum": ["port", "starboard"]}


def _operation(fields: Document, answers: Document, form: bool = False) -> Document:
    shown: Document = {"responses": answers}
    if form:
        body = {"type": "object", "required": list(fields), "properties": fields}
        content = {"application/x-www-form-urlencoded": {"schema": body}}
        shown["requestBody"] = {"required": True, "content": content}
    else:
        shown["parameters"] = [
            {"name": name, "in": "query", "required": True, "schema": schema}
            for name, schema in fields.items()
        ]
    return shown


def _document(paths: Document, **more: Any) -> Document:
    return {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": paths, **more}


def verbs() -> Document:
    error = {"description": "ERR and a number", "content": {"text/plain": {"schema": TEXT}}}
    shown = {"type": "object", "properties": dict.fromkeys(("id", "name", "built"), TEXT)}
    boat = {"description": "ok", "content": {"application/xml": {"schema": shown}}}
    known = {"type": "integer", "minimum": 0, "description": "A boat's number, from boat.add"}
    answers = {"200": boat, "400": error}
    own = {**answers, "404": error}
    counting = _operation({"order": {**TEXT, "example": "name desc"}}, answers)
    counting["parameters"][0]["required"] = False
    return _document(
        {
            "/boat.add": {"get": _operation({"name": NAME, "built": BUILT}, answers)},
            "/boat.info": {"get": _operation({"boat": known}, own)},
            "/boat.moor": {"get": _operation({"boat": known, "side": SIDE}, own)},
            "/boat.count": {"get": counting},
        }
    )


def scripts() -> Document:
    shown = {
        "type": "object",
        "required": ["errcode"],
        "properties": {
            "errcode": TEXT,
            "errmsg": TEXT,
            "trace": TEXT,
            "result": {"type": "object"},
        },
    }
    answers = {"200": {"description": "see errcode", "content": {"text/html": {"schema": shown}}}}
    known = {"type": "string", "pattern": r"^\d+$", "description": "id of a boat (boat_new.php)"}
    return _document(
        {
            "/boat_new.php": {"post": _operation({"name": NAME, "built": BUILT}, answers, True)},
            "/boat.php": {"get": _operation({"boat": known}, answers)},
            "/boat_moor.php": {"post": _operation({"boat": known, "side": SIDE}, answers, True)},
        },
        security=[{"sid": []}],
        components={"securitySchemes": {"sid": {"type": "apiKey", "in": "cookie", "name": "SID"}}},
    )


def checked(folder: Path, shown: Document, answer: Any) -> RunResult:
    folder.mkdir()
    (folder / "api.json").write_text(json.dumps(shown), encoding="utf-8")
    with serving(answer) as url:
        tokens = {"sid": Token("sid", "s-1")} if answer is by_script else {}
        target = Target(base_url=url, tokens=tokens)
        return run(Settings(paths=(folder,), targets=(target,), fuzz=False))


@pytest.mark.parametrize(("shown", "answer"), [(verbs(), by_verb), (scripts(), by_script)])
def test_nothing_is_told_of_a_true_document(tmp_path: Path, shown: Document, answer: Any) -> None:
    result = checked(tmp_path / "swagger", shown, answer)
    assert {o.status for o in result.operations} == {"probed"}
    assert not result.findings


def test_what_is_planted_is_told(tmp_path: Path) -> None:
    shown = verbs()
    shown["paths"]["/boat.sink"] = copy.deepcopy(shown["paths"]["/boat.info"])
    moor = shown["paths"]["/boat.moor"]["get"]["parameters"]
    moor[1]["required"] = False
    shown["paths"]["/boat.add"]["get"]["parameters"][1]["schema"] = {
        "type": "string",
        "format": "date",
    }
    moor[1]["schema"] = {"type": "string", "enum": ["port", "starboard", "stern"]}
    result = checked(tmp_path / "swagger", shown, by_verb)
    assert {(f.rule, str(f.operation), f.field.name) for f in result.findings} == {
        ("operation-missing", "GET /boat.sink", ""),
        ("format-mismatch", "GET /boat.add", "built"),
        ("required-undocumented", "GET /boat.moor", "side"),
        ("enum-value-rejected", "GET /boat.moor", "side"),
    }


def test_refusals_by_a_code_are_refusals(tmp_path: Path) -> None:
    shown = scripts()
    body = shown["paths"]["/boat_new.php"]["post"]["requestBody"]["content"]
    schema = body["application/x-www-form-urlencoded"]["schema"]
    schema["required"] = ["built"]
    result = checked(tmp_path / "swagger", shown, by_script)
    assert {(f.rule, str(f.operation), f.field.name) for f in result.findings} == {
        ("required-undocumented", "POST /boat_new.php", "name")
    }
