"""Builders for cases of the response rules: a documented operation and what was answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from checker.domain.exchange import Exchange, Failure, Request, Response
from checker.domain.finding import Finding, Verdict
from checker.domain.location import Location
from checker.domain.observation import ObservedContract
from checker.domain.operation import DocumentedResponse, DocumentInfo, Operation, OperationId
from checker.domain.portal import Document, Portal
from checker.domain.schema import MISSING, Schema
from checker.drift.rule import Case, Rule

FILE = "api.json"
ID = OperationId("GET", "/things")


def schema(
    node: Mapping[str, Any], pointer: str = "", components: Mapping[str, Any] | None = None
) -> Schema:
    """A schema model of a raw node; `$ref: #/components/schemas/X` looks in `components`."""
    reference = None
    if "$ref" in node:
        reference = node["$ref"]
        pointer = reference.removeprefix("#")
        node = (components or {})[reference.rpartition("/")[2]]
    kinds = node.get("type", ())
    types = (kinds,) if isinstance(kinds, str) else tuple(kinds)
    if node.get("nullable") or node.get("x-nullable"):
        types = (*types, "null")
    variant_kind = "oneOf" if "oneOf" in node else "anyOf" if "anyOf" in node else ""
    additional = node.get("additionalProperties")
    return Schema(
        location=Location(FILE, pointer),
        raw=node,
        types=types,
        enum=tuple(node["enum"]) if "enum" in node else None,
        format=node.get("format"),
        description=node.get("description", ""),
        required=tuple(node.get("required", ())),
        properties=_Lazy(node.get("properties", {}), pointer, components),
        items=schema(node["items"], f"{pointer}/items", components) if "items" in node else None,
        additional=schema(additional, f"{pointer}/additionalProperties", components)
        if isinstance(additional, dict)
        else additional,
        variants=[
            schema(v, f"{pointer}/{variant_kind}/{n}", components)
            for n, v in enumerate(node.get(variant_kind, ()))
        ],
        variant_kind=variant_kind,
        discriminator=(node.get("discriminator") or {}).get("propertyName"),
        write_only=bool(node.get("writeOnly")),
        read_only=bool(node.get("readOnly")),
        reference=reference,
    )


class _Lazy(Mapping[str, Schema]):
    def __init__(self, nodes: Mapping[str, Any], pointer: str, components: Any) -> None:
        self.nodes, self.pointer, self.components = nodes, pointer, components
        self.made: dict[str, Schema] = {}

    def __getitem__(self, name: str) -> Schema:
        if name not in self.made:
            place = f"{self.pointer}/properties/{name}"
            self.made[name] = schema(self.nodes[name], place, self.components)
        return self.made[name]

    def __iter__(self) -> Any:
        return iter(self.nodes)

    def __len__(self) -> int:
        return len(self.nodes)


def operation(
    responses: Mapping[str, Any],
    *,
    dialect: str = "3.0",
    components: Mapping[str, Any] | None = None,
    method: str = "GET",
    description: str = "",
) -> Operation:
    """`responses`: status → {description, content: {media type: raw schema or None}}."""
    base = f"/paths/~1things/{method.lower()}"
    made = []
    for status, node in responses.items():
        place = f"{base}/responses/{status}"
        content = {
            media: schema(raw, f"{place}/content/{media.replace('/', '~1')}/schema", components)
            if raw is not None
            else None
            for media, raw in node.get("content", {}).items()
        }
        made.append(
            DocumentedResponse(status, Location(FILE, place), node.get("description", ""), content)
        )
    return Operation(
        id=OperationId(method, "/things"),
        document=DocumentInfo(FILE, dialect),
        location=Location(FILE, base),
        path_template="/things",
        description=description,
        responses=tuple(made),
    )


def answer(
    status: int = 200,
    body: Any = MISSING,
    media: str | None = "application/json",
    *,
    text: str | None = None,
    verdict: Verdict | None = None,
    number: int = 1,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    token: str | None = None,
) -> tuple[Exchange, Verdict]:
    """One answer; the text follows from the body unless it is given."""
    written = text if text is not None else "" if body is MISSING else json.dumps(body)
    told = {"Content-Type": media} if media else {}
    response = Response(status, {**told, **(headers or {})}, body, written)
    request = Request(method, "/things", token=token, operation=OperationId(method, "/things"))
    usual = Verdict.ACCEPTED if status < 300 else Verdict.REJECTED
    return Exchange(request, response, number), verdict or usual


def failure() -> tuple[Exchange, Verdict]:
    request = Request("GET", "/things")
    return Exchange(request, Failure("timeout", "no answer"), 9), Verdict.INCONCLUSIVE


def run(
    rule: Rule, documented: Operation, answers: list[tuple[Exchange, Verdict]], raw: Any = None
) -> list[Finding]:
    """The rule's findings."""
    portal = Portal((Document(documented.document, (documented,), raw=raw or {}),))
    observed = ObservedContract(documented.id, exchanges=tuple(answers))
    return list(rule.check(Case(documented.id, observed, documented, portal=portal)))


def json_response(node: Mapping[str, Any], status: str = "200") -> dict[str, Any]:
    return {status: {"description": "OK", "content": {"application/json": node}}}
