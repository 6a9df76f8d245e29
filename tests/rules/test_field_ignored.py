"""What the sentence of `field-ignored` says of the value that was read back."""

from __future__ import annotations

from typing import Any

import pytest

from checker.drift.rules.field_ignored import _had


@pytest.mark.parametrize(
    ("read", "said"),
    [
        ([None, None], "null both times"),
        (["draft", "draft"], '"draft" both times'),
        ([0, 0], "0 both times"),
        (["draft", "live"], "neither"),
        # These would be others in the next run.
        (["e7a7fe2c-2858-476b-87c3-442a9c8b9de1"] * 2, "a value of its own both times"),
        ([1017, 1017], "a value of its own both times"),
        (["2026-01-31T10:00:00Z"] * 2, "a value of its own both times"),
    ],
)
def test_only_a_value_that_lasts_is_quoted(read: list[Any], said: str) -> None:
    assert _had(read) == said
