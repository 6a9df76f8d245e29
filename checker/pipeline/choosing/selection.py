"""Which operations a run is about, and what belongs to each. Pure."""

from __future__ import annotations

import difflib
import fnmatch
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from checker.domain.finding import Finding
from checker.domain.operation import DocumentInfo, Operation, OperationId
from checker.domain.portal import Portal
from checker.domain.workflow import Record, Step
from checker.errors import UsageError
from checker.pipeline.choosing.sharding import share
from checker.planning.recipe import find_operation, match_path
from checker.settings import Settings, Target


@dataclass(frozen=True, slots=True)
class Selection:
    """Operations of one target.

    `current` are checked in full; `dropped` stand in legacy documents only; `recorded` in
    workflow records only. `legacy` maps a current operation to its legacy counterparts.
    """

    current: tuple[Operation, ...]
    dropped: tuple[Operation, ...] = ()
    recorded: tuple[Operation, ...] = ()
    legacy: Mapping[OperationId, tuple[Operation, ...]] = field(default_factory=dict)
    records: Mapping[OperationId, Record] = field(default_factory=dict)
    skipped: Mapping[OperationId, str] = field(default_factory=dict)
    known: tuple[Operation, ...] = ()
    """All current operations, also those that aren't checked: prerequisites may need them."""


def shape(path: str) -> str:
    """A path with its parameter names folded."""
    return re.sub(r"\{[^}]*\}", "{}", path.rstrip("/")) or "/"


def for_target(portal: Portal, target: Target, roots: Sequence[Path]) -> Portal:
    """The part of a portal that a target's `documents` globs name."""
    if not target.documents:
        return portal

    def mine(file: str) -> bool:
        names = [file, *(_below(file, root) for root in roots)]
        return any(fnmatch.fnmatch(n, g) for n in names if n for g in target.documents)

    return replace(
        portal,
        documents=tuple(d for d in portal.documents if mine(d.info.file)),
        records=tuple(r for r in portal.records if mine(r.file)),
        pages=tuple(p for p in portal.pages if mine(p.file)),
    )


def _below(file: str, root: Path) -> str:
    text = str(root).rstrip("/") + "/"
    return file[len(text) :] if file.startswith(text) else ""


def select(portal: Portal, settings: Settings, target: str = "") -> Selection:
    """Divide a portal's operations; the first document of an operation wins. What an interrupted
    run of this target (of any, where none is named) has finished is left out."""
    done = {name for of, name in settings.done if target in ("", of)}
    current: dict[tuple[str, str], Operation] = {}
    legacy: dict[tuple[str, str], list[Operation]] = {}
    has_current = any(not d.info.legacy and d.operations for d in portal.documents)
    for document in portal.documents:
        for operation in document.operations:
            mark = (operation.id.method, shape(operation.id.path))
            if document.info.legacy and has_current:
                legacy.setdefault(mark, []).append(operation)
            else:
                current.setdefault(mark, operation)
    wanted = [o for o in current.values() if is_wanted(o, settings)]
    dropped = [
        versions[0]
        for mark, versions in legacy.items()
        if mark not in current and is_wanted(versions[0], settings)
    ]
    ids = [o.id for o in current.values()] + [o.id for o in dropped]
    records, strangers = _records(portal.records, ids)
    shard, count = settings.shard
    mine = [o for o in share(wanted, shard, count, settings.counts) if str(o.id) not in done]
    return Selection(
        current=tuple(mine),
        dropped=tuple(dropped) if shard == 1 else (),
        recorded=tuple(
            o for o in strangers if shard == 1 and is_wanted(o, settings) and str(o.id) not in done
        ),
        legacy={
            operation.id: tuple(legacy.get(mark, ()))
            for mark, operation in current.items()
            if mark in legacy
        },
        records=records,
        known=tuple(current.values()),
    )


def is_wanted(operation: Operation, settings: Settings) -> bool:
    """Whether `--operation`, `--domain`, `--tag` and `--since` select it; globs allowed."""
    if settings.changed is not None and operation.id not in settings.changed:
        return False
    if settings.operations and not any(_names(p, operation.id) for p in settings.operations):
        return False
    return _matches((operation.document.domain,), settings.domains) and _matches(
        operation.tags, settings.tags
    )


def _matches(names: Sequence[str], globs: Sequence[str]) -> bool:
    """Whether a glob matches one of the names, where any is given."""
    return not globs or any(fnmatch.filter(names, glob) for glob in globs)


def _names(pattern: str, operation: OperationId) -> bool:
    """Whether a pattern is an operation's name, a glob of it or its route."""
    name = str(operation)
    return fnmatch.fnmatchcase(name, pattern) or name == pattern or _same_route(pattern, operation)


