"""What patches make wrong beside what they mend: examples and words that stated the old fact.

A patched document is compared with its own examples and descriptions once more. What is told then
and wasn't before follows from a patch, which gets what mends it, too: an example that lacks a field
that is required now, a sentence that names the default that was, or token types that are named of
all other operations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import Any

from checker.domain.finding import Finding
from checker.domain.nodes import mapping_of
from checker.domain.observation import ObservedContract
from checker.domain.operation import OperationId
from checker.domain.portal import Document, Portal
from checker.drift.compare.restated_values import restated
from checker.drift.compare.sameness import lookup
from checker.drift.rules.description_conflict import DescriptionConflict
from checker.drift.rules.example_invalid import ExampleInvalid
from checker.drift.rules.token_undocumented_in_spec import TokenUndocumentedInSpec
from checker.fixing import by_file
from checker.fixing.folding import folded
from checker.fixing.sealed import sealed
from checker.pipeline.patching.patched import patched

Observed = Mapping[OperationId, ObservedContract]
Step = Mapping[str, Any]
_BY_OPERATION = (ExampleInvalid(), DescriptionConflict())
_BY_DOCUMENT = TokenUndocumentedInSpec()
MOST_TRIED = 60
"""Patches of one document that are tried alone, to see which of them brings something."""


def followed(findings: Sequence[Finding], portal: Portal, observed: Observed) -> list[Finding]:
    """The findings, with patches that take along what would contradict them."""
    more: dict[int, list[Step]] = {}
    patches = by_file(findings)
    for document in portal.documents:
        mine = patches.get(document.info.file, [])
        if mine:
            for number, steps in _brought(document, mine, portal, observed):
                more.setdefault(number, []).extend(steps)
    return [_longer(f, more.get(id(f), []), portal) for f in findings]


def _brought(
    document: Document, mine: Sequence[Finding], portal: Portal, observed: Observed
) -> Iterator[tuple[int, list[Step]]]:
    """For each finding whose patch brings something, what mends that."""
    tried = _bringing(document, mine, portal, observed)[:MOST_TRIED]
    known = {_named(f) for f in _told(document, observed)} if tried else set()
    for finding in tried:
        alone = patched(document, {document.info.file: [finding]}, portal)
        found = [f for f in _told(alone, observed) if _named(f) not in known]
        steps = [step for f in found for step in _mending(f, alone)]
        if steps:
            yield id(finding), steps


def _bringing(
    document: Document, mine: Sequence[Finding], portal: Portal, observed: Observed
) -> list[Finding]:
    """The findings in whose operations something is told when all patches are in. Only those
    operations are looked at: it costs a part of the whole, and mostly nothing is brought."""
    about = {name for finding in mine for name in _operations(finding)}
    known = {_named(f) for f in _told(document, observed, about)}
    after = patched(document, {document.info.file: mine}, portal)
    new = [f for f in _told(after, observed, about) if _named(f) not in known]
    named = {name for finding in new for name in _operations(finding)}
    return [f for f in mine if named & _operations(f)]


def _told(document: Document, observed: Observed, about: Set[str] | None = None) -> list[Finding]:
    """What a document tells against itself, of some operations alone where they are given; the
    token types that are named of all others are those of the whole document."""
    shown = document.operations
    if about is not None:
        shown = tuple(o for o in shown if str(o.id) in about)
    part, whole = Portal((replace(document, operations=shown),)), Portal((document,))
    told = [f for rule in _BY_OPERATION for f in rule.check_documents(part, observed)]
    return [*told, *_BY_DOCUMENT.check_documents(whole, observed)]


def _named(finding: Finding) -> tuple[Any, ...]:
    return finding.rule, finding.source, finding.identity


def _operations(finding: Finding) -> set[str]:
    return {finding.operation, *finding.also_operations}


def _mending(found: Finding, document: Document) -> Sequence[Step]:
    """What mends something that a patch has made wrong: the patch is right."""
    if found.patch or found.rule != DescriptionConflict.id or found.source is None:
        return found.patch
    place = found.source.child("description").pointer
    text = lookup(document.raw, place)
    said = mapping_of(found.documented)
    if not isinstance(text, str) or "words" not in said:
        return ()
    better = restated(text, said["words"], said["schema"])
    return [{"op": "replace", "path": place, "value": better}] if better else ()


def _longer(finding: Finding, steps: Sequence[Step], portal: Portal) -> Finding:
    """A finding with more steps, where they fit the document as it is."""
    if not steps:
        return finding
    whole = folded([*finding.patch, *steps])
    (longer,) = sealed([finding.with_(patch=whole)], portal)
    return longer if longer.patch else finding
