"""Texts from patterns: dates and times are real ones, everything else keeps to the pattern."""

from __future__ import annotations

import datetime as dt
import random
import re

import pytest

from checker.planning.pattern_texts import from_pattern


@pytest.mark.parametrize(
    ("pattern", "form"),
    [
        (r"^\d{4}-\d{2}-\d{2}$", "%Y-%m-%d"),
        (r"^[0-9]{2}\.[0-9]{2}\.[0-9]{4}$", "%d.%m.%Y"),
        (r"^\d\d:\d\d$", "%H:%M"),
        (r"^\d{4}-(0[1-9]|1[0-2])$", "%Y-%m"),
        (r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", "%Y-%m-%dT%H:%M:%SZ"),
    ],
)
def test_a_pattern_of_a_moment_gives_a_real_one(pattern: str, form: str) -> None:
    for seed in range(20):
        assert dt.datetime.strptime(from_pattern(pattern, random.Random(seed)), form)


@pytest.mark.parametrize("pattern", [r"^\d{8}$", r"^[A-Z]{3}-\d{4}$", r"^\d{2}-\d{2}$", r"^a+$"])
def test_other_patterns_are_kept_to(pattern: str) -> None:
    made = {from_pattern(pattern, random.Random(seed)) for seed in range(20)}
    assert all(re.search(pattern, text) for text in made)
    assert len(made) > 1 or pattern == r"^a+$"
