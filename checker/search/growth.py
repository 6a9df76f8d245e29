"""The growth of an accepted request: as many of the known fields as it bears."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from checker.domain.exchange import Call
from checker.domain.observation import Rejection
from checker.domain.operation import SAFE_METHODS, Field, FieldKey, Operation, Place
from checker.domain.schema import MISSING
from checker.planning import edits
from checker.planning.values import Generator
from checker.planning.variation import free_form
from checker.probing.bench import created_identifier
from checker.probing.freshness import varied
from checker.probing.trial import Answer, Trial

BUDGET = 8
MAX_BUDGET = 24
"""Requests: so many and one for each field, up to the most."""
INNER_BUDGET = 12
"""Requests for the members of objects that are refused as a whole."""
DOUBTS = 3
"""So often what was added changes, too, before it is believed to be in nobody's way."""
MAX_DEPTH = 6

_GONE = (Rejection.ABSENCE, Rejection.CONFLICT)
Addition = tuple[FieldKey, Any]


class Growth:
    """Adds missing fields to an accepted request: all at once, then in halves; the members of
    an object that is refused as a whole one by one.

    `bound` are values that other operations gave.
    """

    def __init__(
        self,
        trial: Trial,
        accepted: Answer,
        generator: Generator,
        bound: Mapping[FieldKey, Any],
    ) -> None:
        self.trial = trial
        self.first = accepted
        self.best = accepted
        self._generator = generator
        self._bound = bound
        self._budget = 0
        self._literals = dict.fromkeys(free_form(accepted.call, trial.operation), False)
        self._later: dict[FieldKey, bool] = {}
        """Texts that were added since, and need not change as far as is known."""
        self._doubts = DOUBTS
        self._changing = False
        self._asked = False
        self._looked = False
        self._anew = False
        self._headers: dict[FieldKey, bool] = {}
        self._refused: list[Addition] = []

    async def run(self) -> Answer:
        """The answer to the fullest request that was accepted."""
        missing = list(self.missing())
        self._budget = min(BUDGET + len(missing), MAX_BUDGET)
        await self._add(missing)
        self._budget = INNER_BUDGET
        waiting, self._refused = self._refused, []
        while waiting:
            key, value = waiting.pop(0)
            if any(self._members(key, value)):
                await self._inside(key, value)
                waiting, self._refused = [*self._refused, *waiting], []
        return self.best

    def missing(self) -> Iterator[Addition]:
        """The outermost fields that the request lacks, with documented values."""
        operation, call = self.trial.operation, self.first.call
        fields = {k: f for k, f in operation.fields.items() if _addable(call, f, operation)}
        for key, field in fields.items():
            if any(inside in fields for inside in _around(key)):
                continue
            value = self._generator.value(field.schema, key.leaf)
            if key in self._bound:
                value = [self._bound[key]] if isinstance(value, list) else self._bound[key]
            yield key, value

    def poorer(self, got: Answer) -> bool:
        """Whether a reading shows less than the first one did: that is no growth."""
        before, after = self.first.exchange.response, got.exchange.response
        if not self.trial.operation.id.safe or before is None or after is None:
            return False
        return poorer(before.body, after.body)

    async def _add(self, batch: Sequence[Addition]) -> None:
        if not batch or self._budget <= 0:
            return
        if await self._tried(batch):
            return
        if len(batch) == 1:
            self._refused.append(batch[0])
            return
        middle = len(batch) // 2
        await self._add(batch[:middle])
        await self._add(batch[middle:])

    async def _inside(self, key: FieldKey, value: Any) -> None:
        """Members of a refused object: the required ones together, then the others; those that
        were refused again beside what has been added since."""
        members = list(self._members(key, value))
        fields = self.trial.operation.fields
        needed = [m for m in members if (f := fields.get(m[0])) is not None and f.required]
        if needed and needed != members and not await self._tried(needed):
            return
        before = self.best
        await self._add([m for m in members if m not in needed])
        if self.best is not before and self._refused:
            refused, self._refused = self._refused, []
            await self._add(refused)

    def _members(self, key: FieldKey, value: Any) -> Iterator[Addition]:
        name = key.name
        if isinstance(value, list) and value:
            name, value = name + "[]", value[0]
        if key.place in (Place.BODY, Place.QUERY) and isinstance(value, Mapping):
            for member, inner in value.items():
                inside = FieldKey(key.place, f"{name}.{member}")
                if inside in self.trial.operation.fields:
                    yield inside, inner

    async def _tried(self, batch: Sequence[Addition]) -> bool:
        """Whether the request bears some more fields."""
        if self._budget <= 0:
            return False
        self._budget -= 1
        call = self.best.call
        for key, value in batch:
            call = edits.put(call, key, value)
        got = await (self._sent_changed(call) if self._changing else self._send(call))
        if got is not None and await self._used_up(got):
            got = await (self._sent_changed(call) if self._changing else self._send(call))
        if got is None:
            return False
        if await self._may_repeat(got):
            self._changing = True
            got = await self._sent_changed(call) or got
        if not got.accepted or self.poorer(got):
            return False
        self.best = got
        await self._header_keys()
        return True

    async def _sent_changed(self, call: Call) -> Answer | None:
        """The answer to a call with what changes; where it is refused, with what was added since
        changed, too: that may have to be unique as well."""
        got = await self._send(self._changed(call))
        if got is None or got.accepted or not self._later or not self._doubts:
            return got
        self._doubts -= 1
        before, self._literals = self._literals, {**self._literals, **self._later}
        other = await self._send(self._changed(call))
        if other is not None and other.accepted:
            self._later = {}
            return other
        self._literals = before
        return got

    async def _header_keys(self) -> None:
        """New texts in headers change with each request from now on, where they may: one of
        them can be the request's key, under which another request is refused."""
        every = dict.fromkeys(free_form(self.best.call, self.trial.operation), False)
        known = {*self._literals, *self._later, *self._headers}
        fresh = [k for k in every if k.place is Place.HEADER and k not in known]
        self._later |= {k: v for k, v in every.items() if k not in (*known, *fresh)}
        if fresh and self.first.call.operation.method not in SAFE_METHODS:
            self._headers |= dict.fromkeys(fresh, False)
            got = await self._send(self.best.call)
            if got is None or not got.accepted:
                for key in fresh:
                    del self._headers[key]
            self._literals |= dict.fromkeys(fresh, False)

    async def _used_up(self, got: Answer) -> bool:
        """Whether an accepted request took away what the next one acts on (asked once): then the
        prerequisites run again before each."""
        if self._looked or got.rejection not in _GONE or not self.trial.steps:
            return False
        self._looked = True
        again = await self.trial.send(self.best.call)
        if again is None or again.accepted:
            return False
        again = await self.trial.send(self.best.call, again=True)
        self._anew = again is not None and again.accepted
        return self._anew

    async def _may_repeat(self, got: Answer) -> bool:
        """Whether a second creation met the first one: refused as a duplicate, given back, or
        (maybe, where other values are as good: asked once) refused under the first one's key."""
        if self._changing or not self._literals:
            return False
        if self.first.call.operation.method != "POST" or self.first.exchange.response is None:
            return False
        if got.rejection is Rejection.CONFLICT:
            return True
        if got.rejection is Rejection.VALIDATION and not self._asked:
            self._asked = True
            other = await self._send(self._changed(self.best.call))
            return other is not None and other.accepted
        made = created_identifier(self.first.exchange.response.body)
        again = got.exchange.response
        if not got.accepted or made is MISSING or again is None:
            return False
        return bool(created_identifier(again.body) == made)

    async def _send(self, call: Call) -> Answer | None:
        number = self.trial.account.scope.number()
        changed = varied(call, self._headers, number, self.trial.operation)
        return await self.trial.send(changed, again=self._anew)

    def _changed(self, call: Call) -> Call:
        number = self.trial.account.scope.number()
        return varied(call, self._literals, number, self.trial.operation)


