"""A run about one rule finds what a run about all of them finds of it, with fewer requests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from document_files import load

HERE = Path(__file__).resolve().parent
SERVERS = HERE.parent / "servers"
sys.path[:0] = [str(SERVERS)]

from plant import SERVERS as NAMES  # noqa: E402
from running import running, unavailable  # noqa: E402

from checker.domain.asked import together  # noqa: E402
from checker.domain.run import RunResult  # noqa: E402
from checker.drift.origin import Origin  # noqa: E402
from checker.drift.registry import all_rules  # noqa: E402
from checker.pipeline import run  # noqa: E402
from checker.reporting.summary import coverage_line  # noqa: E402
from checker.settings import Settings, Target, Token  # noqa: E402

ORIGINS = {rule.id: rule.origin for rule in all_rules() if not rule.origin.any_answer}
"""Of the rules for which something is left out: what they come from."""
Place = tuple[str, str]
"""A server and one of its operations."""


def planted() -> Iterator[Any]:
    """(server, operation, rules): places where rules are planted, as few as there may be, with a
    rule for each origin: what is asked follows from that. Of the tracker only what needs none of
    its things, for which one waits."""
    places: dict[Place, dict[Origin, str]] = {}
    for server in sorted(NAMES, key="tracker".__eq__):
        for entry in load(SERVERS / server / "truth.json"):
            rule, operation = entry["rule"], entry["operation"]
            if rule in ORIGINS and not (server == "tracker" and "{" in operation):
                places.setdefault((server, operation), {})[ORIGINS[rule]] = rule
    wanted = set().union(*places.values())
    while wanted:
        place = max(places, key=lambda place: len(places[place].keys() & wanted))
        rules = sorted(places[place][origin] for origin in places[place].keys() & wanted)
        wanted -= places[place].keys()
        yield pytest.param(*place, rules, id=", ".join(rules))


def checked(server: str, operation: str, *rules: str) -> RunResult:
    """A fresh server's operation examined, for all rules or for some."""
    if reason := unavailable(server):
        pytest.skip(reason)
    settings = load(SERVERS / server / "planted.yaml")["run"]
    options = settings.get("options", [])
    with running(server) as url:
        target = Target(
            base_url=url + settings["base_path"],
            fallback_url=url + settings["fallback_path"] if "fallback_path" in settings else None,
            tokens={name: Token(name, value) for name, value in settings["tokens"].items()},
        )
        return run(
            Settings(
                paths=(SERVERS / server / "drifted",),
                targets=(target,),
                operations=(operation,),
                rules=rules,
                fuzz=False,
                allow_destructive=True,
                test_system="--test-system" in options,
                effects=("unknown",) if "--effects" in options else (),
            )
        )


def told(result: RunResult, rule: str) -> set[tuple[str, str, str]]:
    """What is found by a rule, and where its fixes are."""
    return {
        (f.fingerprint, f.issue, str([step["path"] for step in f.patch]))
        for f in result.findings
        if f.rule == rule
    }


@pytest.mark.parametrize(("server", "operation", "rules"), list(planted()))
def test_one_rule_is_told_as_among_all(server: str, operation: str, rules: list[str]) -> None:
    whole = checked(server, operation)
    for rule in rules:
        chosen = checked(server, operation, rule)
        assert told(whole, rule)
        assert told(chosen, rule) == told(whole, rule)
        assert {f.rule for f in chosen.findings} == {rule}
        assert chosen.requests_sent <= whole.requests_sent


def test_what_is_not_asked_is_no_gap() -> None:
    result = checked("ledger", "POST /accounts", "unique-undocumented")
    every = together(q for o in result.operations for q in o.questions.values())
    assert every.unasked and not every.undecided
    line = coverage_line(result)
    assert f"{every.unasked} that don't decide about the chosen rules were not asked." in line
    assert result.status == "complete"


def test_what_only_another_field_wants_is_not_told_as_required() -> None:
    """One of two fields has to be there: nobody asked for that, and it is looked for all the
    same, as it explains what was seen."""
    assert not checked("ledger", "POST /notices", "required-undocumented").findings
