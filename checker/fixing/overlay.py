"""Patches as OpenAPI Overlay 1.0 documents."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import yaml

from checker.domain.finding import Finding
from checker.domain.nodes import member_of
from checker.fixing.apply import Fixed
from checker.fixing.json_patch import Operation, Unplaced, applied, get
from checker.fixing.plan import Sequencer


def overlay(file: str, document: Any, findings: Iterable[Finding], title: str) -> dict[str, Any]:
    """One Overlay document that does to `document` what the findings' patches do.

    `file` becomes `extends`. Patches that don't fit are left out.
    """
    sequencer = Sequencer(document)
    actions: list[dict[str, Any]] = []
    for finding in findings:
        try:
            steps = sequencer.operations(finding.patch)
        except Unplaced:
            continue
        current = sequencer.current
        for step in steps:
            for action in _actions(step, current):
                actions.append({**action, "description": finding.suggested_fix})
        sequencer.accept(finding.patch, steps)
    return {
        "overlay": "1.0.0",
        "info": {"title": title, "version": "1.0.0"},
        "extends": file,
        "actions": actions,
    }


def render(content: dict[str, Any], as_yaml: bool) -> str:
    """An Overlay document's text."""
    if as_yaml:
        text: str = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)
        return text
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def json_path(tokens: Iterable[str], document: Any) -> str:
    """A JSONPath (RFC 9535) to a place in `document`."""
    path = "$"
    node = document
    for token in tokens:
        if isinstance(node, list):
            path += f"[{token}]"
            node = node[int(token)] if token.isdigit() and int(token) < len(node) else None
        else:
            escaped = token.replace("\\", "\\\\").replace("'", "\\'")
            path += f"['{escaped}']"
            node = member_of(node, token)
    return path


def _actions(step: Operation, document: Any) -> Iterator[dict[str, Any]]:
    """An update merges objects and may append to lists: everything else is removed first.

    Tools disagree on what an update of a list does with a text (it is appended, put in the list's
    place, or passed over), so a list is removed and written anew as a whole.
    """
    *above, name = step.tokens
    parent = get(document, above)
    if isinstance(parent, list) and above:
        changed = get(applied(document, step), above)
        yield from _actions(Operation("replace", tuple(above), changed), document)
    elif step.op == "rename":
        yield from _actions(Operation("remove", step.tokens), document)
        yield from _actions(Operation("add", (*above, step.value), parent[name]), document)
    elif step.op == "remove":
        yield {"target": json_path(step.tokens, document), "remove": True}
    else:
        if isinstance(parent.get(name), (dict, list)):
            yield {"target": json_path(step.tokens, document), "remove": True}
        yield {"target": json_path(above, document), "update": {name: step.value}}


__all__ = ["Fixed", "json_path", "overlay", "render"]
