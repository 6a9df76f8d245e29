"""Known findings: the baseline file's text, and a run compared with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from datetime import date
from functools import cache
from typing import Any

from checker.domain.characters import whole_texts
from checker.domain.coverage import EXAMINED, PARTLY
from checker.domain.finding import Finding
from checker.domain.numbers import integer
from checker.domain.observation import OperationOutcome
from checker.domain.run import BaselineResult, KnownFinding, RunResult, own_name
from checker.drift.registry import all_rules
from checker.drift.rule import Rule
from checker.errors import UsageError
from checker.questions.catalogue import kinds_of
from checker.ranking.rank import rule_wanted
from checker.settings import Settings

VERSION = 1
MEND = "Write it with `driftcheck baseline REPORT`."


def known_as(finding: Finding, reason: str = "", expires: str = "") -> KnownFinding:
    """The entry that makes a finding a known one."""
    return KnownFinding(
        finding.fingerprint,
        finding.rule,
        finding.operation,
        finding.field.name,
        finding.issue,
        reason,
        expires,
        own_name(finding.target),
    )


def baseline_text(entries: Iterable[KnownFinding], examined: Iterable[str] = ()) -> str:
    """The baseline file's text: sorted, so that a change in it reads well in a review.

    `examined` are the operations that the run examined: a later one has to examine about as many
    before it may say that all is well.
    """
    ordered = sorted(entries, key=lambda e: (e.operation, e.rule, e.field, e.fingerprint))
    content = {
        "baseline_version": VERSION,
        "examined": sorted(set(examined)),
        "findings": [_shown(entry) for entry in ordered],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _shown(entry: KnownFinding) -> dict[str, str]:
    """What is empty in most entries is left out of them: they are shorter for it."""
    optional = ("reason", "expires", "target")
    return {name: text for name, text in asdict(entry).items() if text or name not in optional}


def accepted(
    result: RunResult, before: Iterable[KnownFinding], fingerprints: Iterable[str] | None = None
) -> tuple[KnownFinding, ...]:
    """The entries of a refreshed baseline: the run's findings, and those of the older one that the
    run didn't look for. What was accepted before keeps its reason and its expiry.

    With `fingerprints` only these are added, and all older entries stay.
    """
    older = {entry.fingerprint: entry for entry in before}
    if fingerprints is not None:
        wanted = set(fingerprints)
        added = [f for f in result.findings if f.fingerprint in wanted]
        return tuple({**older, **_entries(added, older)}.values())
    compared = compare(result, older.values(), "", Settings()).baseline
    assert compared is not None
    return (*_entries(result.findings, older).values(), *compared.unchecked)


def _entries(
    findings: Iterable[Finding], older: dict[str, KnownFinding]
) -> dict[str, KnownFinding]:
    found = {}
    for finding in findings:
        before = older.get(finding.fingerprint)
        said = (before.reason, before.expires) if before else ()
        found[finding.fingerprint] = known_as(finding, *said)
    return found


def with_reason(
    entries: Iterable[KnownFinding], fingerprints: Iterable[str], reason: str, expires: str
) -> tuple[KnownFinding, ...]:
    """The entries, those named with a reason and an expiry; what is empty stays as it is."""
    named = set(fingerprints)
    return tuple(
        replace(entry, reason=reason or entry.reason, expires=expires or entry.expires)
        if entry.fingerprint in named
        else entry
        for entry in entries
    )


def load_baseline(text: str, path: str) -> tuple[KnownFinding, ...]:
    """The entries of a baseline file; raises UsageError naming `path` for any other content."""
    try:
        content = whole_texts(json.loads(text, parse_int=integer))
        if content["baseline_version"] != VERSION:
            raise UsageError(
                f"{path}: baseline version {content['baseline_version']!r} is not known.", MEND
            )
        listed, examined = content["findings"], content.get("examined", [])
        if not isinstance(listed, list) or not isinstance(examined, list):
            raise TypeError
        return tuple(_entry(entry, path) for entry in listed)
    except json.JSONDecodeError as error:
        raise UsageError(f"{path}:{error.lineno}: not JSON ({error.msg}).", MEND) from None
    except (KeyError, TypeError, AttributeError, RecursionError):
        raise UsageError(f"{path}: not a baseline file.", MEND) from None


def _entry(entry: dict[str, Any], path: str) -> KnownFinding:
    names = ("rule", "operation", "field", "issue", "reason", "expires", "target")
    fingerprint = str(entry["fingerprint"])
    known = KnownFinding(fingerprint, *(str(entry.get(name) or "") for name in names))
    if known.expires:
        day(known.expires, f"{path}: `expires` of {fingerprint}")
    return known


def day(text: str, where: str) -> date:
    """A date written YYYY-MM-DD; raises UsageError that names `where`."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{where}: {text!r} is no date.", "Write YYYY-MM-DD, such as 2027-01-31."
        ) from None


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
    """The result with its baseline part filled in, its new findings before the known ones.

    A known finding that isn't there is fixed only if this run looked for it: its rule was on,
    its operation was probed (for rules of documents: was read) and the question was answered.
    One that was accepted until a day before the run's has expired.
    """
    remembered = {entry.fingerprint: entry for entry in known}
    present = [f.fingerprint for f in result.findings]
    old = [remembered[name] for name in present if name in remembered]
    gone = [entry for name, entry in remembered.items() if name not in set(present)]
    fixed, unchecked = _parted(gone, lambda entry: _looked_for(entry, result, settings))
    expired, still = _parted(old, lambda entry: _expired(entry, result.finished_at.date()))
    baseline = BaselineResult(
        path=path,
        new=tuple(name for name in present if name not in remembered),
        known=tuple(e.fingerprint for e in still),
        fixed=fixed,
        unchecked=unchecked,
        expired=tuple(e.fingerprint for e in expired),
        reasons={e.fingerprint: e.reason for e in old if e.reason},
    )
    return new_first(result.with_(baseline=baseline))


