"""A meta-schema error in words: the first rows of `spec_errors.toml` whose conditions hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checker.documents import error_mends
from checker.documents.error_facts import Facts, Patch, table
from checker.domain.nodes import list_of

if TYPE_CHECKING:
    from checker.documents.meta import Leaf

_KINDS = {
    "AdditionalProperties": "Unexpected", "UnevaluatedProperties": "Unexpected",
    "FalseSchema": "Unexpected", "Constant": "Enum", "MinItems": "Empty",
    "MinProperties": "Empty", "UniqueItems": "Unique", "Not": "Exclusive",
    "OneOfMultipleValid": "Exclusive", "Minimum": "Range", "Maximum": "Range",
    "ExclusiveMinimum": "Range", "ExclusiveMaximum": "Range", "MultipleOf": "Range",
}  # fmt: skip
_CONDITIONS = ("kind", "place", "name", "parent")


@dataclass(frozen=True, slots=True)
class Words:
    """An error's sentence, mend, place and patch."""

    message: str
    mend: str
    pointer: str
    patch: Patch = ()


def explain(root: Any, path: Sequence[str], leaf: Leaf, dialect: str) -> Iterator[Words]:
    """The error's words; one for each name where it names several that are too many."""
    for facts in errors(root, path, leaf, dialect):
        mend = chosen("mend", facts)
        says = mend.get("says") or chosen("sentence", facts)["says"]
        message, words = (text.format_map(facts) for text in (says, mend["mend"]))
        yield Words(message, words, facts.at, _patch(mend, facts))


def errors(root: Any, path: Sequence[str], leaf: Leaf, dialect: str) -> Iterator[Facts]:
    """What the table is asked about: a meta-schema error in the table's terms."""
    kind = _KINDS.get(leaf.kind, leaf.kind)
    names: Sequence[Any] = list_of(leaf.said)
    if leaf.kind == "FalseSchema" and path:
        path, names = path[:-1], path[-1:]
    if kind != "Unexpected":
        yield Facts(root, path, kind, leaf, dialect)
    elif not names:
        yield Facts(root, path, "Other", leaf, dialect)
    for name in names if kind == "Unexpected" else ():
        yield Facts(root, [*path, str(name)], kind, leaf, dialect)


def chosen(name: str, facts: Facts) -> Mapping[str, Any]:
    """The row of the list `sentence` or `mend` that speaks of the error."""
    row: Mapping[str, Any] = next(row for row in table()[name] if _holds(row, facts))
    return row


def _holds(row: Mapping[str, Any], facts: Facts) -> bool:
    """Whether a row speaks of the error; what it finds is noted in the facts."""
    if any(facts[word] not in _several(row[word]) for word in _CONDITIONS if word in row):
        return False
    if not facts.dialect.startswith(row.get("dialect", "")) or not _of_value(row, facts):
        return False
    if "wants" in row and not _among(row["wants"], facts.options):
        return False
    return "find" not in row or facts.finds(getattr(error_mends, row["find"]))


def _of_value(row: Mapping[str, Any], facts: Facts) -> bool:
    """Whether a row speaks of such a value as stands there."""
    if "value" in row and not facts.types.intersection(_several(row["value"])):
        return False
    return "literal" not in row or _among(facts.value, _several(row["literal"]))


def _several(condition: Any) -> Sequence[Any]:
    return condition if isinstance(condition, list) else (condition,)


def _among(value: Any, options: Sequence[Any]) -> bool:
    """`in`, for which true isn't 1."""
    return any(type(value) is type(option) and value == option for option in options)


def _patch(row: Mapping[str, Any], facts: Facts) -> Patch:
    match row.get("patch"):
        case None:
            return ()
        case "found":
            return facts.patch
        case "remove":
            return ({"op": "remove", "path": facts.at},)
        case "replace":
            value = row.get("with", facts.fixed)
            return ({"op": "replace", "path": facts.at, "value": value},)
        case name:
            patch: Patch = getattr(error_mends, name)(facts)
            return patch
