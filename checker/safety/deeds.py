"""What the requests that were sent have made, changed and deleted. Pure."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

from checker.domain.exchange import Exchange, Request
from checker.domain.operation import Operation, OperationId
from checker.domain.schema import Schema
from checker.planning.producers import noun_of
from checker.safety.assessor import Assessor
from checker.safety.brought import body_of
from checker.safety.claims import Claims, placed
from checker.safety.contents import named_scalars, references
from checker.safety.effects import Effect
from checker.safety.ownership import Ledger
from checker.safety.things import made_up
from checker.safety.wording import proofs_among

KEPT_ANSWERS = 100
"""Of one collection's creations, for steps to use again."""


@dataclass(slots=True)
class Deeds:
    """Notes in the ledger what accepted requests did, by the effects of their operations.

    `lent` are the paths of foreign things that are borrowed.
    """

    ledger: Ledger
    assessor: Assessor
    claims: Claims
    lent: set[str]
    makers: frozenset[OperationId] = frozenset()
    """Operations from whose answers a record takes an identifier."""
    refused: Counter[OperationId] = field(default_factory=Counter)
    """Requests of an operation that were refused in a row."""
    _credulous: set[OperationId] = field(default_factory=set)
    """Operations that took a name and a proof which this run had made up: they check none."""
    _made: dict[str, deque[Exchange]] = field(default_factory=dict)
    _taken: Counter[int] = field(default_factory=Counter)
    """How often each of those was used again."""

    def creates(self, operation: Operation) -> bool:
        """Whether an operation makes things in the collection at its path."""
        named = operation.id.path.rstrip("/").endswith("}")
        return not named and self.assessor.assess(operation).route is Effect.CREATES

    def note_effect(self, exchange: Exchange, operation: Operation) -> None:
        """Note what an accepted request made, changed or deleted."""
        request, response = exchange.request, exchange.response
        assert response is not None
        self.refused[operation.id] = 0
        if self._proves_nothing(request, operation):
            self._credulous.add(operation.id)
        effect = self.assessor.assess(operation).route
        thing = self.claims.target(request, operation)
        named = operation.id.path.rstrip("/").endswith("}")
        if effect is Effect.DELETES or operation.id.method == "DELETE":
            if thing is not None and (named or "{" not in operation.id.path):
                self.ledger.note_gone(thing)
        elif effect is Effect.CREATES and not named:
            sure = response.status == 201 and self._fills(request, operation)
            # A record that takes an identifier from the answer says that this creates.
            said = request.purpose == "step" and operation.id in self.makers
            self.ledger.note_made(
                exchange.number, request, response, operation.id, sure=sure, said=said
            )
            kept = self._made.setdefault(request.url_path, deque(maxlen=KEPT_ANSWERS))
            kept.append(exchange)
        elif effect in (Effect.CREATES, Effect.CHANGES):
            if thing is not None:
                self.ledger.note_changed(thing, exchange.number, request, response)
                inside = not named and operation.id.method == "POST"
                if inside and self.ledger.refers_elsewhere(body_of(request)):
                    thing.holds = True
                posted = named and operation.id.method == "POST" and response.status == 201
                if posted and self._fills(request, operation):
                    self.ledger.note_beside(thing, exchange.number, request, response, operation.id)
            elif named and request.url_path not in self.lent:
                self._note_named(exchange, operation)

    def checks_none(self, request: Request, operation: Operation) -> bool:
        """Whether a request's name and proof are made up, and the operation has taken such ones:
        nobody's account is locked by them. One that makes an account of what it doesn't know may
        still check those that it does."""
        return operation.id in self._credulous and self._proves_nothing(request, operation)

    def _proves_nothing(self, request: Request, operation: Operation) -> bool:
        """Whether a request has a name and a proof, and nobody can have brought them before."""
        carried = dict(named_scalars(request))
        proofs = proofs_among(operation, carried)
        return bool(proofs) and all(self.ledger.coins(carried[name]) for name in proofs)

    def _fills(self, request: Request, operation: Operation) -> bool:
        """Whether a creation can't have answered with what was there: nothing was in an own thing
        before, unless the request brings what may be the name of something elsewhere."""
        if not self.ledger.below_own(request.url_path):
            return False
        others = [(noun_of(n), v) for n, v in references(request) if noun_of(n)]
        if any(self.ledger.own((noun,), value, "") is None for noun, value in others):
            return False
        plain = {k.leaf for k, f in operation.fields.items() if _is_plain(f.schema)}
        texts = (v for n, v in named_scalars(request) if n not in plain)
        return all(self.ledger.is_coined(text) for text in texts)

    def _note_named(self, exchange: Exchange, operation: Operation) -> None:
        """A thing that wasn't there, or is called by a made-up name, is there now."""
        places = list(placed(exchange.request, operation))
        if not places:
            return
        _, value, above, _ = places[-1]
        created = exchange.response is not None and exchange.response.status == 201
        new = made_up(value) or self.claims.is_new_within(above, value)
        if new or self.ledger.absent(above, value) or created:
            thing = self.ledger.note_named(exchange.number, exchange.request, operation.id)
            if thing is not None:
                self.claims.proofs.note_made_at(thing, exchange.request)

    def again(self, request: Request) -> Exchange | None:
        """An earlier creation's exchange, whose thing is there still, for a step that may make
        no more. Nothing is done with one that may not be own, so that is the last choice; one
        with which nothing was done comes first: others may have got into a state of no use. They
        take turns: only so much can be put into each."""
        made = [
            exchange
            for exchange in reversed(self._made.get(request.url_path, ()))
            if exchange.request.token == request.token and self.ledger.has(exchange.number)
        ]
        if not made:
            return None
        own = [e for e in made if self.ledger.has_own(e.number)]
        unused = [e for e in own if self.ledger.has_own(e.number, unused=True)]
        chosen = min(unused or own or made, key=lambda e: self._taken[e.number])
        self._taken[chosen.number] += 1
        return chosen


def _is_plain(schema: Schema) -> bool:
    """Whether what a field takes can't be anybody's name: a figure, a value of a closed set."""
    types = set(schema.types)
    return bool(schema.enum) or (bool(types) and types <= {"integer", "number", "boolean", "null"})
