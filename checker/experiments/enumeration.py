"""Is a field's set of values closed, and what is in it?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from types import NoneType
from typing import Any

from checker.domain.observation import Kind, Observation
from checker.domain.operation import Field, FieldKey, Place
from checker.domain.schema import Schema, json_type
from checker.experiments.base import Context, Experiment, about_field, crashed
from checker.experiments.company import in_company, said_of
from checker.experiments.references import unknown_like
from checker.experiments.shaping import has_shape
from checker.inference.grouptest import find_defectives
from checker.planning import edits
from checker.planning.values import looks_like_identifier
from checker.planning.variation import vary
from checker.planning.wrong_values import nonsense
from checker.probing.asks import Ask, replacing
from checker.probing.trial import Witness

_WORD = re.compile(r"[A-Za-z]{2,}(?:[ _-][A-Za-z]+)*")
_FAR = (17, 137)
_OPEN_FORMATS = ("date", "date-time", "time", "uuid", "email", "uri", "url", "byte", "binary")


def _is_open(field: Field | None) -> bool:
    """Whether a field's format has more values than a set could have."""
    return field is not None and field.schema.format in _OPEN_FORMATS


class Enumeration(Experiment):
    """Two unrelated nonsense values tell whether the set is closed; then every candidate.

    Documented enums: nonsense, each documented value, each candidate from other documents,
    words and answers. Strings without an enum: nonsense into all of them at once first, so
    that free text costs one request together.
    """

    id = "enum"
    order = 20
    builds_on = ("absent", "types")

    async def run(self, context: Context) -> Iterable[Observation]:
        out: list[Observation] = []
        listed: list[FieldKey] = []
        free: list[FieldKey] = []
        for key in context.with_items():
            value = edits.get(context.template, key)
            field = context.field(key)
            if isinstance(value, (dict, list, NoneType)) or context.is_bound(key):
                continue
            if field is not None and field.schema.enum:
                listed.append(key)
            elif isinstance(value, str) and not _is_open(field):
                free.append(key)
        for key in listed:
            out += await self._closed_set(context, key)
        for key in await self._not_free(context, free, out):
            out += await self._closed_set(context, key)
        return out

    async def _not_free(
        self, context: Context, free: list[FieldKey], out: list[Observation]
    ) -> list[FieldKey]:
        """The string fields that refuse nonsense."""
        rng = context.bench.rng("nonsense", context.documented.id)
        values = {key: nonsense(rng, "", _schema(context, key))[0] for key in free}

        async def refused(group: Any) -> bool:
            if len(group) == 1:
                seen = await context.lab.ask(replacing(group[0], values[group[0]], "nonsense"))
                out.append(seen)
            else:
                change = edits.chain(*(edits.putting(k, values[k]) for k in group))
                seen = await context.lab.ask(Ask(Kind.COMBINE, change, detail={"role": "nonsense"}))
            return about_field(seen) or crashed(seen)

        return await find_defectives(free, refused)

    async def _closed_set(self, context: Context, key: FieldKey) -> list[Observation]:
        field = context.field(key)
        witness = edits.get(context.template, key)
        rng = context.bench.rng("enum", key)
        first, second = nonsense(rng, witness, _schema(context, key))
        if isinstance(witness, str) and field is not None and field.schema.enum:
            # No longer than what is documented: the length must not be what is minded.
            room = max((len(v) for v in field.schema.enum if isinstance(v, str)), default=0)
            first, second = first[: max(room, 3)], second[: max(room, 3)]
        asks = [replacing(key, first, "nonsense"), replacing(key, second, "nonsense")]
        out = await context.settle(asks, lambda seen: True)
        documented = list(field.schema.enumerated) if field is not None else []
        if not all(about_field(o) and o.confirmed for o in out):
            return out
        own = context.documented.field(key)
        documented = [v for v in own.schema.enumerated if v is not None] if own else []
        if not documented and isinstance(witness, str) and 0 < len(witness) < len(second):
            # Nonsense as short as the witness: it may be the length that was minded.
            short = await context.lab.ask(replacing(key, second[: len(witness)], "short"))
            out.append(short)
            if short.accepted:
                return out
        if not documented and isinstance(witness, str):
            # A value of the same shape that passes means a format, not a set; and so does one
            # word of several, or a text without its sign: an expression.
            for other in (*_shaped(witness), *_parts(witness)):
                shaped = await context.lab.ask(replacing(key, other, "shaped"))
                out.append(shaped)
                if shaped.accepted:
                    return out
        said = " ".join(said_of(o) for o in out)
        candidates, guessed = self._candidates(context, key, said)
        tried = [v for v in documented if v != witness]
        others = [v for v in candidates if v not in documented and v != witness]
        seen = await context.settle(
            [replacing(key, v, "documented") for v in tried],
            lambda seen: seen.rejected or _disputed(context, key, seen.value),
        )
        refusals = [o for o in out if o.detail["role"] == "nonsense"]
        out += [await in_company(context, key, o, refusals) for o in seen]
        out += await context.settle(
            [replacing(key, v, "candidate", guessed=v in guessed) for v in others],
            lambda seen: seen.accepted or _disputed(context, key, seen.value),
        )
        if not documented and not any(o.accepted for o in out) and _is_word(context, key):
            # Only the witness's own value is known: values that look just like it must fail.
            alike = [replacing(key, v, "lookalike") for v in _lookalikes(witness)]
            out += await context.settle(alike, lambda seen: seen.rejected)
        return out

    @staticmethod
    def _candidates(context: Context, key: FieldKey, said: str) -> tuple[list[Any], list[Any]]:
        """What documents, words and the refusals (`said`) name, each still to be tried; and those
        of them that only a registry names."""
        values: list[Any] = []
        named: list[Any] = []
        witness = edits.get(context.template, key)
        for operation in (context.documented, *context.legacy):
            own = operation.field(key)
            if own is not None:
                known = context.candidates.of(operation, own, said)
                standard = context.candidates.standard(operation, own, large=False, like=witness)
                named += known
                for value in (*known, *standard):
                    if value not in values:
                        values.append(value)
        if key.place in (Place.BODY,) and not isinstance(witness, str):
            values = [v for v in values if json_type(v) == json_type(witness)]
        guessed = [v for v in values if v not in named]
        known = [*values, witness]
        variants = context.candidates.variants(known[:1])
        return values + [v for v in variants if v not in values], guessed


