"""The rule `docs-conflict`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from checker.documents.page_rows import is_page, row_patch
from checker.domain.finding import Finding, FindingField, Severity, Verdict
from checker.domain.location import Location
from checker.domain.observation import Kind, ObservedContract
from checker.domain.operation import Operation, OperationId
from checker.domain.portal import Document, Page, Portal, ProseFact
from checker.drift.compare.aspects import ASPECTS, about_of, agree, in_words, said_of
from checker.drift.compare.change import REQUEST, RESPONSE, Change
from checker.drift.compare.pages import (
    Entity,
    Found,
    Specs,
    agrees_elsewhere,
    closed_to,
    enum_of,
    explained,
    find_field,
)
from checker.drift.compare.patches import Patch, enum_patch, required_patch, type_patch
from checker.drift.compare.paths import route
from checker.drift.compare.restated_values import restated
from checker.drift.compare.sides import LEGACY, follows
from checker.drift.compare.told import Told, told
from checker.drift.origin import ANY_ANSWER
from checker.drift.rule import Rule
from checker.drift.rules.operation_dropped import served

_ROWS = ("type", "required", "default", "enum")
"""What a row of a page says of a field, and a patch can make it say otherwise."""
PAGE = "page"
SPEC = "spec"
Observed = Mapping[OperationId, ObservedContract]


class DocsConflict(Rule):
    """A prose page's table (fields, enums, endpoints, statuses) and the spec disagree.

    ## What it does

    Reads the tables and definition lists of prose pages and compares them with the operations
    that the headings around them name: endpoints that no document has, fields that the spec
    doesn't have or has with another type, requiredness, default or enum, statuses that the spec
    doesn't have. A page about a thing is compared with the schema of that name, in a document or
    in a file of its own. With a live API the finding says which of the two the server follows,
    where an experiment has shown it.

    What a page doesn't say is no disagreement, and neither is an enum that only one of them
    lists. A table of which most fields are unknown, one without a heading that says what it is
    about, and a row that can be read in two ways are told in a note ("page not understood") and
    compared with nothing.

    ## Why it matters

    People read the page, programs the spec. One of the two groups is misled.

    ## Example

    The page lists `POST /messages/web`; no document has it.

    ## Fix

    Correct the page or the spec, whichever is wrong: a live check tells, and the patch corrects
    it. On a page that is one cell of a Markdown table.
    """

    id = "docs-conflict"
    origin = ANY_ANSWER
    severity = Severity.MAJOR
    summary = "A prose page's table and the spec disagree."
    decided = False
    unpatched = "nothing has shown which of the two is right, or it isn't one cell of a table"

    def check_documents(
        self, portal: Portal, observed: Mapping[OperationId, ObservedContract]
    ) -> Iterable[Finding]:
        specs = Specs(portal)
        if not specs.any:
            return
        for page in portal.pages:
            seen: set[Any] = set()
            compared, _ = told(page, specs)
            for one in compared:
                for finding in self._of(one, page, specs, observed):
                    key = (finding.operation, finding.field, finding.identity)
                    if key not in seen:
                        seen.add(key)
                        yield finding

    def _of(self, one: Told, page: Page, specs: Specs, observed: Observed) -> Iterator[Finding]:
        match one.fact.kind:
            case "endpoint":
                yield from self._endpoint(one.fact, page, specs, observed)
            case "field":
                yield from self._field(one, page, specs, observed)
            case "enum":
                yield from self._enum(one, page, specs, observed)
            case "status":
                yield from self._status(one, page, observed)

    def _endpoint(
        self, fact: ProseFact, page: Page, specs: Specs, observed: Observed
    ) -> Iterator[Finding]:
        operation = OperationId.parse(str(fact.value))
        if specs.find(operation):
            return
        side = _served(operation, observed)
        fixes = {
            PAGE: f"Document {operation} in the spec: the server has it.",
            SPEC: f"Take {operation} out of {page.file}: the server doesn't have it.",
        }
        yield self._finding(
            (operation,),
            FindingField("operation"),
            fact,
            {"page": str(operation), "spec": None},
            f"{page.file} lists {operation}; no API document has it.",
            fixes.get(side, f"Document {operation} in the spec, or take it out of {page.file}."),
            "endpoint",
            None,
            side,
        )

    def _field(self, one: Told, page: Page, specs: Specs, observed: Observed) -> Iterator[Finding]:
        fact, value = one.fact, one.fact.value
        found = [f for s in one.subjects if (f := find_field(s, fact)) is not None]
        name = str(value["name"])
        lacking = [s for s in one.subjects if closed_to(s, fact)]
        if not found and value["type"] and lacking and len(lacking) == len(one.subjects):
            place = "body" if fact.direction == "request" else "response"
            of = f"the {fact.direction} field `{name}`"
            if isinstance(lacking[0], Entity):
                place, of = "document", f"`{name}` of {lacking[0].name}"
            yield self._finding(
                lacking,
                FindingField(place, name),
                fact,
                {"page": _shown(value), "spec": None},
                f"{page.file} has {of}; the spec doesn't.",
                f"Add `{name}` to the spec, or take it out of {page.file}.",
                "field",
                lacking[0].location,
            )
        for aspect in ASPECTS:
            stated = None if one.variant and aspect == "required" else value.get(aspect)
            groups: dict[Any, list[Found]] = {}
            for place_ in found:
                said = said_of(place_, aspect)
                if stated is not None and said is not None and not agree(aspect, stated, said):
                    groups.setdefault(str(said), []).append(place_)
            for ones in groups.values():
                said = said_of(ones[0], aspect)
                yield self._disagreement(fact, page, ones, aspect, stated, said, specs, observed)

    def _enum(
        self, compared: Told, page: Page, specs: Specs, observed: Observed
    ) -> Iterator[Finding]:
        fact = compared.fact
        told = [str(v) for v in fact.value if v != "null"]  # that is a type's affair
        groups: dict[Any, list[Found]] = {}
        union: set[str] = set()
        for subject in compared.subjects:
            one = find_field(subject, fact)
            enum = enum_of(one.schema) if one is not None else None
            union |= {str(v) for v in enum or ()}
            if agrees_elsewhere(subject, fact, set(told)):
                continue
            if one is not None and explained(one, set(told)):
                continue
            if one is not None and enum and {str(v) for v in enum} != set(told):
                groups.setdefault(tuple(str(v) for v in enum), []).append(one)
        if union == set(told):
            return  # A table of several operations: each has its share of the values.
        for spec_values, ones in groups.items():
            if not set(spec_values) & set(told) and len(groups) > 1:
                continue
            said = enum_of(ones[0].schema)
            yield self._disagreement(fact, page, ones, "enum", told, said, specs, observed)

    def _status(self, one: Told, page: Page, observed: Observed) -> Iterator[Finding]:
        fact, status = one.fact, str(one.fact.value)
        for operation in one.subjects:
            if isinstance(operation, Entity):
                continue
            have = {r.status.upper() for r in operation.responses}
            if not have or have & {status, f"{status[0]}XX", "DEFAULT"}:
                continue
            change = Change("status", RESPONSE, False, operation.id, "response", status=status)
            side = _side(follows("status", change, True, None, observed.get(operation.id)))
            fix = f"Add the response {status} to the spec, or take it out of {page.file}."
            yield self._finding(
                (operation,),
                FindingField("response", "", int(status)),
                fact,
                {"page": int(status), "spec": sorted(have)},
                f"{page.file} says that {operation.id} answers {status}; the spec doesn't.",
                f"Add the response {status} to the spec." if side == PAGE else fix,
                f"status {status}",
                operation.location,
                side,
            )

    def _disagreement(
        self,
        fact: ProseFact,
        page: Page,
        ones: list[Found],
        aspect: str,
        told: Any,
        said: Any,
        specs: Specs,
        observed: Observed,
    ) -> Finding:
        first = ones[0]
        sides = {_followed(one, aspect, told, said, observed) for one in ones} - {""}
        side = sides.pop() if len(sides) == 1 else ""
        right = in_words(told if side == PAGE else said)
        fixes = {
            PAGE: f"Correct the spec: {about_of(aspect)}`{first.name}`: {right}.",
            SPEC: f"Correct {page.file}: {about_of(aspect)}`{first.name}`: {right}.",
        }
        patch: Patch = ()
        if side == PAGE:
            patch = _patch(first, aspect, told, specs.documents.get(first.location.file))
        elif side == SPEC:
            patch = page_patch(page, fact.location, aspect, told, said)
        issue = (
            f"For {about_of(aspect)}`{first.name}`, {page.file} says {in_words(told)}; "
            f"the spec says {in_words(said)}."
        )
        return self._finding(
            [one.operation for one in ones],
            FindingField(first.place, first.name, first.status),
            fact,
            {"page": told, "spec": said},
            issue,
            fixes.get(side, f"Find out which holds, and correct {page.file} or the spec."),
            aspect,
            first.location,
            side,
            patch,
        )

    def _finding(
        self,
        subjects: Sequence[Operation | Entity | OperationId],
        field: FindingField,
        fact: ProseFact,
        documented: Mapping[str, Any],
        issue: str,
        fix: str,
        identity: str,
        spec: Location | None,
        side: str = "",
        patch: Patch = (),
    ) -> Finding:
        """`side` is whom the server follows; a patch is one of the spec, which is the source
        then.
        """
        names = tuple(dict.fromkeys(n for s in subjects if (n := _name(s))))
        entity = next((f"{s.name} " for s in subjects if isinstance(s, Entity)), "")
        if side:
            issue += f" The server follows the {side}."
        places = (fact.location, spec)
        if patch and spec is not None and side == PAGE:
            places = (spec, fact.location)
        return Finding(
            rule=self.id,
            severity=self.severity,
            operation=names[0] if names else "",
            also_operations=names[1:],
            field=field,
            documented=documented,
            observed={"follows": side, "value": documented[side]} if side else None,
            issue=issue,
            suggested_fix=fix,
            source=places[0],
            related=(places[1],) if places[1] is not None else (),
            patch=patch,
            identity=f"{entity}{identity}",
        )


def _name(subject: Operation | Entity | OperationId) -> str:
    """How a finding names what it is about; a schema isn't an operation."""
    if isinstance(subject, Entity):
        return ""
    return str(subject if isinstance(subject, OperationId) else subject.id)


