"""Values for a schema: documented ones first, plausible ones else."""

from __future__ import annotations

import datetime as dt
import random
import re
import string
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from checker.domain.nodes import mapping_of
from checker.domain.numbers import is_number
from checker.domain.schema import MISSING, Schema, json_type
from checker.lexicon.phrases import phrase, vocabulary
from checker.planning import hints, moments
from checker.planning.pattern_texts import from_pattern, matches

MAX_DEPTH = 6
MAX_ITEMS = 5_000
"""Items of all arrays of a value together, whatever a document asks for."""
MAX_LETTERS = 100_000
MAX_WITHIN = 60
"""Values within values, branches of branches included, which add no depth."""
_USUAL = {"timezone": "Europe/Berlin", "currency": "USD", "country": "US", "language": "en"}
"""What fields of these kinds take nearly everywhere."""
_DATE = dt.date(2031, 5, 17)


def looks_like_identifier(name: str) -> bool:
    """Whether a field's (leaf) name says that it holds another resource's identifier."""
    return phrase("fieldnames", "identifier").search(name) is not None


def _named(kind: str, name: str) -> bool:
    return phrase("fieldnames", kind).search(name) is not None


@cache
def _later_words() -> frozenset[str]:
    """Words of names of moments that have to be after another one of the same request."""
    return frozenset(vocabulary("fieldnames", "later moment"))


