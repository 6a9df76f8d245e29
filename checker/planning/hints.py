"""What an error says, read only to choose the next try; never a proof of anything."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import cycle

from checker.domain.operation import FieldKey
from checker.lexicon import read
from checker.lexicon.phrases import phrase, vocabulary
from checker.lexicon.statements import introduces
from checker.lexicon.texts import as_word
from checker.planning.routes import words

_QUOTED = re.compile(r"[`'\"“‘]([A-Za-z_][\w.\-\[\]]{0,60})[`'\"”’]")
_PATTERN = re.compile(r"[`'\"/](\^[^\s\"'`]{1,150}?\$)\\?[`'\"/]")
_IN_QUOTES = re.compile(r"(?<!\w)([`'\"„“‘])((?:(?!\1)[^“”’\n]){1,80})(?:\1|[“”’])(?!\w)")
"""An apostrophe within a word opens and closes nothing."""
_SHORT = re.compile(r"\w[\w -]{0,39}")
_CHOICE = re.compile(r"[`'\"“]([\w.\-+]{1,40})[`'\"”]")
_MASK = re.compile(r"(?!#/)[#A-Za-z0-9/._ -]{3,40}")
_SIGNS = {"#": "digit", "A": "capital", "X": "capital", "a": "small", "x": "small"}
_STOCK = {"digit": "2817364509", "capital": "KVRTM", "small": "kvrtm"}
_WORD = re.compile(r"[A-Za-z_][\w\-]*")


def mentioned(text: str, keys: Iterable[FieldKey]) -> list[FieldKey]:
    """The known fields that an error text names, in the order of first mention."""
    lowered = text.lower()
    found: list[tuple[int, FieldKey]] = []
    for key in keys:
        names = {key.name.lower(), key.leaf.lower(), " ".join(words(key.leaf))}
        spots = [
            m.start()
            for n in names
            if len(n) > 1
            and (m := re.search(rf"(?<![a-z0-9_]){re.escape(n)}(?![a-z0-9_])", lowered))
        ]
        if spots:
            found.append((min(spots), key))
    return [k for _, k in sorted(found, key=lambda f: (f[0], -len(f[1].name)))]


def names_in(text: str) -> list[str]:
    """Identifier-like names in quotes: fields that no document knows, perhaps."""
    return list(dict.fromkeys(m.group(1) for m in _QUOTED.finditer(text[:4000])))


def patterns_in(text: str) -> list[str]:
    """Regular expressions that an error quotes; doubled backslashes of JSON made single."""
    found = [m.group(1).replace("\\\\", "\\") for m in _PATTERN.finditer(text[:4000])]
    return list(dict.fromkeys(found))


def values_in(text: str) -> list[str]:
    """Values that an error lists as allowed."""
    out: list[str] = []
    for match in phrase("hints", "listed").finditer(text[:4000]):
        # Between commas even `a` is a value.
        no_values = set(vocabulary("hints", "no value"))
        no_values -= set(
            vocabulary("hints", "value between commas") if "," in match.group(1) else ()
        )
        out += [w for w in _WORD.findall(match.group(1)) if w.lower() not in no_values]
    return list(dict.fromkeys(out))


def sized_in(text: str) -> list[str]:
    """Texts of the sizes that an error speaks of: "16 digits", "genau 3 Zeichen"."""
    out: list[str] = []
    for number, unit in phrase("hints", "sized").compiled().findall(text[:4000]):
        digits = phrase("hints", "digits").match(unit.lower())
        of = "1234567890" if digits else "abcdefghij"
        out.append((of * (int(number) // 10 + 1))[: int(number)])
    return list(dict.fromkeys(t for t in out if t))[:4]


def examples_in(text: str) -> list[str]:
    """Quoted example values in a description: (e.g. `a`, "b"), such as 'c'."""
    out: list[str] = []
    end, told = 0, False
    for match in _IN_QUOTES.finditer(text[:4000]):
        before = text[end : match.start()]
        told = (told and _only_joins(before)) or introduces(before, "example")
        end = match.end()
        if told:
            out.append(match.group(2))
    return list(dict.fromkeys(v.strip() for v in out if v.strip()))


def filled_in(text: str) -> list[str]:
    """What fits the masks that a text quotes, in which `#` stands for a digit, and beside it `A`
    and `X` for a capital letter, `a` and `x` for a small one: `KV-2817` of `AA-####`."""
    masks = [m.group(2) for m in _IN_QUOTES.finditer(text[:4000])]
    return [_filled(m) for m in dict.fromkeys(masks) if _MASK.fullmatch(m) and m.count("#") > 1]


def _filled(mask: str) -> str:
    stock = {kind: cycle(signs) for kind, signs in _STOCK.items()}
    return "".join(next(stock[_SIGNS[sign]]) if sign in _SIGNS else sign for sign in mask)


def quoted(text: str) -> list[str]:
    """The short values that a text quotes: words, perhaps with spaces or hyphens, each once."""
    found = [m.group(2) for m in _IN_QUOTES.finditer(text[:4000])]
    return list(dict.fromkeys(v for v in found if _SHORT.fullmatch(v)))


def _only_joins(between: str) -> bool:
    """Whether nothing but a comma or a joint stands between two values of a row."""
    said = between.strip(" ,\t\n")
    return not said or (len(said) < 8 and bool(read("joints", said)))


def address_format(text: str) -> str | None:
    """`ipv4` or `ipv6` where a description calls a value an IP address; None else."""
    match = phrase("hints", "address").search(text[:1000])
    return None if match is None else "ipv6" if match.group(1) == "6" else "ipv4"


def choices_in(text: str) -> list[str]:
    """The values of the first list of quoted words in a description: ('a', 'b' or 'c')."""
    match = phrase("hints", "quoted choice").search(text[:4000])
    return list(dict.fromkeys(_CHOICE.findall(match.group()))) if match else []


def quoting(text: str, sent: Iterable[tuple[FieldKey, object]]) -> list[FieldKey]:
    """The fields of which an error text repeats the value that was sent."""
    return [
        key
        for key, value in sent
        if isinstance(value, str) and len(value) > 3 and as_word(value).search(text)
    ]


_TRACE = re.compile(
    r"(?<![\w-])(?:(?=[a-f]*\d)[0-9a-f]{12,}|(?=[A-F]*\d)[0-9A-F]{12,}"
    r"|(?=(?:[A-Za-z_-]*\d){3})[\w-]{16,})(?![\w-])"
    r"|(?<![^\W_])(?:(?=(?:[a-f]*\d){3})[0-9a-f]{6,}|(?=(?:[A-F]*\d){3})[0-9A-F]{6,})(?![^\W_])"
)
"""What only names one answer among all: the number of a trace, in hexadecimal or letters; short
ones, too, behind a prefix."""


def signature(status: int | None, text: str, sent: Iterable[str] = ()) -> str:
    """An error's identity: identifiers, numbers, times and the values that were sent are folded,
    so a change is progress."""
    folded = text[:2000]
    for value in sorted(set(sent), key=lambda v: (-len(v), v)):
        if len(value) > 3:
            folded = folded.replace(value, "#")
    folded = re.sub(r"[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}", "#", folded)
    folded = _TRACE.sub("#", folded)
    folded = re.sub(r"\d+", "#", folded)
    return f"{status}:{folded}"
