"""What two documents say differently of who is let in."""

from __future__ import annotations

from collections.abc import Iterator

from checker.domain.location import Location
from checker.domain.operation import Operation, Security, SecurityScheme
from checker.drift.compare.change import Change
from checker.drift.compare.made import changed


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
    if had and has:
        for name in had:
            if name not in has:
                yield changed(
                    "token-removed", "", True, old, new, "token", name, name, None, *places
                )
        for name in has:
            if name not in had:
                yield changed(
                    "token-added", "", False, old, new, "token", name, None, name, *places
                )


def _security_place(operation: Operation) -> Location:
    return operation.security.location if operation.security.location.file else operation.location


def _alternatives(security: Security, across: bool) -> dict[frozenset[str], str]:
    """What each alternative demands → the names it is written with. `across`: one of the two
    documents is a Swagger 2.0, which has no better way to write a bearer token than as a key
    in the Authorization header."""
    found: dict[frozenset[str], str] = {}
    for names in security.alternatives or ((),):
        parts = []
        for name in names:
            scheme = security.schemes.get(name)
            if scheme is None:
                parts.append(name)
            elif scheme.type == "basic" or (
                scheme.type == "http" and scheme.scheme.lower() == "basic"
            ):
                parts.append("http basic")
            elif across and _in_authorization(scheme):
                parts.append("authorization header")
            else:
                described = (scheme.type, scheme.place, scheme.parameter, scheme.scheme.lower())
                parts.append(" ".join(part for part in described if part))
        found[frozenset(parts)] = " and ".join(names)
    return found


def _in_authorization(scheme: SecurityScheme) -> bool:
    """Whether a token goes into the Authorization header, with a scheme's word or without."""
    if scheme.type == "http":
        return scheme.scheme.lower() == "bearer"
    return (
        scheme.type == "apiKey"
        and scheme.place == "header"
        and scheme.parameter.lower() == "authorization"
    )
