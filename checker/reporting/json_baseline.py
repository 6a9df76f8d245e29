"""A run's comparison with its baseline as JSON, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from checker.domain.run import BaselineResult, KnownFinding


def baseline_json(baseline: BaselineResult) -> dict[str, Any]:
    """The part of a report that says how the run stands against its baseline."""
    return {
        "path": baseline.path,
        "new": list(baseline.new),
        "known": list(baseline.known),
        "fixed": [asdict(entry) for entry in baseline.fixed],
        "unchecked": [asdict(entry) for entry in baseline.unchecked],
        "expired": list(baseline.expired),
        "reasons": dict(baseline.reasons),
    }


def baseline_from(entry: Mapping[str, Any]) -> BaselineResult:
    """What `baseline_json` gave; a report of an earlier version may lack some of it."""
    return BaselineResult(
        path=str(entry.get("path", "")),
        new=tuple(entry.get("new", ())),
        known=tuple(entry.get("known", ())),
        fixed=tuple(KnownFinding(**one) for one in entry.get("fixed", ())),
        unchecked=tuple(KnownFinding(**one) for one in entry.get("unchecked", ())),
        expired=tuple(entry.get("expired", ())),
        reasons=dict(entry.get("reasons", {})),
    )
