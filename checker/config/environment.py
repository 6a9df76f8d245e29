"""Variables of the environment that are meant for the checker and mean nothing to it. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping

from checker.config.values import OPTIONS
from checker.errors import UsageError

PREFIX = "DRIFTCHECK_"
TOKENS, VARIABLES = PREFIX + "TOKEN_", PREFIX + "VAR_"
NEAR = 0.75


def unknown_variables(
    environment: Mapping[str, str], targets: Iterable[str], config: str
) -> Iterator[str]:
    """A sentence for each variable that nothing reads; those that the text of the config names
    are the user's own.

    Raises UsageError where a name differs from that of an option by its punctuation alone: what
    it was to limit would go without limit.
    """
    known = {PREFIX + name.upper() for name in OPTIONS if name != "var"}
    bare = {_bare(name): name for name in known}
    owners = {_bare(target) for target in targets}
    for variable in sorted(environment):
        if not variable.startswith(PREFIX) or variable in known or variable in config:
            continue
        if _bare(variable) in bare:
            raise UsageError(f"{variable}: no such option.", f"Write {bare[_bare(variable)]}.")
        if variable in (TOKENS, TOKENS[:-1]):
            yield f"{variable} names no token; write {TOKENS}<TYPE>."
        elif variable.startswith(TOKENS):
            owner, marker, _ = variable.removeprefix(TOKENS).partition("__")
            if marker and _bare(owner) not in owners:
                yield f"{variable} isn't used: the config has no target {owner.lower()}."
            elif not environment[variable].strip():
                yield f"{variable} is empty: there is no such token."
        elif not variable.startswith(VARIABLES):
            near = difflib.get_close_matches(variable[len(PREFIX) :], _short(known), 1, NEAR)
            mend = f"; is {PREFIX}{near[0]} meant?" if near else "."
            yield f"{variable} isn't used{mend}"


def _short(known: Iterable[str]) -> list[str]:
    return sorted([*(n.removeprefix(PREFIX) for n in known), "TOKEN_", "VAR_"])


def _bare(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum())
