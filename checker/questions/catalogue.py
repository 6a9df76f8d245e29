"""The kinds of questions, each from its own module."""

from __future__ import annotations

from checker.questions.kinds.base import QuestionKind
from checker.questions.kinds.defaults import ReplacedDefault
from checker.questions.kinds.examples import ExampleValues
from checker.questions.kinds.kept import KeptField
from checker.questions.kinds.known import KnownName
from checker.questions.kinds.page_size import PageSize
from checker.questions.kinds.presence import AcceptedField, RequiredField
from checker.questions.kinds.referenced import ReferencedThing
from checker.questions.kinds.shapes import (
    BoundsOfField,
    FormatOfField,
    TypeBorne,
    TypeOfField,
)
from checker.questions.kinds.unique import UniqueField
from checker.questions.kinds.values import ValuesOfField
from checker.questions.kinds.whole import WholeNumber

KINDS: tuple[QuestionKind, ...] = (
    RequiredField(),
    AcceptedField(),
    TypeOfField(),
    TypeBorne(),
    ValuesOfField(),
    ExampleValues(),
    FormatOfField(),
    BoundsOfField(),
    KeptField(),
    ReferencedThing(),
    ReplacedDefault(),
    UniqueField(),
    PageSize(),
    WholeNumber(),
    KnownName(),
)
BY_NAME = {kind.name: kind for kind in KINDS}


def kinds_of(rule: str) -> frozenset[str]:
    """The kinds whose questions a rule's findings answer."""
    return frozenset(k.name for k in KINDS if rule in k.rules)
