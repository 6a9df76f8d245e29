"""Patches of many findings on one document: each was made for the original, all must fit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from checker.domain.nodes import list_of, mapping_of, member_of
from checker.domain.pointer import pointer_of
from checker.fixing.json_patch import (
    NEVER_EMPTY,
    AlreadyThere,
    Operation,
    Unplaced,
    applied,
    exists,
    get,
    index_of,
    is_plain_list,
    parse_pointer,
    same,
)
from checker.fixing.places import Tests, moved, there

Tokens = tuple[str, ...]


class Sequencer:
    """Turns patches against the original document into operations on the current one.

    Two findings that both add a member's list, or both add a sentence to a description, are
    put together; positions that an earlier removal shifted are corrected. The original may have
    changed since a patch was made: what the patch tests decides whether it still fits.
    """

    def __init__(self, original: Any) -> None:
        self.original = original
        self.current = original
        self._removed: dict[Tokens, set[int]] = defaultdict(set)
        self._renamed: dict[Tokens, str] = {}

    def operations(self, patch: Iterable[Mapping[str, Any]]) -> tuple[Operation, ...]:
        """The operations of one patch on the current document; raises Unplaced, and AlreadyThere
        where there is nothing left to do.

        `current` and the corrections change only with `accept`.
        """
        fitted = moved(patch, self.original)
        tests: Tests = {
            parse_pointer(str(step.get("path", ""))): step.get("value")
            for step in fitted
            if step.get("op") == "test"
        }
        changes = [step for step in fitted if step.get("op") != "test"]
        open_ = [step for step in changes if not there(step, self.original, tests)]
        if changes and not open_:
            raise AlreadyThere
        self._tested(tests)
        document = self.current
        steps: list[Operation] = []
        for raw in _renaming(open_, self.original):
            for step in self._adapted(raw, document, tests):
                document = applied(document, step)
                steps.append(step)
        return tuple(steps)

    def accept(self, patch: Iterable[Mapping[str, Any]], steps: Iterable[Operation]) -> None:
        """Take the operations over into the current document."""
        for step in steps:
            self.current = applied(self.current, step)
        for raw in _renaming(moved(patch, self.original), self.original):
            tokens = parse_pointer(str(raw.get("path", "")))
            if raw.get("op") == "rename":
                self._renamed[tokens] = str(raw.get("value"))
            if raw.get("op") == "remove" and tokens and tokens[-1].isdigit():
                parent = tokens[:-1]
                if exists(self.original, parent) and isinstance(get(self.original, parent), list):
                    self._removed[parent].add(int(tokens[-1]))

    def _tested(self, tests: Tests) -> None:
        """Raises Unplaced where the document isn't what a patch was made for."""
        for tokens, value in tests.items():
            if not exists(self.original, tokens):
                raise Unplaced(f"{pointer_of(tokens)} isn't there any more")
            if not _alike(get(self.original, tokens), value):
                raise Unplaced(f"{pointer_of(tokens)} isn't as it was when the report was written")

    def _adapted(self, raw: Mapping[str, Any], document: Any, tests: Tests) -> Iterator[Operation]:
        op = str(raw.get("op", ""))
        tokens = parse_pointer(str(raw.get("path", "")))
        match op:
            case "add" | "replace":
                yield from self._set(op, tokens, raw.get("value"), document, tests)
            case "remove":
                yield from self._remove(tokens, document, tests)
            case "rename":
                name = str(raw.get("value"))
                if exists(document, (*tokens[:-1], name)):
                    raise Unplaced(f"there is another {name!r} by now")
                get(document, tokens)
                yield Operation("rename", tokens, name)
            case "move" | "copy":
                origin = parse_pointer(str(raw.get("from", "")))
                place = self._translated(origin)
                if place is None:
                    raise Unplaced("what it moves is gone")
                value = get(document, place)
                if op == "move":
                    yield Operation("remove", place)
                    document = applied(document, Operation("remove", place))
                yield from self._set("add", tokens, value, document, tests)
            case _:
                raise Unplaced(f"unknown patch operation {op!r}")

    def _remove(self, tokens: Tokens, document: Any, tests: Tests) -> Iterator[Operation]:
        place = self._translated(tokens)
        if tokens in tests and is_plain_list(tests[tokens]):
            yield from _relisted(place, get(self.original, tokens), [], document)
        elif place is not None and exists(document, place):
            yield Operation("remove", _with_its_list(place, document))
        elif not exists(self.original, tokens):
            raise Unplaced(f"there is no {tokens[-1] if tokens else ''!r}")

    def _set(
        self, op: str, tokens: Tokens, value: Any, document: Any, tests: Tests
    ) -> Iterator[Operation]:
        place = self._translated(tokens)
        if place is None:
            raise Unplaced("another fix removes this place")
        if op == "add" and place[-1:] == ("-",) and not exists(document, place[:-1]):
            # The list isn't there yet: it begins with this value.
            yield Operation("add", place[:-1], [value])
            return
        before = get(self.original, tokens) if exists(self.original, tokens) else None
        if (
            before is not None
            and tokens in tests
            and is_plain_list(before)
            and is_plain_list(value)
        ):
            yield from _relisted(place, before, _as_meant(before, tests[tokens], value), document)
            return
        parent = get(document, place[:-1]) if place else None
        if isinstance(parent, list) and op == "add":
            if place[-1] != "-" or value not in parent:  # else another finding has added the same
                yield Operation("add", place, value)
            return
        if not exists(document, place):
            if op == "replace":
                raise Unplaced(f"there is no {place[-1]!r}")
            yield Operation("add", place, value)
            return
        if op == "add" and tests and exists(self.original, tokens):
            raise Unplaced(f"there is another {place[-1]!r} by now")
        now = get(document, place)
        if not same(now, value):
            wanted = value if same(now, before) else merged(before, now, value)
            yield Operation("replace", place, wanted)

    def _translated(self, tokens: Tokens) -> Tokens | None:
        """A place in the original as a place now; None where it was removed."""
        result: list[str] = []
        node: Any = self.original
        for number, token in enumerate(tokens):
            if isinstance(node, list) and token.isdigit():
                gone = self._removed.get(tokens[:number], set())
                if int(token) in gone:
                    return None
                result.append(str(int(token) - sum(1 for g in gone if g < int(token))))
                in_range = int(token) < len(node)
                node = node[index_of(token, len(node))] if in_range else None
            else:
                result.append(self._renamed.get(tokens[: number + 1], token))
                node = member_of(node, token)
        return tuple(result)


