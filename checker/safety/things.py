"""A thing that a run has made. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from checker.domain.exchange import Base
from checker.domain.operation import OperationId

_TITLES = ("name", "code", "number")


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

    @property
    def keys(self) -> set[str]:
        """Those of its names that no other can have: not what people call it."""
        return keys_of(self.names)

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
        )
