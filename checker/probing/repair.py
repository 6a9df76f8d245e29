"""Repair of a rejected candidate: single edits, accepted one by one as the error changes.

What an error says only orders the tries. Where errors say nothing, the edits are tried in a
fixed order, then pairs, until the trial's limit.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from checker.domain.exchange import Call
from checker.domain.observation import Rejection
from checker.domain.operation import Field, FieldKey, Place
from checker.domain.schema import Schema
from checker.planning import edits, hints
from checker.planning.candidates import Candidates
from checker.planning.date_edits import other_layouts
from checker.planning.encoding import is_json, is_multipart, path_parameters
from checker.planning.values import Generator
from checker.planning.wrong_values import COMMON_TEXTS, wrong_types
from checker.probing.states import Catalogue, States
from checker.probing.trial import Answer, Trial, rank

ROUNDS = 8
FEW = 4
UNMOVED = 3
"""So many different bodies with one answer are a sign that the body isn't what is wrong."""
_ENVELOPE = {"ok", "success", "status", "code", "error", "errors", "message", "messages", "title"}
_ENVELOPE |= {"detail", "details", "type", "data", "result", "reason", "description", "instance"}
"""Members of an error's own envelope: hardly ever the request's field that it misses."""
_NO_PROGRESS = (
    Rejection.SERVER_ERROR,
    Rejection.TRANSPORT,
    Rejection.RATE,
    Rejection.ELSEWHERE,
)
_GOT_IN = (Rejection.VALIDATION, Rejection.CONFLICT, Rejection.SERVER_ERROR)


