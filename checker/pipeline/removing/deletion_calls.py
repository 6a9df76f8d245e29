"""The requests that may delete a thing, by the documented operations. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from checker.domain.exchange import Call, Request
from checker.domain.operation import Operation, OperationId, Place
from checker.lexicon.texts import name_words
from checker.planning import edits
from checker.planning.encoding import build_request, path_parameters
from checker.planning.producers import noun_of
from checker.planning.recipe import match_path
from checker.planning.routes import resource_of
from checker.safety.gate import Gate
from checker.safety.things import Thing


def deletions_of(gate: Gate, thing: Thing, *, renamed: bool = False) -> Iterator[Request]:
    """Requests that may delete a thing, the likeliest first; `renamed`: those by the others of
    its names."""
    for remover in gate.assessor.removers:
        names = path_parameters(remover.id.path)
        known = _names_for(thing, names[-1] if names else "")
        for name in known[1:] if renamed else known[:1]:
            call = _call(gate, remover, thing, name)
            if call is not None:
                yield build_request(call, remover)


def _call(gate: Gate, remover: Operation, thing: Thing, name: str) -> Call | None:
    """The call that deletes a thing by one of its names, where it is the path that names it."""
    names = path_parameters(remover.id.path)
    base = _as_made(Call(remover.id, token=thing.token, base=thing.base), remover, thing)
    if names:
        if not remover.id.path.rstrip("/").endswith("{" + names[-1] + "}"):
            return None
        path = _path_values(remover.id, names, thing, name)
        return None if path is None else replace(base, path=dict(path))
    key = gate.assessor.assess(remover).addressed
    if key is None or resource_of(remover.id.path) != thing.noun:
        return None
    return edits.put(base, key, _names_for(thing, key.leaf)[0])


def _as_made(call: Call, remover: Operation, thing: Thing) -> Call:
    """The call with what its operation takes of the query and headers that the thing was made
    with: they may say where it stands."""
    for key in remover.fields:
        value = thing.given.get(key.name.lower())
        if value is not None and key.place in (Place.QUERY, Place.HEADER):
            call = edits.put(call, key, value)
    return call


def _path_values(
    remover: OperationId, names: Sequence[str], thing: Thing, own: str
) -> dict[str, str] | None:
    """The path values with which an operation deletes a thing by its name `own`; None where it
    deletes others."""
    collection = remover.path.rstrip("/").rpartition("/")[0]
    above = match_path(collection, thing.collection) if collection else {}
    if above is not None and len(above) == len(names) - 1:
        return {**{n: str(v) for n, v in above.items()}, names[-1]: own}
    item = match_path(remover.path, f"{thing.collection}/{own}")
    if item is not None and thing.operation.path.rstrip("/").endswith("}"):
        return {n: str(v) for n, v in item.items()}
    same = thing.noun in (resource_of(collection), noun_of(names[-1]))
    return {names[-1]: own} if same and len(names) == 1 else None


def _names_for(thing: Thing, wanted: str) -> list[str]:
    """A thing's identifiers, the one first that a parameter of this name takes."""
    parts = name_words(wanted)

    def rank(item: tuple[str, str]) -> tuple[bool, bool, bool]:
        member = name_words(item[1])
        return (member != parts, not parts.endswith(member) or not member, member == "name")

    return [name for name, _ in sorted(thing.names.items(), key=rank)]
