"""Patches that say what they rely on, so that they fit where they were made for or nowhere. Pure.

Rules say what to change. Here each patch gets `test` operations before it: the values that it
replaces, what an item of a list is called on the way there, and who stands beside what is added.
Entries of lists are named by value: the list as it was is tested and replaced by what it becomes,
since an index means another entry as soon as somebody has changed the list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from checker.domain.finding import Finding, OtherPatch
from checker.domain.pointer import pointer_of
from checker.domain.portal import Portal
from checker.fixing.json_patch import (
    IDENTITY,
    NEVER_EMPTY,
    Operation,
    Unplaced,
    applied,
    exists,
    get,
    is_plain_list,
    parse_pointer,
)

Tokens = tuple[str, ...]
Step = Mapping[str, Any]
MOST_TESTED = 600
"""Characters of an object that are repeated in a patch which replaces it."""
_VERSIONS = ("openapi", "swagger")


def sealed(findings: Iterable[Finding], portal: Portal) -> tuple[Finding, ...]:
    """The findings with patches that start with what they rely on.

    A patch that doesn't fit its own document is left away: it can help nobody.
    """
    raw: dict[str, Any] = {d.info.file: d.raw for d in portal.documents}
    raw |= {name: file.data for name, file in portal.files.items()}
    return tuple(_sealed(finding, raw) for finding in findings)


def _sealed(finding: Finding, raw: Mapping[str, Any]) -> Finding:
    file = finding.source.file if finding.source is not None else ""
    others = (OtherPatch(o.file, _fitting(o.patch, raw.get(o.file))) for o in finding.elsewhere)
    return finding.with_(
        patch=_fitting(finding.patch, raw.get(file)),
        elsewhere=tuple(o for o in others if o.patch),
    )


def _fitting(patch: tuple[Step, ...], root: Any) -> tuple[Step, ...]:
    if root is None:
        return patch
    try:
        return seal(patch, root)
    except Unplaced:
        return ()


def seal(patch: Iterable[Mapping[str, Any]], raw: Any) -> tuple[dict[str, Any], ...]:
    """A patch for `raw` with `test` operations before its changes; raises Unplaced where it
    doesn't fit."""
    seal = _Seal(raw)
    for step in patch:
        seal.take(step)
    return seal.steps()


class _Seal:
    def __init__(self, raw: Any) -> None:
        self.raw = raw
        self.now = raw
        self.tests: dict[Tokens, Any] = {}
        self.changes: dict[Tokens, dict[str, Any]] = {}

    def steps(self) -> tuple[dict[str, Any], ...]:
        if not self.tests:
            for key in _VERSIONS:
                self._relies((key,))
        tests = [
            {"op": "test", "path": pointer_of(tokens), "value": value}
            for tokens, value in self.tests.items()
        ]
        return (*tests, *self.changes.values()) if self.changes else ()

    def take(self, step: Mapping[str, Any]) -> None:
        tokens = parse_pointer(str(step.get("path", "")))
        match step.get("op"):
            case "test":
                self.tests.setdefault(tokens, step.get("value"))
            case "remove":
                self._remove(tokens)
            case "add" | "replace":
                self._set(tokens, step.get("value"))
            case "copy" | "move":
                origin = parse_pointer(str(step.get("from", "")))
                value = get(self.now, origin)
                if step.get("op") == "move":
                    self._remove(origin)
                self._set(tokens, value)
            case op:
                raise Unplaced(f"unknown patch operation {op!r}")

    def _remove(self, tokens: Tokens) -> None:
        get(self.now, tokens)
        if is_plain_list(get(self.now, tokens[:-1])):
            self._list(tokens[:-1], Operation("remove", tokens))
            return
        self._on_the_way(tokens[:-1])
        self._relies(tokens)
        self._change(Operation("remove", tokens))

    def _set(self, tokens: Tokens, value: Any) -> None:
        above = tokens[:-1]
        if not exists(self.now, above) and tokens[-1:] == ("-",):
            tokens, above, value = above, above[:-1], [value]
        parent = get(self.now, above)
        if isinstance(parent, list) and is_plain_list([*parent, value]):
            self._list(above, Operation("add" if tokens[-1] == "-" else "replace", tokens, value))
            return
        self._on_the_way(above)
        if exists(self.now, tokens):
            self._relies(tokens)
            self._change(Operation("replace", tokens, value))
        else:
            self._beside(above)
            self._change(Operation("add", tokens, value))

    def _list(self, place: Tokens, operation: Operation) -> None:
        """A change of one entry as a change of the whole list."""
        wanted = get(applied(self.now, operation), place)
        if place[-1] in NEVER_EMPTY and not wanted:
            self._remove(place)
        else:
            self._on_the_way(place[:-1])
            self._relies(place)
            self._change(Operation("replace", place, wanted))

    def _change(self, operation: Operation) -> None:
        """Emits a change; a later one of the same place takes the first one's place."""
        tokens = operation.tokens
        self.now = applied(self.now, operation)
        before = self.changes.pop(tokens, None)
        op = operation.op
        if before is not None and before["op"] == "add":
            if op == "remove":
                return
            op = "add"
        step: dict[str, Any] = {"op": op, "path": pointer_of(tokens)}
        if op != "remove":
            step["value"] = operation.value
        self.changes[tokens] = step

    def _relies(self, tokens: Tokens) -> None:
        """The value at a place is what it was in the document, if it was there at all; of a large
        object, what it says of itself."""
        if not exists(self.raw, tokens):
            return
        value = get(self.raw, tokens)
        plain = {k: v for k, v in value.items() if isinstance(v, str)} if _large(value) else {}
        if not plain:
            self.tests.setdefault(tokens, value)
        for name, text in plain.items():
            self.tests.setdefault((*tokens, name), text)

    def _on_the_way(self, tokens: Tokens) -> None:
        """Items of lists that a path goes through are told by what they are called."""
        for number in range(1, len(tokens) + 1):
            place = tokens[:number]
            if exists(self.raw, place) and isinstance(get(self.raw, place[:-1]), list):
                names = list(_names(get(self.raw, place), place))
                for name in names or [place]:
                    self._relies(name)

    def _beside(self, above: Tokens) -> None:
        """What the object is called that gets something new, or the nearest one around it."""
        for number in range(len(above), 0, -1):
            place = above[:number]
            found = list(_names(get(self.raw, place), place)) if exists(self.raw, place) else []
            if found:
                for name in found:
                    self._relies(name)
                return


def _large(value: Any) -> bool:
    return isinstance(value, Mapping) and len(str(value)) > MOST_TESTED


def _names(node: Any, place: Tokens) -> Iterator[Tokens]:
    """The places of the members that an object is known by."""
    if isinstance(node, Mapping):
        for name in IDENTITY:
            if isinstance(node.get(name), str):
                yield (*place, name)
