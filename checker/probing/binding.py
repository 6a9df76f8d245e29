"""Binds the identifiers that an operation takes to what other operations answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from checker.domain.exchange import Call
from checker.domain.operation import Field, FieldKey, Operation, OperationId, Place
from checker.domain.workflow import REQUESTED, Step, Varied
from checker.planning import edits
from checker.planning.answered import identifier_of
from checker.planning.encoding import path_parameters, with_joined_lists
from checker.planning.meant import meant_resource, told_members, wanted_member
from checker.planning.producers import names_resource, noun_of, producers, wanted_noun
from checker.planning.recipe import Recipe, step_of_call, step_variables
from checker.planning.routes import CREATE, act_of, name_given, resource_of
from checker.planning.values import looks_like_identifier
from checker.planning.variation import fits, free_form, texts_in_lists
from checker.probing.bench import Bench
from checker.probing.freshness import Variation, varied
from checker.probing.trial import NoWitness, Trial, Witness

Find = Callable[[Operation, int], Awaitable[Witness | NoWitness]]
"""Searches the witness of another operation, at a depth."""


class Binding:
    """Makes the prerequisite steps of operations: witnesses of the operations that give what
    they take.

    `operations` are all documented ones; `find` searches for their witnesses.
    """

    def __init__(self, bench: Bench, operations: Sequence[Operation], find: Find) -> None:
        self._bench = bench
        self._operations = operations
        self._find = find
        self._steps: dict[OperationId, Step] = {}
        """Witnesses as steps, by operation."""

    async def bind(
        self,
        operation: Operation,
        known: Mapping[FieldKey, Field],
        depth: int,
        naming: FieldKey | None = None,
    ) -> tuple[tuple[Step, ...], dict[FieldKey, Any]]:
        """Prerequisite steps and templates for the identifiers an operation takes.

        What other operations hold under the name of `naming` alone isn't taken for it.
        """
        steps: tuple[Step, ...] = ()
        bound: dict[FieldKey, Any] = {}
        for name in reversed(path_parameters(operation.id.path)):
            key = FieldKey(Place.PATH, name)
            if key in bound:
                continue
            steps, value = await self._produce(
                key, operation, steps, bound, depth, related=key == naming
            )
            if value is not None:
                bound[key] = value
        for key, field in known.items():
            if key.place is Place.PATH or key in bound or field.schema.read_only:
                continue
            named = looks_like_identifier(key.leaf)
            meant = meant_resource(key, field, self._operations, operation.id)
            if field.schema.enum or not (
                named or meant or names_resource(key, field.schema, self._operations, operation.id)
            ):
                continue
            if named and self._named_producers(key, operation):
                meant = ""
            steps, value = await self._produce(key, operation, steps, bound, depth, meant)
            if value is not None:
                bound[key] = value
        return await self._bind_told(known, steps, bound, depth), bound

    async def _bind_told(
        self,
        known: Mapping[FieldKey, Field],
        steps: tuple[Step, ...],
        bound: dict[FieldKey, Any],
        depth: int,
    ) -> tuple[Step, ...]:
        """Bind what the server itself has made up for the resources of the steps and wants to
        hear again: a confirmation code, a token, a version."""
        open_ = {k: f for k, f in known.items() if k not in bound and k.place is not Place.PATH}
        for number, step in enumerate(steps):
            maker = next((o for o in self._operations if o.id == step.operation), None)
            if maker is None or act_of(maker.id) != CREATE:
                continue
            witness = await self._find(maker, depth + 1)
            if not isinstance(witness, Witness) or witness.exchange.response is None:
                continue
            told = told_members(witness.exchange.response.body, witness.recipe.call)
            for key, field in open_.items():
                hit = wanted_member(key, field, told)
                if hit is None or key in bound:
                    continue
                name, path = hit
                variable = next((v for v, p in step.extract.items() if p == path), None)
                if variable is None:
                    variable = f"{resource_of(maker.id.path)}_{name}"
                    step = replace(step, extract={**step.extract, variable: path})
                bound[key] = "{{" + variable + "}}"
            steps = (*steps[:number], step, *steps[number + 1 :])
        return steps

    async def _produce(
        self,
        key: FieldKey,
        operation: Operation,
        steps: tuple[Step, ...],
        bound: dict[FieldKey, Any],
        depth: int,
        meant: str = "",
        related: bool = False,
    ) -> tuple[tuple[Step, ...], Any]:
        """Steps extended by a producer of `key`, and the template that stands for its value.

        `meant` is the resource where the name doesn't say it.
        """
        given = self._bench.target.variables
        if key.leaf in given:
            return steps, "{{" + key.leaf + "}}"
        known = operation.fields.get(key)
        required = known is None or known.required
        noun = meant or wanted_noun(key, operation.id, required)
        for other, value in bound.items():
            # The same resource twice in one request is the same one.
            if noun and wanted_noun(other, operation.id) == noun:
                return steps, value
        for name in given:
            if noun and looks_like_identifier(name) and noun_of(name) == noun:
                return steps, "{{" + name + "}}"
        told = f"{known.description}\n{known.schema.description}" if known is not None else ""
        found = producers(key, operation.id, self._operations, required, told, meant, related)
        if not operation.id.safe and key.place is Place.PATH:
            # What a writing operation is about has to be this run's own, wherever the documents
            # say that identifiers come from.
            found.sort(key=lambda o: act_of(o.id) != CREATE)
        for producer in found[:4]:
            witness = await self._find(producer, depth + 1)
            if not isinstance(witness, Witness) or witness.exchange.response is None:
                continue
            resource = resource_of(producer.id.path)
            path = await self._given(producer, witness, key, known)
            if path is None:
                continue
            if key.place is Place.PATH:
                self._share_prefix(operation, producer, witness.recipe, key, bound)
            variable = f"{resource}_{(noun_of(key.leaf) and key.leaf) or 'id'}".strip("_")
            merged = merge_steps(steps, witness.recipe.steps)
            step = await self._as_step(witness, variable, path)
            same = next((s for s in merged if _same_step(s, step)), None)
            if same is not None:
                given_as = next((v for v, p in same.extract.items() if p == path), None)
                if given_as is not None:
                    return merged, "{{" + given_as + "}}"
                grown = replace(same, extract={**same.extract, variable: path})
                return tuple(grown if s is same else s for s in merged), "{{" + variable + "}}"
            return (*merged, step), "{{" + variable + "}}"
        return steps, None

    def _named_producers(self, key: FieldKey, operation: Operation) -> bool:
        """Whether a field's name alone says where its value comes from."""
        return bool(producers(key, operation.id, self._operations))

    def _chosen_by_clients(self, key: FieldKey, producer: Operation) -> bool:
        """Whether who creates the resource names it: its paths have the very member."""
        if act_of(producer.id) != CREATE:
            return False
        item = producer.id.path.rstrip("/") + "/{" + key.leaf + "}"
        return any(o.id.path.startswith(item) for o in self._operations)

    async def _given(
        self, producer: Operation, witness: Witness, key: FieldKey, known: Field | None
    ) -> str | None:
        """Where a witness has the identifier `key`: in its answer, or in its own path where it
        names a new item itself. None where it has none."""
        naming = _named_by(witness)
        if naming is not None:
            step = await self._step(witness)
            # A name that can't be changed may be somebody's.
            fixed = "{{" not in step.path.rpartition("/")[2]
            return None if fixed else f"{REQUESTED}{naming.name}"
        assert witness.exchange.response is not None
        hit = identifier_of(witness.exchange.response, key.leaf, resource_of(producer.id.path))
        if hit is None:
            return None
        own = hit[1] in _sent_as(witness.recipe.call, key.leaf)
        if own and not self._chosen_by_clients(key, producer):
            return None  # only our own words again
        if not _can_be(key, known, hit[1]):
            return None  # named like the resource, but its identifiers are no such value
        return hit[0]

    @staticmethod
    def _share_prefix(
        operation: Operation,
        producer: Operation,
        recipe: Recipe,
        key: FieldKey,
        bound: dict[FieldKey, Any],
    ) -> None:
        """Parameters that both paths begin with are the same resources."""
        ours = operation.id.path.split("/")
        theirs = producer.id.path.split("/")
        for mine, other in zip(ours, theirs, strict=False):
            names, others = path_parameters(mine), path_parameters(other)
            if not names and mine != other:
                break
            if names and others and others[0] in recipe.call.path:
                bound.setdefault(FieldKey(Place.PATH, names[0]), recipe.call.path[others[0]])

    async def _as_step(self, witness: Witness, variable: str, path: str) -> Step:
        """A witness as a prerequisite step; what may have to be unique varies by itself."""
        return replace(await self._step(witness), extract={variable: path})

    async def _step(self, witness: Witness) -> Step:
        operation = witness.operation.id
        if operation not in self._steps:
            self._steps[operation] = await self._repeatable(witness)
        return self._steps[operation]

    async def _repeatable(self, witness: Witness) -> Step:
        call, operation = witness.recipe.call, witness.operation
        naming = _named_by(witness)
        creates = naming is not None or act_of(call.operation) == CREATE
        verb = "create" if creates else call.operation.method.lower()
        name = f"{verb}_{resource_of(call.operation.path)}"
        if naming is not None:
            return await self._naming_step(witness, naming, name)
        keys = free_form(call, operation) if creates else ()
        trial = Trial(self._bench, operation, witness.account)
        trial.use_steps(witness.recipe.steps)
        templates = {k: _varying(edits.get(call, k), operation.fields.get(k)) for k in keys}
        whole = all(edits.get(call, k) != v for k, v in templates.items())
        changed: Variation = {} if whole else dict.fromkeys(keys, False)
        templated = call
        for key, value in templates.items():
            templated = edits.put(templated, key, value) if whole else templated
        late = texts_in_lists(call, operation) if creates else ()
        accepted = False
        if keys:
            tried = varied(templated, changed, trial.account.scope.number(), operation)
            answer = await trial.send(tried, again=True)
            accepted = answer is not None and answer.accepted
        if (keys or late) and not accepted:
            templated, changed = call, await trial.repeated(call, (keys, late))
        vary = tuple(
            Varied(k, field.schema if (field := operation.fields.get(k)) else None, shaped)
            for k, shaped in changed.items()
        )
        return replace(step_of_call(name, with_joined_lists(templated, operation)), vary=vary)

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
                fresh = _varying(str(edits.get(call, key)), operation.fields.get(key))
                templated = edits.put(templated, key, fresh)
            if edits.get(templated, naming) == edits.get(call, naming):
                templated = edits.put(templated, naming, "{{random_string}}")
            answer = await trial.send(templated, again=True)
            if answer is not None and answer.accepted:
                return step_of_call(name, templated)
        return step_of_call(name, call)


