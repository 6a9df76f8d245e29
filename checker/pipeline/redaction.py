"""Findings and results without secrets, before they are named, rendered and written.

Here a secret still stands in one piece: a table that folds its cells, or a sentence that was cut,
would tear it apart. What is masked here doesn't depend on a token's value, so that two runs with
different tokens give a finding the same fingerprint.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from checker.domain.exchange import Exchange, Failure, Request, Response
from checker.domain.finding import Evidence, Finding, FindingField
from checker.domain.location import Location
from checker.domain.operation import Operation
from checker.domain.portal import Portal
from checker.domain.run import RunResult, TargetInfo
from checker.domain.schema import MISSING, Schema
from checker.redaction import REDACTED, Secrets, hides, is_open_header

FORM = "application/x-www-form-urlencoded"
MOST_SHOWN = 50


class Redaction:
    """Applies a run's secrets, and what its documents say is never shown, to what it made."""

    def __init__(self, secrets: Secrets, portal: Portal) -> None:
        self._secrets = secrets
        self._portal = portal
        self._hidden: frozenset[str] | None = None
        self._shown: dict[int, tuple[Exchange, Exchange]] = {}
        self._taught = 0

    def finding(self, finding: Finding) -> Finding:
        """The finding with every secret masked in its names, sentences, values and evidence.

        A patch that held one is left out: applied, it would write the mask into a document.
        """
        name, told = self._secrets.named, self._secrets.told
        return self.patched(finding).with_(
            operation=name(finding.operation),
            field=FindingField(finding.field.place, name(finding.field.name), finding.field.status),
            identity=name(finding.identity),
            issue=told(finding.issue),
            suggested_fix=told(finding.suggested_fix),
            documented=told(finding.documented),
            observed=told(finding.observed),
            evidence=tuple(self._evidence(e) for e in finding.evidence),
        )

    def patched(self, finding: Finding) -> Finding:
        """The finding without a patch that held a secret, in what it writes or relies on."""

        def is_open(patch: tuple[Mapping[str, Any], ...]) -> bool:
            return patch == tuple(self._secrets.told(dict(step)) for step in patch)

        others = tuple(o for o in finding.elsewhere if is_open(o.patch))
        patch = finding.patch if is_open(finding.patch) else ()
        return finding.with_(patch=patch, elsewhere=others)

    def result(self, result: RunResult) -> RunResult:
        """The result with its sentences and addresses masked; its findings are masked already."""
        said, page = self._secrets.text, self._secrets.page
        return result.with_(
            target=page(result.target),
            operations=tuple(replace(o, reason=said(o.reason)) for o in result.operations),
            notes=tuple(map(page, result.notes)),
            cleanup=tuple(map(page, result.cleanup)),
            error=said(result.error),
            targets=tuple(map(self._target, result.targets)),
        )

    def exchange(self, exchange: Exchange) -> Exchange:
        """An exchange as it may be kept."""
        names = self._names()
        return Exchange(
            _request(exchange.request, self._secrets, names),
            _outcome(exchange.outcome, self._secrets, names),
            exchange.number,
        )

    def told(self, value: Any) -> Any:
        """A JSON value of our own without known secrets; its members stay."""
        return self._secrets.told(value)

    def _evidence(self, evidence: Evidence) -> Evidence:
        note = self._secrets.page(evidence.note)
        return replace(evidence, exchange=self._once(evidence.exchange), note=note)

    def _once(self, exchange: Exchange) -> Exchange:
        """An exchange as it may be kept, worked out once: a large one is the evidence of many
        findings. The exchange itself is kept beside it, so that no other has its `id()`."""
        if self._taught != self._secrets.taught or len(self._shown) >= MOST_SHOWN:
            self._taught = self._secrets.taught
            self._shown.clear()
        if id(exchange) not in self._shown:
            self._shown[id(exchange)] = (exchange, self.exchange(exchange))
        return self._shown[id(exchange)][1]

    def _target(self, target: TargetInfo) -> TargetInfo:
        page = self._secrets.page
        return replace(
            target,
            base_url=page(target.base_url),
            fallback_url=page(target.fallback_url),
            headers=_headers(target.headers),
            tokens={
                name: replace(shape, headers=_headers(shape.headers))
                for name, shape in target.tokens.items()
            },
        )

    def _names(self) -> frozenset[str]:
        """What any operation hides is hidden in the exchanges of all: lists show the things that
        others made."""
        if self._hidden is None:
            each = (hidden_members(operation) for operation in self._portal.operations())
            self._hidden = frozenset[str]().union(*each)
        return self._hidden


