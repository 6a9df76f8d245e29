"""Which value of which property chooses a branch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from checker.domain.location import Location
from checker.drift.compare.change import Direction
from checker.drift.compare.facts import Fact, narrowing_breaks, widening_breaks
from checker.drift.compare.view import View


def discriminator(one: View, two: View, direction: Direction) -> Iterator[Fact]:
    """Differences of the property and of the values that it takes."""
    places = one.location, two.location
    if one.discriminator != two.discriminator:
        sides = one.discriminator or None, two.discriminator or None
        yield Fact("discriminator-changed", True, *sides, *places)
        return
    if one.discriminator and (one.mapping or two.mapping):
        yield from _of_values(_values(one), _values(two), direction, places)


def _of_values(
    old: Mapping[str, str],
    new: Mapping[str, str],
    direction: Direction,
    places: tuple[Location, Location],
) -> Iterator[Fact]:
    for value in [v for v in old if v not in new]:
        breaking = narrowing_breaks(direction)
        yield Fact("discriminator-value-removed", breaking, value, None, *places)
    for value in [v for v in new if v not in old]:
        breaking = widening_breaks(direction)
        yield Fact("discriminator-value-added", breaking, None, value, *places)
    for value in old:
        if value in new and old[value] != new[value]:
            sides = f"{value} → {old[value]}", f"{value} → {new[value]}"
            yield Fact("discriminator-value-changed", True, *sides, *places)


def _values(side: View) -> Mapping[str, str]:
    """Value → the name of the schema that it stands for; without a mapping the names are it."""
    named = {_name(b.reference): _name(b.reference) for b in side.variants if b.reference}
    mapped = {value: _name(target) for value, target in side.mapping.items()}
    explicit = set(mapped.values())
    return {name: target for name, target in named.items() if target not in explicit} | mapped


def _name(reference: str) -> str:
    return (
        reference.rpartition("/")[2].rpartition("#")[2].removesuffix(".yaml").removesuffix(".json")
    )
