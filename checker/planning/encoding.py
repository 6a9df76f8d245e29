"""A `Call` in an operation's terms to a `Request` on the wire. Pure."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote, urlencode

from checker.domain.exchange import Call, Request
from checker.domain.operation import Field, FieldKey, Operation, Place
from checker.domain.schema import MISSING, readable

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
NAME_LETTERS = 8
"""Of a file that is sent: enough to be nobody else's, few enough to be cut by nobody."""
_BOUNDARY = "driftcheck-boundary-7d1c2f"
_SEPARATORS = {"pipeDelimited": "|", "spaceDelimited": " ", "tabDelimited": "\t"}
MAX_DECODINGS = 4
"""A proxy and the server behind it may each decode a path once more than they should."""
_DOTS = (".", "..")
_SLASHES = re.compile(r"[/\\]")
_CUT = re.compile(r"[;\0]")
_PATH_PARAMETER = re.compile(r"\{([^{}/]+)\}")


def is_json(media_type: str | None) -> bool:
    """Whether a media type carries JSON (`application/json`, `…+json`)."""
    bare = (media_type or "").split(";")[0].strip().lower()
    return bare == JSON or bare.endswith("+json") or bare == "text/json"


def is_multipart(media_type: str | None) -> bool:
    """Whether a media type carries parts, files among them."""
    return (media_type or "").split(";")[0].strip().lower() == MULTIPART


def is_form(media_type: str | None) -> bool:
    """Whether a media type carries the fields of a form, in parts or as a query."""
    bare = (media_type or "").split(";")[0].strip().lower()
    return bare in (MULTIPART, FORM)


def scalar_text(value: Any) -> str:
    """A scalar as it stands in a URL, a header or a form."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case bytes():
            return str(readable(value))
        case int() | float():
            return str(value)
        case _:
            return json.dumps(readable(value), ensure_ascii=False)


def utf8(text: str) -> bytes:
    """The text's bytes; half of a surrogate pair, which no encoding has, as a question mark."""
    return text.encode("utf-8", "replace")


