"""Borrowing: what was there is changed by probes only where it can be written back, and is.

Read, write back unchanged, read again: only where that is accepted and changes nothing is the
thing lent. Afterwards it is written back and read once more; what differs then is reported, and so
is what an interruption left unread.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from checker.domain.exchange import Call, Exchange, Request
from checker.domain.operation import FieldKey, Operation, OperationId, Place
from checker.domain.schema import MISSING, Schema
from checker.pipeline.advice import by_hand
from checker.planning import edits
from checker.planning.encoding import build_request
from checker.planning.markup import content_of
from checker.planning.recipe import match_path
from checker.probing.bench import Bench
from checker.probing.trial import NoWitness
from checker.safety.effects import Effect
from checker.safety.gate import Gate
from checker.search.solver import Solver

MAX_DEPTH = 5
TRIES = 2
Keep = Callable[[str, OperationId, str], None]
_MASKS = frozenset("*•●xX.")
LEAST_MASK = 3


def untold(event: str, operation: OperationId, path: str) -> None:
    """Where nothing is kept of loans."""


@dataclass(frozen=True, slots=True)
class Loan:
    """A borrowed thing: how to read it and to write it back, and what it was."""

    operation: Operation
    reading: Request
    writing: Request
    was: Any
    restless: frozenset[str] = frozenset()
    """Members that change with every write."""


@dataclass(slots=True)
class Borrower:
    """Lends things of others to one operation at a time and writes them back.

    `keep` is told, with the operation and the path, that a thing is "lent" before it is written
    to first, and that it is "restored" once it is seen to be as it was.
    """

    bench: Bench
    gate: Gate
    search: Solver
    keep: Keep = untold
    lines: list[str] = field(default_factory=list)
    """What could not be restored, and what was."""

    def wanted(self, operation: Operation) -> bool:
        """Whether an operation changes what can't be own: a singleton, or a thing that no
        operation makes."""
        if not self.gate.policy.borrow or operation.id.method not in ("PUT", "PATCH"):
            return False
        effect = self.gate.assessor.assess(operation).effect
        if effect is Effect.SINGLETON:
            return True
        head, _, last = operation.id.path.rstrip("/").rpartition("/")
        alone = effect is Effect.CHANGES and last.startswith("{")
        return alone and not self.gate.assessor.can_make(head)

    async def borrow(self, operation: Operation) -> Loan | str:
        """A loan, or why there is none. Nothing was changed then."""
        reader = self.gate.operations.get(OperationId("GET", operation.id.path))
        if reader is None:
            return "it can't be borrowed: nothing reads it"
        found = await self.search.find(reader)
        if isinstance(found, NoWitness):
            return f"it can't be borrowed: reading it failed ({found.reason})"
        reading = found.exchange.request
        was = content_of(found.exchange.response)
        call = written_back(operation, was, reading, found.recipe.call.token)
        if isinstance(call, str):
            return f"it can't be borrowed: {call}"
        writing = build_request(call, operation)
        self.gate.lent.add(writing.url_path)
        self.keep("lent", operation.id, writing.url_path)
        loan = Loan(operation, reading, writing, was)
        try:
            return await self._tried(loan)
        except BaseException:
            self._unread(loan)
            raise

    async def _tried(self, loan: Loan) -> Loan | str:
        """Write back unchanged: accepted, and nothing but what changes by itself has changed?"""
        answer = await self._send(loan.writing)
        now = content_of((await self._send(loan.reading)).response)
        status = answer.response.status if answer.response is not None else None
        different = differences(loan.was, now)
        class_ = (status or 0) // 100
        if class_ != 2:
            if class_ == 4 or not different:
                self._close(loan, restored=True)
            else:
                self._unread(loan)
            return f"it can't be borrowed: written back unchanged it is answered {status or 'not'}"
        sent = {k.leaf for k in edits.present_fields(_call_of(loan))}
        lost = sorted(d for d in different if d.rpartition(".")[2] in sent)
        if lost:
            self._close(loan, restored=False)
            self.lines.append(f"{loan.operation.id}: writing it back unchanged changed {lost[0]}")
            return f"it can't be borrowed: writing it back unchanged changes {lost[0]}"
        return Loan(loan.operation, loan.reading, loan.writing, loan.was, frozenset(different))

    async def give_back(self, loan: Loan) -> None:
        """Write back and read again; what couldn't be restored, or wasn't read in the end, is
        kept in `lines`."""
        left: list[str] = []
        try:
            for _ in range(TRIES):
                await self._send(loan.writing)
                now = content_of((await self._send(loan.reading)).response)
                left = sorted(differences(loan.was, now) - loan.restless)
                if not left:
                    break
        except BaseException:
            self._unread(loan)
            raise
        self._close(loan, restored=not left)
        if left:
            names = ", ".join(left[:5])
            self.lines.append(f"{loan.operation.id}: borrowed and could not be restored: {names}")

    def _unread(self, loan: Loan) -> None:
        """Something ended the loan before it was seen how the thing is now."""
        self._close(loan, restored=False)
        self.lines.append(by_hand(loan.operation.id, loan.writing.url_path))

    def _close(self, loan: Loan, *, restored: bool) -> None:
        self.gate.lent.discard(loan.writing.url_path)
        if restored:
            self.keep("restored", loan.operation.id, loan.writing.url_path)

    async def _send(self, request: Request) -> Exchange:
        transport = self.bench.transport_of(request.account)
        return await transport.send(replace(request, purpose="clean-up"))


def written_back(operation: Operation, was: Any, reading: Request, token: str | None) -> Call | str:
    """The call that writes a thing as it was read, or why there is none."""
    fields = _own_fields(operation)
    if not fields:
        return "its body isn't documented"
    shown = _thing(was, {key.leaf for key in fields})
    if shown is None:
        return "what is read is no object with the fields that are written"
    path = match_path(operation.id.path, reading.url_path) or {}
    call = Call(operation.id, path=path, token=token, base=reading.base)
    for key, schema_secret in fields.items():
        value = shown.get(key.leaf, MISSING)
        if value is MISSING:
            return f"{key.leaf} is written and not shown"
        if schema_secret or _masked(value):
            return f"{key.leaf} is a secret"
        call = edits.put(call, key, value)
    return call


def _is_secret(schema: Schema) -> bool:
    return schema.write_only or schema.format == "password"


def _own_fields(operation: Operation) -> dict[FieldKey, bool]:
    """The body's fields at the top, or in the only object that wraps them; whether each is a
    secret."""
    body = {
        k: f for k, f in operation.fields.items() if k.place is Place.BODY and "[]" not in k.name
    }
    top = [k for k in body if "." not in k.name]
    wraps = len(top) == 1 and top[0] in {k.parent for k in body}
    parent = top[0] if wraps else None
    return {
        k: _is_secret(f.schema)
        for k, f in body.items()
        if k.name and k.parent == parent and not f.schema.read_only
    }


def _thing(node: Any, names: set[str], depth: int = 0) -> Mapping[str, Any] | None:
    """The shallowest object in an answer that has most of the names."""
    if depth > MAX_DEPTH or not isinstance(node, Mapping):
        return None
    if 2 * len(names & set(node)) > len(names):
        return node
    for value in node.values():
        found = _thing(value, names, depth + 1)
        if found is not None:
            return found
    return None


def _masked(value: Any) -> bool:
    """Whether a text hides what it stands for: written back, it would replace the secret."""
    if not isinstance(value, str) or len(value) < LEAST_MASK:
        return False
    tail = value[:LEAST_MASK] if value[:1] in _MASKS else value[-LEAST_MASK:]
    return len(set(tail)) == 1 and tail[0] in _MASKS


def differences(one: Any, other: Any, path: str = "$") -> set[str]:
    """The places at which two JSON values differ."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        found: set[str] = set()
        for name in {**one, **other}:
            found |= differences(one.get(name, MISSING), other.get(name, MISSING), f"{path}.{name}")
        return found
    return set() if one == other and type(one) is type(other) else {path}


def _call_of(loan: Loan) -> Call:
    body = json.loads(loan.writing.content or b"null")
    return Call(loan.operation.id, body=body)
