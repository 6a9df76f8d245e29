"""An operation as a document would describe it, by what was sent to it and what came back. Pure.

It is written as its neighbours in the document are: their tags, their parameters for the same
parts of the path, their security. What it answers and takes is what was seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from checker.domain.exchange import Exchange, Request
from checker.domain.finding import Verdict
from checker.domain.location import Location
from checker.domain.nodes import list_of, mapping_of, member_of
from checker.domain.operation import FieldKey, Operation, OperationId, Place
from checker.domain.portal import Document, Portal
from checker.domain.schema import MISSING, json_type
from checker.drift.compare.patches import Patch
from checker.drift.compare.paths import nameless, parameter_names
from checker.drift.compare.sameness import lookup
from checker.drift.namesakes import like_its_namesake
from checker.drift.new_names import identifier_of, inner_path, sentence_of, summary_of, tags_of
from checker.drift.seen_content import SeenContent, inferred
from checker.drift.translated import Untranslated, translated, translated_schemas
from checker.drift.usual_answers import answer_of_thing, phrase_of, usual_answer, usual_words
from checker.inference.facts import sent_value
from checker.planning.routes import resource_of

_WHOLE = FieldKey(Place.BODY, "")
_NUMBER = re.compile(r"\d{1,9}")
Seen = tuple[Exchange, Verdict]


def home_of(operation: OperationId, portal: Portal) -> Document | None:
    """The current document that an operation belongs to: the one with the most of its path."""
    current = [d for d in portal.documents if not d.info.legacy and d.operations]
    fitting = [d for d in current if inner_path(operation, d) is not None]
    return max(fitting, key=lambda d: _nearness(operation, d), default=None)


def written(
    operation: OperationId, answered: Sequence[Seen], document: Document
) -> tuple[Location, Patch] | None:
    """Where a document gets an operation, and the JSON Patch that puts it there, by what was sent
    and answered; None where that can't be described."""
    path = inner_path(operation, document)
    made = _node(operation, answered, document)
    return None if path is None or made is None else placed(operation, document, made)


def placed(operation: OperationId, document: Document, node: Any) -> tuple[Location, Patch] | None:
    """Where an operation's own node goes in a document."""
    path = inner_path(operation, document)
    paths = document.raw.get("paths")
    if path is None or not isinstance(paths, Mapping):
        return None
    known = next((str(p) for p in paths if nameless(str(p)) == nameless(path)), None)
    method = operation.method.lower()
    at = Location(document.info.file, "").child("paths", known or path)
    if known is None:
        step = {"op": "add", "path": at.pointer, "value": {method: node}}
    elif not isinstance(paths[known], Mapping) or {method, "$ref"} & set(paths[known]):
        return None
    else:
        step = {"op": "add", "path": at.child(method).pointer, "value": node}
    return at.child(method), (step,)


def _nearness(operation: OperationId, document: Document) -> int:
    return max(_shared(operation, other) for other in document.operations)


def _shared(operation: OperationId, other: Operation) -> int:
    """How many parts of the path both have from the start, and whether they end there."""
    one, two = (nameless(o.path).split("/") for o in (operation, other.id))
    same = 0
    for a, b in zip(one, two, strict=False):
        if a != b:
            break
        same += 1
    return 2 * same + (one == two)


def _node(
    operation: OperationId, answered: Sequence[Seen], document: Document
) -> dict[str, Any] | None:
    exchanges = [e for e, _ in answered]
    accepted = [e for e, verdict in answered if verdict is Verdict.ACCEPTED]
    kin = max(document.operations, key=lambda o: _shared(operation, o), default=None)
    if kin is None or not accepted:
        return None
    like = mapping_of(lookup(document.raw, kin.location.pointer))
    body = _body(operation, [e.request for e in accepted], kin, document)
    if body is None:
        return None
    made = _named_as(operation, kin, document, like)
    parameters = [*_parameters(operation, accepted, document), *body.get("parameters", ())]
    if parameters:
        made["parameters"] = parameters
    made |= {k: v for k, v in body.items() if k != "parameters"}
    made["responses"] = _responses(operation, exchanges, kin, document)
    if "security" in like:
        made["security"] = like["security"]
    return made


def _named_as(
    operation: OperationId, kin: Operation, document: Document, like: Mapping[str, Any]
) -> dict[str, Any]:
    """What an operation is called, in the words that the document has for its next of kin."""
    made: dict[str, Any] = {}
    if "tags" in like:
        made["tags"] = tags_of(operation, kin, document)
    made["summary"] = summary_of(operation)
    if "operationId" in like:
        made["operationId"] = identifier_of(operation, document)
    made["description"] = sentence_of(operation)
    return made


def _parameters(
    operation: OperationId, accepted: Sequence[Exchange], document: Document
) -> list[Any]:
    """Those of the path, written as other operations of the document have them, and of the
    query."""
    inner = inner_path(operation, document) or ""
    paths = document.raw.get("paths", {})
    item: Any = next((n for p, n in paths.items() if nameless(str(p)) == nameless(inner)), {})
    shared = item.get("parameters", []) if isinstance(item, Mapping) else []
    own = {p.get("name") for p in shared if isinstance(p, Mapping) and p.get("in") == "path"}
    found = [
        _known(name, document) or _parameter("path", name, ["text"], document)
        for name in parameter_names(inner)
        if name not in own and not any("$ref" in p for p in shared if isinstance(p, Mapping))
    ]
    sent: dict[str, list[str]] = {}
    for exchange in accepted:
        for name, value in exchange.request.query:
            sent.setdefault(name, []).append(value)
    secret = {s.parameter for o in document.operations for s in o.security.schemes.values()}
    found += [_parameter("query", n, v, document) for n, v in sent.items() if n not in secret]
    return found


