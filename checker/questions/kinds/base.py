"""What a kind of question is: to which fields it applies, when it is decided, how it is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from checker.domain.observation import Kind, Observation
from checker.domain.operation import Field, FieldKey, Operation, Place
from checker.experiments.base import Context
from checker.planning import edits
from checker.questions.desk import Desk
from checker.questions.ledger import Reason


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an operation by now."""

    context: Context
    held: frozenset[FieldKey] = frozenset()
    """Fields that the witness is only held with."""

    @property
    def operation(self) -> Operation:
        return self.context.documented

    def about(
        self, key: FieldKey, *kinds: Kind, roles: Iterable[str] = ()
    ) -> Iterator[Observation]:
        """The observations of a field, of some kinds and roles (of any where none is named)."""
        wanted = frozenset(roles)
        for seen in self.context.made:
            fits = not wanted or seen.detail.get("role") in wanted
            if seen.subject == key and seen.kind in kinds and fits:
                yield seen

    def present(self, key: FieldKey) -> bool:
        """Whether the witness itself has the field: then the experiments looked at it."""
        return key not in self.held and edits.has(self.context.template, key)


class QuestionKind:
    """Base of all kinds; a subclass is one kind, its class attributes say what it is."""

    name: ClassVar[str]
    rules: ClassVar[tuple[str, ...]]
    """The rules whose findings tell that it isn't as documented."""
    builds_on: ClassVar[tuple[str, ...]] = ()
    """The experiments that have asked it of what the witness has, and what it asks after them."""
    worth: ClassVar[float]
    """Chance of drift times its severity, for each request that it takes."""
    held: ClassVar[bool] = True
    """Whether a field has to be in the witness to be asked about."""
    roles: ClassVar[frozenset[str]] = frozenset()
    """The roles of observations without which it isn't decided, where one wasn't sent."""

    def applies(self, field: Field, context: Context) -> bool:
        """Whether the question makes sense of a field, by how it is documented."""
        raise NotImplementedError

    def decided(self, facts: Facts, field: Field) -> bool:
        """Whether what was observed answers the question."""
        raise NotImplementedError

    async def ask(self, desk: Desk, fields: Sequence[Field]) -> Reason | None:
        """Ask about some fields together; why those are left that aren't decided then."""
        return Reason.UNSETTLED


def is_text(field: Field) -> bool:
    """Whether a field is documented as a text."""
    return set(field.schema.types) - {"null"} == {"string"}


def sent(field: Field) -> bool:
    """Whether the field is the caller's to send."""
    return not (field.schema.read_only or field.key.client_header or field.schema.is_file)


def taken(seen: Observation) -> bool:
    """Whether an observation says for sure what becomes of the value."""
    return seen.accepted or seen.surely_rejected


def in_body(field: Field) -> bool:
    return field.key.place is Place.BODY
