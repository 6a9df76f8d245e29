"""Names of members inside members, as fields have them: `address.street`."""

from __future__ import annotations


def member_name(above: str, name: object) -> str:
    """The whole name of a member; `above` is that of the object around it, empty at the top."""
    return f"{above}.{name}" if above else str(name)