def concerns(finding: Finding, portal: Portal, settings: Settings) -> bool:
    """Whether a finding is about what `--operation`, `--domain` and `--tag` select.

    A finding about a whole document belongs to its domain, and to no single operation or tag.
    """
    if not settings.selective:
        return True
    names = {finding.operation, *finding.also_operations} - {""}
    known = [o for o in portal.operations() if str(o.id) in names]
    if known:
        return any(is_wanted(o, settings) for o in known)
    if settings.tags or settings.changed is not None or (settings.operations and not names):
        return False
    if settings.operations and not any(_named(name, settings) for name in names):
        return False
    if not settings.domains:
        return True
    infos = [d.info for d in portal.documents]
    domains = {i.domain for i in infos if finding.source and i.file == finding.source.file}
    domains |= {p.domain for p in portal.pages if finding.source and p.file == finding.source.file}
    return any(fnmatch.fnmatch(d, pattern) for d in domains for pattern in settings.domains)


def _named(operation: str, settings: Settings) -> bool:
    method, _, path = operation.partition(" ")
    return any(
        fnmatch.fnmatchcase(operation, pattern) or _same_route(pattern, OperationId(method, path))
        for pattern in settings.operations
    )


def check_selected(portal: Portal, settings: Settings) -> None:
    """Raises UsageError where an option names nothing that there is: a slip of the pen, not a
    clean result."""
    operations = tuple(portal.operations())
    listed: list[tuple[str, tuple[str, ...], list[str]]] = [
        ("--operation", settings.operations, [str(o.id) for o in operations]),
        ("--domain", settings.domains, [d.info.domain for d in portal.documents]),
        ("--tag", settings.tags, [tag for o in operations for tag in o.tags]),
    ]
    for option, patterns, names in listed:
        for pattern in patterns:
            if option == "--operation":
                named = [str(r.endpoint) for r in portal.records if r.endpoint is not None]
                known = [
                    *operations,
                    *(
                        _from_record(r.endpoint, r)
                        for r in portal.records
                        if r.endpoint is not None
                    ),
                ]
                narrowed = Settings(operations=(pattern,))
                if any(is_wanted(o, narrowed) for o in known):
                    continue
                names = [*names, *named]
            elif any(fnmatch.fnmatch(name, pattern) for name in names):
                continue
            close = difflib.get_close_matches(pattern, sorted(set(names)), 1, 0.4)
            raise UsageError(
                f"{option}: nothing is called {pattern!r}.",
                f"Did you mean {close[0]!r}?" if close else "Look at `--dry-run`.",
            )


def _same_route(pattern: str, operation: OperationId) -> bool:
    method, _, path = pattern.partition(" ")
    return method.upper() == operation.method and shape(path) == shape(operation.path)


def _records(
    records: Iterable[Record], ids: Sequence[OperationId]
) -> tuple[dict[OperationId, Record], list[Operation]]:
    """Records by documented operation, and operations that only records know."""
    known: dict[OperationId, Record] = {}
    strangers: dict[OperationId, Operation] = {}
    for record in (_named_steps(r, ids) for r in records):
        endpoint = record.endpoint
        if endpoint is None or not record.test_steps or record.status == "deprecated":
            continue
        hit = next((o for o in ids if _fits(o, endpoint)), None)
        if hit is None:
            strangers.setdefault(endpoint, _from_record(endpoint, record))
            known.setdefault(endpoint, record)
            continue
        known.setdefault(hit, record if hit == endpoint else replace(record, endpoint=hit))
    return known, list(strangers.values())


def _named_steps(record: Record, ids: Sequence[OperationId]) -> Record:
    """A record whose steps say which documented operation they call, where their paths do: what
    is asked about the thing that a step makes needs to know what made it."""

    def named(step: Step) -> Step:
        if step.operation is not None or not step.path.startswith("/"):
            return step
        return replace(step, operation=find_operation(step.method, step.path, ids))

    return replace(
        record,
        prerequisites=tuple(named(s) for s in record.prerequisites),
        test_steps=tuple(named(s) for s in record.test_steps),
    )


def _fits(documented: OperationId, endpoint: OperationId) -> bool:
    if documented.method != endpoint.method:
        return False
    if shape(documented.path) == shape(endpoint.path):
        return True
    return "{" not in endpoint.path and match_path(documented.path, endpoint.path) is not None


def _from_record(endpoint: OperationId, record: Record) -> Operation:
    from checker.domain.location import Location

    place = Location(record.file)
    info = DocumentInfo(record.file, "record")
    return Operation(endpoint, info, place, endpoint.path)
