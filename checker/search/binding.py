"""Binds the identifiers that an operation takes to what other operations answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from checker.domain.operation import Field, FieldKey, Operation, Place
from checker.domain.workflow import REQUESTED, Step
from checker.planning.answered import identifier_of
from checker.planning.encoding import path_parameters
from checker.planning.meant import (
    meant_resource,
    told_members,
    told_resources,
    wanted_member,
)
from checker.planning.producers import (
    item_nouns,
    names_resource,
    noun_of,
    producers,
    shape,
    wanted_noun,
)
from checker.planning.recipe import Recipe
from checker.planning.routes import CREATE, LIST, act_of, name_given, resource_of, singular, words
from checker.planning.values import looks_like_identifier
from checker.probing.bench import Bench
from checker.probing.trial import NoWitness, Witness
from checker.search.grammar import Grammar
from checker.search.identifying import can_be, may_hold_one, sent_as
from checker.search.makers import Makers, named_by
from checker.search.steps import merge_steps, same_step
from checker.search.values import Candidate

MAX_OFFERS = 3
MAX_GUESSES = 10
"""Where a field's name says nothing of what it refers to: so many resources are tried."""
MAX_NOUNS, MAX_FITTING = 12, 24
MAX_DESCRIBED = 2
"""Resources that a description names, of which identifiers are tried."""

MAX_TOLD = 2_000

Find = Callable[[Operation, int], Awaitable[Witness | NoWitness]]
"""Searches the witness of another operation, at a depth."""


