"""What documents say elsewhere, for servers that name nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from documented import operation, schema
from test_solver import TEXT, Answer, body_of, search

from checker.domain.operation import DocumentedResponse, Operation, OperationId
from checker.probing.trial import NoWitness, Witness

GUESTS = OperationId("POST", "/guests")
ONE_OF = "Exactly one of `bank_code` and `card_code` must be sent."
GUEST = body_of(
    "name", name=TEXT, age=TEXT, born=TEXT, floor=TEXT, colour=TEXT, bank_code=TEXT, card_code=TEXT
)
BAD: Answer = (400, "Bad Request")


def said(made: Operation, shown: dict[str, Any]) -> Operation:
    """The operation with a documented answer of these properties."""
    answer = schema({"type": "object", "properties": shown})
    response = DocumentedResponse("201", made.location, content={"application/json": answer})
    return replace(made, responses=(response,))


def exactly_one(method: str, path: str, query: Any, body: Any) -> Answer:
    sent = set(body or {})
    if "name" not in sent or len(sent & {"bank_code", "card_code"}) != 1 or len(sent) > 2:
        return BAD
    return 201, {"id": "g1", **body}


def tries(description: str) -> int:
    """How many requests it takes until one is accepted."""
    found, server = search(exactly_one, operation(GUEST, id=GUESTS, description=description))
    assert isinstance(found, Witness), found
    return next(
        n for n, seen in enumerate(server.seen) if exactly_one(*seen[:2], {}, seen[2])[0] == 201
    )


def test_fields_that_the_operations_words_name_come_first() -> None:
    assert tries(ONE_OF) < 6 < tries("Makes a guest.")


def formed(method: str, path: str, query: Any, body: Any) -> Answer:
    code, seat = (body or {}).get("pass_code"), (body or {}).get("seat")
    fine = isinstance(code, str) and len(code) == 5 and code.startswith("QZ") and code[2:].isdigit()
    return (201, {"id": "g1", **body}) if fine and isinstance(seat, dict) else BAD


def test_a_field_is_sent_as_answers_show_it() -> None:
    asked = body_of("pass_code", "seat", pass_code={**TEXT, "examples": ["qz-1"]}, seat=TEXT)
    made = operation(asked, id=GUESTS)
    where = {"type": "object", "properties": {"city": TEXT}, "required": ["city"]}
    shown = {"id": TEXT, "pass_code": {**TEXT, "pattern": "^QZ[0-9]{3}$"}, "seat": where}
    found, _ = search(formed, said(made, shown))
    assert isinstance(found, Witness), found
    assert isinstance(search(formed, made)[0], NoWitness)


def coded(method: str, path: str, query: Any, body: Any) -> Answer:
    if path == "/passes":
        return (201, {"id": "p1", **body}) if (body or {}).get("title") else BAD
    return (201, {"id": "g1", **body}) if (body or {}).get("pass_code") == "QZ-1" else BAD


def test_what_is_only_named_as_a_resource_may_be_a_code_of_its_own() -> None:
    asked = body_of("pass_code", pass_code={**TEXT, "examples": ["QZ-1"]})
    passes = operation(body_of("title", title=TEXT), id=OperationId("POST", "/passes"))
    found, server = search(coded, operation(asked, id=GUESTS), passes)
    assert isinstance(found, Witness), found
    assert ("POST", "/guests", {"pass_code": "p1"}) in server.seen, "taken for a reference first"
