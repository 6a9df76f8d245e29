"""The rule `example-invalid`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from checker.domain.finding import Finding, FindingField, Severity
from checker.domain.location import Location
from checker.domain.observation import ObservedContract
from checker.domain.operation import FieldKey, Operation, OperationId, Place
from checker.domain.portal import Document, Portal
from checker.domain.schema import MISSING, Schema, json_type
from checker.drift.compare.patches import Patch, type_patch
from checker.drift.documented_examples import Example, examples
from checker.drift.json_schema import Violation, violations
from checker.drift.mended_examples import changes, mended, parsed_text
from checker.drift.origin import Origin
from checker.drift.rule import Rule
from checker.drift.shown_types import Right, which_is_right
from checker.inference.facts import accepted_body, accepted_values

MAX_RELATED = 20
_SHORT = 80
_REQUEST = frozenset(place.value for place in Place)


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

    Correct the example, or the schema where the example is right. The patch changes what breaks
    the schema and nothing else of the example: a value of another JSON type is converted, a text
    that is too long is cut, a value that the server accepted or that the schema lists takes the
    place of one outside of an enum. Only what is missing is made up, and never whole objects.
    Where the server was seen to want, or to answer with, the type
    that the example has, the patch is one of the schema.
    """

    id = "example-invalid"
    origin = Origin(experiments=("enum",), questions=("values", "type"))
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
                            found[example.location] = self._finding(
                                operation, example, broken, document, observed.get(operation.id)
                            )
                            habits[example.location] = _habit(example, broken)
            yield from _once(found, habits)

    def _finding(
        self,
        operation: Operation,
        example: Example,
        broken: tuple[Violation, ...],
        document: Document,
        seen: ObservedContract | None,
    ) -> Finding:
        first = broken[0]
        inside = "".join(f"/{part}" for part in first.path)
        what = f"`{example.field.name}`" if example.field.name else _whole(example.field)
        at = f" at `{inside}`" if inside else ""
        more = f" ({len(broken)} violations in all)" if len(broken) > 1 else ""
        right = which_is_right(example.field, example.value, operation, seen)
        said = _short(first.message)
        if _refers(example.value):
            said = f"{said} (a `$ref` inside an example isn't followed)"
        new = MISSING
        patch: Patch = ()
        if right is Right.SCHEMA:
            known = _sample(example.field, seen)
            new = mended(example.schema, example.value, _accepted(example.field, seen), known)
            patch = _rewritten(example, new)
        elif right is Right.EXAMPLE and not first.path:
            patch = _retyped(example, document)
        if isinstance(new, (dict, list)) and parsed_text(example.value) == new:
            said = f"it is JSON text in a string, not {_article(json_type(new))}"
            fix = f"Write the example of {what} as JSON, without the quotes around it."
        elif right is Right.EXAMPLE and not first.path:
            kind = json_type(example.value)
            fix = (
                f"Change the type of {what} to `{kind}`: the server bears out the example, "
                "not the schema."
            )
        elif len(patch) == 1 and patch[0]["op"] != "remove" and _is_short(patch[0]["value"]):
            place = str(patch[0]["path"]).removeprefix(example.location.pointer)
            where = f" at `{place}`" if place else ""
            fix = f"Change the example of {what}{where} to `{json.dumps(patch[0]['value'])}`."
        elif not patch and first.path and _value_at(example.value, first.path) is None:
            fix = f"Let the schema of {what} allow null{at}, or leave it out of the example."
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


def _accepted(field: FindingField, seen: ObservedContract | None) -> list[Any]:
    """Values that the server has taken in a request field's place."""
    if seen is None or field.place not in _REQUEST or not field.name:
        return []
    return accepted_values(seen, FieldKey(Place(field.place), field.name))


def _sample(field: FindingField, seen: ObservedContract | None) -> Any:
    """The body of a request that was accepted, for an example of the whole body."""
    if seen is None or field.place != Place.BODY.value or field.name:
        return MISSING
    body = accepted_body(seen)
    return MISSING if body is None else body


def _rewritten(example: Example, new: Any) -> Patch:
    """What has to change in an example so that it becomes another value."""
    if new is MISSING:
        return ()
    start = example.location
    return tuple(
        {"op": "remove", "path": start.child(*path).pointer}
        if value is MISSING
        else {
            "op": "add" if added else "replace",
            "path": start.child(*path).pointer,
            "value": value,
        }
        for path, value, added in changes(example.value, new)
    )


def _retyped(example: Example, document: Document) -> Patch:
    """The schema of a request field with the type that its example has; what answers have is
    told of the answers."""
    place = example.schema.location
    if example.field.place not in _REQUEST:
        return ()
    if place.file != document.info.file or place.file != example.location.file:
        return ()
    return type_patch(document.raw, place, json_type(example.value))


def _is_short(value: Any) -> bool:
    return len(json.dumps(value)) <= _SHORT


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
        value = _value_at(example.value, violation.path)
        shapes.add(f"{violation.format} {re.sub(r'[0-9]', '0', str(value))}")
    return shapes.pop() if len(shapes) == 1 and all(v.format for v in broken) else ""


def _value_at(value: Any, path: Sequence[str | int]) -> Any:
    for part in path:
        value = value[part]
    return value


def _once(found: Mapping[Location, Finding], habits: Mapping[Location, str]) -> Iterator[Finding]:
    """All examples of a document that are written in one wrong way are one finding."""
    alike: dict[Any, list[Finding]] = {}
    for location, finding in found.items():
        alike.setdefault(habits.get(location) or location, []).append(finding)
    for first, *more in alike.values():
        if not more:
            yield first
            continue
        yield _together(first, more)


def _together(first: Finding, more: Sequence[Finding]) -> Finding:
    """One finding for all of them, at the place of the first."""
    names = [o for f in (first, *more) for o in (f.operation, *f.also_operations)]
    several = tuple(dict.fromkeys(names))
    noun = "example" if len(more) == 1 else "examples"
    same = f"the same in {len(more)} more {noun} of the file"
    mendable = all(f.patch for f in (first, *more))
    return first.with_(
        issue=f"{first.issue.rstrip('.')} ({same}).",
        suggested_fix=f"{first.suggested_fix} Mend the others in the same way.",
        patch=tuple(s for f in (first, *more) for s in f.patch) if mendable else (),
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
