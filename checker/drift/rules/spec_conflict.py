"""The rule `spec-conflict`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from checker.domain.finding import Finding, FindingField, Severity
from checker.domain.observation import ObservedContract
from checker.domain.operation import Operation, OperationId
from checker.domain.portal import Document, Portal
from checker.drift.compare import Change, Differ
from checker.drift.compare.conflicts import Conflict, conflicts
from checker.drift.compare.editions import Editions, hosts
from checker.drift.compare.paths import Route, route
from checker.drift.compare.portals import merge
from checker.drift.compare.renamed_operations import renamed
from checker.drift.compare.security import carried_alike
from checker.drift.compare.sides import CURRENT, LEGACY, follows
from checker.drift.compare.words import shown, subject
from checker.drift.conflict_patches import conflict_patch
from checker.drift.origin import ANY_ANSWER
from checker.drift.rule import Rule
from checker.drift.rules.operation_dropped import served


def _documents(portal: Portal, *, legacy: bool) -> list[Document]:
    return [document for document in portal.documents if document.info.legacy is legacy]


class SpecConflict(Rule):
    """Two documents describe the same operation differently.

    ## What it does

    Compares every legacy operation with the current one of the same method and path, and so two
    current documents of one API: what is required, types, enums, statuses, tokens, and the path
    itself. One finding per fact; schemes whose tokens travel in the same header are no
    difference. With a live API the finding says which side the server follows, where an
    experiment has shown it.

    ## Why it matters

    Both documents are published. A client written after the wrong one fails.

    ## Example

    `type` has the enum `a, b` in the legacy document and `a, b, c` in the current one.

    ## Fix

    Make both say what the server does. Where a run has shown which side is right, the patch
    changes the other; else nothing is changed by itself.
    """

    id = "spec-conflict"
    origin = ANY_ANSWER
    severity = Severity.MAJOR
    summary = "Legacy and current document the same operation differently."
    decided = False
    unpatched = "nothing has shown which of the documents is right"

    def check_documents(
        self, portal: Portal, observed: Mapping[OperationId, ObservedContract]
    ) -> Iterable[Finding]:
        current: dict[Route, tuple[Operation, Document]] = {}
        for document in _documents(portal, legacy=False):
            for operation in document.operations:
                current.setdefault(route(operation.id), (operation, document))
        documents = {d.info.file: d for d in portal.documents}
        differ = Differ()
        for conflict in conflicts(merge(_among_current(portal, current, differ))):
            yield self._finding(conflict, observed, documents, ("one", "other"))
        for document in _documents(portal, legacy=True):
            changes: list[Change] = []
            for operation in document.operations:
                match = current.get(route(operation.id))
                if match is not None:
                    changes += _contradicting((operation, document), match, differ)
            for conflict in conflicts(merge(changes)):
                yield self._finding(conflict, observed, documents)
        for old, new in renamed(portal):
            yield self._path(old, new, observed)

    def _finding(
        self,
        conflict: Conflict,
        observed: Mapping[OperationId, ObservedContract],
        documents: Mapping[str, Document],
        names: tuple[str, str] = (LEGACY, CURRENT),
    ) -> Finding:
        """`names` are what the two documents are called in words."""
        change = conflict.change
        contract = _contract(change.operation, observed)
        side = follows(conflict.fact, change, conflict.legacy, conflict.current, contract)
        wrong = change.old_location if side == CURRENT else change.new_location
        other = change.new_location if side == CURRENT else change.old_location
        right = conflict.current if side == CURRENT else conflict.legacy
        files = [
            place.file if place else "?" for place in (change.old_location, change.new_location)
        ]
        what = _subject(conflict)
        issue = (
            f"{what}: the {names[0]} document ({files[0]}) says "
            f"{_said(conflict.fact, conflict.legacy)}"
            f", the {names[1]} one ({files[1]}) {_said(conflict.fact, conflict.current)}."
        )
        if side:
            right_name, wrong_name = names if side == LEGACY else names[::-1]
            issue += f" The server follows the {right_name} document."
            fix = f"Correct the {wrong_name} document: {what}: {_said(conflict.fact, right)}."
        else:
            fix = (
                f"Say {_said(conflict.fact, conflict.legacy)} in the {names[1]} document, too, or "
                f"{_said(conflict.fact, conflict.current)} in the {names[0]} one."
            )
        patch = conflict_patch(conflict, right, wrong, documents) if side else ()
        number = int(change.status) if change.status.isdigit() else None
        return Finding(
            rule=self.id,
            severity=self.severity,
            operation=str(change.operation),
            also_operations=tuple(str(o) for o in change.operations if o != change.operation),
            field=FindingField(change.place, _name(change), number),
            documented={names[0]: conflict.legacy, names[1]: conflict.current},
            observed={"follows": side, "value": right} if side else None,
            issue=issue,
            suggested_fix=fix,
            source=wrong,
            related=tuple(place for place in (other,) if place is not None),
            patch=patch,
            named_at=change.new_location or change.old_location,
            identity=f"status {change.status}" if conflict.fact == "status" else conflict.fact,
        )

    def _path(
        self, old: Operation, new: Operation, observed: Mapping[OperationId, ObservedContract]
    ) -> Finding:
        live = [served(o.id, observed) for o in (old, new)]
        side = (LEGACY if live[0] else CURRENT) if live[0] != live[1] else ""
        issue = (
            f"The legacy document ({old.document.file}) has the operation as {old.id}, the current "
            f"one ({new.document.file}) as {new.id}."
        )
        if side:
            right = old.id if side == LEGACY else new.id
            issue += f" The server follows the {side} document."
            fix = f"Use the path {right.path} in both documents."
        else:
            fix = f"Use one path in both documents: `{new.id.path}` or `{old.id.path}`."
        wrong, other = (old, new) if side == CURRENT else (new, old)
        return Finding(
            rule=self.id,
            severity=self.severity,
            operation=str(new.id),
            also_operations=(str(old.id),),
            field=FindingField("operation"),
            documented={"legacy": old.id.path, "current": new.id.path},
            observed={"follows": side} if side else None,
            issue=issue,
            suggested_fix=fix,
            source=wrong.location,
            related=(other.location,),
            named_at=new.location,
            identity="path",
        )


def _among_current(
    portal: Portal, first: Mapping[Route, tuple[Operation, Document]], differ: Differ
) -> Iterator[Change]:
    """What current documents of one API say differently of one operation."""
    editions = Editions(portal)
    for document in portal.documents:
        if document.info.legacy:
            continue
        for operation in document.operations:
            match = first[route(operation.id)]
            if match[1] is document or editions.are(match[1], document):
                continue
            if _one_api(match[1], document):
                yield from _contradicting(match, (operation, document), differ)


def _contradicting(
    one: tuple[Operation, Document], two: tuple[Operation, Document], differ: Differ
) -> Iterator[Change]:
    """What two documents say differently of an operation. Another word for the same header is
    no contradiction, and neither are token types that the words of one document alone name."""
    silent: list[str] = []
    if carried_alike(one[0], two[0]):
        silent.append("security-")
    if not (one[0].security.described and two[0].security.described):
        silent.append("token-")
    for change in differ.compare(one, two):
        if not change.kind.startswith(tuple(silent)):
            yield change


def _one_api(one: Document, two: Document) -> bool:
    """Whether equal routes of two documents are one operation: equal paths of two services that
    stand side by side aren't, and many are called "API" alike."""
    same = [side.info for side in (one, two)]
    if same[0].domain != same[1].domain or hosts(one) != hosts(two):
        return False
    named = same[0].title == same[1].title and bool(hosts(one))
    return named or bool(same[0].base_path and same[1].base_path)


def _name(change: Change) -> str:
    return "" if change.kind.startswith("token-") else change.name


def _subject(conflict: Conflict) -> str:
    change = conflict.change
    if conflict.fact == "token":
        return "What it takes to be let in"
    if conflict.fact == "status":
        return f"Response status {change.status}"
    text = subject(change)
    words = {"required": "", "type": "the type of ", "enum": "the enum values of "}
    text = words[conflict.fact] + text
    return text[:1].upper() + text[1:]


def _said(fact: str, value: Any) -> str:
    if fact == "required":
        return {True: "required", False: "optional", None: "nothing of it"}[value]
    if fact == "status":
        return "nothing of it" if value is None else "it can be answered"
    if value in (None, []):
        return "nothing"
    return shown(value)


def _contract(
    operation: OperationId, observed: Mapping[OperationId, ObservedContract]
) -> ObservedContract | None:
    if operation in observed:
        return observed[operation]
    key = route(operation)
    return next((c for o, c in observed.items() if route(o) == key), None)
