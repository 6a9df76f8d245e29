"""Where a patch belongs in a document that has changed since, and whether it is there. Pure.

An item of a list is found again by what its patch tests of it, wherever it stands now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from checker.domain.nodes import mapping_of
from checker.domain.pointer import pointer_of
from checker.fixing.json_patch import (
    IDENTITY,
    exists,
    get,
    is_plain_list,
    parse_pointer,
    same,
)

Tokens = tuple[str, ...]
Tests = dict[Tokens, Any]
"""What a patch relies on: place → value."""
Step = Mapping[str, Any]


def moved(patch: Iterable[Step], document: Any) -> list[Step]:
    """The patch with the indexes that its items of lists have now; unchanged where they are where
    they were, or aren't found for sure."""
    steps = [(parse_pointer(str(step.get("path", ""))), step) for step in patch]
    if isinstance(document, list):
        return _lines(steps, document)
    changed = {tokens for tokens, step in steps if step.get("op") != "test"}
    tests = {t: s.get("value") for t, s in steps if s.get("op") == "test" and t not in changed}
    if not tests:
        return [step for _, step in steps]
    return [{**step, "path": pointer_of(_now(tokens, tests, document))} for tokens, step in steps]


def _lines(steps: Sequence[tuple[Tokens, Step]], lines: list[Any]) -> list[Step]:
    """The same of a page: a line is found by what it was, or by what it has become already."""
    known: dict[Tokens, list[Any]] = {}
    for tokens, step in steps:
        known.setdefault(tokens, []).append(step.get("value"))
    place = {}
    for tokens, values in known.items():
        fitting = (
            [n for n, line in enumerate(lines) if line == value]
            for value in values
            if len(tokens) == 1
        )
        here = next((found for found in fitting if found), [])
        stays = len(here) != 1 or int(tokens[0]) in here
        place[tokens] = tokens if stays else (str(here[0]),)
    return [{**step, "path": pointer_of(place[tokens])} for tokens, step in steps]


def _now(tokens: Tokens, tests: Tests, document: Any) -> Tokens:
    found: list[str] = []
    node = document
    for number, token in enumerate(tokens):
        if isinstance(node, list) and token.isdigit():
            token = str(_index(int(token), tokens[: number + 1], tests, node))
        found.append(token)
        node = get(node, (token,)) if exists(node, (token,)) else None
    return tuple(found)


def _index(number: int, place: Tokens, tests: Tests, items: list[Any]) -> int:
    """Where the item is that was at `number`."""
    wanted = {t[len(place) :]: v for t, v in tests.items() if t[: len(place)] == place}
    names = {k: v for k, v in wanted.items() if not k or (len(k) == 1 and k[0] in IDENTITY)}
    if not names:
        return number
    fitting = [at for at, item in enumerate(items) if _agrees(item, names)]
    return fitting[0] if number not in fitting and len(fitting) == 1 else number


def _agrees(item: Any, wanted: Tests) -> bool:
    return all(exists(item, k) and same(get(item, k), v) for k, v in wanted.items())


def there(step: Step, document: Any, tests: Tests) -> bool:
    """Whether a document has what a step would make of it."""
    tokens = parse_pointer(str(step.get("path", "")))
    match step.get("op"):
        case "remove":
            return _gone(tokens, document, tests)
        case "add" | "replace":
            wanted = step.get("value")
            if step["op"] == "replace" and tokens not in tests:
                return exists(document, tokens) and same(get(document, tokens), wanted)
            return _has(tokens, wanted, document, tests)
        case _:
            return False


def _gone(tokens: Tokens, document: Any, tests: Tests) -> bool:
    if not exists(document, tokens):
        return bool(tests)
    if tokens not in tests:
        return False
    now, before = get(document, tokens), tests[tokens]
    if is_plain_list(now) and is_plain_list(before):
        return not any(item in now for item in before)
    parent = get(document, tokens[:-1])
    return isinstance(parent, list) and before not in parent


def _has(tokens: Tokens, value: Any, document: Any, tests: Tests) -> bool:
    if tokens[-1:] == ("-",):
        above = tokens[:-1]
        items = get(document, above) if exists(document, above) else None
        return isinstance(items, list) and any(same(value, item) for item in items)
    if not exists(document, tokens):
        return False
    now = get(document, tokens)
    return same(now, value) or _includes(now, tests.get(tokens), value)


def _includes(now: Any, before: Any, wanted: Any) -> bool:
    """Whether `now` has all that a change from `before` to `wanted` brings, beside what others
    have changed."""
    if isinstance(now, str) and isinstance(wanted, str):
        start = before if isinstance(before, str) else ""
        added = wanted[len(start) :].strip() if wanted.startswith(start) else ""
        return now != before and ((bool(added) and added in now) or _goes_on(now, wanted))
    if is_plain_list(now) and is_plain_list(wanted):
        base: Sequence[Any] = before if is_plain_list(before) else ()
        had = all(item in now for item in wanted if item not in base)
        more = [item for item in base if base.count(item) > wanted.count(item)]
        return had and all(now.count(item) <= wanted.count(item) for item in more)
    if isinstance(now, Mapping) and isinstance(wanted, Mapping):
        old = mapping_of(before)
        brought = {k: v for k, v in wanted.items() if k not in old or not same(old[k], v)}
        return not any(k in now for k in old if k not in wanted) and all(
            k in now and (same(now[k], v) or _includes(now[k], old.get(k), v))
            for k, v in brought.items()
        )
    return False


def _goes_on(now: str, wanted: str) -> bool:
    """Whether a text is another one with more words behind it."""
    behind = now.removeprefix(wanted)
    return bool(wanted) and behind != now and (behind[:1].isspace() or behind[:1] in ("", "."))
