"""Defaults of query parameters: what is answered without one, against what its values give."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checker.domain.exchange import Exchange
from checker.domain.finding import Evidence, Verdict
from checker.domain.numbers import is_number
from checker.domain.observation import Observation
from checker.domain.operation import Field, Operation, Place
from checker.domain.schema import MISSING, json_type
from checker.experiments.base import Context, Experiment
from checker.experiments.writing import readback
from checker.planning import edits
from checker.planning.edits import Edit
from checker.planning.wrong_values import nonsense
from checker.probing.bench import LabBroken

MAX_FIELDS = 8
MAX_VALUES = 6
_SIZES = (10, 20, 25, 50, 100)


@dataclass(frozen=True, slots=True)
class AnswerMembers:
    """An accepted answer: its members by path, and its proof."""

    leaves: Mapping[str, str]
    evidence: Evidence
    sizes: tuple[int, ...]
    """The lengths of its lists, the outermost first."""


class QueryDefaults(Experiment):
    """Reading operations without their optional parameters, and with each at its documented
    default. Where these differ, the value that gives exactly the answer without is looked for.

    Only what is the same in two answers to the same request is compared.
    """

    id = "query-defaults"
    order = 58

    def cost(self, operation: Operation) -> int:
        return 2 + 3 * len(list(_with_defaults(operation)))

    async def run(self, context: Context) -> Iterable[Observation]:
        fields = list(_with_defaults(context.documented))[:MAX_FIELDS]
        if context.documented.id.method != "GET" or not fields:
            return []
        try:
            return await _Comparison(context, fields).observations()
        except LabBroken as error:
            context.lab.broken = context.lab.broken or error.message
            return []


class _Comparison:
    """The answers of one operation, each asked for as often as it is needed."""

    def __init__(self, context: Context, fields: Sequence[Field]) -> None:
        self._context = context
        self._fields = fields
        optional = [
            f.key
            for f in context.documented.parameters
            if f.key.place is Place.QUERY and not f.required
        ]
        # Filters would leave too little to tell a page by.
        self._bare: Edit = edits.removing(*optional)

    async def observations(self) -> list[Observation]:
        """What the server uses where a documented default is left out, if it is another."""
        every = edits.chain(*(edits.putting(f.key, f.schema.default) for f in self._fields))
        without = await self._answer(edits.unchanged)
        whole = await self._answer(every) if without is not None else None
        if without is None or (whole is not None and whole.leaves == without.leaves):
            return []
        out = []
        for field in self._fields:
            seen = await self._field(field, without)
            if seen is not None:
                out.append(seen)
        return out

    async def _field(self, field: Field, without: AnswerMembers) -> Observation | None:
        key, default = field.key, field.schema.default
        documented = await self._answer(edits.putting(key, default))
        if documented is None:
            return None
        steady = await self._steady(without, edits.unchanged)
        if not self._differ(without, documented, steady, field):
            return None
        if not is_number(default) and _empties(without, documented):
            return None  # nothing there for the default: without it there may be no filter at all
        match = None
        for value in _values(self._context, field, without)[:MAX_VALUES]:
            got = await self._answer(edits.putting(key, value))
            if got is None or self._differ(without, got, steady, field):
                continue
            if match is not None:
                return None  # two values give it: which of them is used can't be told
            match = (value, got)
        if match is None:
            return None
        return await self._proof(field, without, documented, match, steady)

    async def _proof(
        self,
        field: Field,
        without: AnswerMembers,
        documented: AnswerMembers,
        match: tuple[Any, AnswerMembers],
        steady: frozenset[str],
    ) -> Observation | None:
        """All three once more; a size also needs one more than it to give another answer."""
        key, (value, same) = field.key, match
        if json_type(value) in ("integer", "number"):
            beside = await self._answer(edits.putting(key, value + 1))
            if beside is None or not self._differ(without, beside, steady, field):
                return None
        elif not field.schema.enum and not isinstance(value, bool):
            # Any value may do as none: then this one needn't be known to the server.
            rng = self._context.bench.rng("default", self._context.documented.id, key)
            strange = await self._answer(edits.putting(key, nonsense(rng)[0]))
            if strange is not None and not self._differ(without, strange, steady, field):
                return None
        again = [
            await self._answer(edit)
            for edit in (
                edits.unchanged,
                edits.putting(key, field.schema.default),
                edits.putting(key, value),
            )
        ]
        if any(a is None for a in again):
            return None
        bare, wrong, right = again
        assert bare is not None and wrong is not None and right is not None
        # What has changed since (a count that grows) tells nothing; a list that does, too much.
        steady &= _agreeing(without, bare)
        if without.sizes != bare.sizes or self._differ(bare, right, steady, field):
            return None
        if not self._differ(bare, wrong, steady, field):
            return None
        shown = (without, documented, same, bare, wrong, right)
        return readback(
            self._context,
            key,
            tuple(a.evidence for a in shown),
            "default",
            field.schema.default,
            read=value,
            how="compared",
        )

    async def _answer(self, edit: Edit) -> AnswerMembers | None:
        """An accepted answer in JSON to the bare request with an edit."""
        _, exchange, verdict, _ = await self._context.lab.sent(edits.chain(self._bare, edit))
        response = exchange.response
        if verdict is not Verdict.ACCEPTED or response is None or response.body is MISSING:
            return None
        return AnswerMembers(
            dict(_leaves(response.body, "")), _evidence(exchange), tuple(_sizes(response.body))
        )

    async def _steady(self, first: AnswerMembers, edit: Edit) -> frozenset[str]:
        """The paths at which two answers to the same request agree."""
        second = await self._answer(edit)
        return frozenset() if second is None else _agreeing(first, second)

    @staticmethod
    def _differ(
        one: AnswerMembers, other: AnswerMembers, steady: frozenset[str], field: Field
    ) -> bool:
        """Whether two answers differ in what is steady; addresses that repeat the request's
        own parameters aside."""
        name = f"{field.key.name}="
        volatile = {*one.leaves} - steady
        for path in {**one.leaves, **other.leaves}:
            mine, theirs = one.leaves.get(path), other.leaves.get(path)
            if mine == theirs or path in volatile:
                continue
            if any(name in text for text in (mine, theirs) if text is not None):
                continue
            return True
        return False


def _agreeing(one: AnswerMembers, other: AnswerMembers) -> frozenset[str]:
    """The paths at which two answers agree."""
    paths = {**one.leaves, **other.leaves}
    return frozenset(p for p in paths if one.leaves.get(p) == other.leaves.get(p))


def _with_defaults(operation: Operation) -> Iterator[Field]:
    for field in operation.parameters:
        schema = field.schema
        if field.key.place is not Place.QUERY or field.required or field.key.parent is not None:
            continue
        if schema.default in (MISSING, None) or isinstance(schema.default, (dict, list)):
            continue
        yield field


def _values(context: Context, field: Field, without: AnswerMembers) -> list[Any]:
    """Other values than the documented default, the likeliest first."""
    schema, default = field.schema, field.schema.default
    if schema.enum:
        values: list[Any] = [v for v in schema.enum if v is not None]
    elif isinstance(default, bool):
        values = [not default]
    elif isinstance(default, (int, float)):
        values = [*(n for n in without.sizes if n), 0, 1, *_SIZES]
    else:
        values = [
            v
            for v in context.candidates.of(context.documented, field)
            if json_type(v) == json_type(default)
        ]
    return [v for v in dict.fromkeys(values) if v != default]


def _evidence(exchange: Exchange) -> Evidence:
    return Evidence("probe", exchange, Verdict.ACCEPTED)


def _leaves(node: Any, path: str) -> Iterator[tuple[str, str]]:
    """The scalar members of an answer by their paths; empty containers are members too."""
    if isinstance(node, Mapping) and node:
        for name, value in node.items():
            yield from _leaves(value, f"{path}.{name}")
    elif isinstance(node, list) and node:
        for number, value in enumerate(node):
            yield from _leaves(value, f"{path}[{number}]")
    else:
        yield path, json.dumps(node, sort_keys=True, default=str)


def _sizes(node: Any, depth: int = 0) -> Iterator[int]:
    if isinstance(node, list):
        yield len(node)
    elif isinstance(node, Mapping) and depth < 3:
        for value in node.values():
            yield from _sizes(value, depth + 1)


def _empties(without: AnswerMembers, documented: AnswerMembers) -> bool:
    """Whether nothing is there for a value where something is without it."""
    pairs = zip(without.sizes, documented.sizes, strict=False)
    return any(mine and not theirs for mine, theirs in pairs)
