"""Are the documented examples accepted?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from checker.domain.exchange import Call
from checker.domain.observation import Kind, Observation
from checker.domain.operation import FieldKey, Place
from checker.domain.schema import Schema, json_type
from checker.experiments.base import Context, Experiment, about_field
from checker.experiments.limits import identifies
from checker.planning import edits
from checker.planning.meant import is_handed_out
from checker.planning.moments import is_date, later
from checker.planning.values import looks_like_identifier
from checker.probing.asks import Ask

_AROUND = (0, -1, 1)
"""A rule between fields may want equality, or an order that excludes it."""


class Examples(Experiment):
    """Each field's examples one at a time, then each whole example request.

    Identifiers stay the witness's own: an example's identifier belongs to somebody else, and is
    left out where the witness has none in its place. What each request has to change is changed in
    a whole example, too, and a field's refused example is asked once more with another value of
    its shape: the example itself may be taken by now; and in company: it may only not go with the
    other values of the request (an end before a start).
    """

    id = "examples"
    order = 55
    builds_on = ("absent",)

    async def run(self, context: Context) -> Iterable[Observation]:
        asks: list[Ask] = []
        for key in context.present():
            field = context.documented.fields.get(key)
            if field is None or context.is_bound(key) or looks_like_identifier(key.leaf):
                continue
            if is_handed_out(key, context.documented):
                continue
            current = edits.get(context.template, key)
            asks += [
                Ask(
                    Kind.REPLACE,
                    edits.putting(key, example),
                    subject=key,
                    value=example,
                    detail={"role": "example", "witness": current},
                )
                for example in _others(field.schema, current)
            ]
        for example in context.documented.body_examples[:3]:
            if isinstance(example, dict):
                asks.append(
                    Ask(
                        Kind.REPLACE,
                        self._whole(context, example),
                        value=example,
                        detail={"role": "example-request"},
                    )
                )
        seen = await context.settle(asks, about_field)
        return [*seen, *await otherwise(context, seen)]

    @staticmethod
    def _whole(context: Context, example: dict[str, Any]) -> Any:
        ours = [
            k
            for k in edits.present_fields(context.template)
            if k.place is Place.BODY and (context.is_bound(k) or looks_like_identifier(k.leaf))
        ]

        whole = replace(context.template, body=example)
        theirs = [
            k
            for k, field in context.documented.fields.items()
            if k.place is Place.BODY
            and k not in ours
            and "[]" not in k.name
            and not field.required
            and edits.has(whole, k)
            and identifies(context, k, field.schema)
        ]

        def edit(fresh: Call) -> Call:
            call = context.lab.with_turn(replace(fresh, body=edits.remove(whole, *theirs).body))
            for key in ours:
                if edits.has(call, key) or _was_required(context, key):
                    value = edits.get(fresh, key)
                    if edits.is_plain(value):
                        call = edits.put(call, key, value)
            return call

        return edit


async def otherwise(context: Context, seen: Iterable[Observation]) -> list[Observation]:
    """What becomes of refused examples with another value of their shape, and in company: what
    is accepted then says that the refusal wasn't about the example."""
    refused = [o for o in seen if o.subject is not None and o.rejected and about_field(o)]
    varied = set(context.lab.varied)
    turned = [
        Ask(
            Kind.REPLACE,
            edits.chain(edits.putting(one.subject, one.value), context.lab.with_turn),
            subject=one.subject,
            value=one.value,
            detail={"role": "example-in-turn"},
        )
        for one in refused
        if one.subject in varied and one.subject is not None
    ]
    accompanied = [
        Ask(
            Kind.REPLACE,
            edits.chain(*(edits.putting(k, v) for k, v in {**beside, own: one.value}.items())),
            subject=own,
            value=one.value,
            detail={"role": "example-in-company"},
        )
        for one in refused
        if (own := one.subject) is not None
        for beside in _company(context, own, one.value)
    ]
    return await context.settle([*turned, *accompanied], about_field)


def _was_required(context: Context, key: FieldKey) -> bool:
    field = context.documented.fields.get(key)
    return field is not None and field.required


def _others(schema: Schema, current: Any) -> Iterator[Any]:
    """The examples of a schema that have its type and aren't what is sent anyhow."""
    for example in schema.examples[:3]:
        if example not in (None, current) and schema.allows_type(json_type(example)):
            yield example


def _company(context: Context, key: FieldKey, example: Any) -> list[dict[FieldKey, Any]]:
    """Values of the other fields with which an example may go: their own examples; for a date or
    a number the same, an earlier and a later one in all fields that have one."""
    others = [k for k in context.present() if k != key and not context.is_bound(k)]
    fields = context.documented.fields
    documented = {
        k: fields[k].schema.examples[0]
        for k in others
        if k in fields and fields[k].schema.examples and not looks_like_identifier(k.leaf)
    }
    kind = _kind(example)
    like = [k for k in others if kind and _kind(edits.get(context.template, k)) == kind]
    around = [dict.fromkeys(like, _moved(example, by)) for by in _AROUND if like]
    return list(filter(None, (documented, *around)))


def _moved(value: Any, by: int) -> Any:
    """A date so many days later, a number so much larger."""
    return later(value, by) if isinstance(value, str) else value + by


def _kind(value: Any) -> str:
    """What a rule between fields may order: a date of some length, a number; or empty."""
    if isinstance(value, bool):
        return ""
    if isinstance(value, (int, float)):
        return "number"
    return f"date {len(value)}" if isinstance(value, str) and is_date(value) else ""
