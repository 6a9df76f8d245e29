"""The journals of one command: a file for each target, in a folder of their own."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path

from checker.domain.run import RunResult, TargetInfo
from checker.errors import UsageError
from checker.pipeline.redaction import Redaction
from checker.pipeline.written.journal_file import JournalFile, is_written
from checker.pipeline.written.recorder import Recorder
from checker.pipeline.written.recovery import SUFFIX, Recovered, recover
from checker.pipeline.written.run_head import Head

FOLDER = ".journal"
"""Below the output folder."""
APART = Path(".driftcheck")
"""Where there is no output folder: the ledger of own things alone."""


class Journals:
    """Opens and ends the journals of a run; `notes` are sentences for its report.

    `full`: exchanges and findings are kept, too. `name` is added to the files' names. `place`
    stands for the target's address where it has one for the moment only. `resumed` are the
    journals of an interrupted run, by target, that are gone on with.
    """

    def __init__(
        self,
        folder: Path,
        *,
        full: bool = True,
        name: str = "",
        place: str = "",
        resumed: Mapping[str, Recovered] | None = None,
    ) -> None:
        self.folder = folder
        self.full = full
        self.place = place
        self._name = name
        self._resumed = resumed or {}
        self._open: dict[str, tuple[Recorder, frozenset[str]]] = {}
        self._notes: list[str] = []

    def again(self, resumed: Mapping[str, Recovered]) -> Journals:
        """The same, to go on in those of an interrupted run."""
        return Journals(
            self.folder, full=self.full, name=self._name, place=self.place, resumed=resumed
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What there is to say of earlier journals, and of these."""
        return (*self._notes, *(r.failure for r, _ in self._open.values() if r.failure))

    def path_of(self, target: str) -> Path:
        """The file of a target."""
        return self.folder / (re.sub(r"[^\w.-]", "_", target) + self._name + SUFFIX)

    def begin(
        self, head: Head, target: TargetInfo, operations: Collection[str], redaction: Redaction
    ) -> Recorder:
        """The journal of a target's run, which is about these operations.

        Raises UsageError where another run is writing on it.
        """
        path, earlier = self.path_of(head.target), self._resumed.get(head.target)
        if earlier is None:
            self._make_room(path)
        recorder = Recorder(JournalFile(path), target, redaction, full=self.full)
        if earlier is not None:
            recorder.take_over(earlier.things)
        recorder.begin(head, again=earlier is not None)
        self._open[head.target] = recorder, frozenset(operations)
        return recorder

    def end(self, result: RunResult) -> None:
        """The command's result, to each journal what is its target's."""
        first = next(iter(self._open), "")
        for name, (recorder, operations) in self._open.items():
            part = result
            if len(self._open) > 1:
                part = result.with_(
                    operations=tuple(
                        o
                        for o in result.operations
                        if str(o.operation) in operations and o.target in ("", name)
                    ),
                    findings=tuple(
                        f
                        for f in result.findings
                        if f.target == name or (not f.target and name == first)
                    ),
                )
            recorder.end(part)

    def close(self, result: RunResult | None = None) -> None:
        """All is on disk afterwards. A ledger alone goes where `result` has left nothing behind."""
        over = result is not None and not result.cleanup and result.status != "interrupted"
        for recorder, _ in self._open.values():
            recorder.close(remove=over and not self.full)

    def _make_room(self, path: Path) -> None:
        """A new run's journal takes the place of the last one's, unless that is needed still."""
        if not path.exists() and not path.is_symlink():
            return
        if is_written(path):
            raise UsageError(
                f"{path}: another run is writing on it.", "Wait for its end, or give another --out."
            )
        with suppress(OSError):  # the new journal says that it can't be written
            if path.is_symlink():
                path.unlink()
                return
            try:
                old = recover(path)
                needed, when = not old.is_settled, old.head.started_at
            except UsageError:
                needed, when = True, "unread"
            if needed:
                self._put_aside(path, when)
            else:
                path.unlink()

    def _put_aside(self, path: Path, when: str) -> None:
        stamp = re.sub(r"\D", "", when)[:14] or "earlier"
        aside = path.with_name(f"{path.stem}-{stamp}{SUFFIX}")
        number = 1
        while aside.exists():
            number += 1
            aside = path.with_name(f"{path.stem}-{stamp}-{number}{SUFFIX}")
        path.rename(aside)
        self._notes.append(
            f"An earlier run has left things behind ({aside}): `driftcheck cleanup {self.folder}` "
            "removes them, or says what is to be looked at."
        )
