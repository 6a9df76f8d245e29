from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from documented import POST, operation

from checker.domain.finding import Severity, Verdict
from checker.domain.observation import Kind, Observation, ObservedContract, Rejection
from checker.domain.operation import FieldKey, Place
from checker.drift.rule import Case
from checker.drift.rules.bound_mismatch import BoundMismatch

KEY = FieldKey(Place.BODY, "name")


def probe(size: int, accepted: bool, limit: int, dimension: str, side: str) -> Observation:
    return Observation(
        POST,
        Kind.REPLACE,
        Verdict.ACCEPTED if accepted else Verdict.REJECTED,
        subject=KEY,
        rejection=None if accepted else Rejection.VALIDATION,
        confirmed=True,
        detail={
            "role": "bound",
            "dimension": dimension,
            "side": side,
            "size": size,
            "limit": limit,
        },
    )


def check(schema: dict[str, Any], *probes: Observation) -> list[Any]:
    documented = operation({"type": "object", "properties": {"name": schema}})
    return list(BoundMismatch().check(Case(POST, ObservedContract(POST, probes), documented)))


def both(limit: int, dimension: str = "length", side: str = "max") -> tuple[Observation, ...]:
    past = limit + 1 if side == "max" else limit - 1
    return (
        probe(past, False, limit, dimension, side),
        probe(limit, True, limit, dimension, side),
    )


def test_undocumented() -> None:
    (finding,) = check({"type": "string"}, *both(80))
    assert finding.severity is Severity.MINOR
    assert finding.documented is None
    assert finding.observed == {"maxLength": 80}
    assert finding.issue == (
        "`name`: no `maxLength` is documented, but the server accepts at most 80 characters "
        "(80 accepted, 81 refused)."
    )
    assert finding.patch == (
        {"op": "add", "path": "/schema/properties/name/maxLength", "value": 80},
    )


def test_documented_otherwise() -> None:
    (finding,) = check({"type": "integer", "maximum": 50}, *both(40, "value"))
    assert finding.documented == {"maximum": 50}
    assert finding.observed == {"maximum": 40}


def test_each_side_is_a_finding_of_its_own() -> None:
    findings = check({"type": "string"}, *both(80), *both(2, side="min"))
    assert [f.identity for f in findings] == ["maxLength", "minLength"]


@pytest.mark.parametrize(
    ("schema", "limit", "dimension", "side"),
    [
        ({"type": "string", "maxLength": 80}, 80, "length", "max"),
        ({"type": "integer", "minimum": 0}, 0, "value", "min"),
        ({"type": "array", "minItems": 1}, 1, "items", "min"),
        ({"type": "string", "description": "At most 80 characters."}, 80, "length", "max"),
        ({"type": "string", "description": "Must not be empty."}, 1, "length", "min"),
        ({"type": "integer", "description": "A positive number."}, 1, "value", "min"),
    ],
)
def test_documented_rightly(schema: dict[str, Any], limit: int, dimension: str, side: str) -> None:
    assert check(schema, *both(limit, dimension, side)) == []


def test_one_side_of_the_edge_is_no_proof() -> None:
    over, at = both(80)
    assert check({"type": "string"}, over) == []
    assert check({"type": "string"}, at) == []


def shaped(*tried: tuple[str, bool]) -> list[Observation]:
    """Values of a format, asked of the field whose own value is `ab`."""
    return [
        replace(
            probe(0, accepted, 0, "length", "max"),
            value=value,
            confirmed=True,
            detail={"role": "format", "witness": "ab"},
        )
        for value, accepted in tried
    ]


def test_what_a_format_keeps_from_being_empty_is_told_by_the_format() -> None:
    lower = shaped(("cd", True), ("kv", True), ("CD", False), ("48", False), ("a b", False))
    assert check({"type": "string"}, *lower, *both(1, side="min")) == []
    assert check({"type": "string"}, *lower, *both(2, side="min")) != []
