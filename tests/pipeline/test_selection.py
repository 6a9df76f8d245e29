"""What belongs to a run's operations: the records, whose steps call operations as well."""

from __future__ import annotations

import pytest
from documented import operation

from checker.domain.operation import OperationId
from checker.domain.portal import Document, Portal
from checker.domain.workflow import Record, Step
from checker.pipeline.choosing.selection import select
from checker.settings import Settings

MAKE, SEND = OperationId("POST", "/api/things"), OperationId("POST", "/api/things/{id}/send")
SEARCH = OperationId("POST", "/api/things/search")
KNOWN = tuple(operation(id=i) for i in (MAKE, SEND, SEARCH))


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("POST", "/api/things", MAKE),
        ("POST", "/api/things?loud=1", MAKE),
        ("POST", "/api/things/{{thing}}/send", SEND),
        ("POST", "/api/things/search", SEARCH),
        ("PUT", "/api/things", None),
        ("POST", "/api/things/{{thing}}/{{verb}}", None),
        ("POST", "{{other}}/api/things", None),
        ("POST", "/things", None),
    ],
)
def test_a_step_knows_the_documented_operation_that_it_calls(
    method: str, path: str, expected: OperationId | None
) -> None:
    step = Step("step_1", method, path, extract={"thing": "$.id"})
    asks = Step("main", "POST", "/api/things/{{thing}}/send")
    record = Record("send.md", SEND, prerequisites=(step,), test_steps=(asks,))
    portal = Portal((Document(KNOWN[0].document, KNOWN),), (record,))
    chosen = select(portal, Settings()).records[SEND]
    assert chosen.prerequisites[0].operation == expected
    assert chosen.test_steps[0].operation == SEND


def test_what_a_record_says_itself_stays() -> None:
    said = OperationId("POST", "/elsewhere")
    step = Step("step_1", "POST", "/api/things", operation=said)
    record = Record("send.md", SEND, prerequisites=(step,), test_steps=(step,))
    portal = Portal((Document(KNOWN[0].document, KNOWN),), (record,))
    assert select(portal, Settings()).records[SEND].prerequisites[0].operation == said
