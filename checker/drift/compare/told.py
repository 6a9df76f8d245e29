"""What of a prose page can be held against the spec, and what of it isn't surely understood.

A table that stands near an endpoint may be about something else, so its own content has to bear
out that it is about that endpoint: most of its fields, one of its statuses. What can't be borne
out is told in a note and compared with nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from checker.domain.operation import Operation, OperationId
from checker.domain.portal import Page, Portal, ProseFact
from checker.drift.compare.pages import Entity, Specs, find_field
from checker.drift.compare.paths import parameter_names
from checker.lexicon.texts import name_words

FEW = 2
"""So many rows prove nothing about what a table is about."""
MAX_SHOWN = 5
_DIRECTIONS = {"request": "response", "response": "request"}


@dataclass(frozen=True, slots=True)
class Told:
    """A fact and what it is compared with; an endpoint is compared with all documents. Of a
    `variant`, one of several uses of one endpoint, what is required is its own affair.
    """

    fact: ProseFact
    subjects: tuple[Operation | Entity, ...] = ()
    variant: bool = False


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a table isn't compared; `line` is the table's."""

    line: int
    reason: str


def told(page: Page, specs: Specs) -> tuple[list[Told], list[Doubt]]:
    """What a page says that can be compared, and what of it is doubtful."""
    compared: list[Told] = []
    doubts: list[Doubt] = [Doubt(line, "the row can't be told apart") for line in page.unread]
    listed = [f for f in page.facts if f.kind == "endpoint"]
    if listed and not any(specs.find(OperationId.parse(str(f.value))) for f in listed):
        doubts.append(Doubt(listed[0].group, "no document has any of the endpoints listed"))
    else:
        compared += map(Told, listed)
    groups = _groups(page.facts)
    for facts in groups:
        made, reason = _table(facts, page, specs)
        if _is_variant(facts, groups):
            made = [replace(one, variant=True) for one in made]
        compared += made
        if reason:
            doubts.append(Doubt(facts[0].group, reason))
    return compared, doubts


def page_notes(portal: Portal) -> Iterator[str]:
    """A note for each page of which something isn't understood."""
    specs = Specs(portal)
    if not specs.any:
        return
    for page in portal.pages:
        _, doubts = told(page, specs)
        reasons: dict[str, list[int]] = {}
        for doubt in doubts:
            lines = reasons.setdefault(doubt.reason, [])
            if doubt.line not in lines:
                lines.append(doubt.line)
        said = "; ".join(f"{_lines(lines)}: {reason}" for reason, lines in reasons.items())
        if said:
            yield f"page not understood: {page.file}: {said}."


def _lines(lines: Sequence[int]) -> str:
    shown = ", ".join(map(str, lines[:MAX_SHOWN]))
    more = len(lines) - MAX_SHOWN
    return f"line{'s' * (len(lines) > 1)} {shown}" + (f" and {more} more" if more > 0 else "")


def _groups(facts: Iterable[ProseFact]) -> list[list[ProseFact]]:
    """The facts of each table that can be compared."""
    groups: dict[tuple[int, str], list[ProseFact]] = {}
    for fact in facts:
        if fact.kind in ("field", "enum", "status") and fact.direction in _DIRECTIONS:
            kind = "status" if fact.kind == "status" else "field"
            groups.setdefault((fact.group, kind), []).append(fact)
    return list(groups.values())


def _is_variant(facts: Sequence[ProseFact], groups: Sequence[Sequence[ProseFact]]) -> bool:
    """Whether the page has another table of the same endpoint below another heading of the same
    words."""
    first = facts[0]
    alike = [
        other
        for other in groups
        if first.scope and (other[0].scope, other[0].about) == (first.scope, first.about)
    ]
    return first.kind != "status" and len({other[0].section for other in alike}) > 1


