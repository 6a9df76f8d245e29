"""Everything that a secret may look like in a text: what the tests search for."""

from __future__ import annotations

import base64
import html
import json
import shlex
from collections.abc import Callable
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

import yaml

from checker.reporting import markdown

Spell = Callable[[str], str]


def _broken(joint: str) -> Spell:
    return lambda secret: secret[: len(secret) // 2] + joint + secret[len(secret) // 2 :]


def _inside_base64(before: str, after: str, url_safe: bool = False) -> Spell:
    encode = base64.urlsafe_b64encode if url_safe else base64.b64encode
    return lambda secret: encode(f"{before}{secret}{after}".encode()).decode()


def _lower_percent(secret: str) -> str:
    return "".join(
        c if c.isascii() and c.isalnum() else "".join(f"%{b:02x}" for b in c.encode())
        for c in secret
    )


def _json_inside(value: str) -> str:
    return json.dumps(value)[1:-1]


SPELLINGS: dict[str, Spell] = {
    "plain": str,
    "percent": lambda s: quote(s, safe=""),
    "percent-lower": _lower_percent,
    "percent-twice": lambda s: quote(quote(s, safe=""), safe=""),
    "query": quote_plus,
    "json": _json_inside,
    "json-unicode": lambda s: json.dumps(s, ensure_ascii=False)[1:-1],
    "json-in-json": lambda s: _json_inside(_json_inside(s)),
    "html": html.escape,
    "html-decimal": lambda s: "".join(
        c if c.isalnum() and c.isascii() else f"&#{ord(c)};" for c in s
    ),
    "xml": escape,
    "html-twice": lambda s: html.escape(html.escape(s)),
    "markdown": markdown.text,
    "markdown-code": lambda s: s.replace("|", "\\|"),
    "shell": lambda s: shlex.quote(s)[1:-1] if "'" in s else s,
    "shell-backslash": lambda s: s.replace("'", "'\\''"),
    "shell-in-json": lambda s: _json_inside(shlex.quote(s)[1:-1] if "'" in s else s),
    "repr": lambda s: ascii(s)[1:-1],
    "yaml": lambda s: yaml.safe_dump(s, width=9999, default_style='"').strip()[1:-1],
    "yaml-single": lambda s: s.replace("'", "''"),
    "base64": _inside_base64("", ""),
    "base64-url": _inside_base64("", "", url_safe=True),
    "basic": _inside_base64("me:", ""),
    "basic-no-user": _inside_base64(":", ""),
    "base64-aligned-0": _inside_base64("abc", "xyz"),
    "base64-aligned-1": _inside_base64("abcd", "xyz"),
    "base64-aligned-2": _inside_base64("abcde", "xy", url_safe=True),
    "wrapped": _broken("\n"),
    "wrapped-indented": _broken("\r\n        "),
    "wrapped-backslash": _broken("\\\n    "),
    "wrapped-json": _broken("\\n  "),
    "wrapped-percent": _broken("%0A"),
    "wrapped-base64": lambda s: _broken("\n")(base64.b64encode(s.encode()).decode()),
}


def core(spelling: str, secret: str) -> str:
    """What must not be in a masked text: of base64 inside something longer, the part that is the
    secret's alone."""
    if "aligned" not in spelling and not spelling.startswith("basic"):
        return SPELLINGS[spelling](secret)
    before = {"basic": "me:", "basic-no-user": ":"}.get(
        spelling, "abcdefg"[: 3 + int(spelling[-1:] if spelling[-1:].isdigit() else 0)]
    )
    text = SPELLINGS[spelling](secret)
    start = -(-len(before.encode()) * 8 // 6)
    return text[start : (len(before.encode()) + len(secret.encode())) * 8 // 6]
