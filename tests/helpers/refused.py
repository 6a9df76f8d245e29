"""Refusals as data, and a request that they refuse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from checker.domain.exchange import Call, Exchange, Request, Response
from checker.domain.location import Location
from checker.domain.observation import Rejection
from checker.domain.operation import Field, FieldKey, OperationId, Place
from checker.domain.schema import MISSING, Schema
from checker.search.complaints import Complaint, Complaints
from checker.search.grammar import Grammar

HERE = Location("api.json")
OPERATION = OperationId("POST", "/orders")


def documented(types: Mapping[str, str], place: Place = Place.BODY) -> dict[FieldKey, Field]:
    """Fields of one place by dotted name, all required, each of a type."""
    found = {}
    for name, type_ in types.items():
        key = FieldKey(place, name)
        found[key] = Field(key, True, Schema(HERE, types=(type_,)), HERE, HERE)
    return found


KNOWN = documented(
    {
        "name": "string",
        "birth_date": "string",
        "kind": "string",
        "count": "integer",
        "email": "string",
        "customer_id": "string",
        "address": "object",
        "address.city": "string",
        "lines": "array",
        "lines[].qty": "integer",
    }
)
SENT: dict[str, Any] = {
    "name": "zq",
    "kind": "bad",
    "count": "three",
    "email": "nope",
    "customer_id": "c-77812",
    "address": {"city": "Ulm"},
    "lines": [{"qty": 1}, {"qty": -2}],
    "nick": "joe",
}


_CLASSES = {
    403: Rejection.AUTHORISATION,
    404: Rejection.ABSENCE,
    409: Rejection.CONFLICT,
}


@dataclass(frozen=True)
class Refused:
    """One answer: its status, JSON body or text, media type and headers."""

    status: int = 400
    body: Any = MISSING
    text: str = ""
    media: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, entry: Mapping[str, Any], case: Mapping[str, Any]) -> Refused:
        """The answer of a case of the table; the status is the format's unless it has its own."""
        return cls(
            case.get("status", entry["status"]),
            case.get("body", MISSING),
            case.get("text", ""),
            case.get("media", "application/json"),
            case.get("headers", {}),
        )

    def call(self, sent: Any) -> Call:
        return Call(OPERATION, body=sent)

    def exchange(self, sent: Any) -> Exchange:
        request = Request("POST", "/orders", operation=OPERATION)
        headers = {"Content-Type": self.media, **self.headers}
        return Exchange(request, Response(self.status, headers, self.body, self.text))

    @property
    def rejection(self) -> Rejection:
        """The class of the refusal by its status."""
        return _CLASSES.get(self.status, Rejection.VALIDATION)

    def complaints(
        self,
        sent: Any = SENT,
        known: Mapping[FieldKey, Field] = KNOWN,
        grammar: Grammar | None = None,
    ) -> Complaints:
        """What a grammar reads in the answer to a request."""
        grammar = grammar or Grammar()
        return grammar.parse(self.exchange(sent), self.call(sent), known, self.rejection)

    def echoing(self, sent: Any) -> Refused:
        """The same answer with the request in every object."""
        return replace(self, body=_with_echo(self.body, sent))


def _with_echo(node: Any, sent: Any, depth: int = 0) -> Any:
    if isinstance(node, dict) and depth < 1:
        return {**{k: _with_echo(v, sent, depth + 1) for k, v in node.items()}, "received": sent}
    if isinstance(node, list) and node and all(isinstance(v, dict) for v in node):
        return [{**v, "input": sent} for v in node]
    return node


def told(complaints: Iterable[Complaint]) -> dict[str, tuple[str, int | None]]:
    """Complaints as field → kind and position; "" for one that names no field."""
    return {
        c.field.name if c.field else "": (str(c.kind), c.index)
        for c in sorted(complaints, key=lambda c: (str(c.field), str(c.kind)))
    }
