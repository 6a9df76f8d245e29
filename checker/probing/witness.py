"""The search for a witness: record, recording, examples, generated values, producers, repair."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from checker.domain.exchange import Base, Call
from checker.domain.observation import Rejection
from checker.domain.operation import FieldKey, Operation, OperationId, Place
from checker.domain.workflow import Record, Step, Varied
from checker.planning import edits, hints
from checker.planning.candidates import Candidates
from checker.planning.credentials import INVALID, plain
from checker.planning.documented_calls import documented_calls
from checker.planning.encoding import is_multipart, path_parameters
from checker.planning.producers import (
    identifier_of,
    names_resource,
    noun_of,
    producers,
    wanted_noun,
)
from checker.planning.recipe import Recipe, call_of_step, step_of_call, step_variables
from checker.planning.routes import CREATE, act_of, resource_of
from checker.planning.values import Generator, looks_like_identifier
from checker.planning.variation import free_form
from checker.probing.bench import Account, Bench
from checker.probing.freshness import Variation, learn_variation, varied
from checker.probing.growth import Growth
from checker.probing.repair import Repair
from checker.probing.trial import Answer, NoWitness, Trial, Witness, better

MAX_DEPTH = 5
LEAN_TRIES = 32


class CallSource(Protocol):
    """Generates documented-valid calls of an operation (Schemathesis)."""

    def generate(self, operation: Operation, count: int) -> Sequence[Call]: ...


class Search:
    """Finds and keeps the witnesses of a target's operations.

    `operations` are the documented ones (current first); `legacy` the legacy ones of the same
    shape by operation; `recorded` calls from recordings.
    """

    def __init__(
        self,
        bench: Bench,
        operations: Sequence[Operation],
        legacy: Mapping[OperationId, Sequence[Operation]],
        candidates: Candidates,
        recorded: Mapping[OperationId, Sequence[Call]] | None = None,
        fuzzer: CallSource | None = None,
    ) -> None:
        self.bench = bench
        self.operations = tuple(operations)
        self.legacy = legacy
        self.candidates = candidates
        self.recorded = recorded or {}
        self.fuzzer = fuzzer
        self.found: dict[OperationId, Witness | NoWitness] = {}
        self._under_way: set[OperationId] = set()
        self._cut = False
        """Whether the search under way met one that waits for it."""
        self._steps: dict[OperationId, Step] = {}

    async def find(self, operation: Operation, depth: int = 0) -> Witness | NoWitness:
        """The operation's witness; searched once. Never raises but for the budget and target."""
        if operation.id in self.found:
            return self.found[operation.id]
        if operation.id in self._under_way or depth > MAX_DEPTH:
            self._cut = True
            return NoWitness(operation.id, "it needs itself")
        if not self.bench.may_send(operation.id):
            return NoWitness(operation.id, "not sent for safety")
        self._under_way.add(operation.id)
        before, self._cut = self._cut, False
        try:
            found = await self._search(operation, depth)
        finally:
            self._under_way.discard(operation.id)
            cut, self._cut = self._cut, before or (self._cut and depth > 0)
        # A failure because of a search that waits for this one says nothing for later.
        if isinstance(found, Witness) or not cut or depth == 0:
            self.found[operation.id] = found
        return found

    async def _search(self, operation: Operation, depth: int) -> Witness | NoWitness:
        account = await self.bench.open_account()
        trial = Trial(self.bench, operation, account)
        limit = trial.limit
        record_reason = ""
        record = self.bench.records.get(operation.id)
        if record is not None:
            found = await self._from_record(operation, record, trial)
            if found is not None:
                return found
            record_reason = trial.failed_step
        steps, bound = await self._bind(operation, depth)
        if self._cut and depth and len(path_of(bound)) < len(path_parameters(operation.id.path)):
            return NoWitness(operation.id, "it needs itself")
        trial.use_steps(steps)
        tokens = tokens_for(operation, account)
        repair = Repair(trial, self.candidates, self._known(operation), tokens, self)
        sure = all(FieldKey(Place.PATH, n) in bound for n in path_parameters(operation.id.path))
        best: Answer | None = None
        for source, call in self._candidates(operation, bound, tokens):
            answer = await trial.send(call)
            if answer is None:
                continue
            if answer.accepted:
                return await self._grown(trial, answer, source, bound)
            suspect = best is None and sure and answer.rejection is Rejection.ABSENCE
            if suspect and await trial.is_nowhere(answer):
                # Where there is no such route, other fields and values can't help.
                best = await repair.elsewhere(answer)
                if best.accepted:
                    return await self._grown(trial, best, "repaired", bound)
                if best.rejection in (Rejection.ABSENCE, Rejection.AUTHORISATION):
                    return self._failure(operation, trial, record_reason, best, steps)
            best = better(best, answer)
            if trial.spent:
                break
        if best is not None and best.rejection is Rejection.CONFLICT:
            # What an earlier run left behind may have taken the values.
            fresh, _ = await self._afresh(trial, best, free_form(best.call, operation))
            if fresh is not None:
                return await self._grown(trial, fresh, "generated")
        repaired: Answer | None = None
        start = leanest(trial.answers, self._known(operation)) if best is not None else None
        if start is not None and start is not best:
            trial.limit = min(limit, len(trial.answers) + LEAN_TRIES)
            repaired = await repair.run(start, quick=True)
            trial.limit = limit
        if repaired is None and best is not None:
            repaired = await repair.run(best)
        if repaired is None and best is not None and best.rejection is Rejection.VALIDATION:
            repaired, _ = await self._afresh(trial, best, free_form(best.call, operation))
        if repaired is not None:
            return await self._grown(trial, repaired, "repaired", bound)
        return self._failure(operation, trial, record_reason, best, steps)

    def _failure(
        self,
        operation: Operation,
        trial: Trial,
        record_reason: str,
        best: Answer | None,
        steps: tuple[Step, ...],
    ) -> NoWitness:
        for answer in trial.answers:
            best = better(best, answer)
        if best is None:
            why = record_reason or trial.failed_step or "no request could be built"
            return NoWitness(operation.id, why)
        said = f"{best.status or 'no answer'} {best.text[:160]}".strip()
        reason = f"{len(trial.answers)} requests tried, the best answer was: {said}"
        if record_reason:
            reason = f"the workflow record failed ({record_reason}); {reason}"
        alike = tuple(a.exchange for a in trial.answers if a.call.token == best.call.token)
        tried = len(trial.answers)
        return NoWitness(operation.id, reason, tried, best.exchange, best.call, steps, alike)

    # -- records ---------------------------------------------------------------------------

    async def _from_record(
        self, operation: Operation, record: Record, trial: Trial
    ) -> Witness | None:
        main, before = test_step(record)
        if main is None:
            trial.failed_step = "it has no test request"
            return None
        token = next(iter(record.tokens), None)
        if token not in trial.account.tokens:
            token = next(iter(trial.account.tokens), None)
        base: Base = "fallback" if record.use_fallback else "primary"
        call = call_of_step(main, operation.id, token, base)
        if call is None:
            trial.failed_step = f"its test request is not {operation.id}"
            return None
        steps = tuple(
            s if s.token or s.anonymous else replace(s, token=token)
            for s in (*record.prerequisites, *before)
        )
        trial.use_steps(steps)
        answer = await trial.send(call)
        if answer is not None and not answer.accepted:
            answer = await trial.send(call, again=True)
        if answer is not None and answer.rejection is Rejection.CONFLICT:
            keys = free_form(answer.call, operation)
            answer = (await self._afresh(trial, answer, keys))[0] or answer
        if answer is None or not answer.accepted:
            trial.failed_step = trial.failed_step or "the test request was rejected"
            for other in tokens_for(operation, trial.account):
                if other == call.token or answer is None:
                    continue
                answer = await trial.send(replace(call, token=other), again=True)
                if answer is not None and answer.accepted:
                    break
        if answer is None or not answer.accepted:
            return None
        return await self._grown(trial, answer, "record")

    # -- identifiers -----------------------------------------------------------------------

    async def _bind(
        self, operation: Operation, depth: int
    ) -> tuple[tuple[Step, ...], dict[FieldKey, Any]]:
        """Prerequisite steps and templates for the identifiers an operation takes."""
        steps: tuple[Step, ...] = ()
        bound: dict[FieldKey, Any] = {}
        for name in reversed(path_parameters(operation.id.path)):
            key = FieldKey(Place.PATH, name)
            if key in bound:
                continue
            steps, value = await self.produce(key, operation, steps, bound, depth)
            if value is not None:
                bound[key] = value
        for key, field in self._known(operation).items():
            if key.place is Place.PATH or key in bound or field.schema.read_only:
                continue
            if field.schema.enum or not (
                looks_like_identifier(key.leaf)
                or names_resource(key, field.schema, self.operations, operation.id)
            ):
                continue
            steps, value = await self.produce(key, operation, steps, bound, depth)
            if value is not None:
                bound[key] = value
        return steps, bound

    async def produce(
        self,
        key: FieldKey,
        operation: Operation,
        steps: tuple[Step, ...],
        bound: dict[FieldKey, Any],
        depth: int,
    ) -> tuple[tuple[Step, ...], Any]:
        """Steps extended by a producer of `key`, and the template that stands for its value."""
        given = self.bench.target.variables
        if key.leaf in given:
            return steps, "{{" + key.leaf + "}}"
        known = operation.fields.get(key)
        required = known is None or known.required
        noun = wanted_noun(key, operation.id, required)
        for other, value in bound.items():
            # The same resource twice in one request is the same one.
            if noun and wanted_noun(other, operation.id) == noun:
                return steps, value
        for name in given:
            if noun and looks_like_identifier(name) and noun_of(name) == noun:
                return steps, "{{" + name + "}}"
        for producer in producers(key, operation.id, self.operations, required)[:4]:
            witness = await self.find(producer, depth + 1)
            if not isinstance(witness, Witness) or witness.exchange.response is None:
                continue
            resource = resource_of(producer.id.path)
            hit = identifier_of(witness.exchange.response, key.leaf, resource)
            if hit is None:
                continue
            path, found = hit
            if found in _sent_as(witness.recipe.call, key.leaf):
                continue  # only our own words again
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
        operation = witness.operation.id
        if operation not in self._steps:
            self._steps[operation] = await self._repeatable(witness)
        return replace(self._steps[operation], extract={variable: path})

    async def _repeatable(self, witness: Witness) -> Step:
        call, operation = witness.recipe.call, witness.operation
        creates = act_of(call.operation) == CREATE
        verb = "create" if creates else call.operation.method.lower()
        name = f"{verb}_{resource_of(call.operation.path)}"
        keys = free_form(call, operation) if creates else ()
        trial = Trial(self.bench, operation, witness.account)
        trial.use_steps(witness.recipe.steps)
        templates = {k: _varying(edits.get(call, k), operation.fields.get(k)) for k in keys}
        whole = all(edits.get(call, k) != v for k, v in templates.items())
        changed: Variation = {} if whole else dict.fromkeys(keys, False)
        templated = call
        for key, value in templates.items():
            templated = edits.put(templated, key, value) if whole else templated
        if keys:
            number = trial.account.scope.number()
            tried = varied(templated, changed, number, operation)
            answer = await trial.send(tried, again=True)
            if answer is None or not answer.accepted:
                answer, templated, changed = await trial.send(call, again=True), call, {}
            if answer is not None and not answer.accepted:
                _, changed = await self._afresh(trial, answer, keys)
        vary = tuple(
            Varied(k, field.schema if (field := operation.fields.get(k)) else None, shaped)
            for k, shaped in changed.items()
        )
        return replace(step_of_call(name, templated), vary=vary)

    @staticmethod
    async def _afresh(
        trial: Trial, refused: Answer, keys: Sequence[FieldKey]
    ) -> tuple[Answer | None, Variation]:
        """An accepted answer to a refused call with some literal values changed, and which."""
        last: Answer | None = None

        async def attempt(changes: Variation) -> tuple[bool, str]:
            nonlocal last
            number = trial.account.scope.number()
            last = await trial.send(varied(refused.call, changes, number, trial.operation), True)
            if last is None:
                return False, ""
            return last.accepted, hints.signature(last.status, last.text)

        complaint = hints.signature(refused.status, refused.text)
        passed, changes = await learn_variation(keys, attempt, complaint)
        return (last if passed else None), changes

    # -- candidates ------------------------------------------------------------------------

    def _known(self, operation: Operation) -> dict[FieldKey, Any]:
        """The fields that current and legacy documents know."""
        known = dict(operation.fields)
        for other in self.legacy.get(operation.id, ()):
            for key, field in other.fields.items():
                if key.place is not Place.PATH:
                    known.setdefault(key, field)
        return known

    def _candidates(
        self, operation: Operation, bound: Mapping[FieldKey, Any], tokens: Sequence[str | None]
    ) -> Iterator[tuple[str, Call]]:
        """Candidate calls, likeliest first; identifiers bound, the first token sent."""
        token = tokens[0] if tokens else None
        seen: list[Call] = []
        for call in self.recorded.get(operation.id, ()):
            yield "recording", call
        legacy = list(self.legacy.get(operation.id, ()))
        for source, base in documented_calls(operation, legacy, self.bench.rng, token):
            call = self._bound(base, operation, bound)
            if call not in seen:
                seen.append(call)
                yield source, call
        if self.fuzzer is not None:
            for base in self.fuzzer.generate(operation, 4):
                yield "generated", self._bound(replace(base, token=token), operation, bound)

    def _bound(self, call: Call, operation: Operation, bound: Mapping[FieldKey, Any]) -> Call:
        for key, value in bound.items():
            if key.place is Place.PATH:
                call = replace(call, path={**call.path, key.name: value})
            elif edits.has(call, key):
                present = edits.get(call, key)
                call = edits.put(call, key, [value] if isinstance(present, list) else value)
        return call

    # -- growth ----------------------------------------------------------------------------

    async def _grown(
        self,
        trial: Trial,
        answer: Answer,
        source: str,
        bound: Mapping[FieldKey, Any] | None = None,
    ) -> Witness:
        """The witness with as many of the known fields as it bears: more to experiment on."""
        operation = trial.operation
        generator = Generator(
            self.bench.rng("grow", operation.id), files=is_multipart(answer.call.media_type)
        )
        if source != "record":
            answer = await Growth(trial, answer, generator, bound or {}).run()
        return trial.witness(answer, source, free_form(answer.call, operation))


