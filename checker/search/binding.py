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
from checker.planning.routes import CREATE, LIST, act_of, name_given, resource_of, singular, words
from checker.planning.values import looks_like_identifier
from checker.probing.bench import Bench
from checker.probing.trial import NoWitness, Witness
from checker.search.grammar import Grammar
from checker.search.makers import Makers, named_by
from checker.search.needs import (
    Need,
    can_be,
    chosen_by_clients,
    given_for,
    may_hold_one,
    sent_as,
    share_prefix,
    with_creators,
)
from checker.search.steps import merge_steps, same_step
from checker.search.values import Candidate

MAX_OFFERS = 3
MAX_PRODUCERS = 4
MAX_GUESSES = 10
"""Where a field's name says nothing of what it refers to: so many resources are tried."""
MAX_NOUNS, MAX_FITTING = 12, 24
MAX_DESCRIBED = 2
"""Resources that a description names, of which identifiers are tried."""

MAX_TOLD = 2_000

Steps = tuple[Step, ...]
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
    ) -> tuple[Steps, dict[FieldKey, Any]]:
        """Prerequisite steps and templates for the identifiers an operation takes.

        `own`: of things that are made for it, wherever they can be, also where it only reads.

        Of `naming` only what creations give is taken: what lists show, and what other operations
        hold under its name, is no thing of the run's own.
        """
        steps: Steps = ()
        bound: dict[FieldKey, Any] = {}
        for name in reversed(path_parameters(operation.id.path)):
            key = FieldKey(Place.PATH, name)
            if key in bound or (key == naming and operation.id.method == "POST"):
                continue
            need = Need(key, operation, depth, related=key == naming, own=own)
            steps, value = await self._produce(need, steps, bound)
            if value is None and key != naming:
                steps, value = await self._described(need, steps, bound)
            if value is not None:
                bound[key] = value
        for key, field in known.items():
            if key.place is Place.PATH or key in bound or field.schema.read_only:
                continue
            given = given_for(key, field, self._bench.target.variables)
            taken = None if given else self._need_of(key, field, operation, depth)
            if given:
                bound[key] = "{{" + given + "}}"
            elif taken is not None:
                steps, value = await self._produce(taken, steps, bound)
                if value is not None:
                    bound[key] = value
        return await self._bind_told(known, steps, bound, depth), bound

    def _need_of(
        self, key: FieldKey, field: Field, operation: Operation, depth: int
    ) -> Need | None:
        """What a field outside of the path takes; None where it refers to nothing."""
        named = looks_like_identifier(key.leaf)
        meant = meant_resource(key, field, self._operations, operation.id)
        refers = bool(named or meant)
        refers = refers or names_resource(key, field.schema, self._operations, operation.id)
        if field.schema.enum or not refers or not may_hold_one(field.schema):
            return None
        if named and producers(key, operation.id, self._operations):
            meant = ""  # its name alone says where its value comes from
        return Need(key, operation, depth, meant)

    async def _described(
        self, need: Need, steps: Steps, bound: dict[FieldKey, Any]
    ) -> tuple[Steps, Any]:
        """As `_produce`, for a path parameter whose name and place say nothing: of the resources
        that its description names, in that order."""
        for noun in told_resources(need.field, self._operations)[:MAX_DESCRIBED]:
            other = Need(need.key, need.operation, need.depth, noun)
            grown, value = await self._produce(other, steps, bound)
            if value is not None:
                return grown, value
        return steps, None

    async def offers(
        self,
        key: FieldKey,
        operation: Operation,
        steps: Steps,
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
            need = Need(key, operation, depth, noun, strictly=strictly)
            grown, value = await self._produce(need, steps, dict(bound))
            if value is not None and all(value != c.value for c in found):
                found.append(Candidate(value, "given", grown))
            if len(found) >= (MAX_GUESSES if rest else MAX_OFFERS):
                break
        return found

    async def _bind_told(
        self,
        known: Mapping[FieldKey, Field],
        steps: Steps,
        bound: dict[FieldKey, Any],
        depth: int,
    ) -> Steps:
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
        self, need: Need, steps: Steps, bound: dict[FieldKey, Any]
    ) -> tuple[Steps, Any]:
        """Steps extended by what gives a needed value, and the template that stands for it; None
        where nothing does."""
        there = self._there_already(need, bound)
        if there is not None:
            return steps, there
        for producer in self._producers(need)[:MAX_PRODUCERS]:
            witness = await self._find(producer, need.depth + 1)
            if not isinstance(witness, Witness) or witness.exchange.response is None:
                continue
            witness = self.giving(witness)
            path = await self._given(producer, witness, need)
            if path is not None:
                if need.key.place is Place.PATH:
                    share_prefix(need, producer, witness.recipe, bound)
                return await self._after(steps, producer, witness, need.key.leaf, path)
        return steps, None

    def _there_already(self, need: Need, bound: Mapping[FieldKey, Any]) -> Any:
        """A variable of the user's, or what is bound to another field that means the same: the
        same resource twice in one request is the same one."""
        given, noun = self._bench.target.variables, need.noun
        if need.key.leaf in given:
            return "{{" + need.key.leaf + "}}"
        for other, value in bound.items() if noun else ():
            if wanted_noun(other, need.operation.id) == noun:
                return value
        named = (n for n in given if noun and looks_like_identifier(n) and noun_of(n) == noun)
        return next(("{{" + name + "}}" for name in named), None)

    def _producers(self, need: Need) -> list[Operation]:
        """The operations that may give a needed value, the likeliest first."""
        told = self._told(need.key, need.field)
        found = producers(
            need.key,
            need.operation.id,
            self._operations,
            need.required,
            told,
            need.meant,
            need.related,
        )
        own = need.own or not need.operation.id.safe
        found = with_creators(found, need.operation, self._operations, own)
        if need.related:
            found = [o for o in found if act_of(o.id) == CREATE]
        if own and need.key.place is Place.PATH:
            # What a writing operation is about has to be this run's own, wherever the documents
            # say that identifiers come from.
            found.sort(key=lambda o: act_of(o.id) != CREATE and name_given(o) is None)
        return found

    async def _after(
        self, steps: Steps, producer: Operation, witness: Witness, leaf: str, path: str
    ) -> tuple[Steps, Any]:
        """The steps with a producer's after its own, and the template of what stands at a path
        of its answer."""
        variable = f"{resource_of(producer.id.path)}_{(noun_of(leaf) and leaf) or 'id'}".strip("_")
        merged = merge_steps(steps, witness.recipe.steps)
        step = await self._as_step(witness, variable, path)
        same = next((s for s in merged if same_step(s, step)), None)
        if same is None:
            return (*merged, step), "{{" + variable + "}}"
        given_as = next((v for v, p in same.extract.items() if p == path), None)
        if given_as is not None:
            return merged, "{{" + given_as + "}}"
        grown = replace(same, extract={**same.extract, variable: path})
        return tuple(grown if s is same else s for s in merged), "{{" + variable + "}}"

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

    async def _given(self, producer: Operation, witness: Witness, need: Need) -> str | None:
        """Where a witness has a needed identifier: in its answer, or in its own path where it
        names a new item itself. None where it has none."""
        naming, leaf = named_by(witness), need.key.leaf
        if naming is not None:
            step = await self.makers.step(witness)
            # A name that can't be changed may be somebody's.
            fixed = "{{" not in step.path.rpartition("/")[2]
            return None if fixed else f"{REQUESTED}{naming.name}"
        assert witness.exchange.response is not None
        hit = identifier_of(witness.exchange.response, leaf, resource_of(producer.id.path))
        if hit is None:
            return None
        own = hit[1] in sent_as(witness.recipe.call, leaf)
        if own and not chosen_by_clients(need.key, producer, self._operations):
            return None  # only our own words again
        # What is named like the resource may have identifiers that are no such value.
        return hit[0] if can_be(need.key, need.field, hit[1], strictly=need.strictly) else None

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
