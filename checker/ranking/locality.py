"""Patches of a shared definition that only some of its users bear out, made local. Pure.

A definition serves many operations; that one of them requires a member says nothing of the others.
Where somebody uses the definition of whom the same isn't known, the patch goes to the operation's
own place: an `allOf` beside the reference, or, for what `allOf` can't take back, words.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checker.domain.finding import Finding
from checker.domain.nodes import list_of, mapping_of
from checker.domain.observation import ObservedContract
from checker.domain.operation import FieldKey, Operation, OperationId, Place
from checker.domain.pointer import escape, unescape
from checker.domain.portal import Document, Portal
from checker.domain.schema import MISSING
from checker.drift.build import listed, with_sentence
from checker.drift.compare.sameness import lookup
from checker.ranking.fingerprint import canonical, is_own_place
from checker.ranking.users import References, Users, always_answered

Step = Mapping[str, Any]
_LIMITS = ("minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "pattern")
_WORDS = ("readOnly", "default", *_LIMITS)
"""What is said of a member in its own schema and may differ between requests."""
_OF_MEMBER = re.compile(r"(.+)/properties/([^/]+)/(" + "|".join(_WORDS) + ")$")
Observed = Mapping[OperationId, ObservedContract]


@dataclass(frozen=True, slots=True)
class _Demand:
    """What a patch says of a member of the definition at `pointer`: that it is `required`,
    `optional`, `readOnly`, or what its `default` or a limit is (as JSON in `value`)."""

    pointer: str
    member: str
    says: str
    value: str = "true"

    @property
    def fragment(self) -> dict[str, Any]:
        """The schema that says it beside a reference; what is optional no schema can say."""
        if self.says == "required":
            return {"required": [self.member]}
        return {"properties": {self.member: {self.says: json.loads(self.value)}}}


def localised(
    findings: Sequence[Finding], portal: Portal, observed: Observed
) -> tuple[Finding, ...]:
    """The findings, with patches that make no statement about other operations."""
    documents = {d.info.file: d for d in portal.documents}
    agreed: dict[tuple[str, _Demand], set[str]] = defaultdict(set)
    free: dict[tuple[str, str], set[str]] = defaultdict(set)
    for finding in findings:
        document = documents.get(finding.source.file) if finding.source else None
        for demand in _demands(finding, document):
            agreed[document.info.file, demand] |= _operations(finding)  # type: ignore[union-attr]
        for pointer in _freed(finding) if document is not None else ():
            free[finding.source.file, pointer] |= _operations(finding)  # type: ignore[union-attr]
    references: dict[str, References] = {}

    def users_of(document: Document, pointer: str) -> Users:
        file = document.info.file
        if file not in references:
            references[file] = References(document)
        return references[file].users_of(pointer)

    def is_shared(document: Document, demand: _Demand) -> bool:
        """Whether somebody uses the definition of whom the same isn't known."""
        file = document.info.file
        users = users_of(document, demand.pointer)
        if any(str(o.id) not in agreed[file, demand] for o in users.requests):
            return True
        # Nobody is told anything wrong where an answer has more than is promised.
        return demand.says == "required" and not all(
            always_answered(o, observed, demand.pointer, demand.member) for o in users.answers
        )

    def is_set_elsewhere(document: Document, pointer: str) -> bool:
        """Whether another request takes its values from the same set."""
        known = free[document.info.file, pointer]
        return any(str(o.id) not in known for o in users_of(document, pointer).requests)

    made = []
    for finding in findings:
        document = documents.get(finding.source.file) if finding.source else None
        if document and any(is_set_elsewhere(document, p) for p in _freed(finding)):
            finding = finding.with_(patch=())
        shared = [d for d in _demands(finding, document) if document and is_shared(document, d)]
        made.append(_local(finding, document, shared[0]) if document and shared else finding)
    return tuple(made)


def _operations(finding: Finding) -> set[str]:
    return {finding.operation, *finding.also_operations}


def _freed(finding: Finding) -> list[str]:
    """The shared schemas of which a patch takes back the set of values, and not the type."""
    done = {(s.get("op"), str(s.get("path", ""))) for s in finding.patch}
    places = (p.removesuffix("/enum") for op, p in done if op == "remove" and p.endswith("/enum"))
    return [p for p in places if ("replace", f"{p}/type") not in done and not is_own_place(p)]


def _demands(finding: Finding, document: Document | None) -> list[_Demand]:
    """What a patch says of the members of shared definitions."""
    found = [] if document is None else [_demand(s, document.raw) for s in finding.patch]
    return [d for d in found if d is not None and not is_own_place(d.pointer)]


def _demand(step: Step, raw: Any) -> _Demand | None:
    path = str(step.get("path", ""))
    marked = _OF_MEMBER.match(path)
    if marked is not None and step.get("op") == "add" and lookup(raw, path) is MISSING:
        name = unescape(marked[2])
        return _Demand(marked[1], name, marked[3], canonical(step.get("value")))
    pointer, slash, last = path.rpartition("/required")
    if not slash or pointer.endswith("/properties"):
        return None
    if step.get("op") == "add" and last == "/-":
        return _Demand(pointer, str(step.get("value")), "required")
    member = _only(lookup(raw, path))
    if step.get("op") == "remove" and isinstance(member, str):
        return _Demand(pointer, member, "optional")
    return None


