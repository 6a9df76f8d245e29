"""Validation of request values. Every limit used here is a documented one, or planted drift."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from checker.sandbox.wire import Failure, Problem

ABSENT: Any = object()
"""Stands for a field that isn't there; `null` is a value (and never a valid one)."""

DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
DATE_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|([+-])(\d\d):(\d\d))", re.ASCII
)
URL = re.compile(r"https?://\S+")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
INTEGER = re.compile(r"-?\d{1,9}", re.ASCII)


class Checker:
    """Reads fields of one object and collects what is wrong with them."""

    def __init__(self, data: Any, where: str = "", problems: list[Problem] | None = None) -> None:
        self.problems: list[Problem] = [] if problems is None else problems
        self.where = where
        self.data: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
        if not isinstance(data, Mapping):
            self.bad(where.rstrip(".") or "The body", "must be an object")

    def done(self) -> None:
        """Raises Failure 422 where anything was wrong."""
        if self.problems:
            raise Failure(422, *self.problems)

    def bad(self, name: str, why: str, code: str = "invalid") -> None:
        """Notes a problem with a field."""
        self.problems.append(Problem(code, f"{name} {why}"))

    def has(self, name: str) -> bool:
        """Whether the field is there at all."""
        return name in self.data

    def _get(self, name: str, required: bool) -> Any:
        value = self.data.get(name, ABSENT)
        if value is ABSENT and required:
            self.bad(self.where + name, "is missing", "missing_field")
        return value

    def text(
        self,
        name: str,
        *,
        required: bool = False,
        default: Any = None,
        low: int = 0,
        high: int | None = None,
        pattern: re.Pattern[str] | None = None,
        choices: Sequence[str] | None = None,
    ) -> Any:
        """A string, or `default` where it is left out."""
        value = self._get(name, required)
        if value is ABSENT:
            return default
        label = self.where + name
        if not isinstance(value, str):
            self.bad(label, "must be a string")
        elif len(value) < low:
            self.bad(label, f"must have at least {low} characters")
        elif high is not None and len(value) > high:
            self.bad(label, f"is longer than {high} characters", "too_long")
        elif choices is not None and value not in choices:
            self.bad(label, f"must be one of {', '.join(choices)}")
        elif pattern is not None and not pattern.fullmatch(value):
            self.bad(label, "has a wrong format")
        return value

    def number(
        self,
        name: str,
        *,
        required: bool = False,
        default: Any = None,
        low: float | None = None,
        high: float | None = None,
        whole: bool = False,
    ) -> Any:
        """A number (`whole`: an integer, 2.0 counts as one)."""
        value = self._get(name, required)
        if value is ABSENT:
            return default
        label = self.where + name
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.bad(label, "must be an integer" if whole else "must be a number")
        elif whole and value != int(value):
            self.bad(label, "must be an integer")
        elif (low is not None and value < low) or (high is not None and value > high):
            self.bad(label, "is out of range")
        elif whole:
            return int(value)
        return value

    def flag(self, name: str, default: bool) -> bool:
        """A boolean."""
        value = self._get(name, False)
        if value is ABSENT:
            return default
        if not isinstance(value, bool):
            self.bad(self.where + name, "must be a boolean")
        return bool(value)

    def child(self, name: str, *, required: bool = False) -> Checker | None:
        """A nested object; None where it is left out."""
        value = self._get(name, required)
        if value is ABSENT:
            return None
        return Checker(value, f"{self.where}{name}.", self.problems)

    def items(self, name: str, high: int | None = None) -> list[Any]:
        """An array, empty where it is left out."""
        value = self._get(name, False)
        if value is ABSENT:
            return []
        if not isinstance(value, list):
            self.bad(self.where + name, "must be an array")
            return []
        if high is not None and len(value) > high:
            self.bad(self.where + name, f"has more than {high} items")
        return value

    def children(self, name: str, high: int | None = None) -> list[Checker]:
        """An array of objects."""
        return [
            Checker(item, f"{self.where}{name}[{number}].", self.problems)
            for number, item in enumerate(self.items(name, high))
        ]

    def date(self, name: str, *, required: bool = False) -> Any:
        """A full-date of RFC 3339."""
        value = self.text(name, required=required)
        if isinstance(value, str) and not is_date(value):
            self.bad(self.where + name, "is not a date")
        return value

    def date_time(self, name: str, *, required: bool = False) -> Any:
        """A date-time of RFC 3339."""
        value = self.text(name, required=required)
        if isinstance(value, str) and seconds_of(value) is None:
            self.bad(self.where + name, "is not a date-time")
        return value


def is_date(text: str) -> bool:
    """Whether a text is a full-date of RFC 3339."""
    match = DATE.fullmatch(text)
    return match is not None and _day(match.groups()) is not None


def seconds_of(text: str) -> float | None:
    """A date-time of RFC 3339 as seconds on one time line, or None where it isn't one."""
    match = DATE_TIME.fullmatch(text)
    if match is None:
        return None
    day = _day(match.groups()[:3])
    hour, minute, second = (int(part) for part in match.groups()[3:6])
    if day is None or hour > 23 or minute > 59 or second > 60:
        return None
    offset = 0
    if match[9]:
        if int(match[10]) > 23 or int(match[11]) > 59:
            return None
        offset = (int(match[10]) * 60 + int(match[11])) * (60 if match[9] == "+" else -60)
    return day * 86400 + hour * 3600 + minute * 60 + second + float(match[7] or 0) - offset


def _day(parts: Iterable[str | Any]) -> int | None:
    """A day's number, or None where there is no such day. Year 0 counts as a leap year."""
    year, month, day = (int(part) for part in parts)
    if not 1 <= month <= 12 or not 1 <= day <= monthrange(year or 2000, month)[1]:
        return None
    # Days from civil (H. Hinnant): years begin in March, eras have 400 years.
    shifted = year - (month <= 2)
    era_year = shifted % 400
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return shifted // 400 * 146097 + era_year * 365 + era_year // 4 - era_year // 100 + day_of_year


def whole_number(query: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    """An integer query parameter within its bounds; Failure 422 where it isn't."""
    text = query.get(name)
    if text is None:
        return default
    if not INTEGER.fullmatch(text) or not low <= int(text) <= high:
        raise Failure(422, Problem("invalid", f"{name} is not an integer from {low} to {high}"))
    return int(text)
