"""A thing that a run has made, and what may name it. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from checker.domain.exchange import Base
from checker.domain.operation import OperationId
from checker.lexicon.phrases import vocabulary

KNOWN_PATHS = 16_384
"""Concrete paths of which the collection is remembered."""
OWN_KEYS = vocabulary("endings", "own key")
_TITLES = vocabulary("endings", "title")
_MADE_UP = re.compile(r"zq[-\w]{5,}")
"""What probes call things that aren't there."""
Placing = frozenset[tuple[str, str, str]]
"""What of a query and headers says where a thing stands: "query" or "header", name, value."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where one thing is read, changed or deleted: `item` is the concrete path."""

    item: str
    placing: Placing
    token: str | None
    base: Base
    account: int
    listed: bool = False
    """It is the list above that is read."""


class AddressReading(Enum):
    """What the reading of an address has shown of a thing."""

    OURS = "what this run coined for it, or what it refers to of this run's own"
    ALIKE = "the identifier and values of a thing for which nothing was coined"
    OTHER = "something else"
    CLOSED = "nothing, or it is refused"


def keys_of(names: Mapping[str, str]) -> set[str]:
    """The identifiers among a thing's names (value → what the answer calls it)."""
    return {v for v, member in names.items() if member.lower() not in _TITLES} or set(names)


@dataclass(slots=True)
class Thing:
    """One thing that this run has made.

    `collection` is the concrete path that it was made at. `names` are its identifiers as text
    and what the answer calls each. `number` is the exchange that made it, `account` the one it
    was made with, `purpose` what it was made for. `unsure`: nothing shows that it wasn't there
    before. `marks` tell it from another of the same identifier. `unlisted`: how many identifiers
    the first reading of its collection had shown, where that lacked it. `earlier`: another run
    has made it, which a ledger on disk says.
    """

    noun: str
    collection: str
    names: dict[str, str]
    operation: OperationId
    number: int
    token: str | None = None
    base: Base = "primary"
    account: int = 0
    purpose: str = ""
    gone: bool = False
    unsure: bool = False
    probed: bool = False
    """Made by a probe, and not by a step on which others may rest."""
    marks: tuple[str, ...] = ()
    unlisted: int | None = None
    earlier: bool = False
    signs: frozenset[str] = field(default=frozenset(), compare=False)
    """Texts that the run coined for it and that the answer to its making showed."""
    refs: frozenset[tuple[str, str]] = field(default=frozenset(), compare=False)
    """The own things that it refers to: noun and identifier."""
    given: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    """The scalars of the query, headers and top of the body that it was made with, by name."""
    stands_at: str = field(default="", compare=False)
    """The path at which the server itself said that it was made: the Location of a 201."""
    renamed: bool = field(default=False, compare=False)
    """It was given another name since, and no answer showed that as it was given."""
    attaches: bool = field(default=False, compare=False)
    """It was made with a reference to something that isn't this run's own."""
    refers: set[str] = field(default_factory=set, compare=False)
    """The nouns of what it was given a reference to that isn't shown to be this run's own."""
    used: int = field(default=0, compare=False)
    """The last exchange that changed it or did something with it; 0 where none has."""
    beside: bool = field(default=False, compare=False)
    """It came along in an answer that shows what was made, and is named as another kind."""
    holds: bool = field(default=False, compare=False)
    """Something that isn't this run's own was put into it."""
    readings: dict[Address, AddressReading] = field(default_factory=dict, compare=False, repr=False)
    silent: Counter[Address] = field(default_factory=Counter, compare=False, repr=False)
    """Readings of an address that showed nothing."""

    @property
    def keys(self) -> set[str]:
        """Those of its names that no other can have: not what people call it."""
        return keys_of(self.names)

    def is_in(self, path: str) -> bool:
        """Whether it was made in the collection at a concrete path."""
        return self.collection == "/" + "/".join(unquote(s) for s in path.split("/") if s)

    def to_json(self) -> dict[str, Any]:
        """For the ledger on disk."""
        return {
            "noun": self.noun,
            "collection": self.collection,
            "names": dict(self.names),
            "operation": str(self.operation),
            "number": self.number,
            "token": self.token,
            "base": self.base,
            "account": self.account,
            "unsure": self.unsure,
            "marks": list(self.marks),
            "unlisted": self.unlisted,
            "refers": sorted(self.refers),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Thing:
        """From the ledger on disk; raises KeyError, TypeError or ValueError for anything else."""
        return cls(
            noun=str(data["noun"]),
            collection=str(data["collection"]),
            names={str(n): str(m) for n, m in dict(data["names"]).items()},
            operation=OperationId.parse(str(data["operation"])),
            number=int(data["number"]),
            token=data["token"],
            base=data["base"],
            account=int(data["account"]),
            unsure=data.get("unsure") is True,
            marks=tuple(map(str, data.get("marks", ()))),
            unlisted=None if data.get("unlisted") is None else int(data["unlisted"]),
            earlier=True,
            refers=set(map(str, data.get("refers", ()))),
        )


def made_up(value: str) -> bool:
    """Whether a value is one that probes call things by that aren't there."""
    return _MADE_UP.fullmatch(value) is not None


def same_place(thing: Thing, collection: str) -> bool:
    """Whether a short identifier can mean the same thing: at the very path where it was made, or
    at another of a kind that is numbered for the whole API."""
    asked, made = collection_of(collection), thing.operation.path.rstrip("/")
    if made.endswith("}"):
        made = made.rpartition("/")[0]
    return asked == thing.collection or "{" not in made or asked == without_parents(made)


def without_parents(template: str) -> str:
    """`/v1/rooms` for `/v1/halls/{hall}/rooms`: where such things have a path of their own they
    are numbered for the whole API."""
    return re.sub(r"/[^/{}]+/\{[^/]*\}(?=/)", "", template)


@lru_cache(maxsize=KNOWN_PATHS)
def collection_of(path: str) -> str:
    """A concrete path without its query and in one spelling."""
    return "/" + "/".join(unquote(s) for s in path.split("?")[0].split("/") if s)
