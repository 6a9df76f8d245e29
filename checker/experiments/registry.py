"""Finds the experiments: every `Experiment` subclass in a module of `checker.experiments`."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

import checker.experiments as package
from checker.experiments.base import Experiment


@cache
def all_experiments() -> tuple[Experiment, ...]:
    """One instance of each, in the order in which they run."""
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return tuple(sorted((c() for c in Experiment.__subclasses__()), key=lambda e: (e.order, e.id)))
