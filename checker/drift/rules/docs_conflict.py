"""The rule `docs-conflict`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from checker.domain.finding import Finding, FindingField, Severity
from checker.domain.location import Location
from checker.domain.observation import ObservedContract
from checker.domain.operation import (
    MAX_DEPTH,
    DocumentedResponse,
    Operation,
    OperationId,
    flatten,
)
from checker.domain.portal import Page, Portal, ProseFact
from checker.domain.schema import Schema
from checker.drift.compare.paths import normalise
from checker.drift.compare.view import view
from checker.drift.rule import Rule


@dataclass(frozen=True, slots=True)
class Found:
    """A documented field that a prose fact speaks of."""

    operation: Operation
    place: str
    name: str
    required: bool
    schema: Schema
    location: Location
    status: int | None = None


class DocsConflict(Rule):
    """A prose page's table (fields, enums, endpoints, statuses) and the spec disagree.

    ## What it does

    Reads the tables of prose pages and compares them with the operations that the page names:
    endpoints that no document has, fields that the spec doesn't have or has with another type,
    requiredness or enum, statuses that the spec doesn't have. What a page doesn't say is no
    disagreement, and neither is an enum that only one of them lists.

    ## Why it matters

    People read the page, programs the spec. One of the two groups is misled.

    ## Example

    The page lists `POST /messages/web`; no document has it.

    ## Fix

    Correct the page or the spec, whichever is wrong: a live check tells.
    """

    id = "docs-conflict"
    severity = Severity.MAJOR
    summary = "A prose page's table and the spec disagree."

    def check_documents(
        self, portal: Portal, observed: Mapping[OperationId, ObservedContract]
    ) -> Iterable[Finding]:
        specs = _Specs(portal)
        if not specs.any:
            return
        for page in portal.pages:
            seen: set[Any] = set()
            for fact in page.facts:
                for finding in self._of(fact, page, specs):
                    key = (finding.operation, finding.field, finding.identity)
                    if key not in seen:
                        seen.add(key)
                        yield finding

    def _of(self, fact: ProseFact, page: Page, specs: _Specs) -> Iterator[Finding]:
        match fact.kind:
            case "endpoint":
                yield from self._endpoint(fact, page, specs)
            case "field" if fact.direction in ("request", "response"):
                yield from self._field(fact, page, specs)
            case "enum" if fact.direction in ("request", "response"):
                yield from self._enum(fact, page, specs)
            case "status":
                yield from self._status(fact, page, specs)

    def _endpoint(self, fact: ProseFact, page: Page, specs: _Specs) -> Iterator[Finding]:
        operation = OperationId.parse(str(fact.value))
        if specs.find(operation):
            return
        yield self._finding(
            (operation,),
            FindingField("operation"),
            fact,
            page,
            {"page": str(operation), "spec": None},
            f"{page.file} lists {operation}; no API document has it.",
            f"Document {operation} in the spec, or take it out of {page.file}.",
            "endpoint",
            None,
        )

    def _field(self, fact: ProseFact, page: Page, specs: _Specs) -> Iterator[Finding]:
        value = fact.value
        operations = specs.scope(fact)
        found = [f for o in operations if (f := find_field(o, fact)) is not None]
        name = str(value["name"])
        lacking = [o for o in operations if _closed_to(o, fact)]
        if not found and value["type"] and lacking and len(lacking) == len(operations):
            yield self._finding(
                tuple(o.id for o in lacking),
                FindingField("body" if fact.direction == "request" else "response", name),
                fact,
                page,
                {"page": _shown(value), "spec": None},
                f"{page.file} has the {fact.direction} field `{name}`; the spec doesn't.",
                f"Add `{name}` to the spec, or take it out of {page.file}.",
                "field",
                lacking[0].location,
            )
        for aspect in ("type", "required"):
            told = value[aspect]
            groups: dict[Any, list[Found]] = {}
            for one in found:
                said = _said(one, aspect)
                if told is not None and said is not None and not _agree(aspect, told, said):
                    groups.setdefault(str(said), []).append(one)
            for ones in groups.values():
                yield self._disagreement(fact, page, ones, aspect, told, _said(ones[0], aspect))

    def _enum(self, fact: ProseFact, page: Page, specs: _Specs) -> Iterator[Finding]:
        told = [str(v) for v in fact.value]
        groups: dict[Any, list[Found]] = {}
        union: set[str] = set()
        for operation in specs.scope(fact):
            one = find_field(operation, fact)
            enum = _enum_of(one.schema) if one is not None else None
            union |= {str(v) for v in enum or ()}
            if _agrees_elsewhere(operation, fact, set(told)):
                continue
            if one is not None and enum and {str(v) for v in enum} != set(told):
                groups.setdefault(tuple(str(v) for v in enum), []).append(one)
        if union == set(told):
            return  # A table of several operations: each has its share of the values.
        for spec_values, ones in groups.items():
            if not set(spec_values) & set(told) and len(groups) > 1:
                continue
            said = _enum_of(ones[0].schema)
            yield self._disagreement(fact, page, ones, "enum", list(fact.value), said)

    def _status(self, fact: ProseFact, page: Page, specs: _Specs) -> Iterator[Finding]:
        status = str(fact.value)
        operations = specs.scope(fact)
        if len(fact.scope) != 1:
            return
        for operation in operations:
            have = {r.status.upper() for r in operation.responses}
            if not have or have & {status, f"{status[0]}XX", "DEFAULT"}:
                continue
            yield self._finding(
                (operation.id,),
                FindingField("response", "", int(status)),
                fact,
                page,
                {"page": int(status), "spec": sorted(have)},
                f"{page.file} says that {operation.id} answers {status}; the spec doesn't.",
                f"Add the response {status} to the spec, or take it out of {page.file}.",
                f"status {status}",
                operation.location,
            )

    def _disagreement(
        self, fact: ProseFact, page: Page, ones: list[Found], aspect: str, told: Any, said: Any
    ) -> Finding:
        first = ones[0]
        about = {"type": "the type of ", "required": "", "enum": "the values of "}[aspect]
        issue = (
            f"For {about}`{first.name}`, {page.file} says {_words(told)}; "
            f"the spec says {_words(said)}."
        )
        return self._finding(
            tuple(one.operation.id for one in ones),
            FindingField(first.place, first.name, first.status),
            fact,
            page,
            {"page": told, "spec": said},
            issue,
            f"Find out which holds, and correct {page.file} or the spec.",
            aspect,
            first.location,
        )

    def _finding(
        self,
        operations: tuple[OperationId, ...],
        field: FindingField,
        fact: ProseFact,
        page: Page,
        documented: Any,
        issue: str,
        fix: str,
        identity: str,
        spec: Location | None,
    ) -> Finding:
        names = tuple(dict.fromkeys(str(o) for o in operations))
        return Finding(
            rule=self.id,
            severity=self.severity,
            operation=names[0],
            also_operations=names[1:],
            field=field,
            documented=documented,
            issue=issue,
            suggested_fix=fix,
            source=fact.location,
            related=(spec,) if spec is not None else (),
            identity=identity,
        )


class _Specs:
    """The portal's operations by method and path, with or without the base path."""

    def __init__(self, portal: Portal) -> None:
        self._index: dict[tuple[str, str], list[Operation]] = {}
        for legacy in (False, True):
            for operation in portal.operations(legacy=legacy):
                for path in {operation.id.path, operation.path_template}:
                    key = (operation.id.method, normalise(path))
                    self._index.setdefault(key, []).append(operation)
        self.any = bool(self._index)

    def find(self, operation: OperationId) -> list[Operation]:
        """Documented operations that are meant: the path as it is, or below a gateway prefix."""
        method, path = operation.method, normalise(operation.path)
        exact = self._index.get((method, path))
        if exact:
            return exact
        return [
            o
            for (m, known), operations in self._index.items()
            if m == method
            and known != "/"
            and (path.endswith(known) or (path != "/" and known.endswith(path)))
            for o in operations
        ]

    def scope(self, fact: ProseFact) -> list[Operation]:
        """The operations a fact belongs to; of each the current document's."""
        found: dict[OperationId, Operation] = {}
        for operation in fact.scope:
            matches = self.find(operation)
            if matches and len({m.id for m in matches}) == 1:
                found.setdefault(matches[0].id, matches[0])
        return list(found.values())


