"""What came over the wire as a `Response` that nothing downstream can stumble over.

A server may send anything. What isn't text, isn't finite or has no bottom ends here: texts can
be written as UTF-8, numbers fit a float, and no body is deeper than a walk over it may go.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from checker.domain.characters import whole, whole_texts
from checker.domain.exchange import Failure, Response
from checker.domain.numbers import integer, real
from checker.domain.schema import MISSING

MAX_TEXT = 200_000
MAX_DEPTH = 100
_ASCII = bytes(range(32, 127)).replace(b"\\", b"\\\\")


class RawAnswer(NamedTuple):
    """An answer as it came; the content is that of the body, decompressed and capped."""

    status: int
    headers: Mapping[str, str]
    charset: str | None
    content: bytes
    elapsed_s: float
    cookies: tuple[str, ...] = ()


def outcome_of(answer: RawAnswer) -> Response | Failure:
    """What an answer says; a Failure where its body is JSON that can't be used."""
    try:
        body = body_of(answer.content, answer.charset)
    except Unreadable as error:
        return Failure("broken-body", str(error))
    text = decoded(answer.content[:MAX_TEXT], answer.charset)
    response = Response(
        answer.status, answer.headers, body, text, answer.elapsed_s, cookies=answer.cookies
    )
    # What doesn't parse but begins as JSON was cut short.
    if (
        body is MISSING
        and "json" in response.media_type
        and text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[")
    ):
        return Failure("broken-body", "the JSON body is cut short")
    return response


class Unreadable(Exception):
    """Why a body that begins as JSON is none that can be used."""


def body_of(raw: bytes, charset: str | None) -> Any:
    """The JSON value of a body; MISSING where there is none.

    Raises Unreadable where it is JSON but too deep to be walked over.
    """
    if not raw.strip():
        return MISSING
    try:
        value = _loads(raw)
    except UnicodeDecodeError:
        try:
            value = _loads(decoded(raw, charset))
        except (ValueError, RecursionError):
            return MISSING
    except ValueError:
        return MISSING
    except RecursionError:
        raise Unreadable("the JSON body is nested too deeply") from None
    if _too_deep(value):
        raise Unreadable(f"the JSON body is nested more than {MAX_DEPTH} levels deep")
    # Only an escape or an encoded surrogate can bring half a pair.
    return whole_texts(value) if b"\\u" in raw or b"\xed" in raw else value


def _loads(text: bytes | str) -> Any:
    return json.loads(text, parse_int=integer, parse_float=real, parse_constant=_constant)


def _constant(name: str) -> float:
    """NaN and the infinities, which JSON doesn't have but servers write: numbers, but finite."""
    return 0.0 if name == "NaN" else real(name)


def _too_deep(value: Any) -> bool:
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        level = [
            item
            for holder in level
            if isinstance(holder, (dict, list))
            for item in (holder.values() if isinstance(holder, dict) else holder)
            if isinstance(item, (dict, list))
        ]
        if not level:
            return False
    return True


def decoded(raw: bytes, charset: str | None) -> str:
    """The text of bytes in a charset, in UTF-8 where there is no such charset."""
    return whole(raw.decode(charset if charset and _is_charset(charset) else "utf-8", "replace"))


@lru_cache(maxsize=100)
def _is_charset(name: str) -> bool:
    """Whether it is an encoding of texts that has ASCII in it. Python knows others under such
    names, that take ages for a long text or run its escapes."""
    try:
        return codecs.decode(_ASCII, name, "replace") == _ASCII.decode()
    except Exception:  # each codec has its own way to say that these bytes aren't its own
        return False


def header_map(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """The headers by name, the first of each; bytes that aren't UTF-8 as Latin-1."""
    found: dict[str, tuple[str, str]] = {}
    for raw_name, value in headers:
        name = _header_text(raw_name)
        found.setdefault(name.lower(), (name, _header_text(value)))
    return dict(found.values())


def cookies_of(headers: Iterable[tuple[bytes, bytes]]) -> tuple[str, ...]:
    """All cookies that headers set."""
    return tuple(_header_text(v) for name, v in headers if name.lower() == b"set-cookie")


def _header_text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
