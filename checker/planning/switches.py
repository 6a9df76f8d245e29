"""What acts by itself as long as it is there (a rule with a trigger, a schedule, a bot), and the
members that switch it on and off. Pure.

Such a thing may act on things of others, or on what it does itself. It is made switched off where
something says how: a flag whose name says it, or a closed set with a value that says "off" and
another that says "on".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from checker.domain.operation import Field, FieldKey, Operation, Place
from checker.domain.schema import MISSING
from checker.lexicon import read
from checker.lexicon.texts import name_words
from checker.planning.hints import quoted
from checker.planning.producers import shape
from checker.planning.routes import resource_of, singular, words

LONGEST_TEXT = 60
_BOTH = ({"true", "false"}, {"yes", "no"}, {"on", "off"}, {"0", "1"})
_TRUE = ("true", "yes", "on", "1")


@dataclass(frozen=True, slots=True)
class Switch:
    """What switches a standing thing off: a value for a field, the only one that is sent.

    `whole`: it is the one of what the whole body makes, and not of something inside it.
    """

    off: Any
    whole: bool = True

    def is_off(self, value: Any, *, as_text: bool = False) -> bool:
        """Whether a value is the one that switches off; `as_text`: it is a form's."""
        if as_text:
            return str(value).lower() == str(self.off).lower()
        return type(value) is type(self.off) and bool(value == self.off)


@lru_cache(maxsize=2_000)
def switches(operation: Operation) -> Mapping[FieldKey, Switch]:
    """The members of a body by which things that act by themselves are off."""
    if operation.id.safe:
        return {}
    found: dict[FieldKey, Switch] = {}
    bodies = [k for k in operation.fields if k.place is Place.BODY]
    for above in dict.fromkeys(_above(k) for k in bodies):
        if _means_of(operation, above, bodies):
            whole = above in _wholes(operation, bodies)
            offs = _switches_of(operation, above, bodies)
            # A value of a closed set inside it may be what it does.
            found |= {k: Switch(v, whole) for k, v in offs.items() if whole or v in (True, False)}
    return found


@lru_cache(maxsize=2_000)
def starts_itself(operation: Operation) -> bool:
    """Whether what an operation makes acts by itself beyond doubt, and nothing shows a way to have
    it off."""
    if operation.id.safe or any(s.whole for s in switches(operation).values()):
        return False
    bodies = [k for k in operation.fields if k.place is Place.BODY]
    return any("acts" in _means_of(operation, a, bodies) for a in _wholes(operation, bodies))


def sets_going(operation: Operation, routes: Mapping[tuple[str, str], Operation]) -> bool:
    """Whether an operation below a thing (`/rules/{id}/enable`) sets it going, or says whether it
    goes, where that acts by itself. `routes` are all operations by method and shape of the path.
    """
    above, _, last = shape(operation.id.path.rstrip("/")).rpartition("/")
    kinds = ["going", "starts", "switch"] if operation.id.method != "DELETE" else []
    kinds += ["stops"] if operation.id.method in ("PUT", "PATCH") else []
    if not above.endswith("/{}") or not any(_says(name_words(last), kind) for kind in kinds):
        return False
    maker = routes.get(("POST", above.removesuffix("/{}")))
    return maker is not None and (starts_itself(maker) or bool(switches(maker)))


def _wholes(operation: Operation, bodies: list[FieldKey]) -> list[str]:
    """Where the members of what a body makes stand: in the body itself ("") or in a member that
    is called as it."""
    noun = resource_of(operation.id.path).replace("_", " ")
    inner = dict.fromkeys(_above(k) for k in bodies)
    return ["", *(a for a in inner if a and "." not in a and "[]" not in a and _noun(a) == noun)]


def _noun(name: str) -> str:
    last = words(name)
    return " ".join([*last[:-1], singular(last[-1])] if last else [])


def _means_of(operation: Operation, above: str, bodies: list[FieldKey]) -> frozenset[str]:
    """What noun and members of what stands at `above` ("" is the body) say: `standing` where it
    may act by itself, `acts` where it does; empty for everything else."""
    noun = _noun(above.rstrip("[]").rpartition(".")[2])
    noun = noun or resource_of(operation.id.path).replace("_", " ")
    names = ", ".join(name_words(k.leaf) for k in bodies if _above(k) == above)
    said = {e.means for e in read("together", f"{noun} | {names}")}
    return frozenset(said & {"standing", "acts"})


def _switches_of(operation: Operation, above: str, bodies: list[FieldKey]) -> dict[FieldKey, Any]:
    """The switches of what stands at `above`, with the value that is off: its own members', else
    those of its settings."""
    own = _offs(operation, [k for k in bodies if _above(k) == above])
    return own or _offs(operation, [k for k in bodies if _within(k, above)])


def _offs(operation: Operation, keys: list[FieldKey]) -> dict[FieldKey, Any]:
    """The switches among some fields, with the value that is off."""
    offs = {k: _off(operation.fields[k]) for k in keys}
    return {k: off for k, off in offs.items() if off is not MISSING}


def _within(key: FieldKey, above: str) -> bool:
    """Whether a member stands in an object (no list) that only holds settings of what is above."""
    head, _, last = _above(key).rpartition(".")
    return head == above and "[]" not in last and _says(last, "settings")


def _off(field: Field) -> Any:
    """The value of a field that switches off; MISSING where nothing says that it is a switch."""
    name = field.key.leaf
    starts, stops = _says(name, "starts"), _says(name, "stops")
    values = _values(field)
    if starts != stops:
        found = [v for v in _flag(field, values) if (str(v).lower() in _TRUE) is stops]
        if found:
            return found[0]
    named = starts or stops or _says(name, "switch")
    if not named or not any(_says(str(v), "on") for v in values):
        return MISSING
    return next((v for v in values if _says(str(v), "off")), MISSING)


def _flag(field: Field, values: tuple[Any, ...]) -> tuple[Any, ...]:
    """The two values of a field that is true or false in some spelling; else none."""
    schema = field.schema
    types = set(schema.types) - {"null"}
    if types == {"boolean"}:
        return (True, False)
    if types == {"integer"} and (schema.minimum, schema.maximum) == (0, 1):
        return (1, 0)
    return values if {str(v).lower() for v in values} in _BOTH else ()


def _values(field: Field) -> tuple[Any, ...]:
    """The values of a closed set: documented ones, or those that the description quotes."""
    if field.schema.enum:
        return tuple(v for v in field.schema.enum if v is not None)
    if set(field.schema.types) - {"null"} != {"string"}:
        return ()
    return tuple(quoted(f"{field.description} {field.schema.description}"))


def _above(key: FieldKey) -> str:
    return key.name.rpartition(".")[0].strip("[]")


@lru_cache(maxsize=20_000)
def _says(text: str, means: str) -> bool:
    """Whether a member's name or a value says something of a switch."""
    return len(text) <= LONGEST_TEXT and any(e.means == means for e in read("switches", text))
