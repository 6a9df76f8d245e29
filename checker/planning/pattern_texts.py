"""Texts that match a regular expression."""

from __future__ import annotations

import random
import re
from typing import Any

from checker.planning.moments import valid_like

MAX_STEPS = 10_000
"""Of making a text: repetitions of repetitions of nothing take time, too."""


def from_pattern(pattern: str, rng: random.Random) -> str:
    """A string that matches a simple regular expression; empty where it is too much for us.

    What has the shape of a date or time is one.
    """
    try:
        import re._parser as parser  # type: ignore[import-not-found]

        tree = parser.parse(pattern)
    except Exception:
        return ""
    try:
        made = _from_tree(tree, rng, [MAX_STEPS])
        valid = valid_like(made, rng)
        return next((m for m in (valid, made) if m and matches(pattern, m)), "")
    except (ValueError, KeyError, IndexError, re.error, RecursionError):
        return ""


def matches(pattern: str, text: str) -> bool:
    """Whether a text matches a documented pattern; False where the pattern is too much for us."""
    try:
        return len(pattern) < 200 and bool(re.search(pattern, text))
    except re.error:
        return False


def _from_tree(tree: Any, rng: random.Random, steps: list[int]) -> str:
    """Raises ValueError where the steps are used up."""
    out = ""
    for operator, argument in tree:
        steps[0] -= 1
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
                for _ in range(count):
                    out += _from_tree(inner, rng, steps)
                    steps[0] -= 1
                    if steps[0] < 0:
                        raise ValueError("too long")
            case "SUBPATTERN":
                out += _from_tree(argument[-1], rng, steps)
            case "BRANCH":
                out += _from_tree(argument[1][0], rng, steps)
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
