"""The rule `description-conflict`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from checker.domain.finding import Finding, FindingField, Severity
from checker.domain.location import Location
from checker.domain.names import member_name
from checker.domain.nodes import list_of
from checker.domain.observation import ObservedContract
from checker.domain.operation import MAX_DEPTH, DocumentedResponse, Operation, OperationId, flatten
from checker.domain.portal import Document, Portal
from checker.domain.schema import Schema
from checker.drift.compare.sameness import lookup
from checker.drift.compare.stated import Contradiction, contradictions
from checker.drift.documented_examples import Example, examples
from checker.drift.origin import UNASKED
from checker.drift.rule import Rule

MAX_SHOWN = 5
MAX_RELATED = 20
Lacking = tuple[tuple[str, Location], ...]
"""Dotted names, each with the object that hasn't its last part."""
_OPEN = frozenset({"patternProperties", "$ref", "if", "unevaluatedProperties", "discriminator"})


@dataclass(frozen=True, slots=True)
class _Described:
    """A field with its words, where it stands."""

    text: str
    schema: Schema
    location: Location
    field: FindingField


class _Read:
    """A document's fields and examples, each read once, however many operations share it."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._fields: dict[Location, tuple[Contradiction, ...]] = {}
        self._examples: dict[tuple[Location, Location], Lacking] = {}

    def contradictions(self, described: _Described) -> tuple[Contradiction, ...]:
        """What a field's words contradict; Swagger 2.0 has no word for null."""
        if described.location not in self._fields:
            old = self.document.info.dialect == "2.0"
            self._fields[described.location] = tuple(
                one
                for one in contradictions(described.text, described.schema)
                if not (old and one.keyword == "nullable")
            )
        return self._fields[described.location]

    def undocumented(self, example: Example) -> Lacking:
        """The properties of an example that its schema hasn't."""
        key = (example.location, example.schema.location)
        if key not in self._examples:
            names = _undocumented(example.value, example.schema, self.document.raw)
            self._examples[key] = names
        return self._examples[key]


class DescriptionConflict(Rule):
    """The words of a field contradict its own schema.

    ## What it does

    Reads what a description states as plainly as a keyword does, and compares it with the schema
    beside it, where both say something: a closed list of values and the `enum`, a default, a
    maximum or minimum, "null if …" of a field that can't be null. An example that has a property
    which its schema hasn't is told, too. Lists of examples, values with a condition, and numbers
    with a unit are left alone, and so is what a reference leads to.

    ## Why it matters

    People read the words, programs the schema. One of the two groups is misled.

    ## Example

    `{"description": "One of `open`, `paid`, `void`", "enum": ["open", "paid"]}`

    ## Fix

    Correct the one that is wrong: a run against the API tells which values are accepted.
    """

    id = "description-conflict"
    origin = UNASKED
    severity = Severity.MINOR
    summary = "The words of a field contradict its own schema."
    patches = False

    def check_documents(
        self, portal: Portal, observed: Mapping[OperationId, ObservedContract]
    ) -> Iterable[Finding]:
        for document in portal.documents:
            found: dict[Any, Finding] = {}
            read = _Read(document)
            for operation in document.operations:
                for key, finding in self._of(operation, read):
                    found[key] = _shared(found[key], finding) if key in found else finding
            yield from found.values()

    def _of(self, operation: Operation, read: _Read) -> Iterator[tuple[Any, Finding]]:
        """Findings of an operation, each with what tells whether two have one cause."""
        for described in _fields(operation):
            for one in read.contradictions(described):
                yield (
                    (described.location, one.keyword),
                    self._contradiction(operation, described, one),
                )
        for example in examples(operation, read.document):
            lacking = read.undocumented(example)
            if lacking:
                owners = frozenset((owner, name.rpartition(".")[2]) for name, owner in lacking)
                yield owners, self._example(operation, example, tuple(n for n, _ in lacking))

    def _contradiction(
        self, operation: Operation, described: _Described, one: Contradiction
    ) -> Finding:
        name = f"`{described.field.name}`"
        return Finding(
            rule=self.id,
            severity=self.severity,
            operation=str(operation.id),
            field=described.field,
            documented={"words": one.words, "schema": one.schema},
            issue=f"{_sentence(name, one)}.",
            suggested_fix=f"Find out which holds, and correct the description of {name} or its "
            f"`{one.keyword}`.",
            source=described.location,
            identity=one.keyword,
        )

    def _example(self, operation: Operation, example: Example, names: tuple[str, ...]) -> Finding:
        of = f"of `{example.field.name}`" if example.field.name else f"of the {_whole(example)}"
        shown = ", ".join(f"`{name}`" for name in names[:MAX_SHOWN])
        more = f" and {len(names) - MAX_SHOWN} more" if len(names) > MAX_SHOWN else ""
        return Finding(
            rule=self.id,
            severity=self.severity,
            operation=str(operation.id),
            field=example.field,
            documented={"example": list(names), "schema": None},
            issue=f"The example {of} has {shown}{more}, which its schema hasn't.",
            suggested_fix=f"Add {shown}{more} to the schema, "
            f"or take {_it(names)} out of the example.",
            source=example.location,
            related=(example.schema.location,),
            identity="example",
        )


