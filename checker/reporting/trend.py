"""The trend of runs: as JSON, both ways, and as a picture that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from markupsafe import Markup

from checker.domain.history import Point, Seen, Trend

WIDTH, HEIGHT, EDGE = 640, 120, 4
LEAST = 14
"""Runs that have room at least: a single one is no wall."""
_LEVELS = ("critical", "major", "minor")


def trend_json(trend: Trend) -> dict[str, Any]:
    """The trend as JSON values."""
    return {
        "runs": [{**asdict(p), "started_at": p.started_at.isoformat()} for p in trend.points],
        "appeared": list(trend.appeared),
        "vanished": [asdict(seen) for seen in trend.vanished],
        "flapping": list(trend.flapping),
    }


def trend_from(entry: Mapping[str, Any]) -> Trend:
    """What `trend_json` gave; raises ValueError for a time that is none."""
    return Trend(
        tuple(
            Point(**{**point, "started_at": datetime.fromisoformat(point["started_at"])})
            for point in entry["runs"]
        ),
        tuple(entry["appeared"]),
        tuple(Seen(**seen) for seen in entry["vanished"]),
        tuple(entry["flapping"]),
    )


def trend_svg(trend: Trend) -> Markup:
    """Findings by severity, a bar a run, as an SVG element; its classes are the severities'.

    Nothing in it comes from a server but numbers.
    """
    points = trend.points
    most = max((p.findings for p in points), default=0) or 1
    step = (WIDTH - 2 * EDGE) / max(len(points), LEAST)
    bars = Markup("").join(_bar(p, EDGE + n * step, step, most) for n, p in enumerate(points))
    return Markup(
        '<svg viewBox="0 0 {} {}" role="img" class="trend" preserveAspectRatio="none" '
        'aria-label="{}">{}</svg>'
    ).format(WIDTH, HEIGHT, described(trend), bars)


def described(trend: Trend) -> str:
    """The picture in a sentence."""
    if not trend.points:
        return "No run is remembered."
    counts = ", ".join(str(p.findings) for p in trend.points)
    return f"Findings of the last {len(trend.points)} runs, the oldest first: {counts}."


def _bar(point: Point, left: float, step: float, most: int) -> Markup:
    parts, top = Markup(""), float(HEIGHT)
    for level in reversed(_LEVELS):
        tall = (HEIGHT - EDGE) * getattr(point, level) / most
        top -= tall
        if tall:
            parts += Markup(
                '<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>'
            ).format(level, left + step * 0.1, top, step * 0.8, tall)
    when = point.started_at.strftime("%Y-%m-%d %H:%M UTC")
    told = f"{when}: {point.findings} findings, +{point.appeared} −{point.vanished}"
    return Markup("<g><title>{}</title>{}</g>").format(told, parts)
