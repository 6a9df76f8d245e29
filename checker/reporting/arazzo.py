"""Workflow records as an Arazzo 1.0 description."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from checker.domain.operation import Operation, OperationId
from checker.domain.schema import MISSING
from checker.domain.workflow import Record, Step

VERSION = "1.0.1"
UNKNOWN_SOURCE = "api"
_TEMPLATE = re.compile(r"\{\{\s*([^{}\s]+)\s*\}\}")
_SIMPLE_PATH = re.compile(r"\$((?:\.[A-Za-z_][\w-]*|\[\d+\]|\['[^']*'\])*)")


def arazzo(
    records: Iterable[Record], operations: Mapping[OperationId, Operation]
) -> dict[str, Any]:
    """One description of all records that have steps.

    `operations` are the documented ones: a step that calls one refers to its document. What
    Arazzo can't say (a JSONPath filter, waiting for an event) stands in `x-driftcheck`.
    """
    sources: dict[str, str] = {}
    by_shape = {_shape(op.id): op for op in operations.values()}
    used: dict[str, int] = {}
    workflows = []
    for record in records:
        steps = (*record.prerequisites, *record.test_steps)
        if steps:
            workflows.append(_workflow(record, steps, by_shape, sources, used))
    described = [{"name": n, "url": url, "type": "openapi"} for url, n in sources.items()]
    return {
        "arazzo": VERSION,
        "info": {"title": "Workflow records", "version": "1.0.0"},
        "sourceDescriptions": described
        or [{"name": UNKNOWN_SOURCE, "url": "openapi.json", "type": "openapi"}],
        "workflows": workflows,
    }


def _workflow(
    record: Record,
    steps: tuple[Step, ...],
    operations: Mapping[str, Operation],
    sources: dict[str, str],
    used: dict[str, int],
) -> dict[str, Any]:
    known: dict[str, str] = {}
    inputs: dict[str, None] = {}
    rendered = []
    seen: dict[str, int] = {}
    for step in steps:
        identifier = _unique(_name(step.id), seen)
        rendered.append(_step(step, identifier, record, known, inputs, operations, sources))
        known.update({name: f"$steps.{identifier}.outputs.{name}" for name in step.extract})
    title = str(record.endpoint or record.file)
    entry: dict[str, Any] = {"workflowId": _unique(_name(title), used), "summary": title}
    if inputs:
        members = {name: {"type": "string"} for name in inputs}
        entry["inputs"] = {"type": "object", "properties": members, "required": list(inputs)}
    entry["steps"] = rendered
    return entry


def _step(
    step: Step,
    identifier: str,
    record: Record,
    known: Mapping[str, str],
    inputs: dict[str, None],
    operations: Mapping[str, Operation],
    sources: dict[str, str],
) -> dict[str, Any]:
    def value(raw: Any) -> Any:
        return _expressed(raw, known, inputs)

    path = step.path.partition("?")[0]
    operation = operations.get(_shape(OperationId(step.method, path)))
    entry: dict[str, Any] = {"stepId": identifier}
    if step.description:
        entry["description"] = step.description
    entry["operationPath"] = _reference(step, path, operation, record, sources)
    parameters = [
        {"name": name, "in": "path", "value": value(part)}
        for name, part in _path_values(path, operation)
    ]
    for place, values in (
        ("query", step.params),
        ("header", step.headers),
        ("cookie", step.cookies),
    ):
        parameters += [{"name": n, "in": place, "value": value(v)} for n, v in values.items()]
    if parameters:
        entry["parameters"] = parameters
    payload = step.body if step.body is not MISSING else step.form_fields or MISSING
    if payload is not MISSING:
        form = "application/x-www-form-urlencoded" if step.form_fields else "application/json"
        entry["requestBody"] = {
            "contentType": step.content_type or form,
            "payload": value(payload),
        }
    if step.expect_status:
        condition = " || ".join(f"$statusCode == {status}" for status in step.expect_status)
        entry["successCriteria"] = [{"condition": condition}]
    if step.on_fail == "abort":
        entry["onFailure"] = [{"name": "abort", "type": "end"}]
    outputs = {name: _pointer(path) for name, path in step.extract.items()}
    if any(outputs.values()):
        entry["outputs"] = {name: f"$response.body#{p}" for name, p in outputs.items() if p}
    extension = _beyond(step, [name for name, pointer in outputs.items() if not pointer])
    if extension:
        entry["x-driftcheck"] = extension
    return entry


def _reference(
    step: Step, path: str, operation: Operation | None, record: Record, sources: dict[str, str]
) -> str:
    """The step's operation in its document; the full path where no document has it."""
    if operation is not None:
        file, template = operation.document.file, operation.path_template
    else:
        file = str(record.front_matter.get("swagger") or "openapi.json")
        template = _TEMPLATE.sub(lambda m: "{" + m[1] + "}", path)
    name = sources.setdefault(file, f"source{len(sources) + 1}")
    token = template.replace("~", "~0").replace("/", "~1")
    return f"{{$sourceDescriptions.{name}.url}}#/paths/{token}/{step.method.lower()}"


