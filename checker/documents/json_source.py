"""JSON texts → data and flaws."""

from __future__ import annotations

import json
import re
from typing import Any

from checker.documents.flaws import (
    MAX_DEPTH,
    Flaw,
    Parsed,
    duplicate,
    position,
    too_deep_flaw,
)
from checker.domain.characters import ESCAPED_HALF, whole_texts
from checker.domain.numbers import MAX_DIGITS, integer, real
from checker.domain.pointer import pointer_of

_LONG_NUMBER = re.compile(f"[0-9]{{{MAX_DIGITS + 1},}}")


def parse_json(text: str) -> Parsed:
    """Strict JSON; duplicate keys are flaws (the last one counts, as everywhere)."""
    doubled = long = False
    constants: list[str] = []

    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal doubled
        made = dict(pairs)
        if len(made) != len(pairs):
            doubled = True
        return made

    def whole_number(digits: str) -> int:
        nonlocal long
        long = long or len(digits) > MAX_DIGITS
        return integer(digits)

    def constant(name: str) -> None:
        constants.append(name)

    try:
        data = json.loads(
            text,
            object_pairs_hook=build,
            parse_constant=constant,
            parse_int=whole_number,
            parse_float=real,
        )
    except json.JSONDecodeError as error:
        return Parsed(None, (_json_error(text, error),))
    except (RecursionError, ValueError):
        flaw = Flaw("The file is nested too deeply to be read.", "Make it simpler.", fatal=True)
        return Parsed(None, (flaw,))
    if too_deep(text, data):
        return Parsed(None, (too_deep_flaw(),))
    flaws = list(_duplicates(text)) if doubled else []
    data, odd = _writable(text, data, long)
    flaws += odd
    for name in dict.fromkeys(constants):
        at = re.search(rf"(?<![\w\"]){re.escape(name)}", text)
        line, column = position(text, at.start() if at else 0)
        message = f"{name} isn't JSON."
        flaws.append(Flaw(message, "Write a number or null.", line=line, column=column))
    return Parsed(data, tuple(flaws))


def _writable(text: str, data: Any, long: bool) -> tuple[Any, list[Flaw]]:
    """The data with texts that can be written, and what was read otherwise than it stands there."""
    flaws: list[Flaw] = []
    half = ESCAPED_HALF.search(text)
    if half is not None and (cleaned := whole_texts(data)) != data:
        data = cleaned
        line, column = position(text, half.start())
        message = "A string has half of a surrogate pair, which is no character."
        flaws.append(Flaw(message, "Write the whole pair, or delete it.", "", line, column))
    if long:
        at = _LONG_NUMBER.search(text)
        line, column = position(text, at.start() if at else 0)
        message = "A number has too many digits to be read exactly."
        flaws.append(Flaw(message, "Write a smaller number.", "", line, column))
    return data, flaws


def too_deep(text: str, data: Any) -> bool:
    """Whether `data` is nested more than MAX_DEPTH deep (cheap for small and flat texts)."""
    if text.count("{") + text.count("[") <= MAX_DEPTH:
        return False
    level = [data] if isinstance(data, (dict, list)) else []
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for value in level:
            members = value.values() if type(value) is dict else value
            below += [v for v in members if type(v) is dict or type(v) is list]
        if not below:
            return False
        level = below
    return True


def _json_error(text: str, error: json.JSONDecodeError) -> Flaw:
    before = text[: error.pos].rstrip()
    found = text[error.pos : error.pos + 1]
    line, column, fatal = error.lineno, error.colno, True
    if not text.strip():
        return Flaw("The file is empty.", "Write the document into it.", fatal=True)
    after_comma = before.endswith(",") and found in ("}", "]")
    if after_comma or error.msg.startswith("Illegal trailing comma"):
        if after_comma:
            line, column = position(text, len(before) - 1)
        return Flaw(
            "A comma stands after the last item.", "Delete the comma.", "", line, column, fatal
        )
    if text[error.pos : error.pos + 2] in ("//", "/*") or found == "#":
        return Flaw("JSON has no comments.", "Delete the comment.", "", line, column, fatal)
    if error.msg.startswith("Extra data"):
        mend = "Delete what follows the closing bracket."
        return Flaw("Text follows the end of the document.", mend, "", line, column, fatal)
    if error.pos >= len(text.rstrip()):
        mend = "Close the open brackets and quotes."
        return Flaw("The file ends in the middle of a value.", mend, "", line, column, fatal)
    message, mend = _expected(error.msg)
    return Flaw(f"The file isn't valid JSON: {message}", mend, "", line, column, fatal)


def _expected(said: str) -> tuple[str, str]:
    """(what is wrong, the mend), from the parser's own message."""
    wanted = {
        "Expecting ',' delimiter": ("A comma is missing.", "Put a comma before this."),
        "Expecting ':' delimiter": ("A colon is missing.", "Put a colon after the name."),
        "Expecting property name enclosed in double quotes": (
            "A property name isn't in double quotes.",
            "Put the name in double quotes.",
        ),
        "Expecting value": ("There is no JSON value here.", "Write a value, or delete the comma."),
    }
    for start, told in wanted.items():
        if said.startswith(start):
            return told
    return f"{said[:1].lower()}{said[1:]}.", "Mend the JSON at this place."


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]')


def _duplicates(text: str) -> list[Flaw]:
    """Where the doubled names of a valid JSON text stand."""
    flaws: list[Flaw] = []
    stack: list[tuple[set[str] | None, list[Any]]] = []  # names seen (None in arrays), [token]
    name: tuple[str, int] | None = None
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token[0] == '"':
            name = (token, match.start())
        elif token == ":" and name is not None and stack and stack[-1][0] is not None:
            key = json.loads(name[0], strict=False)
            stack[-1][1][0] = key
            if key in stack[-1][0]:
                pointer = pointer_of(at[0] for _, at in stack)
                line, column = position(text, name[1])
                flaws.append(duplicate(key, pointer, line, column))
            stack[-1][0].add(key)
        elif token == "," and stack and stack[-1][0] is None:
            stack[-1][1][0] += 1
        elif token == "{":
            stack.append((set(), [""]))
        elif token == "[":
            stack.append((None, [0]))
        elif token in "}]" and stack:
            stack.pop()
    return flaws
