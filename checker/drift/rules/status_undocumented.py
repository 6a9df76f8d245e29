"""The rule `status-undocumented`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from http import HTTPStatus
from typing import ClassVar

from checker.domain.finding import Finding, Severity
from checker.domain.observation import Kind
from checker.domain.operation import DocumentedResponse, Operation
from checker.drift.responses import Patch, finding, listed, share, status_in_words
from checker.drift.rule import Case, Rule
from checker.drift.seen_content import SeenContent
from checker.inference.responses import ResponseFact, response_facts


class StatusUndocumented(Rule):
    """The server answers with a status that the documentation doesn't have.

    ## What it does

    Looks at every answer seen for any reason and reports a status that is neither documented
    itself nor by its range (`4XX`), by `default` or by the operation's words, once it was seen
    twice. A `default` that speaks of errors doesn't stand for further success statuses. 5xx is
    left to `server-error`, 429 and gateway errors are never counted.

    ## Why it matters

    Generated clients treat an unknown success as a failure, and callers have no branch for an
    error that nobody told them about.

    ## Example

    Documented: `200`. The server answers `201` to every accepted request.

    ## Fix

    Add the status to `responses`. The patch adds it with its usual description, a success with
    the content that was seen: that of a documented success which never came where it is the
    same, else the media type and a schema of the bodies. Safe: it only adds.
    """

    id: ClassVar[str] = "status-undocumented"
    severity: ClassVar[Severity] = Severity.MAJOR
    summary: ClassVar[str] = "The server answers with a status that isn't documented."

    def check(self, case: Case) -> Iterable[Finding]:
        operation = case.documented
        if operation is None or is_missing(case):
            return
        for fact in response_facts(operation, case.observed.exchanges, "status"):
            if status_in_words(case, operation, fact.status):
                continue
            success = fact.status // 100 == 2
            twin = _twin(case, operation) if success else None
            phrase = phrase_of(fact.status)
            entry = json.dumps({str(fact.status): {"description": phrase}})
            fix = f"Add `{fact.status}` ({phrase}) to the operation's responses: `{entry}`."
            seen = SeenContent.of((e for e, _ in case.observed.exchanges), fact.status)
            alike = twin is not None and seen.fits(twin)
            if twin is not None:
                content = f"with the content of `{twin.status}`" if alike else seen.words()
                fix = (
                    f"Document `{fact.status}` ({phrase}) {content}, and take `{twin.status}` out "
                    "unless the server can answer it, too."
                )
            yield finding(
                self.id,
                Severity.MAJOR if success else Severity.MINOR,
                case,
                fact,
                issue=(
                    f"The server answers {fact.status} ({phrase}), {share(fact)}; documented "
                    f"{'is' if len(fact.documented) == 1 else 'are'} {listed(fact.documented)}."
                ),
                fix=fix,
                patch=_copied(fact, twin)
                if twin and alike
                else _added(operation, fact, seen, phrase),
                identity=str(fact.status),
            )


def is_missing(case: Case) -> bool:
    """Whether the server doesn't have the operation, which is a finding of its own."""
    return any(o.rejected and o.confirmed for o in case.observed.of(Kind.EXIST))


def phrase_of(status: int) -> str:
    """The status's usual name."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Success" if status // 100 == 2 else "Error"


def _twin(case: Case, operation: Operation) -> DocumentedResponse | None:
    """The documented success that never came, where there is exactly one."""
    successes = [r for r in operation.responses if r.status[:1] == "2"]
    seen = {str(e.response.status) for e, _ in case.observed.exchanges if e.response}
    if len(successes) == 1 and successes[0].status not in seen:
        return successes[0] if successes[0].status.isdigit() else None
    return None


def _copied(fact: ResponseFact, twin: DocumentedResponse) -> Patch:
    place, origin = fact.location.child(fact.status), fact.location.child(twin.status)
    return ({"op": "copy", "from": origin.pointer, "path": place.pointer},)


def _added(operation: Operation, fact: ResponseFact, seen: SeenContent, phrase: str) -> Patch:
    """The status with its usual description, and what a success was seen to carry."""
    success = fact.status // 100 == 2
    value = seen.response(operation, phrase) if success else {"description": phrase}
    return ({"op": "add", "path": fact.location.child(fact.status).pointer, "value": value},)
