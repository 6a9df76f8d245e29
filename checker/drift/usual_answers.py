"""How a document describes refusals: as its other operations have them. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from checker.domain.operation import DocumentedResponse, Operation, OperationId
from checker.domain.portal import Document
from checker.drift.compare.sameness import lookup
from checker.drift.seen_content import SeenContent

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
