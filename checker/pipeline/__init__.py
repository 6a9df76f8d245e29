"""Wires the stages: documents, live observations, rules, ranking."""

from checker.pipeline.preparation import Intent, intent, load
from checker.pipeline.replay import narrowed, replay
from checker.pipeline.run import plan, run
from checker.pipeline.sufficiency import Demand, judged

__all__ = ["Demand", "Intent", "intent", "judged", "load", "narrowed", "plan", "replay", "run"]
