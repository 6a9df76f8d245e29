"""Credentials that nobody told us, by the place where they stand in a text. Pure."""

from __future__ import annotations

import base64
import binascii
import re

from checker.redaction.members import is_secret_name
from checker.redaction.strength import JWT

MASK = "***"
"""Stands for a secret without a name inside of a text."""
REDACTED = "[redacted]"
"""Stands for a whole member or header that holds a secret."""

LEAST_SAID = 4
"""Characters of a secret after its name and a colon in a text."""

_USERINFO = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*:(?:\\?/){2})[^/?#\s\"'<>\\`]*@")
_SCHEME = re.compile(r"\b(Bearer|Token|ApiKey)(\s+)([A-Za-z0-9._~+/-]{16,}=*)", re.IGNORECASE)
_SCHEMES = ("bearer", "token", "apikey", "basic")
_BASIC = re.compile(r"\b(Basic\s+)([A-Za-z0-9+/_-]{4,}={0,2})", re.IGNORECASE)
_PAIR = re.compile(r"(?<![\w.-])([A-Za-z][\w.-]*)(=)([^\s\"'&<>;,()\[\]{}|`\\$*#]+)")
_SAID = re.compile(r"(?<![\w.-])([^\W\d_][\w.-]*)(: ?)([^\s\"'&<>;,()\[\]{}|`\\$*#]{4,})")
_MEMBER = re.compile(r'"([A-Za-z][\w.-]*)"(\s*:\s*)"((?:[^"\\\n]|\\.)+)')
_KEY_BLOCK = re.compile(
    r"(-----BEGIN [A-Z ]*PRIVATE KEY-----)(?:(?!-----).)*(-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    re.DOTALL,
)


def without_credentials(text: str, *, members: bool) -> str:
    """The text without credentials in URLs, after authorization schemes, in `name=value`,
    and without JSON web tokens and private keys; `members`: nor in JSON
    members and after `name: `."""
    if "PRIVATE KEY" in text:
        text = _KEY_BLOCK.sub(rf"\1{MASK}\2", text)
    if "eyJ" in text:
        text = JWT.sub(MASK, text)
    if "@" in text:
        text = _USERINFO.sub(rf"\g<1>{MASK}@", text)
    if _may_name_a_scheme(text):
        text = _SCHEME.sub(_scheme, text)
        text = _BASIC.sub(_basic, text)
    if "=" in text:
        text = _PAIR.sub(_pair, text)
    if ":" in text:
        text = _SAID.sub(_said, text)
    return _MEMBER.sub(_member, text) if members and '"' in text else text


def _may_name_a_scheme(text: str) -> bool:
    """Told at once, where a pattern for any case asks at each letter; of other alphabets it knows
    letters that count as one of these."""
    lowered = text.lower()
    return not text.isascii() or any(name in lowered for name in _SCHEMES)


def _scheme(found: re.Match[str]) -> str:
    value = found[3]
    mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
    return f"{found[1]}{found[2]}{MASK}" if mixed else found[0]


def _basic(found: re.Match[str]) -> str:
    """Only what is a user and a password: "Basic authentication" is none."""
    padded = found[2].rstrip("=") + "=" * (-len(found[2].rstrip("=")) % 4)
    try:
        decoded = base64.urlsafe_b64decode(padded.replace("+", "-").replace("/", "_"))
    except (binascii.Error, ValueError):
        return found[0]
    return found[1] + MASK if b":" in decoded else found[0]


def _pair(found: re.Match[str]) -> str:
    return f"{found[1]}={MASK}" if is_secret_name(found[1]) else found[0]


def _said(found: re.Match[str]) -> str:
    """ "password: Kx9-zima" has one, "password: must be longer" none."""
    value = found[3].rstrip(".!?:")
    telling = any(c.isdigit() for c in value) or not value.isalpha()
    if len(value) < LEAST_SAID or not telling or not is_secret_name(found[1]):
        return found[0]
    return f"{found[1]}{found[2]}{MASK}"


def _member(found: re.Match[str]) -> str:
    if not is_secret_name(found[1]) or found[3] in (MASK, REDACTED):
        return found[0]
    return f'"{found[1]}"{found[2]}"{REDACTED}'
