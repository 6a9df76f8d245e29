"""How credentials travel: as the documents' security schemes say where nobody configured it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from checker.domain.credential import Login
from checker.domain.exchange import INVALID
from checker.domain.operation import Operation, Security, SecurityScheme
from checker.settings import Target, Token

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


def with_header_tokens(target: Target, operations: Iterable[Operation]) -> Target:
    """The target; a configured header that is a documented credential is a token of its own, so
    that requests can be sent without it, too."""
    schemes = schemes_of(operations)
    headers, tokens = dict(target.headers), dict(target.tokens)
    for name, value in target.headers.items():
        scheme = next((s for s in schemes.values() if _travels_in(s, name)), None)
        if scheme is not None:
            del headers[name]
            tokens.setdefault(scheme.name, Token(scheme.name, value, header=name, shaped=True))
    return replace(target, headers=headers, tokens=tokens)


def _travels_in(scheme: SecurityScheme, header: str) -> bool:
    if scheme.type.lower() == "apikey":
        return scheme.place == "header" and scheme.parameter.lower() == header.lower()
    return header.lower() == "authorization"


def documented_logins(
    tokens: Mapping[str, Token], operations: Iterable[Operation]
) -> dict[str, Token]:
    """The tokens; logins that name an operation without its document's base path have it."""
    paths = {(o.id.method, o.path_template): o.id.path for o in operations}
    return {name: _with_login(token, paths) for name, token in tokens.items()}


def _with_login(token: Token, paths: Mapping[tuple[str, str], str]) -> Token:
    source, also = token.source, tuple(_with_login(part, paths) for part in token.also)
    if isinstance(source, Login):
        path = paths.get((source.method, source.path), source.path)
        source = replace(source, path=path)
    return replace(token, source=source, also=also)


def with_invalid(tokens: Mapping[str, Token]) -> dict[str, Token]:
    """The tokens and, beside them, one of the first one's shape with a nonsense value."""
    out = dict(tokens)
    first = next((t for t in tokens.values() if not t.also), None)
    if first is not None:
        nonsense = "driftcheck-invalid-credential"
        out[INVALID] = replace(first, type=INVALID, value=nonsense, source=None)
    return out


def joint(parts: Sequence[Token], name: str, *, shaped: bool = False) -> Token:
    """Credentials that are sent together, under one name; `shaped` where the user said so."""
    return Token(name, value=f"driftcheck-together-{name}", shaped=shaped, also=tuple(parts))


def with_joint(tokens: Mapping[str, Token], operations: Iterable[Operation]) -> dict[str, Token]:
    """The tokens and, beside them, a joint one for each alternative of several schemes of which
    there are tokens; it is named like the schemes."""
    operations = tuple(operations)
    schemes = schemes_of(operations)
    meant: dict[str, Token] = {}
    for token in tokens.values():
        scheme = scheme_for(token.type, schemes)
        if scheme is not None:
            meant.setdefault(scheme.name, token)
    out = dict(tokens)
    for operation in operations:
        for names in operation.security.alternatives or ():
            if len(names) > 1 and all(name in meant for name in names):
                name = joint_name(names)
                out.setdefault(name, joint([meant[n] for n in names], name))
    return out


def joint_name(schemes: Iterable[str]) -> str:
    """What a joint token for some schemes is called."""
    return "+".join(schemes)


def single(tokens: Mapping[str, Token]) -> list[str]:
    """The types of the tokens that are sent alone, the nonsense one left out."""
    return [name for name, token in tokens.items() if name != INVALID and not token.also]


def documented_tokens(security: Security, types: Iterable[str]) -> list[str]:
    """The token types that a document names: in words, or as a scheme that is named like one of
    the run's `types`."""
    held, found = set(types), list(security.described)
    for names in security.alternatives or ():
        found += [n.lower() for n in names if len(names) == 1 and n.lower() in held]
    return list(dict.fromkeys(found))


def tokens_for(security: Security, tokens: Mapping[str, Token]) -> list[str | None]:
    """Token types to try, the documented ones first, anonymous last."""
    wanted = {joint_name(names) for names in security.alternatives or ()}
    known = [
        name
        for name, token in tokens.items()
        if name != INVALID and (not token.also or token.shaped or name in wanted)
    ]
    first = [t for t in security.described if t in tokens]
    for names in security.alternatives or ():
        if len(names) > 1 and joint_name(names) in tokens:
            first.append(joint_name(names))
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
