"""A ledger on Starlette: every refusal has a status and an empty body, nothing else.

Fields depend on each other in six ways; a code is unique; identifiers are whole numbers.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import uvicorn
from listening import announce, bind, parser
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from strict import check, known, parse

CURRENCIES = ["EUR", "USD", "GBP"]
AMOUNT = {"t": "integer", "min": 1, "max": 1000000}
EMAIL = {
    "t": "string",
    "max": 100,
    "pattern": r"^[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,10}\Z",
}
PHONE = {"t": "string", "max": 20, "pattern": r"^\+[0-9]{6,15}\Z"}
ACCOUNT_ID = {"t": "integer", "min": 1, "max": 2147483647}


def thing(required: list[str], **props: Any) -> dict[str, Any]:
    return {"t": "object", "required": required, "props": props}


ACCOUNT = thing(
    ["name", "code"],
    name={"t": "string", "min": 1, "max": 50},
    code={"t": "string", "pattern": r"^[A-Z]{3}[0-9]{3}\Z"},
    currency={"t": "string", "enum": CURRENCIES},
    limit={"t": "integer", "min": 0, "max": 100000},
)
PAYMENT = thing(
    ["account_id", "amount", "method"],
    account_id=ACCOUNT_ID,
    amount=AMOUNT,
    method={"t": "string", "enum": ["cash", "card", "voucher"]},
    card_number={"t": "string", "pattern": r"^[0-9]{12,19}\Z"},
    receipt_name={"t": "string", "min": 1, "max": 40},
    receipt_email=EMAIL,
)
TRANSFER = thing(
    ["amount"],
    amount=AMOUNT,
    iban={"t": "string", "pattern": r"^[A-Z]{2}[0-9]{8,20}\Z"},
    account_number={"t": "string", "pattern": r"^[0-9]{6,10}\Z"},
)
NOTICE = thing(["text"], text={"t": "string", "min": 1, "max": 160}, email=EMAIL, phone=PHONE)
STATEMENT = thing(
    ["title"],
    **{
        "title": {"t": "string", "min": 1, "max": 50},
        "from": {"t": "string", "date": True},
        "to": {"t": "string", "date": True},
    },
)
DISCOUNT = thing(
    ["name"],
    name={"t": "string", "min": 1, "max": 50},
    percent={"t": "integer", "min": 1, "max": 100},
    amount=AMOUNT,
)
SCHEDULE = thing(
    ["start", "every"],
    start={"t": "string", "date": True},
    every={"t": "integer", "min": 1, "max": 365},
    note={"t": "string", "min": 0, "max": 120},
)

Value = dict[str, Any]
accounts: dict[int, Value] = {}
stores: dict[str, dict[int, Value]] = {
    name: {}
    for name in ("payments", "transfers", "notices", "statements", "discounts", "schedules")
}


def answer(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value), status, media_type="application/json")


async def body(request: Request, spec: Value) -> Value:
    content = await request.body()
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if content and media_type != "application/json":
        raise HTTPException(415)
    try:
        value = parse(content)
    except ValueError as error:
        raise HTTPException(400) from error
    if check(value, spec):
        raise HTTPException(400)
    return known(value, spec)


async def create_account(request: Request) -> Response:
    value = await body(request, ACCOUNT)
    if any(other["code"] == value["code"] for other in accounts.values()):
        raise HTTPException(409)
    made = {"id": len(accounts) + 1, "currency": "EUR", "limit": 500, **value}
    accounts[made["id"]] = made
    return answer(made, 201)


async def list_accounts(request: Request) -> Response:
    limit = request.query_params.get("limit", "20")
    if not limit.isascii() or not limit.isdigit() or len(limit) > 2 or not 1 <= int(limit) <= 50:
        raise HTTPException(400)
    found = list(accounts.values())[::-1]
    if "currency" in request.query_params:
        wanted = request.query_params["currency"].split(",")
        if not set(wanted) <= set(CURRENCIES):
            raise HTTPException(400)
        found = [account for account in found if account["currency"] in wanted]
    return answer(found[: int(limit)])


async def show_account(request: Request) -> Response:
    if (number := request.path_params["id"]) not in accounts:
        raise HTTPException(404)
    return answer(accounts[number])


def sound_payment(value: Value) -> bool:
    """The account exists; a card has its number; a name on the receipt needs an address."""
    if value["account_id"] not in accounts:
        return False
    if value["method"] == "card" and "card_number" not in value:
        return False
    return "receipt_name" not in value or "receipt_email" in value


def sound_statement(value: Value) -> bool:
    """Both ends of the period or none, and in order."""
    if ("from" in value) != ("to" in value):
        return False
    return "from" not in value or value["from"] <= value["to"]


def creator(name: str, spec: Value, sound: Callable[[Value], bool]) -> list[Route]:
    """POST to the collection, GET of one item."""
    store = stores[name]

    async def create(request: Request) -> Response:
        value = await body(request, spec)
        if not sound(value):
            raise HTTPException(400)
        made = {"id": len(store) + 1, **value}
        store[made["id"]] = made
        return answer(made, 201)

    async def show(request: Request) -> Response:
        if (number := request.path_params["id"]) not in store:
            raise HTTPException(404)
        return answer(store[number])

    return [
        Route(f"/{name}", create, methods=["POST"]),
        Route(f"/{name}/{{id:int}}", show, methods=["GET"]),
    ]


async def refuse(request: Request, error: Exception) -> Response:
    headers = getattr(error, "headers", None)
    return Response(status_code=getattr(error, "status_code", 500), headers=headers)


Handler = Callable[[Request], Awaitable[Response]]
APP = Starlette(
    routes=[
        Route("/accounts", create_account, methods=["POST"]),
        Route("/accounts", list_accounts, methods=["GET"]),
        Route("/accounts/{id:int}", show_account, methods=["GET"]),
        *creator("payments", PAYMENT, sound_payment),
        *creator("transfers", TRANSFER, lambda v: "iban" in v or "account_number" in v),
        *creator("notices", NOTICE, lambda v: ("email" in v) != ("phone" in v)),
        *creator("statements", STATEMENT, sound_statement),
        *creator("discounts", DISCOUNT, lambda v: not ("percent" in v and "amount" in v)),
        *creator("schedules", SCHEDULE, lambda v: True),
    ],
    exception_handlers={HTTPException: refuse},
)


def main() -> None:
    sock = bind(parser(__doc__ or "").parse_args().port)
    announce(sock)
    config = uvicorn.Config(APP, log_level="error", access_log=False, lifespan="off")
    uvicorn.Server(config).run(sockets=[sock])


if __name__ == "__main__":
    main()
