"""What appeared, vanished and flaps from run to run. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from checker.domain.coverage import EXAMINED, PARTLY, UNASKED
from checker.domain.history import PastRun, Point, Presence, Seen, Share, Trend

RECENT = 10
"""Runs within which a finding that comes and goes is flapping."""
_LOOKED_AT = (EXAMINED, PARTLY, UNASKED)


@dataclass
class _Walk:
    """The findings of a series while its runs are gone through, the oldest first."""

    state: dict[str, Presence] = field(default_factory=dict)
    turns: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """The runs, by number, in which a finding came back or vanished."""
    asked: set[str] = field(default_factory=lambda: {""})
    """The operations that a run has looked at so far; what is about none is the documents'."""

    def step(self, number: int, run: PastRun) -> tuple[list[Seen], list[Seen]]:
        """What appeared and what vanished in a run."""
        appeared, vanished = [], []
        for seen in run.findings:
            before = self.state.get(seen.fingerprint)
            if seen.state == before:
                continue
            if seen.state == "present" and number and seen.operation in self.asked:
                appeared.append(seen)
            elif seen.state == "gone" and before == "present":
                vanished.append(seen)
            if before is not None:
                self.turns[seen.fingerprint].append(number)
            self.state[seen.fingerprint] = seen.state
        self.asked |= {o.operation for o in run.operations if o.status in _LOOKED_AT}
        return appeared, vanished

    def flapping(self, number: int) -> list[str]:
        """What has turned twice within the last runs: gone and there again, or back and gone."""
        return sorted(
            name
            for name, turns in self.turns.items()
            if sum(number - RECENT < turn <= number for turn in turns) > 1
        )


def ordered(runs: Iterable[PastRun]) -> list[PastRun]:
    """Runs in the order of their start."""
    return sorted(runs, key=lambda run: (run.started_at, run.id))


def present_after(runs: Iterable[PastRun]) -> dict[str, Seen]:
    """The findings that are there after runs of one series, by fingerprint."""
    there: dict[str, Seen] = {}
    for run in ordered(runs):
        for seen in run.findings:
            if seen.state == "present":
                there[seen.fingerprint] = seen
            else:
                there.pop(seen.fingerprint, None)
    return there


def trend(runs: Sequence[PastRun], last: int | None = None) -> Trend:
    """The trend of runs of one series; `last` keeps only so many points of it."""
    walk, points = _Walk(), []
    appeared: list[Seen] = []
    vanished: list[Seen] = []
    flapping: list[str] = []
    for number, run in enumerate(ordered(runs)):
        appeared, vanished = walk.step(number, run)
        flapping = walk.flapping(number)
        points.append(_point(run, len(appeared), len(vanished), len(flapping)))
    return Trend(
        tuple(points if last is None else points[-last:]),
        tuple(seen.fingerprint for seen in appeared),
        tuple(vanished),
        tuple(flapping),
    )


def _point(run: PastRun, appeared: int, vanished: int, flapping: int) -> Point:
    labels = [seen.severity for seen in run.findings if seen.state == "present"]
    examined, selected = _covered(o.status for o in run.operations)
    return Point(
        run.id,
        run.started_at,
        run.status,
        critical=labels.count("critical"),
        major=labels.count("major"),
        minor=labels.count("minor"),
        appeared=appeared,
        vanished=vanished,
        flapping=flapping,
        examined=examined,
        selected=selected,
        requests=run.requests,
    )


def _covered(statuses: Iterable[str]) -> tuple[int, int]:
    """How many operations were examined at least partly, of how many that were selected."""
    live = [status for status in statuses if status != UNASKED]
    return sum(status in (EXAMINED, PARTLY) for status in live), len(live)


def by_domain(runs: Sequence[PastRun]) -> tuple[Share, ...]:
    """The domains in the last run, with its changes and its coverage."""
    return _shares(runs, lambda seen: seen.domain, covered=True)


def by_rule(runs: Sequence[PastRun]) -> tuple[Share, ...]:
    """The rules in the last run, with its changes."""
    return _shares(runs, lambda seen: seen.rule)


def _shares(
    runs: Sequence[PastRun], key: Callable[[Seen], str], *, covered: bool = False
) -> tuple[Share, ...]:
    if not runs:
        return ()
    series = ordered(runs)
    told = {s.fingerprint: s for run in series for s in run.findings}
    seen = trend(series)
    there = present_after(series)
    groups = {
        "present": [key(s) for s in there.values()],
        "appeared": [key(told[name]) for name in seen.appeared],
        "vanished": [key(s) for s in seen.vanished],
        "flapping": [key(told[name]) for name in seen.flapping],
    }
    statuses: dict[str, list[str]] = defaultdict(list)
    for operation in series[-1].operations if covered else ():
        statuses[operation.domain].append(operation.status)
    names = sorted({*statuses, *(name for found in groups.values() for name in found)})
    return tuple(
        Share(
            name,
            **{what: found.count(name) for what, found in groups.items()},
            examined=_covered(statuses[name])[0],
            selected=_covered(statuses[name])[1],
        )
        for name in names
    )
