"""Files as texts, and where in them a fact stands.

Positions are computed for what is reported only: one pass over a file for all the wanted
pointers in it. An object member's position is its name's, an array item's is its value's.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from json import JSONDecoder, decoder
from pathlib import Path
from typing import Any, cast

from checker.documents.flaws import MAX_DEPTH, MAX_FILE_BYTES
from checker.documents.yaml_source import yaml_events
from checker.domain.location import Location
from checker.domain.pointer import escape

_SPACE = " \t\r\n"
# The standard library's C scanners; the type stubs leave them out.
_scan_once: Any = JSONDecoder(strict=False).scan_once  # type: ignore[attr-defined]
_scan_string: Any = decoder.scanstring  # type: ignore[attr-defined]


def read_text(path: Path) -> str:
    """A file's text, by its byte order mark or UTF-8 (bad bytes become U+FFFD).

    Raises OSError where it can't be read, ValueError where it is too large.
    """
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        limit = MAX_FILE_BYTES // 1024**2
        raise ValueError(f"The file has {size // 1024**2} MB; at most {limit} MB are read.")
    return decode(path.read_bytes())


def decode(data: bytes) -> str:
    """Text from bytes: byte order mark, else UTF-8 with bad bytes replaced."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(name, errors="replace").lstrip("\ufeff")
    return data.decode("utf-8", errors="replace")


def syntax_of(text: str, name: str = "") -> str:
    """ "json" or "yaml": what the text starts with says it, else the name."""
    start = text[:4096].lstrip("\ufeff" + _SPACE)[:1]
    if start in ("{", "["):
        # A YAML flow mapping may begin so, too; JSON that fails is tried as YAML.
        return "json"
    return "json" if name.lower().endswith(".json") else "yaml"


def locate(location: Location) -> Location:
    """`location` with its line and column; as it is where the file can't be read."""
    return locate_all([location])[location]


def locate_all(locations: Iterable[Location]) -> Mapping[Location, Location]:
    """Each given location → the same with line and column (nearest ancestor's if need be)."""
    found: dict[Location, Location] = {}
    by_file: dict[str, list[Location]] = {}
    for location in locations:
        found[location] = location
        if location.line is None and location.file:
            by_file.setdefault(location.file, []).append(location)
    for file, wanted in by_file.items():
        places = places_in(file, frozenset(w.pointer for w in wanted))
        for location in wanted:
            at = _nearest(places, location.pointer)
            if at is not None:
                found[location] = Location(file, location.pointer, *at)
    return found


def places_in(file: str, pointers: frozenset[str]) -> Mapping[str, tuple[int, int]]:
    """Pointers (and their ancestors) of a file → 1-based line and column."""
    path = Path(file)
    try:
        status = path.stat()
        text = _text(file, status.st_mtime_ns, status.st_size)
    except (OSError, ValueError):
        return {}
    return find(text, pointers, syntax_of(text, path.name))


@lru_cache(maxsize=4)
def _text(file: str, changed: int, size: int) -> str:
    return read_text(Path(file))


def _nearest(places: Mapping[str, tuple[int, int]], pointer: str) -> tuple[int, int] | None:
    while True:
        if pointer in places:
            return places[pointer]
        if not pointer:
            return None
        pointer = pointer.rpartition("/")[0]


def find(text: str, pointers: Iterable[str], syntax: str = "json") -> dict[str, tuple[int, int]]:
    """Where the pointers and their ancestors stand in a text, valid or not."""
    wanted = {""}
    for pointer in pointers:
        while pointer and pointer not in wanted:
            wanted.add(pointer)
            pointer = pointer.rpartition("/")[0]
    if syntax == "json":
        offsets: dict[str, int] = {}
        try:
            _walk_json(text, wanted, offsets)
        except (ValueError, StopIteration, RecursionError, IndexError):
            whole = False
        else:
            whole = True
        if whole or len(offsets) == len(wanted):
            return _lines(text, offsets)
    return _walk_yaml(text, wanted)


