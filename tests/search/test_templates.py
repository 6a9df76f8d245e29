"""Steps that bring other texts at each use."""

from __future__ import annotations

from documented import operation

from checker.domain.exchange import Call
from checker.domain.operation import FieldKey, OperationId, Place
from checker.search.templates import with_varying_texts

STATUS = FieldKey(Place.BODY, "status")
PATCH = OperationId("PATCH", "/events/{id}")


def test_what_moves_a_thing_brings_no_text_twice() -> None:
    text = {"type": "string"}
    properties = {"status": text, "names": {"type": "array", "items": text}, "seats": {}}
    documented = operation({"type": "object", "properties": properties}, id=PATCH)
    body = {"status": "published", "names": ["wclzmlbi"], "seats": 7}
    call = Call(PATCH, body=body, media_type="application/json")
    varied = with_varying_texts(call, documented, STATUS).body
    assert varied == {**body, "names": ["wclzmlbi{{random_string}}"]}


def test_what_has_no_texts_stays_as_it_is() -> None:
    documented = operation(
        {"type": "object", "properties": {"status": {"type": "string"}}}, id=PATCH
    )
    call = Call(PATCH, body={"status": "published"}, media_type="application/json")
    assert with_varying_texts(call, documented, STATUS) == call
