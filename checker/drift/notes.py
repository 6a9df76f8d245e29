"""What is worth a note about the documents and is no finding: nobody need mend it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from checker.domain.portal import Portal
from checker.drift.compare.editions import Editions
from checker.drift.compare.families import Families
from checker.drift.compare.told import page_notes
from checker.drift.compare.unused import undeclared_tags, unused_schemas

MAX_SHOWN = 5
"""Files or names in a note."""


def document_notes(portal: Portal) -> tuple[str, ...]:
    """All notes about a portal's documents beside those of reading them."""
    return (*page_notes(portal), *_alive(portal), *_editions(portal), *_leftovers(portal))


def _editions(portal: Portal) -> Iterator[str]:
    """Documents of one address that aren't held against each other, a note an API."""
    for documents in Editions(portal):
        files = [document.info.file for document in documents]
        more = " and others" if len(files) > MAX_SHOWN else ""
        yield (
            f"{', '.join(files[:MAX_SHOWN])}{more} share "
            "their address and many operations, and each has some of its own: taken as editions "
            "of one API, whose differences are meant."
        )


def _leftovers(portal: Portal) -> Iterator[str]:
    """Unused schemas and undeclared tags, a note a document."""
    for document, names in unused_schemas(portal):
        yield f"{document.info.file}: nothing refers to {_listed('schema', names)}."
    for document in portal.documents:
        tags = undeclared_tags(document)
        if tags:
            yield f"{document.info.file}: its `tags` don't declare {_listed('tag', tags)}."


def _listed(noun: str, names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:MAX_SHOWN])
    more = len(names) - MAX_SHOWN
    return f"the {noun}{'s' * (len(names) > 1)} {shown}" + (f" and {more} more" if more > 0 else "")


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
