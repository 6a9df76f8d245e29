"""The rule `content-type-mismatch`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from checker.domain.finding import Finding, Severity
from checker.domain.operation import DocumentedResponse, Operation
from checker.domain.schema import MISSING
from checker.drift.origin import ANY_ANSWER
from checker.drift.responses import (
    Patch,
    answers,
    listed,
    only_adds,
    raw_at,
    response_finding,
    share,
)
from checker.drift.rule import Case, Rule
from checker.drift.seen_content import SeenContent
from checker.inference.answered_by import bare, is_json
from checker.inference.responses import ResponseFact, response_facts

ENOUGH = 5
"""Answers with another media type before the one documented is held for wrong."""


class ContentTypeMismatch(Rule):
    """The response's media type isn't documented.

    ## What it does

    Compares the `Content-Type` of every answer that has a body with the media types documented
    for its status, parameters such as `charset` aside and ranges such as `*/*` respected, and
    reports one that isn't among them, once seen twice. Where no content is documented for the
    response (or, in Swagger 2.0, no `produces`), nothing is said. In Swagger 2.0, where
    `produces` stands for all statuses, a media type is reported once for the operation.

    ## Why it matters

    Clients choose how to read an answer by its media type: a JSON client fails at an HTML or
    plain-text error.

    ## Example

    `404` is documented as `application/json`; the server answers `text/plain`.

    ## Fix

    Add the media type to the response's `content` (to `produces` in Swagger 2.0), or let the
    server answer with the documented one. The patch adds it; where none of at least five answers
    came as the one documented, though it was as welcome to the client, the patch puts the media
    type that came in its place, which somebody has to look at.
    """

    id: ClassVar[str] = "content-type-mismatch"
    origin = ANY_ANSWER
    severity: ClassVar[Severity] = Severity.MINOR
    summary: ClassVar[str] = "The response's media type isn't documented."

    def decides(self, patch: Sequence[Mapping[str, Any]]) -> bool:
        return only_adds(patch)

    def check(self, case: Case) -> Iterable[Finding]:
        operation = case.documented
        if operation is None:
            return
        for fact in response_facts(operation, case.observed.exchanges, "media"):
            several = len(fact.statuses) > 1
            verbs = ("are", "come") if several else ("is", "comes")
            place = "`produces`" if operation.document.dialect == "2.0" else "the `content`"
            yield response_finding(
                self.id,
                self.severity,
                case,
                fact,
                issue=(
                    f"{answers(fact).capitalize()} {verbs[0]} documented as "
                    f"{listed(fact.documented)} but {verbs[1]} as `{fact.observed}` {share(fact)}."
                ),
                fix=(
                    f"Add `{fact.observed}` to {place} of {answers(fact)}, or answer with "
                    f"{listed(fact.documented)}."
                ),
                patch=_patch(case, fact, operation),
                identity=str(fact.observed),
            )


def _patch(case: Case, fact: ResponseFact, operation: Operation) -> Patch:
    media = str(fact.observed)
    if operation.document.dialect == "2.0":
        own = operation.location.child("produces")
        if isinstance(raw_at(case, own), list):
            return ({"op": "add", "path": f"{own.pointer}/-", "value": media},)
        if raw_at(case, operation.location) is MISSING:
            return ()
        return ({"op": "add", "path": own.pointer, "value": [*fact.documented, media]},)
    if fact.response is None or operation.document.dialect == "prose":
        return ()
    content = fact.response.location.child("content", media)
    stale = _never_came(case, fact)
    if stale:
        origin = fact.response.location.child("content", stale)
        return ({"op": "move", "from": origin.pointer, "path": content.pointer},)
    value = _schema_for(case, fact.response, media)
    return ({"op": "add", "path": content.pointer, "value": value},)


def _schema_for(case: Case, response: DocumentedResponse, media: str) -> dict[str, Any]:
    """What is documented of a media type that comes: JSON has the schema of the other JSON."""
    known = next((m for m in response.content if is_json(m) and is_json(media)), None)
    if known is not None:
        node = raw_at(case, response.location.child("content", known, "schema"))
        return {"schema": node} if isinstance(node, dict) else {}
    return {"schema": {"type": "string"}} if media.startswith("text/") else {}


def _never_came(case: Case, fact: ResponseFact) -> str:
    """The media type documented alone that no answer has though it was as welcome as what came
    (JSON is asked for first, then anything), and whose schema that follows; empty where there is
    none."""
    if fact.response is None or len(fact.response.content) != 1:
        return ""
    if fact.seen < max(ENOUGH, fact.out_of):
        return ""
    documented = next(iter(fact.response.content))
    came = SeenContent.of((e for e, _ in case.observed.exchanges), fact.status)
    alike = SeenContent({bare(documented): [b for bodies in came.bodies.values() for b in bodies]})
    asked_for = is_json(documented) or not is_json(str(fact.observed))
    return documented if asked_for and alike.fits(fact.response) else ""
