"""What the members of a request ask for beyond the thing itself, and requests without it. Pure.

A flag that mails, a mode that replaces what is there, a number of copies: told by names,
descriptions, defaults and values. Where an operation can be called without, it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate
from typing import Any

from checker.domain.exchange import Call
from checker.domain.nodes import list_of
from checker.domain.numbers import is_number
from checker.domain.operation import Field, FieldKey, Operation, Place
from checker.domain.schema import MISSING
from checker.lexicon import operation_line, read
from checker.lexicon.texts import folded, name_words, sentences_of
from checker.planning import edits
from checker.planning.displacing import displaces, displacing_values
from checker.planning.hints import quoted
from checker.planning.switches import Switch, switches
from checker.planning.unbounded import bounded

MAX_SENTENCES = 6
LONGEST_VALUE = 60
MOST_MADE = 10
"""Of what a number of things to make may be."""
_OUTSIDE = frozenset({"outward", "service"})
_PLACES = (Place.BODY, Place.QUERY, Place.HEADER)
_ON, _OFF = "true", "false"


@dataclass(frozen=True, slots=True)
class Caution:
    """What a member asks for: `acts` where giving it (a flag: setting it) does something to
    others, `harmful` the values (as folded words) that do; `flag` where it is true or false.
    `counts`: it says how many things are made. `commands`: whatever it is given, it does that."""

    flag: bool = False
    acts: bool = False
    harmful: frozenset[str] = frozenset()
    counts: bool = False
    commands: bool = False
    switch: Switch | None = None
    """It switches on and off what acts by itself: no value but the one for "off" is meant."""

    def __bool__(self) -> bool:
        return self.acts or bool(self.harmful) or self.counts

    def _minds_flag(self, said: str) -> bool:
        return (self.acts and said != _OFF) or said in self.harmful

    def minds(self, value: Any) -> bool:
        """Whether a value asks for more than the thing itself."""
        if self.switch is not None:
            return not self.switch.is_off(value)
        if value in (None, "", [], {}):
            return False
        if self.commands:
            return True  # "paused" spares nobody where it is what is set
        if self.flag or isinstance(value, bool):
            return self._minds_flag(str(value).lower())
        if isinstance(value, (str, int, float)):
            return (self.acts and not _spares(str(value))) or _words(str(value)) in self.harmful
        return self.acts or any(map(self.minds, list_of(value)))


def caution_of(field: Field, *, reads: bool = False) -> Caution:
    """What a documented field asks for; of an operation that `reads` also what it commands, which
    is what any other operation is for."""
    schema = field.schema
    item = schema.items if schema.items is not None else schema
    values = tuple(str(v).lower() if isinstance(v, bool) else str(v) for v in item.enumerated)
    flag = bool(schema.types) and set(schema.types) <= {"boolean", "null"}
    said = " ".join(dict.fromkeys((field.description, schema.description)))
    values = (_ON, _OFF) if flag else values
    more = not reads and (flag or bool(values))
    caution = _read(field.key.leaf, said.strip(), flag, values, more=more)
    if reads and _commands(said):
        caution = replace(caution, acts=True, commands=True)
    sparing = flag and schema.default is True and spares(field.key.leaf)
    return replace(caution, harmful=caution.harmful | {_OFF}) if sparing else caution


def caution_by_name(name: str, value: Any) -> Caution:
    """What a member asks for that no document has."""
    values = (str(value),) if isinstance(value, str) and len(value) <= LONGEST_VALUE else ()
    return _read(name, "", isinstance(value, bool), values)


def caution_in(operation: Operation, field: Field) -> Caution:
    """What a field of an operation asks for; of a thing that acts by itself (a rule with a
    trigger, a schedule) also what sets it going: it may act on things of others, or on itself,
    as long as it is there."""
    caution = caution_of(field, reads=operation.id.safe)
    caution = _displacing(caution, operation, field.key)
    switch = switches(operation).get(field.key)
    return caution if switch is None else replace(caution, acts=True, switch=switch)


def _displacing(caution: Caution, operation: Operation, key: FieldKey) -> Caution:
    """The caution with the values that the operation's words name as what displaces others."""
    values = displacing_values(operation).get(key, frozenset())
    if caution.flag:
        return replace(caution, acts=caution.acts or bool(values))
    return replace(caution, harmful=caution.harmful | {_words(v) for v in values})


