"""How far a value can be told from ordinary text, and whether it looks like a credential. Pure."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections import Counter
from collections.abc import Iterator
from enum import Enum
from itertools import pairwise

LEAST = 6
"""Shorter values stand in any text by chance."""
LONGEST_WORD = 10
LONGEST_RANDOM = 512
"""Longer random texts are contents (pictures, files), not credentials."""
LEAST_ENTROPY = 3.5
"""Bits a character; 20 random letters and digits have about 4.1, words and paths 3 or less."""
LEAST_CHANGES = 0.42
"""Share of letters and digits that are of another kind (upper case, lower case, digit) than the
one before: about 0.6 in random texts, a third in paths of capitalised words."""

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")
_TOKEN = re.compile(r"[A-Za-z0-9_.~+/=-]+")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
JWT = re.compile(r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*")


class Strength(Enum):
    """Where a known secret is masked.

    REAL: wherever it stands, in all spellings. ORDINARY, a word or a number such as `secret` or
    `123456`: as a whole word in what was said, and where a credential stands; names, paths and
    pages keep it, or the report would become unreadable. SHORT, under 6 characters: only where
    a credential stands (after its scheme, as its header, query parameter or cookie).
    """

    REAL = "real"
    ORDINARY = "ordinary"
    SHORT = "short"


def strength_of(value: str) -> Strength:
    """How strong a value given as a credential is."""
    if len(value) < LEAST or not any(c.isalnum() for c in value):
        return Strength.SHORT
    if len(value) <= LONGEST_WORD and _WORD.fullmatch(value):
        return Strength.ORDINARY
    return Strength.REAL


def looks_random(value: str, least: int) -> bool:
    """Whether a text of at least `least` characters looks like a token drawn at random.

    Not so look UUIDs, ULIDs, digests in hexadecimal, dates and paths: reports need them.
    """
    if not least <= len(value) <= LONGEST_RANDOM or not _TOKEN.fullmatch(value):
        return False
    if JWT.fullmatch(value):
        return True
    kinds = [_kind(c) for c in value if c.isalnum()]
    if not {"upper", "lower", "digit"} <= set(kinds) or _UUID.fullmatch(value):
        return False
    changes = sum(a != b for a, b in pairwise(kinds))
    return changes >= LEAST_CHANGES * len(kinds) and entropy(value) >= LEAST_ENTROPY


def entropy(value: str) -> float:
    """Shannon's entropy of the characters, in bits a character."""
    counts = Counter(value).values()
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts)


def _kind(character: str) -> str:
    if character.isdigit():
        return "digit"
    return "upper" if character.isupper() else "lower"


def parts_of(value: str) -> Iterator[str]:
    """The secret ones of a value of several: a scheme and its credential, user and password, and
    the same in base64. A password is one, whatever is in it."""
    words = value.split()
    if len(words) == 2 and words[0].isalpha():
        yield words[1]
        value = words[1]
    pair = value
    if ":" not in value:
        try:
            pair = base64.b64decode(value, validate=True).decode("ascii")
        except (binascii.Error, ValueError):
            return
    user, colon, password = pair.partition(":")
    if colon and user and password and pair.isprintable():
        yield password
