"""The rule `type-mismatch`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from checker.domain.finding import Finding, Severity
from checker.domain.observation import Kind, Observation, Rejection
from checker.domain.operation import Field, FieldKey, Place
from checker.domain.schema import json_type
from checker.drift.build import answered, documented_field, field_words, finding, named, spoken
from checker.drift.origin import Origin
from checker.drift.rule import Case, Rule
from checker.drift.words import documents_format, names
from checker.inference.facts import (
    FRACTION,
    NUMBER_TEXT,
    number_text,
    only_whole,
    replaced,
    witness_value,
)


class TypeMismatch(Rule):
    """The documented type is refused and another JSON type is accepted.

    ## What it does
    Sends values of the documented type (refused) and the same request with a value of another
    JSON type (accepted), each twice. Where values of unrelated types are accepted too, the
    server doesn't look at the type, and nothing is said. Where all values travel as text (in a
    URL, a header, a form), a number is what is accepted with zeros before it, too. A documented
    number is an integer where what lies between two accepted whole ones is refused (minor).

    ## Why it matters
    A client that follows the documentation always fails.

    ## Example
    `tags` is documented as a string; `"a"` is answered 422, `["a"]` is accepted.

    ## Fix
    Document the accepted type.

    ## Before
    ```yaml
    weekdays:
      type: string
    ```

    ## After
    ```yaml
    weekdays:
      type: array
      items: {type: string}
    ```
    """

    id = "type-mismatch"
    origin = Origin(
        experiments=("absent", "types", "wire-numbers"),
        questions=("type", "whole", "accepted", "values"),
    )
    severity = Severity.CRITICAL
    summary = "Another JSON type than the documented one is accepted."

    def check(self, case: Case) -> Iterable[Finding]:
        for key in dict.fromkeys(
            [*case.observed.subjects(Kind.REPLACE), *case.observed.subjects(Kind.ADD)]
        ):
            field = documented_field(case, key)
            if field is None or not field.schema.types:
                continue
            yield from self._whole(case, key, field)
            refused = replaced(case.observed, key, "documented-type")
            proof: list[Observation] = []
            number = number_text(case.observed, key)
            if number:
                words = "\n".join(field_words(case, key))
                if documents_format(words, "digits", "integer", "decimal", "whole number"):
                    continue
                proof = [o for o in replaced(case.observed, key, NUMBER_TEXT) if o.accepted]
                refused = [o for o in replaced(case.observed, key, "nonsense") if o.refused]
                refused = [o for o in refused if o.confirmed]
                taken = witness_value(case.observed, key)
            elif refused:
                taken = refused[0].detail["accepted"]
            else:
                refused = replaced(case.observed, key, "documented")
                proof = [o for o in replaced(case.observed, key, "other-type") if o.surely_accepted]
                if not proof:
                    continue
                taken = proof[0].value
            if not refused or not all(
                o.surely_refused and o.rejection is not Rejection.CONFLICT for o in refused
            ):
                continue
            beside = replaced(case.observed, key, "unrelated-type")
            if key.place is Place.BODY and beside and not all(o.refused for o in beside):
                continue  # it takes anything: a value of a wrong type is passed over
            real = number or json_type(taken)
            fractions = replaced(case.observed, key, FRACTION)
            if real == "integer" and any(o.surely_accepted for o in fractions):
                real = "number"
            if field.schema.allows_type(real) or _travels_alike(key.place, refused):
                continue
            if names("\n".join(field_words(case, key)), real) and real in ("array", "object"):
                continue
            documented = next((t for t in field.schema.types if t != "null"), "null")
            yield finding(
                self,
                case,
                key,
                issue=(
                    f"{named(key)} is documented as {documented}, but the server answers "
                    f"{answered(refused)} to {spoken(refused[0].value)} and accepts the {real} "
                    f"{spoken(taken)}."
                ),
                fix=f"Document {named(key)} as {real}.",
                documented=documented,
                observed=real,
                evidence=[e for o in [*refused[:1], *proof[:1]] for e in o.evidence],
                source=field.schema.location,
                patch=_retyped(case, field, real, taken),
            )

    def _whole(self, case: Case, key: FieldKey, field: Field) -> Iterable[Finding]:
        """A number that has to be a whole one: little is lost by a client that sends others."""
        proof = only_whole(case.observed, key)
        words = "\n".join(field_words(case, key))
        if not proof or documents_format(words, "digits", "integer", "whole number"):
            return
        yield finding(
            self,
            case,
            key,
            issue=(
                f"{named(key)} is documented as number, but the server answers "
                f"{answered(proof[:1])} to {spoken(proof[0].value)} and accepts the whole numbers "
                "beside it."
            ),
            fix=f"Document {named(key)} as integer.",
            documented="number",
            observed="integer",
            severity=Severity.MINOR,
            evidence=[e for o in proof for e in o.evidence],
            source=field.schema.location,
            patch=[
                {
                    "op": "replace",
                    "path": f"{field.schema.location.pointer}/type",
                    "value": _integer(case, field),
                }
            ],
            identity="whole",
        )


_OF_TYPE = {
    "string": ("minLength", "maxLength", "pattern"),
    "array": ("items", "minItems", "maxItems", "uniqueItems", "collectionFormat"),
    "object": ("properties", "required", "additionalProperties"),
    "number": (
        "minimum",
        "maximum",
        "multipleOf",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "format",
    ),
}
"""What a schema says of values of a type, and of no other."""


def _retyped(case: Case, field: Field, real: str, taken: Any) -> list[dict[str, Any]]:
    """The type, and what goes with it: a list says what is in it, an enum and an example of
    another type go."""
    base = field.schema.location.pointer
    raw = field.schema.raw
    patch: list[dict[str, Any]] = [{"op": "replace", "path": f"{base}/type", "value": real}]
    if real == "array":
        kinds = {json_type(item) for item in taken} if isinstance(taken, list) else set()
        items: dict[str, Any] = {"type": kinds.pop()} if len(kinds) == 1 else {}
        for name in ("enum", "format", *_OF_TYPE["string"]):
            if name in raw and items.get("type") == "string":
                items[name] = raw[name]
        patch.append({"op": "add", "path": f"{base}/items", "value": items})
    kept = _OF_TYPE.get(_group(real), ())
    gone = [n for names in _OF_TYPE.values() for n in names if n in raw and n not in kept]
    if _group(real) not in map(_group, field.schema.types):
        gone += ["format"] if "format" in raw else []
    gone += [n for n in ("example", "default") if n in raw and not _fits(real, raw[n])]
    gone += ["enum"] if "enum" in raw and not all(_fits(real, v) for v in raw["enum"]) else []
    patch += [{"op": "remove", "path": f"{base}/{name}"} for name in dict.fromkeys(gone)]
    return patch


def _group(kind: str) -> str:
    return "number" if kind == "integer" else kind


def _fits(kind: str, value: Any) -> bool:
    return json_type(value) == kind or (kind == "number" and json_type(value) == "integer")


def _integer(case: Case, field: Field) -> str | list[str]:
    """The `type` of a whole number in the document's dialect, still nullable where it was."""
    listed = case.documented is not None and case.documented.document.dialect.startswith(
        ("3.1", "3.2")
    )
    return ["integer", "null"] if listed and field.schema.nullable else "integer"


def _travels_alike(place: Place, refused: list[Observation]) -> bool:
    """Whether what was refused is a list that travels as its only item does: outside JSON one
    text of a list and a text are the same, and the value alone was refused."""
    if place is Place.BODY:
        return False
    return any(isinstance(o.value, list) and len(o.value) == 1 for o in refused)
