"""Which texts of a witness change from one request to the next."""

from __future__ import annotations

import asyncio

import pytest

from .harness import Incoming, lab, operation

PROPERTIES = {"name": {"type": "string"}, "country": {"type": "string", "pattern": "^[A-Z]{2}$"}}


@pytest.mark.parametrize("unique", ["", "name", "country"])
def test_texts_too_short_to_be_anybodys_stay_where_they_may(unique: str) -> None:
    """What is made by requests that differ in long texts alone is known to be new."""
    sent: list[dict[str, str]] = []

    def once(request: Incoming) -> bool:
        taken = unique and any(b[unique] == request.body[unique] for b in sent)
        if not taken:
            sent.append(request.body)
        return not taken

    documented = operation({"type": "object", "properties": PROPERTIES})

    async def go() -> None:
        body = {"name": "harbour", "country": "JS"}
        async with lab(documented, once, body, vary=True) as (context, _):
            for _ in range(3):
                assert await context.lab.control()

    asyncio.run(go())
    names, countries = ([b[key] for b in sent][-3:] for key in ("name", "country"))
    assert len(set(countries)) == (3 if unique == "country" else 1)
    assert len(set(names)) == 3