def find_field(operation: Operation, fact: ProseFact) -> Found | None:
    """The operation's field of that name: as written, else the only one with that last name."""
    name = str(fact.value["name"] if isinstance(fact.value, Mapping) else fact.name)
    if fact.direction == "response":
        return _response_field(operation, name)
    named = {key: f for key, f in operation.fields.items() if not f.variant}
    exact = [f for key, f in named.items() if _same(key.name, name)]
    if not exact and "." not in name:
        exact = [f for key, f in named.items() if _same(key.leaf, name)]
    if len(exact) != 1:
        return None
    one = exact[0]
    return Found(
        operation, one.key.place.value, one.key.name, one.required, one.schema, one.location
    )


def _response_field(operation: Operation, name: str) -> Found | None:
    exact: list[Found] = []
    leaves: list[Found] = []
    for response in operation.responses:
        if response.status[:1] != "2":
            continue
        for found in _fields_of(operation, response):
            if _same(found.name, name):
                exact.append(found)
            elif "." not in name and _same(found.name.rpartition(".")[2], name):
                leaves.append(found)
    chosen = exact or leaves
    return chosen[0] if len({(f.name, f.location) for f in chosen}) == 1 else None


def _fields_of(operation: Operation, response: DocumentedResponse) -> Iterator[Found]:
    status = int(response.status) if response.status.isdigit() else None
    for schema in response.content.values():
        if schema is None:
            continue
        for f in flatten(schema, response.location, depth=MAX_DEPTH - 4):
            if not f.variant:
                yield Found(
                    operation, "response", f.key.name, f.required, f.schema, f.location, status
                )


