"""The rule `response-type-mismatch`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from checker.domain.finding import Finding, Severity
from checker.domain.operation import Operation
from checker.drift.responses import Patch, answers, field_name, finding, modern, raw_at, share
from checker.drift.rule import Case, Rule
from checker.inference.responses import ResponseFact, response_facts

_SCALARS = frozenset({"boolean", "integer", "number", "string"})
_HINDERS = frozenset(
    {"enum", "const", "default", "pattern", "minimum", "maximum", "minLength", "maxLength"}
)


class ResponseTypeMismatch(Rule):
    """A response value has another JSON type than documented (`null` included).

    ## What it does

    Compares every answer's body with the documented schema of its status and reports values of
    a JSON type that isn't documented, once seen twice. An integer is a number; every dialect's
    spelling of nullable counts, and so does a description that speaks of null. What lies below
    a value of the wrong type isn't reported.

    ## Why it matters

    Typed clients fail to read the answer; others fail later, at the `null`.

    ## Example

    `User.phone` is a `string`; the server answers `"phone": null` for users without one.

    ## Fix

    Document what comes: add `null` in the document's dialect (`nullable: true`,
    `x-nullable: true`, or `null` among the types), or change the type. The patch does the
    first, and the second for scalars that always came with the other type.
    """

    id: ClassVar[str] = "response-type-mismatch"
    severity: ClassVar[Severity] = Severity.MAJOR
    summary: ClassVar[str] = "A response value has another JSON type than documented."

    def check(self, case: Case) -> Iterable[Finding]:
        operation = case.documented
        if operation is None:
            return
        for fact in response_facts(operation, case.observed.exchanges, "type"):
            kinds = fact.documented
            documented = kinds if isinstance(kinds, str) else " or ".join(map(str, kinds))
            yield finding(
                self.id,
                self.severity,
                case,
                fact,
                issue=(
                    f"{_capital(field_name(fact))} is documented as {documented} in "
                    f"{answers(fact)} but is {fact.observed} {share(fact)}."
                ),
                fix=_fix(fact, operation),
                patch=_patch(case, fact, operation),
                identity=str(fact.observed),
            )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _nullable(operation: Operation) -> str:
    return "nullable" if operation.document.dialect == "3.0" else "x-nullable"


def _fix(fact: ResponseFact, operation: Operation) -> str:
    name = field_name(fact)
    if fact.observed != "null":
        return f"Change the type of {name} to `{fact.observed}`, or return what is documented."
    if modern(operation):
        types = [fact.documented] if isinstance(fact.documented, str) else list(fact.documented)
        spelled = ", ".join(f'"{t}"' for t in [*types, "null"])
        return f"Document that {name} may be null: `type: [{spelled}]`."
    return f"Document that {name} may be null: `{_nullable(operation)}: true`."


def _patch(case: Case, fact: ResponseFact, operation: Operation) -> Patch:
    schema = fact.schema
    if schema is None or operation.document.dialect == "prose":
        return ()
    base = fact.location.pointer
    if fact.observed == "null":
        if fact.location != schema.location:
            return _null_beside_reference(case, fact, operation)
        if not modern(operation):
            return ({"op": "add", "path": f"{base}/{_nullable(operation)}", "value": True},)
        written = schema.raw.get("type")
        if isinstance(written, str):
            return ({"op": "replace", "path": f"{base}/type", "value": [written, "null"]},)
        if isinstance(written, list):
            return ({"op": "add", "path": f"{base}/type/-", "value": "null"},)
        return ()
    always = fact.seen >= fact.out_of or (fact.documented, fact.observed) == ("integer", "number")
    plain = schema.raw.get("type") in _SCALARS and not _HINDERS & set(schema.raw)
    if not always or not plain or fact.observed not in _SCALARS:
        return ()
    steps: list[Mapping[str, Any]] = [
        {"op": "replace", "path": f"{base}/type", "value": fact.observed}
    ]
    if "format" in schema.raw:
        steps.append({"op": "remove", "path": f"{base}/format"})
    return tuple(steps)


def _null_beside_reference(case: Case, fact: ResponseFact, operation: Operation) -> Patch:
    """The property is a `$ref`, beside which older dialects see nothing: it is wrapped."""
    node = raw_at(case, fact.location)
    if not isinstance(node, Mapping) or not isinstance(node.get("$ref"), str):
        return ()
    reference = {"$ref": node["$ref"]}
    value: dict[str, Any] = {"allOf": [reference], _nullable(operation): True}
    if modern(operation):
        value = {"anyOf": [reference, {"type": "null"}]}
    return ({"op": "replace", "path": fact.location.pointer, "value": value},)
