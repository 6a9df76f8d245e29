"""What the response rules share: evidence, shares, words that document, schemas in dialects."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from checker.domain.finding import Evidence, Finding, FindingField, Severity, Verdict
from checker.domain.location import Location
from checker.domain.nodes import member_of
from checker.domain.operation import Operation
from checker.domain.schema import MISSING, Schema
from checker.drift.compare.sameness import lookup
from checker.drift.rule import Case
from checker.inference.responses import ResponseFact

Patch = tuple[Mapping[str, Any], ...]


def response_finding(
    rule: str,
    severity: Severity,
    case: Case,
    fact: ResponseFact,
    *,
    issue: str,
    fix: str,
    patch: Patch = (),
    identity: str = "",
) -> Finding:
    """A finding about a response with a fact's place, evidence and values."""
    return Finding(
        rule=rule,
        severity=severity,
        operation=str(case.operation),
        field=FindingField("response", fact.name, fact.status),
        issue=issue,
        suggested_fix=fix,
        documented=fact.documented,
        observed=fact.observed,
        source=fact.location,
        patch=patch if fact.location.file else (),
        evidence=evidence(fact),
        identity=identity,
    )


def evidence(fact: ResponseFact) -> tuple[Evidence, ...]:
    """The answers that show a fact."""
    return tuple(
        Evidence("control" if verdict is Verdict.ACCEPTED else "probe", exchange, verdict)
        for exchange, verdict in fact.exchanges
    )


def answers(fact: ResponseFact) -> str:
    """Which answers, in words: "the 200 response", "the responses 400 and 404"."""
    if len(fact.statuses) < 2:
        return f"the {fact.status} response"
    return "the responses " + listed(fact.statuses)


def only_adds(patch: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a patch leaves what is documented: what never came may come at another time."""
    return all(step["op"] not in ("move", "remove") for step in patch)


def share(fact: ResponseFact) -> str:
    """How it was seen: "all 7 responses that could show it", "3 of 7 (43 %)"."""
    if fact.seen >= fact.out_of:
        return f"in all {fact.out_of} responses seen"
    return f"in {fact.seen} of {fact.out_of} responses seen ({fact.seen / fact.out_of:.0%})"


def field_name(fact: ResponseFact) -> str:
    """The field in words; the body itself has no name."""
    return f"`{fact.name}`" if fact.name else "the body"


def listed(values: Any, limit: int = 12) -> str:
    """Values as a list in words: "`a`, `b` and `c`"."""
    shown = [f"`{v}`" if isinstance(v, str) else f"`{_literal(v)}`" for v in values]
    if len(shown) > limit:
        shown = [*shown[:limit], f"{len(shown) - limit} more"]
    return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + " and " + shown[-1]


def _literal(value: Any) -> str:
    return (
        {None: "null", True: "true", False: "false"}.get(value, str(value))
        if (value is None or isinstance(value, bool))
        else str(value)
    )


def status_in_words(case: Case, operation: Operation, status: int) -> bool:
    """Whether prose documents a status: the operation's own words, pages, facts of pages."""
    number = re.compile(rf"(?<![\w./-]){status}(?![\w/-])")
    if number.search(operation.text) or number.search(case.words):
        return True
    for page in case.portal.pages:
        for fact in page.facts:
            mine = not fact.scope or case.operation in fact.scope
            if fact.kind == "status" and mine and number.search(f"{fact.name} {fact.value}"):
                return True
    return False


def field_in_words(case: Case, fact: ResponseFact) -> bool:
    """Whether prose documents a response field: the response's words, facts of pages."""
    leaf = fact.name.rpartition(".")[2].removesuffix("[]")
    response = fact.response
    quoted = re.compile(rf"[`'\"“*]{re.escape(leaf)}[`'\"”*]")
    if response is not None and quoted.search(response.description):
        return True
    if fact.owner is not None and quoted.search(fact.owner.description):
        return True
    facts = chain.from_iterable(page.facts for page in case.portal.pages)
    return any(
        (told.kind, told.direction) == ("field", "response")
        and told.name in (fact.name, leaf)
        and case.operation in (told.scope or (case.operation,))
        for told in facts
    )


def modern(operation: Operation) -> bool:
    """Whether the dialect has JSON Schema's own type lists (3.1 and later)."""
    return operation.document.dialect not in ("2.0", "3.0")


def schema_of(values: Any, operation: Operation) -> dict[str, Any]:
    """A schema for observed JSON type names (one or a list), in the document's dialect."""
    names = [values] if isinstance(values, str) else list(values)
    kinds = [n for n in names if n != "null"]
    if "number" in kinds and "integer" in kinds:
        kinds.remove("integer")
    made: dict[str, Any] = {}
    if len(kinds) == 1:
        made["type"] = kinds[0]
        if kinds[0] == "array":
            made["items"] = {}
    elif len(kinds) > 1 and modern(operation):
        made["type"] = kinds
    if "null" in names and modern(operation):
        made["type"] = [*kinds, "null"] if kinds else "null"
    elif "null" in names and kinds:
        made["nullable" if operation.document.dialect == "3.0" else "x-nullable"] = True
    return made


def raw_at(case: Case, location: Location) -> Any:
    """The document's own node at a place; MISSING where the document isn't at hand."""
    for document in case.portal.documents:
        if document.info.file != location.file:
            continue
        return lookup(document.raw, location.pointer)
    return MISSING


def property_slot(owner: Schema, name: str) -> Location | None:
    """Where a new property of an object belongs; None where that isn't plain.

    An object that is an `allOf` takes it in its last inline part.
    """
    if isinstance(owner.raw.get("properties"), Mapping):
        return owner.location.child("properties", name)
    parts = owner.raw.get("allOf")
    if isinstance(parts, list):
        for number in reversed(range(len(parts))):
            part = parts[number]
            if isinstance(part, Mapping) and isinstance(part.get("properties"), Mapping):
                return owner.location.child("allOf", number, "properties", name)
    return None


def required_slot(owner: Schema, name: str) -> tuple[Location, list[Any]] | None:
    """The place of the `required` list that names a field, and the list; None if unknown."""
    spots: list[tuple[Location, Any]] = [(owner.location, owner.raw)]
    parts = owner.raw.get("allOf")
    if isinstance(parts, list):
        spots += [(owner.location.child("allOf", n), part) for n, part in enumerate(parts)]
    for location, raw in spots:
        names = member_of(raw, "required")
        if isinstance(names, list) and name in names:
            return location.child("required"), names
    return None
