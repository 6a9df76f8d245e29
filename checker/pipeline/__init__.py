"""Wires the stages: documents, live observations, rules, ranking."""

from checker.pipeline.replay import replay
from checker.pipeline.run import load, plan, run

__all__ = ["load", "plan", "replay", "run"]
