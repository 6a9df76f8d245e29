"""How credentials travel: as the documents' security schemes say where nobody configured it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from checker.domain.exchange import INVALID
from checker.domain.operation import Operation, Security, SecurityScheme
from checker.settings import Token

_KINDS = {
    "apikey": ("key", "apikey", "token"),
    "bearer": ("bearer", "jwt", "token", "access", "oauth"),
    "basic": ("basic", "user", "login"),
}


def plain(name: str) -> str:
    """A name without case and punctuation."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def schemes_of(operations: Iterable[Operation]) -> dict[str, SecurityScheme]:
    """The security schemes that the operations require, by plain name."""
    found: dict[str, SecurityScheme] = {}
    for operation in operations:
        security = operation.security
        for names in security.alternatives or ():
            for name in names:
                if name in security.schemes:
                    found.setdefault(plain(name), security.schemes[name])
    return found


def documented_shapes(
    tokens: Mapping[str, Token], operations: Iterable[Operation]
) -> dict[str, Token]:
    """The tokens, each shaped as a documented scheme says unless it is configured.

    A token belongs to the scheme of its name, else to the only one, else to the only one of the
    kind that its name speaks of.
    """
    schemes = schemes_of(operations)
    return {name: _shaped(token, schemes) for name, token in tokens.items()}


def scheme_for(name: str, schemes: Mapping[str, SecurityScheme]) -> SecurityScheme | None:
    """The documented scheme that a token type means; None where that isn't clear."""
    if plain(name) in schemes:
        return schemes[plain(name)]
    if len(schemes) == 1:
        return next(iter(schemes.values()))
    for kind, words in _KINDS.items():
        if any(word in plain(name) for word in words):
            fitting = [s for s in schemes.values() if _kind(s) == kind]
            if len(fitting) == 1:
                return fitting[0]
    return None


def _kind(scheme: SecurityScheme) -> str:
    if scheme.type.lower() == "apikey":
        return "apikey"
    return "basic" if "basic" in (scheme.type.lower(), scheme.scheme.lower()) else "bearer"


def _shaped(token: Token, schemes: Mapping[str, SecurityScheme]) -> Token:
    scheme = None if token.shaped else scheme_for(token.type, schemes)
    if scheme is None:
        return token
    match _kind(scheme), scheme.place:
        case "apikey", "query":
            return replace(token, query=scheme.parameter)
        case "apikey", "cookie":
            return replace(token, cookie=scheme.parameter)
        case "apikey", _ if scheme.parameter.lower() == "authorization":
            # Often a bearer token in the words of Swagger 2.0; a value of two words is complete.
            return replace(token, scheme="") if " " in token.value.strip() else token
        case "apikey", _ if scheme.parameter:
            return replace(token, header=scheme.parameter)
        case "basic", _:
            value = token.value
            if ":" in value:
                value = base64.b64encode(value.encode()).decode()
            return replace(token, scheme="Basic", value=value)
    return token


def with_invalid(tokens: Mapping[str, Token]) -> dict[str, Token]:
    """The tokens and, beside them, one of the first one's shape with a nonsense value."""
    out = dict(tokens)
    first = next(iter(tokens.values()), None)
    if first is not None:
        out[INVALID] = replace(first, type=INVALID, value="driftcheck-invalid-credential")
    return out


def documented_tokens(security: Security, types: Iterable[str]) -> list[str]:
    """The token types that a document names: in words, or as a scheme that is named like one of
    the run's `types`."""
    held, found = set(types), list(security.described)
    for names in security.alternatives or ():
        found += [n.lower() for n in names if n.lower() in held]
    return list(dict.fromkeys(found))


def tokens_for(security: Security, tokens: Mapping[str, Token]) -> list[str | None]:
    """Token types to try, the documented ones first, anonymous last."""
    known = [t for t in tokens if t != INVALID]
    first = [t for t in security.described if t in tokens]
    for names in security.alternatives or ():
        for name in names:
            scheme = security.schemes.get(name)
            same = [t for t in known if plain(t) == plain(name)]
            if same:
                first += same
            elif scheme is not None and scheme.type == "apiKey":
                first += [
                    t
                    for t, token in tokens.items()
                    if scheme.parameter.lower()
                    in (token.header.lower(), token.query.lower(), token.cookie.lower())
                    or (scheme.parameter.lower() == "authorization" and not token.header)
                ]
            elif scheme is not None:
                first += [
                    t
                    for t, token in tokens.items()
                    if not (token.header or token.query or token.cookie)
                ]
    ordered: list[str | None] = list(dict.fromkeys([*first, *known]))
    if security.alternatives == () and not security.described:
        return [None, *ordered]
    return [*ordered, None]
