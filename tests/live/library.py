"""A small library over HTTP that says "Bad Request" to every mistake, with its true document.

`SPECS` are the rules of its requests, `document()` is what they are in OpenAPI, and a drift is
an edit of that document: the server never changes.
"""

from __future__ import annotations

import copy
import itertools
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from serving import PromptHandler

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "servers"))

from strict import check

Spec = dict[str, Any]
Document = dict[str, Any]


def text(least: int = 1, most: int = 80, **more: Any) -> Spec:
    return {"t": "string", "min": least, "max": most, **more}


def number(least: int, most: int, **more: Any) -> Spec:
    return {"t": "integer", "min": least, "max": most, **more}


def like(pattern: str, example: str, **more: Any) -> Spec:
    return {"t": "string", "pattern": pattern, "example": example, **more}


def closed(*values: str, **more: Any) -> Spec:
    return {"t": "string", "enum": list(values), **more}


def group(required: str, **props: Spec) -> Spec:
    return {"t": "object", "props": props, "required": required.split()}


def many(items: Spec, least: int, most: int) -> Spec:
    return {"t": "array", "items": items, "min": least, "max": most}


GENRES = ("novel", "essay", "poetry", "drama")
AUTHOR = group(
    "name role",
    name=text(),
    role=closed("writer", "editor", example="writer"),
    share=number(1, 100),
)
BOOK = group(
    "title isbn pages genre authors",
    title=text(),
    isbn=like(r"^97[89]-[0-9]-[0-9]{2}-[0-9]{6}-[0-9]$", "978-3-16-148410-0"),
    shelf=like(r"^[A-Z][0-9]{3}$", "W001"),
    pages=number(1, 5000),
    genre=closed(*GENRES),
    authors=many(AUTHOR, 1, 6),
    tags=many(text(1, 20), 1, 5),
    tongues=many(closed("de", "en", "fr", example="de"), 1, 3),
    size=group("height", height=number(10, 900), unit=closed("mm", "in")),
    note=text(0, 200),
)
BADGE = group(
    "code colour",
    code=like(r"^[A-Z]{2}-[0-9]{4}$", "AB-1234"),
    colour=like(r"^#[0-9a-f]{6}$", "#1a2b3c"),
    phone=like(r"^\+49[0-9]{8,11}$", "+4930123456"),
    version=like(r"^[0-9]+\.[0-9]+\.[0-9]+$", "1.4.2"),
    opens=like(r"^([01][0-9]|2[0-3]):[0-5][0-9]$", "09:30"),
    slug=like(r"^[a-z0-9]+(-[a-z0-9]+)*$", "north-gate-2"),
    lot=like(r"^LOT[0-9]{2}/[A-Z]$", "LOT42/B"),
)
LOAN = group(
    "reader days kind",
    reader=text(3, 30),
    days=number(1, 60),
    kind=closed("home", "desk", example="home"),
    gift={"t": "boolean"},
)
READER = group("name limit", name=text(), limit=number(0, 20), city=text(1, 40, example="Berlin"))
STORED = group("name limit", **{n: READER["props"][n] for n in ("name", "limit")})
QUERY = group(
    "",
    limit=number(1, 100, default=20),
    order=closed("asc", "desc", default="asc"),
    archived={"t": "boolean", "default": False},
    genre=closed(*GENRES),
    longer=number(0, 5000),
)
SEARCH = group("words scope", words=text(2, 40), scope=closed("title", "note"), page=number(1, 50))
CHANNEL = group("X-Channel", **{"X-Channel": closed("web", "kiosk", example="web")})


def _wired(values: dict[str, str], spec: Spec) -> dict[str, Any]:
    """Texts of a URL, a form or headers as the types that they stand for, where they do."""
    out: dict[str, Any] = {}
    for name, value in values.items():
        kind = spec["props"].get(name, {}).get("t")
        try:
            out[name] = int(value) if kind == "integer" else value
        except ValueError:
            out[name] = value
        if kind == "boolean":
            out[name] = {"true": True, "false": False}.get(value, value)
    return out


