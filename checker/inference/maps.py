"""Undocumented members of one object that are so many that it is a map: one fact, not one a key.

The document shows such a map by samples (`varname1`, `varname2`); what answers call its members
are names of things, and there may be thousands. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from checker.domain.names import member_name

if TYPE_CHECKING:
    from checker.inference.responses import ResponseFact

MANY = 30
"""Undocumented members of one object; more are no members that somebody forgot to document."""
ANY_MEMBER = "*"


def folded_maps(facts: Iterable[ResponseFact]) -> list[ResponseFact]:
    """The facts, those of more than MANY undocumented members of one object as one, whose name
    ends with `*`; in the order given."""
    facts = list(facts)
    groups: dict[Any, list[ResponseFact]] = {}
    for fact in facts:
        groups.setdefault(_place(fact), []).append(fact)
    made: list[ResponseFact] = []
    for fact in facts:
        group = groups[_place(fact)]
        if not _place(fact) or len(group) <= MANY:
            made.append(fact)
        elif fact is group[0]:
            made.append(_as_one(group))
    return made


def _place(fact: ResponseFact) -> tuple[Any, ...]:
    """The object in which a member is undocumented; empty for other facts."""
    if fact.kind != "undocumented" or fact.owner is None:
        return ()
    return (fact.statuses, fact.owner.location, id(fact.owner))


def _as_one(group: list[ResponseFact]) -> ResponseFact:
    parts = zip(*(fact.name.split(".")[:-1] for fact in group), strict=False)
    above = ".".join(each[0] for each in takewhile(lambda each: len(set(each)) == 1, parts))
    types: set[str] = set()
    for fact in group:
        types |= {fact.observed} if isinstance(fact.observed, str) else set(fact.observed)
    return replace(
        max(group, key=lambda fact: fact.seen),
        name=member_name(above, ANY_MEMBER),
        observed=next(iter(types)) if len(types) == 1 else sorted(types),
        out_of=max(fact.out_of for fact in group),
    )