class Repair:
    """Mends the best rejected answer of a trial."""

    def __init__(
        self,
        trial: Trial,
        candidates: Candidates,
        known: Mapping[FieldKey, Field],
        tokens: Sequence[str | None],
        catalogue: Catalogue,
    ) -> None:
        self.trial = trial
        self.candidates = candidates
        self.known = known
        self.tokens = tokens
        self.catalogue = catalogue
        self._generator = Generator(
            trial.bench.rng("repair", trial.operation.id),
            files=any(map(is_multipart, trial.operation.body)),
        )

    async def run(self, best: Answer, quick: bool = False) -> Answer | None:
        """An accepted answer, or None. `quick`: single edits only."""
        if quick:
            return await self._from(best, quick)
        limit = self.trial.limit
        for head in self._heads(best):
            # Each token that gets an answer of its own gets a part of the tries.
            self.trial.limit = min(limit, len(self.trial.answers) + max(20, limit * 2 // 3))
            found = await self._from(head)
            if found is not None:
                return found
        return None

    async def elsewhere(self, best: Answer) -> Answer:
        """The answer that gets furthest with other tokens and base URLs."""
        for call in self._elsewhere(best.call):
            answer = None if self.trial.spent else await self.trial.send(call)
            if answer is not None and answer.accepted:
                return answer
            if answer is not None and rank(answer.rejection) > rank(best.rejection):
                best = answer
        return best

    def _heads(self, best: Answer) -> Iterator[Answer]:
        """The best answer; then, of the same call, other tokens' that are no refusal of them."""
        yield best
        signatures = {self._signature(best)}
        for answer in list(self.trial.answers):
            if answer.call.token in (best.call.token, None) or answer.rejection not in _GOT_IN:
                continue
            if replace(answer.call, token=best.call.token) != best.call:
                continue
            if self._signature(answer) not in signatures:
                signatures.add(self._signature(answer))
                yield answer

    async def _from(self, best: Answer, quick: bool = False) -> Answer | None:
        first, seen = best, {self._signature(best)}
        states, moved_for = States(self.trial, self.tokens, self.catalogue), list[Answer]()
        if not quick and best.rejection is not Rejection.CONFLICT and self._unmoved(best):
            other = await states.otherwise(self._smallest(best))
            if other is not None:
                return other
        for _ in range(ROUNDS):
            if best.rejection is Rejection.CONFLICT and not quick:
                # The request is well-formed: it is what there is that stands against it.
                moved_for.append(best)
                moved = await states.run(self._smallest(best))
                if moved is not None:
                    return moved

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
                    if await self._own_fault(best, answer):
                        continue
                    progressed = answer
                    break
            if progressed is None:
                break
            best = progressed
        if quick:
            return None
        for answer in (best, first) if best is not first else (first,):
            # What was changed for nothing must not stand in the way of what the document says.
            if answer not in moved_for:
                moved = await states.run(answer)
                if moved is not None:
                    return moved
        return await self._pairs(best)

    def _unmoved(self, best: Answer) -> bool:
        """Whether all requests got the same refusal, those with the least in them, too: it may
        be about what they refer to."""
        answers = [a for a in self.trial.answers if a.call.token == best.call.token]
        alike = {self._signature(a) for a in answers} == {self._signature(best)}
        return alike and len({str(a.call.body) for a in answers}) >= UNMOVED

    def _smallest(self, best: Answer) -> Answer:
        """The answer with the same complaint to the fewest fields: what is optional must not
        stand in the way of what a move brings about."""
        alike = [
            a
            for a in self.trial.answers
            if a.rejection is best.rejection
            and a.call.token == best.call.token
            and a.call.base == best.call.base
            and self._signature(a) == self._signature(best)
        ]
        return min(alike, key=lambda a: len(list(edits.present_fields(a.call))), default=best)

    @staticmethod
    def _signature(answer: Answer) -> str:
        fields = (edits.get(answer.call, k) for k in edits.present_fields(answer.call))
        sent = [v for v in fields if isinstance(v, str)]
        # A template stands for what went over the wire.
        request = answer.exchange.request
        sent += [unquote(part) for part in request.url_path.split("/")]
        sent += [value for _, value in request.query]
        return hints.signature(answer.status, answer.text, sent)

    def _is_progress(self, best: Answer, answer: Answer) -> bool:
        """Another complaint, and not one that the edit itself brought about."""
        if answer.rejection in _NO_PROGRESS:
            return False
        if rank(answer.rejection) < rank(best.rejection):
            return False
        if best.call.token != answer.call.token and rank(answer.rejection) == rank(best.rejection):
            return False
        before = hints.mentioned(best.text, self.known)
        after = hints.mentioned(answer.text, self.known)
        if best.rejection is answer.rejection and after:
            changed = {
                k
                for k in {*edits.present_fields(best.call), *edits.present_fields(answer.call)}
                if edits.get(best.call, k) != edits.get(answer.call, k)
            }
            if any(k in before and not edits.has(best.call, k) for k in changed):
                return True  # what was missing is there; the rest is about what is in it
            # Fewer complaints, or the complaint has left the field that was changed.
            return 0 < len(after) < len(before) or not (set(after) & changed)
        return True

    async def _own_fault(self, best: Answer, answer: Answer) -> bool:
        """Whether the new complaint is about the edit: any nonsense in its place brings it."""
        changed = [
            k
            for k in edits.present_fields(answer.call)
            if edits.has(best.call, k) and edits.get(best.call, k) != edits.get(answer.call, k)
        ]
        inner = [k for k in changed if not any(o != k and o.parent == k for o in changed)]
        if len(inner) != 1 or inner[0].place is Place.HEADER:
            return False
        check = await self.trial.send(edits.put(best.call, inner[0], {"zqx": [1]}))
        return check is not None and self._signature(check) == self._signature(answer)

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
        access = best.rejection in (Rejection.AUTHORISATION, Rejection.ELSEWHERE, None)
        if access:
            yield from filter(new, self._elsewhere(call))
        named = hints.quoting(text, [(k, edits.get(call, k)) for k in self.known])
        named += [k for k in hints.mentioned(text, self.known) if k not in named]
        for key in named:
            yield from filter(new, self._of_field(call, key, text))
        yield from filter(new, self.candidates.namesakes.calls(call, self.known))
        for name in hints.names_in(text):
            if name.lower() not in _ENVELOPE and not any(k.leaf == name for k in self.known):
                yield from filter(new, self._unknown(call, name))
        yield from filter(new, self._additions(call))
        rest = [
            k for k in edits.present_fields(call) if k not in named and k.place is not Place.PATH
        ]
        if not named:
            yield from filter(new, other_layouts(call, rest, self.candidates))
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
            if key.place is Place.BODY and is_json(call.media_type):
                yield edits.put(call, key, [current])
            return
        if field is not None:
            for value in self._values(field, error):
                if value != current:
                    yield edits.put(call, key, value)
        documented = self.trial.operation.fields.get(key)
        if documented is None or not documented.required:
            yield edits.remove(call, key)
        schema = field.schema if field is not None else Schema(self.trial.operation.location)
        if field is not None:
            for value in self.candidates.namesakes.of(field):
                yield edits.put(call, key, value)
        if isinstance(current, str) and field is not None and not schema.enum:
            # What the path names may have to be named again.
            for value in reversed(list(call.path.values())):
                if "{{" in str(value) and not schema.format:
                    yield edits.put(call, key, value)
            yield from (edits.put(call, key, value) for value in COMMON_TEXTS)
        if isinstance(current, str) and current and is_multipart(call.media_type):
            yield edits.put(call, key, current.encode())
        typed = key.place is Place.BODY and is_json(call.media_type)
        for value in wrong_types(schema, current):
            # Elsewhere an object's members go under other names than the field's.
            if typed or not isinstance(value, dict):
                yield edits.put(call, key, value)
        if isinstance(current, str):
            yield from (edits.put(call, key, value) for value in COMMON_TEXTS)
        elif isinstance(current, (int, float)) and not isinstance(current, bool):
            for number in (1, 10, 100, 0):
                if number != current:
                    yield edits.put(call, key, number)

    def _values(self, field: Field, error: str) -> list[Any]:
        values = self.candidates.of(self.trial.operation, field, error)
        standard = self.candidates.standard(self.trial.operation, field)
        # Where nothing says that it is this field, the usual ones have to do.
        values += [v for v in standard[: None if error else FEW] if v not in values]
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

    # -- pairs --------------------------------------------------------------------------------

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
