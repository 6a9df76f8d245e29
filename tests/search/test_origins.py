"""Prerequisites made otherwise, in the order in which they are tried."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from documented import operation

from checker.domain.exchange import Call
from checker.domain.operation import OperationId
from checker.domain.workflow import Step
from checker.planning.item_kinds import made_otherwise
from checker.search.moves.entries import other_entries
from checker.search.moves.origins import of_named_kinds

MAKE = OperationId("POST", "/jobs")
PEERS = {"type": "array", "items": {"type": "string"}, "description": "For a relay: IP addresses."}
FIELDS = {
    "kind": {"type": "string", "enum": ["plain", "relay", "both"]},
    "status": {"type": "string", "enum": ["open", "shut"]},
    "note": {"type": "string"},
    "peers": PEERS,
}
CREATION = operation({"type": "object", "properties": FIELDS}, id=MAKE)
BODY = {"kind": "plain", "status": "open", "note": "n"}
STEPS = (
    Step("list", "GET", "/areas", extract={"area": "$[0].id"}),
    Step("make", "POST", "/jobs", body=BODY, operation=MAKE, extract={"job": "$.id"}),
)
CALL = Call(OperationId("PUT", "/jobs/{id}/run"), path={"id": "{{job}}"}, query={"a": "{{area}}"})


def bodies(found: Any) -> list[Any]:
    return [steps[1].body for steps in found]


def test_another_status() -> None:
    found = made_otherwise(STEPS, {"job"}, [CREATION])
    assert next(step.body for _, step in found) == {**BODY, "status": "shut"}


def test_a_flag_the_other_way_round_before_larger_sets() -> None:
    fields = {
        **FIELDS,
        "loud": {"type": "boolean"},
        "plan": {"properties": {"a": {"enum": [1, 2]}}},
        "many": {"type": "string", "enum": [*"abcdefgh"]},
    }
    creation = operation({"type": "object", "properties": fields}, id=MAKE)
    steps = (replace(STEPS[1], body={**BODY, "loud": False, "plan": {"a": 1}}),)
    found = [step.body for _, step in made_otherwise(steps, {"job"}, [creation], flags=True)]
    assert [b["status"] for b in found].index("shut") == 0
    assert (found[1]["loud"], found[2]["plan"]) == (True, {"a": 2})
    assert [b["kind"] for b in found[3:]] == ["relay", "both"]
    plain = [step.body for _, step in made_otherwise(steps, {"job"}, [creation])]
    assert not any(b["loud"] or b["plan"] != {"a": 1} for b in plain)


def test_a_kind_that_words_name() -> None:
    lean = {MAKE: Call(MAKE, body={"kind": "plain", "note": "n"})}
    words = "Fails for jobs that are no Relay."
    found = bodies(of_named_kinds(CALL, STEPS, [CREATION], words, lean, random.Random(1)))
    assert found[0] == {**BODY, "kind": "relay"}
    (peer,) = found[1].pop("peers")
    assert peer.startswith("192.0.2.")
    assert found[1:3] == [{"kind": "relay", "note": "n"}] * 2
    assert {"kind": "relay"} in found


def test_nothing_is_made_otherwise_where_nothing_is_named_or_used() -> None:
    rng = random.Random(1)
    assert not list(of_named_kinds(CALL, STEPS, [CREATION], "Fails.", {}, rng))
    other = Call(CALL.operation, path={"id": "7"})
    assert not list(of_named_kinds(other, STEPS, [CREATION], "no relay", {}, rng))
    assert not list(other_entries(other, STEPS, {}))


def test_other_entries_of_a_list() -> None:
    found = [steps[0].extract["area"] for steps in other_entries(CALL, STEPS, {})]
    assert found == ["$[1].id", "$[2].id"]
