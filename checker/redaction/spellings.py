"""All spellings of a secret, as patterns: however a text was escaped, encoded or wrapped.

A secret is a row of units, each a set of characters that may stand there. Every unit is found
plain or in one of the forms below, and between two units a line may have been broken. ASCII
letters and digits have no other form: nothing that writes texts escapes them, and so the longest
run of them tells cheaply whether the whole pattern is worth a search.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from html.entities import codepoint2name

_NEWLINE = (
    r"(?:\r\n|\r|\n|\\+r\\+n|\\+n|&#10;|&#[xX]0?[aA];"
    r"|%(?:25)*0[Dd]%(?:25)*0[Aa]|%(?:25)*0[Aa])"
)
BREAK = rf"(?:\\*{_NEWLINE}(?:[ \t]|\\(?= ))*)?"
"""A line broken in the middle: the newline (a backslash before it, or escaped) and indentation."""
FLAT_BREAK = rf"(?:{BREAK}|[ \t]+)"
"""The same where somebody has put the lines together again with blanks."""
LEAST_FLAT = 12
"""Shorter secrets could be found by chance in words with blanks between them."""
_LETTER = re.compile(r"[A-Za-z0-9]")
_HEX = re.compile(r"(?:[0-9a-f][0-9a-f-]*|[0-9A-F][0-9A-F-]*)")
_BASE64 = "[A-Za-z0-9+/_-]"
_ENTITIES = {**codepoint2name, ord("'"): "apos"}


@dataclass(frozen=True)
class Spelling:
    """One way to find a secret. `run` stands in every text that has it (None: not known);
    `literal` is what the pattern finds as it is, wherever it stands (empty: nothing)."""

    source: str
    run: str | None
    any_case: bool = False
    literal: str = ""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Compiled when it is needed first: most are never."""
        return re.compile(self.source, re.IGNORECASE if self.any_case else 0)


def spellings(value: str, *, whole_words: bool = False) -> tuple[Spelling, ...]:
    """The spellings of a secret value; `whole_words` leaves it alone inside longer words."""
    made = [plain(value, whole_words=whole_words)]
    made += encoded(value.encode("utf-8", "surrogatepass"))
    return tuple(made)


def plain(value: str, *, whole_words: bool = False, before: str = "") -> Spelling:
    """The value itself in all its escapes; `before` is a pattern that must stand before it."""
    units = [(c,) for c in value]
    any_case = _HEX.fullmatch(value) is not None
    edge = ("(?<![A-Za-z0-9_-])", "(?![A-Za-z0-9_-])") if whole_words else ("", "")
    made = _spelling(units, before or edge[0], edge[1], any_case, len(value) >= LEAST_FLAT)
    return made if before or whole_words else replace(made, literal=value)


def encoded(value: bytes) -> Iterator[Spelling]:
    """Base64 of the value, alone or inside of something longer, at each of three alignments.

    Characters that hold bits of the secret and of its neighbours go with it.
    """
    for offset in range(3):
        text = base64.b64encode(bytes(offset) + value).decode().rstrip("=")
        start, end = -(-offset * 8 // 6), (offset + len(value)) * 8 // 6
        units = [_base64_unit(c) for c in text[start:end]]
        left = f"{_BASE64}?" if offset else ""
        right = f"{_BASE64}?" if (offset + len(value)) % 3 else ""
        yield _spelling(units, left, right + "(?:=|%(?:25)*3[Dd])*")


def _base64_unit(character: str) -> tuple[str, ...]:
    """Both alphabets."""
    return {"+": ("+", "-"), "/": ("/", "_")}.get(character, (character,))


def _spelling(
    units: Sequence[tuple[str, ...]],
    left: str,
    right: str,
    any_case: bool = False,
    flat: bool = False,
) -> Spelling:
    joint = FLAT_BREAK if flat else BREAK
    source = left + joint.join(_unit(unit) for unit in units) + right
    runs = re.findall("[A-Za-z0-9]{3,}", "".join(u[0] if len(u) == 1 else " " for u in units))
    return Spelling(source, max(runs, key=len, default=None), any_case)


def _unit(characters: tuple[str, ...]) -> str:
    forms = [form for character in characters for form in _forms(character)]
    return forms[0] if len(forms) == 1 else f"(?:{'|'.join(dict.fromkeys(forms))})"


def _forms(character: str) -> Iterator[str]:
    yield re.escape(character)
    if _LETTER.fullmatch(character):
        return
    for form in FORMS:
        yield from form(character)


# -- the forms of one character -------------------------------------------------------------------


def percent_encoded(character: str) -> Iterator[str]:
    """`%2F`, `%2f`, and encoded again: `%252F`."""
    data = character.encode("utf-8", "surrogatepass")
    yield "".join(f"%(?:25)*(?i:{byte:02x})" for byte in data)


def json_escaped(character: str) -> Iterator[str]:
    """`\\u00e9`, two of them beyond the first plane; one more backslash for each nesting."""
    data = character.encode("utf-16-be", "surrogatepass")
    units = [data[i : i + 2].hex() for i in range(0, len(data), 2)]
    yield "".join(rf"\\+u(?i:{unit})" for unit in units)


def python_escaped(character: str) -> Iterator[str]:
    """`\\xe9` and `\\U0001f600`, as `repr` and YAML write them."""
    if ord(character) < 256:
        yield rf"\\+x(?i:{ord(character):02x})"
    if ord(character) > 0xFFFF:
        yield rf"\\+U(?i:{ord(character):08x})"


def backslashed(character: str) -> Iterator[str]:
    """`\\_`: Markdown, JSON's quotes, a shell's double quotes."""
    if character.isascii():
        yield rf"\\+{re.escape(character)}"


def html_escaped(character: str) -> Iterator[str]:
    """`&amp;`, `&#38;`, `&#x26;`, and escaped again: `&amp;amp;`."""
    code = ord(character)
    yield f"&(?:amp;)*#(?:0*{code}|[xX]0*(?i:{code:x}));"
    if code in _ENTITIES:
        yield f"&(?:amp;)*{_ENTITIES[code]};"


def shell_quoted(character: str) -> Iterator[str]:
    """A single quote between single quotes: `'"'"'` or `'\\''`; doubled in YAML."""
    if character == "'":
        yield r"""'\\*"\\*'\\*"\\*'"""
        yield r"'\\+''"
        yield "''"


def white_space(character: str) -> Iterator[str]:
    """A blank as `+` in a query; white space of any kind and number, as pages show it."""
    if character.isspace():
        yield r"(?:\s|\\+[nrt]|\\(?=\s))+"
        yield r"\+"


FORMS: tuple[Callable[[str], Iterator[str]], ...] = (
    percent_encoded,
    json_escaped,
    python_escaped,
    backslashed,
    html_escaped,
    shell_quoted,
    white_space,
)
