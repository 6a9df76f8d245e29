"""The rule `response-type-mismatch`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from checker.domain.finding import Finding, Severity
from checker.domain.operation import Operation
from checker.domain.schema import json_type
from checker.drift.json_schema import violations
from checker.drift.origin import ANY_ANSWER
from checker.drift.responses import (
    Patch,
    answers,
    field_name,
    modern,
    raw_at,
    response_finding,
    share,
)
from checker.drift.rule import Case, Rule
from checker.inference.responses import ResponseFact, response_facts

_SCALARS = frozenset({"boolean", "integer", "number", "string"})
_HINDERS = frozenset(
    {"enum", "const", "default", "pattern", "minimum", "maximum", "minLength", "maxLength"}
)


_FIX_OF_LIST = (
    "Document the body as a list of what is documented now: `type: array` with `items: "
    "{{$ref: {}}}`."
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
    `x-nullable: true`, or `null` among the types; in an `enum` too), or change the type. The
    patch does the first, and the second for scalars that always came with the other type. Where
    the documented type came too, both are to be documented.

    ## Before
    ```yaml
    number:
      type: string
    ```

    ## After
    ```yaml
    number:
      type: integer
    ```
    """

    id: ClassVar[str] = "response-type-mismatch"
    origin = ANY_ANSWER
    severity: ClassVar[Severity] = Severity.MAJOR
    summary: ClassVar[str] = "A response value has another JSON type than documented."
    decided: ClassVar[bool] = False

    def check(self, case: Case) -> Iterable[Finding]:
        operation = case.documented
        if operation is None:
            return
        facts = response_facts(operation, case.observed.exchanges, "type")
        for fact in facts:
            documented = " or ".join(_documented(fact))
            kinds = _all_kinds(fact, facts)
            listed = _list_of_it(case, fact)
            fix, patch = _fix(fact, operation), _patch(case, fact, operation)
            if len(kinds) > 1:
                fix, patch = _fix_of_many(fact, kinds, operation), _one_of(fact, kinds, operation)
            elif listed:
                fix, patch = _FIX_OF_LIST.format(listed[0]["value"]["items"]["$ref"]), listed
            yield response_finding(
                self.id,
                self.severity,
                case,
                fact,
                issue=(
                    f"{_capital(field_name(fact))} is documented as {documented} in "
                    f"{answers(fact)} but is {fact.observed} {share(fact)}."
                ),
                fix=fix,
                patch=patch,
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
    enum = ", and add `null` to its `enum`" if _enum_without_null(fact) else ""
    if modern(operation):
        types = _spelled([*_documented(fact), "null"])
        return f"Document that {name} may be null: `type: {types}`{enum}."
    return f"Document that {name} may be null: `{_nullable(operation)}: true`{enum}."


def _fix_of_many(fact: ResponseFact, kinds: list[str], operation: Operation) -> str:
    """What to write where one type isn't enough."""
    name, plain = field_name(fact), [k for k in kinds if k != "null"]
    if modern(operation):
        return f"Document that {name} has one of several types: `type: {_spelled(kinds)}`."
    null = "null" in kinds
    if len(plain) == 1:
        flag = f"`{_nullable(operation)}: true`"
        return (
            f"Change the type of {name} to `{plain[0]}`, and document that it may be null: {flag}."
        )
    either = " or ".join(f"`{k}`" for k in plain) + (" or null" if null else "")
    how = "with `oneOf`" if operation.document.dialect == "3.0" else "in its description"
    return (
        f"Document that {name} may be {either}: {how}, in place of the single `type` (or always "
        "return the documented type)."
    )


def _spelled(kinds: list[str]) -> str:
    return "[" + ", ".join(f'"{k}"' for k in kinds) + "]"


def _documented(fact: ResponseFact) -> list[str]:
    kinds = fact.documented
    return [kinds] if isinstance(kinds, str) else list(map(str, kinds))


def _all_kinds(fact: ResponseFact, facts: Iterable[ResponseFact]) -> list[str]:
    """Every type that a value was seen to have, where one alone doesn't say it; else nothing.

    That it may be null besides what is documented, and that some numbers aren't whole, is said
    without.
    """
    of_it = [f for f in facts if (f.name, f.response) == (fact.name, fact.response)]
    others = [f for f in of_it if f.observed != fact.observed]
    as_documented = sum(f.seen for f in of_it) < fact.out_of
    if not others and (fact.observed == "null" or not as_documented):
        return []
    observed = sorted({str(f.observed) for f in of_it})
    kinds = dict.fromkeys([*(_documented(fact) if as_documented else ()), *observed])
    if "number" in kinds:
        kinds.pop("integer", None)
    return sorted(kinds, key="null".__eq__)


def _one_of(fact: ResponseFact, kinds: list[str], operation: Operation) -> Patch:
    """The list of types, in the dialects that have it."""
    schema = fact.schema
    if schema is None or not modern(operation) or fact.location != schema.location:
        return ()
    if operation.document.dialect == "prose" or {"enum", "const"} & set(schema.raw):
        return ()
    if "type" not in schema.raw:
        return ()
    return ({"op": "replace", "path": f"{fact.location.pointer}/type", "value": kinds},)


def _list_of_it(case: Case, fact: ResponseFact) -> Patch:
    """The body is a list of the documented thing: the reference to it becomes the items'."""
    response, schema = fact.response, fact.schema
    if fact.name or fact.observed != "array" or response is None or schema is None:
        return ()
    bodies = [e.response.body for e, _ in fact.exchanges if e.response]
    items = [item for body in bodies if isinstance(body, list) for item in body]
    if not items or any(violations(schema, item) for item in items):
        return ()
    content = [response.location.child("content", m, "schema") for m in response.content]
    for place in (response.location.child("schema"), *content):
        node = raw_at(case, place)
        if isinstance(node, Mapping) and node.get("$ref") == f"#{schema.location.pointer}":
            value = {"type": "array", "items": {"$ref": node["$ref"]}}
            return ({"op": "replace", "path": place.pointer, "value": value},)
    return ()


def _enum_without_null(fact: ResponseFact) -> bool:
    """Whether the schema's values leave null out, whatever its type says."""
    values = fact.schema.raw.get("enum") if fact.schema is not None else None
    at_place = fact.schema is not None and fact.location == fact.schema.location
    return at_place and isinstance(values, list) and None not in values


def _patch(case: Case, fact: ResponseFact, operation: Operation) -> Patch:
    schema = fact.schema
    if schema is None or operation.document.dialect == "prose":
        return ()
    base = fact.location.pointer
    if fact.observed == "null":
        if fact.location != schema.location:
            return _null_beside_reference(case, fact, operation)
        added: Patch = ({"op": "add", "path": f"{base}/enum/-", "value": None},)
        beside = added if _enum_without_null(fact) else ()
        if not modern(operation):
            return ({"op": "add", "path": f"{base}/{_nullable(operation)}", "value": True}, *beside)
        written = schema.raw.get("type")
        if isinstance(written, str):
            value = [written, "null"]
            return ({"op": "replace", "path": f"{base}/type", "value": value}, *beside)
        if isinstance(written, list):
            return ({"op": "add", "path": f"{base}/type/-", "value": "null"}, *beside)
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
    fits = {"null", fact.observed} | ({"integer"} if fact.observed == "number" else set())
    if json_type(schema.raw.get("example")) not in fits:
        steps.append({"op": "remove", "path": f"{base}/example"})  # one of the old type
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