def default_acts(operation: Operation, field: Field) -> bool:
    """Whether leaving a field out asks for what its documented default does. A switch that is left
    out may be on, whatever the documents say of it."""
    if field.key in switches(operation):
        return operation.id.method != "PATCH"
    caution, default = caution_in(operation, field), field.schema.default
    if default is MISSING and caution.flag and _is_on_unasked(field):
        default = True
    return default is not MISSING and caution.minds(default)


def is_asked_without_its_place(operation: Operation, key: FieldKey) -> bool:
    """Whether the default of a member inside an object holds also where that is left out: it has
    the options of the thing, and needs nothing else."""
    names = key.name.split(".")[:-1]
    if not names or key.place is not Place.BODY or operation.id.method == "PATCH":
        return False
    if not all("settings" in _switch_means(name) for name in names):
        return False
    above = set(accumulate(names, "{}.{}".format))
    needed = (k.name for k, f in operation.fields.items() if f.required and k.place is Place.BODY)
    return not any(n.rpartition(".")[0] in above and n not in {*above, key.name} for n in needed)


@lru_cache(maxsize=20_000)
def _switch_means(name: str) -> frozenset[str]:
    return frozenset(e.means for e in read("switches", name))


def _is_on_unasked(field: Field) -> bool:
    """Whether a flag's words say that it is on where it is left out."""
    said = f"{field.description}. {field.schema.description}"
    lines = (operation_line("MEMBER", "/x", s) for s in sentences_of(said, MAX_SENTENCES))
    return any(e.means == "on-unasked" for line in lines for e in read("members", line))


def _spared(field: Field, caution: Caution) -> Any:
    """A value of the field that asks for nothing more; MISSING where there is none."""
    if caution.switch is not None:
        return caution.switch.off
    values = (False, True) if caution.flag else field.schema.enumerated
    return next((v for v in values if v is not None and not caution.minds(v)), MISSING)


def wary_fields(operation: Operation) -> Mapping[FieldKey, Field]:
    """The fields of the query, headers and body that ask for more than the thing itself."""
    return _wary(operation)


@lru_cache(maxsize=2_000)
def _wary(operation: Operation) -> Mapping[FieldKey, Field]:
    fields = operation.fields.items()
    found = {k: f for k, f in fields if k.place in _PLACES and caution_in(operation, f)}
    if operation.id.safe:  # a reading's values select
        asking = {k: f for k, f in fields if k.place in _PLACES and caution_of(f, reads=True).acts}
        found = {k: f for k, f in found.items() if default_acts(operation, f)} | asking
    return found


def demanded(operation: Operation) -> FieldKey | None:
    """A field without which the operation can't be called, and that always acts."""
    for key, field in wary_fields(operation).items():
        caution = caution_in(operation, field)
        always = caution.acts and _spared(field, caution) is MISSING
        if field.required and always and _is_top(key):
            return key
    return None


def gentle(call: Call, operation: Operation) -> Call:
    """The call without what it asks for beyond the thing itself, as far as the documents have
    another value or the field may be left out; and with what it would mean all of others without,
    as far as a text can be made up."""
    for key, field in wary_fields(operation).items():
        present, caution = edits.get(call, key), caution_in(operation, field)
        whole = caution.switch is not None and caution.switch.whole
        whole = whole or is_asked_without_its_place(operation, key)
        unasked = default_acts(operation, field) and _has_place(call, key, made=whole)
        if present is MISSING and not unasked:
            continue
        if caution.counts and is_number(present) and present > MOST_MADE:
            call = edits.put(call, key, max(MOST_MADE, int(field.schema.minimum or 0)))
        if present is not MISSING and not caution.minds(present):
            continue
        other = _spared(field, caution)
        if other is not MISSING and (field.required or unasked or not caution.acts):
            call = edits.put(call, key, other)
        elif not field.required and present is not MISSING:
            call = edits.remove(call, key)
    return bounded(call, operation)


def with_address(call: Call, address: str) -> Call:
    """The call with one address in the place of all that its query and body bring."""

    def own(node: Any) -> Any:
        if isinstance(node, Mapping):
            return {name: own(value) for name, value in node.items()}
        if isinstance(node, list):
            return [own(value) for value in node]
        return address if isinstance(node, str) and "://" in node else node

    return replace(call, query=own(call.query), body=own(call.body))


