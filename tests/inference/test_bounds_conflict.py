"""A limit is proved by refusals of the value, not by conflicts with what there is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from documented import POST
from observed import replaced

from checker.domain.observation import ObservedContract, Rejection
from checker.domain.operation import FieldKey, Place
from checker.inference.bounds import ROLE, bounds

KEY = FieldKey(Place.BODY, "quantity")
SIDE = {"dimension": "value", "side": "max", "limit": 5}


@pytest.mark.parametrize(
    ("rejection", "found"), [(Rejection.VALIDATION, 1), (Rejection.CONFLICT, 0)]
)
def test_what_is_left_in_stock_is_no_limit(rejection: Rejection, found: int) -> None:
    at = replaced(KEY, 5, ROLE, accepted=True, size=5, **SIDE)
    over = replace(replaced(KEY, 6, ROLE, accepted=False, size=6, **SIDE), rejection=rejection)
    assert len(list(bounds(ObservedContract(POST, (at, over))))) == found
