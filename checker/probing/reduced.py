"""A raw document cut down to one operation, safe to hand to a generator. Pure.

It holds the operation and what it refers to inside the same file. References to other files or
addresses are cut, so that nothing is fetched; responses, security and credential parameters are
left out.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from checker.domain.operation import Operation
from checker.domain.pointer import tokens_of

MAX_NODES = 20_000
CREDENTIALS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "x-api-key", "api-key", "apikey"}
    | {"x-auth-token", "x-access-token", "x-csrf-token", "x-xsrf-token"}
)
NOT_GENERATED = frozenset({"host", "content-length", "content-type", "accept", "connection"})
_DROPPED = ("responses", "callbacks", "security", "servers", "links", "x-codeSamples")


def reduced_document(
    raw: Mapping[str, Any], operation: Operation, *, headers: bool = True
) -> dict[str, Any] | None:
    """The raw document cut down to one operation; None where it isn't in it.

    `headers` keeps header and cookie parameters, but never those that carry credentials.
    """
    paths = raw.get("paths")
    item = paths.get(operation.path_template) if isinstance(paths, Mapping) else None
    item = _local(raw, item)
    node = _local(raw, item.get(operation.id.method.lower())) if item is not None else None
    if item is None or node is None:
        return None
    own = {k: v for k, v in node.items() if k not in _DROPPED}
    own["responses"] = {"default": {"description": "any"}}
    given = [*_parameters(raw, item), *_parameters(raw, node)]
    latest = {(p.get("in"), p.get("name")): p for p in given}
    own["parameters"] = [p for p in latest.values() if _wanted(p, headers)]
    out: dict[str, Any] = {"info": {"title": "t", "version": "1"}}
    for key in ("openapi", "swagger"):
        if key in raw:
            out[key] = str(raw[key])
    if str(out.get("openapi", "")).startswith("3.2"):
        out["openapi"] = "3.1.0"
    for key in ("consumes", "produces", "jsonSchemaDialect"):
        if key in raw:
            out[key] = raw[key]
    out["paths"] = {operation.path_template: {operation.id.method.lower(): own}}
    # Nothing of the given document is changed, and nothing is shared with it.
    out = copy.deepcopy(out)
    budget = [MAX_NODES]
    _bring(raw, out, out["paths"], set(), budget)
    return out if budget[0] > 0 else None


def _local(raw: Mapping[str, Any], node: Any) -> Mapping[str, Any] | None:
    """A node after following `$ref`s inside the document."""
    for _ in range(8):
        if not isinstance(node, Mapping):
            return None
        reference = node.get("$ref")
        if not isinstance(reference, str):
            return node
        node = _lookup(raw, reference)
    return None


def _tokens(reference: str) -> list[str]:
    return tokens_of(unquote(reference.removeprefix("#")))


def _lookup(raw: Mapping[str, Any], reference: str) -> Any:
    if not reference.startswith("#/"):
        return None
    node: Any = raw
    for token in _tokens(reference):
        if isinstance(node, Mapping) and token in node:
            node = node[token]
        elif isinstance(node, list) and token.isdigit() and int(token) < len(node):
            node = node[int(token)]
        else:
            return None
    return node


def _parameters(raw: Mapping[str, Any], node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    listed = node.get("parameters")
    for entry in listed if isinstance(listed, list) else ():
        found = _local(raw, entry)
        if found is not None:
            yield found


def _wanted(parameter: Mapping[str, Any], headers: bool) -> bool:
    if parameter.get("in") not in ("header", "cookie"):
        return True
    name = str(parameter.get("name", "")).lower()
    return headers and name not in CREDENTIALS | NOT_GENERATED


def _bring(
    raw: Mapping[str, Any], out: dict[str, Any], node: Any, done: set[str], budget: list[int]
) -> None:
    """Copy what `node` refers to into `out` at the same place; cut what leads elsewhere."""
    pending = [node]
    while pending:
        node = pending.pop()
        budget[0] -= 1
        if budget[0] <= 0:
            return
        if isinstance(node, list):
            pending.extend(node)
            continue
        if not isinstance(node, dict):
            continue
        reference = node.get("$ref")
        if isinstance(reference, str):
            target = _lookup(raw, reference)
            if target is None or reference.startswith(("#/paths", "#/x-")):
                node.clear()
                if target is not None:
                    node.update(copy.deepcopy(target) if isinstance(target, dict) else {})
                    pending.append(node)
                continue
            if reference not in done:
                done.add(reference)
                copied = copy.deepcopy(target)
                if _place(out, _tokens(reference), copied):
                    pending.append(copied)
                else:
                    node.clear()
            continue
        for key in ("$id", "$dynamicRef", "$schema"):
            if isinstance(node.get(key), str):
                del node[key]
        pending.extend(node.values())


def _place(out: dict[str, Any], tokens: Sequence[str], value: Any) -> bool:
    """Put a node at its place, which must be made of objects; what is there already stays."""
    here: Any = out
    for token in tokens[:-1]:
        here = here.setdefault(token, {}) if isinstance(here, dict) else None
    if not isinstance(here, dict):
        return False
    here.setdefault(tokens[-1], value)
    return True


def unrolled(document: Mapping[str, Any], most: int) -> int:
    """How many nodes the document's paths have with every reference written out, but none within
    itself; `most` where there are more."""
    number = 0
    pending: list[tuple[Any, frozenset[str]]] = [(document.get("paths"), frozenset())]
    while pending and number < most:
        node, trail = pending.pop()
        number += 1
        if isinstance(node, list):
            pending.extend((item, trail) for item in node)
        elif isinstance(node, dict):
            reference = node.get("$ref")
            if isinstance(reference, str) and reference not in trail:
                pending.append((_lookup(document, reference), trail | {reference}))
            pending.extend((item, trail) for item in node.values())
    return number
