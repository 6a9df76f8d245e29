"""Recorded traffic (HAR 1.2) as calls to documented operations.

A recording is untrusted and full of secrets: its size is limited, and credentials, cookies and
transport headers never leave this module.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from checker.domain.characters import whole_texts
from checker.domain.exchange import Call
from checker.domain.nodes import each_of, list_of, member_of
from checker.domain.operation import FieldKey, Operation, OperationId, Place
from checker.domain.schema import MISSING, Schema
from checker.errors import DocumentError

MAX_BYTES = 100_000_000
MAX_ENTRIES = 50_000
MAX_BODY = 1_000_000
MAX_CALLS = 5
"""Calls kept of one operation: the latest ones."""
FORM = "application/x-www-form-urlencoded"
METHODS = frozenset({"GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"})
_SECRET = ("authorization", "cookie", "token", "api-key", "apikey", "secret", "session", "csrf")
_MEND = "Export it again as HAR 1.2, or leave out --har."


@dataclass(frozen=True, slots=True)
class Recorded:
    """One recorded request and the status of its answer; credentials are gone already.

    `base` is scheme and host, `path` the URL's path, percent-encoded. `body` is parsed JSON or
    form members, text, or MISSING.
    """

    method: str
    base: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = MISSING
    media_type: str | None = None
    status: int = 0

    @property
    def successful(self) -> bool:
        return 200 <= self.status < 300


def _json_of(path: Path, name: str) -> Any:
    """The JSON of a file; raises DocumentError with the name for what can't be read."""
    try:
        if path.stat().st_size > MAX_BYTES:
            limit = MAX_BYTES // 1_000_000
            raise DocumentError(f"{name}: larger than {limit} MB.", "Record a shorter session.")
        return whole_texts(json.loads(path.read_bytes().decode("utf-8-sig")))
    except OSError as error:
        raise DocumentError(f"{name}: can't be read ({error.strerror}).") from None
    except json.JSONDecodeError as error:
        raise DocumentError(f"{name}:{error.lineno}: not JSON ({error.msg}).", _MEND) from None
    except UnicodeDecodeError:
        raise DocumentError(f"{name}: not UTF-8 text.", _MEND) from None
    except (RecursionError, ValueError):
        raise DocumentError(f"{name}: its JSON is nested too deeply or too odd.", _MEND) from None


def load_har(path: Path, display: str = "") -> list[Recorded]:
    """The entries of a HAR file; `display` is its name for the user.

    Entries that aren't usable are passed over. Raises DocumentError naming the file where it
    can't be read, is too large or isn't a HAR file.
    """
    name = display or str(path)
    entries = member_of(_json_of(path, name), "log", "entries")
    if not isinstance(entries, list):
        raise DocumentError(f"{name}: not a HAR file (it has no log.entries).", _MEND)
    if len(entries) > MAX_ENTRIES:
        raise DocumentError(f"{name}: more than {MAX_ENTRIES} entries.", "Record a shorter one.")
    found = (_entry(entry) for entry in entries)
    return [entry for entry in found if entry is not None]


def calls_from_har(
    entries: Iterable[Recorded],
    operations: Sequence[Operation],
    base_urls: Sequence[str] = (),
) -> dict[OperationId, list[Call]]:
    """The successful calls to documented operations, the latest first, at most MAX_CALLS each.

    `base_urls` are the target's: traffic to other hosts is passed over, and a path below a base
    URL's own path is read without it. Empty: every host counts. Values take the documented
    type where their text allows it.
    """
    by_id = {operation.id: operation for operation in operations}
    found: dict[OperationId, list[Call]] = {}
    for entry in entries:
        if not entry.successful:
            continue
        for path in _paths(entry, base_urls):
            hit = _match(entry.method, path, by_id)
            if hit is None:
                continue
            call = _call(entry, by_id[hit[0]], hit[1])
            known = found.setdefault(hit[0], [])
            if call in known:
                known.remove(call)
            known.insert(0, call)
            del known[MAX_CALLS:]
            break
    return found


def undocumented_in_har(
    entries: Iterable[Recorded],
    operations: Sequence[Operation],
    base_urls: Sequence[str] = (),
) -> list[OperationId]:
    """Methods and paths that were called successfully and that no document has, sorted.

    Paths are as recorded, without the base URL's own path. Preflights don't count, nor does
    anything but JSON calls where no base URL says which host is meant.
    """
    by_id = {operation.id: operation for operation in operations}
    missing: set[OperationId] = set()
    for entry in entries:
        if not entry.successful or entry.method in ("OPTIONS", "HEAD", "TRACE"):
            continue
        paths = _paths(entry, base_urls) if base_urls else []
        if paths and not any(_match(entry.method, path, by_id) for path in paths):
            missing.add(OperationId(entry.method, paths[0]))
    return sorted(missing)


# -- reading an entry --------------------------------------------------------------------------


def _address(text: str) -> tuple[str, SplitResult] | None:
    """(scheme, host and port of an address, all of it); None where it is none of the web."""
    try:
        url = urlsplit(text)
        port = f":{url.port}" if url.port else ""
    except ValueError:
        return None
    if url.scheme not in ("http", "https") or not url.hostname:
        return None
    return f"{url.scheme}://{url.hostname}{port}", url


def _entry(entry: Any) -> Recorded | None:
    request = member_of(entry, "request")
    response = member_of(entry, "response")
    if not isinstance(request, Mapping) or not isinstance(response, Mapping):
        return None
    method, status = str(request.get("method", "")).upper(), response.get("status")
    address = _address(str(request.get("url", "")))
    if method not in METHODS or address is None:
        return None
    if not isinstance(status, int) or isinstance(status, bool):
        return None
    base, url = address
    media_type, body = _body(request.get("postData"))
    return Recorded(
        method=method,
        base=base,
        path=url.path or "/",
        query=tuple(
            (k, v) for k, v in parse_qsl(url.query, keep_blank_values=True) if not _secret(k)
        ),
        headers=dict(_headers(request.get("headers"))),
        body=body,
        media_type=media_type,
        status=status,
    )


