"""Works out the needles of all patterns: `python -m checker.lexicon.needles` writes them anew.

It reads patterns as the standard library's own parser does, which is no public interface: it is
no part of a run.
"""

from __future__ import annotations

import json
import re._constants as constants  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from checker.lexicon.entries import entries, topics
from checker.lexicon.patterns import ALIKE, FOREIGN, NEEDLES, digest

LEAST = 2
"""Characters; shorter ones are in nearly every text."""
MOST = 400
Needles = frozenset[str]


def needles_of(pattern: str) -> Needles | None:
    """Texts of which one is in every text that a pattern matches; None where none are known."""
    found = _of_all(parser.parse(pattern, constants.SRE_FLAG_IGNORECASE))
    return found if found is not None and len(found) <= MOST else None


def all_needles() -> dict[str, list[str]]:
    """The needles by the patterns' digests."""
    found = {e.pattern.pattern: needles_of(e.pattern.pattern) for t in topics() for e in entries(t)}
    return {digest(p): sorted(n) for p, n in sorted(found.items()) if n is not None}


def _of_all(tree: Iterable[Any]) -> Needles | None:
    """Of what comes one after the other: of the part that tells most."""
    found: list[Needles] = []
    run = ""
    for op, given in tree:
        if op is constants.LITERAL:
            run += chr(given)
            continue
        if op is constants.AT:
            continue  # it takes no room
        found += _of_run(run)
        run = ""
        part = _of_part(op, given)
        found += [] if part is None else [part]
    found += _of_run(run)
    return max(found, key=_worth, default=None)


def _of_run(run: str) -> list[Needles]:
    """The needle in a row of literal characters: the longest part of it within ASCII; where that
    is too short, that something is beyond it."""
    plain = "".join(ALIKE.get(c, c) for c in run).lower()
    parts = "".join(c if c.isascii() else FOREIGN for c in plain).split(FOREIGN)
    longest = max(parts, key=len)
    if len(longest) >= LEAST:
        return [frozenset({longest})]
    return [] if plain.isascii() else [frozenset({FOREIGN})]


def _of_part(op: Any, given: Any) -> Needles | None:
    if op is constants.SUBPATTERN:
        return _of_all(given[-1])
    if op is constants.BRANCH:
        each = [_of_all(branch) for branch in given[1]]
        known = [e for e in each if e is not None]
        return frozenset().union(*known) if len(known) == len(each) else None
    if op in (constants.MAX_REPEAT, constants.MIN_REPEAT) and given[0] > 0:
        return _of_all(given[-1])
    if op is constants.IN:
        return _of_set(given)
    return None


def _of_set(given: Sequence[Any]) -> Needles | None:
    """Of one of several characters: only that it is beyond ASCII, where each of them is."""
    beyond = all(
        (op is constants.LITERAL and _is_foreign(value))
        or (op is constants.RANGE and all(map(_is_foreign, value)))
        for op, value in given
    )
    return frozenset({FOREIGN}) if beyond else None


def _is_foreign(code: int) -> bool:
    return code > 127 and chr(code) not in ALIKE and chr(code).lower() not in ALIKE


def _worth(needles: Needles) -> tuple[int, int]:
    """Longer ones are in fewer texts, and so are fewer ones."""
    return min(map(len, needles)), -len(needles)


if __name__ == "__main__":
    path = Path(__file__).with_name(NEEDLES)
    lines = [f"{json.dumps(key)}: {json.dumps(found)}" for key, found in all_needles().items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
