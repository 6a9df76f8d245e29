"""Answers that aren't the operation's: ways elsewhere, pages to log in, what answers everything."""

from __future__ import annotations

import itertools
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from serving import PromptHandler

from checker.domain.run import RunResult
from checker.pipeline import run
from checker.probing.health import Intruder
from checker.settings import Settings, Target, Token

Answer = tuple[int, dict[str, str], bytes]
JSON = {"Content-Type": "application/json"}
HTML = {"Content-Type": "text/html; charset=utf-8"}
TEXT = {"type": "string"}


def given(status: int, body: Any) -> Answer:
    return status, JSON, json.dumps(body).encode()


def page(number: int) -> Answer:
    """A page that differs each time it comes."""
    return 200, HTML, f"<!doctype html><html><p>{number}</p><form></form></html>".encode()


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, answer: Callable[[Ask], Answer]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = answer
        self.paths: list[str] = []

    def handle_error(self, *_: Any) -> None:
        """A run that ends hangs up on what is under way."""


class Ask:
    """A request as the servers below see it."""

    def __init__(self, handler: Handler) -> None:
        self.method, self.path = handler.command, handler.path.partition("?")[0]
        self.query = handler.path.partition("?")[2]
        self.token = (handler.headers.get("Authorization") or "").removeprefix("Bearer ")
        self.raw = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        self.number = len(handler.server.paths)

    @property
    def body(self) -> Any:
        try:
            return json.loads(self.raw)
        except ValueError:
            return None


class Handler(PromptHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, *_: Any) -> None:
        pass

    def _any(self) -> None:
        self.server.paths.append(self.path)
        status, headers, body = self.server.answer(Ask(self))
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = do_OPTIONS = _any