def _secret(name: str) -> bool:
    lowered = name.lower().replace("_", "-")
    return any(word in lowered for word in _SECRET)


def _headers(headers: Any) -> Iterable[tuple[str, str]]:
    for header in list_of(headers):
        name = str(header.get("name", "")) if isinstance(header, Mapping) else ""
        if name and not name.startswith(":") and not _secret(name):
            yield name, str(header.get("value", ""))


def _body(post: Any) -> tuple[str | None, Any]:
    if not isinstance(post, Mapping):
        return None, MISSING
    media_type = str(post.get("mimeType") or "")
    bare = media_type.split(";")[0].strip().lower()
    text = post.get("text")
    if post.get("encoding") == "base64" and isinstance(text, str):
        try:
            text = base64.b64decode(text, validate=True).decode()
        except (binascii.Error, ValueError):
            return None, MISSING
    if bare == FORM:
        pairs = _pairs(post.get("params")) or parse_qsl(str(text or ""), keep_blank_values=True)
        return bare, {k: v for k, v in pairs if not _secret(k)}
    if not isinstance(text, str) or not text or len(text) > MAX_BODY:
        return None, MISSING
    if bare.endswith("json"):
        try:
            return bare, whole_texts(json.loads(text))
        except (ValueError, RecursionError):
            return None, MISSING
    # Multipart bodies and the like can't be made anew from their text.
    return (bare, text) if bare.startswith("text/") else (None, MISSING)


def _pairs(params: Any) -> list[tuple[str, str]]:
    return [
        (str(p.get("name", "")), unquote(str(p.get("value", "")).replace("+", " ")))
        for p in list_of(params)
        if isinstance(p, Mapping) and p.get("name")
    ]


# -- matching ----------------------------------------------------------------------------------


def _paths(entry: Recorded, base_urls: Sequence[str]) -> list[str]:
    """What the entry's path may be in a document: with and without a base URL's own path."""
    if not base_urls:
        return [entry.path]
    found: list[str] = []
    for base in base_urls:
        try:
            url = urlsplit(base)
            port = f":{url.port}" if url.port else ""
        except ValueError:
            continue
        if entry.base != f"{url.scheme}://{url.hostname}{port}":
            continue
        prefix = url.path.rstrip("/")
        if entry.path == prefix or entry.path.startswith(prefix + "/"):
            found.append(entry.path[len(prefix) :] or "/")
    return list(dict.fromkeys(found))


def _match(
    method: str, path: str, operations: Mapping[OperationId, Operation]
) -> tuple[OperationId, dict[str, str]] | None:
    """The documented operation with the most fixed segments, and its path values."""
    best: tuple[int, str, OperationId, dict[str, str]] | None = None
    for identifier in operations:
        if identifier.method != method:
            continue
        values = _path_values(identifier.path, path)
        if values is None:
            continue
        rank = (len(values), identifier.path, identifier, values)
        if best is None or rank[:2] < best[:2]:
            best = rank
    return (best[2], best[3]) if best else None


def _path_values(template: str, path: str) -> dict[str, str] | None:
    wanted, given = _segments(template), _segments(path)
    if len(wanted) != len(given):
        return None
    values: dict[str, str] = {}
    for ours, theirs in zip(wanted, given, strict=True):
        found = _segment_values(ours, unquote(theirs))
        if found is None:
            return None
        values |= found
    return values


def _segment_values(ours: str, theirs: str) -> dict[str, str] | None:
    """The value of the one variable in a segment; None where the segment isn't of that form."""
    head, brace, rest = ours.partition("{")
    name, close, tail = rest.partition("}")
    if not brace or not close:
        return {} if ours == theirs else None
    if "{" in tail or not (theirs.startswith(head) and theirs.endswith(tail)):
        return None
    value = theirs[len(head) : len(theirs) - len(tail)]
    return {name: value} if value and len(theirs) >= len(head) + len(tail) else None


def _segments(path: str) -> list[str]:
    return [part for part in path.split("/") if part]


def _call(entry: Recorded, operation: Operation, values: Mapping[str, str]) -> Call:
    documented = operation.fields
    query: dict[str, Any] = {}
    for name, value in entry.query:
        field_ = documented.get(FieldKey(Place.QUERY, name))
        typed = _typed(value, field_.schema if field_ else None)
        if name in query:
            query[name] = [
                *(each_of(query[name])),
                typed,
            ]
        else:
            query[name] = [typed] if field_ and "array" in field_.schema.types else typed
    headers = {
        key.name: value
        for key in documented
        if key.place is Place.HEADER and not _secret(key.name)
        for name, value in entry.headers.items()
        if name.lower() == key.name.lower()
    }
    return Call(
        operation=operation.id,
        path=dict(values),
        query=query,
        header=headers,
        body=entry.body,
        media_type=entry.media_type,
    )


def _types_of_items(schema: Schema | None) -> Sequence[str]:
    """The documented types of a value, or of the items of a list."""
    if schema is None:
        return ()
    listed = "array" in schema.types and schema.items is not None
    return schema.items.types if listed and schema.items is not None else schema.types


def _typed(text: str, schema: Schema | None) -> Any:
    """A text value in the documented type, where it can be read so."""
    types = _types_of_items(schema)
    if "string" in types:
        return text
    if "boolean" in types and text in ("true", "false"):
        return text == "true"
    try:
        if "integer" in types:
            return int(text)
        if "number" in types:
            return float(text)
    except ValueError:
        pass
    return text
