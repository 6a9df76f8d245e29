"""What is asked where a run is about some rules only. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from checker.drift.registry import all_rules
from checker.drift.rule import Rule
from checker.experiments.registry import all_experiments
from checker.questions.catalogue import BY_NAME
from checker.questions.kinds.presence import AcceptedField
from checker.ranking.rank import rule_wanted
from checker.settings import Settings

STAGES = frozenset({"missing", "dropped", "deletions"})
"""What a run asks beside experiments and questions; see `Origin`."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The experiments and kinds of questions that decide about some rules.

    `explaining` are experiments that may show another cause of what was seen: they are asked of an
    operation of which something was. `whole`: nothing is left out, generated requests neither.
    """

    experiments: frozenset[str]
    questions: frozenset[str]
    explaining: frozenset[str] = frozenset()
    whole: bool = False

    @property
    def every(self) -> frozenset[str]:
        """All experiments that may be asked."""
        return self.experiments | self.explaining


def everything() -> Choice:
    """What a run about all rules asks."""
    names = frozenset(e.id for e in all_experiments())
    return Choice(names | STAGES, frozenset(BY_NAME), whole=True)


def chosen_by(settings: Settings) -> Choice:
    """What decides about the rules that the settings leave on."""
    return needed_for(rule for rule in all_rules() if _may_be_told(rule, settings))


def _may_be_told(rule: Rule, settings: Settings) -> bool:
    """Whether a rule is on, and may find what is as bad as the settings want it."""
    if not rule_wanted(rule.id, settings):
        return False
    setting = settings.rule_settings.get(rule.id)
    own = setting.severity if setting is not None else None
    return settings.severity is None or (own or rule.worst or rule.severity) >= settings.severity


def needed_for(rules: Iterable[Rule]) -> Choice:
    """What decides about some rules."""
    origins = [rule.origin for rule in rules]
    if any(origin.any_answer for origin in origins):
        return everything()
    questions = {name for origin in origins for name in origin.questions}
    kinds = [BY_NAME[name] for name in questions]
    if any(kind.held for kind in kinds):
        kinds.append(AcceptedField())  # it has the values that a witness is held with
    asked = {name for origin in origins for name in origin.experiments}
    asked |= {name for kind in kinds for name in kind.builds_on}
    explaining = {name for origin in origins for name in origin.explained_by}
    first = _with_earlier(asked)
    return Choice(first, frozenset(questions), _with_earlier(explaining) - first)


def _with_earlier(names: Iterable[str]) -> frozenset[str]:
    """The experiments, and those that they build on."""
    builds_on = {e.id: e.builds_on for e in all_experiments()}
    found: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += builds_on.get(name, ())
    return frozenset(found)
