"""Writes what a run does, as it does it, into its journal: redacted, and never in its way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from checker.domain.exchange import CREDENTIALS, Exchange, Request
from checker.domain.finding import Finding
from checker.domain.observation import OperationOutcome
from checker.domain.operation import SAFE_METHODS, OperationId
from checker.domain.run import RunResult, TargetInfo, own_name
from checker.pipeline.redaction import Redaction
from checker.pipeline.written.journal_file import JournalFile
from checker.pipeline.written.run_head import Head
from checker.reporting.evidence import exchange_json
from checker.reporting.json_report import report_json
from checker.safety.things import Thing

_EPOCH = datetime.fromtimestamp(0, UTC)


class Recorder:
    """The journal of one target's run.

    `full`: exchanges and findings are kept as well as the things that are own and those that are
    borrowed. `redaction` is asked at every entry: a run learns secrets. Nothing here raises:
    `failure` says why the journal isn't written any more, empty where it is.
    """

    def __init__(
        self, file: JournalFile, target: TargetInfo, redaction: Redaction, *, full: bool = True
    ) -> None:
        self.file = file
        self.redaction = redaction
        self.findings: Callable[[OperationOutcome], tuple[Finding, ...]] = lambda outcome: ()
        """What would be found of an operation if the run ended now."""
        self.earlier: list[Thing] = []
        """What an interrupted run has made and this one takes over."""
        self._target = target
        self._full = full
        self._serials: dict[int, int] = {}
        self._last = 0
        self._failure = ""

    @property
    def failure(self) -> str:
        """Why the journal isn't written any more."""
        return self._failure or self.file.failure

    def begin(self, head: Head, *, again: bool = False) -> None:
        """The head; `again` where an interrupted run goes on."""
        started = head.started_at or datetime.now(UTC).isoformat(timespec="seconds")
        entry = replace(head, started_at=started).to_json()
        if again:
            entry = {"kind": "resumed", "started_at": started, "version": head.version}
        self._write(lambda: entry, urgent=True)

    def take_over(self, things: dict[int, Thing]) -> None:
        """Own things that are in the journal already, by their numbers there."""
        self.earlier = list(things.values())
        self._serials = {id(thing): serial for serial, thing in things.items()}
        self._last = max(things, default=0)

    def sending(self, number: int, request: Request) -> None:
        """A request that may make something is about to go out."""
        if request.method in (*SAFE_METHODS, "DELETE") or request.purpose in CREDENTIALS:
            return
        self._write(
            lambda: {
                "kind": "sending",
                "number": number,
                "request": f"{request.method} {request.url_path}",
                "operation": str(request.operation or ""),
            }
        )

    def exchange(self, exchange: Exchange) -> None:
        """A request and its answer."""

        def entry() -> dict[str, Any]:
            if not self._full:
                return {"kind": "answered", "number": exchange.number}
            shown = exchange_json(self.redaction.exchange(exchange))
            return {"kind": "exchange", "number": exchange.number, **shown}

        self._write(entry, masked=True)

    def thing(self, event: str, thing: Thing) -> None:
        """An own thing was made, or is gone."""
        if id(thing) not in self._serials:
            self._last += 1
            self._serials[id(thing)] = self._last
        serial = self._serials[id(thing)]

        def entry() -> dict[str, Any]:
            kept = thing.to_json()
            # A masked identifier would name something else.
            kept["names"] = {n: m for n, m in thing.names.items() if self._is_open(n)}
            if not self._is_open(thing.collection):
                kept["names"] = {}
            return {"kind": "thing", "event": event, "thing": serial, **kept}

        self._write(entry, urgent=True)

    def loan(self, event: str, operation: OperationId, path: str) -> None:
        """What is at a path is lent to an operation's probes ("lent": from now on it may have
        been changed), or is seen to be as it was ("restored")."""
        entry = {"kind": "loan", "event": event, "operation": str(operation), "path": path}
        self._write(lambda: entry, urgent=True)

    def operation(self, outcome: OperationOutcome, *, settled: bool = True) -> None:
        """An operation's outcome and its findings; the last one of an operation counts.

        `settled`: nothing more is asked about it in this run.
        """
        if not self._full:
            return

        def entry() -> dict[str, Any]:
            result = self._result(outcome)
            return {"kind": "operation", "settled": settled, "report": report_json(result)}

        self._write(entry)

    def note(self, text: str) -> None:
        """A sentence about the run."""
        self._write(lambda: {"kind": "note", "text": text})

    def cleaning(self) -> None:
        """What was not answered by now never will be: numbers begin again."""
        self._write(lambda: {"kind": "cleaning"})

    def cleaned(self) -> None:
        """What could be removed was; what nobody knows was told."""
        self._write(lambda: {"kind": "cleaned"}, urgent=True)

    def end(self, result: RunResult) -> None:
        """The run's result: it is what a report says from now on."""
        report = report_json(result) if self._full else None
        self._write(lambda: {"kind": "end", "status": result.status, "report": report}, urgent=True)

    def close(self, *, remove: bool = False) -> None:
        """The end of writing; `remove` the file where nobody needs it."""
        self.file.close()
        if remove:
            _remove(self.file.path)

    def _result(self, outcome: OperationOutcome) -> RunResult:
        return RunResult(
            started_at=_EPOCH,
            finished_at=_EPOCH,
            operations=(replace(outcome, target=own_name(self._target.name)),),
            findings=self.findings(outcome),
            targets=(self._target,),
        )

    def _is_open(self, text: str) -> bool:
        return bool(self.redaction.told(text) == text)

    def _write(
        self, entry: Callable[[], dict[str, Any]], *, urgent: bool = False, masked: bool = False
    ) -> None:
        if self.failure:
            return
        try:
            made = entry()
            self.file.append(made if masked else self.redaction.told(made), urgent=urgent)
        except Exception as error:
            what = " ".join(f"{type(error).__name__}: {error}".split())[:200]
            self._failure = (
                f"The journal {self.file.path} could not be written on: internal error ({what}); "
                "the run goes on without it."
            )


def _remove(path: Path) -> None:
    try:
        path.unlink()
        (path.parent / ".gitignore").unlink()
        path.parent.rmdir()
    except OSError:
        return  # others are in there, or it can't be removed: it stays
