"""The rule `response-field-missing`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from checker.domain.finding import Finding, Severity
from checker.drift.build import extension
from checker.drift.origin import ANY_ANSWER
from checker.drift.responses import Patch, answers, required_slot, response_finding, share
from checker.drift.rule import Case, Rule
from checker.drift.words import documents_spared
from checker.inference.responses import ResponseFact, response_facts


class ResponseFieldMissing(Rule):
    """A field documented as required isn't in the response.

    ## What it does

    Compares every answer's body with the documented schema of its status and reports required
    fields that were missing in two answers at least, whose enclosing object was there. Fields
    that are `writeOnly` aren't expected. A missing object isn't reported again for its members.
    A success that documents a body and has none is reported for the body itself.

    ## Why it matters

    Clients read required fields without a check; typed clients refuse the whole answer.

    ## Example

    `User.email` is in `required`; 3 of 7 answers of `GET /users/{id}` come without it.

    ## Fix

    Take the field out of the schema's `required` list (the patch does that), or make the
    server send it. Where requests use the schema too, the list stays, and the patch says in the
    operation's description that the field may be missing.
    """

    id: ClassVar[str] = "response-field-missing"
    origin = ANY_ANSWER
    severity: ClassVar[Severity] = Severity.MAJOR
    summary: ClassVar[str] = "A field documented as required isn't in the response."
    decided: ClassVar[bool] = False

    def check(self, case: Case) -> Iterable[Finding]:
        operation = case.documented
        if operation is None:
            return
        for fact in response_facts(operation, case.observed.exchanges, "missing"):
            where = answers(fact)
            if not fact.name:
                yield response_finding(
                    self.id,
                    self.severity,
                    case,
                    fact,
                    issue=(f"A body is documented for {where}, but it comes empty, {share(fact)}."),
                    fix=f"Document {where} without content, or return the documented body.",
                )
                continue
            if fact.name in extension(case).get("optional", ()):
                continue
            leaf = fact.name.rpartition(".")[2]
            if documents_spared(operation.text, leaf):
                continue
            yield response_finding(
                self.id,
                self.severity,
                case,
                fact,
                issue=(
                    f"`{fact.name}` is documented as required in {where} but is missing "
                    f"{share(fact)}."
                ),
                fix=f"Remove `{leaf}` from the schema's `required` list, or always return it.",
                patch=_patch(fact, leaf),
            )


def _patch(fact: ResponseFact, leaf: str) -> Patch:
    slot = required_slot(fact.owner, leaf) if fact.owner is not None else None
    if slot is None or slot[0].file != fact.location.file:
        return ()
    place, names = slot
    if len(names) == 1:
        # An empty list isn't valid in older dialects.
        return ({"op": "remove", "path": place.pointer},)
    return ({"op": "remove", "path": place.child(names.index(leaf)).pointer},)