@contextmanager
def serving(answer: Callable[[Ask], Answer]) -> Iterator[tuple[Server, str]]:
    server = Server(answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server, f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def answers(schema: dict[str, Any] | None, *statuses: str) -> dict[str, Any]:
    shown: dict[str, Any] = {s: {"description": "d"} for s in statuses}
    if schema is not None:
        shown["200"] = {"description": "d", "content": {"application/json": {"schema": schema}}}
    return shown


def thing(*names: str) -> dict[str, Any]:
    return {"type": "object", "required": list(names), "properties": dict.fromkeys(names, TEXT)}


def check(folder: Path, url: str, paths: dict[str, Any], **options: Any) -> RunResult:
    document = {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": paths,
        "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
    }
    (folder / "api.json").write_text(json.dumps(document), encoding="utf-8")
    names = options.pop("tokens", ())
    tokens = {name: Token(name, f"{name}-secret") for name in names}
    target = Target(base_url=url, tokens=tokens)
    return run(Settings(paths=(folder,), targets=(target,), fuzz=False, concurrency=1, **options))


def told(result: RunResult) -> set[tuple[str, str, str]]:
    return {(f.rule, str(f.operation), f.field.name) for f in result.findings}


# -- redirects -----------------------------------------------------------------------


def test_documented_redirects_are_the_answer(tmp_path: Path) -> None:
    def answer(ask: Ask) -> Answer:
        if ask.path in ("/old", "/go"):
            return (308 if ask.path == "/old" else 302), {"Location": "/new"}, b""
        return given(200, {"ok": "yes"}) if ask.path == "/new" else given(404, {"error": "where"})

    paths = {
        "/new": {"get": {"responses": answers(thing("ok"))}},
        "/old": {"get": {"responses": answers(None, "308")}},
        "/go": {"get": {"responses": answers(None, "302")}},
    }
    with serving(answer) as (server, url):
        result = check(tmp_path, url, paths)
    assert not told(result) and not result.error
    assert {o.status for o in result.operations} == {"probed"}
    followed = [two for one, two in itertools.pairwise(server.paths) if one == "/old"]
    assert "/new" not in followed


def test_what_an_undocumented_redirect_leads_to_is_the_answer(tmp_path: Path) -> None:
    def answer(ask: Ask) -> Answer:
        if ask.path == "/things":
            return 301, {"Location": "/things/"}, b""
        return given(200, {"name": "a"}) if ask.path == "/things/" else given(404, {"error": "w"})

    paths = {"/things": {"get": {"responses": answers(thing("name"), "404")}}}
    with serving(answer) as (_, url):
        result = check(tmp_path, url, paths)
    assert not told(result)
    assert {o.status for o in result.operations} == {"probed"}


@pytest.mark.parametrize("stays", [True, False])
def test_who_is_led_to_a_log_in_is_not_let_in(tmp_path: Path, stays: bool) -> None:
    """A stranger, a nonsense token and the wrong one get 302 to a page that answers 200."""

    def answer(ask: Ask) -> Answer:
        if ask.path == "/login":
            return page(ask.number) if ask.method == "GET" else given(405, {"error": "no"})
        if ask.path not in ("/reports", "/notes"):
            return given(404, {"error": "where"})
        if ask.token != "staff-secret":
            return 302, {"Location": f"/login?n={ask.number}"}, b""
        if ask.path == "/notes" and not isinstance((ask.body or {}).get("text"), str):
            return given(400, {"error": "text"})
        return given(200, {"name": "a", "state": "b"})

    statuses = ("400", "302") if stays else ("400",)
    own = {"security": [{"bearer": []}], "description": "For **Staff tokens**."}
    body = {"content": {"application/json": {"schema": thing("text")}}, "required": True}
    paths = {
        "/reports": {"get": {**own, "responses": answers(thing("name", "state"), *statuses)}},
        "/notes": {
            "post": {
                **own,
                "requestBody": body,
                "responses": answers(thing("name", "state"), *statuses),
            }
        },
    }
    with serving(answer) as (_, url):
        result = check(tmp_path, url, paths, tokens=("app", "staff"), effects=("unknown",))
    assert not told(result)
    assert {o.status for o in result.operations} == {"probed"}


WAYS: dict[str, Callable[[int], Answer]] = {
    "a way elsewhere": lambda _: (302, {"Location": "/signin"}, b""),
    "a page": page,
    "another media type": lambda _: (200, {"Content-Type": "text/plain"}, b"welcome"),
    "the thing": lambda _: given(200, {"name": "a"}),
}


@pytest.mark.parametrize("way", WAYS)
def test_another_token_is_let_in_where_it_gets_what_the_own_one_gets(
    tmp_path: Path, way: str
) -> None:
    """Strangers are refused; the other token, which isn't documented, gets one of the answers."""

    def answer(ask: Ask) -> Answer:
        if ask.path == "/signin":
            return page(ask.number)
        if ask.path != "/notes/n1":
            return given(404, {"error": "where"})
        if ask.token not in ("app-secret", "staff-secret"):
            return given(401, {"error": "who"})
        return given(200, {"name": "a"}) if ask.token == "staff-secret" else WAYS[way](ask.number)

    own = {"security": [{"bearer": []}], "description": "Available for staff tokens."}
    shown = answers(thing("name"), "401", "404")
    shown["302"] = {"description": "Elsewhere."}
    shown["200"]["content"]["text/plain"] = {"schema": TEXT}
    paths = {"/notes/n1": {"get": {**own, "responses": shown}}}
    with serving(answer) as (_, url):
        result = check(tmp_path, url, paths, tokens=("app", "staff"))
    finding = ("token-undocumented", "GET /notes/n1", "app")
    assert told(result) == ({finding} if way == "the thing" else set())
    assert {o.status for o in result.operations} == {"probed"}


def test_a_way_elsewhere_beside_a_documented_success_is_no_witness(tmp_path: Path) -> None:
    """The first token is led away, and whatever it sends is: nothing follows from that."""

    def answer(ask: Ask) -> Answer:
        if ask.path != "/notes":
            return given(404, {"error": "where"})
        if ask.token == "app-secret":
            return 302, {"Location": "/signin"}, b""
        if ask.token != "staff-secret":
            return given(401, {"error": "who"})
        text = ask.body.get("text") if isinstance(ask.body, dict) else None
        good = text in ("long", "short")
        return given(200, {"name": "a"}) if good else given(400, {"error": "text"})

    text = {"type": "object", "required": ["text"], "properties": {"text": dict(TEXT)}}
    text["properties"]["text"]["enum"] = ["long", "short"]
    shown = answers(thing("name"), "400", "401")
    shown["302"] = {"description": "Elsewhere."}
    body = {"required": True, "content": {"application/json": {"schema": text}}}
    make = {"security": [{"bearer": []}], "requestBody": body, "responses": shown}
    with serving(answer) as (_, url):
        paths = {"/notes": {"post": make}}
        result = check(tmp_path, url, paths, tokens=("app", "staff"), effects=("unknown",))
    assert told(result) == set()
    assert {o.status for o in result.operations} == {"probed"}


# -- what isn't there yet ------------------------------------------------------------


class Notes:
    """Unknown routes and unknown things are answered alike. `shows` says of a note's name and
    the number of its read whether it is there yet."""

    def __init__(self, shows: Callable[[str, int], bool]) -> None:
        self.shows = shows
        self.reads: dict[str, int] = {}

    def __call__(self, ask: Ask) -> Answer:
        head, _, name = ask.path.strip("/").partition("/")
        if head == "notes" and not name and ask.method == "POST":
            text = ask.body.get("text") if isinstance(ask.body, dict) else None
            if not isinstance(text, str):
                return given(400, {"error": "text"})
            name = f"n{ask.number}"
            self.reads[name] = 0
            return given(201, {"id": name, "text": text})
        if head == "notes" and name in self.reads and ask.method == "DELETE":
            del self.reads[name]
            return given(200, {"id": name, "text": "a"})
        if head == "notes" and name in self.reads and ask.method == "GET":
            self.reads[name] += 1
            if self.shows(name, self.reads[name]):
                return given(200, {"id": name, "text": "a"})
        return given(404, {"error": "nothing there"})


def of_notes() -> dict[str, Any]:
    content = {"application/json": {"schema": thing("text")}}
    made = {"200": {"description": "d"}} | answers(thing("id", "text"), "400")
    made["201"] = made.pop("200")
    name = {"name": "id", "in": "path", "required": True, "schema": TEXT}
    one = {"parameters": [name], "responses": answers(thing("id", "text"), "404")}
    body = {"required": True, "content": content}
    return {
        "/notes": {"post": {"requestBody": body, "responses": made}},
        "/notes/{id}": {"get": one, "delete": one},
    }


@pytest.mark.parametrize("served", [True, False])
def test_an_operation_on_things_that_are_shown_late_is_not_missing(
    tmp_path: Path, served: bool
) -> None:
    with serving(Notes(lambda _, number: served and number > 2)) as (_, url):
        result = check(tmp_path, url, of_notes())
    finding = ("operation-missing", "GET /notes/{id}", "")
    assert told(result) == (set() if served else {finding})


@pytest.mark.parametrize("served", [True, False])
@pytest.mark.parametrize("name", ["a b", "4\x1bj", "plain"])
def test_a_route_may_take_plain_names_only(tmp_path: Path, served: bool, name: str) -> None:
    """The name that the documents give is answered as a route that isn't there."""

    def answer(ask: Ask) -> Answer:
        head, _, rest = ask.path.strip("/").partition("/")
        known = ("parts", "lamps") if served else ("parts",)
        if head in known and re.fullmatch(r"[a-z]+", rest):
            here = head == "parts" and rest != "zqnosuchthing"
            return given(200, {"text": rest}) if here else given(404, {"error": f"no {rest}"})
        return given(404, {"error": "nothing there"})

    def one(example: str) -> dict[str, Any]:
        schema = {**TEXT, "enum": [example]}
        taken = {"name": "name", "in": "path", "required": True, "schema": schema}
        return {"get": {"parameters": [taken], "responses": answers(thing("text"), "404")}}

    paths = {"/parts/{name}": one("bolt"), "/lamps/{name}": one(name)}
    with serving(answer) as (_, url):
        result = check(tmp_path, url, paths)
    missing = {path for rule, path, _ in told(result) if rule == "operation-missing"}
    assert missing == ({"GET /lamps/{name}"} if name == "plain" and not served else set())


def test_an_operation_is_not_missing_because_its_thing_has_gone(tmp_path: Path) -> None:
    """The first things that are read never show up, and are removed; all others are there."""
    names: list[str] = []

    def shows(name: str, _: int) -> bool:
        if name not in names:
            names.append(name)
        return names.index(name) > 2

    with serving(Notes(shows)) as (_, url):
        result = check(tmp_path, url, of_notes())
    assert told(result) == set()


# -- what has to be new each time ----------------------------------------------------


class Names:
    """Makes things with names that nothing there has: `many` by a list of them, or one whose kind
    is one of two."""

    def __init__(self, *, many: bool) -> None:
        self.many = many
        self.there: set[str] = set()

    def __call__(self, ask: Ask) -> Answer:
        head, _, name = ask.path.strip("/").partition("/")
        if head != "names":
            return given(404, {"error": "no route"})
        if not name and ask.method == "POST":
            return self.made(ask.body if isinstance(ask.body, dict) else {})
        if name not in self.there or ask.method not in ("GET", "DELETE"):
            return given(404, {"error": f"no {name}"})
        if ask.method == "DELETE":
            self.there.remove(name)
        return given(200, {"name": name})

    def made(self, body: dict[str, Any]) -> Answer:
        names = body.get("names") if self.many else [body.get("name")]
        fine = isinstance(names, list) and names and all(n and isinstance(n, str) for n in names)
        if not fine or (not self.many and body.get("kind", "red") not in ("red", "blue")):
            return given(400, {"error": "names"})
        if self.there & set(names):
            return given(409, {"error": "all there"})
        self.there |= set(names)
        return given(201, [{"name": n} for n in names] if self.many else {"name": names[0]})

    def document(self) -> dict[str, Any]:
        shown = thing("name")
        wanted = thing("names") if self.many else thing("name", "kind")
        if self.many:
            wanted["properties"] = {"names": {"type": "array", "items": TEXT, "minItems": 1}}
        else:
            wanted["properties"] = {"name": TEXT, "kind": {**TEXT, "example": "red"}}
        made = answers({"type": "array", "items": shown} if self.many else shown, "400", "409")
        made["201"] = made.pop("200")
        body = {"required": True, "content": {"application/json": {"schema": wanted}}}
        name = {"name": "name", "in": "path", "required": True, "schema": TEXT}
        one = {"parameters": [name], "responses": answers(shown, "404")}
        make = {"summary": "Create names", "requestBody": body, "responses": made}
        return {"/names": {"post": make}, "/names/{name}": {"get": one, "delete": one}}


@pytest.mark.parametrize("many", [True, False])
def test_what_a_step_makes_is_new_each_time(tmp_path: Path, many: bool) -> None:
    names = Names(many=many)
    with serving(names) as (_, url):
        result = check(tmp_path, url, names.document(), allow_destructive=True)
    assert {str(o.operation): o.status for o in result.operations} == dict.fromkeys(
        ("POST /names", "GET /names/{name}", "DELETE /names/{name}"), "probed"
    )


# -- envelopes -----------------------------------------------------------------------


def test_errors_beside_no_data_refuse_and_a_count_of_errors_does_not(tmp_path: Path) -> None:
    def answer(ask: Ask) -> Answer:
        body = ask.body if isinstance(ask.body, dict) else {}
        if ask.path not in ("/runs", "/ask"):
            return given(404, {"error": "where"})
        if ask.path == "/runs":
            return given(200, {"id": "r1", "done": 7, "errors": 3, "fault": "E7"})
        if not isinstance(body.get("query"), str) or not body["query"]:
            return given(200, {"data": None, "errors": [{"message": "query"}]})
        return given(200, {"data": {"rows": [body["query"]]}})

    number = {"type": "integer"}
    counted = {
        "type": "object",
        "required": ["id", "done"],
        "properties": {"id": TEXT, "done": number, "errors": number, "fault": TEXT},
    }
    shown = {
        "type": "object",
        "properties": {"data": {"type": "object", "nullable": True}, "errors": {"type": "array"}},
    }
    optional = {"type": "object", "properties": {"query": {**TEXT, "example": "all"}}}
    paths = {
        "/runs": {"get": {"responses": answers(counted)}},
        "/ask": {
            "post": {
                "requestBody": {"content": {"application/json": {"schema": optional}}},
                "responses": answers(shown),
            }
        },
    }
    with serving(answer) as (_, url):
        result = check(tmp_path, url, paths, effects=("unknown",))
    assert {o.status for o in result.operations} == {"probed"}
    assert ("required-undocumented", "POST /ask", "query") in told(result)
    assert not [t for t in told(result) if t[1] == "GET /runs"]


def test_a_bad_request_that_is_accepted_teaches_nothing(tmp_path: Path) -> None:
    """Members that are unknown are ignored; what comes back is null then."""

    def answer(ask: Ask) -> Answer:
        if ask.path != "/notes":
            return given(404, {"error": "where"})
        body = ask.body
        if not isinstance(body, dict):
            return given(400, {"error": "no object"})
        if any(v is not None and not isinstance(v, str) for k, v in body.items() if k in "ab"):
            return given(400, {"error": "no text"})
        return given(200, {"id": f"n{ask.number}", "a": body.get("a"), "b": body.get("b")})

    free = {"type": "object", "properties": {n: {**TEXT, "example": "x"} for n in "ab"}}
    kept = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": TEXT, **{n: {**TEXT, "nullable": True} for n in "ab"}},
    }
    body = {"content": {"application/json": {"schema": free}}}
    paths = {"/notes": {"post": {"requestBody": body, "responses": answers(kept, "400")}}}
    with serving(answer) as (_, url):
        result = check(tmp_path, url, paths)
    assert {o.status for o in result.operations} == {"probed"}
    assert not [t for t in told(result) if "required" in t[0]]


