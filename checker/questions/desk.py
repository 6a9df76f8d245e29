"""Where questions are asked from: the witness as it is, or held with fields that it lacks.

A field that the witness lacks can only be asked about beside a value of it that is accepted:
then the witness is held with that value for a while, and its controls have it, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any

from checker.domain.finding import Evidence, Verdict
from checker.domain.observation import Kind, Observation, Rejection
from checker.domain.operation import FieldKey
from checker.domain.workflow import Step
from checker.experiments.base import Context, Experiment
from checker.planning import edits
from checker.planning.variation import free_form
from checker.probing.bench import LabBroken


@dataclass(slots=True)
class Narrow(Context):
    """A context in which only some fields of the witness are looked at."""

    only: tuple[FieldKey, ...] = ()

    def present(self) -> list[FieldKey]:
        return [key for key in self.only if edits.has(self.template, key)]


Held = tuple[Mapping[FieldKey, Any], Mapping[FieldKey, bool]]
"""Values to hold a witness with, and which of them change with each request, and how."""


class Desk:
    """One operation's desk; what is observed is kept in the context's `made`."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.held: frozenset[FieldKey] = frozenset()
        """The fields that the witness is held with, what is inside them included."""

    def narrow(self, keys: Sequence[FieldKey]) -> Narrow:
        """The context with only these fields."""
        given = {f.name: getattr(self.context, f.name) for f in fields(Context)}
        return Narrow(**given, only=tuple(keys))

    async def run(self, experiment: Experiment, keys: Sequence[FieldKey]) -> None:
        """What an experiment observes of these fields."""
        if not self.context.lab.broken:
            self.note(await experiment.run(self.narrow(keys)))

    def note(self, seen: Sequence[Observation] | Any) -> None:
        """Keep observations."""
        self.context.made.extend(seen)

    def accepted(self) -> Mapping[FieldKey, Any]:
        """Accepted values of fields that the witness lacks, outermost first."""
        template = self.context.template
        found = dict(self.context.lab.extra)
        for seen in self.context.made:
            key = seen.subject
            if seen.kind is Kind.ADD and seen.accepted and key is not None:
                found.setdefault(key, seen.value)
        known = self.context.documented.fields
        return {
            k: v
            for k, v in sorted(found.items(), key=lambda item: item[0].name.count("."))
            if k in known and not edits.has(template, k)
        }

    @contextmanager
    def holding(
        self,
        values: Mapping[FieldKey, Any],
        varied: Mapping[FieldKey, bool],
        steps: tuple[Step, ...] | None = None,
        without: Sequence[FieldKey] = (),
    ) -> Iterator[None]:
        """The witness is held with these values until the block ends; `varied` are those that
        change with each request, and whether they keep their shape; `steps` give them, where they
        aren't literal ones; `without` are its own fields that go for them."""
        lab = self.context.lab
        with lab.widened(values, varied, steps, without):
            around = tuple(k.name for k in values)
            inside = (k for k in edits.present_fields(self.context.template))
            self.held = frozenset(
                k
                for k in inside
                if k in values
                or k.name.startswith(tuple(f"{n}." for n in around))
                or k.name.startswith(tuple(f"{n}[]" for n in around))
            )
            try:
                yield
            finally:
                self.held = frozenset()

    async def bearable(
        self, values: Mapping[FieldKey, Any], without: Sequence[FieldKey] = ()
    ) -> Held | None:
        """The values, and which of their fields have to change with each request, where the
        witness bears them all, twice, `without` fields of its own; None where it doesn't.

        What was accepted once may be taken since then: texts are changed, in their shape then.
        """
        if not values:
            return None
        texts = [k for k in free_form(self._with(values), self.context.documented) if k in values]
        ways = [{}, *(dict.fromkeys(texts, shaped) for shaped in (False, True) if texts)]
        for varied in ways:
            with self.holding(values, varied, without=without):
                if await self.accepts() and await self.accepts():
                    return values, varied
        return None

    def _with(self, values: Mapping[FieldKey, Any]) -> Any:
        return edits.chain(*(edits.putting(k, v) for k, v in values.items()))(self.context.template)

    async def accepts(self) -> bool:
        """Whether the witness is accepted as it is held now."""
        lab = self.context.lab
        _, exchange, verdict, _ = await lab.sent()
        if verdict is Verdict.ACCEPTED:
            lab.last_control = Evidence("control", exchange, verdict)
        return verdict is Verdict.ACCEPTED

    async def mended(self) -> bool:
        """Whether the witness as it was is still accepted, where a held one no longer was."""
        lab = self.context.lab
        reason, lab.broken = lab.broken, ""
        try:
            await lab.control()
        except LabBroken:
            lab.broken = reason or lab.broken
            return False
        return True


def complaint(seen: Observation) -> str:
    """What a refusal says, without the value that it may repeat; empty where it says nothing."""
    for evidence in seen.evidence:
        response = evidence.exchange.response
        if evidence.role == "probe" and response is not None:
            return f"{response.status} {response.text[:2000]}"
    return ""


def says_no(seen: Observation) -> bool:
    """Whether a refusal can be about what a field holds."""
    return seen.rejected and seen.rejection in (Rejection.VALIDATION, Rejection.CONFLICT)
