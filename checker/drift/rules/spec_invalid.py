"""The rule spec-invalid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from checker.domain.finding import Finding, FindingField, Severity
from checker.domain.observation import ObservedContract
from checker.domain.operation import OperationId
from checker.domain.portal import Portal
from checker.drift.rule import Rule


class SpecInvalid(Rule):
    """The file isn't valid Swagger 2.0 or OpenAPI 3.x.

    ## What it does

    Reports every error of every document: syntax, a missing version key, nodes of the wrong
    type, references that lead nowhere, path parameters that aren't declared, enums that no
    value can follow, and so on. What tools pass over in silence (a required name that isn't
    defined, an undeclared scope) is minor. The rest of the file is still used and checked.

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
    severity = Severity.MAJOR
    summary = "The file isn't valid Swagger 2.0 / OpenAPI 3.x."

    def check_documents(
        self, portal: Portal, observed: Mapping[OperationId, ObservedContract]
    ) -> Iterable[Finding]:
        for document in portal.documents:
            for problem in document.problems:
                severity = Severity.MINOR if problem.minor else self.severity
                yield Finding(
                    rule=self.id,
                    severity=Severity.CRITICAL if problem.fatal else severity,
                    operation=str(problem.operation) if problem.operation else "",
                    field=FindingField("document"),
                    issue=problem.message,
                    suggested_fix=problem.mend,
                    source=problem.location,
                    patch=problem.patch,
                    identity=f"{_short(problem.location.file)} {problem.location.pointer} "
                    f"{problem.message}",
                )


def _short(file: str) -> str:
    """The file with its folder: the same from wherever the run is started."""
    return "/".join(PurePosixPath(file).parts[-2:])
