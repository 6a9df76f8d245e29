"""Wires the stages: documents, live observations, rules, ranking."""

from checker.pipeline.replay import replay
from checker.pipeline.run import plan, run

__all__ = ["plan", "replay", "run"]
