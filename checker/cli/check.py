"""`check` and `replay`: the commands that talk to an API."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from checker.cli.exits import known, show, tell
from checker.cli.options import as_arguments, given, read_tokens, run_options

if TYPE_CHECKING:
    from checker.config import Loaded

_WHERE = ("format", "history", "out", "resume", "shard", "dask")
_BOUNDS = ("concurrency", "max_requests", "rate")
_OF_WHOLE = frozenset({*_WHERE, *_BOUNDS, "baseline", "fail_on", "yes"})
"""Options of a run on a cluster that its shards don't have as they are."""


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@run_options
def check(paths: tuple[str, ...], **options: Any) -> int:
    """Documents against the live API and against each other.

    PATH is a folder or a file: API documents, workflow records, prose pages.
    """
    from checker.cli.running import check_documents, check_on_cluster, dry_run

    given_options = dict(options)
    loaded = loaded_settings(paths, options)
    if loaded.settings.since:
        loaded = _since(loaded)
        if not loaded.settings.changed:
            show(f"No operation's documents have changed since {loaded.settings.since}.")
            return 0
    if loaded.settings.dry_run:
        return dry_run(loaded)
    if loaded.settings.dask:
        return check_on_cluster(loaded, [*paths, *as_arguments(check, given_options, _OF_WHOLE)])
    return check_documents(loaded)


def _since(loaded: Loaded) -> Loaded:
    from checker.pipeline import load
    from checker.pipeline.choosing.since import with_changed

    return replace(loaded, settings=with_changed(loaded.settings, load(loaded.settings)))


@click.command()
@click.argument("report", type=click.Path(exists=True, dir_okay=False))
@click.argument("fingerprint")
@click.argument("paths", nargs=-1, metavar="[PATH...]")
@run_options
def replay(report: str, fingerprint: str, paths: tuple[str, ...], **options: Any) -> int:
    """Run one finding's experiment again, with its documents.

    PATH is needed only where the documents have moved since the report was written. Exit
    status 1: the drift is still there; 0: it isn't.
    """
    from checker.cli.replaying import find_one, replay_finding
    from checker.cli.running import read_report

    known = read_report(Path(report))
    fingerprint = find_one(known, fingerprint).fingerprint
    loaded = loaded_settings(paths or known.paths or (".",), options)
    return replay_finding(loaded, known, fingerprint)


def loaded_settings(paths: tuple[str, ...], options: dict[str, Any]) -> Loaded:
    """Settings from everywhere."""
    import os

    from checker.config import load_settings
    from checker.planning.known_secrets import learn_target

    config = options.pop("config", None)
    tokens = read_tokens(options.pop("token", None) or ())
    loaded = load_settings(
        [Path(path) for path in paths],
        given(options),
        os.environ,
        config=Path(config) if config else None,
        tokens=tokens,
    )
    for sentence in loaded.unused:
        tell(f"driftcheck: {sentence}")
    settings = replace(loaded.settings, secrets=known())
    if settings.balance is not None:
        settings = replace(settings, counts=_counts(settings.balance))
    for target in settings.targets:
        learn_target(settings.secrets, target)
    return replace(loaded, settings=settings)


def _counts(path: Path) -> dict[str, int]:
    """How many requests each operation of a report took."""
    from checker.cli.running import read_report

    return {str(o.operation): o.requests for o in read_report(path).operations}
