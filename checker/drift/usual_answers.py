"""How a document describes answers: as its other operations have them. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from checker.domain.operation import DocumentedResponse, Operation, OperationId
from checker.domain.portal import Document
from checker.domain.schema import MISSING
from checker.drift.compare.sameness import lookup
from checker.drift.seen_content import SeenContent
from checker.inference.answered_by import bare
from checker.inference.bodies import read_body
from checker.planning.routes import resource_of

Node = Mapping[str, Any]


def usual_answer(
    operation: OperationId, document: Document, status: int, seen: SeenContent
) -> tuple[Node, str] | None:
    """The response that most other operations of the document have for a status, and one of them;
    None where none has one that the answers seen follow, and that isn't about itself alone."""
    counted: Counter[str] = Counter()
    first: dict[str, str] = {}
    for other in document.operations:
        for response in other.responses if other.id != operation else ():
            node = _node(other, response, document) if response.status == str(status) else None
            if node is not None and _fits(seen, response):
                text = json.dumps(node)
                counted[text] += 1
                first.setdefault(text, str(other.id))
    if not counted:
        return None
    text = counted.most_common(1)[0][0]
    return json.loads(text), first[text]


def answer_of_thing(
    operation: OperationId, document: Document, status: int, seen: SeenContent
) -> Node | None:
    """How another operation of the same resource describes the answers seen, down to every member:
    its response of that status, or the body of one of another; None where none does."""
    resource = resource_of(operation.path)
    kin = [o for o in document.operations if resource_of(o.id.path) == resource]
    kin.sort(key=lambda o: o.id.path != operation.path)
    alike = [(o, r) for o in kin for r in o.responses if r.status[:1] == "2" and _is_of(seen, r)]
    alike.sort(key=lambda one: one[1].status != str(status))
    for other, response in alike:
        place = other.location.child("responses", response.status)
        node = lookup(document.raw, place.pointer) if place.file == document.info.file else None
        if isinstance(node, Mapping):
            words = usual_words(document, status) or phrase_of(status)
            same = response.status == str(status)
            return _without_examples(node if same else {**node, "description": words})
    return None


def usual_words(document: Document, status: int) -> str:
    """What most responses of a status are described with; empty where there is no such habit."""
    said = Counter(
        r.description for o in document.operations for r in o.responses if r.status == str(status)
    )
    text, count = next(iter(said.most_common(1)), ("", 0))
    return text if count > 1 and 2 * count > said.total() else ""


def phrase_of(status: int) -> str:
    """The status's usual name."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Success" if status // 100 == 2 else "Error"


def _is_of(seen: SeenContent, response: DocumentedResponse) -> bool:
    """Whether a documented response is all that the answers seen have, and nothing else."""
    written = {bare(media): schema for media, schema in response.content.items()}
    return bool(seen.bodies) and all(
        (schema := written.get(media)) is not None
        and all(b and b is not MISSING and not read_body(schema, b).mismatches for b in bodies)
        for media, bodies in seen.bodies.items()
    )


def _without_examples(node: Node) -> Node:
    """A response without what another operation shows for it."""
    kept = {k: v for k, v in node.items() if k in ("$ref", "description", "content", "schema")}
    content = kept.get("content")
    if isinstance(content, Mapping):
        shown = ("example", "examples")
        kept["content"] = {
            m: {k: v for k, v in c.items() if k not in shown} if isinstance(c, Mapping) else c
            for m, c in content.items()
        }
    return kept


def content_of_kin(operation: Operation, document: Document, seen: SeenContent) -> Node:
    """What another refusal of the same operation has as its body, where the answers seen follow
    it; empty where none does."""
    for response in operation.responses:
        if response.status[:1] in "45" and response.content:
            node = _node(operation, response, document)
            if node is not None and "$ref" not in node and seen.fits(response):
                return {k: v for k, v in node.items() if k in ("content", "schema")}
    return {}


def _node(operation: Operation, response: DocumentedResponse, document: Document) -> Node | None:
    """The response as the document has it; None where its schema is written for it alone."""
    place = operation.location.child("responses", response.status)
    node = lookup(document.raw, place.pointer) if place.file == document.info.file else None
    return node if isinstance(node, Mapping) and not _is_own(node) else None


def _is_own(node: Any) -> bool:
    """Whether there are properties, or examples, in it, which speak of one operation."""
    if isinstance(node, Mapping):
        if {"properties", "example", "examples", "headers"} & set(node):
            return True
        return any(_is_own(child) for child in node.values())
    return isinstance(node, list) and any(_is_own(child) for child in node)


def _fits(seen: SeenContent, response: DocumentedResponse) -> bool:
    return seen.fits(response) if seen.bodies else not response.content
