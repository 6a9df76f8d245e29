"""Which documented response an answer has, which schema its body follows. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checker.domain.exchange import Exchange, Response
from checker.domain.operation import DocumentedResponse, Operation
from checker.domain.schema import MISSING, Schema
from checker.lexicon import read

NO_BODY = frozenset({204, 205, 304})


def documented_for(operation: Operation, status: int) -> DocumentedResponse | None:
    """The documented response of a status: the exact one, its range, `default`.

    A `default` that speaks of errors beside documented successes doesn't document further
    success statuses.
    """
    by_status = {r.status.upper(): r for r in operation.responses}
    exact = by_status.get(str(status)) or by_status.get(f"{status // 100}XX")
    if exact is not None:
        return exact
    default = by_status.get("DEFAULT")
    success = any(s[:1] == "2" for s in by_status)
    if default is not None and status // 100 == 2 and success and _speaks_of_errors(default):
        return None
    return default


def _speaks_of_errors(response: DocumentedResponse) -> bool:
    texts = [response.description]
    for schema in response.content.values():
        if schema is not None:
            texts += [schema.title, (schema.reference or "").rpartition("/")[2]]
    return any(read("failures", text) for text in texts)


def describes(operation: Operation, documented: DocumentedResponse, status: int) -> bool:
    """Whether a documented response's body is meant for this status.

    A lone `default` ("successful operation") isn't the shape of errors.
    """
    if status >= 500:
        return documented.status == str(status)
    if documented.status.upper() != "DEFAULT":
        return True
    success = any(r.status[:1] == "2" for r in operation.responses)
    if status // 100 == 2:
        return not success and not _speaks_of_errors(documented)
    return success or _speaks_of_errors(documented)


def bare(media_type: str) -> str:
    """A media type without parameters, lower case."""
    return media_type.split(";")[0].strip().lower()


def is_json(media_type: str) -> bool:
    """Whether a bare media type carries JSON."""
    return media_type in ("application/json", "text/json") or media_type.endswith("+json")


def has_body(exchange: Exchange, response: Response) -> bool:
    """Whether an answer carries a body at all."""
    if exchange.request.method == "HEAD" or response.status in NO_BODY:
        return False
    return response.body is not MISSING or bool(response.text.strip())


def media_documented(documented: DocumentedResponse, media_type: str) -> str | None:
    """The documented media type (as written) that covers one; None where none does."""
    for wanted in (media_type, media_type.partition("/")[0] + "/*", "*/*", ""):
        for written in documented.content:
            if bare(written) == wanted:
                return written
    return None


def _looks_alike(schema: Schema | None, body: Any) -> bool:
    """Whether at least half of a body's members are those that a schema has."""
    if isinstance(body, list):
        return bool(body) and schema is not None and _looks_alike(schema.items, body[0])
    if schema is None or not isinstance(body, Mapping):
        return False
    return bool(body) and 2 * len(set(body) & set(schema.properties)) >= len(body)


def _is_other_json(media: str) -> bool:
    """Whether a media type is a JSON format of its own."""
    return is_json(media) and media != "application/json"


def _may_be_json(media: str) -> bool:
    return is_json(media) or media in ("*/*", "application/*", "")


def _json_of(documented: DocumentedResponse) -> str | None:
    """The documented media type that JSON has."""
    return next((m for m in documented.content if is_json(bare(m)) or m == "*/*"), None)


def schema_for(exchange: Exchange, documented: DocumentedResponse) -> tuple[Schema | None, Any]:
    """The schema that an answer's body is meant to follow, and the body (MISSING for none).

    JSON under a wrong name is still read (unless it is another JSON format, a problem document
    say, whose members are others): the wrong name is told by its own fact.
    """
    response = exchange.response
    assert response is not None
    media = response.media_type
    named = media_documented(documented, media) if media else None
    written = _json_of(documented) if named is None else named
    if written is None or not _may_be_json(bare(written)):
        return None, MISSING
    schema = documented.content[written]
    if named is None and _is_other_json(media) and not _looks_alike(schema, response.body):
        return None, MISSING
    # Plain text that happens to parse as JSON isn't a number.
    read = is_json(media) or isinstance(response.body, (Mapping, list))
    return schema, response.body if read else MISSING
