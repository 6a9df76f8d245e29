"""What a refusal complains about: the nouns of the search for a working request."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from checker.domain.operation import FieldKey


class ComplaintKind(StrEnum):
    """What a complaint says of its field."""

    MISSING = "missing"
    """The field isn't there and has to be."""
    INVALID = "invalid"
    """The value is of the wrong type, format, range or set."""
    UNKNOWN = "unknown"
    """The field is there and mustn't be."""
    REFERENCE = "reference"
    """What the value names doesn't exist."""
    TAKEN = "taken"
    """What the value names exists already."""
    STATE = "state"
    """The request is well-formed: what there is stands against it."""
    ACCESS = "access"
    """The credential isn't enough."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Wants:
    """What a complaint says that would be accepted; empty where it says nothing.

    `values` are allowed or exemplary values, `types` JSON type names, `pattern` a regular
    expression, `least` and `most` bounds: of the number, or of the length where `sized`.
    `date_layout` is a layout of dates or times in words of the answer, such as `DD.MM.YYYY`.
    """

    values: tuple[Any, ...] = ()
    types: tuple[str, ...] = ()
    pattern: str = ""
    least: float | None = None
    most: float | None = None
    sized: bool = False
    date_layout: str = ""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that an answer finds wrong with a request.

    `field` is the known field it is about, or one no document knows where `undocumented`; None
    where it names none. `mentions` are other known fields in the same words. `index` is the
    position of the item it is about, where it is about one of a list. `skeleton` identifies the
    complaint but for names, numbers and what was sent: two of one skeleton say the same.
    """

    field: FieldKey | None
    kind: ComplaintKind
    wants: Wants = Wants()
    mentions: tuple[FieldKey, ...] = ()
    skeleton: str = ""
    undocumented: bool = False
    index: int | None = None


Complaints = frozenset[Complaint]
