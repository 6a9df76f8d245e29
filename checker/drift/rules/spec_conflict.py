"""The rule `spec-conflict`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from checker.domain.finding import Finding, FindingField, Severity
from checker.domain.location import Location
from checker.domain.observation import ObservedContract
from checker.domain.operation import Operation, OperationId
from checker.domain.portal import Document, Portal
from checker.drift.compare import Change, Differ
from checker.drift.compare.moves import renamed
from checker.drift.compare.patches import enum_patch, required_patch, type_patch
from checker.drift.compare.paths import Route, route
from checker.drift.compare.portals import merge
from checker.drift.compare.sameness import lookup
from checker.drift.compare.sides import CURRENT, LEGACY, follows
from checker.drift.compare.words import shown, subject
from checker.drift.rule import Rule
from checker.drift.rules.operation_dropped import served
from checker.drift.rules.status_undocumented import phrase_of

_FACTS = {
    "required-added": "required",
    "required-removed": "required",
    "parameter-added": "required",
    "parameter-removed": "required",
    "field-added": "required",
    "field-removed": "required",
    "type-changed": "type",
    "enum-added": "enum",
    "enum-removed": "enum",
    "enum-value-added": "enum",
    "enum-value-removed": "enum",
    "status-added": "status",
    "status-removed": "status",
    "security-added": "token",
    "security-removed": "token",
    "security-changed": "token",
    "security-alternative-added": "token",
    "security-alternative-removed": "token",
    "token-added": "token",
    "token-removed": "token",
}


@dataclass(frozen=True, slots=True)
class Conflict:
    """One fact that legacy and current document tell differently; values as JSON."""

    fact: str
    change: Change
    legacy: Any
    current: Any


class SpecConflict(Rule):
    """Two documents describe the same operation differently.

    ## What it does

    Compares every legacy operation with the current one of the same method and path, and so two
    current documents of one API: what is required, types, enums, statuses, tokens, and the path
    itself. One finding per fact. With a
    live API the finding says which side the server follows, where an experiment has shown it.

    ## Why it matters

    Both documents are published. A client written after the wrong one fails.

    ## Example

    `type` has the enum `a, b` in the legacy document and `a, b, c` in the current one.

    ## Fix

    Make both say what the server does. Where a run has shown which side is right, the patch
    changes the other; else nothing is changed by itself.
    """

    id = "spec-conflict"
    severity = Severity.MAJOR
    summary = "Legacy and current document the same operation differently."
    decided = False
    unpatched = "nothing has shown which of the documents is right"

    def check_documents(
        self, portal: Portal, observed: Mapping[OperationId, ObservedContract]
    ) -> Iterable[Finding]:
        current: dict[Route, tuple[Operation, Document]] = {}
        for document in portal.documents:
            if not document.info.legacy:
                for operation in document.operations:
                    current.setdefault(route(operation.id), (operation, document))
        documents = {d.info.file: d for d in portal.documents}
        differ = Differ()
        for conflict in conflicts(merge(_among_current(portal, current, differ))):
            yield self._finding(conflict, observed, documents, ("one", "other"))
        for document in portal.documents:
            if not document.info.legacy:
                continue
            changes: list[Change] = []
            for operation in document.operations:
                match = current.get(route(operation.id))
                if match is not None:
                    changes += differ.compare((operation, document), match)
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
        patch = _patch(conflict, side, right, wrong, documents) if side else ()
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
    for document in portal.documents:
        if document.info.legacy:
            continue
        for operation in document.operations:
            match = first[route(operation.id)]
            if match[1] is not document and _one_api(match[1], document):
                yield from differ.compare(match, (operation, document))


def _one_api(one: Document, two: Document) -> bool:
    """Whether equal routes of two documents are one operation: equal paths of two services that
    stand side by side aren't."""
    same = [side.info for side in (one, two)]
    if same[0].domain != same[1].domain or _hosts(one) != _hosts(two):
        return False
    return same[0].title == same[1].title or bool(same[0].base_path and same[1].base_path)


def _hosts(document: Document) -> set[str]:
    host, servers = document.raw.get("host"), document.raw.get("servers")
    listed = servers if isinstance(servers, list) else ()
    urls = {str(s.get("url")).rstrip("/") for s in listed if isinstance(s, Mapping)}
    return {str(host)} if host else {u for u in urls if "//" in u}


