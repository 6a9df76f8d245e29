"""Which members of requests and answers are secrets: by their name, by what they look like."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from checker.lexicon import read
from checker.redaction.strength import JWT, looks_random

TOPIC, PAIRS = "secrets", "pairs"
MOST_IN_PAIR = 12
"""Members of an object that tells a name and its value."""
LEAST_SESSION = 16
LEAST_RANDOM = 32
"""Under a name that says nothing; identifiers drawn at random (KSUID, nano id) are shorter."""
LEAST_CODE = 1000
LONGEST = 300
"""Characters of values that are remembered."""


@lru_cache(maxsize=8192)
def meanings(name: str) -> frozenset[str]:
    """What the lexicon says of a name: secret, code, session, identifier, open."""
    return frozenset(entry.means for entry in read(TOPIC, name[:200]))


def is_secret_name(name: str) -> bool:
    """Whether a member, header or variable of this name holds a credential."""
    return bool(meanings(name) & {"secret", "code"})


def is_open_header(name: str) -> bool:
    """Whether a header of this name says nothing confidential."""
    return "open" in meanings(name)


@lru_cache(maxsize=8192)
def _in_pair(name: str) -> frozenset[str]:
    return frozenset(entry.means for entry in read(PAIRS, name[:200]))


def held_by_pair(members: Mapping[Any, Any]) -> frozenset[str]:
    """The members of an object that hold a secret which another member of it names:
    `{"key": "smtp.password", "value": …}`."""
    if not 1 < len(members) <= MOST_IN_PAIR:
        return frozenset()
    named = any(
        isinstance(value, str) and "names" in _in_pair(str(name)) and is_secret_name(value)
        for name, value in members.items()
    )
    held = (str(name) for name in members if "holds" in _in_pair(str(name)))
    return frozenset(held) if named else frozenset()


def hides(name: str, value: Any, names: Collection[str] = ()) -> bool:
    """Whether a member's value is a secret.

    By its name: texts, and numbers where codes are meant. By its schema: `names` are those that
    the document says are never shown. By entropy: what looks like a token drawn at random,
    unless the name is one of an identifier.
    """
    if isinstance(value, bool) or value in ("", None):
        return False
    known = meanings(name)
    if isinstance(value, int):
        return "code" in known and abs(value) >= LEAST_CODE
    if not isinstance(value, str):
        return False
    if name in names:
        return True
    return _known_credential(name, value) if len(value) <= LONGEST else _is_credential(name, value)


@lru_cache(maxsize=8192)
def _known_credential(name: str, value: str) -> bool:
    """As `_is_credential`: what a request brings comes back in its answer."""
    return _is_credential(name, value)


def _is_credential(name: str, value: str) -> bool:
    """Whether a member's text is a secret by the member's name, or by what it looks like."""
    known = meanings(name)
    if known & {"secret", "code"}:
        return True
    return _looks_secret(value, known)


def _looks_secret(value: str, known: Collection[str]) -> bool:
    """Whether a text is one by its look alone; `known` is what its name means."""
    if "session" in known and looks_random(value, LEAST_SESSION):
        return True
    if JWT.fullmatch(value):
        return True
    return "identifier" not in known and looks_random(value, LEAST_RANDOM)
