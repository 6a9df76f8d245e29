"""Recipes: how to make a fresh request that an operation accepts. Pure."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from checker.domain.exchange import Base, Call
from checker.domain.operation import FieldKey, OperationId
from checker.domain.schema import MISSING, readable
from checker.domain.templates import calls, needed_by, variables_in
from checker.domain.templates import match_path as match_path
from checker.domain.workflow import Record, Step
from checker.planning.encoding import path_parameters, scalar_text


@dataclass(frozen=True, slots=True)
class Recipe:
    """Prerequisite steps and the call, whose values may hold `{{variable}}` templates.

    `source` says where it comes from (record, recording, example, generated, repaired); `vary`
    are literal values that a fresh request may have to change.
    """

    steps: tuple[Step, ...]
    call: Call
    source: str
    vary: tuple[FieldKey, ...] = ()


def call_variables(call: Call) -> set[str]:
    """What a call needs."""
    parts = (call.path, call.query, call.header, call.cookie, call.body)
    return {n for part in parts if part is not MISSING for n in variables_in(part)}


def call_of_step(step: Step, operation: OperationId, token: str | None, base: Base) -> Call | None:
    """A record's test step as a call to `operation`; None where the path doesn't fit."""
    values = match_path(operation.path, step.path)
    if values is None or step.method.upper() != operation.method:
        return None
    query = dict(step.params)
    _, _, inline = step.path.partition("?")
    for pair in inline.split("&") if inline else []:
        name, _, value = pair.partition("=")
        query[unquote(name)] = unquote(value)
    body, media_type = step.body, step.content_type
    if step.form_fields or step.file_fields:
        body = {**step.form_fields, **{k: _part(v) for k, v in step.file_fields.items()}}
        media_type = media_type or (
            "multipart/form-data" if step.file_fields else "application/x-www-form-urlencoded"
        )
    return Call(
        operation=operation,
        path=values,
        query=query,
        header=dict(step.headers),
        cookie=dict(step.cookies),
        body=body,
        media_type=media_type or (None if body is MISSING else "application/json"),
        token=None if step.anonymous else (step.token or token),
        base="fallback" if step.use_fallback else base,
    )


def step_of_call(identifier: str, call: Call, description: str = "") -> Step:
    """A call as a prerequisite step of another recipe."""
    path = call.operation.path
    body, files = _files_apart(call.body)
    for name in path_parameters(path):
        if name in call.path:
            path = path.replace("{" + name + "}", str(call.path[name]))
    return Step(
        id=identifier,
        method=call.operation.method,
        path=path,
        description=description,
        params=dict(call.query),
        body=MISSING if files else body,
        form_fields=body if files else {},
        file_fields=files,
        headers=dict(call.header),
        cookies=dict(call.cookie),
        token=call.token,
        anonymous=call.token is None,
        use_fallback=call.base == "fallback",
        content_type=call.media_type,
        operation=call.operation,
    )


def file_content(value: Any) -> bytes:
    """A file's content: text, or `{content: …}` or `{base64: …}`. Files are never read.

    Raises ValueError for bad base64.
    """
    if isinstance(value, bytes):
        return value
    if isinstance(value, Mapping):
        if "base64" in value:
            return base64.b64decode(str(value["base64"]), validate=True)
        value = value.get("content", "")
    return scalar_text(value).encode()


def _part(value: Any) -> Any:
    """A record's file as it stands in a call; with variables in it, the text to fill in."""
    try:
        return value if variables_in(value) else file_content(value)
    except ValueError:
        return value


def _files_apart(body: Any) -> tuple[Any, dict[str, Any]]:
    """A body without its files, and the files as records write them."""
    if not isinstance(body, Mapping):
        return body, {}
    files: dict[str, Any] = {}
    for name, value in body.items():
        if isinstance(value, bytes):
            text = readable(value)
            whole = text.encode() == value
            files[name] = text if whole else {"base64": base64.b64encode(value).decode()}
    return ({k: v for k, v in body.items() if k not in files} if files else body), files


def find_operation(method: str, path: str, operations: Iterable[OperationId]) -> OperationId | None:
    """The documented operation that a concrete path calls: the one with most static segments."""
    wanted = method.upper()
    hits = [o for o in operations if o.method == wanted and calls(o.path, path)]
    return min(hits, key=lambda o: (len(path_parameters(o.path)), o.path)) if hits else None


def needed_closure(steps: tuple[Step, ...], omitted: str) -> set[str]:
    """Ids of the steps that can't run once `omitted` is left out, itself included."""
    out = {omitted}
    lost = {v for s in steps if s.id == omitted for v in s.extract}
    for step in steps:
        if step.id not in out and needed_by(step) & lost:
            out.add(step.id)
            lost |= set(step.extract)
    return out


def test_step(record: Record) -> tuple[Step | None, tuple[Step, ...]]:
    """A record's main step and the test steps before it."""
    endpoint = record.endpoint
    if endpoint is None:
        return None, ()
    for number, step in enumerate(record.test_steps):
        if call_of_step(step, endpoint, None, "primary") is not None:
            return step, record.test_steps[:number]
    return None, ()
