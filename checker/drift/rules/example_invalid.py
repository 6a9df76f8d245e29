"""The rule `example-invalid`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from checker.domain.finding import Finding, FindingField, Severity
from checker.domain.location import Location
from checker.domain.observation import ObservedContract
from checker.domain.operation import DocumentedResponse, Operation, OperationId
from checker.domain.portal import Document, Portal
from checker.domain.schema import Schema, json_type
from checker.drift.compare.sameness import lookup
from checker.drift.json_schema import Violation, violations
from checker.drift.rule import Rule
from checker.drift.shown_types import Right, which_is_right

_MAX_DEPTH = 12
MAX_RELATED = 20


@dataclass(frozen=True, slots=True)
class Example:
    """A documented example value, where it stands and the schema it belongs to."""

    value: Any
    location: Location
    schema: Schema
    field: FindingField


class ExampleInvalid(Rule):
    """A documented example doesn't follow its own schema.

    ## What it does

    Validates every example (of parameters, bodies, properties, responses) against the schema
    beside it. Examples that are references or stand in another file are left alone, and so are
    examples for media types other than JSON and forms. Examples of a file that break a format in
    one way are told once.

    ## Why it matters

    Examples are copied. One that contradicts its schema fails, or the schema is wrong.

    ## Example

    `{"type": "integer", "example": "12"}`

    ## Fix

    Correct the example, or the schema where the example is right. Where only the JSON type is
    wrong (`"12"` for an integer) the patch converts the value, which is safe; not where the
    server was seen to want, or to answer with, the type that the example has.
    """

    id = "example-invalid"
    severity = Severity.MINOR
    summary = "A documented example doesn't follow its own schema."
    decided = False

    def check_documents(
        self, portal: Portal, observed: Mapping[OperationId, ObservedContract]
    ) -> Iterable[Finding]:
        for document in portal.documents:
            found: dict[Location, Finding] = {}
            habits: dict[Location, str] = {}
            judged: set[Location] = set()
            for operation in document.operations:
                for example in examples(operation, document):
                    here = found.get(example.location)
                    if here is not None:
                        found[example.location] = _shared(here, operation)
                    elif example.location not in judged:
                        judged.add(example.location)
                        broken = _own(example, violations(example.schema, example.value))
                        broken = broken or _ambiguous(example)
                        if broken:
                            seen = observed.get(operation.id)
                            right = which_is_right(example.field, example.value, operation, seen)
                            found[example.location] = self._finding(
                                operation, example, broken, right
                            )
                            habits[example.location] = _habit(example, broken)
            yield from _once(found, habits)

    def _finding(
        self,
        operation: Operation,
        example: Example,
        broken: tuple[Violation, ...],
        right: Right = Right.SCHEMA,
    ) -> Finding:
        first = broken[0]
        inside = "".join(f"/{part}" for part in first.path)
        what = f"`{example.field.name}`" if example.field.name else _whole(example.field)
        at = f" at `{inside}`" if inside else ""
        more = f" ({len(broken)} violations in all)" if len(broken) > 1 else ""
        patch = _cast(example) if not first.path and right is Right.SCHEMA else ()
        said = _short(first.message)
        if _refers(example.value):
            said = f"{said} (a `$ref` inside an example isn't followed)"
        if patch and isinstance(patch[0]["value"], (dict, list)):
            said = f"it is JSON text in a string, not {_article(json_type(patch[0]['value']))}"
            fix = f"Write the example of {what} as JSON, without the quotes around it."
        elif right is Right.EXAMPLE and not first.path:
            kind = json_type(example.value)
            fix = (
                f"Change the type of {what} to `{kind}`: the server bears out the example, "
                "not the schema."
            )
        elif patch:
            fix = f"Change the example of {what} to `{json.dumps(patch[0]['value'])}`."
        else:
            fix = (
                f"Correct the example of {what}{at} so that it follows its schema, "
                "or the schema where the example is right."
            )
        return Finding(
            rule=self.id,
            severity=self.severity,
            operation=str(operation.id),
            field=example.field,
            documented=example.value,
            issue=f"The documented example of {what} doesn't follow its own schema{at}: "
            f"{said}{more}.",
            suggested_fix=fix,
            source=example.location,
            related=(example.schema.location,),
            patch=patch,
            identity=_identity(example.location.pointer),
        )


def examples(operation: Operation, document: Document) -> Iterator[Example]:
    """Every example of an operation with its schema, those of shared schemas included."""
    for field in operation.parameters:
        place = FindingField(field.key.place.value, field.key.name)
        if field.location.file == operation.location.file:
            node = lookup(document.content(field.location.file), field.location.pointer)
            yield from _beside(node, field.location, field.schema, place)
        yield from _in_schema(field.schema, document, place.place, field.key.name, None)
    body = operation.body_location
    content = _content(document.content(body.file), body)
    for media_type, schema in operation.body.items():
        if schema is None:
            continue
        if media_type in content and _checkable(media_type):
            node, location = content[media_type]
            yield from _beside(node, location, schema, FindingField("body"))
        yield from _in_schema(schema, document, "body", "", None)
    for response in operation.responses:
        yield from _of_response(response, document)


def _of_response(response: DocumentedResponse, document: Document) -> Iterator[Example]:
    raw = document.content(response.location.file)
    status = int(response.status) if response.status.isdigit() else None
    place = FindingField("response", "", status)
    content = _content(raw, response.location)
    node = lookup(raw, response.location.pointer)
    old_style = node.get("examples") if isinstance(node, Mapping) else None
    for media_type, schema in response.content.items():
        if schema is None:
            continue
        if _checkable(media_type):
            if media_type in content:
                yield from _beside(*content[media_type], schema, place)
            if isinstance(old_style, Mapping) and media_type in old_style:
                value, at = old_style[media_type], response.location.child("examples", media_type)
                if _usable(value):
                    yield Example(value, at, schema, place)
        yield from _in_schema(schema, document, "response", "", status)


def _content(
    raw: Mapping[str, Any], location: Location
) -> dict[str, tuple[Mapping[str, Any], Location]]:
    """The media type objects of a body or response node (OpenAPI 3)."""
    node = lookup(raw, location.pointer) if location.pointer else None
    content = node.get("content") if isinstance(node, Mapping) else None
    if not isinstance(content, Mapping):
        return {}
    return {
        str(name): (value, location.child("content", name))
        for name, value in content.items()
        if isinstance(value, Mapping)
    }


def _beside(
    node: Any, location: Location, schema: Schema, place: FindingField
) -> Iterator[Example]:
    """`example` and `examples` of a parameter or media type object."""
    if not isinstance(node, Mapping) or schema.location == location:
        return
    if "example" in node and _usable(node["example"]):
        yield Example(node["example"], location.child("example"), schema, place)
    several = node.get("examples")
    if isinstance(several, Mapping):
        for name, entry in several.items():
            if isinstance(entry, Mapping) and "value" in entry and _usable(entry["value"]):
                at = location.child("examples", name, "value")
                yield Example(entry["value"], at, schema, place)


def _in_schema(
    schema: Schema, document: Document, place: str, name: str, status: int | None
) -> Iterator[Example]:
    """Examples inside a schema, at any depth, each schema once."""
    seen: set[tuple[Location, int]] = set()
    stack = [(schema, name, 0)]
    while stack:
        node, dotted, depth = stack.pop()
        key = node.location, len(node.properties)
        if key in seen or depth > _MAX_DEPTH:
            continue
        seen.add(key)
        where = FindingField(place, dotted, status)
        raw = _own_node(node, document)
        if "example" in raw and _usable(raw["example"]):
            yield Example(raw["example"], node.location.child("example"), node, where)
        listed = raw.get("examples")
        if isinstance(listed, list):
            for number, value in enumerate(listed):
                if _usable(value):
                    at = node.location.child("examples", number)
                    yield Example(value, at, node, where)
        yield from _in_parts(node, document, where)
        below: list[tuple[Schema, str, int]] = []
        for child_name, child in node.properties.items():
            below.append((child, f"{dotted}.{child_name}" if dotted else child_name, depth + 1))
        if node.items is not None:
            below.append((node.items, dotted + "[]", depth + 1))
        below += [(branch, dotted, depth + 1) for branch in node.variants]
        stack += reversed(below)


def _in_parts(schema: Schema, document: Document, place: FindingField) -> Iterator[Example]:
    """Examples of what was merged into a schema (an envelope around a thing): each belongs to
    its own part."""
    for part in schema.parts:
        node = lookup(document.content(part.location.file), part.location.pointer)
        own = part.location != schema.location and isinstance(node, Mapping)
        if own and "example" in node and _usable(node["example"]):
            yield Example(node["example"], part.location.child("example"), part, place)


def _own_node(schema: Schema, document: Document) -> Mapping[str, Any]:
    """The node at the schema's location; in another file only where it is the whole schema."""
    if schema.location.file == document.info.file:
        node = lookup(document.raw, schema.location.pointer)
        return node if isinstance(node, Mapping) else {}
    properties = schema.raw.get("properties")
    whole = set(properties if isinstance(properties, Mapping) else ()) == set(schema.properties)
    return schema.raw if whole else {}


