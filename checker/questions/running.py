"""The runner: asks what the ledger has open, the question of the most worth first.

Questions of one kind about several fields are asked together. What the witness lacks is asked
about while the witness is held with accepted values of it: of all such fields together where it
bears them together, else of as many as it bears. What it can only have in the place of its own
comes last, each by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from checker.domain.observation import Kind, Observation, Rejection
from checker.domain.operation import FieldKey, Operation
from checker.experiments.base import Context
from checker.experiments.defaults import defaults
from checker.experiments.writing import Writing
from checker.inference.grouptest import find_defectives
from checker.planning import edits
from checker.probing.bench import LabBroken
from checker.questions.catalogue import BY_NAME
from checker.questions.desk import Desk, Held
from checker.questions.filling import filled
from checker.questions.kinds.base import Facts, QuestionKind
from checker.questions.kinds.presence import AcceptedField
from checker.questions.ledger import Entry, EntryState, Ledger, Reason

OF_OPERATION, OF_FIELD = 40, 16
MAX_INSTEAD = 6
MAX_HELD = 3
"""How often the witness is held, with other fields each time."""


async def ask_all(
    context: Context, spent: Callable[[], bool], chosen: Collection[str] = tuple(BY_NAME)
) -> Ledger:
    """Fill the ledger of an operation, enter what is observed already, ask the rest.

    What is observed is added to `context.made`. `spent` tells whether the operation's share of
    the budget is used up. Of the other kinds than the `chosen` ones no more is asked than what
    these need.
    """
    ledger = filled(context)
    runner = _Runner(context, ledger, spent)
    runner.leave_others(set(chosen) | {AcceptedField.name})
    runner.enter()
    if AcceptedField.name not in chosen:
        runner.leave_unneeded()
    try:
        await runner.unheld()
        await runner.held()
        await runner.instead()
    except LabBroken as error:
        context.lab.broken = context.lab.broken or error.message
    ledger.leave_open(Reason.GROUND_MOVED if context.lab.broken else Reason.NO_VALUE)
    return ledger


async def ask_of(
    context: Context, fields: Iterable[FieldKey], spent: Callable[[], bool]
) -> list[Observation]:
    """Ask of these fields, and of what is inside them, what isn't observed yet; what came of it,
    which isn't added to `context.made`."""
    narrow = replace(context, made=list(context.made))
    known = list(fields)
    ledger = Ledger()
    for entry in filled(narrow):
        if any(_within(entry.question.subject, key) for key in known):
            ledger.add(entry)
    for seen in context.made:
        key, values = seen.subject, seen.value
        if seen.kind is Kind.READBACK and key in known and isinstance(values, list) and values:
            context.lab.extra.setdefault(key, values[0])  # what was kept is accepted
    runner = _Runner(narrow, ledger, spent)
    # The experiments have asked of what is documented and in the witness: of these they haven't.
    runner.enter(frozenset(e.question.subject for e in ledger))
    try:
        await runner.unheld()
        await runner.held()
        if not spent():
            _take_over(narrow.made[len(context.made) :], context)
            filled_in = await defaults(narrow, Writing(narrow))
            narrow.made.extend(o for o in filled_in if o.subject in known)
    except LabBroken as error:
        context.lab.broken = context.lab.broken or error.message
    return narrow.made[len(context.made) :]


def _take_over(seen: Iterable[Observation], context: Context) -> None:
    """Another value of a set that was found is one to write: what is filled in where the field is
    left out may be the witness's own."""
    for one in seen:
        key, known = one.subject, one.accepted and one.detail.get("role") == "candidate"
        if key is not None and known and one.value != edits.get(context.template, key):
            context.lab.extra.setdefault(key, one.value)


def most_requests(operation: Operation) -> int:
    """An upper bound of the requests for an operation's questions, for `--dry-run`."""
    return OF_OPERATION + OF_FIELD * len(operation.fields)


