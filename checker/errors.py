"""Errors that end in one clear sentence for the user.

Everything a user can cause (a file, an option, a server, the network) is raised as a
`DriftcheckError`; the command line prints its message and exits with `exit_status`.
"""

from __future__ import annotations


class DriftcheckError(Exception):
    """Base of all expected errors. `message` names the place, `mend` the smallest remedy."""

    exit_status = 2

    def __init__(self, message: str, mend: str = "") -> None:
        super().__init__(f"{message} {mend}".strip())
        self.message = message
        self.mend = mend


class UsageError(DriftcheckError):
    """A wrong option, argument or config value."""


class DocumentError(DriftcheckError):
    """A document that can't be used at all."""


class WorkflowError(DriftcheckError):
    """A workflow record that can't be run: an unknown variable, a step without a path."""


class TargetError(DriftcheckError):
    """The target can't be reached or used; the run couldn't be completed."""

    exit_status = 3


class RunFailed(DriftcheckError):
    """A part of the checker failed; the rest of the run is reported."""

    exit_status = 3


class ShareExhausted(DriftcheckError):
    """An operation has used up its share of the run's requests or of its time."""

    exit_status = 3


class NothingMatched(DriftcheckError):
    """A glob, a recording or a folder of records matches nothing: a run without it would look
    as if what was meant had been checked."""

    exit_status = 3


class BudgetExhausted(DriftcheckError):
    """The request budget is used up; what was found so far is still reported."""

    exit_status = 3
