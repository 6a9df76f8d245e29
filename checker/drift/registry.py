"""Finds the rules: every `Rule` subclass in a module of `checker.drift.rules`."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from checker.drift import rules as rules_package
from checker.drift.rule import Rule


@cache
def all_rules() -> tuple[Rule, ...]:
    """One instance of every rule, sorted by id."""
    for module in pkgutil.iter_modules(rules_package.__path__):
        importlib.import_module(f"{rules_package.__name__}.{module.name}")
    return tuple(sorted((cls() for cls in Rule.__subclasses__()), key=lambda rule: rule.id))