class _Runner:
    def __init__(self, context: Context, ledger: Ledger, spent: Callable[[], bool]) -> None:
        self.context = context
        self.ledger = ledger
        self.desk = Desk(context)
        self._spent = spent

    def enter(self, unasked: frozenset[FieldKey] = frozenset()) -> None:
        """Decide what the observations decide; of `unasked` fields not that the witness has
        them."""
        facts = Facts(self.context, unasked)
        for entry in list(self.ledger):
            kind, question = _kind(entry), entry.question
            if entry.state is not EntryState.OPEN or not kind.decided(facts, entry.field):
                continue
            if any(question.subject in _spared(self.context.made, r) for r in kind.roles):
                self.ledger.leave(question, Reason.SPARED)
            else:
                self.ledger.decide(question)

    def leave_others(self, chosen: Collection[str]) -> None:
        """Leave the kinds that aren't chosen."""
        for entry in list(self.ledger):
            if entry.question.kind not in chosen:
                self.ledger.leave(entry.question, Reason.NOT_CHOSEN)

    def leave_unneeded(self) -> None:
        """Leave whether a field is accepted where no question is open about it or its members:
        with such a value the witness is held for them."""
        open_ = [e.question for e in self._open()]
        wanted = [q.subject for q in open_ if q.kind != AcceptedField.name]
        for asked in (q for q in open_ if q.kind == AcceptedField.name):
            if not any(_within(key, asked.subject) for key in wanted):
                self.ledger.leave(asked, Reason.NOT_CHOSEN)

    async def unheld(self) -> None:
        """What can be asked of the witness as it is."""
        await self._asked(lambda e: not _kind(e).held or self._has(e.question.subject))

    async def held(self) -> None:
        """What is asked while the witness has more fields than its own."""
        for _ in range(MAX_HELD):
            bearable = await self._bearable(self._accepted_around())
            if bearable is None:
                return
            with self.desk.holding(*bearable):
                await self._asked(lambda e: e.question.subject in self.desk.held)
            for entry in self._open():
                if any(_within(entry.question.subject, k) for k in bearable[0]):
                    # It isn't among what the accepted value has in it.
                    self.ledger.leave(entry.question, Reason.NO_VALUE)
            if self.context.lab.broken and not await self.desk.mended():
                return

    def _accepted_around(self) -> dict[FieldKey, Any]:
        """The accepted values in which the fields that are still asked about have a place."""
        wanted = {e.question.subject for e in self._open()}
        accepted = self.desk.accepted().items()
        return {k: v for k, v in accepted if any(_within(key, k) for key in wanted)}

    async def instead(self) -> None:
        """What is asked of fields that the witness can only have in the place of its own."""
        for key, exchanged in list(self.context.instead.items())[:MAX_INSTEAD]:
            if not any(_within(e.question.subject, key) for e in self._open()):
                continue
            bearable = await self.desk.bearable({key: exchanged.value}, exchanged.gone)
            if bearable is None:
                continue
            with self.desk.holding(*bearable, without=exchanged.gone):
                await self._asked(lambda e: e.question.subject in self.desk.held)
            if self.context.lab.broken and not await self.desk.mended():
                return

    async def _bearable(self, values: Mapping[FieldKey, Any]) -> Held | None:
        """As many of the values as the witness bears together."""
        found = await self.desk.bearable(values)
        if found is not None or len(values) < 2:
            return found

        async def refused(group: Sequence[FieldKey]) -> bool:
            return await self.desk.bearable({k: values[k] for k in group}) is None

        alone = await find_defectives(list(values), refused)
        return await self.desk.bearable({k: v for k, v in values.items() if k not in alone})

    async def _asked(self, wanted: Callable[[Entry], bool]) -> None:
        """Ask the open questions that are wanted, those of one kind together."""
        while open_ := [e for e in self._open() if wanted(e)]:
            if self.context.lab.broken:
                return
            first = max(open_, key=lambda e: e.worth)
            same = [e for e in open_ if e.question.kind == first.question.kind]
            if self._spent():
                self.ledger.leave_open(Reason.BUDGET)
                return
            before = len(self.context.made)
            reason = await _kind(first).ask(self.desk, [e.field for e in same])
            self._settle(same, reason, _spared(self.context.made[before:]))

    def _settle(
        self, entries: Sequence[Entry], reason: Reason | None, spared: frozenset[FieldKey]
    ) -> None:
        """Decide what was asked; of `spared` fields something wasn't sent, so that it stays open
        what that would have shown."""
        facts = Facts(self.context, self.desk.held)
        for entry in entries:
            if entry.question.subject in spared:
                self.ledger.leave(entry.question, Reason.SPARED)
            elif reason is None or _kind(entry).decided(facts, entry.field):
                self.ledger.decide(entry.question)
            else:
                self.ledger.leave(entry.question, reason)

    def _open(self) -> list[Entry]:
        return [e for e in self.ledger if e.state is EntryState.OPEN]

    def _has(self, key: FieldKey) -> bool:
        return edits.has(self.context.template, key)


def _spared(seen: Sequence[Observation], role: str = "") -> frozenset[FieldKey]:
    """The fields of which a value was held back, one that was asked about in that role."""
    held = [o for o in seen if o.rejection is Rejection.HELD]
    return frozenset(o.subject for o in held if o.subject and role in ("", o.detail.get("role")))


def _kind(entry: Entry) -> QuestionKind:
    return BY_NAME[entry.question.kind]


def _within(key: FieldKey, around: FieldKey) -> bool:
    """Whether a field is another one or stands inside it."""
    inside = key.name.startswith((f"{around.name}.", f"{around.name}[]"))
    return key.place is around.place and (key == around or inside)
