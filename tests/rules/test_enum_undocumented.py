"""`enum-undocumented`: a closed set of values, told where its field is documented."""

from __future__ import annotations

from typing import Any

import pytest
from documented import operation

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.finding import Evidence, Verdict
from checker.domain.observation import Kind, Observation, ObservedContract, Rejection
from checker.domain.operation import FieldKey, Place
from checker.drift.rule import Case
from checker.drift.rules.enum_undocumented import EnumUndocumented

TEXT = {"type": "string"}
LINES = {"type": "array", "items": {"type": "object", "properties": {"form": TEXT}}}


def seen(value: str, role: str, *, accepted: bool) -> Observation:
    verdict = Verdict.ACCEPTED if accepted else Verdict.REJECTED
    exchange = Exchange(Request("POST", "/things"), Response(201 if accepted else 400))
    return Observation(
        operation().id,
        Kind.REPLACE,
        verdict,
        FieldKey(Place.BODY, "lines[].form"),
        value=value,
        rejection=None if accepted else Rejection.VALIDATION,
        confirmed=True,
        evidence=(Evidence("probe", exchange, verdict),),
        detail={"role": role, "witness": "tablet"},
    )


@pytest.mark.parametrize(("known", "told"), [({"lines": LINES}, True), ({"name": TEXT}, False)])
def test_of_what_is_not_documented_at_all_no_member_is_told(
    known: dict[str, Any], told: bool
) -> None:
    observed = (
        seen("tablet", "candidate", accepted=True),
        seen("drop", "candidate", accepted=True),
        *(seen(text, "nonsense", accepted=False) for text in ("zqccbkcb", "zqavjm")),
        seen("cable", "candidate", accepted=False),
    )
    documented = operation({"type": "object", "properties": known})
    case = Case(documented.id, ObservedContract(documented.id, observed), documented)
    assert bool(list(EnumUndocumented().check(case))) is told