def _side(followed: str) -> str:
    """A page is compared in a legacy document's place, the spec in the current one's."""
    return followed and (PAGE if followed == LEGACY else SPEC)


def _followed(one: Found, aspect: str, told: Any, said: Any, observed: Observed) -> str:
    if isinstance(one.operation, Entity):
        return ""
    direction = RESPONSE if one.place == "response" else REQUEST
    status = str(one.status or "")
    change = Change(aspect, direction, False, one.operation.id, one.place, one.name, status=status)
    return _side(follows(aspect, change, told, said, observed.get(one.operation.id)))


def _served(operation: OperationId, observed: Observed) -> str:
    """Whether the server has an operation that only the page lists."""
    key = route(operation)
    for other, contract in observed.items():
        if route(other) != key:
            continue
        seen = {o.verdict for o in contract.of(Kind.EXIST) if o.confirmed}
        if served(other, observed):
            return PAGE
        return SPEC if seen == {Verdict.REJECTED} else ""
    return ""


def _patch(one: Found, aspect: str, told: Any, document: Document | None) -> Patch:
    """The spec as the page has it, where that is one small edit."""
    if document is None or one.place == "response" or aspect == "default":
        return ()
    if aspect == "required":
        body = one.place == "body"
        return required_patch(document.raw, one.location, one.name, body, bool(told))
    if aspect == "enum":
        return enum_patch(document.raw, one.location, told)
    return type_patch(document.raw, one.location, told)


def page_patch(page: Page, row: Location, aspect: str, told: Any, said: Any) -> Patch:
    """The page's row as the spec has it, where it is one cell of a Markdown table."""
    if not is_page(page.file) or row.line is None:
        return ()
    return row_patch(page.text, row.line, aspect, said, partial(restated, words=told, schema=said))


def agreed(conflict: Finding, portal: Portal) -> Patch:
    """The patch by which a page says what the spec does, for a conflict that a patch of the spec
    would bring."""
    place, said = conflict.source, conflict.documented
    page = next((p for p in portal.pages if place is not None and p.file == place.file), None)
    aspect = conflict.identity.rpartition(" ")[2]
    if page is None or place is None or not isinstance(said, Mapping) or aspect not in _ROWS:
        return ()
    return page_patch(page, place, aspect, said["page"], said["spec"])


def _shown(value: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value[key] for key in ("type", "required") if value.get(key) is not None}
