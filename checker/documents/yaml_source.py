"""YAML texts → data and flaws, from the event stream.

Nothing recurses, an alias costs what it expands to, tags never construct anything, and scalars
follow YAML 1.2's core schema (`on`, `yes` and dates stay strings). Mapping keys become strings
(`200:` is "200").
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from checker.documents.flaws import MAX_DEPTH, Flaw, Parsed, duplicate, too_deep_flaw
from checker.domain.nodes import each_of
from checker.domain.numbers import MAX_DIGITS, integer, real
from checker.domain.pointer import escape

MAX_YAML_NODES = 6_000_000
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]+\Z")
_TEXT_BEFORE = re.compile(r"[-+]?0[0-9]*[89][0-9]*\Z")
"""A text in YAML 1.1, whose writers leave it without quotes: no octal number has such digits."""
_OCT_HEX = re.compile(r"0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_TAG = "tag:yaml.org,2002:"
_UNSET: Any = object()


def scalar(text: str) -> Any:
    """A plain scalar by YAML 1.2's core schema; infinities and NaN stay strings, and so does what
    is a text in YAML 1.1 and loses its zeros as a number."""
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if len(text) > MAX_DIGITS or text[0] not in "+-.0123456789":
        return text
    if _INT.match(text):
        return text if _TEXT_BEFORE.match(text) else int(text)
    if _OCT_HEX.match(text):
        return int(text, 0)
    if _FLOAT.match(text):
        return real(text)
    return text


@dataclass(slots=True)
class _Frame:
    """An open collection. `weight` counts nodes as if aliases were copied."""

    value: Any
    anchor: str | None
    weight: int = 1
    key: Any = _UNSET
    merges: list[Any] = field(default_factory=list)
    key_value: Any = None
    inside: Any = _UNSET
    """The key of the member that is open or was last."""


class _Stop(Exception):
    def __init__(self, flaw: Flaw) -> None:
        self.flaw = flaw


class _Builder:
    """Builds data from YAML events, iteratively."""

    def __init__(self) -> None:
        self.root: Any = None
        self.flaws: list[Flaw] = []
        self.stack: list[_Frame] = []
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.open: set[str] = set()
        self.documents = 0

    def flaw(self, event: Any, message: str, mend: str, *, fatal: bool = False) -> Flaw:
        mark = event.start_mark
        pointer = self.pointer()
        return Flaw(message, mend, pointer, mark.line + 1, mark.column + 1, fatal)

    def pointer(self) -> str:
        tokens = []
        for frame in self.stack:
            if isinstance(frame.value, list):
                tokens.append(str(max(0, len(frame.value) - 1)))
            elif frame is not self.stack[-1] or frame.key is not _UNSET:
                key = frame.inside if frame.key is _UNSET else frame.key
                tokens.append(escape(key))
        return "".join("/" + token for token in tokens)

    def add(self, value: Any, weight: int, event: Any, *, merge: bool = False) -> None:
        """Puts a node where it belongs."""
        if not self.stack:
            self.root = value
            return
        frame = self.stack[-1]
        frame.weight += weight
        if self.total() > MAX_YAML_NODES:
            mend = "Use references instead of aliases."
            message = "The file expands to too many values (aliases within aliases?)."
            raise _Stop(self.flaw(event, message, mend, fatal=True))
        if isinstance(frame.value, list):
            frame.value.append(value)
        elif frame.key is _UNSET:
            self.key(frame, value, event, merge)
        else:
            if frame.key_value is _MERGE:
                frame.merges.append(value)
            else:
                frame.value[frame.key] = value
            frame.inside = frame.key
            frame.key, frame.key_value = _UNSET, None

    def total(self) -> int:
        return self.stack[-1].weight

    def key(self, frame: _Frame, value: Any, event: Any, merge: bool) -> None:
        if merge:
            frame.key, frame.key_value = "<<", _MERGE
            return
        if isinstance(value, (dict, list)):
            self.flaws.append(
                self.flaw(event, "A mapping key is a collection.", "Use a plain string as the key.")
            )
            value = json.dumps(value, default=str)[:100]
        if value in frame.value:
            mark = event.start_mark
            at = self.pointer() + "/" + escape(value)
            self.flaws.append(duplicate(value, at, mark.line + 1, mark.column + 1))
        frame.key = value

    def scalar(self, event: Any) -> Any:
        frame = self.stack[-1] if self.stack else None
        if frame is not None and isinstance(frame.value, dict) and frame.key is _UNSET:
            return event.value
        tag = event.tag
        if tag == _TAG + "int" and _INT.match(event.value):
            return integer(event.value)
        if tag == _TAG + "float" and _FLOAT.match(event.value):
            return real(event.value)
        if tag == _TAG + "null" and event.value in _NULL:
            return None
        if tag == _TAG + "bool" and event.value in _BOOL:
            return _BOOL[event.value]
        if tag is not None or not event.implicit[0] or event.style:
            return event.value
        return scalar(event.value)

    def start(self, value: Any, event: Any) -> None:
        self.add(value, 0, event)
        self.stack.append(_Frame(value, event.anchor))
        if event.anchor:
            self.anchors[event.anchor] = (value, 0)
            self.open.add(event.anchor)
        if len(self.stack) > MAX_DEPTH:
            raise _Stop(too_deep_flaw())

    def end(self) -> None:
        frame = self.stack.pop()
        for source in frame.merges:
            for item in each_of(source):
                if isinstance(item, dict):
                    for name, value in item.items():
                        frame.value.setdefault(name, value)
        if frame.anchor:
            self.anchors[frame.anchor] = (frame.value, frame.weight)
            self.open.discard(frame.anchor)
        if self.stack:
            self.stack[-1].weight += frame.weight

    def alias(self, event: Any) -> None:
        if event.anchor in self.open:
            mend = "Refer to it with $ref instead."
            self.flaws.append(self.flaw(event, "An alias contains itself.", mend))
            self.add(None, 1, event)
            return
        if event.anchor not in self.anchors:
            mend = "Define the anchor before it, or write the value."
            message = f"The alias *{event.anchor} has no anchor."
            self.flaws.append(self.flaw(event, message, mend))
            self.add(None, 1, event)
            return
        value, weight = self.anchors[event.anchor]
        self.add(value, weight, event)

    def take(self, event: Any) -> bool:
        """One event; False where the first document ends."""
        match type(event).__name__:
            case "ScalarEvent":
                value = self.scalar(event)
                if event.anchor:
                    self.anchors[event.anchor] = (value, 1)
                merge = value == "<<" and not event.style
                self.add(value, 1, event, merge=merge)
            case "MappingStartEvent":
                self.start({}, event)
            case "SequenceStartEvent":
                self.start([], event)
            case "MappingEndEvent" | "SequenceEndEvent":
                self.end()
            case "AliasEvent":
                self.alias(event)
            case "DocumentEndEvent":
                return False
        return True


_MERGE: Any = object()


def yaml_events(text: str) -> Any:
    """The event stream of a YAML text, by libyaml where it is there."""
    import yaml

    return yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def parse_yaml(text: str) -> Parsed:
    """YAML; of a syntax error's file, what stands before it."""
    import yaml

    builder = _Builder()
    flaws = builder.flaws
    try:
        events = iter(yaml_events(text))
        for event in events:
            if not builder.take(event):
                break
        if type(next(events, None)).__name__ == "DocumentStartEvent":
            mend = "Put each document into a file of its own."
            flaws.append(Flaw("The file has several YAML documents; the first one is used.", mend))
    except _Stop as stop:
        return Parsed(None, (*flaws, stop.flaw), "yaml")
    except yaml.YAMLError as error:
        if _deep_before(text, error):
            return Parsed(None, (*flaws, too_deep_flaw()), "yaml")
        flaws.append(_yaml_error(error))
    except (RecursionError, ValueError):
        return Parsed(None, (*flaws, too_deep_flaw()), "yaml")
    return Parsed(builder.root, tuple(flaws), "yaml")


def _deep_before(text: str, error: Any) -> bool:
    """Whether what stands before a syntax error is nested too deeply by itself.

    The reader looks about a thousand characters ahead and may have a limit of nesting of its
    own: then its error comes before the events that would have told the depth.
    """
    import yaml

    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return False
    depth = 0
    try:
        for event in yaml_events(text[: mark.index]):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > MAX_DEPTH:
                return True
    except yaml.YAMLError:
        pass  # it is cut off, and so unfinished
    return False


def _yaml_error(error: Any) -> Flaw:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    words = str(getattr(error, "problem", "") or getattr(error, "reason", "") or "unreadable")
    line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
    mend = "Mend the YAML at this place (indentation, quotes, colons)."
    if "tab" in words or "cannot start any token" in words:
        mend = "Indent with spaces, and quote values that start with a special character."
    message = f"The file isn't valid YAML: {words}."
    return Flaw(message, mend, "", line, column, fatal=True)