def _known(name: str, document: Document) -> Any:
    """How an operation of the document writes a parameter of the path."""
    for operation in document.operations:
        node = lookup(document.raw, operation.location.pointer)
        listed = member_of(node, "parameters")
        for one in list_of(listed):
            if isinstance(one, Mapping) and (one.get("in"), one.get("name")) == ("path", name):
                return dict(one)
    return None


def _parameter(place: str, name: str, values: Sequence[str], document: Document) -> dict[str, Any]:
    kind = "integer" if all(_NUMBER.fullmatch(v) for v in values) else "string"
    made = {"in": place, "name": name, "required": place == "path"}
    if document.info.dialect == "2.0":
        return {**made, "type": kind}
    return {**made, "schema": {"type": kind}}


def _body(
    operation: OperationId, requests: Sequence[Request], kin: Operation, document: Document
) -> dict[str, Any] | None:
    """The request body in the document's dialect; None where what was sent is no JSON."""
    sent = [r for r in requests if r.content]
    if not sent:
        return {}
    bodies = [sent_value(r, _WHOLE) for r in sent]
    if any(json_type(b) not in ("object", "array") for b in bodies):
        return None
    # The first is the one that a person wrote or recorded: probes leave out and add.
    schema = _described(inferred(bodies[:1], kin), bodies[:1], operation, document)
    needed = len(sent) == len(requests)
    if kin.document.dialect == "2.0":
        return {
            "parameters": [{"in": "body", "name": "body", "required": needed, "schema": schema}]
        }
    media = sent[0].media_type or "application/json"
    return {"requestBody": {"required": needed, "content": {media: {"schema": schema}}}}


def _described(
    schema: dict[str, Any], bodies: Sequence[Any], operation: OperationId, document: Document
) -> dict[str, Any]:
    """A body whose members are described as those of the same name in requests of the resource."""
    resource, members = resource_of(operation.path), schema.get("properties", {})
    kin = (o for o in document.operations if resource_of(o.id.path) == resource)
    beside = next((s for o in kin for s in o.body.values() if s is not None and s.properties), None)
    if beside is None or not members:
        return schema
    portal, properties = Portal((document,)), {}
    for name, node in members.items():
        values = [b[name] for b in bodies if isinstance(b, Mapping) and name in b]
        place = beside.location.child("properties", name)
        properties[name] = like_its_namesake(node, name, values, place, portal)
    return {**schema, "properties": properties}


def _responses(
    operation: OperationId, exchanges: Iterable[Exchange], kin: Operation, document: Document
) -> dict[str, Any]:
    """What was answered: a refusal as the other operations have it, a thing as those of its
    resource have it."""
    every = list(exchanges)
    statuses = {e.response.status for e in every if e.response is not None}
    made: dict[str, Any] = {}
    for status in sorted(s for s in statuses if s < 500):
        seen = SeenContent.of(every, status)
        usual = usual_answer(operation, document, status, seen) if status >= 400 else None
        known = usual[0] if usual else answer_of_thing(operation, document, status, seen)
        words = usual_words(document, status) or phrase_of(status)
        made[str(status)] = known or seen.response(kin, words)
    return made


def copied(
    operation: Operation, document: Document, home: Document
) -> tuple[Location, Patch] | None:
    """Where another document gets an operation as its own document has it, and the JSON Patch;
    None where what it refers to means something else there, or can't be said in its dialect."""
    node = lookup(document.raw, operation.location.pointer)
    raw: Mapping[str, Any] = document.raw
    if not isinstance(node, Mapping):
        return None
    if home.info.dialect != document.info.dialect:
        dialect = home.info.dialect
        if document.info.dialect != "2.0" or dialect not in ("3.0", "3.1"):
            return None
        try:
            node, raw = translated(node, raw, dialect), translated_schemas(raw, dialect)
        except Untranslated:
            return None
    parts = _brought(node, raw, home)
    place = placed(operation.id, home, _secured(node, home)) if parts is not None else None
    return (place[0], (*place[1], *parts)) if place is not None and parts is not None else None


def _secured(node: Mapping[str, Any], home: Document) -> dict[str, Any]:
    """The operation without a `security` that the document has no schemes for."""
    schemes = lookup(home.raw, "/components/securitySchemes")
    if schemes is MISSING:
        schemes = home.raw.get("securityDefinitions")
    known = mapping_of(schemes)
    wanted = node.get("security")
    names = [n for one in wanted if isinstance(one, Mapping) for n in one] if wanted else []
    return {k: v for k, v in node.items() if k != "security" or all(n in known for n in names)}


def _brought(
    node: Mapping[str, Any], raw: Mapping[str, Any], home: Document
) -> tuple[Mapping[str, Any], ...] | None:
    """Steps that bring what a node refers to in its own document; None where that means something
    else in the other one."""
    needed: dict[str, Any] = {}
    pending = [node]
    while pending:
        for reference in _references(pending.pop()):
            pointer = reference.removeprefix("#")
            there, here = lookup(home.raw, pointer), lookup(raw, pointer)
            if not reference.startswith("#/") or here is MISSING or there not in (MISSING, here):
                return None
            above = lookup(home.raw, pointer.rpartition("/")[0])
            if there is MISSING and pointer not in needed:
                if not isinstance(above, Mapping):
                    return None
                needed[pointer] = here
                pending.append(here)
    return tuple({"op": "add", "path": p, "value": v} for p, v in needed.items())


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in node.values():
            yield from _references(child)
    elif isinstance(node, list):
        for child in node:
            yield from _references(child)