def conflicts(changes: Iterable[Change]) -> Iterator[Conflict]:
    """One conflict per fact: an enum's added and removed values, all token types together."""
    found: dict[Any, Conflict] = {}
    for change in changes:
        fact = _FACTS.get(change.kind)
        if (
            fact is None
            or change.hidden
            or (fact == "status" and change.status.lower() == "default")
        ):
            continue
        if fact == "required" and not _matters(change):
            continue
        legacy, current = _values(change)
        name = "" if fact == "token" else change.name
        token = change.kind.partition("-")[0] if fact == "token" else ""
        status = change.status if fact == "status" else (change.status, change.direction)
        key = (fact, token, change.operation, change.place, name, status)
        if key in found:
            first = found[key]
            legacy, current = _joined(first.legacy, legacy), _joined(first.current, current)
            found[key] = Conflict(fact, first.change, legacy, current)
        else:
            found[key] = Conflict(fact, change, legacy, current)
    yield from found.values()


def _matters(change: Change) -> bool:
    """Requiredness of the whole body is spelled too differently; a field that one side lacks
    matters where the other side demands it.
    """
    if change.kind in ("required-added", "required-removed"):
        return bool(change.name)
    given = change.new if change.new is not None else change.old
    return change.direction == "request" and bool(given and given.get("required"))


def _values(change: Change) -> tuple[Any, Any]:
    """What legacy and current say of the fact."""
    match change.kind:
        case "parameter-added" | "field-added":
            return None, True
        case "parameter-removed" | "field-removed":
            return True, None
        case "enum-value-added" | "enum-value-removed":
            return change.whole or (change.old, change.new)
        case (
            "token-added"
            | "token-removed"
            | "security-alternative-added"
            | ("security-alternative-removed")
        ):
            old = [change.old] if change.old is not None else []
            new = [change.new] if change.new is not None else []
            return old, new
        case _:
            return change.old, change.new


def _joined(one: Any, two: Any) -> Any:
    if isinstance(one, list) and isinstance(two, list):
        return one + [value for value in two if value not in one]
    return one if one is not None else two


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


def _patch(
    conflict: Conflict,
    side: str,
    right: Any,
    wrong: Location | None,
    documents: Mapping[str, Document],
) -> tuple[Mapping[str, Any], ...]:
    """The mechanical ones: requiredness, enum and type of what both documents have."""
    document = documents.get(wrong.file) if wrong is not None else None
    if wrong is None or document is None:
        return ()
    change = conflict.change
    if conflict.fact == "status":
        return _status_patch(change, right, wrong, documents)
    if change.direction != "request":
        return ()
    if conflict.fact == "required" and isinstance(right, bool) and change.kind.startswith("req"):
        return required_patch(document.raw, wrong, change.name, change.place == "body", right)
    if change.kind == "field-added" and right and wrong == change.old_location:
        return _field_patch(change, wrong, documents)
    if conflict.fact == "enum":
        return enum_patch(document.raw, wrong, right)
    if conflict.fact == "type" and right is not None:
        return type_patch(document.raw, wrong, right)
    return ()


def _status_patch(
    change: Change, right: Any, wrong: Location, documents: Mapping[str, Document]
) -> tuple[Mapping[str, Any], ...]:
    """The response of the document that has it, for the one that hasn't: its description, and
    nothing that could mean something else there."""
    other = change.new_location if wrong == change.old_location else change.old_location
    place = _responses(wrong.pointer)
    if right is None or other is None or place is None:
        return ()
    responses = lookup(documents[wrong.file].raw, place)
    model = lookup(documents[other.file].raw, other.pointer) if other.file in documents else None
    words = model.get("description") if isinstance(model, Mapping) else None
    if not isinstance(responses, Mapping) or "$ref" in responses or change.status in responses:
        return ()
    usual = phrase_of(int(change.status)) if change.status.isdigit() else change.status
    value = {"description": words if isinstance(words, str) and words else usual}
    return ({"op": "add", "path": f"{place}/{change.status}", "value": value},)


def _responses(pointer: str) -> str | None:
    """The responses of the operation that a place belongs to."""
    parts = pointer.split("/")
    return "/".join([*parts[:4], "responses"]) if parts[1:2] == ["paths"] and parts[3:] else None


def _field_patch(
    change: Change, properties: Location, documents: Mapping[str, Document]
) -> tuple[Mapping[str, Any], ...]:
    """A required field of the other document, for the properties of one that hasn't it: its type
    and words, which mean the same in every dialect."""
    other = change.new_location
    model = lookup(documents[other.file].raw, other.pointer) if other is not None else None
    raw = documents[properties.file].raw
    owner = properties.pointer.removesuffix("/properties")
    leaf = change.name.rpartition(".")[2]
    known = lookup(raw, properties.pointer)
    if not isinstance(model, Mapping) or model.get("type") not in _PLAIN or "[]" in leaf:
        return ()
    if not isinstance(known, Mapping) or leaf in known or "$ref" in known:
        return ()
    value = {name: model[name] for name in ("type", "format", "description") if name in model}
    place = properties.child(leaf).pointer
    return (
        {"op": "add", "path": place, "value": value},
        {"op": "add", "path": f"{owner}/required/-", "value": leaf},
    )


_PLAIN = ("string", "integer", "number", "boolean")