def test_step(record: Record) -> tuple[Step | None, tuple[Step, ...]]:
    """A record's main step and the test steps before it."""
    endpoint = record.endpoint
    if endpoint is None:
        return None, ()
    for number, step in enumerate(record.test_steps):
        if call_of_step(step, endpoint, None, "primary") is not None:
            return step, record.test_steps[:number]
    return None, ()


def tokens_for(operation: Operation, account: Account) -> list[str | None]:
    """Token types to try, the documented ones first, anonymous last."""
    known = [t for t in account.tokens if t != INVALID]
    security = operation.security
    first = [t for t in security.described if t in account.tokens]
    for names in security.alternatives or ():
        for name in names:
            scheme = security.schemes.get(name)
            same = [t for t in known if plain(t) == plain(name)]
            if same:
                first += same
            elif scheme is not None and scheme.type == "apiKey":
                first += [
                    t
                    for t, token in account.tokens.items()
                    if scheme.parameter.lower()
                    in (token.header.lower(), token.query.lower(), token.cookie.lower())
                    or (scheme.parameter.lower() == "authorization" and not token.header)
                ]
            elif scheme is not None:
                first += [
                    t
                    for t, token in account.tokens.items()
                    if not (token.header or token.query or token.cookie)
                ]
    ordered: list[str | None] = list(dict.fromkeys([*first, *known]))
    if security.alternatives == () and not security.described:
        return [None, *ordered]
    return [*ordered, None]


def leanest(answers: Sequence[Answer], known: Collection[FieldKey]) -> Answer | None:
    """The refused answer with the fewest fields whose complaint names a known field: where a
    server says what it lacks, adding that leads to a small request in few steps."""
    open_ = [
        a
        for a in answers
        if a.rejection in (Rejection.VALIDATION, Rejection.CONFLICT)
        and isinstance(a.call.body, (dict, list))
        and hints.mentioned(a.text, known)
    ]
    return min(open_, key=lambda a: len(list(edits.present_fields(a.call))), default=None)


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


def _sent_as(call: Call, leaf: str) -> list[Any]:
    """The literal values that a call sends in fields of a name."""
    return [edits.get(call, key) for key in edits.present_fields(call) if key.leaf == leaf]


def path_of(bound: Mapping[FieldKey, Any]) -> list[FieldKey]:
    """The path parameters among bound fields."""
    return [key for key in bound if key.place is Place.PATH]