def _usable(value: Any) -> bool:
    """Not null (a file's own mistake) and not a reference to an example elsewhere."""
    if isinstance(value, Mapping):
        return not ({"$ref", "externalValue"} & set(value))
    return value is not None


def _checkable(media_type: str) -> bool:
    bare = media_type.split(";")[0].strip().lower()
    forms = ("application/x-www-form-urlencoded", "multipart/form-data")
    return bare.endswith(("/json", "+json")) or bare in ("*/*", "application/*", *forms)


def _cast(example: Example) -> tuple[Mapping[str, Any], ...]:
    """The patch where the same value in the right JSON type follows the schema."""
    value: Any = example.value
    given: list[Any] = []
    if isinstance(value, str):
        try:
            given.append(json.loads(value))
        except (ValueError, RecursionError):
            return ()
    elif json_type(value) in ("integer", "number", "boolean"):
        given.append(json.dumps(value))
    for candidate in given:
        if candidate is not None and not violations(example.schema, candidate):
            path = example.location.pointer
            return ({"op": "replace", "path": path, "value": candidate},)
    return ()


def _shared(finding: Finding, operation: Operation) -> Finding:
    name = str(operation.id)
    if name == finding.operation or name in finding.also_operations:
        return finding
    return finding.with_(also_operations=(*finding.also_operations, name))


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeio" else f"a {kind}"


