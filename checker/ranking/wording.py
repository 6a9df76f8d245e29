"""Patches for what no schema can say: a sentence where readers see it. Pure.

The sentence goes into the field's own description where nobody else has the field from there,
else into those of the operations. A finding whose sentence stands there is told no more. Who puts
it into other words, or another language, can note in the operation's `x-driftcheck` what it tells
(`told`: rule → places); nothing of the tool's own is put into a document.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from checker.domain.finding import Finding
from checker.domain.nodes import list_of, mapping_of, member_of
from checker.domain.operation import Field, FieldKey, Operation, Place
from checker.domain.pointer import unescape
from checker.domain.portal import Document, Portal
from checker.drift.build import EXTENSION, with_sentence
from checker.drift.compare.sameness import lookup
from checker.ranking.fingerprint import is_own_place
from checker.ranking.users import References

TOLD = "told"
_CODE = re.compile(r"`[^`]*`")
Step = Mapping[str, Any]


def untold(findings: Iterable[Finding], portal: Portal) -> list[Finding]:
    """The findings without those that are told already: their own sentence stands in its place,
    or an operation's extension says so."""
    findings = list(findings)
    if not findings:  # mostly, where it is asked after each operation
        return []
    named = {f.operation for f in findings}
    known: dict[str, set[tuple[str, str]]] = {}
    operations: dict[str, list[Operation]] = {}
    for operation in portal.operations():
        if str(operation.id) not in named:
            continue
        operations.setdefault(str(operation.id), []).append(operation)
        extension = operation.extensions.get(EXTENSION)
        told = member_of(extension, TOLD)
        for rule, labels in mapping_of(told).items():
            for label in list_of(labels):
                known.setdefault(str(operation.id), set()).add((str(rule), str(label)))
    return [
        f
        for f in findings
        if (f.rule, _label(f)) not in known.get(f.operation, ())
        and not any(_stands(f, operation) for operation in operations.get(f.operation, ()))
    ]


def _stands(finding: Finding, operation: Operation) -> bool:
    """Whether a finding's sentence is where its patch has put it; what it names in code may be
    another thing by now, in the field's own description."""
    document, file = operation.document, finding.source.file if finding.source else ""
    if finding.words is None or (document.legacy and document.file != file):
        return False
    field = _field(operation, finding)
    own = "" if field is None else f"{field.description} {field.schema.description}"
    if field is not None and finding.words.own and _shape(finding.words.own) in _shape(own):
        return True
    whole = _plain(finding.words.whole)
    return bool(whole) and whole in _plain(operation.description)


def _shape(text: str) -> str:
    return _CODE.sub("``", _plain(text))


def _plain(text: str) -> str:
    return " ".join(text.split())


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
        return steps

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


def _dropped(raw: Any, field: Field) -> Iterator[Step]:
    """The field taken out, and its name out of the list of the required ones."""
    pointer = field.location.pointer
    yield {"op": "remove", "path": pointer}
    owner, _, name = pointer.rpartition("/properties/")
    required = lookup(raw, f"{owner}/required") if owner else None
    leaf = unescape(name)
    if isinstance(required, list) and leaf in required:
        yield {"op": "remove", "path": f"{owner}/required/{required.index(leaf)}"}
