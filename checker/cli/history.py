"""`history`: what the runs so far have found, and what changed between them."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from checker.cli.exits import known, show
from checker.cli.remembering import FILE
from checker.errors import UsageError

if TYPE_CHECKING:
    from checker.domain.history import PastRun, Point, Share, Trend

_POINT = ("started", "status", "findings", "appeared", "vanished", "flapping", "examined", "run")
_SHARE = ("findings", "appeared", "vanished", "flapping", "examined")


@click.command()
@click.argument("place", required=False, default="reports", metavar="[PLACE]")
@click.option("--last", type=click.IntRange(1), default=14, show_default=True, help="So many runs.")
@click.option("--series", metavar="TEXT", help="Only runs whose target or documents have this.")
@click.option("--run", "chosen", metavar="RUN", help="As it was after this run.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    show_default=True,
)
@click.option("--debug", is_flag=True, help="Show tracebacks.")
def history(
    place: str, last: int, series: str | None, chosen: str | None, form: str, debug: bool
) -> int:
    """What the runs so far have found: per run, per domain and per rule.

    PLACE is a run's output folder, a history's file, or its SQLAlchemy URL. A finding has vanished
    only where a run looked for it; it is flapping where it came and went twice in ten runs.
    """
    from checker.history.changes import ordered

    runs = _runs(place)
    grouped: dict[str, list[PastRun]] = defaultdict(list)
    for run in runs:
        if not series or series in run.series:
            grouped[run.series].append(run)
    if not grouped:
        names = "; ".join(dict.fromkeys(run.series for run in runs))
        raise UsageError(f"--series: no run is of {series!r}.", f"There are: {names}.")
    if chosen:
        grouped = _up_to(grouped, chosen)
    newest = sorted(grouped.values(), key=lambda of: ordered(of)[-1].started_at)
    shown = {"text": _text, "json": _json, "csv": _csv}[form](newest, last)
    show(known().text(shown) if form == "text" else shown, nl=form == "text")
    return 0


def _runs(place: str) -> Sequence[PastRun]:
    from checker.history.store import Store

    path = _file(place)
    runs = Store(path).runs()
    if not runs:
        raise UsageError(
            f"{place}: no run is remembered there.",
            "Give a run's output folder, or what --history named.",
        )
    return runs


def _file(place: str) -> str:
    """The database that an output folder, a file or a URL means."""
    from checker.pipeline.written.journals import FOLDER

    folder = Path(place)
    if "://" in place or not folder.is_dir():
        return place
    return str(next((p for p in (folder / FOLDER / FILE, folder / FILE) if p.is_file()), folder))


def _up_to(grouped: dict[str, list[PastRun]], chosen: str) -> dict[str, list[PastRun]]:
    """The one run's series as it was when that run ended."""
    found = [run for runs in grouped.values() for run in runs if run.id.startswith(chosen)]
    if len(found) != 1:
        names = ", ".join(run.id for runs in grouped.values() for run in runs[-5:])
        raise UsageError(f"--run: {chosen!r} is the id of {len(found)} runs.", f"Last: {names}.")
    (run,) = found
    return {run.series: [r for r in grouped[run.series] if r.started_at <= run.started_at]}


def _text(series: Iterable[Sequence[PastRun]], last: int) -> str:
    from checker.history.changes import by_domain, by_rule, trend

    parts = []
    for runs in series:
        seen = trend(runs, last)
        parts += [runs[-1].series, "", _table(_POINT, [_point_row(p) for p in seen.points])]
        for title, shares in (("domain", by_domain(runs)), ("rule", by_rule(runs))):
            rows = [[share.name or "-", *_share_row(share)] for share in shares]
            parts += ["", _table((title, *_SHARE), rows)]
        parts += ["", *_changes(runs, seen), ""]
    return "\n".join(parts).rstrip("\n")


def _changes(runs: Sequence[PastRun], seen: Trend) -> Iterable[str]:
    """A line for each finding that the last run changed."""
    told = {s.fingerprint: s for run in runs for s in run.findings}
    vanished = [s.fingerprint for s in seen.vanished]
    for word, names in (("+", seen.appeared), ("-", vanished), ("~", seen.flapping)):
        for name in names:
            one = told[name]
            what = f"{one.operation or 'documents'} {one.field}".strip()
            yield f"{word} {name} {one.severity:<8} {one.rule}: {what}"


def _point_row(point: Point) -> list[str]:
    return [
        point.started_at.strftime("%Y-%m-%d %H:%M"),
        point.status,
        str(point.findings),
        f"+{point.appeared}",
        f"-{point.vanished}",
        f"~{point.flapping}",
        f"{point.examined}/{point.selected}",
        point.run,
    ]


def _share_row(share: Share) -> list[str]:
    covered = f"{share.examined}/{share.selected}" if share.selected else ""
    counts = [f"+{share.appeared}", f"-{share.vanished}", f"~{share.flapping}"]
    return [str(share.present), *counts, covered]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    from checker.reporting.clean import one_line

    lines = [list(head), *([one_line(cell) for cell in row] for row in rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(head))]
    return "\n".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _json(series: Iterable[Sequence[PastRun]], last: int) -> str:
    from checker.history.changes import by_domain, by_rule, trend
    from checker.reporting.trend import trend_json

    content: list[dict[str, Any]] = [
        {
            "series": runs[-1].series,
            **trend_json(trend(runs, last)),
            "domains": [asdict(share) for share in by_domain(runs)],
            "rules": [asdict(share) for share in by_rule(runs)],
        }
        for runs in series
    ]
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _csv(series: Iterable[Sequence[PastRun]], last: int) -> str:
    from checker.history.changes import trend

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    rows = [(runs[-1].series, point) for runs in series for point in trend(runs, last).points]
    for number, (name, point) in enumerate(rows):
        row = {"series": name, **asdict(point), "started_at": point.started_at.isoformat()}
        if not number:
            writer.writerow(row)
        writer.writerow(row.values())
    return out.getvalue()