def _has_place(call: Call, key: FieldKey, *, made: bool = False) -> bool:
    """Whether a field can be put into a call without making what it stands in, or with that
    (`made`)."""
    if _is_top(key) or (made and "[]" not in key.name):
        return key.place is not Place.BODY or isinstance(call.body, dict)
    above = key.name.rpartition(".")[0]
    return bool(above) and isinstance(edits.get(call, replace(key, name=above)), Mapping)


def _is_top(key: FieldKey) -> bool:
    return "." not in key.name and "[]" not in key.name


@lru_cache(maxsize=20_000)
def _read(
    name: str, description: str, flag: bool, values: tuple[str, ...], more: bool = False
) -> Caution:
    """What a member asks for; `more`: it is a flag or has a closed set of values, in what is no
    reading, and may ask for more than that is for."""
    line = operation_line("MEMBER", f"/{name}")
    means = {e.means for e in read("members", line)}
    acts = "acts" in (_flag_means(name) if flag else means)
    acts = acts or (more and flag and "does-more" in _flag_means(name))
    harmful = {_words(v) for v in values if not flag and "acts" in _value_means(v)}
    if "reaches" in means:
        harmful |= {_words(v) for v in values if "all" in _value_means(v)}
    if any("rehearses" in _value_means(v) for v in values):
        harmful |= {_words(v) for v in values if "carries out" in _value_means(v)}
    if "stands" in means:
        harmful |= {_words(v) for v in values if "alone" in _value_means(v)}
    counts = "counts" in means
    for sentence in sentences_of(description, MAX_SENTENCES):
        told = {e.means for e in read("members", operation_line("MEMBER", "/x", sentence))}
        counts = counts or ("counts" in told and not flag)
        if more and "sets-off" in told:
            harmful |= set() if flag else {_words(v) for v in values if _names(sentence, v)}
            acts = acts or flag
            continue
        if "describes" in told and not (flag and "acts" in told):
            continue  # it says what is meant, or what happens in some case
        if "acts" not in told and not _reaches_outside(sentence):
            continue
        named = {_words(v) for v in values if _names(sentence, v)} or _told_in(sentence)
        harmful |= named
        acts = acts or not named
    return Caution(flag, acts, frozenset(harmful), counts and not flag)


def _commands(description: str) -> bool:
    """Whether a description says that giving the field does something."""
    lines = (operation_line("MEMBER", "/x", s) for s in sentences_of(description, MAX_SENTENCES))
    return any(e.means == "commands" for line in lines for e in read("members", line))


def _reaches_outside(sentence: str) -> bool:
    found = read("effects", operation_line("POST", "/x/{id}", sentence))
    outside = any(e.means in _OUTSIDE and e.where != "path" for e in found)
    return outside or displaces(sentence)


def _names(sentence: str, value: str) -> bool:
    """Whether a sentence speaks of a value: in quotes, or as its first or own word."""
    told = value.lower() in (v.lower() for v in quoted(sentence))
    if told or value in (_ON, _OFF):
        return told
    plain = rf"(?<![\w-]){re.escape(folded(value))}(?![\w-])"
    return len(value) > 2 and re.search(plain, folded(sentence)) is not None


def _told_in(sentence: str) -> set[str]:
    """The values that a sentence quotes."""
    return {_words(value) for value in quoted(sentence)}


@lru_cache(maxsize=20_000)
def _words(value: str) -> str:
    return name_words(value[:LONGEST_VALUE]) or value


@lru_cache(maxsize=20_000)
def _value_means(value: str) -> frozenset[str]:
    if len(value) > LONGEST_VALUE:
        return frozenset()
    return frozenset(e.means for e in read("values", value))


def _spares(value: str) -> bool:
    return "spares" in _value_means(value)


def spares(name: str) -> bool:
    """Whether a flag of a name keeps a request from doing anything: a dry run, a preview."""
    return "spares" in _flag_means(name)


@lru_cache(maxsize=20_000)
def _flag_means(name: str) -> frozenset[str]:
    return frozenset(e.means for e in read("flags", name))


def members_of(node: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """(name, value) of all members of a body, at any depth up to a bound."""
    if depth > edits.MAX_FIELD_DEPTH:
        return
    if isinstance(node, Mapping):
        for name, value in node.items():
            yield str(name), value
            yield from members_of(value, depth + 1)
    elif isinstance(node, list):
        for item in node:
            yield from members_of(item, depth + 1)