# -- what answers everything ---------------------------------------------------------


def shop(documented: bool = True) -> dict[str, Any]:
    query = {"name": "size", "in": "query", "schema": {"type": "string", "enum": ["s", "m"]}}
    shown = thing("name", "size") if documented else None
    own = {"parameters": [query], "responses": answers(shown, "200", "400", "404")}
    return {f"/shop/{name}": {"get": own} for name in "abcdef"}


def in_shop(ask: Ask) -> Answer:
    if not ask.path.startswith("/shop/") or len(ask.path) != 7:
        return given(404, {"error": "where"})
    if ask.query not in ("", "size=s", "size=m"):
        return given(400, {"error": "size"})
    return given(200, {"name": "a", "size": "s"})


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Intruder, "pause_s", 0.0)


def gateway(number: int) -> Answer:
    return given(200, {"notice": "checking", "ticket": number})


@pytest.mark.parametrize("intruder", [page, gateway])
@pytest.mark.parametrize("after", [12, 30, 41])
@pytest.mark.parametrize("shown", [True, False])
def test_one_answer_that_begins_to_come_for_everything_stops_the_run(
    tmp_path: Path, intruder: Callable[[int], Answer], after: int, shown: bool
) -> None:
    def answer(ask: Ask) -> Answer:
        return intruder(ask.number) if ask.number > after else in_shop(ask)

    with serving(answer) as (server, url):
        result = check(tmp_path, url, shop(shown))
    assert result.exit_status == 3
    assert "Something else answers in the place of the API" in result.error
    assert "a route that doesn't exist" in result.error
    assert not told(result)
    assert len(server.paths) < after + 60
    assert {o.status for o in result.operations} - {"probed"}


