"""What one target's refusals mean: answers as sets of complaints."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from checker.domain.exchange import Call, Exchange
from checker.domain.observation import Rejection
from checker.domain.operation import Field, FieldKey
from checker.domain.schema import MISSING
from checker.search.clauses import folded_ids
from checker.search.complaint_kinds import kind_of, lacks, spoken_kind
from checker.search.complaints import Complaint, ComplaintKind, Complaints, Wants
from checker.search.echo import Sent, without_echo
from checker.search.items import items_of
from checker.search.lessons import Lessons, Mark
from checker.search.naming import Names
from checker.search.reading import Reader, Reading
from checker.search.trees import body_tree, header_trees
from checker.search.wants import wants_of
from checker.search.wording import is_sentence, squashed, tokens

MOST_COMPLAINTS = 100
_NUMERIC = frozenset({"integer", "number"})


class Grammar:
    """What one target's refusals mean; calibration teaches it (`calibration.py`)."""

    def __init__(self) -> None:
        self.lessons = Lessons()

    def parse(
        self,
        exchange: Exchange,
        sent: Call,
        known: Mapping[FieldKey, Field],
        rejection: Rejection | None,
        shown: Sequence[FieldKey] = (),
    ) -> Complaints:
        """What an answer finds wrong with the request; empty where there is no answer.

        `known` are the operation's documented fields, `rejection` the class of the refusal.
        `shown` are fields that only answers are documented to have: they count in a refusal of
        the request's form that names no other one. Never raises, whatever the answer is.
        """
        was_sent = Sent(sent, exchange.request)
        found = merged(
            self._complaint(reading, was_sent, known, rejection)
            for reading in self._readings(exchange, sent, known, rejection, shown)
        )
        told = [c for c in found if c.field is not None or c.kind is not ComplaintKind.OTHER]
        return frozenset((told or found)[:MOST_COMPLAINTS])

    def readings(
        self,
        exchange: Exchange,
        sent: Call,
        known: Iterable[FieldKey],
        shown: Sequence[FieldKey] = (),
    ) -> list[Reading]:
        """The complaints of an answer before their kinds are known."""
        response = exchange.response
        if response is None:
            return []
        was_sent = Sent(sent, exchange.request)
        names = Names(known, (*was_sent.values, *shown))
        reader = Reader(names, was_sent, self.lessons)
        tree = without_echo(body_tree(response), was_sent, names.knows)
        items = items_of(tree, names, self.lessons.maps, self.lessons.slots)
        found = _kept([r for item in items for r in reader.read(item)])
        if any(r.named is not None for r in found):
            return found
        in_headers = items_of(header_trees(response.headers), names)
        told = [r for item in in_headers for r in reader.read(item) if r.named is not None]
        return told or found

    def _readings(
        self,
        exchange: Exchange,
        sent: Call,
        known: Iterable[FieldKey],
        rejection: Rejection | None,
        shown: Sequence[FieldKey],
    ) -> list[Reading]:
        """The readings, those that name a field of `shown` where none names another field."""
        found = self.readings(exchange, sent, known)
        if not shown or rejection is not Rejection.VALIDATION or any(map(_names, found)):
            return found
        wider = self.readings(exchange, sent, known, shown)
        missing = [r for r in wider if _names(r) and _may_miss(r)]
        return missing or found

    def _complaint(
        self,
        reading: Reading,
        sent: Sent,
        known: Mapping[FieldKey, Field],
        rejection: Rejection | None,
    ) -> Complaint:
        reading = _of_what_can_be_missed(reading, sent, rejection)
        kind = kind_of(reading, sent, self.lessons, rejection)
        wants = _wants(reading, sent, known)
        if kind is ComplaintKind.REFERENCE and len(wants.values) > 1:
            kind = ComplaintKind.INVALID
        elif kind is ComplaintKind.REFERENCE:
            wants = replace(wants, values=())
        shown = " | ".join(dict.fromkeys(_shown(m) for m in reading.marks if m[1]))
        named = reading.named
        if named is None:
            return Complaint(None, kind, wants, reading.mentions, shown)
        missing = kind is ComplaintKind.MISSING and named.index is None
        index = lacks(reading, sent) if missing else named.index
        return Complaint(named.key, kind, wants, reading.mentions, shown, named.undocumented, index)


