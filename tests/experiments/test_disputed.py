"""What two documents say otherwise is asked twice, so that the answer can decide between them."""

from __future__ import annotations

import asyncio
from typing import Any

from checker.domain.observation import Kind
from checker.domain.operation import FieldKey, Place
from checker.experiments.enumeration import Enumeration
from checker.experiments.required import Required

from .harness import Incoming, lab, operation, run

TEXT = {"type": "string"}
OWN, OLD = ["EUR", "CHF"], ["EUR", "DEM"]
CURRENCY, BUYER = FieldKey(Place.BODY, "currency"), FieldKey(Place.BODY, "buyer_id")


def _document(currencies: list[str], buyer: str) -> Any:
    fields = {"currency": {**TEXT, "enum": currencies}, buyer: TEXT}
    return operation({"type": "object", "properties": fields, "required": [buyer]})


def test_a_renamed_field_and_values_of_one_side_only() -> None:
    def validate(request: Incoming) -> bool:
        body = request.body if isinstance(request.body, dict) else {}
        return "buyer_id" in body and body.get("currency", "EUR") in OWN

    async def go(disputed: bool) -> dict[Any, tuple[bool, bool]]:
        body = {"currency": "EUR", "buyer_id": "b1"}
        async with lab(_document(OWN, "buyer_id"), validate, body) as (context, _):
            context.legacy = [_document(OLD, "buyer")] if disputed else []
            await run(context, Required(), Enumeration())
            return {
                (o.subject, o.value if o.kind is Kind.REPLACE else None): (o.accepted, o.confirmed)
                for o in context.made
                if o.kind in (Kind.REMOVE, Kind.REPLACE)
            }

    seen = asyncio.run(go(True))
    assert seen[BUYER, None] == (False, True)
    assert seen[CURRENCY, "CHF"] == (True, True)
    assert seen[CURRENCY, "DEM"] == (False, True)
    alone = asyncio.run(go(False))
    assert alone[CURRENCY, "CHF"] == (True, False)
