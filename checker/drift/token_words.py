"""The sentence that names an operation's token types, as experiments have shown them. Pure."""

from __future__ import annotations

from typing import Any

from checker.documents.security_words import restated
from checker.domain.finding import OtherPatch
from checker.domain.observation import Kind
from checker.domain.operation import Operation
from checker.drift.compare.sameness import lookup
from checker.drift.responses import raw_at
from checker.drift.rule import Case


def token_patch(case: Case, described: list[str]) -> list[dict[str, Any]]:
    """A JSON Patch of the description or summary that names the types, with those that are
    refused left out and those that are accepted too put in; all of them at once, since every
    finding about one operation's tokens changes the same sentence."""
    return _patch(case, case.documented, described) if case.documented is not None else []


def token_patches_elsewhere(case: Case, described: list[str]) -> tuple[OtherPatch, ...]:
    """The same of legacy documents that name the same types for the operation."""
    alike = (o for o in case.legacy if set(o.security.described) == set(described))
    made = (OtherPatch(o.document.file, tuple(_patch(case, o, described))) for o in alike)
    return tuple(other for other in made if other.patch)


def _patch(case: Case, operation: Operation, described: list[str]) -> list[dict[str, Any]]:
    types = [t for t in described if t not in _shown(case, accepted=False)]
    types += [t for t in _shown(case, accepted=True) if t not in types]
    node = raw_at(case, operation.location)
    for name in ("description", "summary"):
        text = lookup(node, f"/{name}")
        made = restated(text, types) if isinstance(text, str) else ""
        if made:
            path = operation.location.child(name).pointer
            return [{"op": "replace", "path": path, "value": made}]
    return []


def _shown(case: Case, *, accepted: bool) -> list[str]:
    """Token types that were shown to be accepted, or refused."""
    return [
        str(o.detail["token"])
        for o in case.observed.of(Kind.TOKEN)
        if o.detail["token"] not in (None, "invalid")
        and o.confirmed
        and (o.accepted if accepted else o.refused)
    ]