def _addable(call: Call, field: Field, operation: Operation) -> bool:
    key = field.key
    return not (
        key.place is Place.PATH
        or field.schema.read_only
        or field.schema.deprecated
        or field.variant
        or edits.has(call, key)
        or not _reachable(call, key)
        or key.client_header
        or operation.security.carries_credential(key)
    )


def _reachable(call: Call, key: FieldKey) -> bool:
    if key.place is Place.BODY and call.body is MISSING:
        return not key.name.startswith("[]")
    return not (
        "[]" in key.name and not edits.has(call, FieldKey(key.place, key.name.split("[]")[0]))
    )


def _around(key: FieldKey) -> Iterator[FieldKey]:
    """What encloses a field, arrays under their own name, too."""
    parent = key.parent
    while parent is not None:
        yield parent
        parent = parent.parent


def poorer(before: Any, after: Any, depth: int = 0) -> bool:
    """Whether an answer shows less than another: a list that has become empty, a member that is
    gone where nothing has come in its place."""
    if depth > MAX_DEPTH:
        return False
    if isinstance(before, list):
        return bool(before) and not after
    if not isinstance(before, Mapping):
        return False
    if not isinstance(after, Mapping):
        return True
    if before.keys() - after.keys() and not after.keys() - before.keys():
        return True
    return any(poorer(before[n], after[n], depth + 1) for n in before if n in after)