def test_a_page_for_all_that_was_there_before_does_not(tmp_path: Path) -> None:
    """A web application answers every other route; most documented operations aren't served."""

    def answer(ask: Ask) -> Answer:
        return in_shop(ask) if ask.path in ("/shop/a", "/shop/f") else page(ask.number)

    with serving(answer) as (_, url):
        result = check(tmp_path, url, shop())
    assert not result.error and not told(result)
    served = {o.operation.path for o in result.operations if o.status == "probed"}
    assert served == {"/shop/a", "/shop/f"}


def test_a_page_at_one_operation_stops_nothing(tmp_path: Path) -> None:
    def answer(ask: Ask) -> Answer:
        if ask.path == "/shop/b" and ask.number > 20:
            return page(ask.number)
        return in_shop(ask)

    with serving(answer) as (_, url):
        result = check(tmp_path, url, shop())
    assert not result.error and not told(result)
    statuses = {o.operation.path: o.status for o in result.operations}
    statuses.pop("/shop/b")
    assert set(statuses.values()) == {"probed"}


def test_a_pause_may_be_enough(tmp_path: Path) -> None:
    def answer(ask: Ask) -> Answer:
        return page(ask.number) if 30 < ask.number < 38 else in_shop(ask)

    with serving(answer) as (_, url):
        result = check(tmp_path, url, shop())
    assert not result.error and not told(result)


@pytest.mark.parametrize("intruder", [page, gateway])
def test_what_begins_when_an_operation_is_first_asked_is_no_witness(
    tmp_path: Path, intruder: Callable[[int], Answer]
) -> None:
    """Nothing is documented of its answer; that routes beside it don't exist is known already."""
    begun: list[int] = []

    def answer(ask: Ask) -> Answer:
        begun.extend([ask.number] * (ask.path == "/shop/z"))
        return intruder(ask.number) if begun else in_shop(ask)

    paths = shop()
    paths["/shop/a"]["post"] = shop()["/shop/a"]["get"]
    paths["/shop/z"] = {"post": shop(False)["/shop/a"]["get"]}
    with serving(answer) as (_, url):
        result = check(tmp_path, url, paths, effects=("unknown",))
    statuses = {str(o.operation): o.status for o in result.operations}
    assert statuses["POST /shop/a"] == "partial", "it was accepted before, and its answer compared"
    # Where the reads of before are found to be answered alike, nothing is said of it at all.
    assert statuses["POST /shop/z"] in ("no-witness", "inconclusive")
    assert not told(result)
