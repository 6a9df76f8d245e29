"""Requests mended where refusals say nothing: by what other places document under the same
names, and by moving what the request refers to once it is well-formed."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from documented import operation
from open_gate import open_gate

from checker.domain.operation import Operation, OperationId
from checker.domain.portal import Portal
from checker.planning.candidates import Candidates
from checker.planning.namesakes import Namesakes
from checker.probing.bench import Bench
from checker.probing.http import Wire
from checker.probing.trial import NoWitness, Witness
from checker.search.solver import Solver
from checker.settings import Settings, Target

from .harness import Incoming, Validate, serving

TEXT = {"type": "string"}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def found(validate: Validate, wanted: Operation, *others: Operation) -> tuple[Any, int]:
    """What the search finds, and after how many requests."""

    async def go() -> tuple[Witness | NoWitness, int]:
        async with serving(validate) as server:
            target = Target(base_url=server.url)
            async with Wire(target, open_gate(), max_requests=300) as wire:
                bench = Bench(wire=wire, target=target, settings=Settings(targets=(target,)))
                candidates = Candidates(Portal())
                candidates.namesakes = Namesakes([wanted, *others])
                search = Solver(bench, [wanted, *others], {}, candidates)
                return await search.find(wanted), len(server.requests)

    return asyncio.run(go())


def test_several_fields_are_written_as_elsewhere_at_once() -> None:
    days = {"type": "array", "items": {"type": "string", "enum": ["mo", "tu"]}}
    wanted = operation(
        _object(name=TEXT, span=_object(begin=TEXT, finish=TEXT), days=TEXT, note=TEXT),
        id=OperationId("POST", "/plans"),
    )
    plan = _object(
        span=_object(
            begin={**TEXT, "format": "date"}, finish={**TEXT, "pattern": r"^Q[1-4]/\d{4}$"}
        ),
        days=days,
    )
    elsewhere = operation(_object(plan=plan), id=OperationId("PATCH", "/plans/{id}"))

    def validate(request: Incoming) -> bool | int:
        body = request.body if isinstance(request.body, dict) else {}
        span, listed = body.get("span"), body.get("days")
        if request.method != "POST" or not isinstance(span, dict):
            return 400
        good = (
            re.fullmatch(r"\d{4}-\d\d-\d\d", str(span.get("begin")))
            and re.fullmatch(r"Q[1-4]/\d{4}", str(span.get("finish")))
            and isinstance(listed, list)
            and bool(listed)
            and set(listed) <= {"mo", "tu"}
        )
        return bool(good) or 400

    witness, requests = found(validate, wanted, elsewhere)
    assert isinstance(witness, Witness), witness
    assert requests < 40


def test_what_a_well_formed_request_refers_to_is_moved() -> None:
    order = operation(_object(name=TEXT), id=OperationId("POST", "/orders"))
    issue = operation(None, id=OperationId("POST", "/orders/{orderId}/issue"))
    payment = operation(
        _object(order_id=TEXT, amount={"type": "object"}, way=TEXT, mark=TEXT, place=TEXT),
        id=OperationId("POST", "/payments"),
    )
    made: list[str] = []
    issued: list[str] = []
    seen: list[Incoming] = []

    def validate(request: Incoming) -> bool | int:
        seen.append(request)
        parts = request.path.strip("/").split("/")
        if parts == ["orders"]:
            made.append(f"t{len(seen)}")
            return True
        if parts[0] == "orders" and parts[-1] == "issue":
            issued.append(parts[1])
            return parts[1] in made or 404
        body = request.body if isinstance(request.body, dict) else {}
        if body.get("order_id") not in made or not isinstance(body.get("amount"), int):
            return 400
        return body["order_id"] in issued or 409

    witness, _ = found(validate, payment, order, issue)
    assert isinstance(witness, Witness), witness
    assert any(s.path.endswith("/issue") for s in witness.recipe.steps)
