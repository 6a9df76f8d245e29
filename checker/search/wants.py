"""What a complaint says that would be accepted: values, types, patterns, bounds, layouts. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from checker.domain.schema import MISSING, json_type
from checker.search.alternatives import literal, single_in, values_in
from checker.search.complaints import Wants
from checker.search.wording import means, quotes

_ANCHORED = re.compile(r"\^[^\n]{1,300}?\$(?=/?[a-z]{0,3}(?:[\"'`´”“’»/\s.,;)]|$))")
_EXPRESSION = re.compile(r"\[[^\]]+\][{+*?]|\\[dwsbS]|\{\d+(?:,\d*)?\}|\(\?:")
_NUMBER = re.compile(r"(?<![\w.,:#/\-])[-−]?\d+(?:\.\d+)?(?![\w:/\-]|\.\d)(?:[eE]\+?\d+)?")
_PART = r"[YyJjAaMmDdTtGgHhSsZzXx:.,/\-' ]*"
_LAYOUT = re.compile(rf"(?<![^\W_]){_PART}[YyJjAaMmDdHh]{{2}}{_PART}(?![^\W_])")
_STRFTIME = re.compile(r"%-?[A-Za-z](?:[-/.:T ,]*%-?[A-Za-z])+")
_CLOCK = r"[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?"
_MOMENT = re.compile(rf"(?<![\w-])\d{{4}}-\d{{2}}-\d{{2}}(?:{_CLOCK})?(?![\w-])")
_RUN = re.compile(r"([A-Za-z])\1*")
_HUGE = 2_147_483_647


@dataclass(frozen=True, slots=True)
class Said:
    """The words of one complaint: the text, and the same without names of fields."""

    text: str
    bare: str


def wants_of(
    said: Sequence[Said],
    members: Iterable[tuple[str, Any]],
    value: Any,
    numeric: bool,
    refuses: Callable[[str], bool],
) -> Wants:
    """What texts and members (with the last word of their slot) ask for.

    `value` is what was sent (MISSING for nothing), `numeric` whether the field is documented as a
    number; `refuses` tells what is a name or was sent, and so isn't asked for.
    """
    members = list(members)
    found = Wants(pattern=_pattern(said, members))
    texts = [s.bare if not found.pattern else s.bare.replace(found.pattern, " ") for s in said]
    layout = next((y for t in texts if (y := layout_in(t))), "")
    types = _types(texts, members, value)
    least, most, sized = _bounds(texts, members, value, numeric)
    values = () if found.pattern else _values(texts, members, refuses, types)
    if layout or (not values and not found.pattern):
        values = tuple(v for v in values if not layout_in(str(v))) or tuple(
            m for t in texts for m in _MOMENT.findall(t) if not refuses(m)
        )
    return Wants(values, types, found.pattern, least, most, sized, layout)


def _values(
    texts: Sequence[str],
    members: Sequence[tuple[str, Any]],
    refuses: Callable[[str], bool],
    types: tuple[str, ...],
) -> tuple[Any, ...]:
    for given in (m for _, m in members if isinstance(m, list)):
        kept = tuple(v for v in given if not (isinstance(v, str) and refuses(v)))
        if kept and not all(map(_is_type, kept)):
            return kept
    for text in texts:
        values = values_in(text, refuses)
        if values and sum(map(_is_type, values)) < max(1, len(values) / 2):
            return values
    if types:
        return ()

    def refused(text: str) -> bool:
        return refuses(text) or bool(type_named(text)) or bool(means("formats", text))

    return next((v for t in texts if (v := single_in(t, refused))), ())


def _is_type(value: Any) -> bool:
    return isinstance(value, str) and bool(type_named(value))


def _pattern(said: Sequence[Said], members: Sequence[tuple[str, Any]]) -> str:
    return next((p for p in _expressions(said, members) if _compiles(p)), "")


def _expressions(said: Sequence[Said], members: Sequence[tuple[str, Any]]) -> Iterator[str]:
    """What looks like a regular expression: whole members, then parts of the words."""
    for _, member in members:
        if isinstance(member, str) and len(member) > 2 and " " not in member.strip():
            plain = member.strip("/")
            if plain.startswith("^") or plain.endswith("$"):
                yield plain
    for one in said:
        if match := _ANCHORED.search(one.text):
            yield match.group().replace("\\\\", "\\")
        quoted = (q.text.strip("/").replace("\\\\", "\\") for q in quotes(one.text))
        yield from (p for p in quoted if _EXPRESSION.search(p))


def _compiles(text: str) -> bool:
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError):
        return False
    return True


@lru_cache(maxsize=2_048)
def type_named(text: str) -> str:
    """The JSON type that a single word names; empty for none."""
    found = means("types", text) if len(text) < 60 and not text.strip().count(" ") else ()
    return found[0] if found else ""


def _types(texts: Sequence[str], members: Sequence[tuple[str, Any]], value: Any) -> tuple[str, ...]:
    """Type names in the texts and in members that are one word; never the type that was sent."""
    found: dict[str, None] = {}
    words = [m for _, m in members if isinstance(m, str) and " " not in m]
    words += [v for _, m in members if isinstance(m, list) for v in m if isinstance(v, str)]
    for text in [*texts, *words]:
        found |= dict.fromkeys(means("types", text))
    own = {json_type(value)} if value is not MISSING else set()
    own |= {"number"} if "integer" in own else set()
    own |= {"number"} if "integer" in found else set()
    return tuple(t for t in found if t not in own)


def layout_in(text: str) -> str:
    """A layout of dates or times in a text, such as `DD.MM.YYYY` or `%Y-%m-%d`."""
    match = _STRFTIME.search(text)
    if match:
        return match.group()
    for match in _LAYOUT.finditer(text):
        words = [w.strip(" ,.:-'/") for w in match.group().split()]
        good = [w for w in words if _is_layout(w)]
        if good:
            return " ".join(good[:2])
    return ""


def _is_layout(word: str) -> bool:
    plain = re.sub(r"'[TZ]'|(?<=[Dd])T(?=[Hh])|Z$|X{1,3}$", "-", word)
    runs = [m.group() for m in _RUN.finditer(plain)]
    sizes = [len(r) for r in runs]
    if len(runs) < 2 or not all(n in (1, 2, 3, 4) for n in sizes):
        return False
    if "".join(runs) == plain and max(sizes) < 4:
        return False
    years = {r[0].lower() for r, n in zip(runs, sizes, strict=True) if n == 4}
    return bool(years & set("yja")) or (sizes.count(2) == len(sizes) and len(sizes) >= 2)


def _bounds(
    texts: Sequence[str], members: Sequence[tuple[str, Any]], value: Any, numeric: bool
) -> tuple[float | None, float | None, bool]:
    """Least, most, and whether they are of the length."""
    least = most = None
    counted = False
    for text in texts:
        spoken = _MOMENT.sub(" ", text)
        low, high = _of_text(spoken, value, numeric)
        least, most = least if low is None else low, most if high is None else high
        counted = counted or (
            bool(means("sizes", spoken)) and (low is not None or high is not None)
        )
    if least is None and most is None:
        least, most = _of_members(members)
        counted = any(means("sizes", name) for name, m in members if m in (least, most))
    if most is not None and most >= _HUGE:
        most = None
    sized = counted or (
        not numeric and (least, most) != (None, None) and isinstance(value, str | list | Mapping)
    )
    return least, most, sized


def _of_members(members: Sequence[tuple[str, Any]]) -> tuple[float | None, float | None]:
    least = most = None
    for name, member in members:
        if isinstance(member, bool) or not isinstance(member, int | float):
            continue
        bound = _direction(name)
        if bound in ("least", "over"):
            least = float(member)
        elif bound in ("most", "under"):
            most = float(member)
    return least, most


def _of_text(text: str, value: Any, numeric: bool) -> tuple[float | None, float | None]:
    """The bounds in a text: by the words before each number, else by what was sent, which has
    to be on the wrong side of it."""
    spots = list(_NUMBER.finditer(text))[:4]
    if not spots or len(spots) > 3:
        return None, None
    least = most = None
    begin = 0
    for n, spot in enumerate(spots):
        number = _number(spot.group())
        bound = _direction(text[begin : spot.end()]) or _direction(_after(text, spot))
        step = 1.0 if bound in ("over", "under") and number == int(number) else 0.0
        if bound in ("least", "over"):
            least = number + step
        elif bound in ("most", "under"):
            most = number - step
        elif n == 1 and least is not None and number > least:
            most = number
        begin = spot.end()
    if least is None and most is None:
        return _by_value([_number(s.group()) for s in spots], value, numeric)
    return least, most


def _direction(text: str) -> str:
    """Which bound a text speaks of: "least", "most", "over", "under", or "" for none."""
    found = means("bounds", text)
    return next((m for m in ("least", "most", "over", "under") if m in found), "")


def _after(text: str, spot: re.Match[str]) -> str:
    """The words behind a number as far as they can say which bound it is."""
    return re.split(r"[.;,]|\d", text[spot.end() :], maxsplit=1)[0][:40]


def _by_value(numbers: list[float], value: Any, numeric: bool) -> tuple[float | None, float | None]:
    size = _size(value, numeric)
    if len(numbers) == 2 and numbers[0] < numbers[1]:
        inside = size is not None and numbers[0] <= size <= numbers[1]
        return (None, None) if inside or size is None else (numbers[0], numbers[1])
    if size is None or len(numbers) != 1 or numbers[0] == size:
        return None, None
    return (numbers[0], None) if size < numbers[0] else (None, numbers[0])


def _size(value: Any, numeric: bool) -> float | None:
    if value is MISSING or value is None or isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    if numeric and isinstance(value, str):
        given = literal(value)
        return float(given) if isinstance(given, int | float) else None
    return float(len(value)) if isinstance(value, str | list | Mapping) else None


def _number(text: str) -> float:
    return float(text.replace("−", "-"))
