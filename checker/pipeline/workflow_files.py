"""Workflow records from the witnesses of a run: refreshed ones and new ones. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import PurePath
from typing import Any

from checker.documents.workflow import main_of
from checker.domain.exchange import Exchange, Request
from checker.domain.finding import Finding
from checker.domain.operation import FieldKey, Operation
from checker.domain.run import WorkflowFile
from checker.domain.schema import MISSING
from checker.domain.workflow import Record, Step, UidResolution
from checker.planning import edits
from checker.planning.recipe import Recipe, call_variables, match_path, step_of_call
from checker.probing.records import verified
from checker.probing.trial import Witness
from checker.reporting.summary import field_name
from checker.reporting.workflow import render_record

MAIN = "main_request"


def workflow_file(
    witness: Witness, record: Record | None, findings: Iterable[Finding], at: datetime
) -> WorkflowFile:
    """The record of a witness's operation with what the run learned, and where it belongs.

    A record whose own request was accepted is refreshed; where the request had to be found
    otherwise, its steps and request are written anew. What people wrote beside them stays.
    """
    operation = witness.operation
    reused = record if witness.recipe.source == "record" else None
    main = (reused and main_of(reused.test_steps, operation.id)) or _main(witness)
    fresh = _fresh(witness, record, main, at)
    base = record if record is not None and record.sections else fresh
    text = render_record(
        base,
        status="verified",
        verified_at=at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        verified_request=verified(main, witness.exchange.request),
        uid_resolutions=tuple(_resolutions(witness.recipe, witness.exchange)),
        fix_suggestions=[_row(f) for f in findings if str(operation.id) in _operations(f)],
        times_reused=_count(reused) + 1 if reused is not None else None,
        **({} if base in (reused, fresh) else _anew(fresh, base)),
    )
    return WorkflowFile(record.file if record is not None else _place(operation), text)


def _operations(finding: Finding) -> tuple[str, ...]:
    return (finding.operation, *finding.also_operations)


def _row(finding: Finding) -> dict[str, str]:
    return {
        "Field": field_name(finding),
        "Issue": finding.issue,
        "Suggested Fix": finding.suggested_fix,
        "Severity": finding.severity.label,
    }


def _count(record: Record) -> int:
    value = str(record.front_matter.get("timesReused") or "0")
    return int(value) if value.isdigit() else 0


def _main(witness: Witness) -> Step:
    recipe = witness.recipe
    call = recipe.call
    for key in recipe.vary:
        value = edits.get(call, key)
        if value is not MISSING:
            call = edits.put(call, key, _unique(value))
    step = step_of_call(MAIN, call, "The request itself")
    response = witness.exchange.response
    return replace(step, expect_status=(response.status,) if response is not None else ())


def _unique(value: Any) -> Any:
    """A literal that has to differ each time, or each of a list, as a template of the same kind."""
    if isinstance(value, list):
        return [_unique(one) for one in value]
    if not isinstance(value, str) or "{{" in value:
        return value
    if "@" in value:
        return "{{random_email}}"
    if re.fullmatch(r"\+?\d{7,}", value):
        return "{{random_phone}}"
    if re.fullmatch(r"[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}", value):
        return "{{uuid}}"
    return value + "{{random_string}}"


def _fresh(witness: Witness, old: Record | None, main: Step, at: datetime) -> Record:
    operation = witness.operation
    front: dict[str, Any] = {
        "endpoint": str(operation.id),
        "domain": operation.document.domain,
        "tags": list(operation.tags),
        "swagger": operation.document.file,
        "status": "verified",
        "savedAt": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "timesReused": 0,
        "tokens": [witness.recipe.call.token] if witness.recipe.call.token else [],
        "useFallbackApi": True if witness.recipe.call.base == "fallback" else None,
    }
    if old is not None:
        front = {**front, **{k: v for k, v in old.front_matter.items() if k not in _OWN}}
    return Record(
        file="",
        endpoint=operation.id,
        front_matter={k: v for k, v in front.items() if v not in (None, [], "")},
        prerequisites=tuple(_named(witness.recipe.steps)),
        test_steps=(main,),
    )


def _anew(fresh: Record, old: Record) -> dict[str, Any]:
    """What has to be written anew in a record of which the request was found otherwise."""
    found: dict[str, Any] = {"test_steps": fresh.test_steps}
    if fresh.prerequisites or old.prerequisites:
        found["prerequisites"] = fresh.prerequisites
    if fresh.tokens:
        found["tokens"] = fresh.tokens
    if fresh.use_fallback != old.use_fallback:
        found["use_fallback"] = fresh.use_fallback
    return found


_OWN = ("endpoint", "status", "skipReason", "tokens", "useFallbackApi", "useFallback")


def _named(steps: Sequence[Step]) -> Iterator[Step]:
    """The steps with ids that differ from each other and from the main one's."""
    taken = {MAIN}
    for step in steps:
        name, number = step.id, 2
        while name in taken:
            name, number = f"{step.id}_{number}", number + 1
        taken.add(name)
        yield replace(step, id=name)


def _place(operation: Operation) -> str:
    """Beside the document: `workflows/<method>_<path>.md`."""
    folder = PurePath(operation.document.file).parent
    if folder.name == "legacy":
        folder = folder.parent
    words = re.sub(r"[^a-z0-9]+", "_", operation.id.path.lower()).strip("_") or "root"
    return str(folder / "workflows" / f"{operation.id.method.lower()}_{words}.md")


def _resolutions(recipe: Recipe, exchange: Exchange) -> Iterator[UidResolution]:
    """Where the identifiers of the request came from: the last step that extracted each."""
    values = _values(recipe, exchange.request)
    for name in sorted(call_variables(recipe.call)):
        giver = next((s for s in reversed(recipe.steps) if name in s.extract), None)
        if giver is None:
            continue
        operation = giver.operation
        yield UidResolution(
            field=name,
            source_endpoint=str(operation) if operation else f"{giver.method} {giver.path}",
            resolved_value=values.get(name, ""),
        )


def _values(recipe: Recipe, request: Request) -> Mapping[str, str]:
    """What the variables of the call stood for in a request that was sent."""
    call, found = recipe.call, dict[str, str]()
    sent_path = match_path(call.operation.path, request.url_path) or {}
    body = _json(request.content)
    for key in edits.present_fields(call):
        template = edits.get(call, key)
        name = re.fullmatch(r"\{\{\s*([\w.-]+)\s*\}\}", template) if _is_text(template) else None
        if name is None:
            continue
        value = _sent(key, sent_path, request, body)
        if value is not MISSING and not isinstance(value, (dict, list)):
            found[name[1]] = str(value)
    return found


def _sent(key: FieldKey, path: Mapping[str, Any], request: Request, body: Any) -> Any:
    match key.place.value:
        case "path":
            return path.get(key.name, MISSING)
        case "query":
            return dict(request.query).get(key.name, MISSING)
        case "body" if isinstance(body, dict):
            return body.get(key.name, MISSING)
        case _:
            return MISSING


def _json(content: bytes | None) -> Any:
    try:
        return json.loads(content) if content else None
    except ValueError:
        return None


def _is_text(value: Any) -> bool:
    return isinstance(value, str)
