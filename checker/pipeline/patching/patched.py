"""A document as patches leave it, in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from checker.documents.loader import document
from checker.documents.pointing import Source
from checker.documents.references import Files
from checker.domain.finding import Finding
from checker.domain.portal import Document, Portal
from checker.fixing.json_patch import Unplaced
from checker.fixing.plan import Sequencer


def patched(old: Document, patches: Mapping[str, Sequence[Finding]], portal: Portal) -> Document:
    """A document with the patches of the findings for its file that fit, as it is read then."""
    found = patches.get(old.info.file)
    if not found:
        return old
    path = Path(old.info.file)
    source = Source(old.info.file, with_patches(old.raw, found), path=path)
    folders = [Path(d.info.file).parent for d in portal.documents]
    return document(
        source,
        Files(roots=folders),
        legacy=old.info.legacy,
        domain=old.info.domain,
        validate=False,
    )


def with_patches(raw: Any, found: Iterable[Finding]) -> Any:
    """A document's content with the patches that fit."""
    sequencer = Sequencer(raw)
    for finding in found:
        try:
            sequencer.accept(finding.patch, sequencer.operations(finding.patch))
        except Unplaced:
            continue
    return sequencer.current