def nested_pairs(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Bracket notation: `filter[a][b]=…`, `ids[]=…`."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from nested_pairs(f"{name}[{key}]", item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from nested_pairs(f"{name}[]", item)
    else:
        yield name, scalar_text(value)


def _form_pairs(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """A field of a form: a list of scalars repeats the name (OpenAPI 3, Encoding Object: `form`,
    exploded, where nothing is said); what is nested has no standard and goes in brackets."""
    if isinstance(value, (list, tuple)) and not _nested(value):
        for item in value:
            yield name, scalar_text(item)
    else:
        yield from nested_pairs(name, value)


def encode_query(
    values: Mapping[str, Any], fields: Mapping[FieldKey, Field] | None = None
) -> tuple[tuple[str, str], ...]:
    """Query pairs, unencoded, in the documented styles (`form` exploded without one)."""
    pairs: list[tuple[str, str]] = []
    for name, value in values.items():
        documented = (fields or {}).get(FieldKey(Place.QUERY, name))
        style = documented.style if documented else ""
        explode = documented.explode if documented else True
        if isinstance(value, Mapping):
            if style == "form" and explode:
                pairs.extend((k, scalar_text(v)) for k, v in value.items())
            elif style == "form":
                flat = [scalar_text(x) for item in value.items() for x in item]
                pairs.append((name, ",".join(flat)))
            else:
                pairs.extend(nested_pairs(name, value))
        elif isinstance(value, (list, tuple)):
            if style == "deepObject":
                pairs.extend(nested_pairs(name, value))
            elif explode:
                pairs.extend((name, scalar_text(v)) for v in value)
            else:
                pairs.append((name, _SEPARATORS.get(style, ",").join(map(scalar_text, value))))
        else:
            pairs.append((name, scalar_text(value)))
    return tuple(pairs)


def _form(value: Mapping[str, Any], kind: str) -> tuple[bytes, str]:
    if kind == MULTIPART:
        return _multipart(value), f"{MULTIPART}; boundary={_BOUNDARY}"
    pairs = [pair for k, v in value.items() for pair in _form_pairs(k, v)]
    return urlencode(pairs, errors="replace").encode(), FORM


def encode_body(value: Any, media_type: str) -> tuple[bytes, str]:
    """The body's bytes and its Content-Type. Anything that isn't a form or text is JSON."""
    bare = media_type.split(";")[0].strip().lower()
    if isinstance(value, Mapping) and bare in (FORM, MULTIPART):
        return _form(value, bare)
    if isinstance(value, bytes):
        return value, media_type
    if isinstance(value, str) and not is_json(media_type):
        return utf8(value), media_type
    return utf8(json.dumps(readable(value), ensure_ascii=False)), media_type or JSON


def _multipart(value: Mapping[str, Any]) -> bytes:
    """The parts. A file is called by what the whole form holds: `file.txt` is what others call
    theirs, and some servers overwrite what is called alike."""
    lines: list[bytes] = []
    told = base64.b32encode(hashlib.sha256(repr(value).encode("utf-8", "replace")).digest())
    for name, item in value.items():
        for number, part in enumerate(item if isinstance(item, (list, tuple)) else [item]):
            head = f'Content-Disposition: form-data; name="{_part_name(name)}"'
            if isinstance(part, bytes):
                called = told[number : number + NAME_LETTERS].decode().lower()
                head += f'; filename="{called}.txt"\r\nContent-Type: application/octet-stream'
                content = part
            elif isinstance(part, Mapping):
                head += "\r\nContent-Type: application/json"
                content = utf8(json.dumps(readable(part)))
            else:
                content = utf8(scalar_text(part))
            lines.append(utf8(f"--{_BOUNDARY}\r\n{head}\r\n\r\n") + content + b"\r\n")
    return b"".join(lines) + f"--{_BOUNDARY}--\r\n".encode()


def _part_name(name: str) -> str:
    """The name of a part as a header bears it: quotes and control characters as `%XX`."""
    return "".join(f"%{ord(c):02X}" if c == '"' or ord(c) < 32 or c == "\x7f" else c for c in name)


def expand_path(template: str, values: Mapping[str, Any]) -> str:
    """The template with its parameters percent-encoded in; unknown ones stay."""

    def put(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in values:
            return match.group(0)
        value = values[name]
        if isinstance(value, (list, tuple)):
            return ",".join(map(_quoted, value))
        return _quoted(value)

    # No value brings a slash along, so the segments of both belong together.
    pairs = ((ours, _PATH_PARAMETER.sub(put, ours)) for ours in template.split("/"))
    return "/".join(ours if ours == theirs else undotted(theirs) for ours, theirs in pairs)


def _quoted(value: Any) -> str:
    return quote(scalar_text(value), safe="", errors="replace")


def undotted(segment: str) -> str:
    """A percent-encoded segment; `.` and `..`, which lead elsewhere, with their dots escaped."""
    return segment.replace(".", "%2E") if segment in _DOTS else segment


def encoded_segment(value: Any) -> str:
    """A value as a segment of a path, percent-encoded, whatever a server may make of it."""
    return undotted(_quoted(value))


def safe_segment(value: Any) -> str | None:
    """A value as a segment of a path, percent-encoded; None where a server may take it for
    another path: nothing, `.` and `..`, also between slashes and behind escapes."""
    encoded = encoded_segment(value)
    return None if _strays(encoded) else encoded


def may_stray(url_path: str, template: str | None = None) -> bool:
    """Whether a server may read an encoded path as another one than its segments say.

    The template, compared from the end since a base path may be missing, says which segments
    are the operation's own. Of a segment that is in no template only dots count, and that it is
    empty between two others: what else it is may have been meant.
    """
    given = url_path.partition("?")[0].split("/")[:0:-1]
    wanted = (template or "").split("/")[:0:-1]
    for number, segment in enumerate(given):
        ours = wanted[number] if number < len(wanted) else None
        if ours is None:
            if _strays(segment, _DOTS) or (number and not segment):
                return True
        elif segment != ours and _strays(segment):
            return True
    return False


def _strays(segment: str, elsewhere: tuple[str, ...] = ("", *_DOTS)) -> bool:
    """Whether one of what decoding and splitting can make of a segment leads elsewhere."""
    for _ in range(MAX_DECODINGS):
        for piece in _SLASHES.split(segment):
            # Servers cut off parameters (`..;x`), what follows a NUL, and space.
            if _CUT.split(piece)[0].strip() in elsewhere:
                return True
        decoded = unquote(segment)
        if decoded == segment:
            return False
        segment = decoded
    return True


@lru_cache(maxsize=16_384)
def path_parameters(template: str) -> tuple[str, ...]:
    """The names in a path template, in order."""
    return tuple(_PATH_PARAMETER.findall(template))


def with_joined_lists(call: Call, operation: Operation | None) -> Call:
    """The call with the lists of a form as the texts that the document says they travel as."""
    separators = operation.body_separators if operation is not None else {}
    if not separators or not isinstance(call.body, Mapping) or is_json(call.media_type):
        return call
    body = {
        name: separators[name].join(map(scalar_text, value))
        if name in separators and isinstance(value, (list, tuple)) and not _nested(value)
        else value
        for name, value in call.body.items()
    }
    return replace(call, body=body)


def _nested(items: Iterable[Any]) -> bool:
    return any(isinstance(item, (Mapping, list, tuple, bytes)) for item in items)


def build_request(call: Call, operation: Operation | None = None) -> Request:
    """The request for a call; `operation` gives parameter styles where it is documented."""
    fields = {f.key: f for f in operation.parameters} if operation else {}
    call = with_joined_lists(call, operation)
    headers = [(name, scalar_text(v)) for name, v in call.header.items()]
    if call.cookie:
        cookies = "; ".join(f"{k}={_quoted(v)}" for k, v in call.cookie.items())
        headers.append(("Cookie", cookies))
    content: bytes | None = None
    media_type = call.media_type
    if call.body is not MISSING:
        content, media_type = encode_body(call.body, call.media_type or JSON)
    return Request(
        method=call.operation.method,
        url_path=expand_path(call.operation.path, call.path),
        query=encode_query(call.query, fields),
        headers=tuple(headers),
        content=content,
        media_type=media_type if content is not None else None,
        token=call.token,
        base=call.base,
        operation=call.operation,
    )