def _of_what_can_be_missed(reading: Reading, sent: Sent, rejection: Rejection | None) -> Reading:
    """A reading without a field that no document knows and that wasn't sent, where it can't be
    missed: an answer that says that nothing is there, or in which state it is, misses nothing in a
    request, and what holds its words is called so."""
    named = reading.named
    if named is None or not named.undocumented or sent.has(named.key):
        return reading
    said = spoken_kind(text for _, text in reading.marks)
    elsewhere = said in (ComplaintKind.STATE, ComplaintKind.TAKEN)
    return replace(reading, named=None) if elsewhere or rejection is Rejection.ABSENCE else reading


def _wants(reading: Reading, sent: Sent, known: Mapping[FieldKey, Field]) -> Wants:
    named = reading.named
    if named is None:
        return Wants()
    field = known.get(named.key)
    numeric = field is not None and bool(_NUMERIC & set(field.schema.types))
    value = sent.value(named.key, named.index)
    refuses = _refusing((named.key, *reading.mentions), value)
    return wants_of(reading.said, reading.members, value, numeric, refuses)


def merged(complaints: Iterable[Complaint]) -> list[Complaint]:
    """Complaints of one kind about one field as one that wants what each of them does."""
    found: dict[Any, Complaint] = {}
    for one in complaints:
        key = (one.field, one.index, one.kind, one.mentions if one.field is None else ())
        known = found.get(key)
        found[key] = one if known is None or known == one else _both(known, one)
    return list(found.values())


def _both(one: Complaint, other: Complaint) -> Complaint:
    a, b = one.wants, other.wants
    return replace(
        one,
        wants=Wants(
            a.values or b.values,
            tuple(dict.fromkeys(a.types + b.types)),
            a.pattern or b.pattern,
            b.least if a.least is None else a.least,
            b.most if a.most is None else a.most,
            a.sized or b.sized,
            a.date_layout or b.date_layout,
        ),
        mentions=tuple(dict.fromkeys(one.mentions + other.mentions)),
        skeleton=" | ".join(dict.fromkeys((one.skeleton, other.skeleton))),
    )


def _refusing(keys: Iterable[FieldKey], value: Any) -> Callable[[str], bool]:
    """What is no value that is asked for: the names of fields, and what was sent."""
    own = {squashed(name) for k in keys for name in (k.leaf, k.name)}
    plain = None if value is MISSING else str(value)
    return lambda text: text == plain or squashed(text) in own or text in "@#"


def _kept(found: list[Reading]) -> list[Reading]:
    """The readings that count: what stands around others only where they name no field; of all
    that name none, the ones beside those that do."""
    inner = [r for r in found if not r.outer]
    named = [r for r in inner if r.named is not None or r.either]
    if named:
        slots = {_list_of(r) for r in named}
        return [r for r in inner if r in named or (_list_of(r) in slots and _speaks(r))]
    outer = [r for r in found if r.outer and r.named is not None]
    return outer or _one(found)


def _names(reading: Reading) -> bool:
    """Whether a complaint says which field it is about."""
    return reading.named is not None or reading.either


def _may_miss(reading: Reading) -> bool:
    """Whether a complaint may say that something isn't there: its words speak of that, or are a
    sentence that speaks of nothing else. A code that only names something may mean its state."""
    texts = [s.text for s in reading.said]
    spoken = spoken_kind(texts)
    return spoken is ComplaintKind.MISSING or (spoken is None and all(map(is_sentence, texts)))


def _speaks(reading: Reading) -> bool:
    """Whether a complaint that names no field says something of its own."""
    return spoken_kind(text for _, text in reading.marks) is not None


def _one(found: list[Reading]) -> list[Reading]:
    """One reading for an answer that names no field."""
    if len(found) < 2:
        return found
    marks = tuple(dict.fromkeys(m for r in found for m in r.marks))
    mentions = tuple(dict.fromkeys(k for r in found for k in r.mentions))
    said = tuple(s for r in found for s in r.said)
    return [Reading(None, said, marks, (), mentions)]


def _shown(mark: Mark) -> str:
    """What a mark says, but for numbers and identifiers; a code stays as it is."""
    slot, text = mark
    if slot and not is_sentence(text) and _is_own_id(slot[-1]):
        return "0"
    return folded_ids(text, numbers=is_sentence(text))


def _is_own_id(member: str) -> bool:
    """Whether a member names the answer itself: a trace, a request."""
    words = [t.word for t in tokens(member)]
    return len(words) > 1 and words[-1] == "id"


def _list_of(reading: Reading) -> tuple[str, ...]:
    slot = reading.marks[0][0] if reading.marks else ()
    return slot[: slot.index("[]")] if "[]" in slot else slot[:-1]
