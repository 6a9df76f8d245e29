"""What was sent, in plain words: how a request leaves the documentation, or differs from another.

No value of a probe stands in the words: they are the same in the next run. Pure.
"""

from __future__ import annotations

import json
from typing import Any

from checker.domain.exchange import Request
from checker.domain.operation import Field, Operation, Place
from checker.domain.schema import MISSING, Schema, json_type
from checker.drift.json_schema import Violation, violations
from checker.inference.answered_by import bare, is_json
from checker.inference.bodies import type_fits

_A = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a text",
}
_UNKNOWN = "with values that the documentation doesn't allow (see the request)"


def a_type(name: str) -> str:
    """A JSON type in a sentence: "a list"."""
    return _A.get(name, name)


def deviation(request: Request, operation: Operation | None) -> str:
    """What of a request the documentation doesn't allow: "whose body is a list instead of an
    object", "without `name`"."""
    if operation is None:
        return _UNKNOWN
    return _of_body(request, operation) or _of_query(request, operation) or _UNKNOWN


def difference(request: Request, accepted: Request) -> str:
    """In what a request differs from an accepted one, as far as one part says it."""
    parts = {
        "the thing that its path names": request.url_path != accepted.url_path,
        "its query": sorted(request.query) != sorted(accepted.query),
        "its body": request.content != accepted.content,
        "its headers": request.headers != accepted.headers,
        "the token it is sent with": request.token != accepted.token,
    }
    differing = [name for name, differs in parts.items() if differs]
    if not differing:
        return "that is the same as an accepted one"
    return f"that differs from an accepted one only in {' and '.join(differing)}"


def _of_body(request: Request, operation: Operation) -> str:
    media = bare(request.media_type or "")
    schema = next((s for m, s in operation.body.items() if is_json(bare(m)) and s), None)
    if request.content is None:
        return "without a body" if operation.body_required else ""
    if not operation.body:
        return "with a body, of which the documentation has none"
    if schema is None or not is_json(media):
        return ""
    try:
        body = json.loads(request.content)
    except ValueError:
        return "whose body is no JSON"
    return _of_value(schema, body)


def _of_value(schema: Schema, body: Any) -> str:
    if not type_fits(schema, body):
        wanted = schema.types or ("object" if schema.properties else "array",)
        due = " or ".join(map(a_type, wanted))
        return f"whose body is {a_type(json_type(body))} instead of {due}"
    broken = violations(schema, body)
    return _of_violation(body, broken[0]) if broken else ""


def _of_violation(body: Any, broken: Violation) -> str:
    value, name = body, ""
    for part in broken.path:
        value = value[part]
        name += "[]" if isinstance(part, int) else f".{part}" if name else str(part)
    if broken.lacks:
        return f"without `{name}.{broken.lacks}`" if name else f"without `{broken.lacks}`"
    if not name:
        return "whose body its schema doesn't allow"
    return f"with {a_type(json_type(value))} in `{name}`, which its schema doesn't allow"


def _of_query(request: Request, operation: Operation) -> str:
    fields = {k.name: f for k, f in operation.fields.items() if k.place is Place.QUERY}
    given = dict(request.query)
    for name, field in fields.items():
        if field.required and name not in given and "[" not in name:
            return f"without `{name}` (query parameter)"
        if name in given and not _reads(field, given[name]):
            due = " or ".join(map(a_type, field.schema.types))
            return f"with `{name}` (query parameter) set to something else than {due}"
    return ""


def _reads(field: Field, text: str) -> bool:
    """Whether a parameter's text can be read as what is documented, of plain types."""
    types = set(field.schema.types)
    if not types or types - {"integer", "number", "boolean"}:
        return True
    try:
        value = json.loads(text.lower())
    except ValueError:
        value = MISSING
    return value is not MISSING and field.schema.allows_type(json_type(value))