_Entries = tuple[KnownFinding, ...]


def _parted(
    entries: Iterable[KnownFinding], holds: Callable[[KnownFinding], bool]
) -> tuple[_Entries, _Entries]:
    """Those of which something holds, and the others."""
    said = [(entry, holds(entry)) for entry in entries]
    return tuple(e for e, is_so in said if is_so), tuple(e for e, is_so in said if not is_so)


def new_first(result: RunResult) -> RunResult:
    """The result with what the baseline doesn't accept before what it does, each in its order."""
    standings = result.standings()
    ordered = sorted(result.findings, key=lambda f: standings.get(f.fingerprint) == "known")
    return result.with_(findings=tuple(ordered))


def still_accepted(entries: Iterable[KnownFinding], today: date) -> list[str]:
    """The fingerprints of the entries that haven't expired."""
    return [entry.fingerprint for entry in entries if not _expired(entry, today)]


def _expired(entry: KnownFinding, today: date) -> bool:
    return bool(entry.expires) and date.fromisoformat(entry.expires) < today


def _looked_for(entry: KnownFinding, result: RunResult, settings: Settings) -> bool:
    if not rule_wanted(entry.rule, settings) or result.status == "failed":
        return False
    if settings.severity is not None:
        return False  # how bad it was isn't remembered: it may be left out for that
    named = [o for o in result.operations if _is_of(entry, o)]
    if entry.rule in static_rules():
        whole = (settings.selective, settings.shard) == (False, (1, 1))
        return bool(named) or whole
    # Several targets may have an operation of that name, and an older entry doesn't say which.
    return bool(named) and all(o.status == EXAMINED and not _left(entry, o) for o in named)


def _is_of(entry: KnownFinding, outcome: OperationOutcome) -> bool:
    target = entry.target or outcome.target
    return str(outcome.operation) == entry.operation and outcome.target == target


def _left(entry: KnownFinding, outcome: OperationOutcome) -> bool:
    """Whether a question that the finding had answered stayed without an answer."""
    kinds = kinds_of(entry.rule) & outcome.questions.keys()
    return any(entry.field in outcome.questions[kind].left for kind in kinds)


@cache
def static_rules() -> frozenset[str]:
    """The rules that compare documents with each other: their answer needs no request."""
    return frozenset(
        rule.id for rule in all_rules() if type(rule).check_documents is not Rule.check_documents
    )
