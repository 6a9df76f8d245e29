"""Must a value be the identifier of an existing resource?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from checker.domain.exchange import Call
from checker.domain.finding import Verdict
from checker.domain.observation import Kind, Observation, Rejection
from checker.domain.operation import FieldKey, Place
from checker.domain.templates import variables_in
from checker.domain.workflow import Step
from checker.experiments.base import Context, Experiment
from checker.planning import edits
from checker.probing.asks import Ask

_FAR, _FAR_DIGITS = 987_000_000, 1_000_000
"""Where no numbered thing is yet, and what still fits into 32 bits."""
_LONG = 6
"""Digits of a number that is far from those that are given."""
_OF_VERSION = (14, 19)
"""The places of a UUID's version and variant (RFC 9562)."""
_BLAMES = (Rejection.VALIDATION, Rejection.ABSENCE, Rejection.CONFLICT)


def unknown_like(value: Any) -> Any:
    """An identifier of the same shape that belongs to nothing.

    Another one for each value: what one operation took for a free text is taken in the next.
    """
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return _FAR + abs(value) % _FAR_DIGITS
    if isinstance(value, list):
        return [unknown_like(v) for v in value]
    return _text_like(str(value))


def _text_like(text: str) -> str:
    if re.fullmatch(r"[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}", text):
        return "".join(c if n in _OF_VERSION else _shifted(c) for n, c in enumerate(text))
    if text.isdigit():
        rest = text[1:] if len(text) >= _LONG else text
        return "9" * max(_LONG - len(text), 1) + "".join(map(_turned, rest))
    return "".join(map(_turned, text))


def _shifted(char: str) -> str:
    return char if char == "-" else f"{(int(char, 16) + 7) % 16:x}"


def _turned(char: str) -> str:
    if char.isdigit():
        return str(9 - int(char))
    if char.islower():
        return chr((ord(char) - 97 + 11) % 26 + 97) if char.isascii() else char
    if char.isupper():
        return chr((ord(char) - 65 + 11) % 26 + 65) if char.isascii() else char
    return char


class References(Experiment):
    """An unknown identifier of the same shape in place of one from a producer."""

    id = "references"
    order = 50
    builds_on = ("absent",)

    async def run(self, context: Context) -> Iterable[Observation]:
        out: list[Observation] = []
        for key in context.present():
            template = edits.get(context.template, key)
            if isinstance(template, (dict, list)) and not _scalar_list(template):
                continue
            names = variables_in(template)
            step = next((s for s in context.lab.recipe.steps if names & set(s.extract)), None)
            if step is None or key.place is Place.HEADER:
                continue
            if names & set().union(*map(variables_in, context.template.path.values())):
                continue  # it has to agree with the path, whatever exists
            ask = _asked_with_nobodys(key, step, names)
            seen = await context.lab.ask(ask)
            if seen.verdict is Verdict.REJECTED and seen.rejection in _BLAMES:
                seen = await context.lab.confirm(ask, seen)
            out.append(seen)
        return out


def _asked_with_nobodys(key: FieldKey, step: Step, names: set[str]) -> Ask:
    """A field with an identifier that nothing has, in the place of the one that a step gave."""
    detail = {
        "role": "unknown-identifier",
        "producer": str(step.operation) if step.operation else f"{step.method} {step.path}",
        "step": step.id,
        "member": _member(step, names),
    }
    return Ask(Kind.REPLACE, _unknown(key), subject=key, detail=detail)


def _member(step: Step, names: set[str]) -> str:
    """The answer's member that the value comes from."""
    path = next(p for v, p in step.extract.items() if v in names)
    return re.sub(r"\[\d+\]$", "", path).rpartition(".")[2].strip("[]'")


def _unknown(key: FieldKey) -> Any:
    def edit(call: Call) -> Call:
        return edits.put(call, key, unknown_like(edits.get(call, key)))

    return edit


def _scalar_list(value: Any) -> bool:
    return isinstance(value, list) and all(not isinstance(v, (dict, list)) for v in value)
