"""Workflow records as an Arazzo 1.0 description."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from checker.domain.operation import Operation, OperationId
from checker.domain.pointer import escape, pointer_of
from checker.domain.schema import MISSING
from checker.domain.workflow import Record, Step, Until, WaitFor

VERSION = "1.0.1"
Address = Callable[[str, Record], str | None]
"""The URL of a document that a record names; None where it isn't there."""
_TEMPLATE = re.compile(r"\{\{\s*([^{}\s]+)\s*\}\}")
_SIMPLE_PATH = re.compile(r"\$((?:\.[A-Za-z_][\w-]*|\[\d+\]|\['[^']*'\])*)")


@dataclass(slots=True)
class _Export:
    """What a description is made from, and the sources that were referred to."""

    operations: Mapping[str, Operation]
    address: Address
    sources: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Scope:
    """What a step may refer to: declared outputs of steps before it, else the inputs."""

    outputs: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)
    undeclared: dict[str, str] = field(default_factory=dict)
    """Extracted names that Arazzo can't declare as outputs, and why."""

    def expression(self, name: str) -> str:
        if name in self.outputs:
            return self.outputs[name]
        self.inputs.setdefault(name, self.undeclared.get(name, ""))
        return f"$inputs.{name}"


def arazzo(
    records: Iterable[Record],
    operations: Mapping[OperationId, Operation],
    address: Address = lambda file, record: file,
) -> dict[str, Any]:
    """One description of all records that have steps.

    `operations` are the documented ones: a step that calls one refers to its document, any other
    to the one that its record names, if `address` knows it. What Arazzo can't say (a JSONPath
    filter, waiting for an event, a step that no document has) stands in `x-driftcheck` with its
    reason. `workflows` is empty where nothing could be said.
    """
    export = _Export({_shape(op.id): op for op in operations.values()}, address)
    used: dict[str, int] = {}
    workflows = []
    left: list[dict[str, str]] = []
    for record in records:
        entry = _workflow(record, export)
        if entry is None:
            left.append({"record": record.file, "reason": "no document has any of its steps"})
        elif entry:
            workflows.append({**entry, "workflowId": _unique(entry["workflowId"], used)})
    described = [{"name": n, "url": u, "type": "openapi"} for u, n in export.sources.items()]
    made: dict[str, Any] = {
        "arazzo": VERSION,
        "info": {"title": "Workflow records", "version": "1.0.0"},
        "sourceDescriptions": described,
        "workflows": workflows,
    }
    return {**made, "x-driftcheck": {"leftOut": left}} if left else made


def _note_outputs(step: Step, identifier: str, scope: _Scope) -> None:
    """What a step extracts is known from here on, or known to be unsayable."""
    for name, expression in step.extract.items():
        scope.outputs.pop(name, None)
        if _pointer(expression):
            scope.outputs[name] = f"$steps.{identifier}.outputs.{name}"
        else:
            scope.undeclared[name] = f"{expression} is no JSON Pointer"


def _workflow(record: Record, export: _Export) -> dict[str, Any] | None:
    """A record's workflow; empty where it has no steps, None where none of them can be said."""
    scope = _Scope()
    rendered: list[dict[str, Any]] = []
    left: list[dict[str, str]] = []
    seen: dict[str, int] = {}
    steps = (*record.prerequisites, *record.test_steps)
    for step in steps:
        path = step.path.partition("?")[0]
        operation = export.operations.get(_shape(OperationId(step.method, path)))
        reference = _reference(step, path, operation, record, export)
        if reference is None:
            reason = f"no document has {step.method} {path}"
            left.append({"id": step.id, "reason": reason})
            scope.undeclared.update(dict.fromkeys(step.extract, reason))
            continue
        identifier = _unique(_name(step.id), seen)
        rendered.append(_step(step, identifier, reference, operation, scope))
        _note_outputs(step, identifier, scope)
    if not rendered:
        return None if steps else {}
    title = str(record.endpoint or record.file)
    entry: dict[str, Any] = {"workflowId": _name(title), "summary": title}
    if scope.inputs:
        entry["inputs"] = {
            "type": "object",
            "properties": {name: _input(why) for name, why in scope.inputs.items()},
            "required": list(scope.inputs),
        }
    entry["steps"] = rendered
    return {**entry, "x-driftcheck": {"steps": left}} if left else entry