def _lines(text: str, offsets: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Line and column of ascending offsets, counting each newline once."""
    places: dict[str, tuple[int, int]] = {}
    line, seen = 1, 0
    for pointer, offset in sorted(offsets.items(), key=lambda item: item[1]):
        line += text.count("\n", seen, offset)
        seen = offset
        places[pointer] = (line, offset - text.rfind("\n", 0, offset))
    return places


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def _walk_json(text: str, wanted: set[str], offsets: dict[str, int]) -> None:
    """Steps into wanted values and skips the others at the C scanner's speed."""
    at = _skip(text, 1 if text.startswith("\ufeff") else 0)
    offsets[""] = at
    stack: list[tuple[str, int | None]] = []  # pointer, next index (None in objects)
    pointer: str | None = ""
    while True:
        at = _skip(text, at)
        opened = text[at]
        if pointer is not None and opened in "{[":
            stack.append((pointer, None if opened == "{" else 0))
            at = _skip(text, at + 1)
            closing = text[at] in "}]"
        else:
            _, at = _scan_once(text, at)
            at = _skip(text, at)
            closing = False
        while stack and (closing or text[at : at + 1] in ("}", "]")):
            stack.pop()
            at = _skip(text, at + 1)
            closing = False
        if not stack:
            return
        if text[at] == ",":
            at = _skip(text, at + 1)
        parent, index = stack[-1]
        if index is None:
            start = at
            if text[at] != '"':
                raise ValueError
            key, at = _scan_string(text, at + 1, False)
            at = _skip(text, at)
            if text[at] != ":":
                raise ValueError
            at = _skip(text, at + 1)
            child = f"{parent}/{escape(key)}"
        else:
            start = at
            child = f"{parent}/{index}"
            stack[-1] = (parent, index + 1)
        pointer = child if child in wanted else None
        if pointer is not None:
            offsets[pointer] = start


def _walk_yaml(text: str, wanted: set[str]) -> dict[str, tuple[int, int]]:
    """The same by YAML's events; what an alias repeats stands where the alias is."""
    places: dict[str, tuple[int, int]] = {}
    frames: list[list[Any]] = []  # [pointer or None, next index or None, pending key event]
    for event in _safe_events(text):
        name = type(event).__name__
        if name in ("MappingEndEvent", "SequenceEndEvent"):
            if frames:
                frames.pop()
            continue
        if name == "DocumentEndEvent":
            break
        if name not in ("ScalarEvent", "AliasEvent", "MappingStartEvent", "SequenceStartEvent"):
            continue
        pointer: str | None = ""
        mark = event.start_mark
        if frames:
            frame = frames[-1]
            if frame[1] is None:
                if frame[2] is None:
                    frame[2] = event
                    if name in ("MappingStartEvent", "SequenceStartEvent"):
                        frames.append([None, 0 if name[0] == "S" else None, None])
                    continue
                key, frame[2] = frame[2], None
                mark = key.start_mark
                text_of_key = getattr(key, "value", None)
                child = f"{frame[0]}/{escape(text_of_key)}" if text_of_key is not None else None
            else:
                child = f"{frame[0]}/{frame[1]}"
                frame[1] += 1
            pointer = child if frame[0] is not None and child in wanted else None
        if pointer is not None:
            places[pointer] = (mark.line + 1, mark.column + 1)
        if name in ("MappingStartEvent", "SequenceStartEvent"):
            frames.append([pointer, 0 if name[0] == "S" else None, None])
            if len(frames) > MAX_DEPTH:
                break  # nothing below was read
    return places


def _safe_events(text: str) -> Iterator[Any]:
    import yaml

    try:
        yield from cast(Iterator[Any], yaml_events(text))
    except (yaml.YAMLError, RecursionError, ValueError):
        return
