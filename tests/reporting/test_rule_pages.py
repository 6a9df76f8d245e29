"""Every rule has a page, and docs/rules.md is current."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from checker.drift.registry import all_rules
from checker.drift.rule import Rule
from checker.reporting.rule_pages import all_pages, page, safety, words_of

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs" / "rules.md"
FREQUENT = (
    *("required-undocumented", "required-not-enforced", "enum-undocumented", "type-mismatch"),
    *("enum-value-undocumented", "field-undocumented", "status-undocumented", "bound-mismatch"),
    *("response-field-undocumented", "response-type-mismatch", "lifecycle-undocumented"),
    *("token-undocumented", "prerequisite-undocumented", "dependency-undocumented"),
)
"""Those of which most is found."""
SHOWN = [rule for rule in all_rules() if "### Before" in page(rule)]


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
def test_a_page_has_its_headings(rule: Rule) -> None:
    text = page(rule)
    for heading in ("What it does", "Why it matters", "Example", "Fix", "Is the fix safe?"):
        assert f"\n### {heading}\n" in text, heading


def test_docs_are_current() -> None:
    assert DOCS.read_text(encoding="utf-8") == all_pages(), (
        "Run: python -m checker.reporting.rule_pages > docs/rules.md"
    )


@cache
def found(rule: str) -> list[dict[str, Any]]:
    """A rule's findings in the example report, in which each rule has some."""
    text = (ROOT / "reports" / "example" / "report.json").read_text(encoding="utf-8")
    return [finding for finding in json.loads(text)["findings"] if finding["rule"] == rule]


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
def test_a_page_says_how_safe_the_fix_is(rule: Rule) -> None:
    """As reports say it of what was found."""
    said = safety(rule)
    told = {
        "none": "There is no patch: " in said or "Where there is no patch, " in said,
        "safe": said.startswith("Safe"),
        "review": "to be reviewed" in said.lower(),
    }
    seen = {finding["fix_safety"] for finding in found(rule.id)}
    assert {name for name in seen if not told[name]} <= ({"none"} if rule.patches else set())
    assert "safe" not in words_of(rule).lower(), "it is said once, from what the rule knows"
    assert sum([told["safe"] or told["review"], said.startswith("There is no patch")]) == 1


def samples(rule: Rule) -> tuple[Any, Any]:
    before, after = (
        re.findall(rf"^### {heading}\n```yaml\n(.*?)^```$", page(rule), re.M | re.S)
        for heading in ("Before", "After")
    )
    return yaml.safe_load(before[0]), yaml.safe_load(after[0])


def changes(before: Any, after: Any) -> Iterator[tuple[str, Any, Any]]:
    """The members that differ, each with what it was and what it is (None for absent)."""
    for name in before.keys() | after.keys():
        was, becomes = before.get(name), after.get(name)
        if isinstance(was, dict) and isinstance(becomes, dict):
            yield from changes(was, becomes)
        elif was != becomes:
            yield name, was, becomes


def covers(made: Any, shown: Any, known: str) -> bool:
    """Whether what a patch wrote is what is shown; of a text, each sentence that was new."""
    if isinstance(shown, Mapping):
        return isinstance(made, Mapping) and shown.items() <= made.items()
    if isinstance(shown, str) and isinstance(made, str) and known:
        sentences = re.split(r"(?<=\.)\s+", shown)
        return all(s in " ".join(made.split()) for s in sentences if s not in known)
    return bool(made == shown)


@pytest.mark.parametrize("rule", SHOWN, ids=lambda rule: rule.id)
def test_what_is_shown_before_and_after_is_what_a_patch_did(rule: Rule) -> None:
    steps = [step for finding in found(rule.id) for step in finding["patch"]]
    shown = list(changes(*samples(rule)))
    assert shown
    for name, was, becomes in shown:
        same = [step for step in steps if step["path"].endswith(f"/{name}")]
        operations = ["remove"] if becomes is None else ["add", "replace"]
        made = [step.get("value") for step in same if step["op"] in operations]
        assert any(covers(value, becomes, was or "") for value in made), name


def test_the_most_frequent_ones_show_it() -> None:
    assert set(FREQUENT) <= {rule.id for rule in SHOWN}
