"""Which findings are shown, and in what order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from checker.domain.finding import Confidence, Finding
from checker.ranking.grouping import group, sort_key
from checker.settings import Settings


@dataclass(frozen=True, slots=True)
class Selection:
    """Findings after the settings: `shown` are reported, `ignored` only counted."""

    shown: tuple[Finding, ...] = ()
    ignored: tuple[Finding, ...] = ()


def rank(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Worst first; among equals confirmed ones first, then by operation and field."""
    return tuple(sorted(findings, key=_rank_key))


def _rank_key(finding: Finding) -> tuple[Any, ...]:
    tentative = finding.confidence is Confidence.TENTATIVE
    return (-finding.severity, tentative, *sort_key(finding))


def rule_wanted(rule: str, settings: Settings) -> bool:
    """Whether the settings leave this rule on: `enabled`, `--rule`, `--ignore`."""
    setting = settings.rule_settings.get(rule)
    if setting is not None and not setting.enabled:
        return False
    if settings.rules and not any(fnmatchcase(rule, glob) for glob in settings.rules):
        return False
    return not any(fnmatchcase(rule, glob) for glob in settings.ignore)


def apply_rule_settings(findings: Iterable[Finding], settings: Settings) -> Selection:
    """Drops what the settings turn off and overrides severities.

    `--ignore` takes rule ids, globs of them, and fingerprints.
    """
    shown: list[Finding] = []
    ignored: list[Finding] = []
    for finding in findings:
        setting = settings.rule_settings.get(finding.rule)
        if setting is not None and setting.severity is not None:
            finding = finding.with_(severity=setting.severity)
        wanted = rule_wanted(finding.rule, settings) and (
            not finding.fingerprint or finding.fingerprint not in settings.ignore
        )
        wanted = wanted and (settings.severity is None or finding.severity >= settings.severity)
        (shown if wanted else ignored).append(finding)
    return Selection(tuple(shown), tuple(ignored))


def select(findings: Iterable[Finding], settings: Settings) -> Selection:
    """The whole way from the rules' findings to final ones: grouped, set, ranked."""
    chosen = apply_rule_settings(group(findings), settings)
    return Selection(rank(chosen.shown), rank(chosen.ignored))