class Binding:
    """Makes the prerequisite steps of operations: witnesses of the operations that give what
    they take.

    `operations` are all documented ones; `find` searches for their witnesses.
    """

    def __init__(
        self, bench: Bench, operations: Sequence[Operation], find: Find, grammar: Grammar
    ) -> None:
        self.makers = Makers(bench, grammar)
        self._descriptions: dict[str, str] = {}
        """What is said of fields, by their name."""
        self._bench = bench
        self._operations = operations
        self._find = find

    async def bind(
        self,
        operation: Operation,
        known: Mapping[FieldKey, Field],
        depth: int,
        naming: FieldKey | None = None,
        *,
        own: bool = False,
    ) -> tuple[tuple[Step, ...], dict[FieldKey, Any]]:
        """Prerequisite steps and templates for the identifiers an operation takes.

        `own`: of things that are made for it, wherever they can be, also where it only reads.

        Of `naming` only what creations give is taken: what lists show, and what other operations
        hold under its name, is no thing of the run's own.
        """
        steps: tuple[Step, ...] = ()
        bound: dict[FieldKey, Any] = {}
        for name in reversed(path_parameters(operation.id.path)):
            key = FieldKey(Place.PATH, name)
            if key in bound or (key == naming and operation.id.method == "POST"):
                continue
            steps, value = await self._produce(
                key, operation, steps, bound, depth, related=key == naming, own=own
            )
            if value is None and key != naming:
                steps, value = await self._described(key, operation, steps, bound, depth)
            if value is not None:
                bound[key] = value
        for key, field in known.items():
            if key.place is Place.PATH or key in bound or field.schema.read_only:
                continue
            given = given_for(key, field, self._bench.target.variables)
            if given:
                bound[key] = "{{" + given + "}}"
                continue
            named = looks_like_identifier(key.leaf)
            meant = meant_resource(key, field, self._operations, operation.id)
            refers = bool(named or meant)
            refers |= names_resource(key, field.schema, self._operations, operation.id)
            if field.schema.enum or not refers or not may_hold_one(field.schema):
                continue
            if named and self._named_producers(key, operation):
                meant = ""
            steps, value = await self._produce(key, operation, steps, bound, depth, meant)
            if value is not None:
                bound[key] = value
        return await self._bind_told(known, steps, bound, depth), bound

    async def _described(
        self,
        key: FieldKey,
        operation: Operation,
        steps: tuple[Step, ...],
        bound: dict[FieldKey, Any],
        depth: int,
    ) -> tuple[tuple[Step, ...], Any]:
        """As `_produce`, for a path parameter whose name and place say nothing: of the resources
        that its description names, in that order."""
        told = told_resources(operation.fields.get(key), self._operations)
        for noun in told[:MAX_DESCRIBED]:
            grown, value = await self._produce(key, operation, steps, bound, depth, noun)
            if value is not None:
                return grown, value
        return steps, None

    async def offers(
        self,
        key: FieldKey,
        operation: Operation,
        steps: tuple[Step, ...],
        bound: dict[FieldKey, Any],
        depth: int,
    ) -> list[Candidate]:
        """Identifiers that may stand in a field, with the steps that give them: of what its name
        says, then of whatever else is made or listed."""
        found: list[Candidate] = []
        many = [o.id.path for o in self._operations if act_of(o.id) in (CREATE, LIST)]
        called = item_nouns(self._operations)
        nouns = {n for p in many for n in (resource_of(p), *called.get(shape(p), ()))}
        nouns -= {resource_of(operation.id.path), ""}
        like = sorted((n for n in nouns if _alike(n, key.leaf)), key=lambda n: (-len(n), n))
        rest = [] if like or key.place is Place.PATH else sorted(nouns)
        # A member of the very name that identifies nothing is a value, and no reference.
        own = [""] if looks_like_identifier(key.leaf) or key.place is Place.PATH else []
        tried = (*own, *like, *rest)
        # Of many that nothing names, those first that are what the documents say of the field.
        turns = [(n, True) for n in tried[:MAX_FITTING] if rest]
        turns += [(n, False) for n in tried[:MAX_NOUNS]]
        for noun, strictly in turns:
            grown, value = await self._produce(
                key, operation, steps, dict(bound), depth, noun, strictly=strictly
            )
            if value is not None and all(value != c.value for c in found):
                found.append(Candidate(value, "given", grown))
            if len(found) >= (MAX_GUESSES if rest else MAX_OFFERS):
                break
        return found

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
                hit = wanted_member(key, field, told, {k.leaf for k in known} - {key.leaf})
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
        own: bool = False,
        strictly: bool = False,
    ) -> tuple[tuple[Step, ...], Any]:
        """Steps extended by a producer of `key`, and the template that stands for its value.

        `meant` is the resource where the name doesn't say it; `strictly`: its identifiers have
        to be what is documented of the field.
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
        told = self._told(key, known)
        found = producers(key, operation.id, self._operations, required, told, meant, related)
        own = own or not operation.id.safe
        found = self._with_creators(found, operation, first=own)
        if related:
            found = [o for o in found if act_of(o.id) == CREATE]
        if own and key.place is Place.PATH:
            # What a writing operation is about has to be this run's own, wherever the documents
            # say that identifiers come from.
            found.sort(key=lambda o: act_of(o.id) != CREATE and name_given(o) is None)
        for producer in found[:4]:
            witness = await self._find(producer, depth + 1)
            if not isinstance(witness, Witness) or witness.exchange.response is None:
                continue
            witness = self.giving(witness)
            resource = resource_of(producer.id.path)
            path = await self._given(producer, witness, key, known, strictly)
            if path is None:
                continue
            if key.place is Place.PATH:
                self._share_prefix(operation, producer, witness.recipe, key, bound)
            variable = f"{resource}_{(noun_of(key.leaf) and key.leaf) or 'id'}".strip("_")
            merged = merge_steps(steps, witness.recipe.steps)
            step = await self._as_step(witness, variable, path)
            same = next((s for s in merged if same_step(s, step)), None)
            if same is not None:
                given_as = next((v for v, p in same.extract.items() if p == path), None)
                if given_as is not None:
                    return merged, "{{" + given_as + "}}"
                grown = replace(same, extract={**same.extract, variable: path})
                return tuple(grown if s is same else s for s in merged), "{{" + variable + "}}"
            return (*merged, step), "{{" + variable + "}}"
        return steps, None

    def _told(self, key: FieldKey, known: Field | None) -> str:
        """What is said of a field, here and wherever else one of its name is documented."""
        if key.leaf not in self._descriptions:
            said: dict[str, None] = {}
            for operation in self._operations:
                for other, field in operation.fields.items():
                    if other.leaf == key.leaf and noun_of(key.leaf):
                        said[field.description] = said[field.schema.description] = None
            self._descriptions[key.leaf] = "\n".join(said)[:MAX_TOLD]
        own = f"{known.description}\n{known.schema.description}\n" if known is not None else ""
        return own + self._descriptions[key.leaf]

    def _with_creators(
        self, found: list[Operation], consumer: Operation, first: bool
    ) -> list[Operation]:
        """The producers, each list beside the creation in it: own things come `first`, or where
        the list is empty."""
        out: list[Operation] = []
        for producer in found:
            pair = [producer]
            if act_of(producer.id) == LIST:
                makers = [
                    o
                    for o in self._operations
                    if act_of(o.id) == CREATE
                    and shape(o.id.path) == shape(producer.id.path)
                    and o.id != consumer.id
                ]
                pair = [*makers, producer] if first else [producer, *makers]
            out += [o for o in pair if o not in out]
        return out

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
        self,
        producer: Operation,
        witness: Witness,
        key: FieldKey,
        known: Field | None,
        strictly: bool,
    ) -> str | None:
        """Where a witness has the identifier `key`: in its answer, or in its own path where it
        names a new item itself. None where it has none."""
        naming = named_by(witness)
        if naming is not None:
            step = await self.makers.step(witness)
            # A name that can't be changed may be somebody's.
            fixed = "{{" not in step.path.rpartition("/")[2]
            return None if fixed else f"{REQUESTED}{naming.name}"
        assert witness.exchange.response is not None
        hit = identifier_of(witness.exchange.response, key.leaf, resource_of(producer.id.path))
        if hit is None:
            return None
        own = hit[1] in sent_as(witness.recipe.call, key.leaf)
        if own and not self._chosen_by_clients(key, producer):
            return None  # only our own words again
        if not can_be(key, known, hit[1], strictly=strictly):
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
        return replace(await self.makers.step(witness), extract={variable: path})

    @staticmethod
    def giving(witness: Witness) -> Witness:
        """The witness that gives identifiers: of a reading operation the smallest one, since an
        optional filter leaves fewer of them."""
        lean, exchange = witness.lean, witness.lean_exchange
        if lean is None or exchange is None or not witness.operation.id.safe:
            return witness
        recipe = replace(witness.recipe, call=lean)
        return replace(witness, recipe=recipe, exchange=exchange)


def _alike(noun: str, leaf: str) -> bool:
    """Whether a name has the last word of a noun."""
    return noun.rpartition("_")[2] in {singular(w) for w in words(leaf)}


def unbound(operation: Operation, bound: Mapping[FieldKey, Any]) -> set[FieldKey]:
    """The path parameters whose values nothing gives."""
    return {FieldKey(Place.PATH, n) for n in path_parameters(operation.id.path)} - set(bound)


def given_for(key: FieldKey, field: Field, variables: Mapping[str, Any]) -> str:
    """The variable of the user's that a parameter takes, empty where it takes none: a header or
    cookie of its name, whose letters' case says nothing in a header, or what a query needs."""
    if key.place is Place.BODY or (key.place is Place.QUERY and not field.required):
        return ""
    folded = str.lower if key.place is Place.HEADER else str
    return next((name for name in variables if folded(name) == folded(key.name)), "")
