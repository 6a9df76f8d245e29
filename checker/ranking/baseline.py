"""Known findings: the baseline file's text, and a run compared with it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict

from checker.domain.characters import whole_texts
from checker.domain.coverage import EXAMINED, PARTLY
from checker.domain.finding import Finding
from checker.domain.numbers import integer
from checker.domain.run import BaselineResult, KnownFinding, RunResult
from checker.errors import UsageError
from checker.ranking.rank import rule_wanted
from checker.settings import Settings

VERSION = 1
STATIC_RULES = frozenset(
    {
        "spec-invalid",
        "spec-conflict",
        "operation-dropped",
        "docs-conflict",
        "example-invalid",
        "token-undocumented-in-spec",
    }
)


def write_baseline(
    findings: Iterable[Finding],
    kept: Iterable[KnownFinding] = (),
    examined: Iterable[str] = (),
) -> str:
    """The baseline file's text: sorted, so that a change in it reads well in a review.

    `kept` are entries of an older baseline that stay, `examined` the operations that the run
    examined: a later one has to examine about as many before it may say that all is well.
    """
    entries = [
        {
            "fingerprint": f.fingerprint,
            "rule": f.rule,
            "operation": f.operation,
            "field": f.field.name,
            "issue": f.issue,
        }
        for f in findings
    ]
    entries += [asdict(entry) for entry in kept]
    entries.sort(key=lambda e: (e["operation"], e["rule"], e["field"], e["fingerprint"]))
    content = {
        "baseline_version": VERSION,
        "examined": sorted(set(examined)),
        "findings": entries,
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def load_baseline(text: str, path: str) -> tuple[KnownFinding, ...]:
    """The entries of a baseline file; raises UsageError naming `path` for any other content."""
    mend = "Write it with `driftcheck baseline REPORT`."
    try:
        content = whole_texts(json.loads(text, parse_int=integer))
        if content["baseline_version"] != VERSION:
            raise UsageError(
                f"{path}: baseline version {content['baseline_version']!r} is not known.", mend
            )
        return tuple(
            KnownFinding(
                str(entry["fingerprint"]),
                str(entry.get("rule", "")),
                str(entry.get("operation", "")),
                str(entry.get("field", "")),
                str(entry.get("issue", "")),
            )
            for entry in content["findings"]
        )
    except json.JSONDecodeError as error:
        raise UsageError(f"{path}:{error.lineno}: not JSON ({error.msg}).", mend) from None
    except (KeyError, TypeError, AttributeError, RecursionError):
        raise UsageError(f"{path}: not a baseline file.", mend) from None


def load_examined(text: str) -> tuple[str, ...]:
    """The operations that the run of a baseline file (which `load_baseline` has read) examined;
    empty for a file that doesn't say it."""
    listed = json.loads(text).get("examined")
    return tuple(str(o) for o in listed) if isinstance(listed, list) else ()


def examined_with(result: RunResult, before: Iterable[str]) -> tuple[str, ...]:
    """What a refreshed baseline's run examined: this run's operations, and of the older ones
    those that it wasn't about."""
    selected = {str(o.operation) for o in result.operations}
    now = {str(o.operation) for o in result.operations if o.status in (EXAMINED, PARTLY)}
    return tuple(sorted(now | (set(before) - selected)))


def compare(
    result: RunResult, known: Iterable[KnownFinding], path: str, settings: Settings
) -> RunResult:
    """The result with its baseline part filled in.

    A known finding that isn't there is fixed only if this run looked for it: its rule was on
    and its operation was probed (for rules of documents: was read).
    """
    remembered = {entry.fingerprint: entry for entry in known}
    present = [f.fingerprint for f in result.findings]
    gone = [entry for name, entry in remembered.items() if name not in set(present)]
    looked = [_looked_for(entry, result, settings) for entry in gone]
    return result.with_(
        baseline=BaselineResult(
            path=path,
            new=tuple(name for name in present if name not in remembered),
            known=tuple(name for name in present if name in remembered),
            fixed=tuple(e for e, seen in zip(gone, looked, strict=True) if seen),
            unchecked=tuple(e for e, seen in zip(gone, looked, strict=True) if not seen),
        )
    )


def _looked_for(entry: KnownFinding, result: RunResult, settings: Settings) -> bool:
    if not rule_wanted(entry.rule, settings) or result.status == "failed":
        return False
    if entry.rule in STATIC_RULES:
        unselective = not (settings.operations or settings.domains or settings.tags)
        named = any(str(o.operation) == entry.operation for o in result.operations)
        return named or (unselective and settings.shard == (1, 1))
    return any(
        str(o.operation) == entry.operation and o.status == EXAMINED for o in result.operations
    )
