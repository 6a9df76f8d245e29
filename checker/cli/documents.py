"""`diff`, `rules` and `sandbox`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from checker.cli.exits import show, write_file
from checker.errors import UsageError

if TYPE_CHECKING:
    from checker.drift.compare import Change


@click.command()
@click.argument("old")
@click.argument("new")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "md", "json", "github", "junit", "html"]),
    default="md",
    show_default=True,
)
@click.option("--out", metavar="FILE", default="-", help="Instead of stdout.")
@click.option(
    "--fail-on",
    type=click.Choice(["breaking", "any", "never"]),
    default="breaking",
    show_default=True,
    help="What makes the exit status 1.",
)
@click.option("--ref-map", metavar="URL=DIR", multiple=True, help="As for check.")
@click.option("--debug", is_flag=True, help="Show tracebacks.")
def diff(
    old: str,
    new: str,
    form: str,
    out: str,
    fail_on: str,
    ref_map: tuple[str, ...],
    debug: bool,
) -> int:
    """Two documents or folders against each other; no server is asked.

    OLD and NEW are files, folders, - (standard input), pipes, or git:REV:PATH.
    """
    from checker.reporting.diff_formats import render_diff

    if (old, new) == ("-", "-"):
        raise UsageError("Standard input can be one side only.", "Give a file as the other one.")
    changes = _changes(old, new, ref_map, places=form not in ("md", "json"))
    text = render_diff(changes, form)
    if out == "-":
        show(text, nl=False)
    else:
        write_file(Path(out), text)
    if fail_on == "never":
        return 0
    return int(any(change.breaking or fail_on == "any" for change in changes))


def _changes(old: str, new: str, ref_map: tuple[str, ...], *, places: bool) -> tuple[Change, ...]:
    """What the two sides say differently; with line numbers if `places`."""
    from checker.cli.diff_inputs import checked, opened, renamed
    from checker.config.values import read_value
    from checker.documents.collecting import paused
    from checker.documents.portal import load_portal
    from checker.drift.compare import diff_portals
    from checker.settings import Settings

    settings = Settings(ref_map=read_value("ref_map", ref_map, "--ref-map", Path()))
    with opened(old) as one, opened(new) as two, paused():
        portals = []
        for side in (one, two):
            portal = load_portal((side.path,), settings, validate=False)
            portals.append(checked(portal, side))
        changes = diff_portals(*portals)
        if places:
            changes = _with_lines(changes)
        return tuple(renamed(change, one, two) for change in changes)


def _with_lines(changes: tuple[Change, ...]) -> tuple[Change, ...]:
    from checker.documents.source import locate_all

    places = [p for c in changes for p in (c.old_location, c.new_location) if p is not None]
    found = locate_all(places)
    return tuple(
        change.with_(
            old_location=found.get(change.old_location) if change.old_location else None,
            new_location=found.get(change.new_location) if change.new_location else None,
        )
        for change in changes
    )


@click.command()
@click.argument("rule_id", required=False, metavar="[ID]")
def rules(rule_id: str | None) -> int:
    """List the rules, or explain one."""
    from checker.config.values import nearest
    from checker.drift.registry import all_rules
    from checker.reporting.rule_pages import page

    found = all_rules()
    if rule_id is None:
        width = max((len(rule.id) for rule in found), default=0)
        for rule in found:
            show(f"{rule.id:<{width}}  {rule.severity.label:<8}  {rule.summary}")
        return 0
    for rule in found:
        if rule.id == rule_id:
            show(page(rule), nl=False)
            return 0
    raise UsageError(f"Unknown rule {rule_id!r}.", nearest(rule_id, [rule.id for rule in found]))


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0: any free one.")
@click.option("--chaos", default="", help="rate-limit,slow,flaky,resets,bad-json")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the chaos.")
def sandbox(port: int, chaos: str, seed: int) -> int:
    """Serve the embedded API until Ctrl-C; prints how to call it."""
    from checker.cli.embedded import serve

    return serve(port, chaos, seed)
