"""How many entries does a list answer with where nothing says how many?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checker.domain.finding import Evidence, Verdict
from checker.domain.operation import Field, FieldKey, Place
from checker.domain.schema import MISSING
from checker.experiments.base import Context
from checker.experiments.writing import readback
from checker.planning import edits
from checker.planning.edits import Edit
from checker.questions.desk import Desk
from checker.questions.kinds.base import Facts, QuestionKind, sent
from checker.questions.ledger import Reason

MAX_SIZE = 500
MAX_DEPTH = 4


@dataclass(frozen=True, slots=True)
class _Page:
    """An accepted answer: its list by its place in it, what the entries are, and the proof."""

    entries: tuple[str, ...]
    evidence: Evidence


class PageSize(QuestionKind):
    """A number in the query that says how many: left out, the answer is that for one number and
    for no other, each seen twice."""

    name = "page size"
    builds_on = ("query-defaults",)
    rules = ("default-mismatch",)
    worth = 0.5
    held = False

    def applies(self, field: Field, context: Context) -> bool:
        schema, key = field.schema, field.key
        number = "integer" in schema.types or "number" in schema.types
        plain = key.place is Place.QUERY and key.parent is None and not schema.enum
        told = schema.default is not MISSING or field.required
        return (
            context.documented.id.method == "GET" and sent(field) and number and plain and not told
        )

    def decided(self, facts: Facts, field: Field) -> bool:
        return False

    async def ask(self, desk: Desk, fields: Sequence[Field]) -> Reason | None:
        pages = _Pages(desk.context)
        without = await pages.get(edits.unchanged)
        if without is None or not 0 < len(without.entries) < MAX_SIZE:
            return Reason.NOT_OBSERVABLE
        reason: Reason | None = Reason.NOT_OBSERVABLE
        for field in fields:
            proof = await pages.proof(field.key, without)
            if proof is not None:
                size = len(without.entries)
                desk.note(
                    [readback(desk.context, field.key, proof, "default", read=size, how="counted")]
                )
                reason = None
        return reason


class _Pages:
    """The answers of a list without filters."""

    def __init__(self, context: Context) -> None:
        self._context = context
        optional = [
            f.key
            for f in context.documented.parameters
            if f.key.place is Place.QUERY and not f.required
        ]
        self._bare: Edit = edits.removing(*optional)

    async def get(self, edit: Edit) -> _Page | None:
        """The answer to the bare request with an edit; None where it shows no list."""
        _, exchange, verdict, _ = await self._context.lab.sent(edits.chain(self._bare, edit))
        response = exchange.response
        if verdict is not Verdict.ACCEPTED or response is None:
            return None
        entries = _list(response.body)
        if entries is None:
            return None
        texts = tuple(json.dumps(e, sort_keys=True, default=str) for e in entries)
        return _Page(texts, Evidence("probe", exchange, verdict))

    async def proof(self, key: FieldKey, without: _Page) -> tuple[Evidence, ...] | None:
        """What shows that left out it is as if the number of entries were given: one more gives
        one more, one less one less, and that number the same entries; all of it twice."""
        size = len(without.entries)
        shown: list[Evidence] = [without.evidence]
        sizes = [size + 1, size, *([size - 1] if size > 1 else [])]
        for number in range(2):
            again = await self.get(edits.unchanged) if number else without
            if again is None or again.entries != without.entries:
                return None
            for wanted in sizes:
                got = await self.get(edits.putting(key, wanted))
                if got is None or len(got.entries) != wanted:
                    return None
                short = min(wanted, size)
                if got.entries[:short] != without.entries[:short]:
                    return None
                shown.append(got.evidence)
        return tuple(shown)


def _list(body: Any) -> Sequence[Any] | None:
    """The outermost list of an answer; None where there is none, or several side by side."""
    level: list[Any] = [body]
    for _ in range(MAX_DEPTH):
        lists = [n for n in level if isinstance(n, list)]
        if lists:
            return lists[0] if len(lists) == 1 else None
        level = [v for n in level if isinstance(n, Mapping) for v in n.values()]
    return None