@dataclass(slots=True)
class Generator:
    """Deterministic values: the same seed and the same calls give the same values."""

    rng: random.Random
    full: bool = True
    """With optional fields (False: required ones only)."""
    plain: bool = False
    """Without documented examples."""
    files: bool = False
    """For a multipart body: files are bytes, so that they travel as parts of their own."""
    turn: int = 0
    """Which of the documented values to take where there are several (else the last)."""
    _room: int = MAX_ITEMS
    _within: int = 0

    def value(self, schema: Schema, name: str = "", depth: int = 0) -> Any:
        """A value that `schema` documents as valid; None where that has no end."""
        if self._within >= MAX_WITHIN:
            return None
        if not self._within:
            self._room = MAX_ITEMS
        self._within += 1
        try:
            return self._value(schema, name, depth)
        finally:
            self._within -= 1

    def _value(self, schema: Schema, name: str, depth: int) -> Any:
        if self.files and schema.is_file:
            return b"driftcheck\n"
        if not self.plain:
            for example in schema.examples:
                if example is not None and schema.allows_type(json_type(example)):
                    return example
        if schema.enum:
            usable = [v for v in schema.enum if v is not None]
            return usable[min(self.turn, len(usable) - 1)] if usable else None
        default = None if schema.default is MISSING or schema.properties else schema.default
        if default == [] and schema.items is not None:
            default = None  # what an item has in it can't be seen in none
        if default is not None and schema.allows_type(json_type(default)):
            return default
        if schema.variants and not schema.properties:
            return self.value(schema.variants[0], name, depth)
        match self._type(schema):
            case "object":
                return self.object(schema, depth)
            case "array":
                if schema.items is None:
                    return ["value"]
                if depth > MAX_DEPTH:
                    return []
                count = max(1, min(schema.min_items or 1, self._room))
                self._room -= count
                item = _described_item(schema, schema.items)
                values = [self.value(item, name, depth + 1) for _ in range(count)]
                if schema.unique_items and count > 1:
                    values = list(_distinct(values))
                return values
            case "boolean":
                return True
            case "integer":
                return int(self._number(schema, 1))
            case "number":
                number = self._number(schema, 1.5)
                return int(number) if float(number).is_integer() and schema.multiple_of else number
            case "null":
                return None
            case _:
                return self.text(schema, name)

    def object(self, schema: Schema, depth: int = 0) -> dict[str, Any]:
        """An object with its required fields, and its optional ones where `full`."""
        out: dict[str, Any] = {}
        for name, child in schema.properties.items():
            required = name in schema.required
            optional = self.full and depth < 4 and not child.deprecated
            if (required or optional) and not child.read_only and depth <= MAX_DEPTH:
                out[name] = self.value(child, name, depth + 1)
        if schema.variants:
            out = {**mapping_of(self.value(schema.variants[0], "", depth + 1)), **out}
        if not out and isinstance(schema.additional, Schema) and self.full:
            out["key"] = self.value(schema.additional, "key", depth + 1)
        return out

    def text(self, schema: Schema, name: str) -> str:
        """A string of the documented format, pattern and length."""
        fmt = schema.format or hints.address_format(schema.description)
        made = self._described(schema) or self._formatted(fmt, name)
        if schema.pattern:
            made = from_pattern(schema.pattern, self.rng) or made
        made = _in_layout(schema) or made
        made += self._letters(max(0, (schema.min_length or 0) - len(made)))
        high = schema.max_length
        if high is not None and len(made) > high:
            made = made[-high:] if high else ""
        return made

    def _described(self, schema: Schema) -> str:
        """An example, or one of the values, that the description of a string without a format
        names."""
        if self.plain or schema.format or schema.pattern or not schema.description:
            return ""
        named = hints.examples_in(schema.description)[:1] or hints.choices_in(schema.description)
        return named[min(self.turn, len(named) - 1)] if named else ""

    def _formatted(self, fmt: str | None, name: str) -> str:
        token = self._letters(8)
        lowered = name.lower()
        later = not _later_words().isdisjoint(
            w.lower() for w in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)
        )
        day = _DATE + dt.timedelta(days=later)
        moment = dt.datetime.combine(day, dt.time(10, 30), dt.UTC)
        match fmt:
            case "date":
                return day.isoformat()
            case "date-time" | "datetime":
                return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
            case "time":
                return "10:30:00Z"
            case "uuid" | "guid":
                return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))
            case "email" | "idn-email":
                return f"{token}@example.com"
            case "uri" | "url" | "uri-reference" | "iri":
                return f"https://example.com/{token}"
            case "hostname":
                return f"{token}.example.com"
            case "ipv4":
                return f"192.0.2.{self.rng.randint(1, 250)}"
            case "ipv6":
                return "2001:db8::1"
            case "byte":
                return "ZHJpZnRjaGVjaw=="
            case "phone" | "tel" | "phone-number":
                return "+1555" + self._digits(7)
        if _named("email", lowered):
            return f"{token}@example.com"
        if _named("moment", name):
            return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        if _named("date", name):
            return day.isoformat()
        if _named("phone", lowered):
            return "+1555" + self._digits(7)
        if _named("address", lowered):
            return f"https://example.com/{token}"
        if _named("uuid", lowered):
            return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))
        return next((text for kind, text in _USUAL.items() if _named(kind, lowered)), token)

    @staticmethod
    def _type(schema: Schema) -> str:
        for name in schema.types:
            if name != "null":
                return name
        if schema.types:
            return "null"
        if schema.properties or isinstance(schema.additional, Schema):
            return "object"
        return "array" if schema.items is not None else "string"

    @staticmethod
    def _number(schema: Schema, usual: float) -> float:
        step = schema.multiple_of
        value = _above(usual, schema.minimum, (step or 1) if schema.exclusive_minimum else 0)
        # What holds from below holds from above with the signs turned.
        high = -schema.maximum if schema.maximum is not None else None
        value = -_above(-value, high, (step or 1) if schema.exclusive_maximum else 0)
        if step:
            value = step * max(1, -(-value // step))
        return value

    def _letters(self, count: int) -> str:
        count = min(count, MAX_LETTERS)
        return "".join(self.rng.choice(string.ascii_lowercase) for _ in range(count))

    def _digits(self, count: int) -> str:
        return "".join(self.rng.choice(string.digits) for _ in range(count))


def _in_layout(schema: Schema) -> str:
    """A date in the layout that the description names ("DD.MM.YYYY"), if the pattern bears it."""
    if schema.format not in (None, "date"):
        return ""
    layout = moments.layout_in(schema.description)
    made = moments.sample(layout) if layout else ""
    return made if not schema.pattern or matches(schema.pattern, made) else ""


def _described_item(array: Schema, item: Schema) -> Schema:
    """An array's item, with the array's words where it has none of its own."""
    if item.description or not array.description or "string" not in item.types:
        return item
    return replace(item, description=array.description)


def _distinct(values: list[Any]) -> Iterator[Any]:
    for number, value in enumerate(values):
        if number == 0:
            yield value
        elif isinstance(value, str):
            yield f"{value}{number}"
        elif is_number(value):
            yield value + number
        else:
            yield value


def _above(value: float, low: float | None, by: float) -> float:
    """The value, or the least one from a limit on; `by` is how far from an exclusive limit."""
    if low is None or value > low or (value == low and not by):
        return value
    return low + by