def hidden_members(operation: Operation) -> frozenset[str]:
    """Names of members that the documents say are never shown: of `format: password`, or texts
    that are `writeOnly`."""
    schemas = [field.schema for field in operation.parameters]
    names = {f.key.name for f in operation.parameters if _is_hidden(f.schema)}
    schemas += [s for s in operation.body.values() if s is not None]
    schemas += [s for r in operation.responses for s in r.content.values() if s is not None]
    seen: set[Location] = set()
    return frozenset(names.union(*(_hidden_below(schema, seen) for schema in schemas)))


def _hidden_below(top: Schema, seen: set[Location]) -> set[str]:
    names: set[str] = set()
    rest = [top]
    while rest:
        schema = rest.pop()
        if schema.location in seen:
            continue
        seen.add(schema.location)
        names |= {name for name, child in schema.properties.items() if _is_hidden(child)}
        rest += _children(schema)
    return names


def _children(schema: Schema) -> Iterator[Schema]:
    yield from schema.properties.values()
    yield from schema.variants
    for child in (schema.items, schema.additional):
        if isinstance(child, Schema):
            yield child


def _is_hidden(schema: Schema) -> bool:
    if schema.format == "password":
        return True
    return schema.write_only and "string" in schema.types and not schema.enum


def _request(request: Request, secrets: Secrets, names: Collection[str]) -> Request:
    return replace(
        request,
        url_path=secrets.named(request.url_path),
        query=_pairs(request.query, secrets, names),
        headers=_pairs(request.headers, secrets, names),
        content=_content(request, secrets, names),
    )


def _outcome(
    outcome: Response | Failure, secrets: Secrets, names: Collection[str]
) -> Response | Failure:
    if isinstance(outcome, Failure):
        return replace(outcome, message=secrets.text(outcome.message))
    shown = outcome.body is not MISSING
    return replace(
        outcome,
        headers=dict(_pairs(tuple(outcome.headers.items()), secrets, ())),
        body=secrets.value(outcome.body, names) if shown else MISSING,
        # Of an answer in JSON nobody shows more than its values: its text is kept nowhere.
        text="" if shown else secrets.text(outcome.text),
        moved_to=secrets.named(outcome.moved_to),
    )


def _pairs(
    pairs: tuple[tuple[str, str], ...], secrets: Secrets, names: Collection[str]
) -> tuple[tuple[str, str], ...]:
    return tuple(
        (secrets.named(name), REDACTED if hides(name, value, names) else secrets.text(value))
        for name, value in pairs
    )


def _content(request: Request, secrets: Secrets, names: Collection[str]) -> bytes | None:
    content = request.content
    if not content:
        return content
    if "json" in (request.media_type or ""):
        try:
            sent = json.loads(content)
        except (ValueError, RecursionError):
            return secrets.content(content)
        shown = secrets.value(sent, names)
        if shown == sent:
            return content
        return json.dumps(shown, ensure_ascii=False).encode("utf-8", "replace")
    return secrets.content(content)


def _headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Configured headers: templates and what says nothing confidential stay."""
    return {
        name: value if "{" in value or is_open_header(name) else REDACTED
        for name, value in headers.items()
    }