def _disputed(context: Context, key: FieldKey, value: Any) -> bool:
    """Whether one document lists a value and another one of the operation doesn't."""
    fields = (o.fields.get(key) for o in (context.documented, *context.legacy))
    return len({value in f.schema.enum for f in fields if f is not None and f.schema.enum}) > 1


def _shaped(value: str) -> list[str]:
    """Other texts of a value's shape. A code's letters, digits and signs stay what they are and
    where they are (far enough from the value that the next one of a small set isn't met)."""
    found = [str(vary(value, 3))]
    if has_shape(value):
        found += [str(vary(value, number, shaped=True)) for number in _FAR]
    return [v for v in dict.fromkeys(found) if v != value]


def _parts(value: str) -> list[str]:
    """What a text may be put together from: its first and last word, itself without a sign."""
    words = [w for w in re.split(r"[\s,:;|]+", value) if w]
    found = [words[0], words[-1]] if len(words) > 1 else [value.lstrip("+-!")]
    return [p for p in dict.fromkeys(found) if p and p != value]


def _is_word(context: Context, key: FieldKey) -> bool:
    """Whether the witness's value is a plain word of its own: no code with digits, no copy of
    another field's value, and nothing that only an answer of the server names."""
    value = edits.get(context.template, key)
    if not isinstance(value, str) or not _WORD.fullmatch(value) or looks_like_identifier(key.leaf):
        return False
    if _is_of_large_registry(context, context.field(key), value):
        return False
    others = [edits.get(context.template, k) for k in context.present() if k != key]
    if value in others or context.candidates.learned(context.documented, key, value):
        return False
    return not any(_names(body, value, key.leaf) for body in _answers(context))


def _is_of_large_registry(context: Context, field: Field | None, value: str) -> bool:
    """Whether a value is one of many that a standard names."""
    if field is None:
        return False
    candidates, documented = context.candidates, context.documented
    small = candidates.standard(documented, field, large=False)
    return value in candidates.standard(documented, field) and value not in small


def _answers(context: Context) -> Iterator[Any]:
    """The bodies that witnesses of all operations were answered with."""
    for witness in context.search.found.values():
        if isinstance(witness, Witness) and witness.exchange.response is not None:
            yield witness.exchange.response.body


def _lookalikes(word: str) -> list[str]:
    """Words of the same length, letter case and punctuation."""
    turned = str(unknown_like(word))
    back = "".join(c for c in reversed(word) if c.isalpha())
    letters = iter(back.lower())
    mirrored = "".join(
        (n.upper() if c.isupper() else n) if c.isalpha() and (n := next(letters)) else c
        for c in word
    )
    last = word[-1]
    changed = word[:-1] + (("q" if last.islower() else "Q") if last not in "qQ" else "z")
    return [w for w in dict.fromkeys((turned, mirrored, changed)) if w != word]


def _names(node: Any, value: str, leaf: str) -> bool:
    """Whether an answer has the value, but for members of the field's own name."""
    if isinstance(node, Mapping):
        return any(n != leaf and _names(v, value, leaf) for n, v in node.items())
    if isinstance(node, list):
        return any(_names(v, value, leaf) for v in node)
    return bool(node == value)


def _schema(context: Context, key: FieldKey) -> Schema | None:
    field = context.field(key)
    return field.schema if field is not None else None
