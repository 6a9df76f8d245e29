"""Numbers of JSON texts as every reader bears them: finite, and small enough for a float."""

from __future__ import annotations

import sys
from typing import Any, TypeGuard

MAX_DIGITS = 300
"""More digits fit no float, and some readers of numbers refuse them."""
_LARGEST = int("9" * MAX_DIGITS)


def integer(text: str) -> int:
    """A whole number; the largest that is borne where it is larger."""
    if len(text) <= MAX_DIGITS:
        return int(text)
    return -_LARGEST if text.startswith("-") else _LARGEST


def real(text: str) -> float:
    """A number with a fraction or an exponent; the largest that is borne where it is larger."""
    return max(-sys.float_info.max, min(float(text), sys.float_info.max))


def is_number(value: Any) -> TypeGuard[int | float]:
    """Whether a value of JSON is a number: a truth value is none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)
