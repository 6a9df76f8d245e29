"""Envelopes: members of an answer that tell of the call rather than of the thing.

They say failure or success within a successful status, in the names and words that many servers
share; what the request brought, or the document gives as the thing's own, says nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from checker.domain.exchange import Request, Response
from checker.domain.schema import MISSING, Schema, json_type
from checker.lexicon.phrases import phrase, vocabulary
from checker.planning.answered import is_nothing
from checker.probing.answer_shape import Shape

_NAMES = partial(vocabulary, "envelopes")
_SUCCESS_KEYS = _NAMES("flag of success")
_STATUS_KEYS = _NAMES("status of the call")
_ERROR_KEYS = _NAMES("error")
_ENVELOPES = frozenset(_NAMES("envelope"))
"""Members that tell of the call rather than of what it is about."""
OWN_NAMES = frozenset(_NAMES("own name"))
"""Members of a resource: beside them a status is the resource's own."""
_SPOKEN = frozenset(_NAMES("spoken"))
"""Members in which an envelope says why."""
MAX_ENVELOPES = 3

Features = dict[str, str]


def ordinary(response: Response, shape: Shape) -> frozenset[str]:
    """The members of an answer that only look like errors: the document gives them as properties
    of a success, they hold what it says, and the rest of the answer is that of a success."""
    body, members = response.body, shape.members(response.status)
    if not isinstance(body, Mapping) or not members:
        return frozenset()
    return _looking_like_errors(body, response.status, shape) | _described_inside(body, members)


def _looking_like_errors(body: Mapping[Any, Any], status: int, shape: Shape) -> frozenset[str]:
    members = shape.members(status)
    if not any(n in body and n.lower() in (*_ERROR_KEYS, *_SUCCESS_KEYS) for n in members):
        return frozenset()
    others = set(members) - envelope_names(members)
    there = {n for n in others if not is_nothing(body.get(n))}
    wanted = (shape.required(status) | shape.stable(status)) & others
    empty = {n for n in others if n in body and body[n] is None and members[n].nullable}
    own = any(n.lower() in OWN_NAMES for n in there) and 2 * len(there) > len(others)
    if not there or wanted - there - empty or not (own or others <= there | empty):
        return frozenset()
    flags = _SUCCESS_KEYS if own and not _SPOKEN & {str(n).lower() for n in body} else ()
    looking = [n for n in members if n in body and n.lower() in (*_ERROR_KEYS, *flags)]
    return frozenset(n for n in looking if members[n].types and _is_one(members[n], body[n]))


def _described_inside(body: Mapping[Any, Any], members: Mapping[str, Schema]) -> frozenset[str]:
    """The members of a thing with an identifier that are only named like an envelope: what looks
    like an error in them has one of the values that the document lists (a stub's
    `{"id": …, "response": {"fault": "EMPTY_RESPONSE"}}`)."""
    if not any(str(n).lower() in OWN_NAMES and not is_nothing(v) for n, v in body.items()):
        return frozenset()
    return frozenset(
        name
        for name, schema in members.items()
        if name.lower() in _ENVELOPES
        and isinstance(inner := body.get(name), Mapping)
        and (looking := [n for n in inner if str(n).lower() in _ERROR_KEYS])
        and all(_is_listed(schema.properties.get(n), inner[n]) for n in looking)
    )


def _is_listed(schema: Schema | None, value: Any) -> bool:
    return schema is not None and bool(schema.enum) and value in (schema.enum or ())


def _is_one(schema: Schema, value: Any) -> bool:
    return schema.allows_type(json_type(value)) and (not schema.enum or value in schema.enum)


def envelope_names(names: Collection[str]) -> set[str]:
    """Those of some members' names that tell of the call rather than of the thing."""
    words = {*_SUCCESS_KEYS, *_STATUS_KEYS, *_ERROR_KEYS, *_SPOKEN}
    return {
        n
        for n in names
        if n.lower() in words or _is_called("error code", n) or _is_called("plain code", n)
    }


def declares_failure(
    body: Any, request: Request | None = None, ordinary: Collection[str] = ()
) -> bool:
    """Whether a successful status carries one of the common envelopes of failure, at the top or
    in a member that tells of the call (`{"result": {"status": "ERROR"}}`).

    `ordinary` are members at the top that are known to be the thing's own, with what is in them.
    """
    if not isinstance(body, Mapping):
        return False
    said = _declared({k: v for k, v in body.items() if k not in ordinary}, request)
    inner = body
    for _ in range(MAX_ENVELOPES if said is None else 0):
        known = ordinary if inner is body else ()
        members = [
            (str(k).lower(), v)
            for k, v in inner.items()
            if isinstance(v, Mapping) and k not in known
        ]
        named = [v for k, v in members if k in _ENVELOPES]
        alone = [v for _, v in members] if len(inner) == 1 else []
        found = next(iter(named or alone), None)
        if found is None or OWN_NAMES & {str(k).lower() for k in found}:
            return False
        inner, said = found, _declared(found, request, inner=True)
        if said is not None:
            break
    return bool(said)


