"""Finds the rules: every `Rule` subclass in a module of `checker.drift.rules`."""

from __future__ import annotations

import importlib
import pkgutil
from enum import StrEnum
from functools import cache

from checker.domain.finding import Confidence, Finding
from checker.drift import rules as rules_package
from checker.drift.rule import Rule


class FixSafety(StrEnum):
    """Whether a finding's patch can be applied unseen."""

    SAFE = "safe"
    REVIEW = "review"
    NONE = "none"


def fix_safety(finding: Finding) -> FixSafety:
    """Safe: the patch only writes down what was proved; review: somebody has to decide; none:
    there is no patch."""
    if not finding.patch:
        return FixSafety.NONE
    rule = _by_id().get(finding.rule)
    proved = finding.confidence is Confidence.CONFIRMED
    decided = rule is not None and rule.decides(finding.patch)
    return FixSafety.SAFE if proved and decided else FixSafety.REVIEW


def why_unpatched(finding: Finding) -> str:
    """Why no patch mends a finding, in half a sentence; empty where one does."""
    rule = _by_id().get(finding.rule)
    return "" if finding.patch or rule is None else rule.unpatched


@cache
def _by_id() -> dict[str, Rule]:
    return {rule.id: rule for rule in all_rules()}


@cache
def all_rules() -> tuple[Rule, ...]:
    """One instance of every rule, sorted by id."""
    for module in pkgutil.iter_modules(rules_package.__path__):
        importlib.import_module(f"{rules_package.__name__}.{module.name}")
    return tuple(sorted((cls() for cls in Rule.__subclasses__()), key=lambda rule: rule.id))
