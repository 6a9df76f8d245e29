"""What is worth a note about the documents and is no finding: nobody need mend it."""

from __future__ import annotations

from checker.domain.portal import Portal
from checker.drift.compare.told import page_notes


def document_notes(portal: Portal) -> tuple[str, ...]:
    """All notes about a portal's documents beside those of reading them."""
    return tuple(page_notes(portal))
