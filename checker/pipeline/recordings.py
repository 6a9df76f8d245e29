"""Recorded traffic (`--har`): calls of documented operations, and operations in no document."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from checker.documents.har import Recorded, calls_from_har, undocumented_in_har
from checker.domain.exchange import Call
from checker.domain.location import Location
from checker.domain.operation import DocumentInfo, Operation, OperationId
from checker.domain.portal import Portal
from checker.pipeline.choosing.selection import Selection, is_wanted
from checker.planning.recipe import find_operation
from checker.settings import Settings, Target

Recordings = Mapping[OperationId, Sequence[Call]]
RECORDING = "recording"
_IDENTIFIER = re.compile(
    r"\d+|[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|(?=.*\d)[0-9A-Za-z_-]{10,}"
)


def with_recordings(
    selection: Selection,
    portal: Portal,
    settings: Settings,
    target: Target,
    files: Mapping[str, Sequence[Recorded]],
) -> tuple[Selection, Recordings]:
    """The selection with the operations that only the recordings know, and all recorded calls;
    `files` are the recordings' entries."""
    urls = [u for u in (target.base_url, target.fallback_url) if u]
    known = tuple(portal.operations())
    in_records = [o.id for o in selection.recorded]
    strangers: dict[OperationId, Operation] = {}
    for file, entries in files.items():
        for found in undocumented_in_har(entries, known, urls):
            if find_operation(found.method, found.path, in_records) is None:
                operation = _operation(found, file)
                strangers.setdefault(operation.id, operation)
    first = settings.shard[0] == 1
    wanted = tuple(o for o in strangers.values() if first and is_wanted(o, settings))
    everything = [entry for entries in files.values() for entry in entries]
    calls = calls_from_har(everything, [*selection.current, *wanted], urls)
    return replace(selection, recorded=(*selection.recorded, *wanted)), calls


def _operation(found: OperationId, file: str) -> Operation:
    """The operation of a concrete call: what looks like an identifier becomes a parameter."""
    names: list[str] = []
    for number, part in enumerate(found.path.split("/")):
        name = f"id{number}" if _IDENTIFIER.fullmatch(part) else ""
        names.append("{" + name + "}" if name else part)
    identifier = OperationId(found.method, "/".join(names))
    return Operation(identifier, DocumentInfo(file, RECORDING), Location(file), identifier.path)
