"""The rule `status-undocumented`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from checker.domain.finding import Finding, Severity
from checker.domain.observation import Kind
from checker.domain.operation import DocumentedResponse, Operation
from checker.drift.origin import ANY_ANSWER
from checker.drift.responses import (
    Patch,
    listed,
    only_adds,
    response_finding,
    share,
    status_in_words,
)
from checker.drift.rule import Case, Rule
from checker.drift.seen_content import SeenContent
from checker.drift.usual_answers import content_of_kin, phrase_of, usual_answer
from checker.inference.responses import ResponseFact, response_facts

ENOUGH = 5
"""Times that a success is seen before the one documented in its place is held for wrong."""


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

    Add the status to `responses`. A success that stands in the place of the one documented, which
    never came, is given its place where it was seen five times and has the same content. Else the
    patch adds the status: a success with its usual description and the content that was seen, a
    refusal as other operations of the document have it, or with the content of the operation's
    other refusals. What gives its place never came, but may at another time, so somebody has to
    look.

    ## Before
    ```yaml
    responses:
      '200': {description: The tag.}
    ```

    ## After
    ```yaml
    responses:
      '201': {description: The tag.}
    ```
    """

    id: ClassVar[str] = "status-undocumented"
    origin = ANY_ANSWER
    severity: ClassVar[Severity] = Severity.MAJOR
    summary: ClassVar[str] = "The server answers with a status that isn't documented."

    def decides(self, patch: Sequence[Mapping[str, Any]]) -> bool:
        return only_adds(patch)

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
            seen = SeenContent.of((e for e, _ in case.observed.exchanges), fact.status)
            alike = twin is not None and seen.fits(twin)
            if twin is not None:
                content = f"with the content of `{twin.status}`" if alike else seen.words()
                fix = (
                    f"Document `{fact.status}` ({phrase}) {content}, and take `{twin.status}` out "
                    "unless the server can answer it, too."
                )
                patch = (
                    _copied(fact, twin) if alike else _instead(operation, fact, seen, phrase, twin)
                )
            elif success:
                fix = _told(fact, {"description": phrase})
                patch = _added(operation, fact, seen, phrase)
            else:
                fix, patch = _refusal(case, operation, fact, seen)
            yield response_finding(
                self.id,
                Severity.MAJOR if success else Severity.MINOR,
                case,
                fact,
                issue=(
                    f"The server answers {fact.status} ({phrase}), {share(fact)}; documented "
                    f"{'is' if len(fact.documented) == 1 else 'are'} {listed(fact.documented)}."
                ),
                fix=fix,
                patch=patch,
                identity=str(fact.status),
            )


def is_missing(case: Case) -> bool:
    """Whether the server doesn't have the operation, which is a finding of its own."""
    return any(o.surely_rejected for o in case.observed.of(Kind.EXIST))


def _twin(case: Case, operation: Operation) -> DocumentedResponse | None:
    """The documented success that never came, where there is exactly one."""
    successes = [r for r in operation.responses if r.status[:1] == "2"]
    seen = {str(e.response.status) for e, _ in case.observed.exchanges if e.response}
    if len(successes) == 1 and successes[0].status not in seen:
        return successes[0] if successes[0].status.isdigit() else None
    return None


def _copied(fact: ResponseFact, twin: DocumentedResponse) -> Patch:
    """The status in the place of the one that never came, or beside it where little was seen."""
    place, origin = fact.location.child(fact.status), fact.location.child(twin.status)
    op = "move" if fact.seen >= ENOUGH else "copy"
    return ({"op": op, "from": origin.pointer, "path": place.pointer},)


def _instead(
    operation: Operation,
    fact: ResponseFact,
    seen: SeenContent,
    phrase: str,
    twin: DocumentedResponse,
) -> Patch:
    """The status as it was seen, in the place of the one that never came, or beside it where
    little was seen."""
    gone = {"op": "remove", "path": fact.location.child(twin.status).pointer}
    added = _added(operation, fact, seen, phrase)
    return (*added, gone) if fact.seen >= ENOUGH else added


def _added(operation: Operation, fact: ResponseFact, seen: SeenContent, phrase: str) -> Patch:
    """The success with its usual description, and what it was seen to carry."""
    return _put(fact, seen.response(operation, phrase))


def _refusal(
    case: Case, operation: Operation, fact: ResponseFact, seen: SeenContent
) -> tuple[str, Patch]:
    """What to do, and the patch, of a status that says no."""
    phrase = phrase_of(fact.status)
    node: Mapping[str, Any] = {"description": phrase}
    for document in case.portal.documents:
        if document.info != operation.document:
            continue
        usual = usual_answer(operation.id, document, fact.status, seen)
        if usual is not None:
            node, other = usual
            what = f"Add `{fact.status}` ({phrase}) to the operation's responses, as `{other}` has"
            return f"{what} it.", _put(fact, node)
        node = {**node, **content_of_kin(operation, document, seen)}
    return _told(fact, node), _put(fact, node)


def _told(fact: ResponseFact, node: Mapping[str, Any]) -> str:
    entry = json.dumps({str(fact.status): node})
    phrase = phrase_of(fact.status)
    return f"Add `{fact.status}` ({phrase}) to the operation's responses: `{entry}`."


def _put(fact: ResponseFact, node: Mapping[str, Any]) -> Patch:
    return ({"op": "add", "path": fact.location.child(fact.status).pointer, "value": dict(node)},)
