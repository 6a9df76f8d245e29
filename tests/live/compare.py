"""Compares a report with a truth file.

A truth entry: `rule`, `operation` (and `also_operations`, where the same drift shows), `field`
{`in`, `name`, `status`?}, `documented`, `observed`, `severity`; `alternatives`: other reports of
the same cause that are as right; `allowed`: what may be reported beside it but doesn't count as
having found it; `fields`: the names of which the finding may name any. `*` matches everything.

    python tests/live/compare.py report.json truth.json
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Entry = dict[str, Any]


@dataclass
class Comparison:
    """What the report has wrong; each line is a sentence for a person."""

    missing: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)
    wrong_severity: list[str] = field(default_factory=list)
    wrong_value: list[str] = field(default_factory=list)
    found: int = 0
    planted: int = 0

    @property
    def exact(self) -> bool:
        """Every planted drift found and nothing else."""
        return not (self.missing or self.false)

    def __str__(self) -> str:
        lines = [f"{self.found} of {self.planted} found, {len(self.false)} false"]
        for title in ("missing", "false", "wrong_severity", "wrong_value"):
            lines += [f"{title}: {line}" for line in getattr(self, title)]
        return "\n".join(lines)


def operations(entry: Entry) -> list[str]:
    """All operations of a truth entry or a finding."""
    return [entry["operation"], *entry.get("also_operations", [])]


def same_operation(one: str, other: str) -> bool:
    """Equal but for the names of path parameters."""
    return re.sub(r"\{[^}]*\}", "{}", one) == re.sub(r"\{[^}]*\}", "{}", other)


def same_field(wanted: Entry, got: Entry, names: list[str]) -> bool:
    """Whether a finding's field is the wanted one, or names some of `names` and nothing else."""
    if wanted["in"] not in ("*", got["in"]):
        return False
    status = wanted.get("status")
    if status is not None and got.get("status") not in (None, status):
        return False
    if wanted["name"] in ("*", got["name"]):
        return True
    mentioned = [name for name in re.split(r"[\s,+|&]+", got["name"]) if name]
    return bool(names) and bool(mentioned) and set(mentioned) <= set(names)


def readings(entry: Entry, kinds: tuple[str, ...]) -> Iterator[tuple[str, Entry, list[str]]]:
    """(rule, field, operations) of every report that an entry covers."""
    own = operations(entry)
    if "own" in kinds:
        yield entry["rule"], entry["field"], own
    for kind in kinds:
        for other in entry.get(kind, []) if kind != "own" else []:
            yield other["rule"], other["field"], operations(other) if "operation" in other else own


def covers(entry: Entry, finding: Entry, operation: str, kinds: tuple[str, ...]) -> bool:
    """Whether the entry explains the finding for one of the finding's operations."""
    names = list(entry.get("fields", []))
    return any(
        rule == finding["rule"]
        and any(same_operation(operation, own) for own in own_operations)
        and same_field(place, finding["field"], names)
        for rule, place, own_operations in readings(entry, kinds)
    )


def agrees(wanted: Any, got: Any) -> bool:
    """Whether an observed value says at least what the truth says. Sentences aren't compared."""
    if isinstance(wanted, list):
        return isinstance(got, list) and all(value in got for value in wanted)
    if isinstance(wanted, dict) and "kind" in wanted:
        return (
            isinstance(got, dict)
            and got.get("kind") == wanted["kind"]
            and sorted(got.get("fields") or []) == sorted(wanted["fields"])
        )
    return True


def sentence(entry: Entry) -> str:
    place = entry["field"]
    status = f" ({place['status']})" if place.get("status") is not None else ""
    return f"{entry['rule']} {entry['operation']} {place['in']} {place['name']}{status}".strip()


def compare(report: Entry, truth: list[Entry]) -> Comparison:
    """A report (as report.schema.json has it) against a truth file's entries."""
    result = Comparison(planted=len(truth))
    findings = [f for f in report["findings"] if f.get("confidence", "confirmed") == "confirmed"]
    for entry in truth:
        hits = [
            finding
            for finding in findings
            if any(covers(entry, finding, o, ("own", "alternatives")) for o in operations(finding))
        ]
        if not hits:
            result.missing.append(sentence(entry))
            continue
        result.found += 1
        exact = [finding for finding in hits if finding["rule"] == entry["rule"]]
        for finding in exact:
            if finding["severity"] != entry["severity"]:
                said = f"{finding['severity']}, not {entry['severity']}"
                result.wrong_severity.append(f"{sentence(finding)}: {said}")
        if exact and not any(agrees(entry["observed"], f.get("observed")) for f in exact):
            said = f"{json.dumps(exact[0].get('observed'))}, not {json.dumps(entry['observed'])}"
            result.wrong_value.append(f"{sentence(entry)}: {said}")
    everything = ("own", "alternatives", "allowed")
    for finding in findings:
        for operation in operations(finding):
            if not any(covers(entry, finding, operation, everything) for entry in truth):
                issue = finding.get("issue", "")
                result.false.append(f"{sentence({**finding, 'operation': operation})}: {issue}")
    return result


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("report", type=Path)
    options.add_argument("truth", type=Path)
    given = options.parse_args()
    result = compare(json.loads(given.report.read_text()), json.loads(given.truth.read_text()))
    print(result)
    return 0 if result.exact else 1


if __name__ == "__main__":
    sys.exit(main())
