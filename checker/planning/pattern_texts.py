"""Texts that match a regular expression."""

from __future__ import annotations

import datetime as dt
import random
import re
from typing import Any

_MOMENTS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%d-%m-%Y", "%Y-%m"),
    *("%H:%M", "%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"),
)
"""Shapes that dates and times have and hardly anything else."""


def from_pattern(pattern: str, rng: random.Random) -> str:
    """A string that matches a simple regular expression; empty where it is too much for us."""
    try:
        import re._parser as parser  # type: ignore[import-not-found]

        tree = parser.parse(pattern)
    except Exception:
        return ""
    try:
        made = _from_tree(tree, rng)
        if len(pattern) >= 200 or not re.search(pattern, made):
            return ""
        return _moment_like(made, pattern, rng) or made
    except (ValueError, KeyError, IndexError, re.error, RecursionError):
        return ""


def _moment_like(made: str, pattern: str, rng: random.Random) -> str:
    """A date or time of the made text's shape: a pattern of digits doesn't say which there are."""
    shape = re.sub(r"\d", "0", made)
    moment = dt.datetime(2031, rng.randint(1, 12), rng.randint(13, 28), rng.randint(10, 23), 15, 30)
    for form in _MOMENTS:
        text = moment.strftime(form)
        if re.sub(r"\d", "0", text) == shape and re.search(pattern, text):
            return text
    return ""


def _from_tree(tree: Any, rng: random.Random) -> str:
    out = ""
    for operator, argument in tree:
        match str(operator):
            case "LITERAL":
                out += chr(argument)
            case "NOT_LITERAL":
                out += "a" if chr(argument) != "a" else "b"
            case "ANY":
                out += "a"
            case "AT":
                continue
            case "IN":
                out += _from_set(argument, rng)
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                low, high, inner = argument
                top = min(int(high), max(int(low), 8))
                count = top if int(low) == 0 else max(int(low), min(top, int(low) + 3))
                out += "".join(_from_tree(inner, rng) for _ in range(count))
            case "SUBPATTERN":
                out += _from_tree(argument[-1], rng)
            case "BRANCH":
                out += _from_tree(argument[1][0], rng)
            case other:
                raise ValueError(other)
    return out


def _from_set(items: Any, rng: random.Random) -> str:
    pool = ""
    for operator, argument in items:
        match str(operator):
            case "NEGATE":
                return "a"
            case "LITERAL":
                pool += chr(argument)
            case "RANGE":
                low, high = argument
                pool += "".join(chr(c) for c in range(low, min(high, low + 60) + 1))
            case "CATEGORY":
                pool += "0123456789" if "DIGIT" in str(argument) else "abcdefgh"
    return rng.choice(pool)