def _agrees_elsewhere(operation: Operation, fact: ProseFact, told: set[str]) -> bool:
    """Whether the field of the same name in the other direction has just these values: which
    of the two a page means is a guess.
    """
    other = "response" if fact.direction == "request" else "request"
    one = find_field(operation, replace(fact, direction=other))
    enum = _enum_of(one.schema) if one is not None else None
    return enum is not None and {str(value) for value in enum} == told


def _closed_to(operation: Operation, fact: ProseFact) -> bool:
    """Whether the spec describes fields of that kind and has none of that name, so that its
    silence is a statement.
    """
    name = str(fact.value["name"])
    if fact.direction != "request" or "*" in name:
        return False
    schemas = [s for s in operation.body.values() if s is not None]
    described = any(s.properties or s.items is not None for s in schemas)
    known = operation.fields.values()
    variants = any(s.variants for s in schemas) or any(f.schema.variants for f in known)
    if not described or variants:
        return False
    leaf = name.rpartition(".")[2]
    return not any(_same(f.key.leaf, leaf) for f in known)


def _same(one: str, two: str) -> bool:
    return one.replace("[]", "").lower() == two.replace("[]", "").lower()


def _said(one: Found, aspect: str) -> Any:
    if aspect == "required":
        return None if one.place == "path" else one.required
    types = view(one.schema).types
    return types[0] if len(types) == 1 else None


def _agree(aspect: str, told: Any, said: Any) -> bool:
    return told == said or (aspect == "type" and {told, said} == {"integer", "number"})


def _enum_of(schema: Schema) -> list[Any] | None:
    values = view(schema).enum
    if values is None and schema.items is not None:
        values = view(schema.items).enum
    return list(values) if values else None


def _shown(value: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value[key] for key in ("type", "required") if value.get(key) is not None}


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "required" if value else "optional"
    values = value if isinstance(value, list) else [value]
    return ", ".join(f"`{one}`" for one in values)