class Library:
    """Books, badges, loans and readers; `PUT` of a reader drops `city` silently."""

    def __init__(self) -> None:
        self.books: dict[str, Document] = {}
        self.readers: dict[str, Document] = {}
        for count in range(1, 61):
            self.books[f"b{count}"] = {
                "id": f"b{count}",
                "title": f"Volume {count}",
                "genre": GENRES[count % 4],
                "pages": 40 + 7 * count,
                "archived": count % 3 == 0,
            }

    def answer(
        self, method: str, path: str, query: Document, headers: Document, body: Any
    ) -> tuple[int, Any]:
        match method, path.strip("/").split("/"):
            case "GET", ["books"]:
                return self._list(query)
            case "GET", ["search"]:
                asked = _wired(query, SEARCH)
                if check(asked, SEARCH):
                    return 400, None
                page = asked.get("page", 1)
                return 200, {"page": page, "hits": [{"id": f"b{page}"}]}
            case "POST", ["books"]:
                return self._made(body, BOOK, self.books, "b")
            case "POST", ["badges"]:
                return self._made(body, BADGE, {}, "g")
            case "POST", ["loans"]:
                seen = _wired(headers, CHANNEL)
                asked = _wired(body, LOAN) if isinstance(body, dict) else body
                if check({k: v for k, v in seen.items() if k in CHANNEL["props"]}, CHANNEL):
                    return 400, None
                return self._made(asked, LOAN, {}, "l")
            case "POST", ["readers"]:
                return self._made(body, READER, self.readers, "r")
            case (("GET" | "PUT" | "PATCH"), ["readers", number]):
                return self._reader(method, number, body)
            case _:
                return 404, None

    @staticmethod
    def _made(body: Any, spec: Spec, store: dict[str, Document], mark: str) -> tuple[int, Any]:
        if check(body, spec):
            return 400, None
        made = {"id": f"{mark}{len(store) + 1}"}
        made |= {name: body[name] for name in spec["props"] if name in body}
        store[made["id"]] = made
        return 201, made

    def _reader(self, method: str, number: str, body: Any) -> tuple[int, Any]:
        reader = self.readers.get(number)
        if reader is None:
            return 404, None
        if method == "GET":
            return 200, reader
        if check(body, STORED if method == "PUT" else {**STORED, "required": []}):
            return 400, None
        reader |= {n: body[n] for n in STORED["props"] if n in body}
        return 200, reader

    def _list(self, query: Document) -> tuple[int, Any]:
        asked = _wired(query, QUERY)
        if check(asked, QUERY):
            return 400, None
        found = [
            b
            for b in self.books.values()
            if "archived" in b
            and b["archived"] is asked.get("archived", False)
            and b["genre"] == asked.get("genre", b["genre"])
            and b["pages"] >= asked.get("longer", 0)
        ]
        if asked.get("order", "asc") == "desc":
            found.reverse()
        return 200, {"items": found[: asked.get("limit", 20)], "total": len(found)}


