"""Every rule has a page, and docs/rules.md is current."""

from __future__ import annotations

from pathlib import Path

import pytest

from checker.drift.registry import all_rules
from checker.drift.rule import Rule
from checker.reporting.rule_pages import all_pages, page

DOCS = Path(__file__).parents[2] / "docs" / "rules.md"


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
def test_a_page_has_its_headings(rule: Rule) -> None:
    text = page(rule)
    for heading in ("What it does", "Why it matters", "Example", "Fix"):
        assert heading in text, heading


def test_docs_are_current() -> None:
    assert DOCS.read_text(encoding="utf-8") == all_pages(), (
        "Run: python -m checker.reporting.rule_pages > docs/rules.md"
    )
