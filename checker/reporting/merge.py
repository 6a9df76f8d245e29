"""Reports of several shards as one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from checker.domain.observation import OperationOutcome
from checker.domain.operation import OperationId
from checker.domain.run import BaselineResult, RunResult, RunStatus

RANK = ("probed", "partial", "inconclusive", "no-witness", "static-only", "skipped")
"""What can become of an operation, the most first."""
_WORST: tuple[RunStatus, ...] = ("interrupted", "failed", "partial", "complete")


def merge_runs(results: Sequence[RunResult]) -> RunResult:
    """One result of one or more; findings are put together but not merged or ranked.

    An operation gets the most that any report says of it; requests are added up.
    """
    if len(results) == 1:
        return results[0]
    first = results[0]
    parts = {r.shard for r in results}
    odd = _not_whole(results)
    statuses = {*(r.status for r in results), *(("partial",) if odd else ())}
    errors = tuple(dict.fromkeys([*(r.error for r in results if r.error), *odd]))
    targets = {target.name: target for r in reversed(results) for target in r.targets}
    return first.with_(
        started_at=min(r.started_at for r in results),
        finished_at=max(r.finished_at for r in results),
        status=next(s for s in _WORST if s in statuses),
        target=", ".join(dict.fromkeys(r.target for r in results)),
        requests_sent=sum(r.requests_sent for r in results),
        duration_s=max(r.duration_s for r in results),
        operations=_operations(results),
        findings=tuple(f for r in results for f in r.findings),
        ignored=sum(r.ignored for r in results),
        notes=tuple(dict.fromkeys(note for r in results for note in r.notes)),
        cleanup=tuple(dict.fromkeys(line for r in results for line in r.cleanup)),
        baseline=_baseline(results),
        error=" ".join(errors),
        exit_status=max(*(r.exit_status for r in results), 3 if odd else 0),
        shortfall=" ".join(dict.fromkeys(r.shortfall for r in results if r.shortfall)),
        targets=tuple(targets[name] for name in sorted(targets)),
        files=_files(results),
        trend=None,
        shard=next(iter(parts)) if len(parts) == 1 else (1, 1),
    )


def _files(results: Sequence[RunResult]) -> dict[str, str]:
    """The digests of files that all reports have read in the same state."""
    every = {(name, digest) for r in results for name, digest in r.files.items()}
    names = [name for name, _ in every]
    return {name: digest for name, digest in every if names.count(name) == 1}


def _not_whole(results: Sequence[RunResult]) -> tuple[str, ...]:
    """Why shards don't make one run: some are missing, or they were divided differently."""
    shards = {r.shard: r for r in results if r.shard != (1, 1)}
    if len(shards) < 2:
        return ()
    of = max(parts for _, parts in shards)
    missing = [f"{n}/{of}" for n in range(1, of + 1) if (n, of) not in shards]
    if missing:
        return (f"Reports of shards are missing: {', '.join(missing)}.",)
    twice = _in_two(shards.values())
    if twice:
        return (
            f"The shards were divided differently: {twice[0]} is in two of them. "
            "All of them need the same documents, options and --balance.",
        )
    return ()


def _in_two(shards: Iterable[RunResult]) -> list[str]:
    """The operations that several shards examined."""
    # Several targets may have an operation of one name, a resumed shard tells of one twice.
    each = ({f"{o.target} {o.operation}".strip() for o in r.operations} for r in shards)
    names = Counter(name for listed in each for name in listed)
    return sorted(name for name, number in names.items() if number > 1)


def _operations(results: Sequence[RunResult]) -> tuple[OperationOutcome, ...]:
    best: dict[tuple[str, OperationId], OperationOutcome] = {}
    sent: Counter[tuple[str, OperationId]] = Counter()
    for result in results:
        for outcome in result.operations:
            name = (outcome.target, outcome.operation)
            known = best.get(name)
            if known is None or RANK.index(outcome.status) < RANK.index(known.status):
                best[name] = outcome
            sent[name] += outcome.requests
    return tuple(replace(outcome, requests=sent[name]) for name, outcome in best.items())


def _baseline(results: Sequence[RunResult]) -> BaselineResult | None:
    parts = [r.baseline for r in results if r.baseline is not None]
    if not parts:
        return None
    new = tuple(dict.fromkeys(name for p in parts for name in p.new))
    known = tuple(dict.fromkeys(name for p in parts for name in p.known))
    fixed = tuple(e for e in dict.fromkeys(e for p in parts for e in p.fixed))
    expired = tuple(dict.fromkeys(name for p in parts for name in p.expired))
    present = {*known, *expired}
    settled = {*present, *(entry.fingerprint for entry in fixed)}
    left = dict.fromkeys(e for p in parts for e in p.unchecked if e.fingerprint not in settled)
    return BaselineResult(
        path=parts[0].path,
        new=new,
        known=known,
        fixed=tuple(e for e in fixed if e.fingerprint not in present),
        unchecked=tuple(left),
        expired=expired,
        reasons={name: reason for p in parts for name, reason in p.reasons.items()},
    )
