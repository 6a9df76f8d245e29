"""What is worth a note about the documents and is no finding: nobody need mend it."""

from __future__ import annotations

from collections.abc import Iterator

from checker.domain.portal import Portal
from checker.drift.compare.families import Families
from checker.drift.compare.told import page_notes

MAX_SHOWN = 5
"""Files named in a note."""


def document_notes(portal: Portal) -> tuple[str, ...]:
    """All notes about a portal's documents beside those of reading them."""
    return (*page_notes(portal), *_alive(portal))


def _alive(portal: Portal) -> Iterator[str]:
    """Legacy documents that no current one took the place of, in one note."""
    files = [document.info.file for document in Families(portal).alive()]
    if files:
        shown = ", ".join(files[:MAX_SHOWN])
        more = len(files) - MAX_SHOWN
        yield (
            f"No operation of {shown}{f' and {more} more' if more > 0 else ''} is shared with a "
            "current document: taken as other APIs that are alive, not as dropped operations."
        )
