"""What makes one of two documents say what the other says: requiredness, enums, types, statuses,
who is let in, and required fields of what both have. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checker.domain.location import Location
from checker.domain.nodes import mapping_of, member_of, text_of
from checker.domain.pointer import escape
from checker.domain.portal import Document
from checker.domain.schema import MISSING
from checker.drift.compare import Change
from checker.drift.compare.conflicts import Conflict
from checker.drift.compare.patches import enum_patch, required_patch, type_patch
from checker.drift.compare.sameness import lookup
from checker.drift.usual_answers import phrase_of

_PLAIN = ("string", "integer", "number", "boolean")


def conflict_patch(
    conflict: Conflict,
    right: Any,
    wrong: Location | None,
    documents: Mapping[str, Document],
) -> tuple[Mapping[str, Any], ...]:
    """The JSON Patch of the document that is `wrong` (a place in it), by which it says what is
    `right`; empty where none is certain to mean the same there."""
    document = documents.get(wrong.file) if wrong is not None else None
    if wrong is None or document is None:
        return ()
    change = conflict.change
    if conflict.fact == "status":
        return _status_patch(change, right, wrong, documents)
    if conflict.fact == "token" and change.kind in ("security-added", "security-removed"):
        return _security_patch(change, right, wrong, documents)
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
    words = member_of(model, "description")
    if not isinstance(responses, Mapping) or {"$ref", change.status} & set(responses):
        return ()
    usual = phrase_of(int(change.status)) if change.status.isdigit() else change.status
    value: dict[str, Any] = {"description": text_of(words) or usual}
    if {"content", "schema"} & set(mapping_of(model)):
        value |= _body_of_all(responses, change.status)
    return ({"op": "add", "path": f"{place}/{change.status}", "value": value},)


def _security_patch(
    change: Change, right: Any, wrong: Location, documents: Mapping[str, Document]
) -> tuple[Mapping[str, Any], ...]:
    """What the other document demands of an operation, where all its schemes are the same ones."""
    other = change.new_location if wrong == change.old_location else change.old_location
    place = _operation(wrong.pointer)
    if right is None or other is None or other.file not in documents or place is None:
        return ()
    raw, model = documents[wrong.file].raw, documents[other.file].raw
    wanted = lookup(model, f"{_operation(other.pointer) or ''}/security")
    names = [n for one in wanted for n in one] if isinstance(wanted, list) else []
    if not names or any(_scheme(raw, n) is MISSING for n in names):
        return ()
    if any(_scheme(raw, n) != _scheme(model, n) for n in names):
        return ()
    return ({"op": "add", "path": f"{place}/security", "value": wanted},)


def _scheme(raw: Any, name: str) -> Any:
    places = ("/components/securitySchemes/", "/securityDefinitions/")
    known = (lookup(raw, place + escape(name)) for place in places)
    return next((node for node in known if node is not MISSING), MISSING)


def _body_of_all(responses: Mapping[str, Any], status: str) -> dict[str, Any]:
    """The body that all other refusals of an operation have, for another refusal; empty where they
    differ."""
    nodes = [n for s, n in responses.items() if str(s)[:1] in "45" and isinstance(n, Mapping)]
    bodies = [{k: v for k, v in node.items() if k in ("content", "schema")} for node in nodes]
    alike = bool(bodies) and status[:1] in "45" and all(body == bodies[0] for body in bodies)
    return bodies[0] if alike else {}


def _responses(pointer: str) -> str | None:
    """The responses of the operation that a place belongs to."""
    place = _operation(pointer)
    return f"{place}/responses" if place else None


def _operation(pointer: str) -> str | None:
    """The operation that a place belongs to."""
    parts = pointer.split("/")
    return "/".join(parts[:4]) if parts[1:2] == ["paths"] and parts[3:] else None


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