def _sentence(name: str, one: Contradiction) -> str:
    if one.keyword == "nullable":
        return f"The description of {name} says when it is null; its schema doesn't allow null"
    if one.keyword == "enum":
        shown = ", ".join(f"`{v}`" for v in one.lacking[:MAX_SHOWN])
        more = f" and {len(one.lacking) - MAX_SHOWN} more" if len(one.lacking) > MAX_SHOWN else ""
        if one.lacking[0] in one.words:
            return f"The description of {name} lists {shown}{more}, which its `enum` hasn't"
        return f"The `enum` of {name} has {shown}{more}, which the list in its description hasn't"
    return (
        f"The description of {name} says that its `{one.keyword}` is {one.words}; "
        f"its schema says {one.schema}"
    )


def _fields(operation: Operation) -> Iterator[_Described]:
    """Every field of an operation that has words of its own."""
    for key, field in operation.fields.items():
        if not field.variant:
            place = FindingField(key.place.value, key.name)
            words = field.description or field.schema.description
            yield _Described(words, field.schema, field.location, place)
    for response in operation.responses:
        yield from _response_fields(response)


def _response_fields(response: DocumentedResponse) -> Iterator[_Described]:
    status = int(response.status) if response.status.isdigit() else None
    for schema in response.content.values():
        if schema is None:
            continue
        for field in flatten(schema, response.location, depth=MAX_DEPTH - 4):
            if not field.variant:
                place = FindingField("response", field.key.name, status)
                yield _Described(field.description, field.schema, field.location, place)


def _undocumented(value: Any, schema: Schema, raw: Mapping[str, Any]) -> Lacking:
    """Properties of an example that a described object hasn't, dotted, and that object."""
    found: list[tuple[str, Location]] = []
    pending: list[tuple[Any, Schema, str]] = [(value, schema, "")]
    while pending and len(found) < MAX_SHOWN * 4:
        one, node, prefix = pending.pop()
        if isinstance(one, list) and node.items is not None:
            pending += [(item, node.items, f"{prefix}[]") for item in one[:1]]
        if not isinstance(one, Mapping) or not _lists_its_properties(node, raw):
            continue
        for name, inner in one.items():
            dotted = member_name(prefix, name)
            if name in node.properties:
                pending.append((inner, node.properties[name], dotted))
            elif name not in node.required and str(name)[:2] != "x-" and str(name)[:1] not in "$@":
                found.append(
                    (dotted, node.location)
                )  # one that is required and not there is told of the schema
    return tuple(found)


def _lists_its_properties(schema: Schema, raw: Mapping[str, Any]) -> bool:
    """Whether a schema lists the properties of its object, and nothing lets in others; where it
    forbids others, the example is invalid, which is another rule's."""
    told = bool(schema.properties) and not schema.variants and schema.additional is None
    return told and not _OPEN & set(schema.raw) and _is_read(schema.raw, raw)


def _is_read(node: Any, raw: Mapping[str, Any], depth: int = 0) -> bool:
    """Whether all that a schema is put together from stands in its own document: what stands
    elsewhere may not have been read."""
    if not isinstance(node, Mapping) or depth > MAX_DEPTH:
        return False
    reference = node.get("$ref")
    if isinstance(reference, str):
        inside = reference.startswith("#/")
        return inside and _is_read(lookup(raw, reference), raw, depth + 1)
    branches = node.get("allOf")
    several = list_of(branches)
    return all(_is_read(branch, raw, depth + 1) for branch in several)


def _it(names: tuple[str, ...]) -> str:
    return "it" if len(names) == 1 else "them"


def _whole(example: Example) -> str:
    return "response" if example.field.place == "response" else "request body"


def _shared(finding: Finding, again: Finding) -> Finding:
    """A finding that another operation, or another example of the same object, has too."""
    names = (finding.operation, *finding.also_operations, again.operation)
    several = tuple(dict.fromkeys(names))
    more = (again.source,) if again.source not in (finding.source, *finding.related) else ()
    related = (*finding.related, *(place for place in more if place is not None))
    return finding.with_(
        also_operations=several[1:] if len(several) > 1 else (), related=related[:MAX_RELATED]
    )