def _table(facts: list[ProseFact], page: Page, specs: Specs) -> tuple[list[Told], str]:
    first = facts[0]
    operations = specs.scope(first)
    if first.kind == "status":
        return _statuses(facts, operations)
    own = {name for o in first.scope for name in parameter_names(o.path)}
    facts = [f for f in facts if f.name not in own or specs.calls_it_so(first, f.name)]
    named = [f for f in facts if f.kind == "field"]
    if not first.scope:
        return _of_entity(facts, named, page, specs)
    if not operations:
        return [], f"no document has {_shown(first.scope)}" if named else ""
    mine = tuple(o for o in operations if _is_about(o, named, first.sure and first.near))
    if not mine:
        return [], f"most of its fields aren't those of {_shown([o.id for o in operations])}"
    return [Told(fact, mine) for fact in facts], ""


def _of_entity(
    facts: list[ProseFact], named: Sequence[ProseFact], page: Page, specs: Specs
) -> tuple[list[Told], str]:
    """A table without an endpoint may be about the thing that the page is called after."""
    stem = PurePosixPath(page.file).stem
    entity = specs.entity((*facts[0].about, page.title, stem))
    if not named:
        return [], ""
    if entity is None:
        return [], "no heading says which endpoint the table is about"
    part = _part(entity, facts[0].about)
    if part:
        facts, named = _below(part, facts), _below(part, named)
    known = _share(entity, named)
    called = {_letters(text) for text in (*facts[0].about, page.title, stem)}
    least = 1 if part or _letters(entity.name) in called else len(named) / 2
    if known < least:
        return [], f"most of its fields aren't those of {entity.name}"
    return [Told(fact, (entity,)) for fact in facts], ""


def _part(entity: Entity, about: Sequence[str]) -> str:
    """The member that a heading is about: "Message text", "Message text properties"."""
    heading = about[0] if about else ""
    wanted = {_letters(heading), _letters(heading.rpartition(" ")[0])} - {""}
    for name, schema in entity.schema.properties.items():
        if _letters(name) in wanted:
            inner = schema.items if schema.items is not None else schema
            if inner.properties:
                return f"{name}[]" if schema.items is not None else name
    return ""


def _letters(text: str) -> str:
    """A name or a heading without its spelling."""
    return name_words(text).replace(" ", "")


def _below(part: str, facts: Sequence[ProseFact]) -> list[ProseFact]:
    """The facts of a member's own members."""
    found: list[ProseFact] = []
    for fact in facts:
        name = f"{part}.{fact.name}"
        value = {**fact.value, "name": name} if isinstance(fact.value, Mapping) else fact.value
        found.append(replace(fact, name=name, value=value))
    return found


def _statuses(facts: list[ProseFact], operations: Sequence[Operation]) -> tuple[list[Told], str]:
    """A table of statuses is about one endpoint that has one of them, or about the API as such."""
    first = facts[0]
    if len(first.scope) != 1 or not first.sure or len(operations) != 1:
        return [], ""
    have = {r.status.upper() for r in operations[0].responses}
    if not have & {str(fact.value) for fact in facts}:
        return [], f"none of its statuses is documented for {operations[0].id}"
    return [Told(fact, (operations[0],)) for fact in facts], ""


def _is_about(operation: Operation, named: Sequence[ProseFact], sure: bool) -> bool:
    """Whether a table's fields are those of an operation, in the direction that it speaks of."""
    if not named:
        return True
    known = _share(operation, named)
    others = [replace(f, direction=_DIRECTIONS[f.direction]) for f in named]
    if _share(operation, others) > known:
        return False
    return known * 2 >= len(named) or (sure and len(named) <= FEW)


def _share(subject: Operation | Entity, named: Sequence[ProseFact]) -> int:
    return sum(find_field(subject, fact) is not None for fact in named)


def _shown(scope: Sequence[OperationId]) -> str:
    more = len(scope) - 1
    return f"{scope[0]}" + (f" and {more} more" if more else "")
