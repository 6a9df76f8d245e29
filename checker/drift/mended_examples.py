"""An example that breaks its schema, made to follow it with as little change as can be. Pure."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urljoin

from checker.domain.schema import MISSING, Schema, json_type
from checker.drift.json_schema import Violation, violations
from checker.planning.values import Generator

MAX_MENDS = 12
"""Places of one example that are mended; one with more is wrong as a whole."""
_NUMBER = re.compile(r"(?<![\w.,:/-])-?(?:0|[1-9]\d*)(?:\.\d+)?(?![\w.,:/-])")
_PLAIN = "string"
"""What stands for a text of which nothing is known."""
_WITHOUT_MEMBERS = frozenset({"string", "integer", "number", "boolean"})


def mended(schema: Schema, value: Any, accepted: Iterable[Any] = (), sample: Any = MISSING) -> Any:
    """A value that follows the schema: one of those that the server has `accepted`, else the
    example with what is wrong in it corrected, by what a `sample` that was accepted has there
    where it helps; MISSING where there is none."""
    for known in accepted:
        if not violations(schema, known):
            return known
    for _ in range(MAX_MENDS):
        broken = violations(schema, value)
        if not broken:
            return value
        better = _without(schema, value, broken[0], sample)
        if better is MISSING:
            return MISSING
        value = better
    return MISSING


def _without(schema: Schema, value: Any, violation: Violation, sample: Any) -> Any:
    """The value with one violation mended; MISSING where it can't be."""
    inner, here = _at(schema, value, violation.path)
    known = _inside(sample, violation.path)
    if inner is None:
        return MISSING
    if violation.lacks:
        name = violation.lacks
        added = _lacking(inner.properties.get(name), name, _inside(known, (name,)))
        better = MISSING if added is MISSING else {**here, name: added}
    else:
        tried = _candidates(inner, here, known)
        better = next((c for c in tried if not violations(inner, c)), MISSING)
    return MISSING if better is MISSING else _put(value, violation.path, better)


def _at(schema: Schema, value: Any, path: Sequence[str | int]) -> tuple[Schema | None, Any]:
    """The schema and the value at a place; no schema where several could be meant."""
    node: Schema | None = schema
    for part in path:
        value = value[part]
        if node is None or node.variants:
            return None, value
        node = node.items if isinstance(part, int) else node.properties.get(part)
    return (None if node is None or node.variants else node), value


def _inside(value: Any, path: Sequence[str | int]) -> Any:
    """What a value has at a place, or MISSING."""
    for part in path:
        if isinstance(value, Mapping):
            value = value.get(str(part), MISSING)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return MISSING
    return value


def _lacking(schema: Schema | None, name: str, known: Any) -> Any:
    """A value for a member that has to be there: what was accepted, one that the document gives,
    or a plausible one. No object is made up: it would be all invention."""
    if schema is None:
        return MISSING
    if known is not MISSING and not violations(schema, known):
        return known
    listed = _listed(schema)
    return listed if listed is not MISSING else _made(schema, name)


def _candidates(schema: Schema, value: Any, known: Any) -> Iterator[Any]:
    """What may be meant by a value that doesn't follow its schema, the nearest first: what stands
    there in another form, else a value that the document lists. Nothing says what null stands
    for, of which zone a time without one is, and whether a text with commas is one item."""
    text = parsed_text(value)
    if text is not MISSING:
        yield text
    numbers = _NUMBER.findall(value) if isinstance(value, str) else []
    if len(numbers) == 1:  # "45 minutes"
        yield json.loads(numbers[0])
    if known is not MISSING:
        yield known
    if value is None:
        return
    if isinstance(value, str):
        yield from (v for v in schema.enumerated if str(v).casefold() == value.casefold())
        yield value[: schema.max_length]
        yield urljoin("https://example.com/", value)
    elif json_type(value) in ("integer", "number", "boolean"):
        yield json.dumps(value)
        yield from (b for b in (schema.minimum, schema.maximum) if b is not None)
    elif isinstance(value, Mapping):
        yield {k: v for k, v in value.items() if k in schema.properties}
    elif isinstance(value, list):
        yield value[: schema.max_items]
        yield [item for n, item in enumerate(value) if item not in value[:n]]
        yield from value[:1]
    several = isinstance(value, str) and "," in value
    if "array" in schema.types and not (several or isinstance(value, list)):
        yield [value]
    listed = _listed(schema)
    if listed is not MISSING:
        yield listed


def parsed_text(value: Any) -> Any:
    """What a text says as JSON, MISSING where it says nothing."""
    if isinstance(value, str):
        with suppress(ValueError, RecursionError):
            return json.loads(value)
    return MISSING


def _listed(schema: Schema) -> Any:
    """A value of a schema that the document gives itself: an example, its default, one of its
    set; MISSING where there is none."""
    own = (*schema.examples, schema.default, *schema.enumerated)
    given = (v for v in own if v is not MISSING and v is not None)
    return next((v for v in given if not violations(schema, v)), MISSING)


def _made(schema: Schema, name: str) -> Any:
    """A plausible value of a schema, the same each time; MISSING for one with members."""
    if not violations(schema, _PLAIN) and "string" in schema.types:
        return _PLAIN
    if "array" in schema.types and schema.items is not None:
        item = _lacking(schema.items, name, MISSING)
        made = item if item is MISSING else [item]
    elif set(schema.types) & _WITHOUT_MEMBERS:
        made = Generator(random.Random(name)).value(schema, name)
    else:
        return MISSING
    return MISSING if made in (None, MISSING) or violations(schema, made) else made


def _put(value: Any, path: Sequence[str | int], new: Any) -> Any:
    if not path:
        return new
    first, rest = path[0], path[1:]
    if isinstance(value, Mapping):
        return {**value, str(first): _put(value[first], rest, new)}
    assert isinstance(first, int)
    return [*value[:first], _put(value[first], rest, new), *value[first + 1 :]]


Change = tuple[tuple[str | int, ...], Any, bool]


def _of_members(
    old: Mapping[str, Any], new: Mapping[str, Any], path: tuple[str | int, ...]
) -> Iterator[Change]:
    for name in old:
        if name not in new:
            yield (*path, name), MISSING, False
        else:
            yield from changes(old[name], new[name], (*path, name))
    for name in new:
        if name not in old:
            yield (*path, name), new[name], True


def changes(old: Any, new: Any, path: tuple[str | int, ...] = ()) -> Iterator[Change]:
    """The places at which one value differs from another: path, what stands there then (MISSING:
    nothing), and whether it is added. Lists of another length differ as a whole."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _of_members(old, new, path)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from changes(one, other, (*path, number))
    elif type(old) is not type(new) or old != new:
        yield path, new, False