def _named_by(witness: Witness) -> FieldKey | None:
    """The path parameter by which a witness named an item itself: no answer gave its value."""
    key = name_given(witness.operation)
    own = None if key is None else edits.get(witness.recipe.call, key)
    return key if isinstance(own, str) and "{{" not in own else None


def merge_steps(first: Iterable[Step], second: Iterable[Step]) -> tuple[Step, ...]:
    """Both lists of steps without repeats, ids made distinct."""
    merged = list(first)
    for step in second:
        if any(_same_step(step, s) for s in merged):
            merged = [
                replace(s, extract={**s.extract, **step.extract}) if _same_step(s, step) else s
                for s in merged
            ]
            continue
        taken = {s.id for s in merged}
        name, number = step.id, 2
        while name in taken:
            name, number = f"{step.id}_{number}", number + 1
        merged.append(replace(step, id=name))
    return tuple(merged)


def _same_step(one: Step, other: Step) -> bool:
    return (
        one.method == other.method
        and one.path == other.path
        and one.operation == other.operation
        and step_variables(one) - {"random_string"} == step_variables(other) - {"random_string"}
    )


def _varying(value: str, field: Any) -> str:
    """A literal as a template that differs at each use, its format kept."""
    schema = field.schema if field is not None else None
    fmt = schema.format if schema is not None else None
    if fmt == "uuid":
        return "{{uuid}}"
    local, at, host = value.partition("@")
    if at and "." in host:
        return local + "{{random_string}}@" + host
    if schema is not None and (schema.pattern or (schema.max_length or 99) < 20):
        return value
    if value.lstrip("+").isdigit() or "://" in value:
        return value
    if value.endswith("."):
        return "x{{random_string}}." + value
    return value + "{{random_string}}"


def _can_be(key: FieldKey, field: Field | None, value: Any) -> bool:
    """Whether what is documented of a field without an identifier's name allows the value."""
    if field is None or key.place is Place.PATH or looks_like_identifier(key.leaf):
        return True
    return fits(field.schema, value)


def _sent_as(call: Call, leaf: str) -> list[Any]:
    """The literal values that a call sends in fields of a name."""
    return [edits.get(call, key) for key in edits.present_fields(call) if key.leaf == leaf]
