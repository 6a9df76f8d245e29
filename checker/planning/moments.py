"""Dates and times in the layouts that people write them in. Pure."""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Iterable

SAMPLE = dt.datetime(2031, 5, 5, 10, 30)
"""Day and month alike: it is the same in layouts that have one or the other first."""
_LAYOUTS = {
    "%d.%m.%Y": r"\d\d\.\d\d\.\d{4}",
    "%d/%m/%Y": r"\d\d/\d\d/\d{4}",
    "%d-%m-%Y": r"\d\d-\d\d-\d{4}",
    "%Y/%m/%d": r"\d{4}/\d\d/\d\d",
    "%Y.%m.%d": r"\d{4}\.\d\d\.\d\d",
    "%Y-%m-%d": r"\d{4}-\d\d-\d\d",
    "%Y-%m": r"\d{4}-\d\d",
    "%d.%m.%Y %H:%M": r"\d\d\.\d\d\.\d{4} \d\d:\d\d",
    "%d/%m/%Y %H:%M": r"\d\d/\d\d/\d{4} \d\d:\d\d",
    "%Y-%m-%d %H:%M": r"\d{4}-\d\d-\d\d \d\d:\d\d",
    "%Y-%m-%d %H:%M:%S": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
    "%Y-%m-%dT%H:%M:%S": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d",
    "%Y-%m-%dT%H:%M:%SZ": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "%H:%M": r"\d\d:\d\d",
    "%H:%M:%S": r"\d\d:\d\d:\d\d",
}
_SHAPES = {layout: re.compile(shape) for layout, shape in _LAYOUTS.items()}
COMPACT = "%Y%m%d"
_DIGITS = re.compile(r"(19[5-9]|20[0-4])\d[01]\d[0-3]\d")
_WRITTEN = re.compile(
    r"(?<![A-Za-z])(?:(?:DD|TT|YYYY|JJJJ|AAAA|MM|GG)[./ -]?){2}(?:DD|TT|YYYY|JJJJ|AAAA|MM|GG)"
    r"(?![A-Za-z])|(?<![A-Za-z])(?:(?:dd|tt|yyyy|jjjj|aaaa|mm)[./-]){2}(?:dd|yyyy|jjjj|aaaa)"
    r"(?![A-Za-z])"
)
_PARTS = {"YYYY": "%Y", "JJJJ": "%Y", "AAAA": "%Y", "MM": "%m", "DD": "%d", "TT": "%d", "GG": "%d"}
USUAL = ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ", "%d.%m.%Y", "%d/%m/%Y", COMPACT, "%Y-%m-%d %H:%M:%S")
"""Layouts that servers often want, tried where the documented one is refused."""


def layout_of(text: str) -> str:
    """The layout of a date or time, by its shape; empty where it is none. Eight digits are a date
    where they are one of our time."""
    if _DIGITS.fullmatch(text):
        try:
            return COMPACT if dt.datetime.strptime(text, COMPACT) else ""
        except ValueError:
            return ""
    return next((layout for layout, shape in _SHAPES.items() if shape.fullmatch(text)), "")


def layout_in(words: str) -> str:
    """The layout of dates that words name ("DD.MM.YYYY", "YYYYMMDD"), or empty."""
    for found in _WRITTEN.finditer(words[:2000]):
        layout = re.sub(r"[A-Z]{2,4}", lambda m: _parts(m[0]), found[0].upper().rstrip("./ -"))
        if sorted(re.findall(r"%\w", layout)) == ["%Y", "%d", "%m"]:
            return layout
    return ""


def _parts(run: str) -> str:
    """`%Y%m%d` for YYYYMMDD."""
    return re.sub("YYYY|JJJJ|AAAA|MM|DD|TT|GG", lambda m: _PARTS[m[0]], run)


def sample(layout: str) -> str:
    """The same moment in any layout."""
    return SAMPLE.strftime(layout)


def valid_like(text: str, rng: random.Random) -> str:
    """A random date or time of the shape of a text that has the shape of one, or empty."""
    layout = layout_of(text)
    if layout in ("", COMPACT):
        return ""  # made of eight digits: a date by chance
    number = rng.randrange(12 * 12 * 9)
    when = dt.datetime(2027 + number % 9, 1 + number // 9 % 12, 1 + number // 108, 10, 30)
    return when.replace(hour=rng.randrange(24), minute=rng.randrange(60)).strftime(layout)


def later(text: str, days: int) -> str:
    """A date some days on, in its layout; the text itself where it is no date."""
    layout = layout_of(text)
    if "%d" not in layout:
        return text
    try:
        return (dt.datetime.strptime(text, layout) + dt.timedelta(days=days)).strftime(layout)
    except (ValueError, OverflowError):
        return text


def is_date(text: str) -> bool:
    """Whether a text is a date in some layout."""
    return "%d" in layout_of(text)


def others(text: str, known: Iterable[str]) -> list[str]:
    """The sample in other layouts than the text's: the `known` ones, then the usual ones; empty
    where the text is no date."""
    own = layout_of(text)
    if "%d" not in own:
        return []
    layouts = [layout for layout in dict.fromkeys((*known, *USUAL)) if layout != own]
    return [sample(layout) for layout in layouts]
