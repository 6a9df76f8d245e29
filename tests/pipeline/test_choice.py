"""Which experiments and questions decide about which rules."""

from __future__ import annotations

import inspect

import pytest

from checker.domain.finding import Severity
from checker.drift.origin import UNASKED, Origin
from checker.drift.registry import all_rules
from checker.drift.rule import Rule
from checker.experiments.registry import all_experiments
from checker.pipeline.choosing.choice import STAGES, chosen_by, everything, needed_for
from checker.questions.catalogue import BY_NAME, KINDS
from checker.questions.kinds.base import QuestionKind
from checker.settings import RuleSetting, Settings

EXPERIMENTS = {e.id: e for e in all_experiments()}


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
def test_a_rule_names_what_its_findings_come_from(rule: Rule) -> None:
    origin: Origin = rule.origin
    assert {*origin.experiments, *origin.explained_by} <= EXPERIMENTS.keys() | STAGES
    assert set(origin.questions) <= BY_NAME.keys()
    if origin == UNASKED:
        assert "observed.of(" not in inspect.getsource(type(rule)), "something has to be asked"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_of_question_decides_about_a_rule(kind: QuestionKind) -> None:
    rules = {rule.id: rule.origin for rule in all_rules()}
    assert set(kind.builds_on) <= EXPERIMENTS.keys()
    assert any(rules[r].any_answer or kind.name in rules[r].questions for r in kind.rules)


@pytest.mark.parametrize("name", sorted(EXPERIMENTS))
def test_an_experiment_builds_on_earlier_ones(name: str) -> None:
    one = EXPERIMENTS[name]
    assert all(EXPERIMENTS[other].order < one.order for other in one.builds_on)


def test_what_an_experiment_builds_on_is_asked_too() -> None:
    choice = chosen_by(Settings(rules=("bound-*",)))
    assert {"bounds", "formats", "wire-numbers", "enum", "types", "absent"} == choice.experiments
    assert choice.questions == {"bound", "format"}
    assert not choice.whole


def test_what_explains_is_apart_from_what_decides() -> None:
    choice = chosen_by(Settings(rules=("required-undocumented",)))
    assert choice.experiments == {"required", "absent"}
    assert choice.explaining == {"types", "enum", "dependencies", "wanted"}
    both = chosen_by(Settings(rules=("required-undocumented", "dependency-undocumented")))
    assert "dependencies" in both.experiments
    assert "dependencies" not in both.explaining


@pytest.mark.parametrize("rules", [(), ("status-undocumented",), ("*-error", "required-*")])
def test_a_rule_that_any_answer_may_break_needs_everything(rules: tuple[str, ...]) -> None:
    assert chosen_by(Settings(rules=rules)) == everything()


def test_a_severity_leaves_out_what_is_never_as_bad() -> None:
    choice = chosen_by(Settings(severity=Severity.CRITICAL))
    assert not choice.whole  # no rule that any answer may break is critical
    assert "types" in choice.experiments
    assert "tokens" in choice.experiments  # worse than usual where it concerns everybody
    assert "bounds" not in choice.every
    assert chosen_by(Settings(severity=Severity.MAJOR)).whole


def test_a_severity_counts_as_the_config_has_it() -> None:
    raised = {"bound-mismatch": RuleSetting(severity=Severity.CRITICAL)}
    choice = chosen_by(Settings(severity=Severity.CRITICAL, rule_settings=raised))
    assert "bounds" in choice.experiments


def test_what_the_config_turns_off_is_not_asked_for() -> None:
    off = {rule.id: RuleSetting(enabled=False) for rule in all_rules() if rule.origin.any_answer}
    choice = chosen_by(Settings(ignore=("token-*", "auth-*"), rule_settings=off))
    assert not choice.whole
    assert "tokens" not in choice.experiments
    assert "bounds" in choice.experiments


def test_no_rule_needs_nothing() -> None:
    choice = needed_for(())
    assert not choice.every
    assert not choice.questions
