"""Two documented contracts against each other: pure, without any server."""

from checker.drift.compare.change import Change
from checker.drift.compare.portals import Differ, diff_operations, diff_portals

__all__ = ["Change", "Differ", "diff_operations", "diff_portals"]
