"""A member that is called like a title may hold the identifier of another kind of thing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from documented import operation

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.operation import OperationId
from checker.safety.gate import Gate
from checker.safety.ownership import Ledger
from checker.safety.policy import Policy

MAKE, LIST = OperationId("POST", "/courses"), OperationId("GET", "/courses")
SUBJECTS = OperationId("GET", "/subjects")
ALGEBRA = "58647603-0001-4603-8007-000ab42a4a5d"


def held(courses: list[Any], subjects: list[Any], given: Any) -> str:
    """Why the creation of a course is held back after the lists were read; empty where it isn't."""
    properties = {n: {"type": "string"} for n in ("title", "subject")}
    body = {"type": "object", "properties": properties}
    documented = [operation(body, id=MAKE), operation(id=LIST), operation(id=SUBJECTS)]
    gate = Gate(Policy(), {o.id: o for o in documented}, Ledger())
    for number, (asked, shown) in enumerate(((LIST, courses), (SUBJECTS, subjects)), 1):
        request = Request("GET", asked.path, operation=asked)
        response = Response(
            200, {"content-type": "application/json"}, body=shown, text=json.dumps(shown)
        )
        gate.note_sent(number, request)
        gate.note(Exchange(request, response, number), True)
        gate.ledger.note_listed(request, response, asked.path)
    content = json.dumps(given).encode()
    request = Request(
        "POST", "/courses", content=content, media_type="application/json", operation=MAKE
    )
    found = gate.claims.upserts(request, gate.operations[MAKE])
    return found.reason if found is not None else ""


@pytest.mark.parametrize(
    ("subject", "listed", "said"),
    [(ALGEBRA, True, ""), (ALGEBRA, False, "subject"), ("Algebra", True, "subject")],
    ids=["an identifier", "of nothing that is known", "a title"],
)
def test_a_reference_is_no_title(subject: str, listed: bool, said: str) -> None:
    courses = [{"id": 1, "title": "Old", "subject": subject}]
    subjects = [{"id": ALGEBRA, "name": "Algebra"}] if listed else []
    reason = held(courses, subjects, {"title": "kx81 attic", "subject": subject})
    assert (said in reason) if said else not reason


def test_a_title_that_is_there_is_held_back_beside_a_reference() -> None:
    courses = [{"id": 1, "title": "Old", "subject": ALGEBRA}]
    given = {"title": "Old", "subject": ALGEBRA}
    assert "title" in held(courses, [{"id": ALGEBRA, "name": "Algebra"}], given)
