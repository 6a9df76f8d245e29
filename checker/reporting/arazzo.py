"""Workflow records as an Arazzo 1.0 document (https://spec.openapis.org/arazzo/v1.0.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from checker.domain.operation import OperationId
from checker.domain.schema import MISSING
from checker.domain.templates import TEMPLATE, variables_in
from checker.domain.workflow import Record, Step
from checker.planning.encoding import path_parameters
from checker.planning.recipe import find_operation, match_path

VERSION = "1.0.1"
_POINTER = re.compile(r"\$((?:\.[A-Za-z_]\w*|\[\d+\]|\['[^'\]]*'\])*)\Z")


def arazzo(
    records: Iterable[Record],
    known_operations: Sequence[OperationId] = (),
    title: str = "Workflow records",
) -> dict[str, Any]:
    """The records that have steps, as one Arazzo document (JSON values only).

    `known_operations` and the records' endpoints name the path templates that concrete paths
    belong to. Variables that no step extracts become the workflow's inputs.
    """
    usable = [r for r in records if r.prerequisites or r.test_steps]
    known = [*known_operations, *(r.endpoint for r in usable if r.endpoint is not None)]
    sources = _Sources()
    names: set[str] = set()
    workflows = [_workflow(r, known, sources, names) for r in usable]
    return {
        "arazzo": VERSION,
        "info": {"title": title, "version": "1.0.0"},
        "sourceDescriptions": sources.described()
        or [{"name": "api", "url": "openapi.json", "type": "openapi"}],
        "workflows": workflows,
    }


class _Sources:
    """Documents by the names that expressions use."""

    def __init__(self) -> None:
        self.urls: dict[str, str] = {}

    def name(self, record: Record) -> str:
        url = record.front_matter.get("swagger")
        url = url if isinstance(url, str) and url else "openapi.json"
        for name, known in self.urls.items():
            if known == url:
                return name
        stem = _identifier(url.rpartition("/")[2].rpartition(".")[0] or "api")
        name = _unused(stem, self.urls)
        self.urls[name] = url
        return name

    def described(self) -> list[dict[str, str]]:
        return [{"name": n, "url": u, "type": "openapi"} for n, u in self.urls.items()]


def _identifier(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "_", text).strip("_") or "x"


def _unused(stem: str, taken: Iterable[str]) -> str:
    names, name, number = set(taken), stem, 2
    while name in names:
        name, number = f"{stem}_{number}", number + 1
    return name


def _workflow(
    record: Record, known: Sequence[OperationId], sources: _Sources, names: set[str]
) -> dict[str, Any]:
    steps = (*record.prerequisites, *record.test_steps)
    name = _unused(_identifier(str(record.endpoint or record.file)), names)
    names.add(name)
    ids: dict[int, str] = {}
    for number, step in enumerate(steps):
        ids[number] = _unused(_identifier(step.id), ids.values())
    source = sources.name(record)
    given: dict[str, str] = {}
    inputs: dict[str, None] = {}
    built: list[dict[str, Any]] = []
    for number, step in enumerate(steps):
        writer = _Writer(given, inputs)
        after = ids.get(number + 1)
        built.append(_step(step, ids[number], after, source, known, writer))
        given |= {n: f"$steps.{ids[number]}.outputs.{_identifier(n)}" for n in step.extract}
    summary = next((h.lstrip("# ") for h, _ in record.sections if h.startswith("# ")), "")
    found: dict[str, Any] = {"workflowId": name, "summary": summary or str(record.endpoint or "")}
    if inputs:
        properties = {_identifier(n): {"type": "string"} for n in inputs}
        found["inputs"] = {
            "type": "object",
            "properties": properties,
            "required": list(properties),
        }
    found["steps"] = built
    if given:
        found["outputs"] = {_identifier(n): place for n, place in given.items()}
    return found


class _Writer:
    """Turns `{{name}}` into Arazzo's expressions; keeps the names that must be given."""

    def __init__(self, given: Mapping[str, str], inputs: dict[str, None]) -> None:
        self.given = given
        self.inputs = inputs

    def expression(self, name: str) -> str:
        if name in self.given:
            return self.given[name]
        self.inputs.setdefault(name)
        return f"$inputs.{_identifier(name)}"

    def value(self, value: Any) -> Any:
        match value:
            case str():
                whole = TEMPLATE.fullmatch(value)
                if whole:
                    return self.expression(whole.group(1))
                return TEMPLATE.sub(lambda m: "{" + self.expression(m.group(1)) + "}", value)
            case Mapping():
                return {self.value(str(k)): self.value(v) for k, v in value.items()}
            case list() | tuple():
                return [self.value(v) for v in value]
            case _:
                return value