def _habit(example: Example, broken: tuple[Violation, ...]) -> str:
    """How an example breaks formats alone, as `date-time 0000-00-00`; else empty."""
    shapes = set()
    for violation in broken:
        value: Any = example.value
        for part in violation.path:
            value = value[part]
        shapes.add(f"{violation.format} {re.sub(r'[0-9]', '0', str(value))}")
    return shapes.pop() if len(shapes) == 1 and all(v.format for v in broken) else ""


def _once(found: Mapping[Location, Finding], habits: Mapping[Location, str]) -> Iterator[Finding]:
    """All examples of a document that are written in one wrong way are one finding."""
    alike: dict[Any, list[Finding]] = {}
    for location, finding in found.items():
        alike.setdefault(habits.get(location) or location, []).append(finding)
    for first, *more in alike.values():
        if not more:
            yield first
            continue
        names = [o for f in (first, *more) for o in (f.operation, *f.also_operations)]
        several = tuple(dict.fromkeys(names))
        noun = "example" if len(more) == 1 else "examples"
        same = f"the same in {len(more)} more {noun} of the file"
        yield first.with_(
            issue=f"{first.issue.rstrip('.')} ({same}).",
            also_operations=several if len(several) > 1 else (),
            related=(*first.related, *(f.source for f in more[:MAX_RELATED] if f.source)),
        )


def _own(example: Example, broken: tuple[Violation, ...]) -> tuple[Violation, ...]:
    """Without what is the schema's mistake alone: it requires a name that it doesn't define,
    which is told of the schema itself.
    """
    return tuple(v for v in broken if not (v.lacks and _undefined(example.schema, v)))


def _ambiguous(example: Example) -> tuple[Violation, ...]:
    """A value that several alternatives of a `oneOf` allow, which is one too many."""
    schema = example.schema
    if schema.variant_kind != "oneOf" or schema.discriminator or schema.nullable:
        return ()
    fitting = [n for n, one in enumerate(schema.variants, 1) if not violations(one, example.value)]
    if len(fitting) < 2 or not all(_strict(schema.variants[n - 1]) for n in fitting):
        return ()
    listed = " and ".join(str(n) for n in fitting)
    return (Violation(f"the alternatives {listed} of `oneOf` all allow it; one alone may", ()),)


def _strict(schema: Schema) -> bool:
    """Whether an alternative is judged as it is written: no part of it is passed over."""
    return not any(child.read_only or child.write_only for child in schema.properties.values())


def _refers(value: Any) -> bool:
    """Whether there is a reference inside an example value."""
    if isinstance(value, Mapping):
        return isinstance(value.get("$ref"), str) or any(_refers(v) for v in value.values())
    return isinstance(value, list) and any(_refers(v) for v in value)


def _undefined(schema: Schema, violation: Violation) -> bool:
    node: Schema | None = schema
    for part in violation.path:
        if node is None or node.variants:
            return False
        node = node.items if isinstance(part, int) else node.properties.get(part)
    return (
        node is not None
        and bool(node.properties)
        and not node.variants
        and "allOf" not in node.raw
        and node.additional in (None, False)
        and violation.lacks not in node.properties
    )


def _identity(pointer: str) -> str:
    """Which of several examples of one field: the last parts of where it stands."""
    parts = pointer.split("/")
    for word in ("examples", "example"):
        if word in parts:
            return "/".join(parts[parts.index(word) :])
    return "example"


def _whole(field: FindingField) -> str:
    return "the response" if field.place == "response" else "the request body"


def _short(text: str) -> str:
    flat = " ".join(text.split()).rstrip(".")
    return flat if len(flat) <= 200 else flat[:197] + "…"
