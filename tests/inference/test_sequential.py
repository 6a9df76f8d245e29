"""How many agreeing answers prove something, and how seldom they lie."""

from __future__ import annotations

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.inference.sequential import (
    FALSE_CONFIRMATION,
    LEAST,
    MOST,
    Decision,
    decide,
    estimate,
    repetitions,
)

RATES = st.floats(0.0, 1.0)


@pytest.mark.parametrize(
    ("failed", "sent", "needed"), [(0, 0, 2), (0, 30, 2), (2, 20, 4), (10, 100, 4), (8, 20, None)]
)
def test_two_on_a_clean_server_four_at_a_tenth_none_at_two_fifths(
    failed: int, sent: int, needed: int | None
) -> None:
    assert repetitions(estimate(failed, sent)) == needed


@given(RATES)
def test_an_unfounded_claim_is_hardly_ever_confirmed(rate: float) -> None:
    """Under "it fails anyway" each answer agrees with the probability of the failure rate."""
    confirmed = 0.0
    for agreeing in range(1, MOST + 1):
        if decide(agreeing, rate) is Decision.CONFIRMED:
            confirmed = rate**agreeing
            break
    assert confirmed <= FALSE_CONFIRMATION * (1 + 1e-6)


@given(RATES, st.integers(20, 80))
def test_a_measured_rate_is_nearly_as_good_as_a_known_one(rate: float, sent: int) -> None:
    """Summed over all that the controls may have shown: at most one in two hundred."""
    wrong = 0.0
    for failed in range(sent + 1):
        needed = repetitions(estimate(failed, sent))
        if needed is not None:
            chance = comb(sent, failed) * rate**failed * (1 - rate) ** (sent - failed)
            wrong += chance * rate**needed
    assert wrong <= 0.005


@given(RATES, RATES)
def test_a_higher_rate_never_needs_fewer(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert (repetitions(low) or MOST + 1) <= (repetitions(high) or MOST + 1)


@given(st.integers(0, 50), st.integers(0, 50), RATES)
def test_an_estimate_lies_between_what_was_known_and_what_was_seen(
    failed: int, passed: int, beforehand: float
) -> None:
    sent = failed + passed
    seen = failed / sent if sent else beforehand
    assert min(seen, beforehand) - 1e-9 <= estimate(failed, sent, beforehand)
    assert estimate(failed, sent, beforehand) <= max(seen, beforehand) + 1e-9


def test_one_answer_proves_nothing() -> None:
    assert decide(1, 0.0) is Decision.OPEN
    assert decide(LEAST, 0.0) is Decision.CONFIRMED
    assert decide(MOST, 1.0) is Decision.HOPELESS
