"""Wires the stages: documents, live observations, rules, ranking."""

from checker.pipeline.doubts.sufficiency import Demand, judged
from checker.pipeline.preparation import Intent, check_readable, intent, load, unmatched
from checker.pipeline.replay import narrowed, replay
from checker.pipeline.run import plan, run

__all__ = [
    "Demand",
    "Intent",
    "check_readable",
    "intent",
    "judged",
    "load",
    "narrowed",
    "plan",
    "replay",
    "run",
    "unmatched",
]
