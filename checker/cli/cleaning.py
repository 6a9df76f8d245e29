"""`cleanup`: what an earlier run has made and left is removed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from checker.cli.check import loaded_settings
from checker.cli.exits import show, tell
from checker.cli.options import run_options
from checker.errors import UsageError

if TYPE_CHECKING:
    from checker.config import Loaded
    from checker.pipeline.removing.removal import Removal, Removing
    from checker.pipeline.written.recovery import Recovered

LEFT = 3


@click.command()
@click.argument("place", required=False, metavar="[OUT]")
@click.argument("paths", nargs=-1, metavar="[PATH...]")
@run_options
def cleanup(place: str | None, paths: tuple[str, ...], **options: Any) -> int:
    """Remove what an earlier run has made and left, by the ledger in its output folder.

    OUT is that folder, or a journal in it (without it: reports, and .driftcheck where --out was
    -). PATH is needed only where the documents have moved. The same target and tokens are needed
    as for the run. Only what is there still and still shows what the run had given it is deleted.
    What a run had borrowed and did not write back is told. Exit status 0: nothing is left; 3:
    something is.
    """
    from checker.pipeline.written.journals import APART
    from checker.pipeline.written.recovery import recover

    out = options["out"] or "reports"
    places = [place] if place else [p for p in (out, str(APART)) if p != "-"]
    files = [f for p in places for f in journal_files(Path(p), missing_ok=not place)]
    if not files:
        raise UsageError(
            f"No journal of a run is in {' or '.join(places)}.", "Name the run's output folder."
        )
    runs = list(map(recover, files))
    for note in chain.from_iterable(map(_own_notes, runs)):
        tell(f"driftcheck: {note}")
    return max(_clean(run, paths, dict(options)) for run in runs)


def journal_files(path: Path, *, missing_ok: bool = False) -> list[Path]:
    """The journals that an output folder, a folder of journals or a journal itself means."""
    from checker.pipeline.written.journals import FOLDER
    from checker.pipeline.written.recovery import journals_in

    if path.is_file():
        return [path]
    found = journals_in(path / FOLDER) or journals_in(path)
    if not found and not missing_ok:
        raise UsageError(f"{path}: no journal of a run is there.", "Name the run's output folder.")
    return found


def _clean(run: Recovered, paths: tuple[str, ...], options: dict[str, Any]) -> int:
    from checker.pipeline.written.journal_file import JournalFile, is_written

    if run.head.base_url == "sandbox" or run.is_settled:
        show(f"{run.path}: nothing is left.")
        return 0
    if is_written(run.path):
        raise UsageError(f"{run.path}: its run goes on.", "It cleans up at its end.")
    loaded = loaded_settings(paths or run.head.paths, options)
    ready = _ready(run, loaded)
    if loaded.settings.dry_run:
        return _planned(run, ready)
    from checker.interruption import Interruption
    from checker.pipeline.redaction import Redaction
    from checker.pipeline.removing.removal import remove
    from checker.pipeline.written.recorder import Recorder
    from checker.pipeline.written.run_head import info_of

    redaction = Redaction(ready.settings.secrets, ready.portal)
    recorder = Recorder(JournalFile(run.path), info_of(run.head), redaction, full=False)
    try:
        recorder.cleaning()
        done = remove(ready, run.alive, recorder, Interruption())
        recorder.cleaned()
    finally:
        recorder.close()
    if recorder.failure:
        tell(f"driftcheck: {recorder.failure}")
    return _told(done, [*done.left, *run.doubts()])


def _own_notes(run: Recovered) -> list[str]:
    """What was wrong with the journal itself."""
    return [note for note in run.notes if note.startswith(str(run.path))]


def _told(done: Removal, left: Sequence[str]) -> int:
    """Says what was removed and what is left; the exit status of that."""
    for operation, count in sorted(done.removed.items()):
        show(f"{operation}: {count} removed or gone before")
    for line in left:
        show(line)
    if done.interrupted:
        return 130
    return LEFT if left else 0


def _ready(run: Recovered, loaded: Loaded) -> Removing:
    """The target that the run had, and no other. Raises UsageError."""
    from checker import pipeline
    from checker.pipeline.removing.removal import make_ready
    from checker.pipeline.written.run_head import addresses

    head, settings = run.head, loaded.settings
    target = next((t for t in settings.targets if t.name == head.target), None)
    if target is None:
        raise UsageError(
            f"{run.path} is of the target {head.target!r}, which the config doesn't have.",
            "Give the config (--config) of that run.",
        )
    if target.base_url is None:
        raise UsageError(
            f"{run.path} is of {head.base_url}, and nothing says where the API is.",
            f"Give --base-url {head.base_url}, and the run's tokens.",
        )
    urls = addresses(settings, target)
    if urls != (head.base_url, head.fallback_url):
        now = urls[0] if urls[0] != head.base_url else f"{urls[1] or 'none'} (fallback)"
        then = head.base_url if urls[0] != head.base_url else head.fallback_url or "none"
        raise UsageError(
            f"{run.path} is of {then}, not of {now}: nothing is deleted there.",
            "Give the target of that run.",
        )
    # All operations: what deletes a thing need not be what was examined.
    settings = replace(settings, operations=(), domains=(), tags=(), shard=(1, 1))
    portal = pipeline.load(settings)
    return make_ready(settings, target, portal)


def _planned(run: Recovered, ready: Removing) -> int:
    """What would be deleted; nothing is sent."""
    from checker.pipeline.removing.removal import planned

    things = [thing for _, thing in sorted(run.alive.items(), reverse=True)]
    for thing in things:
        show(f"{planned(ready, thing)}  (made by {thing.operation})")
    for line in run.doubts():
        show(line)
    count = Counter(t.gone for t in things)[False]
    show(f"{count} thing{'' if count == 1 else 's'} left by the run. Nothing was sent.")
    return 0
