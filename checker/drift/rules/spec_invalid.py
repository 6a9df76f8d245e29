"""The rule spec-invalid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import PurePosixPath
from typing import Any

from checker.domain.finding import Finding, FindingField, Severity
from checker.domain.observation import ObservedContract
from checker.domain.operation import OperationId
from checker.domain.portal import Portal, Problem
from checker.drift.origin import UNASKED
from checker.drift.rule import Rule

MAX_RELATED = 20
MAX_CHANGES = 200
"""More small changes than that are no patch for one finding."""


class SpecInvalid(Rule):
    """The file isn't valid Swagger 2.0 or OpenAPI 3.x.

    ## What it does

    Reports every error of every document: syntax, a missing version key, nodes of the wrong
    type, references that lead nowhere, path parameters that aren't declared, enums that no
    value can follow, and so on. What tools pass over in silence (a required name that isn't
    defined, an undeclared scope) is minor. A wrong default that was copied to many operations is
    told once a document. The rest of the file is still used and checked.

    ## Why it matters

    Generators, gateways and documentation sites stop at an invalid file or, worse, drop the part
    that they don't understand without a word.

    ## Example

    `openapi.yaml` has `type: file` in a response: OpenAPI 3 has no such type, so clients
    generated from it can't download anything.

    ## Fix

    Apply the smallest mend, which the finding names; where it is a change of one value, the
    finding has it as a JSON Patch. A patch that fills in a missing text leaves it empty for you.
    """

    id = "spec-invalid"
    origin = UNASKED
    severity = Severity.MAJOR
    worst = Severity.CRITICAL
    summary = "The file isn't valid Swagger 2.0 / OpenAPI 3.x."
    decided = False

    def check_documents(
        self, portal: Portal, observed: Mapping[OperationId, ObservedContract]
    ) -> Iterable[Finding]:
        told: set[tuple[str, str, str]] = set()
        for document in portal.documents:
            # A part that several documents refer to is judged with each of them.
            fresh = [p for p in document.problems if _mark(p) not in told]
            told.update(map(_mark, fresh))
            for problems in _mistakes(fresh):
                yield self._finding(problems)

    def _finding(self, problems: Sequence[Problem]) -> Finding:
        """One mistake, at the first of the places where it stands."""
        first, more = problems[0], problems[1:]
        severity = Severity.MINOR if first.minor else self.severity
        operations = dict.fromkeys(str(p.operation) for p in problems if p.operation)
        patch = tuple(chain.from_iterable(p.patch for p in problems))
        return Finding(
            rule=self.id,
            severity=Severity.CRITICAL if first.fatal else severity,
            operation=str(first.operation or ""),
            also_operations=tuple(operations) if len(operations) > 1 else (),
            field=FindingField("document"),
            issue=_message(first, len(more)),
            suggested_fix=first.mend,
            source=first.location,
            related=tuple(p.location for p in more[:MAX_RELATED]),
            patch=patch if len(patch) <= MAX_CHANGES else (),
            identity=f"{_short(first.location.file)} {first.location.pointer} {first.message}",
        )


def _mistakes(problems: Iterable[Problem]) -> Iterable[list[Problem]]:
    """Problems that are copies of one mistake, together; the others alone."""
    found: dict[Any, list[Problem]] = {}
    for number, problem in enumerate(problems):
        found.setdefault(problem.mistake or number, []).append(problem)
    return found.values()


def _mark(problem: Problem) -> tuple[str, str, str]:
    return problem.location.file, problem.location.pointer, problem.mend


def _short(file: str) -> str:
    """The file with its folder: the same from wherever the run is started."""
    return "/".join(PurePosixPath(file).parts[-2:])


def _message(problem: Problem, more: int) -> str:
    """What is wrong, and at how many other places it is, too."""
    if not more:
        return problem.message
    places = "place" if more == 1 else "places"
    return f"{problem.message.rstrip('.')} (and the same at {more} more {places})."
