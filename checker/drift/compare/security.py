"""What two documents say differently of who is let in."""

from __future__ import annotations

from collections.abc import Iterator

from checker.domain.location import Location
from checker.domain.operation import Operation, Security, SecurityScheme
from checker.drift.compare.change import Change
from checker.drift.compare.made import changed

_TOKENS = frozenset({"oauth2", "openIdConnect"})
"""Types of schemes whose tokens are bearer tokens."""


def security(old: Operation, new: Operation) -> Iterator[Change]:
    """Changes in what a client needs to be let in."""
    across = "2.0" in (old.document.dialect, new.document.dialect)
    one, two = _alternatives(old.security, across), _alternatives(new.security, across)
    before, after = set(one), set(two)
    places = _security_place(old), _security_place(new)
    anonymous: frozenset[str] = frozenset()
    if anonymous in after and anonymous not in before:
        shown = [one[a] for a in one]
        yield changed("security-removed", "", False, old, new, "token", "", shown, None, *places)
    elif anonymous in before and anonymous not in after:
        shown = [two[a] for a in two]
        yield changed("security-added", "", True, old, new, "token", "", None, shown, *places)
    elif before and after and not before & after and len(before) == len(after) == 1:
        had_one, has_one = next(iter(one.values())), next(iter(two.values()))
        yield changed(
            "security-changed", "", True, old, new, "token", has_one, had_one, has_one, *places
        )
    else:
        yield from _scopes(old, new)
        for key in one:
            if key not in after and key:
                name = one[key]
                yield changed(
                    "security-alternative-removed",
                    "",
                    True,
                    old,
                    new,
                    "token",
                    name,
                    name,
                    None,
                    *places,
                )
        for key in two:
            if key not in before and key:
                name = two[key]
                yield changed(
                    "security-alternative-added",
                    "",
                    False,
                    old,
                    new,
                    "token",
                    name,
                    None,
                    name,
                    *places,
                )
    had, has = old.security.described, new.security.described
    if had or has:
        # Where one side names none at all, nothing is said to be refused.
        lost = bool(has)
        for name in had:
            if name not in has:
                yield changed(
                    "token-removed", "", lost, old, new, "token", name, name, None, *places
                )
        for name in has:
            if name not in had:
                yield changed(
                    "token-added", "", False, old, new, "token", name, None, name, *places
                )


def _scopes(old: Operation, new: Operation) -> Iterator[Change]:
    """Scopes that alternatives of the same schemes demand."""
    places = _security_place(old), _security_place(new)
    one, two = _demands(old.security), _demands(new.security)
    for schemes in one:
        before, after = one[schemes], two.get(schemes, [])
        lost = [d for d in before if d not in after]
        come = [d for d in after if d not in before]
        if len(lost) == 1 == len(come):
            yield from _scopes_of_one(old, new, lost[0], come[0])
            continue
        for demand in lost if after else ():
            kind, name = "security-alternative-removed", _named(schemes, demand)
            breaking = not any(other <= demand for other in after)
            yield changed(kind, "", breaking, old, new, "token", name, name, None, *places)
        for demand in come if before else ():
            kind, name = "security-alternative-added", _named(schemes, demand)
            yield changed(kind, "", False, old, new, "token", name, None, name, *places)


def _scopes_of_one(
    old: Operation, new: Operation, lost: frozenset[str], come: frozenset[str]
) -> Iterator[Change]:
    """Scopes of the only alternative that demands others now."""
    places = _security_place(old), _security_place(new)
    for scope in sorted(come - lost):
        yield changed("scope-added", "", True, old, new, "token", scope, None, scope, *places)
    for scope in sorted(lost - come):
        yield changed("scope-removed", "", False, old, new, "token", scope, scope, None, *places)


def _demands(security: Security) -> dict[tuple[str, ...], list[frozenset[str]]]:
    """The schemes of each alternative → the scopes that go with them, in as many ways."""
    found: dict[tuple[str, ...], list[frozenset[str]]] = {}
    for scopes in security.scopes:
        several = len(scopes) > 1
        wanted = {f"{n} {s}" if several else s for n, listed in scopes.items() for s in listed}
        found.setdefault(tuple(sorted(scopes)), []).append(frozenset(wanted))
    return found


def _named(schemes: tuple[str, ...], demand: frozenset[str]) -> str:
    return f"{' and '.join(schemes)} with {', '.join(sorted(demand)) or 'no scope'}"


def _security_place(operation: Operation) -> Location:
    return operation.security.location if operation.security.location.file else operation.location


def _alternatives(security: Security, across: bool) -> dict[frozenset[str], str]:
    """What each alternative demands → the names it is written with. `across`: one of the two
    documents is a Swagger 2.0, which has no better way to write a bearer token than as a key
    in the Authorization header."""
    found: dict[frozenset[str], str] = {}
    for names in security.alternatives or ((),):
        parts = [_demand(name, security.schemes.get(name), across) for name in names]
        found[frozenset(parts)] = " and ".join(names)
    return found


def _demand(name: str, scheme: SecurityScheme | None, across: bool) -> str:
    """What a scheme demands, however the document calls it."""
    if scheme is None:
        return name
    kind = scheme.scheme.lower()
    if scheme.type == "basic" or (scheme.type, kind) == ("http", "basic"):
        return "http basic"
    if across and _in_authorization(scheme):
        return "authorization header"
    described = (scheme.type, scheme.place, scheme.parameter, kind)
    return " ".join(part for part in described if part)


def carried_alike(one: Operation, two: Operation) -> bool:
    """Whether a client sends the same to be let in by either document, however it comes by it, or
    one of the two names a scheme that isn't described: nothing is known of that."""
    ways = [_carried(operation.security) for operation in (one, two)]
    return None in ways or ways[0] == ways[1]


def _carried(security: Security) -> frozenset[frozenset[str]] | None:
    """Where each alternative's credentials travel; None where that isn't said of one."""
    found: set[frozenset[str]] = set()
    for names in security.alternatives or ((),):
        schemes = [security.schemes.get(name) for name in names]
        if None in schemes:
            return None
        found.add(frozenset(map(_way, filter(None, schemes))))
    return frozenset(found)


def _way(scheme: SecurityScheme) -> str:
    if scheme.type in _TOKENS or _in_authorization(scheme):
        return "authorization header"
    if scheme.type == "basic":
        return "http basic"
    parts = (scheme.type, scheme.place, scheme.parameter.lower(), scheme.scheme.lower())
    return " ".join(part for part in parts if part)


def _in_authorization(scheme: SecurityScheme) -> bool:
    """Whether a token goes into the Authorization header, with a scheme's word or without."""
    if scheme.type == "http":
        return scheme.scheme.lower() == "bearer"
    return (
        scheme.type == "apiKey"
        and scheme.place == "header"
        and scheme.parameter.lower() == "authorization"
    )
