"""`--resume`: what an interrupted run has finished is not done again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from checker.cli.exits import tell
from checker.cli.running import read_report
from checker.domain.coverage import EXAMINED
from checker.domain.portal import Portal
from checker.domain.run import RunResult
from checker.errors import UsageError
from checker.pipeline.written.journals import Journals
from checker.pipeline.written.recovery import Recovered, recover
from checker.settings import Settings, Target

TRIED = (EXAMINED, "no-witness")
"""By a report, which doesn't say with what options it was made: what was held back may be sent."""
WHOLE = "Give the same as then, or leave --resume out for a whole run."


def unfinished(
    settings: Settings, fresh: Journals, portal: Portal
) -> tuple[Settings, RunResult | None, Journals]:
    """The settings without what the interrupted run in the output folder has finished, that part
    of it (None where there is nothing to go on with), and the journals to go on in.

    `fresh` are those of a whole run, `portal` the documents as they are now. Raises UsageError
    where the interrupted run was another one: of other documents, another target, with other
    options.
    """
    found = {} if settings.static or settings.out == "-" else _journals(settings, fresh)
    if not found:
        return *_from_report(settings), fresh
    _check_same(settings, found, fresh.place, portal)
    if all(_is_complete(one) for one in found.values()):
        _say(f"--resume: the run of {fresh.folder} was complete; a whole run.")
        return settings, None, fresh
    from checker.reporting.merge import merge_runs

    kept = merge_runs([one.kept() for one in found.values()])
    done = frozenset((name, done) for name, one in found.items() for done in one.finished)
    _tell(done, found)
    return replace(settings, done=done), kept, fresh.again(found)


def _journals(settings: Settings, fresh: Journals) -> dict[str, Recovered]:
    """What the journals of the settings' targets have; those that can't be read are told of."""
    found = {}
    for target in settings.targets:
        path = fresh.path_of(target.name)
        if path.is_symlink() or not path.is_file():
            continue
        try:
            found[target.name] = recover(path)
        except UsageError as error:
            _say(f"--resume: {error.message}")
    return found


def _is_complete(run: Recovered) -> bool:
    ended = run.ended
    return (
        ended is not None
        and ended.status == "complete"
        and not any(o.passing for o in ended.operations)
    )


def together(old: RunResult, new: RunResult) -> RunResult:
    """The finished part of the old run and the new one as one result."""
    from checker.ranking import merge_same, rank
    from checker.reporting.merge import merge_runs

    merged = merge_runs([new, old])
    return merged.with_(
        findings=rank(merge_same(merged.findings)),
        target=new.target,
        duration_s=old.duration_s + new.duration_s,
        workflows=new.workflows,
    )


def _check_same(
    settings: Settings, found: Mapping[str, Recovered], place: str, portal: Portal
) -> None:
    from checker.pipeline.written.run_head import differences, documents_hash, head_of

    documents = documents_hash(portal, settings)
    for target in settings.targets:
        earlier = found.get(target.name)
        if earlier is None:
            continue
        why = list(differences(earlier.head, head_of(settings, target, documents, place)))
        if why:
            raise UsageError(
                f"--resume: {earlier.path} is of another run: {'; '.join(why)}.", WHOLE
            )


def _kept(old: RunResult, done: Collection[str]) -> RunResult:
    """What a run that goes on keeps of an earlier one: the operations that are done with."""
    return old.with_(
        operations=tuple(o for o in old.operations if str(o.operation) in done),
        findings=tuple(f for f in old.findings if f.operation in done),
        status="complete",
        error="",
        exit_status=0,
        shortfall="",
    )


def _from_report(settings: Settings) -> tuple[Settings, RunResult | None]:
    """The same from a report, where there is no journal."""
    path = Path(settings.out) / "report.json"
    if settings.out == "-" or not path.is_file():
        _say(f"--resume: there is no {path}; a whole run.")
        return settings, None
    old = read_report(path)
    if old.status == "complete":
        _say(f"--resume: the run of {path} was complete; a whole run.")
        return settings, None
    _check_report(settings, old, path)
    done = frozenset(
        str(o.operation) for o in old.operations if o.status in TRIED and not o.passing
    )
    kept = _kept(old, done)
    targets = settings.targets or (Target(),)
    pairs = frozenset((target.name, name) for target in targets for name in done)
    _tell(pairs, {})
    return replace(settings, done=pairs), kept


def _check_report(settings: Settings, old: RunResult, path: Path) -> None:
    """A report knows less of its run than a journal; what it knows has to be the same."""
    from checker.pipeline.written.run_head import addresses

    why = []
    if old.seed != settings.seed:
        why.append(f"seed was {old.seed} and is {settings.seed}")
    if old.paths != tuple(str(p) for p in settings.paths):
        why.append("the paths differ")
    before = {t.name: t.base_url for t in old.targets if t.base_url and old.target != "sandbox"}
    for target in settings.targets:
        now, _ = addresses(settings, target)
        # A report has the address without the documents' base path.
        if not (now + "/").startswith(before.get(target.name, now).rstrip("/") + "/"):
            why.append(f"the base URL was {before[target.name]} and is {now or 'the sandbox'}")
    if why:
        raise UsageError(f"--resume: {path} is of another run: {'; '.join(why)}.", WHOLE)


def _tell(done: frozenset[tuple[str, str]], found: Mapping[str, Recovered]) -> None:
    _say(f"--resume: {len(done)} operation{'' if len(done) == 1 else 's'} done before.")
    left = sum(len(one.alive) for one in found.values())
    if left:
        _say(f"--resume: {left} thing{'' if left == 1 else 's'} of that run are removed first.")
    for line in (line for one in found.values() for line in one.doubts()):
        _say(f"--resume: {line}")


def _say(text: str) -> None:
    tell(f"driftcheck: {text}")
