"""A shop on Flask: form-urlencoded and multipart bodies, plain-text and HTML errors.

Everything is served below `/gw` (the gateway) and below `/direct`; reports work on the latter
only. The first problem alone is named, in words.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from flask import Blueprint, Flask, Response, jsonify, request
from listening import announce, bind, parser
from werkzeug.exceptions import HTTPException
from werkzeug.serving import WSGIRequestHandler, make_server

COUNTRIES = ("US", "DE", "FR")
TIERS = ("bronze", "silver", "gold")
REPORTS = ("sales", "stock")
URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

customers: dict[int, dict[str, Any]] = {}
notes: dict[int, list[dict[str, Any]]] = {}
documents: dict[int, dict[str, Any]] = {}
api = Blueprint("shop", __name__)


class Refused(Exception):
    """A request that isn't served: status and the sentence that says why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@api.errorhandler(Refused)
def refused(error: Refused) -> Response:
    return Response(error.message + "\n", error.status, content_type="text/plain; charset=utf-8")


def form(media_type: str) -> dict[str, str]:
    """The form's first values; an absent body is an empty form."""
    body = request.get_data(cache=True, parse_form_data=False)
    if not body and not request.mimetype:
        return {}
    if request.mimetype != media_type:
        raise Refused(415, f"send {media_type}")
    return {name: values[0] for name, values in request.form.lists()}


def text(values: dict[str, str], name: str, longest: int, required: bool = False) -> str | None:
    value = values.get(name)
    if value is None:
        if required:
            raise Refused(400, f"{name} is required")
        return None
    if not 1 <= len(value) <= longest:
        raise Refused(400, f"{name} must have 1 to {longest} characters")
    return value


def choice(values: dict[str, str], name: str, allowed: tuple[str, ...], default: str) -> str:
    value = values.get(name, default)
    if value not in allowed:
        raise Refused(400, f"{name} is not valid")
    return value


def whole(values: Any, name: str, low: int, high: int, default: int) -> int:
    value = values.get(name, str(default))
    if not re.fullmatch(r"-?[0-9]{1,9}", value) or not low <= int(value) <= high:
        raise Refused(400, f"{name} must be a whole number from {low} to {high}")
    return int(value)


@api.post("/customers")
def create_customer() -> tuple[Response, int]:
    values = form(URLENCODED)
    email = text(values, "email", 100, required=True) or ""
    if not re.search(r"^[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,10}\Z", email):
        raise Refused(400, "email is not an address")
    name = text(values, "name", 60, required=True)
    country = choice(values, "country", COUNTRIES, "US")
    tier = choice(values, "tier", TIERS, "bronze")
    email = email.lower()
    if any(other["email"] == email for other in customers.values()):
        raise Refused(409, "this email is taken")
    number = len(notes) + 1
    made = {"id": number, "email": email, "name": name, "country": country, "tier": tier}
    customers[number] = made
    notes[number] = []
    return jsonify(made), 201


@api.get("/customers")
def list_customers() -> Response:
    page = whole(request.args, "page", 1, 1000, 1)
    limit = whole(request.args, "limit", 1, 50, 20)
    found = list(customers.values())[::-1]
    if "country" in request.args:
        country = choice(request.args, "country", COUNTRIES, "")
        found = [customer for customer in found if customer["country"] == country]
    shown = found[(page - 1) * limit : page * limit]
    return jsonify({"customers": shown, "total": len(found)})


def customer_or_404(number: int) -> dict[str, Any]:
    if number not in customers:
        raise Refused(404, "no such customer")
    return customers[number]


@api.get("/customers/<int:number>")
def show_customer(number: int) -> Response:
    return jsonify(customer_or_404(number))


@api.delete("/customers/<int:number>")
def delete_customer(number: int) -> tuple[str, int]:
    customer_or_404(number)
    del customers[number]
    return "", 204


@api.get("/customers/<int:number>/card")
def card(number: int) -> Response:
    customer = customer_or_404(number)
    body = f"BEGIN:VCARD\nVERSION:4.0\nFN:{customer['name']}\nEND:VCARD\n"
    return Response(body, 200, content_type="text/vcard; charset=utf-8")


@api.post("/customers/<int:number>/notes")
def create_note(number: int) -> tuple[Response, int]:
    customer_or_404(number)
    values = form(URLENCODED)
    made: dict[str, Any] = {"id": len(notes[number]) + 1, "customer_id": number}
    made["text"] = text(values, "text", 200, required=True)
    if colour := text(values, "colour", 20):
        made["colour"] = colour
    notes[number].append(made)
    return jsonify(made), 201


@api.get("/customers/<int:number>/notes")
def list_notes(number: int) -> Response:
    customer_or_404(number)
    return jsonify({"notes": notes[number]})


@api.post("/documents")
def upload() -> tuple[Response, int]:
    values = form(MULTIPART)
    file = request.files.get("file")
    if file is None:
        raise Refused(400, "file is required")
    title = text(values, "title", 80, required=True)
    made = {
        "id": len(documents) + 1,
        "title": title,
        "category": choice(values, "category", ("invoice", "contract"), "invoice"),
        "filename": file.filename or "",
        "size": len(file.read()),
    }
    documents[len(documents) + 1] = made
    return jsonify(made), 201


@api.get("/documents/<int:number>")
def show_document(number: int) -> Response:
    if number not in documents:
        raise Refused(404, "no such document")
    return jsonify(documents[number])


@api.post("/reports")
def report() -> Response:
    if request.path.startswith("/gw/"):
        raise Refused(400, "reports are not served here")
    values = form(URLENCODED)
    if "kind" not in values:
        raise Refused(400, "kind is required")
    return jsonify({"kind": choice(values, "kind", REPORTS, ""), "rows": len(customers)})


@api.post("/stock/recount")
def recount() -> Response:
    request.get_data()
    return jsonify({"recounted": 3})


def application() -> Flask:
    app = Flask(__name__)
    app.config["MAX_FORM_MEMORY_SIZE"] = None
    app.register_blueprint(api, url_prefix="/gw/shop/v1", name="gateway")
    app.register_blueprint(api, url_prefix="/direct/shop/v1", name="direct")

    @app.errorhandler(HTTPException)
    def page(error: HTTPException) -> Response:
        body = f"<!doctype html><title>{error.name}</title><h1>{error.name}</h1>\n"
        return Response(body, error.code, content_type="text/html; charset=utf-8")

    return app


class Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """Nothing is logged."""


def main() -> None:
    sock = bind(parser(__doc__ or "").parse_args().port)
    host, port = sock.getsockname()
    server = make_server(
        host, port, application(), threaded=True, request_handler=Quiet, fd=sock.fileno()
    )
    announce(sock)
    server.serve_forever()


if __name__ == "__main__":
    main()
