"""The shape of a code of letters, digits and marks: `978-3-16-148410-0`, `AB-1234`, `#1a2b3c`,
`+49 30 123456`, `0049301234`.

A witness is cut into segments; probes change one thing of one segment each. What is learned is
a necessary condition: values that break it were refused, one probe for each part of it. That
every value of the shape is accepted isn't said. Pure.
"""

from __future__ import annotations

import re
import string
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

MAX_LENGTH = 48
MAX_SEGMENTS = 7
NAME = "shape"
_RUN = re.compile(r"[0-9]+|[a-z]+|[A-Z]+|[^0-9a-zA-Z]")
_BLOCK = re.compile(r"[0-9A-Za-z]+|[^0-9A-Za-z]")
_MARKS = {"5": "0-9", "k": "a-z", "b": "a-f", "K": "A-Z", "B": "A-F"}
_TAILS = ("!", "-k", ".5")
_HEADS = ("!", "k")
_SHIFTS = (3, 5, 7, 8)
_LEAST_ALONE = 4
"""Shortest code of one run: fewer letters or digits say little."""
FREE = "free"


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the witness: letters and digits, or one mark between them."""

    start: int
    text: str

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def is_mark(self) -> bool:
        return not self.text[0].isalnum()


@dataclass(frozen=True, slots=True)
class Probe:
    """A value and what it tries: `what` of segment number `at` (-1: of the whole)."""

    what: str
    at: int
    value: str


Verdicts = Mapping[str, bool]
"""Value → whether it was accepted; what isn't known isn't there."""


def _may_be_code(text: str) -> bool:
    return 2 <= len(text) <= MAX_LENGTH and text.isascii() and text.isprintable()


def segments(witness: str) -> list[Segment]:
    """The segments of a code; empty where it is a word or a sentence, or too long."""
    if not _may_be_code(witness):
        return []
    found: list[Segment] = []
    for block in _BLOCK.finditer(witness):
        runs = list(_RUN.finditer(block.group()))
        # Letters and digits in turns (hexadecimal, say) are one thing.
        if len(runs) > 2:
            found.append(Segment(block.start(), block.group()))
        else:
            found += [Segment(block.start() + r.start(), r.group()) for r in runs]
    codes = sum(not s.is_mark for s in found)
    long_enough = len(found) > 1 or len(witness) >= _LEAST_ALONE
    return found if 1 <= codes <= MAX_SEGMENTS and long_enough and not _is_sentence(witness) else []


def _is_sentence(witness: str) -> bool:
    """Whether blanks part words, and not the groups of a number or of a code in capitals."""
    return " " in witness and (
        any(c.islower() for c in witness) or not any(c.isdigit() for c in witness)
    )


def is_structured(witness: str) -> bool:
    """Whether a code has a structure of its own: several parts, or marks around one."""
    return len(segments(witness)) > 1


def _swap(witness: str, part: Segment, text: str) -> str:
    return witness[: part.start] + text + witness[part.end :]


def _turned(text: str, shift: int, keep: int = 0) -> str:
    """Other letters and digits of the same kinds; hexadecimal letters stay such ones."""
    hexadecimal = all(c in string.hexdigits for c in text) and any(c.isdigit() for c in text)
    out = text[:keep]
    for char in text[keep:]:
        if char.isdigit():
            pool = string.digits
        else:
            pool = "abcdef" if hexadecimal else string.ascii_lowercase
            pool = pool.upper() if char.isupper() else pool
        step = shift % len(pool) or 1
        out += pool[(pool.index(char) + step) % len(pool)]
    return out


def _changes(part: Segment, shift: int) -> list[str]:
    """The whole segment anew; then its later half, where the first may have to stay."""
    made = [_turned(part.text, shift)]
    if len(part.text) > 2:
        made.append(_turned(part.text, shift, (len(part.text) + 1) // 2))
    return made


def freedom(witness: str) -> Iterator[Probe]:
    """Which segments can be anything of their kind?"""
    for at, part in enumerate(segments(witness)):
        if not part.is_mark:
            for number, text in enumerate(_changes(part, _SHIFTS[0])):
                yield Probe(f"{FREE}{number}", at, _swap(witness, part, text))


def _known_marks(text: str) -> set[str]:
    known = set()
    for char in text:
        if char.isdigit():
            known.add("5")
        elif char.lower() in "abcdef":
            known.add("b" if char.islower() else "B")
        else:
            known |= {"k", "b"} if char.islower() else {"K", "B"}
    return known


def kinds(witness: str, verdicts: Verdicts) -> Iterator[Probe]:
    """Which characters can stand in a segment? Ask again once these are answered."""
    for at, part in enumerate(segments(witness)):
        if part.is_mark:
            yield from (Probe("mark", at, _swap(witness, part, t)) for t in _instead(witness, at))
            continue
        known = _known_marks(part.text)
        for mark in [m for m in ("5", "b", "B") if m not in known]:
            probe = Probe(f"kind {mark}", at, _with(witness, part, mark))
            yield probe
            if verdicts.get(probe.value) and mark != "5":
                known.add(mark)
        for mark in _after_first(known):
            yield Probe(f"kind {mark}", at, _with(witness, part, mark))


def _after_first(known: Collection[str]) -> list[str]:
    """The letters to try only where the first ones of their kind may stand there."""
    later = (("k", "b"), ("K", "B"))
    return [mark for mark, first in later if first in known and mark not in known]


def _instead(witness: str, at: int) -> list[str]:
    """Another mark; and, for the first of its kind, a letter or digit like the one beside it."""
    parts = segments(witness)
    mark = parts[at].text
    made = ["_" if mark == "-" else "-"]
    if mark not in witness[: parts[at].start]:
        beside = witness[parts[at].start - 1] if at else witness[parts[at].end]
        made += [beside] if beside.isalnum() else []
    return made


def _with(witness: str, part: Segment, mark: str) -> str:
    middle = part.start + len(part.text) // 2
    return witness[:middle] + mark + witness[middle + 1 :]


def frame(witness: str) -> Iterator[Probe]:
    """Lengths of the segments, marks left out, and what may stand before and behind."""
    parts = segments(witness)
    for at, part in enumerate(parts):
        if part.is_mark:
            continue
        middle = (len(part.text) + 1) // 2
        longer = part.text[:middle] + _turned(part.text[-1], 1) + part.text[middle:]
        yield Probe("long", at, _swap(witness, part, longer))
        if len(part.text) > 1:
            yield Probe(
                "short", at, _swap(witness, part, part.text[: middle - 1] + part.text[middle:])
            )
    bare = "".join(p.text for p in parts if not p.is_mark)
    if bare != witness:
        yield Probe("bare", -1, bare)
    for tail in _TAILS:
        yield Probe("tail", -1, witness + tail)
    for head in _HEADS:
        yield Probe("head", -1, head + witness)


def _varied(witness: str, free: Mapping[int, int], shift: int, gently: bool) -> str:
    """The witness with its free segments changed."""
    parts, made = segments(witness), witness
    for at, number in free.items():
        part = parts[at]
        last = _turned(part.text, shift, len(part.text) - 1)
        made = _swap(made, part, last if gently else _changes(part, shift)[number])
    return made


def fresh(witness: str, verdicts: Verdicts, gently: bool = False) -> tuple[list[str], list[str]]:
    """Two values of the shape that weren't tried yet, and two that break it in one place.

    `gently`: only the last letter or digit of each part is another one, where not all that a
    part can be made into is accepted (the 51st of a month).
    """
    parts = segments(witness)
    free = _free(witness, verdicts)
    if not free:
        return [], []
    good = [_varied(witness, free, shift, gently) for shift in _SHIFTS[1:]]
    bad: list[str] = []
    refused = [p for p in kinds(witness, verdicts) if verdicts.get(p.value) is False]
    # One at a mark and one in a free segment, where there are both.
    order = sorted(refused, key=lambda p: (p.what != "mark", p.at not in free))
    for probe, base in zip([*order[:1], *reversed(order)], good, strict=False):
        part = parts[probe.at]
        if probe.what == "mark":
            text = "_" if part.text == "-" else "-"
            bad.append(_swap(base, part, text))
        else:
            bad.append(_with(base, part, probe.what[-1]))
    new = [v for v in dict.fromkeys(good) if v not in verdicts and v != witness]
    return new[:2], [v for v in dict.fromkeys(bad) if v not in verdicts][:2]


def _free(witness: str, verdicts: Verdicts) -> dict[int, int]:
    """Segments that can be anything of their kind, and which of the changes showed it."""
    found: dict[int, int] = {}
    for probe in freedom(witness):
        if verdicts.get(probe.value):
            found.setdefault(probe.at, int(probe.what.removeprefix(FREE)))
    return found


def infer(witness: str, verdicts: Verdicts) -> str | None:
    """The regular expression that all verdicts speak for; None where one of them is missing or
    speaks against it."""
    parts = segments(witness)
    if not parts or not _free(witness, verdicts):
        return None
    marks = [verdicts.get(p.value) for p in kinds(witness, verdicts) if p.what == "mark"]
    seen = {
        (p.what, p.at): verdicts.get(p.value) for p in kinds(witness, verdicts) if p.what != "mark"
    }
    sizes = {(p.what, p.at): verdicts.get(p.value) for p in frame(witness) if p.at >= 0}
    ends = [(p.what, verdicts.get(p.value)) for p in frame(witness) if p.at < 0]
    if None in [*marks, *seen.values(), *sizes.values(), *(taken for _, taken in ends)]:
        return None
    if any(marks) or ("bare", True) in ends:
        return None  # the marks aren't needed
    loose = _loose(sizes)
    pieces: list[tuple[str, int, int]] = []
    for at, part in enumerate(parts):
        if part.is_mark:
            pieces.append((_escaped(part.text), 1, 1))
            continue
        kind = _kind(part, {w[-1] for (w, n), ok in seen.items() if n == at and ok})
        size = len(part.text)
        low, high = size, size
        if loose or sizes[("long", at)]:
            low, high = (size if size > 1 and sizes[("short", at)] is False else 1), 0
        elif size > 1 and sizes[("short", at)]:
            low, high = 1, 0
        if pieces and pieces[-1][0] == kind:
            before = pieces.pop()
            low, high = before[1] + low, before[2] + high if before[2] and high else 0
        pieces.append((kind, low, high))
    if len(pieces) < 2 and (len(parts) > 1 or pieces[0][1] != pieces[0][2]):
        return None  # letters or digits, and not so many of them: no shape of its own
    body = "".join(kind + _times(low, high) for kind, low, high in pieces)
    head = "" if ("head", True) in ends else "^"
    tail = "" if ("tail", True) in ends else "$"
    return head + body + tail


def _loose(sizes: Mapping[tuple[str, int], bool | None]) -> bool:
    """Whether it may be the length of the whole that is limited, and not each segment's."""
    longer = any(taken for (what, _), taken in sizes.items() if what == "long")
    shorter = any(taken for (what, _), taken in sizes.items() if what == "short")
    return shorter and not longer


def _kind(part: Segment, taken: set[str]) -> str:
    """The class of a segment's characters."""
    marks = _known_marks(part.text) | taken
    ranges = [
        _MARKS[m]
        for m in ("5", "K", "B", "k", "b")
        if m in marks and not (m in "Bb" and {"B": "K", "b": "k"}[m] in marks)
    ]
    return "[" + "".join(ranges) + "]"


def _times(low: int, high: int) -> str:
    if (low, high) == (1, 1):
        return ""
    if not high:
        return "+" if low == 1 else f"{{{low},}}"
    return f"{{{low}}}" if low == high else f"{{{low},{high}}}"


def _escaped(mark: str) -> str:
    return "\\" + mark if mark in r".^$*+?{}[]\|()" else mark