def _declared(body: Mapping[Any, Any], request: Request | None, inner: bool = False) -> bool | None:
    """What an envelope's members say: failure, success, or nothing (None)."""
    lowered = {str(k).lower(): v for k, v in body.items()}
    for key in _SUCCESS_KEYS:
        if isinstance(lowered.get(key), bool):
            if request is not None and not lowered[key] and _brought(request, key):
                continue  # a field of its own
            return not lowered[key]
    codes = [v for k, v in lowered.items() if _is_called("error code", k) and _is_code(v)]
    if codes:
        return not all(map(_says_none, codes))
    for key in _STATUS_KEYS:
        value = lowered.get(key)
        if not isinstance(value, str) or _is_own_state(lowered, value, request):
            continue
        if _states("failed", value) or (inner and _states("refused", value)):
            return True
    errors = [
        lowered[key]
        for key in _ERROR_KEYS
        if key in lowered and not (request is not None and _echoes(request, key, lowered[key]))
    ]
    # Beside something that was found or made, errors are about a part of it.
    if any(e and not _says_none(e) for e in errors) and is_nothing(lowered.get("data")):
        return True
    return None


def _is_called(meaning: str, name: str) -> bool:
    return phrase("envelopes", meaning).search(name) is not None


def _states(meaning: str, value: str) -> bool:
    """Whether a value of an envelope is one of the words for failure, refusal, or no error. Those
    of refusal may tell the state of a resource of its own."""
    return phrase("envelopes", meaning).search(value) is not None


def _is_code(value: Any) -> bool:
    return isinstance(value, (int, str)) and not isinstance(value, bool)


def _says_none(code: Any) -> bool:
    """Whether an error code says that there is no error: 0, "0", "ok"."""
    return _is_code(code) and _states("no error", str(code).strip())


def _is_own_state(lowered: Mapping[str, Any], word: str, request: Request | None) -> bool:
    """Whether a word is the state of a resource rather than of the call, or our own word."""
    if OWN_NAMES & set(lowered) and not _SPOKEN & set(lowered):
        return True
    return request is not None and _brought(request, word)


def _brought(request: Request, word: str) -> bool:
    """Whether the request had the word as a value or a name."""
    if any(word in pair for pair in request.query):
        return True
    sent = (request.content or b"").decode("utf-8", "replace")
    return bool(re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", sent))


def _echoes(request: Request, key: str, value: Any) -> bool:
    """Whether the request had this very value under this very name: it comes back."""
    if any(n.lower() == key and v == str(value) for n, v in request.query):
        return True
    sent = (request.content or b"").decode("utf-8", "replace")
    try:
        return _holds(json.loads(sent), key, value)
    except (ValueError, RecursionError):
        return any(n.lower() == key and v == str(value) for n, v in parse_qsl(sent))


def _holds(node: Any, key: str, value: Any, depth: int = 6) -> bool:
    if isinstance(node, Mapping):
        if any(str(n).lower() == key and v == value for n, v in node.items()):
            return True
        node = list(node.values())
    return (
        isinstance(node, list) and depth > 0 and any(_holds(v, key, value, depth - 1) for v in node)
    )


def features(response: Response) -> Iterator[tuple[str, str]]:
    """Coarse marks of an answer: media type, shape, flags and words, at the top and in the
    members that tell of the call."""
    yield "media", response.media_type
    body = response.body
    if body is MISSING:
        yield "shape", "empty" if not response.text.strip() else "text"
        return
    if not isinstance(body, Mapping):
        yield "shape", "array" if isinstance(body, list) else "scalar"
        return
    yield "shape", "object"
    yield from _marks(body, "", MAX_ENVELOPES)


def _marks(body: Mapping[Any, Any], above: str, depth: int) -> Iterator[tuple[str, str]]:
    for name, value in body.items():
        lowered, path = str(name).lower(), f"{above}{name}"
        if isinstance(value, bool):
            yield f"flag:{path}", str(value)
        elif lowered in _STATUS_KEYS and isinstance(value, str):
            yield f"word:{path}", value
        elif lowered in _ERROR_KEYS:
            yield f"error:{path}", "filled" if value else "empty"
        elif _is_code(value) and (
            _is_called("error code", lowered) or _is_called("plain code", lowered)
        ):
            fine = _says_none(value) or str(value) in ("200", "201")
            yield f"code:{path}", "zero" if fine else "other"
        else:
            yield f"has:{path}", "null" if value is None else "present"
        if depth and isinstance(value, Mapping) and (lowered in _ENVELOPES or len(body) == 1):
            yield from _marks(value, f"{path}.", depth - 1)
