"""Does a refusal repeat a value that the request brought? Then it is about that value."""

from __future__ import annotations

from collections.abc import Iterator

from checker.domain.exchange import Request, Response
from checker.domain.operation import FieldKey, Operation, Place
from checker.lexicon.texts import as_word
from checker.planning.recipe import match_path
from checker.safety.brought import brought_texts

LEAST = 4
"""Shorter texts may stand in a message by chance."""
MOST = 4000


def quotes_a_value(response: Response, request: Request, documented: Operation | None) -> bool:
    """Whether an answer repeats a text that the request has in a field of its own: in the body,
    the query, a header, or a choice of its path. What else is in a path names a thing."""
    own = {*brought_texts(request), *(v for _, v in request.headers)}
    own.update(_choices(request.url_path, documented) if documented is not None else ())
    said = response.text[:MOST]
    return any(len(text) >= LEAST and as_word(text).search(said) for text in own)


def _choices(path: str, documented: Operation) -> Iterator[str]:
    """The values of parameters in a path that are documented as one of a few."""
    for name, value in (match_path(documented.id.path, path) or {}).items():
        field = documented.field(FieldKey(Place.PATH, name))
        if field is not None and field.schema.enum:
            yield str(value)
