"""`diff`, `rules` and `sandbox`."""

from __future__ import annotations

from pathlib import Path

import click

from checker.cli.exits import show, write_file

ANY = click.Path(exists=True)


@click.command(short_help="Two documents or folders against each other.")
@click.argument("old", type=ANY)
@click.argument("new", type=ANY)
@click.option(
    "--format",
    "form",
    type=click.Choice(["md", "json"]),
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
    """Two documents or folders against each other; no server is asked."""
    from checker.config.values import read_value
    from checker.documents.collecting import paused
    from checker.documents.portal import load_portal
    from checker.drift.compare import diff_portals
    from checker.errors import DocumentError
    from checker.reporting.diff import render_diff_json, render_diff_markdown
    from checker.settings import Settings

    settings = Settings(ref_map=read_value("ref_map", ref_map, "--ref-map", Path()))
    portals = []
    with paused():
        for path in (old, new):
            portal = load_portal((Path(path),), settings, validate=False)
            if not portal.documents:
                raise DocumentError(
                    f"{path}: holds no API document.", "Give a Swagger or OpenAPI file."
                )
            portals.append(portal)
        changes = diff_portals(*portals)
    text = render_diff_json(changes) if form == "json" else render_diff_markdown(changes)
    if out == "-":
        show(text, nl=False)
    else:
        write_file(Path(out), text)
    if fail_on == "never":
        return 0
    return int(any(change.breaking or fail_on == "any" for change in changes))


@click.command(short_help="List the rules, or explain one.")
@click.argument("rule_id", required=False, metavar="[ID]")
def rules(rule_id: str | None) -> int:
    """List the rules, or explain one."""
    from checker.config.values import nearest
    from checker.drift.registry import all_rules
    from checker.errors import UsageError
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


@click.command(short_help="Serve the embedded API.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0: any free one.")
@click.option("--chaos", default="", help="rate-limit,slow,flaky,resets,bad-json")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the chaos.")
def sandbox(port: int, chaos: str, seed: int) -> int:
    """Serve the embedded API until Ctrl-C; prints how to call it."""
    from checker.cli.embedded import serve

    return serve(port, chaos, seed)
