"""`report` and `baseline`: the commands that read reports."""

from __future__ import annotations

from pathlib import Path

import click

from checker.cli.exits import show, write_file
from checker.cli.repository import placed
from checker.errors import UsageError

REPORT = click.Path(exists=True, dir_okay=False)


@click.command()
@click.argument("reports", nargs=-1, type=REPORT, metavar="REPORT...")
@click.option(
    "--from-journal",
    "journals",
    multiple=True,
    metavar="PATH",
    type=click.Path(exists=True),
    help="A journal, or the output folder of a run that was killed. Repeatable.",
)
@click.option(
    "--format", "formats", multiple=True, help="md,json,sarif,junit,html,github,gitlab,comment."
)
@click.option("--out", default="reports", show_default=True, help="A folder, or - for stdout.")
@click.option(
    "--history", default="", metavar="FILE|URL", help="Remember the run there; for merged shards."
)
def report(
    reports: tuple[str, ...],
    journals: tuple[str, ...],
    formats: tuple[str, ...],
    out: str,
    history: str,
) -> int:
    """Render report.json files again; several shard reports become one.

    A run that was killed has no report; --from-journal writes it from what the run kept.
    """
    from checker.cli.cleaning import journal_files
    from checker.cli.remembering import check_history, domains_told, remembered
    from checker.cli.report_files import write_reports
    from checker.cli.running import read_report
    from checker.config.values import read_value
    from checker.pipeline import judged
    from checker.pipeline.written.recovery import recover
    from checker.ranking import merge_same, new_first, rank
    from checker.reporting.merge import merge_runs
    from checker.settings import Settings

    check_history(history)
    if not out:
        raise UsageError("--out: is empty.", "Name a folder, or - for stdout.")
    results = [read_report(Path(path)) for path in reports]
    results += [recover(path).result() for name in journals for path in journal_files(Path(name))]
    if not results:
        raise click.UsageError("Missing argument 'REPORT...' (or --from-journal PATH).")
    merged = merge_runs(results)
    if len(results) > 1:
        # What one process had too little of, the others may have.
        merged = judged(merged)
    merged = placed(merged)
    merged = new_first(merged.with_(findings=rank(merge_same(merged.findings))))
    wanted = read_value("format", formats or ("md,json",), "--format", Path())
    settings = Settings(out=out, formats=wanted, history=history)
    if history:
        merged = remembered(merged, settings, domains_told(merged))
    write_reports(merged, settings)
    return 0


@click.command()
@click.argument("report", type=REPORT)
@click.option(
    "--output",
    default="driftcheck-baseline.json",
    show_default=True,
    help="The baseline file, for --baseline.",
)
@click.option(
    "--accept",
    "chosen",
    metavar="FINGERPRINT",
    multiple=True,
    help="Add only these findings, and keep what the file has. Repeatable.",
)
@click.option("--reason", default="", help="Why the findings are accepted; kept in the file.")
@click.option(
    "--expires", default="", metavar="YYYY-MM-DD", help="The last day on which they are accepted."
)
def baseline(report: str, output: str, chosen: tuple[str, ...], reason: str, expires: str) -> int:
    """Write the findings of a report as the baseline of known ones.

    What an older baseline had and the report's run didn't look for is kept; reasons and expiries
    stay too. --reason and --expires are for the findings that --accept names, or else for those
    that the file doesn't have yet.
    """
    from checker.cli.replaying import find_one
    from checker.cli.running import read_report, read_text
    from checker.ranking.baseline import (
        accepted,
        baseline_text,
        day,
        examined_with,
        load_baseline,
        load_examined,
        with_reason,
    )

    if expires:
        day(expires, "--expires")
    result, path = read_report(Path(report)), Path(output)
    text = read_text(path) if path.is_file() else ""
    before = load_baseline(text, output) if text or path.is_file() else ()
    named = [find_one(result, fingerprint).fingerprint for fingerprint in chosen]
    entries = accepted(result, before, named if chosen else None)
    had = {entry.fingerprint for entry in before}
    meant = named or [e.fingerprint for e in entries if e.fingerprint not in had]
    entries = with_reason(entries, meant, reason, expires)
    examined = examined_with(result, load_examined(text) if text else ())
    write_file(path, baseline_text(entries, examined))
    show(f"{output}: {len(entries)} known {'finding' if len(entries) == 1 else 'findings'}.")
    if result.baseline is None:
        show(f'Next: baseline = "{output}" below [run] in driftcheck.toml, and commit both.')
    return 0
