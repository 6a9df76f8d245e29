"""What a journal says of a run that may have been killed: its things, its results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from checker.documents.source import locate_all
from checker.domain.coverage import EXAMINED, HELD_BACK
from checker.domain.finding import Finding
from checker.domain.run import RunResult
from checker.errors import UsageError
from checker.pipeline.advice import by_hand
from checker.pipeline.removing.removed import is_only_removed
from checker.pipeline.written.journal_file import read_entries
from checker.pipeline.written.run_head import Head, info_of
from checker.ranking import merge_same, rank
from checker.reporting.json_report import from_json
from checker.reporting.merge import merge_runs
from checker.safety.things import Thing

FINISHED = (EXAMINED, "no-witness", HELD_BACK)
SUFFIX = ".jsonl"
KILLED = "The run ended without a word: this is what its journal has of it."


@dataclass(slots=True)
class Recovered:
    """One journal. `things` are all that its runs have made, by their numbers in it; `waiting`
    are requests without an answer yet, `lent` the operations to which something is lent, by its
    path; `lost` says what of both was so when a run was killed; `ended` is the result of a run
    that came to its end.
    """

    path: Path
    head: Head
    things: dict[int, Thing] = field(default_factory=dict)
    waiting: dict[int, str] = field(default_factory=dict)
    lent: dict[str, str] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    operations: dict[str, RunResult] = field(default_factory=dict)
    settled: set[str] = field(default_factory=set)
    notes: tuple[str, ...] = ()
    ended: RunResult | None = None
    sent: int = 0

    @property
    def alive(self) -> dict[int, Thing]:
        """Things that are still there, as far as the journal knows."""
        return {n: t for n, t in self.things.items() if not t.gone}

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left that somebody should remove or look at."""
        return not self.alive and not [*self.doubts()]

    @property
    def finished(self) -> frozenset[str]:
        """Operations about which a run that goes on asks nothing more: examined, or not to be
        examined for a reason that lasts."""
        if self.ended is not None:
            outcomes = list(self.ended.operations)
        else:
            outcomes = [o for n in self.settled for o in self.operations[n].operations]
        return frozenset(
            str(o.operation) for o in outcomes if o.status in FINISHED and not o.passing
        )

    def result(self) -> RunResult:
        """What is known of the run, as a report says it."""
        if self.ended is not None:
            return self.ended
        merged = merge_runs([self._frame(), *self.operations.values()])
        return merged.with_(
            started_at=self._started(),
            finished_at=self._started(),
            status="interrupted",
            target=self.head.base_url,
            requests_sent=self.sent,
            duration_s=0.0,
            findings=located(rank(merge_same(merged.findings))),
            error=KILLED,
            exit_status=3,
            targets=merged.targets or (info_of(self.head),),
        )

    def kept(self) -> RunResult:
        """The part that a run which goes on doesn't ask again, and what its clean-up showed: that
        may not come again."""
        whole = self.result()
        removed = {str(o.operation) for o in whole.operations if is_only_removed(o)}
        done = self.finished | removed
        return whole.with_(
            status="complete",
            operations=tuple(o for o in whole.operations if str(o.operation) in done),
            findings=tuple(f for f in whole.findings if f.operation in done),
            cleanup=tuple(self.doubts()),
            baseline=None,
            error="",
            exit_status=0,
            shortfall="",
        )

    def left(self) -> Iterator[str]:
        """One line for what each operation has made and left, newest first."""
        counts: dict[str, int] = {}
        for _, thing in sorted(self.alive.items(), reverse=True):
            counts[str(thing.operation)] = counts.get(str(thing.operation), 0) + 1
        for operation, count in counts.items():
            yield f"{operation}: {count} made and left behind; `driftcheck cleanup` removes them"
        yield from self.doubts()

    def doubts(self) -> Iterator[str]:
        """One line for each request of which nobody knows what it has made, and for what was
        borrowed and not seen to be as it was."""
        yield from self.lost
        for request in self.waiting.values():
            yield f"{request}: its answer was not read; what it may have made isn't known"
        for path, operation in self.lent.items():
            yield by_hand(operation, path)

    def _frame(self) -> RunResult:
        started = self._started()
        return RunResult(
            started_at=started,
            finished_at=started,
            version=self.head.version,
            seed=self.head.seed,
            notes=self.notes,
            cleanup=tuple(self.left()) if self.ended is None else (),
            paths=self.head.paths,
        )

    def _started(self) -> datetime:
        try:
            moment = datetime.fromisoformat(self.head.started_at)
        except ValueError:
            return datetime.fromtimestamp(0, UTC)
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def recover(path: Path) -> Recovered:
    """A journal read as far as it can be. Raises UsageError where it isn't one."""
    entries, notes = read_entries(path)
    try:
        head = Head.from_json(entries[0])
    except (KeyError, TypeError, ValueError):
        raise UsageError(
            f"{path}: a journal without its first line.", "It can't be told what it is about."
        ) from None
    found = Recovered(path, head)
    odd = 0
    for entry in entries[1:]:
        try:
            _take(found, entry)
        except (KeyError, TypeError, ValueError, AttributeError, UsageError):
            odd += 1
    more = (f"{path}: {odd} entries are damaged and are left out.",) if odd else ()
    found.notes = (*found.notes, *notes, *more)
    return found


def journals_in(folder: Path) -> list[Path]:
    """The journals of a folder, in order."""
    if not folder.is_dir():
        return []
    return sorted(p for p in folder.iterdir() if p.suffix == SUFFIX and not p.is_symlink())


def located(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings with lines and columns, looked up in one pass over each file."""
    every = list(findings)
    places = locate_all(p for f in every for p in (f.source, *f.related) if p is not None)
    return tuple(
        f.with_(
            source=places[f.source] if f.source else None,
            related=tuple(places[p] for p in f.related),
        )
        for f in every
    )


def _take(found: Recovered, entry: Mapping[str, Any]) -> None:
    match entry["kind"]:
        case "sending":
            found.waiting[int(entry["number"])] = str(entry["request"])
            found.sent += 1
        case "exchange" | "answered":
            _answered(found, int(entry["number"]))
        case "thing":
            thing = Thing.from_json(entry)
            thing.gone = entry["event"] == "gone"
            found.things[int(entry["thing"])] = thing
        case "loan":
            found.lent[str(entry["path"])] = str(entry["operation"])
            if entry["event"] == "restored":
                del found.lent[str(entry["path"])]
        case "operation":
            result = from_json(entry["report"])
            name = str(result.operations[0].operation)
            found.operations[name] = result
            (found.settled.add if entry["settled"] else found.settled.discard)(name)
        case "note":
            found.notes = (*found.notes, str(entry["text"]))
        case "end":
            found.ended = from_json(entry["report"]) if entry.get("report") else None
        case "resumed" | "cleaning" | "cleaned" as kind:
            found.lost[:] = found.doubts() if kind != "cleaned" else ()
            found.waiting.clear()
            found.lent.clear()
            if kind == "resumed":
                found.ended = None


def _answered(found: Recovered, number: int) -> None:
    """A request and its repetitions, which were sent before, wait no longer."""
    request = found.waiting.get(number)
    if request is None:
        found.sent += 1
    for earlier in [n for n, r in found.waiting.items() if r == request and n <= number]:
        del found.waiting[earlier]