@contextmanager
def serving(*, plain: bool = False) -> Iterator[str]:
    """The base URL of a fresh library; `plain`: refusals are 422 in plain text, each with a
    number of its own."""
    library, incidents = Library(), itertools.count(70_000)

    class Handler(PromptHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def _any(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            url = urlsplit(self.path)
            query = {n: v[-1] for n, v in parse_qs(url.query, keep_blank_values=True).items()}
            if "form" in (self.headers.get("Content-Type") or ""):
                fields = parse_qs(raw.decode(), keep_blank_values=True)
                body: Any = {n: v[-1] for n, v in fields.items()}
            else:
                try:
                    body = json.loads(raw) if raw else None
                except ValueError:
                    body = None
            status, answer = library.answer(self.command, url.path, query, dict(self.headers), body)
            words = "Not Found" if status == 404 else "Bad Request"
            out = json.dumps({"error": words} if answer is None else answer).encode()
            media = "application/json"
            if plain and status == 400:
                status, media = 422, "text/plain"
                out = f"Unprocessable (incident {next(incidents):x}f)".encode()
            self.send_response(status)
            self.send_header("Content-Type", media)
            self.send_header("Content-Length", str(len(out)))
            self.end_headers()
            self.wfile.write(out)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


_KEYWORDS = {
    "string": ("minLength", "maxLength"),
    "integer": ("minimum", "maximum"),
    "array": ("minItems", "maxItems"),
}


def schema(spec: Spec) -> Document:
    """The JSON Schema that says what a specification says."""
    out: Document = {"type": spec["t"]}
    for name in ("enum", "pattern", "example", "default"):
        if name in spec:
            out[name] = spec[name]
    least, most = _KEYWORDS.get(spec["t"], ("", ""))
    if "min" in spec:
        out |= {least: spec["min"], most: spec["max"]}
    if "items" in spec:
        out["items"] = schema(spec["items"])
    if "props" in spec:
        out["properties"] = {name: schema(inner) for name, inner in spec["props"].items()}
        out["required"] = list(spec["required"])
        if not out["required"]:
            del out["required"]
    return out


def _parameters(spec: Spec, place: str) -> list[Document]:
    return [
        {"name": n, "in": place, "required": n in spec["required"], "schema": schema(inner)}
        for n, inner in spec["props"].items()
    ]


def _operation(status: str, answer: Document, **more: Any) -> Document:
    refused = {"type": "object", "properties": {"error": {"type": "string"}}}
    responses = {status: {"description": "Yes.", "content": _content(answer)}}
    for code in ("400", "404"):
        responses[code] = {"description": "No.", "content": _content(refused)}
    return {"responses": responses, **more}


def _content(inner: Document, media: str = "application/json") -> Document:
    return {media: {"schema": inner}}


def _body(spec: Spec, media: str = "application/json") -> Document:
    return {"required": True, "content": _content(schema(spec), media)}


def _made(spec: Spec) -> Document:
    seen = schema(spec)
    return {**seen, "properties": {"id": {"type": "string"}, **seen["properties"]}}


def document() -> Document:
    """The library as it is."""
    item = {
        "type": "object",
        "properties": {
            "id": {"type": "string"},
            "title": {"type": "string"},
            "genre": schema(closed(*GENRES)),
            "pages": {"type": "integer"},
            "archived": {"type": "boolean"},
            **{n: schema(s) for n, s in BOOK["props"].items() if n not in ("title", "pages")},
        },
    }
    books = {
        "type": "object",
        "properties": {"items": {"type": "array", "items": item}, "total": {"type": "integer"}},
    }
    hits = {
        "type": "object",
        "properties": {
            "page": {"type": "integer"},
            "hits": {
                "type": "array",
                "items": {"type": "object", "properties": {"id": {"type": "string"}}},
            },
        },
    }
    number = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
    reader = _made(READER)
    return {
        "openapi": "3.0.3",
        "info": {"title": "Library", "version": "1"},
        "paths": {
            "/books": {
                "get": _operation("200", books, parameters=_parameters(QUERY, "query")),
                "post": _operation("201", _made(BOOK), requestBody=_body(BOOK)),
            },
            "/search": {"get": _operation("200", hits, parameters=_parameters(SEARCH, "query"))},
            "/badges": {"post": _operation("201", _made(BADGE), requestBody=_body(BADGE))},
            "/loans": {
                "post": _operation(
                    "201",
                    _made(LOAN),
                    parameters=_parameters(CHANNEL, "header"),
                    requestBody=_body(LOAN, "application/x-www-form-urlencoded"),
                )
            },
            "/readers": {"post": _operation("201", reader, requestBody=_body(READER))},
            "/readers/{id}": {
                "get": _operation("200", reader, parameters=number),
                "put": _operation("200", reader, parameters=number, requestBody=_body(STORED)),
                "patch": _operation(
                    "200",
                    reader,
                    parameters=number,
                    requestBody=_body({**STORED, "required": []}),
                ),
            },
        },
    }


def edited(edits: list[tuple[list[Any], Any]]) -> Document:
    """The document with values put at paths; None removes. `name=x` selects a parameter."""
    made = copy.deepcopy(document())
    for path, value in edits:
        *parents, last = path
        node: Any = made["paths"]
        for step in parents:
            if isinstance(node, list):
                step = next(n for n, p in enumerate(node) if f"name={p['name']}" == step)
            node = node[step]
        if value is None:
            del node[last]
        else:
            node[last] = value
    return made


def spoken_plainly(shown: Document) -> Document:
    """A document of the library whose refusals are plain text."""
    for item in shown["paths"].values():
        for operation in item.values():
            text = {"description": "No.", "content": _content({"type": "string"}, "text/plain")}
            operation["responses"]["422"] = text
            operation["responses"].pop("400", None)
    return shown
