"""`enum-undocumented`: a closed set of values, told where its field is documented."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from documented import operation
from observed import replaced

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.finding import Evidence, Verdict
from checker.domain.observation import Observation, ObservedContract
from checker.domain.operation import FieldKey, OperationId, Place
from checker.drift.rule import Case
from checker.drift.rules.enum_undocumented import EnumUndocumented

TEXT = {"type": "string"}
LINES = {"type": "array", "items": {"type": "object", "properties": {"form": TEXT}}}


def seen(value: str, role: str, *, accepted: bool, **detail: Any) -> Observation:
    key = FieldKey(Place.BODY, "lines[].form")
    return replaced(key, value, role, accepted=accepted, witness="tablet", **detail)


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


def test_values_that_were_guessed_are_told_as_a_part() -> None:
    observed = (
        seen("tablet", "candidate", accepted=True),
        seen("drop", "candidate", accepted=True, guessed=True),
        *(seen(text, "nonsense", accepted=False) for text in ("zqccbkcb", "zqavjm")),
        seen("cable", "candidate", accepted=False),
    )
    documented = operation({"type": "object", "properties": {"lines": LINES}})
    case = Case(documented.id, ObservedContract(documented.id, observed), documented)
    (found,) = EnumUndocumented().check(case)
    assert "only some of the usual names were tried, so this list isn't complete" in (
        found.suggested_fix
    )
    assert found.patch == () and found.words is not None
    assert found.words.own == "Accepts certain values only, `tablet` and `drop` among them."


def test_a_set_of_which_one_value_is_known_is_no_enum() -> None:
    observed = (
        *(seen(text, "nonsense", accepted=False) for text in ("zqccbkcb", "zqavjm")),
        *(seen(text, "lookalike", accepted=False) for text in ("tabled", "tablex", "tablez")),
        seen("tablet", "candidate", accepted=True),
    )
    documented = operation({"type": "object", "properties": {"lines": LINES}})
    case = Case(documented.id, ObservedContract(documented.id, observed), documented)
    (found,) = EnumUndocumented().check(case)
    assert found.observed == ["tablet"]
    assert found.patch == () and found.words is not None


@pytest.mark.parametrize("place", [Place.PATH, Place.QUERY])
def test_the_working_requests_own_value_is_one_of_the_set(place: Place) -> None:
    key, own = FieldKey(place, "period"), "last week"
    id = OperationId("GET", "/stats/{period}" if place is Place.PATH else "/stats")
    path = f"/stats/{quote(own)}" if place is Place.PATH else "/stats"
    query = () if place is Place.PATH else (("period", own),)
    control = Exchange(Request("GET", path, query, operation=id), Response(200))
    observed = (
        *(replaced(key, text, "nonsense", accepted=False, id=id) for text in ("zqab", "zqcd")),
        replaced(key, "month", "candidate", accepted=True, id=id),
    )
    observed = tuple(
        replace(o, evidence=(Evidence("control", control, Verdict.ACCEPTED), *o.evidence))
        for o in observed
    )
    case = Case(id, ObservedContract(id, observed), operation({}, id=id))
    (found,) = EnumUndocumented().check(case)
    assert found.observed == [own, "month"]
