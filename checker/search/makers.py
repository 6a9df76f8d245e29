"""Witnesses as steps that can be taken as often as something needs them: what may have to be unique
differs each time."""

from __future__ import annotations

from dataclasses import replace

from checker.domain.exchange import Call
from checker.domain.operation import FieldKey, Operation, OperationId, Place, known_fields
from checker.domain.schema import Schema
from checker.domain.workflow import Step, Varied
from checker.planning import edits
from checker.planning.answered import identifier_of
from checker.planning.encoding import with_joined_lists
from checker.planning.recipe import step_of_call
from checker.planning.routes import CREATE, act_of, name_given, resource_of
from checker.planning.variation import beyond_enums, free_form, telling
from checker.probing.bench import Bench
from checker.probing.freshness import Variation, learn_variation, varied
from checker.probing.trial import Answer, Trial, Witness
from checker.search.attempts import Attempts
from checker.search.grammar import Grammar
from checker.search.steps import id_of
from checker.search.templates import varying

MAX_TAKEN = 5
MAX_ALONE = 5
"""Texts that are changed one by one."""


class Makers:
    """The steps of a target's witnesses, one an operation. `grammar` reads what their refusals
    name."""

    def __init__(self, bench: Bench, grammar: Grammar) -> None:
        self._bench = bench
        self._grammar = grammar
        self._steps: dict[OperationId, Step] = {}
        self._held: set[OperationId] = set()
        """Of whose requests none may be sent now: nothing is learned of them."""

    async def step(self, witness: Witness) -> Step:
        """A witness's request as a step; tried once with other values, where it has any."""
        operation = witness.operation.id
        step = self._steps.get(operation)
        if step is None:
            step = await self._repeatable(witness)
            if operation not in self._held:
                self._steps[operation] = step
        return step

    async def _repeatable(self, witness: Witness) -> Step:
        call, operation = await self._leaving_the_name(witness), witness.operation
        naming = named_by(witness)
        creates = naming is not None or act_of(call.operation) == CREATE
        name = id_of(call.operation, creates=creates)
        if naming is not None:
            return await self._naming_step(witness, naming, name)
        keys = (telling(call, operation) or beyond_enums(call, operation)) if creates else ()
        changed: Variation = {}
        if keys:
            call, changed = await self._varied(call, keys, witness)
        each_use = tuple(Varied(k, _schema(operation, k), shaped) for k, shaped in changed.items())
        return replace(step_of_call(name, with_joined_lists(call, operation)), vary=each_use)

    async def _varied(
        self, call: Call, keys: tuple[FieldKey, ...], witness: Witness
    ) -> tuple[Call, Variation]:
        """The call of a creation, templates in it where all of its texts (`keys`) can be some, and
        which values change at each use."""
        operation = witness.operation
        trial = Trial(self._bench, operation, witness.account)
        trial.use_steps(witness.recipe.steps)
        templated, changed = _with_templates(call, operation, keys)
        number = trial.account.scope.number()
        answer = await trial.send(varied(templated, changed, number, operation), again=True)
        if answer is not None and answer.accepted:
            again = _shows_again(answer, witness)
            return templated, await self._another(trial, call, witness) if again else changed
        answer = await self._sent_twice(trial, call)
        if answer is None:
            return call, {}
        if not answer.accepted:
            changed = await self._taken(trial, answer)
            (self._held.add if answer.exchange.held else self._held.discard)(operation.id)
            return call, changed
        if _shows_again(answer, witness):
            return call, await self._another(trial, call, witness)
        return call, await self._changeable(trial, call, keys)

    async def _leaving_the_name(self, witness: Witness) -> Call:
        """A witness's call without the identifier that it brings for what it makes, where that
        may be left out: the one that was accepted is somebody's by now."""
        call, lean, response = witness.recipe.call, witness.lean, witness.exchange.response
        operation = witness.operation
        if lean is None or response is None or act_of(operation.id) != CREATE:
            return call
        hit = identifier_of(response, "id", resource_of(operation.id.path))
        key = FieldKey(Place.BODY, hit[0].rpartition(".")[2] if hit is not None else "")
        if not edits.has(call, key) or edits.has(lean, key) or "{{" in str(edits.get(call, key)):
            return call
        trial = Trial(self._bench, operation, witness.account)
        trial.use_steps(witness.recipe.steps)
        answer = await trial.send(edits.remove(call, key), again=True)
        return edits.remove(call, key) if answer is not None and answer.accepted else call

    @staticmethod
    async def _sent_twice(trial: Trial, call: Call) -> Answer | None:
        """The second answer to a call, or the first where that is none or a refusal: what it made
        before may have been removed since."""
        first = await trial.send(call, again=True)
        if first is None or not first.accepted:
            return first
        return await trial.send(call, again=True)

    @staticmethod
    async def _changeable(trial: Trial, call: Call, keys: tuple[FieldKey, ...]) -> Variation:
        """One of several texts that may change, where not all of them may: what is made with a text
        that nobody has brought before is known to be new."""
        for key in keys[:MAX_ALONE] if len(keys) > 1 else ():
            number = trial.account.scope.number()
            sent = varied(call, {key: False}, number, trial.operation)
            answer = await trial.send(sent, again=True)
            if answer is not None and answer.accepted:
                return {key: False}
        return {}

    @staticmethod
    async def _another(trial: Trial, call: Call, witness: Witness) -> Variation:
        """Which values have to change for another thing than the witness's to be made: what is
        there already is answered as if it were new."""

        async def attempt(changes: Variation) -> tuple[bool, str]:
            number = trial.account.scope.number()
            sent = varied(call, changes, number, witness.operation)
            answer = await trial.send(sent, again=True)
            if answer is None or not answer.accepted:
                return False, "refused"
            return not _shows_again(answer, witness), ""

        passed, changes = await learn_variation(free_form(call, witness.operation), attempt, "")
        return changes if passed else {}

    async def _taken(self, trial: Trial, refused: Answer) -> Variation:
        """Which values of a call that was accepted before have to change: those that its refusal
        names, or, where it names none, those by whose change it passes; none where nothing was
        sent."""
        if refused.exchange.held:
            return {}
        attempts = Attempts(trial, self._grammar, known_fields(trial.operation, ()))
        literal = set(edits.present_fields(refused.call))
        changed: dict[FieldKey, bool] = {}
        attempt, roomier = attempts.read(refused), False
        for _ in range(MAX_TAKEN):
            named = [k for k in attempt.named if k in literal and k.place is not Place.PATH]
            if not named and (roomier or not await self._roomier()):
                break
            roomier = roomier or not named
            changed |= {k: k in changed for k in named}
            number = trial.account.scope.number()
            call = varied(refused.call, changed, number, trial.operation)
            again = trial.send(call, again=True) if named else self._sent_twice(trial, call)
            answer = await again
            if answer is None:
                break
            if answer.accepted:
                return changed
            attempt = attempts.read(answer)
        keys = free_form(refused.call, trial.operation)
        return (await trial.afresh(refused, keys))[1]

    async def _roomier(self) -> bool:
        """Whether room was made: what was accepted before and is refused without a word about its
        values may be one too many."""
        room = self._bench.room
        return room is not None and await room(False)

    async def _naming_step(self, witness: Witness, naming: FieldKey, name: str) -> Step:
        """A step that gives each new item a name of its own, where other names are accepted.

        Names alone change, then all free texts with them.
        """
        call, operation = witness.recipe.call, witness.operation
        trial = Trial(self._bench, operation, witness.account)
        trial.use_steps(witness.recipe.steps)
        for keys in ((naming,), (naming, *free_form(call, operation))):
            templated = call
            for key in keys:
                fresh = varying(edits.get(call, key), _schema(operation, key))
                templated = edits.put(templated, key, fresh)
            if edits.get(templated, naming) == edits.get(call, naming):
                templated = edits.put(templated, naming, "{{random_string}}")
            answer = await trial.send(templated, again=True)
            if answer is not None and answer.accepted:
                return step_of_call(name, templated)
        return step_of_call(name, call)


