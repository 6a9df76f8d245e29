"""Requests to begin with, before any answer is there: recorded, documented, generated ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from checker.domain.exchange import Call
from checker.domain.operation import FieldKey, Operation, OperationId, Place
from checker.domain.schema import MISSING
from checker.planning import edits
from checker.planning.documented_calls import documented_calls
from checker.probing.bench import Bench

if TYPE_CHECKING:
    from checker.search.solver import CallSource

GENERATED = 4
_FIRST = {"recording": 0, "example": 1}
Sourced = tuple[str, Call]


@dataclass(frozen=True, slots=True)
class Blind:
    """Gives an operation's first requests.

    `legacy` are older documents' operations, `recorded` calls from recordings, both by
    operation; `fuzzer` generates further calls.
    """

    bench: Bench
    legacy: Mapping[OperationId, Sequence[Operation]]
    recorded: Mapping[OperationId, Sequence[Call]]
    fuzzer: CallSource | None

    def calls(
        self,
        operation: Operation,
        bound: Mapping[FieldKey, Any],
        tokens: Sequence[str | None],
    ) -> Iterator[Sourced]:
        """(where a call comes from, the call): recorded ones, documented examples, the smallest
        one, everything, then the others."""
        ready = list(self._documented(operation, bound, tokens))
        bare = all(call.body is MISSING for _, call in ready)
        made = [p for p in ready if p[0] not in _FIRST and (bare or p[1].body is not MISSING)]
        lean = min(made, key=lambda p: len(list(edits.present_fields(p[1]))), default=None)
        yield from (p for p in ready if p[0] in _FIRST)
        if lean is not None:
            yield lean
        yield from (p for p in ready if p[0] not in _FIRST and p is not lean)
        for base in self.fuzzer.generate(operation, GENERATED) if self.fuzzer is not None else ():
            token = tokens[0] if tokens else None
            yield "generated", with_bound(replace(base, token=token), bound)

    def _documented(
        self,
        operation: Operation,
        bound: Mapping[FieldKey, Any],
        tokens: Sequence[str | None],
    ) -> Iterator[Sourced]:
        token = tokens[0] if tokens else None
        seen: list[Call] = []
        for call in self.recorded.get(operation.id, ()):
            yield "recording", call
        legacy = list(self.legacy.get(operation.id, ()))
        for source, base in documented_calls(operation, legacy, self.bench.rng, token):
            call = with_bound(base, bound)
            if call not in seen:
                seen.append(call)
                yield source, call


def with_bound(call: Call, bound: Mapping[FieldKey, Any]) -> Call:
    """The call with the identifiers that other operations give."""
    for key, value in bound.items():
        if key.place is Place.PATH:
            call = replace(call, path={**call.path, key.name: value})
        elif edits.has(call, key):
            present = edits.get(call, key)
            call = edits.put(call, key, [value] if isinstance(present, list) else value)
    return call