def _renaming(steps: Sequence[Mapping[str, Any]], original: Any) -> list[Mapping[str, Any]]:
    """The steps, with a member that goes and comes again under another name as a renaming."""
    made: list[Mapping[str, Any]] = []
    for step in steps:
        before = made[-1] if made else {}
        old, new = (parse_pointer(str(s.get("path", ""))) for s in (before, step))
        if (
            (before.get("op"), step.get("op")) == ("remove", "add")
            and old[:-1] == new[:-1]
            and exists(original, old)
            and isinstance(get(original, old[:-1]), Mapping)
            and same(get(original, old), step.get("value"))
        ):
            made[-1] = {"op": "rename", "path": before["path"], "value": new[-1]}
        else:
            made.append(step)
    return made


def _with_its_list(place: Tokens, document: Any) -> Tokens:
    """The place of the list where its last entry goes and it may not be empty."""
    above = place[:-1]
    within = get(document, above) if above and above[-1] in NEVER_EMPTY else None
    return above if isinstance(within, list) and len(within) == 1 else place


def _alike(now: Any, wanted: Any) -> bool:
    """Equal, the order of a list's entries aside."""
    if is_plain_list(now) and is_plain_list(wanted):
        return len(now) == len(wanted) and all(_within(v, now) for v in wanted)
    return same(now, wanted)


def _within(value: Any, items: Iterable[Any]) -> bool:
    return any(same(value, item) for item in items)


def _as_meant(before: Sequence[Any], tested: Sequence[Any], wanted: Sequence[Any]) -> list[Any]:
    """What a list with the entries of `tested` in another order becomes."""
    return list(wanted) if same(before, tested) else merged(tested, before, wanted)


def _relisted(
    place: Tokens | None, before: Any, wanted: list[Any], document: Any
) -> Iterator[Operation]:
    """Entries of a list added and taken away one by one, beside what other fixes do to it."""
    if place is None:
        return
    now = get(document, place) if exists(document, place) else []
    if same(now, before) and sorted(map(repr, now)) == sorted(map(repr, wanted)):
        yield Operation("replace", place, wanted)  # another order
        return
    result = list(now)
    for item in before:
        if result.count(item) > wanted.count(item):
            result.reverse()
            result.remove(item)  # of equal ones the last
            result.reverse()
    result += [item for item in wanted if item not in before and item not in result]
    if not result and place[-1] in NEVER_EMPTY:
        if exists(document, place):
            yield Operation("remove", place)
        return
    if not exists(document, place):
        yield Operation("add", place, result)
        return
    brought = [item for item in result if not _within(item, now)]
    # A null at the end of an enum stays there.
    at = len(now) - 1 if len(now) > 1 and now[-1] is None and None in result else None
    for number, item in enumerate(brought):
        where = "-" if at is None else str(at + number)
        yield Operation("add", (*place, where), item)
    kept = list(result)
    gone = []
    for number, item in enumerate(now):
        if _within(item, kept):
            kept.remove(item)
        else:
            gone.append(number)
    for number in reversed(gone):
        yield Operation("remove", (*place, str(number)))


def merged(before: Any, now: Any, wanted: Any) -> Any:
    """`wanted` on top of `now`, both made from `before`; raises Unplaced where they differ."""
    if isinstance(now, str) and isinstance(wanted, str):
        start = before if isinstance(before, str) else ""
        if wanted.startswith(start):
            added = wanted[len(start) :]
            return now if added.strip() in now else _continued(now, added)
        if start and now.startswith(start):  # the other one added, this one writes anew
            return _continued(wanted, now[len(start) :])
    if isinstance(now, Mapping) and isinstance(wanted, Mapping):
        base = mapping_of(before)
        result = dict(now)
        for name, value in wanted.items():
            if name not in now:
                result[name] = value
            elif now[name] != value and value != base.get(name):
                result[name] = merged(base.get(name), now[name], value)
        return result
    if isinstance(now, list) and isinstance(wanted, list):
        base_items = list_of(before)
        kept = [item for item in now if item in wanted or item not in base_items]
        return kept + [item for item in wanted if item not in base_items and item not in kept]
    raise Unplaced("another fix changes the same value in another way")


def _continued(now: str, added: str) -> str:
    """A text with what another fix wanted to put behind the text as it was."""
    if added.startswith(". ") and now.rstrip()[-1:] in tuple(".!?:;"):
        added = added[1:]
    if added.startswith("."):
        return now.rstrip() + added
    space = added[: len(added) - len(added.lstrip())] or " "
    return now.rstrip() + space + added.lstrip()
