"""A gate that lets everything out, for tests of what is behind it."""

from __future__ import annotations

from checker.safety.gate import Gate
from checker.safety.ownership import Ledger
from checker.safety.policy import Policy


def open_gate() -> Gate:
    """Nothing is held back but a path that a server may read as another one."""
    return Gate(Policy(allow=("*",)), {}, Ledger())
