"""`report` and `baseline`: the commands that read reports."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from checker.cli.exits import show, write_file

if TYPE_CHECKING:
    from checker.domain.run import KnownFinding

REPORT = click.Path(exists=True, dir_okay=False)


@click.command(short_help="Render reports again; several shards become one.")
@click.argument("reports", nargs=-1, type=REPORT, metavar="REPORT...")
@click.option(
    "--from-journal",
    "journals",
    multiple=True,
    metavar="PATH",
    type=click.Path(exists=True),
    help="A journal, or the output folder of a run that was killed. Repeatable.",
)
@click.option("--format", "formats", multiple=True, help="md,json,sarif,junit,html,github.")
@click.option("--out", default="reports", show_default=True, help="A folder, or - for stdout.")
def report(
    reports: tuple[str, ...], journals: tuple[str, ...], formats: tuple[str, ...], out: str
) -> int:
    """Render report.json files again; several shard reports become one.

    A run that was killed has no report; --from-journal writes it from what the run kept.
    """
    from checker.cli.cleaning import journal_files
    from checker.cli.running import read_report, write_reports
    from checker.config.values import read_value
    from checker.pipeline import judged
    from checker.pipeline.recovery import recover
    from checker.ranking import merge_same, rank
    from checker.reporting.merge import merge_runs
    from checker.settings import Settings

    results = [read_report(Path(path)) for path in reports]
    results += [recover(path).result() for name in journals for path in journal_files(Path(name))]
    if not results:
        raise click.UsageError("Missing argument 'REPORT...' (or --from-journal PATH).")
    merged = merge_runs(results)
    if len(results) > 1:
        # What one process had too little of, the others may have.
        merged = judged(merged)
    merged = merged.with_(findings=rank(merge_same(merged.findings)))
    wanted = read_value("format", formats or ("md,json",), "--format", Path())
    write_reports(merged, Settings(out=out, formats=wanted))
    return 0


@click.command(short_help="Write or refresh the baseline of known findings.")
@click.argument("report", type=REPORT)
@click.option(
    "--output",
    default="driftcheck-baseline.json",
    show_default=True,
    help="The baseline file, for --baseline.",
)
def baseline(report: str, output: str) -> int:
    """Write the findings of a report as the baseline of known ones.

    What an older baseline had and the report's run didn't look for is kept.
    """
    from checker.cli.running import read_report, read_text
    from checker.ranking import compare, load_baseline, write_baseline
    from checker.ranking.baseline import examined_with, load_examined
    from checker.settings import Settings

    result = read_report(Path(report))
    path = Path(output)
    kept: tuple[KnownFinding, ...] = ()
    before: tuple[str, ...] = ()
    if path.is_file():
        text = read_text(path)
        compared = compare(result, load_baseline(text, output), output, Settings())
        assert compared.baseline is not None
        kept, before = compared.baseline.unchecked, load_examined(text)
    write_file(path, write_baseline(result.findings, kept, examined_with(result, before)))
    total = len(result.findings) + len(kept)
    show(f"{output}: {total} known finding{'' if total == 1 else 's'}.")
    return 0
