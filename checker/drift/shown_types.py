"""Whether a run bears out an example of another type than its schema's. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import Any

from checker.domain.finding import FindingField, Verdict
from checker.domain.observation import Observation, ObservedContract
from checker.domain.operation import FieldKey, Operation, Place
from checker.domain.schema import json_type
from checker.inference.responses import response_facts

_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")
_REQUEST = frozenset(place.value for place in Place)


class Right(Enum):
    """Which of the two is right: the server confirms one, or leaves it open."""

    SCHEMA = "schema"
    EXAMPLE = "example"
    UNKNOWN = "unknown"


def which_is_right(
    field: FindingField, example: Any, operation: Operation, observed: ObservedContract | None
) -> Right:
    """What the answers say of a field whose example has another type than its schema.

    Without a run, and where nothing was seen of the field, the schema counts.
    """
    if observed is None:
        return Right.SCHEMA
    if field.place == "response":
        facts = response_facts(operation, observed.exchanges, "type")
        shown = {f.observed for f in facts if f.name == field.name}
        return Right.EXAMPLE if json_type(example) in shown else Right.SCHEMA
    if field.place in _REQUEST and json_type(example) in ("integer", "number"):
        return _of_number(FieldKey(Place(field.place), field.name), observed)
    return Right.SCHEMA


def _of_number(key: FieldKey, observed: ObservedContract) -> Right:
    """For a number as the example of a text: whether texts that are no number are taken."""
    texts = [o for o in _sent(key, observed) if not _is_number(o.value)]
    if not any(o.verdict is Verdict.REJECTED for o in texts) or any(o.accepted for o in texts):
        return Right.SCHEMA
    numbers = [o for o in _sent(key, observed) if _is_number(o.value)]
    in_query = key.place is Place.QUERY and any(
        verdict is Verdict.ACCEPTED and name == key.name and _is_number(value)
        for exchange, verdict in observed.exchanges
        for name, value in exchange.request.query
    )
    if in_query or any(o.accepted for o in numbers):
        return Right.EXAMPLE
    return Right.UNKNOWN


def _sent(key: FieldKey, observed: ObservedContract) -> Iterator[Observation]:
    """The observations of one value in the field's place."""
    for seen in observed.observations:
        about = key in (seen.subject, seen.detail.get("field"))
        if about and seen.confirmed and isinstance(seen.value, (str, int, float)):
            yield seen


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool) and _NUMBER.fullmatch(str(value)) is not None
