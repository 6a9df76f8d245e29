"""Patches for what no schema can say: a sentence where readers see it. Pure.

The sentence goes into the field's own description where nobody else has the field from there,
else into those of the operations. Beside it stands, in the operation's `x-driftcheck`, what it
tells, so that the next run knows whatever becomes of the words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from checker.domain.finding import Finding
from checker.domain.operation import Field, FieldKey, Operation, Place
from checker.domain.portal import Document, Portal
from checker.drift.build import EXTENSION, with_sentence
from checker.drift.compare.sameness import lookup
from checker.ranking.fingerprint import is_own_place
from checker.ranking.users import References

TOLD = "told"
Step = Mapping[str, Any]


def untold(findings: Iterable[Finding], portal: Portal) -> list[Finding]:
    """The findings without those that an operation's extension says are told already."""
    known: dict[str, set[tuple[str, str]]] = {}
    for operation in portal.operations():
        extension = operation.extensions.get(EXTENSION)
        told = extension.get(TOLD) if isinstance(extension, Mapping) else None
        for rule, labels in told.items() if isinstance(told, Mapping) else ():
            for label in labels if isinstance(labels, list) else ():
                known.setdefault(str(operation.id), set()).add((str(rule), str(label)))
    return [f for f in findings if (f.rule, _label(f)) not in known.get(f.operation, ())]


def worded(findings: Iterable[Finding], portal: Portal) -> tuple[Finding, ...]:
    """The findings, with patches of descriptions where they have words and no other patch."""
    writer = _Writer(portal)
    return tuple(
        f.with_(patch=tuple(writer.patch(f))) if f.words is not None and not f.patch else f
        for f in findings
    )


def _label(finding: Finding) -> str:
    """What a finding is about, as the extension names it."""
    parts = (finding.field.place, finding.field.name, finding.identity)
    return " ".join(part for part in parts if part)


class _Writer:
    def __init__(self, portal: Portal) -> None:
        self._documents = {d.info.file: d for d in portal.documents}
        self._references: dict[str, References] = {}

    def patch(self, finding: Finding) -> list[Step]:
        """Steps in the finding's own file; empty where its operations stand elsewhere."""
        file = finding.source.file if finding.source is not None else ""
        document = self._documents.get(file)
        names = {finding.operation, *finding.also_operations}
        operations = [o for o in document.operations if str(o.id) in names] if document else []
        if document is None or not operations:
            return []
        assert finding.words is not None
        field = _field(operations[0], finding)
        mine = field is not None and self._is_own(document, field, names)
        if field is not None and mine and finding.words.drop:
            return list(_dropped(document.raw, field))
        if field is not None and mine and finding.words.own:
            steps = _described(document.raw, field.location.pointer, finding.words.own)
        else:
            steps = [
                step
                for operation in operations
                for step in _described(
                    document.raw, operation.location.pointer, finding.words.whole
                )
            ]
        told = [s for o in operations for s in noted(document.raw, o, finding)]
        return [*steps, *told] if steps else []

    def _is_own(self, document: Document, field: Field, names: set[str]) -> bool:
        """Whether no other operation, and no answer, has the field from the same place."""
        place = field.location
        node = lookup(document.raw, place.pointer) if place.file == document.info.file else None
        if not isinstance(node, Mapping) or "$ref" in node or field.variant:
            return False
        if is_own_place(place.pointer):
            return True
        file = document.info.file
        users = self._references.setdefault(file, References(document)).users_of(place.pointer)
        return not users.answers and {str(o.id) for o in users.requests} <= names


def _field(operation: Operation, finding: Finding) -> Field | None:
    try:
        place = Place(finding.field.place)
    except ValueError:
        return None
    return operation.fields.get(FieldKey(place, finding.field.name))


def _described(raw: Any, place: str, sentence: str) -> list[Step]:
    """The sentence at the end of the description of what stands at a place."""
    node = lookup(raw, place)
    if not isinstance(node, Mapping):
        return []
    old = node.get("description")
    text = with_sentence(old if isinstance(old, str) else "", sentence)
    return [{"op": "add", "path": f"{place}/description", "value": text}]


def noted(raw: Any, operation: Operation, finding: Finding) -> list[Step]:
    """What is told, in the operation's extension."""
    base = operation.location.pointer
    node = lookup(raw, base)
    if not isinstance(node, Mapping) or not is_own_place(base):
        return []
    extension = node.get(EXTENSION)
    known = dict(extension) if isinstance(extension, Mapping) else {}
    told = known.get(TOLD)
    told = dict(told) if isinstance(told, Mapping) else {}
    labels = told.get(finding.rule)
    told[finding.rule] = [*(labels if isinstance(labels, list) else ()), _label(finding)]
    return [{"op": "add", "path": f"{base}/{EXTENSION}", "value": {**known, TOLD: told}}]


def _dropped(raw: Any, field: Field) -> Iterator[Step]:
    """The field taken out, and its name out of the list of the required ones."""
    pointer = field.location.pointer
    yield {"op": "remove", "path": pointer}
    owner, _, name = pointer.rpartition("/properties/")
    required = lookup(raw, f"{owner}/required") if owner else None
    leaf = name.replace("~1", "/").replace("~0", "~")
    if isinstance(required, list) and leaf in required:
        yield {"op": "remove", "path": f"{owner}/required/{required.index(leaf)}"}
