"""Evidence as plain JSON objects, and back: what every format shows of an exchange."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from checker.domain.exchange import Exchange, Failure, Request, Response
from checker.domain.finding import Evidence, Finding, Verdict
from checker.domain.operation import OperationId
from checker.domain.run import TargetInfo
from checker.domain.schema import MISSING
from checker.reporting.clean import MAX_TEXT, capped, plain_json, request_headers, response_headers
from checker.reporting.curl import curl_command


def evidence_json(evidence: Evidence, target: TargetInfo) -> dict[str, Any]:
    """One entry of report.schema.json's `evidence`."""
    request = evidence.exchange.request
    entry: dict[str, Any] = {
        "role": evidence.role,
        **exchange_json(evidence.exchange),
        "verdict": evidence.verdict.value,
        "curl": curl_of(request, target),
    }
    if evidence.note:
        entry["note"] = evidence.note
    return entry


def exchange_json(exchange: Exchange) -> dict[str, Any]:
    """The request and what came back, as `evidence_json` has them."""
    return {"request": _request(exchange.request), "response": _outcome(exchange.outcome)}


def curl_of(request: Request, target: TargetInfo) -> str:
    """The command that sends a request again, secrets taken out."""
    return curl_command(_redacted(request), target)


def evidence_from(entry: Mapping[str, Any]) -> Evidence:
    """The evidence that `evidence_json` wrote, as far as it wrote it."""
    exchange = Exchange(
        request=_request_from(entry.get("request") or {}),
        outcome=_outcome_from(entry.get("response")),
    )
    return Evidence(
        role=entry["role"],
        exchange=exchange,
        verdict=Verdict(entry["verdict"]),
        note=str(entry.get("note", "")),
    )


def request_line(request: Request) -> str:
    """`POST /x?y=1` as it went out."""
    tail = "?" + urlencode(request.query) if request.query else ""
    return f"{request.method} {request.url_path}{tail}"


def outcome_line(exchange: Exchange) -> str:
    """What came back, in a line: the status, or what went wrong."""
    outcome = exchange.outcome
    if isinstance(outcome, Failure):
        return f"no answer ({outcome.kind}: {outcome.message})" if outcome.message else outcome.kind
    return str(outcome.status)


def body_text(exchange: Exchange) -> str:
    """The response's body for reading: JSON in one line, or the text; empty for none."""
    response = exchange.response
    if response is None:
        return ""
    if response.body is not MISSING:
        return capped(json.dumps(plain_json(response.body), ensure_ascii=False))
    return capped(response.text)


def content_text(request: Request) -> str:
    """The request's body for reading; empty for none."""
    shown = _content(request)
    if "body" in shown:
        return capped(json.dumps(shown["body"], ensure_ascii=False))
    return str(shown.get("text", shown.get("base64", "")))


def content_json(request: Request) -> Any:
    """The request's body as JSON, fit to be shown; MISSING where it is none."""
    return _content(request).get("body", MISSING)


def shown_evidence(finding: Finding, limit: int = 12) -> tuple[tuple[Evidence, ...], int]:
    """The first `limit` pieces for pages, and how many more the JSON report has."""
    return finding.evidence[:limit], max(0, len(finding.evidence) - limit)


def _redacted(request: Request) -> Request:
    """The request with secret members of a JSON body taken out; the rest as it was sent."""
    shown = _content(request)
    if "body" not in shown or request.content is None:
        return request
    if shown["body"] == json.loads(request.content):
        return request
    content = json.dumps(shown["body"], ensure_ascii=False).encode("utf-8", "replace")
    return Request(
        method=request.method,
        url_path=request.url_path,
        query=request.query,
        headers=request.headers,
        content=content,
        media_type=request.media_type,
        token=request.token,
        base=request.base,
    )


def _request(request: Request) -> dict[str, Any]:
    entry: dict[str, Any] = {"method": request.method, "path": request.url_path}
    if request.query:
        entry["query"] = [[name, capped(value)] for name, value in request.query]
    if request.headers:
        entry["headers"] = request_headers(request.headers)
    if request.media_type:
        entry["media_type"] = request.media_type
    entry.update(_content(request))
    if request.token:
        entry["token"] = request.token
    if request.base != "primary":
        entry["base"] = request.base
    if request.operation:
        entry["operation"] = str(request.operation)
    return entry


def _content(request: Request) -> dict[str, Any]:
    content = request.content
    if content is None:
        return {}
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content[:MAX_TEXT]).decode()}
    if "json" in (request.media_type or ""):
        try:
            return {"body": plain_json(json.loads(text))}
        except (ValueError, RecursionError):
            pass
    return {"text": capped(text)}


def _outcome(outcome: Response | Failure) -> dict[str, Any]:
    if isinstance(outcome, Failure):
        return {"failure": outcome.kind, "message": outcome.message}
    entry: dict[str, Any] = {"status": outcome.status}
    headers = response_headers(outcome.headers)
    if headers:
        entry["headers"] = headers
    if outcome.body is not MISSING:
        entry["body"] = plain_json(outcome.body)
    elif outcome.text:
        entry["text"] = capped(outcome.text)
    return entry


def _request_from(entry: Mapping[str, Any]) -> Request:
    content: bytes | None = None
    if "body" in entry:
        content = json.dumps(entry["body"], ensure_ascii=False).encode("utf-8", "replace")
    elif "text" in entry:
        content = str(entry["text"]).encode("utf-8", "replace")
    elif "base64" in entry:
        content = base64.b64decode(str(entry["base64"]))
    operation = entry.get("operation")
    return Request(
        method=str(entry.get("method", "GET")),
        url_path=str(entry.get("path", "/")) or quote("/"),
        query=tuple((str(n), str(v)) for n, v in entry.get("query", ())),
        headers=tuple((str(n), str(v)) for n, v in (entry.get("headers") or {}).items()),
        content=content,
        media_type=entry.get("media_type"),
        token=entry.get("token"),
        base="fallback" if entry.get("base") == "fallback" else "primary",
        operation=OperationId.parse(operation) if operation else None,
    )


def _outcome_from(entry: Mapping[str, Any] | None) -> Response | Failure:
    if not entry or "failure" in entry:
        entry = entry or {}
        return Failure(entry.get("failure", "timeout"), str(entry.get("message", "")))
    return Response(
        status=int(entry["status"]),
        headers=dict(entry.get("headers") or {}),
        body=entry.get("body", MISSING),
        text=str(entry.get("text", "")),
    )