def _step(
    step: Step,
    name: str,
    after: str | None,
    source: str,
    known: Sequence[OperationId],
    writer: _Writer,
) -> dict[str, Any]:
    path = step.path.partition("?")[0]
    operation = step.operation or find_operation(step.method, path, known)
    template = operation.path if operation else TEMPLATE.sub(r"{\1}", path)
    values = match_path(template, path) or {}
    pointer = template.replace("~", "~0").replace("/", "~1")
    found: dict[str, Any] = {"stepId": name}
    if step.description:
        found["description"] = step.description
    method = step.method.lower()
    found["operationPath"] = f"{{$sourceDescriptions.{source}.url}}#/paths/{pointer}/{method}"
    parameters = [
        {"name": n, "in": "path", "value": writer.value(values.get(n, "{{" + n + "}}"))}
        for n in path_parameters(template)
    ]
    for place, pairs in (
        ("query", step.params),
        ("header", step.headers),
        ("cookie", step.cookies),
    ):
        parameters += [{"name": n, "in": place, "value": writer.value(v)} for n, v in pairs.items()]
    if parameters:
        found["parameters"] = parameters
    fields = {**step.form_fields, **step.file_fields}
    if fields or step.body is not MISSING:
        usual = "multipart/form-data" if step.file_fields else "application/x-www-form-urlencoded"
        media = step.content_type or (usual if fields else "application/json")
        payload = writer.value(fields or step.body)
        found["requestBody"] = {"contentType": media, "payload": payload}
    found["successCriteria"] = _criteria(step, writer)
    failure = _on_failure(step, after)
    if failure:
        found["onFailure"] = failure
    if step.extract:
        found["outputs"] = {_identifier(n): _output(p) for n, p in step.extract.items()}
    for extension, value in _extensions(step).items():
        found[extension] = value
    return found


def _criteria(step: Step, writer: _Writer) -> list[dict[str, Any]]:
    statuses = step.expect_status
    if statuses:
        condition = " || ".join(f"$statusCode == {s}" for s in statuses[:20])
    else:
        condition = "$statusCode >= 200 && $statusCode < 300"
    found: list[dict[str, Any]] = [{"condition": condition}]
    if step.until is not None:
        place = _pointer(step.until.path)
        wanted = writer.value(step.until.equals)
        if place is not None:
            shown = f"'{wanted}'" if isinstance(wanted, str) and wanted[:1] != "$" else wanted
            if isinstance(wanted, bool) or wanted is None:
                shown = {True: "true", False: "false", None: "null"}[wanted]
            found.append({"condition": f"$response.body#{place} == {shown}"})
        else:
            context = {"context": "$response.body", "type": "jsonpath"}
            found.append({**context, "condition": step.until.path})
    return found


def _on_failure(step: Step, after: str | None) -> list[dict[str, Any]]:
    actions: list[dict[str, Any]] = []
    if step.until is not None:
        every = max(step.until.every_s, 0.01)
        limit = max(1, int(step.until.timeout_s / every))
        actions.append({"name": "poll", "type": "retry", "retryAfter": every, "retryLimit": limit})
    if step.on_fail in ("skip", "continue") and after is not None:
        actions.append({"name": "go_on", "type": "goto", "stepId": after})
    return actions


def _pointer(path: str) -> str | None:
    """A JSON Pointer for a JSONPath that names one place; None for filters and wildcards."""
    match = _POINTER.match(path)
    if match is None:
        return None
    tokens = re.findall(r"\.(\w+)|\[(\d+)\]|\['([^'\]]*)'\]", match.group(1))
    names = ("".join(t) for t in tokens)
    return "".join("/" + n.replace("~", "~0").replace("/", "~1") for n in names)


def _output(path: str) -> str:
    """A runtime expression; where JSON Pointer can't say it, the whole body."""
    place = _pointer(path)
    return f"$response.body#{place}" if place else "$response.body"


def _extensions(step: Step) -> dict[str, Any]:
    """What Arazzo has no word for."""
    found: dict[str, Any] = {}
    paths = {_identifier(n): p for n, p in step.extract.items() if not _pointer(p)}
    if paths:
        found["x-jsonpath"] = paths
    if step.token or step.anonymous:
        found["x-token"] = step.token or "none"
    if step.use_fallback:
        found["x-fallback"] = True
    if step.sleep_ms:
        found["x-sleep-ms"] = step.sleep_ms
    if step.wait_for is not None:
        event = step.wait_for.event
        found["x-wait-for"] = {"event": event, "timeout": step.wait_for.timeout_s}
        if variables_in(event):
            found["x-wait-for"]["variables"] = sorted(variables_in(event))
    if step.skip_reason:
        found["x-skip-reason"] = step.skip_reason
    return found