def named_by(witness: Witness) -> FieldKey | None:
    """The path parameter by which a witness named an item itself: no answer gave its value."""
    key = name_given(witness.operation)
    own = None if key is None else edits.get(witness.recipe.call, key)
    return key if isinstance(own, str) and "{{" not in own else None


def _with_templates(
    call: Call, operation: Operation, keys: tuple[FieldKey, ...]
) -> tuple[Call, Variation]:
    """The call with a template for each text, or as it is and all texts to change where one of them
    can't be a template."""
    templates = {k: varying(edits.get(call, k), _schema(operation, k)) for k in keys}
    if any(edits.get(call, k) == v for k, v in templates.items()):
        return call, dict.fromkeys(keys, False)
    return edits.chain(*(edits.putting(k, v) for k, v in templates.items()))(call), {}


def _shows_again(answer: Answer, witness: Witness) -> bool:
    """Whether an answer to a creation has the identifier of the witness's answer."""
    name = resource_of(witness.operation.id.path)
    responses = (answer.exchange.response, witness.exchange.response)
    hits = [None if r is None else identifier_of(r, "id", name) for r in responses]
    return hits[0] is not None and hits[0] == hits[1]


def _schema(operation: Operation, key: FieldKey) -> Schema | None:
    field = operation.fields.get(key)
    return field.schema if field is not None else None
