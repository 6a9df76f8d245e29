"""Repair of a rejected candidate: single edits, accepted one by one as the error changes.

What an error says only orders the tries. Where errors say nothing, the edits are tried in a
fixed order, then pairs, until the trial's limit.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from checker.domain.exchange import Call
from checker.domain.observation import Rejection
from checker.domain.operation import Field, FieldKey, Place
from checker.domain.schema import Schema
from checker.planning import edits, hints
from checker.planning.candidates import Candidates
from checker.planning.encoding import is_multipart, path_parameters
from checker.planning.producers import resource_of, singular, status_field, transitions, words
from checker.planning.recipe import call_variables, match_path, step_of_call
from checker.planning.values import Generator, looks_like_identifier, wrong_types
from checker.probing.trial import Answer, Trial

if TYPE_CHECKING:
    from checker.probing.witness import Search

ROUNDS = 8
_LIVE_STATES = ("active", "published", "open", "enabled", "confirmed", "approved", "ready")


_TEXTS = ("1", "2031-05-17", "12345", "abc", "a@example.com", "example.org.", "192.0.2.7")
"""Texts of shapes that servers often want."""


class Repair:
    """Mends the best rejected answer of a trial."""

    def __init__(
        self,
        trial: Trial,
        candidates: Candidates,
        known: Mapping[FieldKey, Field],
        tokens: Sequence[str | None],
        search: Search,
    ) -> None:
        self.trial = trial
        self.candidates = candidates
        self.known = known
        self.tokens = tokens
        self.search = search
        self._generator = Generator(
            trial.bench.rng("repair", trial.operation.id),
            files=any(map(is_multipart, trial.operation.body)),
        )

    async def run(self, best: Answer, quick: bool = False) -> Answer | None:
        """An accepted answer, or None. `quick`: single edits only."""
        seen = {self._signature(best)}
        for _ in range(ROUNDS):
            progressed: Answer | None = None
            for call in self._singles(best):
                if self.trial.spent:
                    return None
                answer = await self.trial.send(call)
                if answer is None:
                    continue
                if answer.accepted:
                    return answer
                mark = self._signature(answer)
                if mark not in seen and self._is_progress(best, answer):
                    seen.add(mark)
                    progressed = answer
                    break
            if progressed is None:
                break
            best = progressed
        if quick:
            return None
        return await self._by_state(best) or await self._pairs(best)

    @staticmethod
    def _signature(answer: Answer) -> str:
        sent = (edits.get(answer.call, k) for k in edits.present_fields(answer.call))
        return hints.signature(answer.status, answer.text, [v for v in sent if isinstance(v, str)])

    def _is_progress(self, best: Answer, answer: Answer) -> bool:
        """Another complaint, and not one that the edit itself brought about."""
        if answer.rejection in (Rejection.SERVER_ERROR, Rejection.TRANSPORT, Rejection.RATE):
            return False
        if best.rejection is Rejection.VALIDATION and answer.rejection in (
            Rejection.AUTHORISATION,
            Rejection.ABSENCE,
        ):
            return False
        before = hints.mentioned(best.text, self.known)
        after = hints.mentioned(answer.text, self.known)
        if best.rejection is answer.rejection and before and after:
            changed = {
                k
                for k in {*edits.present_fields(best.call), *edits.present_fields(answer.call)}
                if edits.get(best.call, k) != edits.get(answer.call, k)
            }
            if any(k in before and not edits.has(best.call, k) for k in changed):
                return True  # what was missing is there; the rest is about what is in it
            # Fewer complaints, or the complaint has left the field that was changed.
            return len(after) < len(before) or not (set(after) & changed)
        return True

    # -- single edits ------------------------------------------------------------------------

    def _singles(self, best: Answer) -> Iterator[Call]:
        call, text = best.call, best.text
        tried: list[Call] = [a.call for a in self.trial.answers]

        def new(candidate: Call) -> bool:
            if candidate in tried:
                return False
            tried.append(candidate)
            return True

        if best.rejection is Rejection.ABSENCE and self._guessed(call):
            # It is the path that names nothing: no edit of the rest can help.
            yield from filter(new, self._elsewhere(call))
            yield from filter(new, self._other_paths(call, text))
            return
        access = best.rejection in (Rejection.AUTHORISATION, None)
        if access:
            yield from filter(new, self._elsewhere(call))
        named = hints.quoting(text, [(k, edits.get(call, k)) for k in self.known])
        named += [k for k in hints.mentioned(text, self.known) if k not in named]
        for key in named:
            yield from filter(new, self._of_field(call, key, text))
        for name in hints.names_in(text):
            if not any(k.leaf == name for k in self.known):
                yield from filter(new, self._unknown(call, name))
        yield from filter(new, self._additions(call))
        rest = [
            k for k in edits.present_fields(call) if k not in named and k.place is not Place.PATH
        ]
        for key in rest:
            yield from filter(new, self._of_field(call, key, ""))
        if not access:
            yield from filter(new, self._elsewhere(call))

    def _elsewhere(self, call: Call) -> Iterator[Call]:
        """Another token, another base URL."""
        for token in self.tokens:
            if token != call.token:
                yield replace(call, token=token)
        if self.trial.bench.target.fallback_url and call.base == "primary":
            for token in self.tokens:
                yield replace(call, token=token, base="fallback")

    def _guessed(self, call: Call) -> list[FieldKey]:
        """Path parameters whose values no answer and no user gave."""
        return [
            FieldKey(Place.PATH, name)
            for name in path_parameters(call.operation.path)
            if "{{" not in str(call.path.get(name, ""))
        ]

    def _other_paths(self, call: Call, error: str) -> Iterator[Call]:
        for key in self._guessed(call):
            field = self.known.get(key)
            for value in self._values(field, error) if field is not None else ():
                yield edits.put(call, key, value)

    def _of_field(self, call: Call, key: FieldKey, error: str) -> Iterator[Call]:
        """Edits of one field: add it, other values, other types, without it."""
        field = self.known.get(key)
        if not edits.has(call, key):
            if field is not None:
                for value in self._values(field, error)[:4]:
                    yield edits.put(call, key, value)
            return
        current = edits.get(call, key)
        if isinstance(current, str) and "{{" in current:
            return
        if field is not None:
            for value in self._values(field, error):
                if value != current:
                    yield edits.put(call, key, value)
        documented = self.trial.operation.fields.get(key)
        if documented is None or not documented.required:
            yield edits.remove(call, key)
        schema = field.schema if field is not None else Schema(self.trial.operation.location)
        if isinstance(current, str) and field is not None and not schema.enum:
            # What the path names may have to be named again.
            for value in reversed(list(call.path.values())):
                if "{{" in str(value) and not schema.format:
                    yield edits.put(call, key, value)
            yield from (edits.put(call, key, value) for value in _TEXTS)
        if isinstance(current, str) and current and is_multipart(call.media_type):
            yield edits.put(call, key, current.encode())
        for value in wrong_types(schema, current):
            yield edits.put(call, key, value)
        if isinstance(current, str):
            yield from (edits.put(call, key, value) for value in _TEXTS)
        elif isinstance(current, (int, float)) and not isinstance(current, bool):
            for number in (1, 10, 100, 0):
                if number != current:
                    yield edits.put(call, key, number)

    def _values(self, field: Field, error: str) -> list[Any]:
        values = self.candidates.of(self.trial.operation, field, error)
        if not values or not field.schema.enum:
            made = self._generator.value(field.schema, field.key.leaf)
            if made not in values:
                values.append(made)
        return values

    def _unknown(self, call: Call, name: str) -> Iterator[Call]:
        """A field that only the error names."""
        place = Place.BODY if call.body or call.operation.method != "GET" else Place.QUERY
        if place is Place.BODY and not isinstance(call.body, dict):
            return
        key = FieldKey(place, name)
        if edits.has(call, key):
            return
        schema = Schema(self.trial.operation.location, types=("string",))
        yield edits.put(call, key, self._generator.value(schema, name))
        yield edits.put(call, key, 1)

    def _additions(self, call: Call) -> Iterator[Call]:
        """Known fields that are absent: all at once, then one by one."""
        absent = [
            (key, field)
            for key, field in self.known.items()
            if key.place is not Place.PATH
            and not edits.has(call, key)
            and not field.schema.read_only
            and "[]" not in key.name
            and (key.parent is None or edits.has(call, key.parent))
        ]
        if len(absent) > 1:
            whole = call
            for key, field in absent:
                whole = edits.put(whole, key, self._values(field, "")[0])
            yield whole
        for key, field in absent:
            yield edits.put(call, key, self._values(field, "")[0])

    # -- pairs and states ----------------------------------------------------------------------

    async def _pairs(self, best: Answer) -> Answer | None:
        """Two edits at once, where no single one made a difference."""
        if best.rejection not in (Rejection.VALIDATION, Rejection.SERVER_ERROR):
            return None
        base = best.call
        changes: list[tuple[FieldKey, Any]] = []
        for key, field in self.known.items():
            if key.place is Place.PATH or field.schema.read_only or "[]" in key.name:
                continue
            current = edits.get(base, key)
            if isinstance(current, str) and "{{" in current:
                continue
            options = [v for v in self._values(field, "") if v != current][:2]
            if edits.has(base, key):
                options += list(wrong_types(field.schema, current))[:2]
            changes += [(key, v) for v in options]
        for (one, first), (other, second) in itertools.combinations(changes[:16], 2):
            if one == other or self.trial.spent:
                continue
            answer = await self.trial.send(edits.put(edits.put(base, one, first), other, second))
            if answer is not None and answer.accepted:
                return answer
        return None

    async def _by_state(self, best: Answer) -> Answer | None:
        """Move the resources that the request refers to into another state, then try again."""
        if best.rejection in (Rejection.TRANSPORT, Rejection.RATE, None):
            return None
        steps = self.trial.steps
        used = call_variables(best.call)
        for step in steps:
            mine = [v for v in step.extract if v in used]
            if not mine or step.operation is None or step.method != "POST":
                continue
            item = self._item_path(step.operation.path)
            if item is None:
                continue
            for number, call in enumerate(self._moves(item, mine[0], step.operation.path)):
                if self.trial.spent or number >= 10:
                    break
                name = f"{call.operation.method.lower()}_{resource_of(call.operation.path)}"
                taken = {s.id for s in steps}
                move = step_of_call(name if name not in taken else f"{name}_2", call)
                position = steps.index(step) + 1
                self.trial.use_steps((*steps[:position], move, *steps[position:]))
                answer = await self.trial.send(best.call)
                if answer is not None and answer.accepted:
                    return answer
            self.trial.use_steps(steps)
        return await self._by_sibling(best)

    async def _by_sibling(self, best: Answer) -> Answer | None:
        """Create another resource that shares identifiers with the request, then try again."""
        steps = self.trial.steps
        ours = {
            singular("_".join(words(k.leaf))): edits.get(best.call, k)
            for k in edits.present_fields(best.call)
            if looks_like_identifier(k.leaf) and "{{" in str(edits.get(best.call, k))
        }
        if not ours:
            return None
        for operation in self.search.operations:
            if operation.id.method != "POST" or operation.id == self.trial.operation.id:
                continue
            theirs = {
                singular("_".join(words(k.leaf))): k
                for k in operation.fields
                if looks_like_identifier(k.leaf)
            }
            shared = [n for n in theirs if n in ours]
            if not shared or self.trial.spent:
                continue
            witness = self.search.found.get(operation.id)
            recipe = getattr(witness, "recipe", None)
            if recipe is None:
                continue
            call = recipe.call
            for name in shared:
                call = edits.put(call, theirs[name], ours[name])
            if call_variables(call) - {v for s in steps for v in s.extract}:
                continue
            step = step_of_call(f"create_{resource_of(operation.id.path)}", call)
            self.trial.use_steps((*steps, step))
            answer = await self.trial.send(best.call)
            if answer is not None and answer.accepted:
                return answer
        self.trial.use_steps(steps)
        return None

    def _item_path(self, collection: str) -> str | None:
        for operation in self.search.operations:
            path = operation.id.path
            head, _, last = path.rstrip("/").rpartition("/")
            if head == collection.rstrip("/") and last.startswith("{"):
                return path
            if path.startswith(collection.rstrip("/") + "/{"):
                rest = path[len(collection.rstrip("/")) + 1 :]
                return collection.rstrip("/") + "/" + rest.split("/")[0]
        return None

    def _moves(self, item: str, variable: str, collection: str) -> Iterator[Call]:
        """Calls that may change the state of the resource in `variable`."""
        for operation in transitions(item, self.search.operations):
            if not self.trial.bench.may_send(operation.id):
                continue
            path = dict.fromkeys(_last_parameters(operation.id.path, item), "{{" + variable + "}}")
            base = self._inherited(collection)
            call = Call(operation.id, path={**base, **path}, token=self.tokens[0])
            status = status_field(operation)
            if status is None:
                body = self._body(operation)
                yield (
                    replace(
                        call, body=body, media_type="application/json" if body is not None else None
                    )
                    if body
                    else call
                )
                continue
            key, values = status
            ordered = [v for v in values if str(v).lower() in _LIVE_STATES]
            for value in [*ordered, *(v for v in values if v not in ordered)][:6]:
                yield edits.put(replace(call, media_type="application/json"), key, value)

    def _inherited(self, collection: str) -> dict[str, Any]:
        """Path values that the creating step already has."""
        for step in self.trial.steps:
            if step.operation is not None and step.operation.path == collection:
                return match_path(collection, step.path) or {}
        return {}

    @staticmethod
    def _body(operation: Any) -> Any:
        schema = next((s for s in operation.body.values() if s is not None), None)
        if schema is None:
            return None
        files = any(map(is_multipart, operation.body))
        return Generator(random.Random(0), full=False, files=files).value(schema)


def _last_parameters(path: str, item: str) -> list[str]:
    depth = len(path_parameters(item))
    names = path_parameters(path)
    return [names[depth - 1]] if len(names) >= depth else []
