"""What a rule is. Adding one is a file in `rules/`, a case file in the tests, its docstring."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from checker.domain.finding import Finding, Severity
from checker.domain.observation import ObservedContract
from checker.domain.operation import Operation, OperationId
from checker.domain.portal import Portal
from checker.domain.workflow import Record
from checker.drift.origin import Origin


@dataclass(frozen=True, slots=True)
class Case:
    """Everything a rule may look at for one operation.

    `documented` is the current document's operation (the legacy one where no current document
    has it); None where an operation is known from a workflow or a recording only.
    """

    operation: OperationId
    observed: ObservedContract
    documented: Operation | None = None
    legacy: tuple[Operation, ...] = ()
    records: tuple[Record, ...] = ()
    words: str = ""
    """Prose that speaks of this operation beyond its own description (pages)."""
    portal: Portal = field(default_factory=Portal)
    token_types: tuple[str, ...] = ()
    """Token types the run had."""
    target: str = ""
    source: str = ""
    """The file that an operation without documentation is known from."""


class Rule:
    """Base of all rules; a subclass overrides one of the two methods. Pure: no I/O.

    The subclass's docstring is its page, with the headings What it does, Why it matters,
    Example, Fix; Before and After where a piece of YAML shows the fix best.
    """

    id: ClassVar[str]
    severity: ClassVar[Severity]
    worst: ClassVar[Severity | None] = None
    """The severity of its worst findings, where some are worse than the others."""
    summary: ClassVar[str]
    origin: ClassVar[Origin]
    """Where its findings come from: what a run that is only about this rule asks."""
    decided: ClassVar[bool] = True
    """Whether a patch only writes down what was proved; else the server may be what is wrong, and
    somebody has to decide."""
    patches: ClassVar[bool] = True
    """Whether any of its findings has a patch."""
    unpatched: ClassVar[str] = "it has to be written by hand"
    """Why a finding without a patch has none."""

    def decides(self, patch: Sequence[Mapping[str, Any]]) -> bool:
        """Whether this very patch only writes down what was proved."""
        return self.decided

    def check(self, case: Case) -> Iterable[Finding]:
        """Findings of one operation, from its documented and observed contracts."""
        return ()

    def check_documents(
        self, portal: Portal, observed: Mapping[OperationId, ObservedContract]
    ) -> Iterable[Finding]:
        """Findings of documents against documents; `observed` is empty without a live API."""
        return ()
