"""Two portals (or two documents) against each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from checker.domain.operation import Operation
from checker.domain.portal import Document, Portal
from checker.drift.compare.change import Change
from checker.drift.compare.made import changed
from checker.drift.compare.operations import Comparison
from checker.drift.compare.pairing import Entry, by_route, couples, paired_documents
from checker.drift.compare.paths import (
    Route,
    nameless,
    normalise,
    parameter_names,
    version_of,
    versionless,
)
from checker.drift.compare.sameness import Sameness, lookup
from checker.drift.compare.whole import whole
from checker.drift.compare.words import sentence


def diff_portals(old: Portal, new: Portal) -> tuple[Change, ...]:
    """Every fact that `new` tells differently from `old`, one change each.

    Where a portal has one operation in a legacy and in a current document, the current one
    counts. Changes come in the old document's order, then what the new one adds.
    """
    couples_ = paired_documents(old.documents, new.documents)
    partner = {id(one): two for one, two in couples_}
    found = list(diff_operations(_entries(old), _entries(new), partner))
    differ = Differ()
    for one, two in couples_:
        found += differ.inbound("webhook", one.webhooks, two.webhooks, one, two)
        found += whole(one, two)
    lost = [d for d in old.documents if id(d) not in partner]
    arrived = [d for d in new.documents if all(d is not two for _, two in couples_)]
    for document in lost:
        found += [presence("webhook-removed", True, hook) for hook in document.webhooks]
    for document in arrived:
        found += [presence("webhook-added", False, hook) for hook in document.webhooks]
    return merge(found)


def diff_operations(
    old: Iterable[Entry], new: Iterable[Entry], partner: Mapping[int, Document] | None = None
) -> tuple[Change, ...]:
    """The same for operations with the documents that they stand in.

    `partner` says which document of the new side is which of the old one (by its `id`)."""
    before, after = by_route(old), by_route(new)
    differ = Differ()
    found: list[Change] = []
    moved = dict(_moves(before, after))
    arrived = set(moved.values())
    for key, entries in before.items():
        if key in after:
            for one, two in couples(entries, after[key], partner or {}):
                found += _respelled(one[0], two[0])
                found += differ.compare(one, two)
        elif key in moved:
            found.append(_move(entries[0][0], after[moved[key]][0][0]))
            found += differ.compare(entries[0], after[moved[key]][0])
        else:
            found.append(presence("operation-removed", True, entries[0][0]))
    for key, entries in after.items():
        if key not in before and key not in arrived:
            found.append(presence("operation-added", False, entries[0][0]))
    return merge(found)


def _respelled(old: Operation, new: Operation) -> Iterator[Change]:
    """A path that differs in its slashes alone."""
    one, two = (nameless(operation.id.path) for operation in (old, new))
    if one != two:
        yield changed("trailing-slash-changed", "", True, old, new, "operation", "", one, two)


class Differ:
    """Compares operations; what a pair of documents has in common is worked out once."""

    def __init__(self) -> None:
        self._pairs: dict[tuple[int, int], tuple[Comparison, Sameness | None]] = {}
        self._keep: list[Document] = []

    def compare(self, old: Entry, new: Entry) -> Iterator[Change]:
        """The changes of one operation that both sides have."""
        comparison, sameness = self._pair(old[1], new[1])
        if sameness is None or not _same_operation(old, new, sameness):
            yield from comparison.operation(old[0], new[0])
            if old[0].callbacks or new[0].callbacks:
                sides = old[0].callbacks, new[0].callbacks
                yield from self.inbound("callback", *sides, old[1], new[1])

    def inbound(
        self,
        what: str,
        old: Iterable[Operation],
        new: Iterable[Operation],
        one: Document,
        two: Document,
    ) -> Iterator[Change]:
        """The changes of what the API calls at its clients; `what` it is called in kinds."""
        before = {(o.id.method, o.path_template): o for o in old}
        after = {(o.id.method, o.path_template): o for o in new}
        comparison = Comparison(one, two, self._pair(one, two)[1], inbound=True)
        for key, operation in before.items():
            if key in after:
                yield from comparison.operation(operation, after[key])
            else:
                yield presence(f"{what}-removed", True, operation)
        for key, operation in after.items():
            if key not in before:
                yield presence(f"{what}-added", False, operation)

    def _pair(self, old: Document, new: Document) -> tuple[Comparison, Sameness | None]:
        key = id(old), id(new)
        if key not in self._pairs:
            self._keep += (old, new)
            alike = old.info.dialect == new.info.dialect and old.raw and new.raw
            sameness = Sameness(old.raw, new.raw) if alike else None
            self._pairs[key] = Comparison(old, new, sameness), sameness
        return self._pairs[key]


def _merged_by(change: Change) -> Any:
    """What the changes that are one fact have in common."""
    if change.kind == "base-path-changed":
        return change.kind, change.old, change.new
    of_operation = change.place in ("operation", "token") or change.kind.startswith("operation-")
    return (
        change.kind,
        change.direction,
        change.place,
        change.old_location,
        change.new_location,
        change.name.rpartition(".")[2] if change.place != "token" else change.name,
        repr(change.old),
        repr(change.new),
        change.operation if of_operation else None,
    )


def merge(changes: Iterable[Change]) -> tuple[Change, ...]:
    """One change for a fact that stands in one place and serves several operations."""
    found: dict[Any, Change] = {}
    every = list(changes)
    seen = {_fact(change) for change in every if not change.hidden}
    for change in every:
        if change.hidden and _fact(change) in seen:
            continue
        key = _merged_by(change)
        first = found.get(key)
        if first is None:
            found[key] = change
        elif not set(change.operations) <= set(first.operations):
            more = tuple(o for o in change.operations if o not in first.operations)
            found[key] = first.with_(operations=first.operations + more)
    return tuple(found.values())


def _fact(change: Change) -> Any:
    """What a change tells, whoever sees it."""
    return change.kind, change.old_location, change.new_location, repr((change.old, change.new))


def _entries(portal: Portal) -> Iterator[Entry]:
    for document in portal.documents:
        for operation in document.operations:
            yield operation, document


def _moves(
    before: Mapping[Route, list[Entry]], after: Mapping[Route, list[Entry]]
) -> Iterator[tuple[Route, Route]]:
    """Operations that went elsewhere as a whole: another base path, or another version."""
    gone = [key for key in before if key not in after]
    come = [key for key in after if key not in before]
    matched: set[Route] = set()
    for shape in (_template_shape, _version_shape):
        targets = _shaped(shape, come, after, matched)
        sources = _shaped(shape, gone, before, matched)
        for what, keys in sources.items():
            if len(keys) == 1 and len(targets[what]) == 1:
                matched |= {keys[0], targets[what][0]}
                yield keys[0], targets[what][0]


def _shaped(
    shape: Callable[[Operation], Any],
    routes: Iterable[Route],
    entries: Mapping[Route, list[Entry]],
    matched: Collection[Route],
) -> dict[Any, list[Route]]:
    """The routes without a match, by the shape of their operations."""
    found: dict[Any, list[Route]] = defaultdict(list)
    for key in routes:
        if key not in matched:
            found[shape(entries[key][0][0])].append(key)
    return found


def _template_shape(operation: Operation) -> Any:
    return operation.id.method, normalise(operation.path_template)


def _version_shape(operation: Operation) -> Any:
    return operation.id.method, versionless(operation.id.path)


def _move(old: Operation, new: Operation) -> Change:
    rebased = _template_shape(old) == _template_shape(new)
    if rebased:
        kind, place = "base-path-changed", "document"
        sides = old.document.base_path or "/", new.document.base_path or "/"
    else:
        kind, place = "version-changed", "operation"
        sides = version_of(old.id.path) or old.id.path, version_of(new.id.path) or new.id.path
    change = Change(
        kind=kind,
        direction="",
        breaking=True,
        operation=new.id,
        place=place,
        old=sides[0],
        new=sides[1],
        old_location=old.location,
        new_location=new.location,
        operations=(new.id,),
    )
    return change.with_(text=sentence(change))


def presence(kind: str, breaking: bool, operation: Operation) -> Change:
    """An operation, webhook or callback that one side alone has."""
    removed = kind.endswith("-removed")
    change = Change(
        kind=kind,
        direction="",
        breaking=breaking,
        operation=operation.id,
        place="operation",
        old=str(operation.id) if removed else None,
        new=None if removed else str(operation.id),
        old_location=operation.location if removed else None,
        new_location=None if removed else operation.location,
        operations=(operation.id,),
    )
    return change.with_(text=sentence(change))


def _same_operation(old: Entry, new: Entry, sameness: Sameness) -> bool:
    """Whether the raw nodes already say that nothing differs."""
    one, two = old[0], new[0]
    raws = old[1].raw, new[1].raw
    if one.location.file != old[1].info.file or two.location.file != new[1].info.file:
        return False
    if parameter_names(one.id.path) != parameter_names(two.id.path):
        return False
    nodes = lookup(raws[0], one.location.pointer), lookup(raws[1], two.location.pointer)
    if not all(isinstance(node, dict) for node in nodes):
        return False
    if not sameness.nodes(*nodes):
        return False
    if one.security != two.security and not _same_security(one, two):
        return False
    if _media_types(raws[0]) != _media_types(raws[1]):
        return False
    return sameness.nodes(_path_item(raws[0], one), _path_item(raws[1], two))


def _media_types(raw: Mapping[str, Any]) -> tuple[Any, Any]:
    return raw.get("consumes"), raw.get("produces")


def _same_security(one: Operation, two: Operation) -> bool:
    a, b = one.security, two.security
    return (
        (a.alternatives, a.scopes) == (b.alternatives, b.scopes)
        and a.described == b.described
        and all(
            (x := a.schemes.get(name)) is not None
            and (y := b.schemes.get(name)) is not None
            and (x.type, x.place, x.parameter, x.scheme) == (y.type, y.place, y.parameter, y.scheme)
            for names in a.alternatives or ()
            for name in names
        )
    )


def _path_item(raw: Any, operation: Operation) -> Any:
    """What the path item says of all its operations."""
    item = lookup(raw, operation.location.pointer.rpartition("/")[0])
    if not isinstance(item, dict):
        return None
    return {key: item[key] for key in ("parameters", "servers", "$ref") if key in item}