def _only(value: Any) -> Any:
    """The item of a list that has no other one; else the value itself."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _local(finding: Finding, document: Document, demand: _Demand) -> Finding:
    """A finding with a patch of its operations' own places."""
    kept = [s for s in finding.patch if _demand(s, document.raw) != demand]
    steps: list[Step] = []
    in_schema: list[bool] = []
    for operation in document.operations:
        if str(operation.id) in _operations(finding):
            name = _name(finding, operation, demand)
            places = (
                list(_body_places(document.raw, operation))
                if _fits(operation, demand, name)
                else []
            )
            steps += [_narrowed(document.raw, place, name, demand) for place in places]
            if not places and demand.says not in _WORDS:
                steps += _in_words(document.raw, operation, finding, demand.says, name)
            in_schema.append(bool(places))
    fix = _fix(finding, demand, bool(in_schema) and all(in_schema))
    return finding.with_(patch=(*kept, *steps), suggested_fix=fix)


def _fits(operation: Operation, demand: _Demand, name: str) -> bool:
    """Whether a schema beside the reference can say it: it can't take a requirement back, and
    would hold for every branch of a choice."""
    field = operation.field(FieldKey(Place.BODY, name))
    return demand.says != "optional" and not (field is not None and field.variant)


def _fix(finding: Finding, demand: _Demand, in_schema: bool) -> str:
    """What to write, and why not into the shared schema."""
    shared = re.sub(r"^/(components/)?[^/]+/", "", demand.pointer).partition("/")[0]
    member, where = finding.field.name, listed(finding.also_operations or [finding.operation])
    elsewhere = f"`{shared}` is used elsewhere too, where this isn't known to hold"
    if demand.says in _WORDS:
        return f"{finding.suggested_fix.rstrip('.')}; for this operation alone: {elsewhere}."
    if in_schema:
        return (
            f"Document `{member}` as required in {where} alone, with an `allOf` beside the "
            f"reference: {elsewhere}."
        )
    if demand.says == "required":
        return f"Say in the description of {where} that `{member}` is required: {elsewhere}."
    response = finding.field.place == "response"
    instead = "always return it" if response else "make the server refuse requests without it"
    return (
        f"Say in the description of {where} that `{member}` {_may_be_missing(finding)} (or "
        f"{instead}), and leave the `required` list of the schema as it is: {elsewhere}."
    )


def _may_be_missing(finding: Finding) -> str:
    """ "may be missing", with the values of others under which it was seen, and in the answer."""
    seen = mapping_of(finding.observed)
    when = [f"`{k}` is {' or '.join(f'`{v}`' for v in vs)}" for k, vs in _when(seen)]
    answer = " from the answer" if finding.field.place == "response" else ""
    return f"may be missing{answer}{' when ' if when else ''}{' and '.join(when)}"


def _when(seen: Mapping[str, Any]) -> list[tuple[str, list[Any]]]:
    when = seen.get("when")
    return list(when.items()) if isinstance(when, Mapping) else []


def _name(finding: Finding, operation: Operation, demand: _Demand) -> str:
    """What the member is called in an operation; the finding's own name is its first one's."""
    if str(operation.id) == finding.operation or finding.field.place != Place.BODY.value:
        return finding.field.name
    keys = [
        k.name
        for k, f in operation.fields.items()
        if k.leaf == demand.member and f.owner.pointer == demand.pointer
    ]
    return keys[0] if len(keys) == 1 else finding.field.name


def _body_places(raw: Any, operation: Operation) -> Iterator[str]:
    """Where the schemas of an operation's request body stand in the operation itself."""
    base = operation.location.pointer
    if not is_own_place(base):
        return
    parameters = lookup(raw, f"{base}/parameters")
    for number, one in enumerate(list_of(parameters)):
        if (
            isinstance(one, Mapping)
            and one.get("in") == "body"
            and isinstance(one.get("schema"), Mapping)
        ):
            yield f"{base}/parameters/{number}/schema"
    content = lookup(raw, f"{base}/requestBody/content")
    for media, one in mapping_of(content).items():
        if isinstance(one, Mapping) and isinstance(one.get("schema"), Mapping):
            token = escape(media)
            yield f"{base}/requestBody/content/{token}/schema"


def _narrowed(raw: Any, place: str, name: str, demand: _Demand) -> Step:
    """A step that says it of a member at its place in a schema and leaves references as they
    are."""
    above = _path(name)[:-1]
    node = lookup(raw, place)
    while above and isinstance(node, Mapping) and "$ref" not in node:
        first = above[0]
        pointer = "/items" if first == "[]" else "/properties/" + escape(first)
        below = lookup(node, pointer)
        if not isinstance(below, Mapping):
            break
        place, node, above = place + pointer, below, above[1:]
    beside = _nested(above, demand.fragment)
    if "$ref" in node:
        return {"op": "replace", "path": place, "value": {"allOf": [dict(node), beside]}}
    return {"op": "add", "path": f"{place}/allOf/-", "value": beside}


def _path(name: str) -> list[str]:
    """`a[].b` as `a`, `[]`, `b`."""
    return [part for part in name.replace("[]", ".[]").split(".") if part]


def _nested(above: Iterable[str], made: dict[str, Any]) -> dict[str, Any]:
    """A schema at the place of a member, from the schema around it."""
    for part in reversed(list(above)):
        made = {"items": made} if part == "[]" else {"properties": {part: made}}
    return made


def _in_words(raw: Any, operation: Operation, finding: Finding, key: str, name: str) -> list[Step]:
    """A sentence in the operation's description."""
    base = operation.location.pointer
    node = lookup(raw, base)
    if not isinstance(node, Mapping) or not is_own_place(base):
        return []
    says = f"`{name}` {'is required' if key == 'required' else _may_be_missing(finding)}."
    old = node.get("description")
    text = with_sentence(old if isinstance(old, str) else "", says)
    return [{"op": "add", "path": f"{base}/description", "value": text}]