def _input(why: str) -> dict[str, str]:
    """An input; `why` a record extracts it, and Arazzo can't."""
    told = {"description": f"A step of the record extracts it, which can't be said here: {why}."}
    return {"type": "string", **(told if why else {})}


def _step(
    step: Step, identifier: str, reference: str, operation: Operation | None, scope: _Scope
) -> dict[str, Any]:
    def value(raw: Any) -> Any:
        return _expressed(raw, scope)

    entry: dict[str, Any] = {"stepId": identifier}
    if step.description:
        entry["description"] = step.description
    entry["operationPath"] = reference
    parameters = [
        {"name": name, "in": "path", "value": value(part)}
        for name, part in _path_values(step.path.partition("?")[0], operation)
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
    step: Step, path: str, operation: Operation | None, record: Record, export: _Export
) -> str | None:
    """The step's operation in its document. Where no document is known at all, it is the one that
    the record names, if that is there; else None."""
    if operation is not None:
        file, template = operation.document.file, operation.path_template
    elif not export.operations and isinstance(record.front_matter.get("swagger"), str):
        file = str(record.front_matter["swagger"])
        template = _TEMPLATE.sub(lambda m: "{" + m[1] + "}", path)
    else:
        return None
    url = export.address(file, record)
    if url is None:
        return None
    name = export.sources.setdefault(url, f"source{len(export.sources) + 1}")
    token = escape(template)
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


def _expressed(raw: Any, scope: _Scope) -> Any:
    """A value with its templates as runtime expressions."""
    if isinstance(raw, str):
        whole = _TEMPLATE.fullmatch(raw.strip())
        if whole:
            return scope.expression(whole[1])
        return _TEMPLATE.sub(lambda m: "{" + scope.expression(m[1]) + "}", raw)
    if isinstance(raw, Mapping):
        return {str(k): _expressed(v, scope) for k, v in raw.items()}
    if isinstance(raw, (list, tuple)):
        return [_expressed(item, scope) for item in raw]
    return raw


def _pointer(path: str) -> str:
    """A plain JSONPath as a JSON Pointer; empty where it has filters or wildcards."""
    found = _SIMPLE_PATH.fullmatch(path.strip())
    if found is None:
        return ""
    parts = re.findall(r"\.([A-Za-z_][\w-]*)|\[(\d+)\]|\['([^']*)'\]", found[1])
    tokens = [a or b or c for a, b, c in parts]
    return pointer_of(tokens)


def _beyond(step: Step, filtered: list[str]) -> dict[str, Any]:
    said = {
        "extract": {name: step.extract[name] for name in filtered},
        "useFallback": step.use_fallback,
        "waitFor": step.wait_for and _waiting(step.wait_for),
        "until": step.until and _polling(step.until),
        "sleep": step.sleep_ms + step.settle_ms,
        "skipReason": step.skip_reason,
        "fileFields": {str(k): str(v) for k, v in step.file_fields.items()},
    }
    extension: dict[str, Any] = {name: value for name, value in said.items() if value}
    if step.token or step.anonymous:
        extension["token"] = step.token if not step.anonymous else None
    return extension


def _waiting(wait: WaitFor) -> dict[str, Any]:
    return {"event": wait.event, "timeout": wait.timeout_s}


def _polling(until: Until) -> dict[str, Any]:
    return {
        "path": until.path,
        "equals": until.equals,
        "timeout": until.timeout_s,
        "every": until.every_s,
    }


def _shape(operation: OperationId) -> str:
    """Method and path with every parameter folded."""
    path = re.sub(r"\{\{[^{}]*\}\}|\{[^{}]*\}", "{}", operation.path.rstrip("/"))
    return f"{operation.method.upper()} {path}"


def _name(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", text).strip("-") or "step"


def _unique(name: str, used: dict[str, int]) -> str:
    used[name] = used.get(name, 0) + 1
    return name if used[name] == 1 else f"{name}-{used[name]}"
