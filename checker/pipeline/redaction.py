"""Credentials never reach a report: their values are masked wherever a server echoed them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from checker.domain.exchange import Exchange, Response
from checker.domain.finding import Evidence, Finding

MASK = "***"


def redact(finding: Finding, secrets: Iterable[str]) -> Finding:
    """The finding with every secret value masked in its texts and evidence."""
    known = sorted((s for s in secrets if len(s) >= 4), key=len, reverse=True)
    if not known:
        return finding
    return finding.with_(
        issue=_masked(finding.issue, known),
        suggested_fix=_masked(finding.suggested_fix, known),
        documented=_masked(finding.documented, known),
        observed=_masked(finding.observed, known),
        evidence=tuple(_evidence(e, known) for e in finding.evidence),
    )


class Masking:
    """Masks what a journal keeps; `secrets` gives those that are known by now."""

    def __init__(self, secrets: Callable[[], Iterable[str]]) -> None:
        self._secrets = secrets

    def exchange(self, exchange: Exchange) -> Exchange:
        """An exchange as it may be kept."""
        return _exchange(exchange, self._known())

    def finding(self, finding: Finding) -> Finding:
        """A finding as it may be kept."""
        return redact(finding, self._known())

    def told(self, value: Any) -> Any:
        """A JSON value with known secrets masked."""
        return _masked(value, self._known())

    def _known(self) -> list[str]:
        return sorted((s for s in self._secrets() if len(s) >= 4), key=len, reverse=True)


def _evidence(evidence: Evidence, secrets: list[str]) -> Evidence:
    return replace(evidence, exchange=_exchange(evidence.exchange, secrets))


def _exchange(exchange: Exchange, secrets: list[str]) -> Exchange:
    request = replace(
        exchange.request,
        url_path=_masked(exchange.request.url_path, secrets),
        query=_masked(exchange.request.query, secrets),
        headers=_masked(exchange.request.headers, secrets),
        content=_bytes(exchange.request.content, secrets),
    )
    outcome = exchange.outcome
    if isinstance(outcome, Response):
        outcome = replace(
            outcome,
            headers=_masked(dict(outcome.headers), secrets),
            text=_masked(outcome.text, secrets),
            body=_masked(outcome.body, secrets),
        )
    return Exchange(request, outcome, exchange.number)


def _bytes(content: bytes | None, secrets: list[str]) -> bytes | None:
    if content is None:
        return None
    for secret in secrets:
        content = content.replace(secret.encode(), MASK.encode())
    return content


def _masked(value: Any, secrets: list[str]) -> Any:
    match value:
        case str():
            for secret in secrets:
                value = value.replace(secret, MASK)
            return value
        case dict():
            return {_masked(k, secrets): _masked(v, secrets) for k, v in value.items()}
        case list():
            return [_masked(v, secrets) for v in value]
        case tuple():
            return tuple(_masked(v, secrets) for v in value)
        case _:
            return value
