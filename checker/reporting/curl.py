"""A request as a curl command that a shell runs as it is; credentials stay variables."""

from __future__ import annotations

import shlex
from urllib.parse import urlencode

from checker.domain.exchange import Request
from checker.domain.run import TargetInfo, TokenShape
from checker.redaction import REDACTED
from checker.reporting.clean import capped, request_headers, without_user
from checker.settings import token_variable

MAX_CONTENT = 4_000
NO_BASE = "$BASE_URL"
# The token type of a probe with a nonsense credential: it has no variable.
NOT_A_TOKEN = "invalid"


def curl_command(request: Request, target: TargetInfo) -> str:
    """The command; `target` says where it goes and how its tokens travel."""
    parts = ["curl -sS", f"-X {shlex.quote(request.method)}", _address(request, target)]
    headers = {**request_headers(tuple(target.headers.items()))}
    headers.update(request_headers(request.headers))
    parts += [_header(name, value) for name, value in headers.items()]
    if request.media_type and request.content is not None:
        parts.append(_header("Content-Type", request.media_type))
    for token in _parts(request.token or "", target):
        parts += _credential(token, target)
    if request.content is not None:
        parts.append(_content(request.content))
    return " ".join(parts)


def _secret_query(request: Request, target: TargetInfo) -> str:
    """The tokens that travel in the query, as variables of the shell."""
    secret = ""
    for token in _parts(request.token or "", target):
        shape = target.tokens.get(token)
        if shape is not None and shape.query:
            mark = "&" if request.query or secret else "?"
            secret += f'"{mark}{shape.query}=${token_variable(token)}"'
    return secret


def _address(request: Request, target: TargetInfo) -> str:
    base = target.base_url
    if request.base == "fallback" and target.fallback_url:
        base = target.fallback_url
    base = without_user(base or NO_BASE).rstrip("/")
    query = list(request.query)
    tail = request.url_path + ("?" + urlencode(query) if query else "")
    secret = _secret_query(request, target)
    if base.startswith("$"):
        variable, slash, rest = base.partition("/")
        return f'"{variable}"{shlex.quote(slash + rest + tail)}{secret}'
    return shlex.quote(base + tail) + secret


def _parts(token: str, target: TargetInfo) -> tuple[str, ...]:
    """The token types that go with a request: itself, or those that are sent together."""
    shape = target.tokens.get(token)
    return shape.also if shape is not None and shape.also else (token,) if token else ()


def _credential(token: str, target: TargetInfo) -> list[str]:
    shape = target.tokens.get(token)
    variable = f'"${token_variable(token)}"'
    if shape is None:
        shape = next(iter(target.tokens.values()), TokenShape())
        if token == NOT_A_TOKEN:
            variable = NOT_A_TOKEN
    parts = []
    if shape.cookie:
        parts.append(f"-H {shlex.quote(f'Cookie: {shape.cookie}=')}{variable}")
    elif not shape.query:
        name = shape.header or "Authorization"
        scheme = "" if shape.header or not shape.scheme else f"{shape.scheme} "
        parts.append(f"-H {shlex.quote(f'{name}: {scheme}')}{variable}")
    parts += [_header(name, value) for name, value in shape.headers.items()]
    return parts


def _header(name: str, value: str) -> str:
    flat = value.replace("\r", " ").replace("\n", " ")
    # curl leaves a header without a value out unless it ends in a semicolon.
    return f"-H {shlex.quote(f'{name}: {flat}' if flat else f'{name};')}"


def _content(content: bytes) -> str:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return f"--data-binary @body.bin  # {len(content)} bytes that aren't text"
    if "\0" in text:
        return f"--data-binary @body.bin  # {len(content)} bytes with NUL in them"
    return f"--data-raw {shlex.quote(capped(text, MAX_CONTENT))}"


__all__ = ["REDACTED", "curl_command", "token_variable"]