def _path_values(path: str, operation: Operation | None) -> list[tuple[str, str]]:
    """(path parameter, its part of the step's path)."""
    parts = path.strip("/").split("/")
    if operation is None:
        return [(m[1], part) for part in parts if (m := _TEMPLATE.fullmatch(part))]
    template = operation.id.path.strip("/").split("/")
    return [
        (name[1:-1], part)
        for name, part in zip(template, parts, strict=False)
        if name.startswith("{") and name.endswith("}")
    ]


def _expressed(raw: Any, known: Mapping[str, str], inputs: dict[str, None]) -> Any:
    """A value with its templates as runtime expressions."""

    def one(name: str) -> str:
        if name in known:
            return known[name]
        inputs.setdefault(name)
        return f"$inputs.{name}"

    if isinstance(raw, str):
        whole = _TEMPLATE.fullmatch(raw.strip())
        if whole:
            return one(whole[1])
        return _TEMPLATE.sub(lambda m: "{" + one(m[1]) + "}", raw)
    if isinstance(raw, Mapping):
        return {str(k): _expressed(v, known, inputs) for k, v in raw.items()}
    if isinstance(raw, (list, tuple)):
        return [_expressed(item, known, inputs) for item in raw]
    return raw


def _pointer(path: str) -> str:
    """A plain JSONPath as a JSON Pointer; empty where it has filters or wildcards."""
    found = _SIMPLE_PATH.fullmatch(path.strip())
    if found is None:
        return ""
    parts = re.findall(r"\.([A-Za-z_][\w-]*)|\[(\d+)\]|\['([^']*)'\]", found[1])
    tokens = [a or b or c for a, b, c in parts]
    return "".join("/" + t.replace("~", "~0").replace("/", "~1") for t in tokens)


def _beyond(step: Step, filtered: list[str]) -> dict[str, Any]:
    extension: dict[str, Any] = {}
    if filtered:
        extension["extract"] = {name: step.extract[name] for name in filtered}
    if step.token or step.anonymous:
        extension["token"] = step.token if not step.anonymous else None
    if step.use_fallback:
        extension["useFallback"] = True
    if step.wait_for:
        extension["waitFor"] = {"event": step.wait_for.event, "timeout": step.wait_for.timeout_s}
    if step.until:
        until = step.until
        extension["until"] = {
            "path": until.path,
            "equals": until.equals,
            "timeout": until.timeout_s,
            "every": until.every_s,
        }
    if step.sleep_ms or step.settle_ms:
        extension["sleep"] = step.sleep_ms + step.settle_ms
    if step.skip_reason:
        extension["skipReason"] = step.skip_reason
    if step.file_fields:
        extension["fileFields"] = {str(k): str(v) for k, v in step.file_fields.items()}
    return extension


def _shape(operation: OperationId) -> str:
    """Method and path with every parameter folded."""
    path = re.sub(r"\{\{[^{}]*\}\}|\{[^{}]*\}", "{}", operation.path.rstrip("/"))
    return f"{operation.method.upper()} {path}"


def _name(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", text).strip("-") or "step"


def _unique(name: str, used: dict[str, int]) -> str:
    used[name] = used.get(name, 0) + 1
    return name if used[name] == 1 else f"{name}-{used[name]}"
