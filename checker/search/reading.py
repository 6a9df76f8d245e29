"""Items of an answer read: which field each is about, and in which words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from checker.domain.operation import FieldKey
from checker.search.clauses import Clause, clauses_of, template_of
from checker.search.echo import Repeated, Sent
from checker.search.items import Item, repeated
from checker.search.lessons import Lessons, Mark
from checker.search.maps import ANY, Slot, names_by_words
from checker.search.members import Member, Members, is_below
from checker.search.naming import Named, Names, Spot, path_of
from checker.search.wants import Said
from checker.search.wording import capped, is_identifier, is_sentence, joined_word, quotes, tokens

MOST_MENTIONS = 6
MOST_TEXT = 60_000
"""How much text of an answer is read."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One complaint as it is read, before its kind is known.

    `marks` are what the answer says at each slot, names and values folded; `naming` is the slot
    that named the field; `either` says that one of `mentions` is enough.
    """

    named: Named | None
    said: tuple[Said, ...]
    marks: tuple[Mark, ...]
    members: tuple[tuple[str, Any], ...] = ()
    mentions: tuple[FieldKey, ...] = ()
    naming: Slot | None = None
    outer: bool = False
    either: bool = False
    strength: int = 0


class Reader:
    """Reads the items of one answer."""

    def __init__(self, names: Names, sent: Sent, lessons: Lessons) -> None:
        self.names = names
        self.sent = sent
        self.lessons = lessons
        self.left = MOST_TEXT
        self.naming = Members(names, sent, lessons)

    def read(self, item: Item) -> list[Reading]:
        """What an item complains about: one reading for each field it names, or one for none."""
        naming = self.naming.of(item)
        sentences = _shortest([(s, self._plain(t)) for s, t in item.texts])
        if naming and not self._named_better(naming[0], sentences):
            return self._of_members(item, naming, sentences)
        for part in (
            [(s, t) for s, t in sentences if is_sentence(t)],
            [(s, t) for s, t in sentences if not is_sentence(t)],
        ):
            found = [r for slot, text in part for r in self._of_text(item, slot, text)]
            named = [r for r in found if r.named is not None or r.either]
            if named:
                return self._merged(item, named)
        return [self._unnamed(item, sentences)]

    def _named_better(self, member: Member, sentences: list[tuple[Slot, str]]) -> bool:
        """Whether the words name a field in quotes where a member names none that is known."""
        if not member.named.undocumented or self.sent.has(member.named.key):
            return False
        return any(s.marked for _, text in sentences for s in self.names.spots(text))

    def _plain(self, text: str) -> str:
        self.left -= len(text)
        return self.sent.quieted(capped(text)) if self.left > 0 else ""

    def _of_members(
        self, item: Item, found: list[Member], sentences: list[tuple[Slot, str]]
    ) -> list[Reading]:
        said, marks, spots = self._words(sentences, skip=found[0].slot)
        keys = [c.named.key for c in found]
        first = found[0]
        if len(keys) == 1:
            child = self._child(first.named.key, spots)
            if child is not None:
                found, keys = [replace(first, named=child)], [child.key]
        named = [s.named.key for s in spots if s.strength >= 3]
        others = _unique([*keys, *named, *first.named.others])
        extra = self._beside(item, {c.slot for c in found})
        return [
            Reading(
                c.named,
                tuple(said),
                (*marks, *_codes(item)),
                extra,
                tuple(k for k in others if k != c.named.key)[:MOST_MENTIONS],
                c.slot,
                item.outer,
            )
            for c in found
        ]

    def _child(self, key: FieldKey, spots: Sequence[Spot]) -> Named | None:
        """The field below a named object of which the words speak: "lines/0 must have 'name'"."""
        for spot in spots:
            if not spot.marked:
                continue
            for k in (spot.named.key, *spot.named.others):
                if is_below(k, key):
                    return self.names.named(k, spot.named.index)
        return None

    def _beside(self, item: Item, naming: set[Slot]) -> tuple[tuple[str, Any], ...]:
        return tuple(
            (s[-1] if s else "", v)
            for s, v in item.members
            if s not in naming and not isinstance(v, Repeated)
        )

    def _words(
        self, sentences: Iterable[tuple[Slot, str]], skip: Slot | None = None
    ) -> tuple[list[Said], list[Mark], list[Spot]]:
        said: list[Said] = []
        marks: list[Mark] = []
        every: list[Spot] = []
        for slot, text in sentences:
            spots = self.names.spots(text)
            if slot == skip and not is_sentence(text) and ANY not in slot:
                continue
            marks.append((slot, template_of(text, spots, self.sent.texts)))
            if is_sentence(text):
                said.append(Said(text, _bare(text, spots)))
                every += spots
            else:
                said.append(Said(text, ""))
        return said, marks, every

    def _of_text(self, item: Item, slot: Slot, text: str) -> Iterator[Reading]:
        for clause in clauses_of(text, self.names):
            yield from self._of_clause(item, slot, clause)

    def _of_clause(self, item: Item, slot: Slot, clause: Clause) -> Iterator[Reading]:
        keys = tuple(_unique(s.named.key for s in clause.spots))
        said = (Said(clause.text, _bare(clause.text, clause.spots)),)
        whole = Reading(None, said, (), self._beside(item, {slot}), outer=item.outer)
        if clause.group and self._is_subject(clause):
            marks = (self._mark(slot, clause, keys),)
            whole = replace(whole, marks=marks, strength=clause.group[0].strength)
            if clause.either:
                row = _unique(s.named.key for s in clause.group)
                yield replace(whole, mentions=tuple(row), either=True)
                return
            for spot in clause.group:
                others = tuple(k for k in keys if k != spot.named.key)[:MOST_MENTIONS]
                yield replace(whole, named=spot.named, mentions=others)
            return
        named = self._new(clause, slot) or self._best(clause) or self._by_value(clause)
        own = (named.key,) if named is not None else ()
        others = tuple(k for k in keys if k not in own) + (named.others if named else ())
        yield replace(
            whole,
            named=named,
            marks=(self._mark(slot, clause, own), *_codes(item)),
            mentions=others[:MOST_MENTIONS],
            strength=self._strength(clause, named),
        )

    def _mark(self, slot: Slot, clause: Clause, keys: Sequence[FieldKey]) -> Mark:
        spots = [s for s in clause.spots if s.strength > 0 or s.named.key in keys]
        return (slot, template_of(clause.text, spots, self.sent.texts))

    def _strength(self, clause: Clause, named: Named | None) -> int:
        """How surely a clause names its field; a quoted value that was sent in it counts too."""
        if named is None:
            return 0
        value = str(self.sent.value(named.key, named.index))
        own = [s.strength for s in clause.spots if s.named.key == named.key]
        return max(own, default=0) + (len(value) > 1 and value in clause.text)

    @staticmethod
    def _is_subject(clause: Clause) -> bool:
        """Whether a row of names is what the clause is about, not the values it allows."""
        inside = {id(s) for s in clause.group}
        return all(id(s) in inside or s.strength < 1 for s in clause.spots)

    def _best(self, clause: Clause) -> Named | None:
        """The field that a clause is about: the surest name; of equals the one whose value is
        quoted, the nearest to it first; then the first."""
        grouped = {id(s) for s in clause.group}
        ranked = [
            (
                s.strength - 9 * (id(s) in grouped) - 4 * self._is_boilerplate(clause, s),
                self._before_its_value(clause, s),
                -n,
                s,
            )
            for n, s in enumerate(clause.spots)
        ]
        if not ranked:
            return None
        best = max(ranked, key=lambda r: r[:3])[3]
        for other in clause.spots:
            child = self._child(best.named.key, [other])
            if child is not None:
                return replace(child, index=best.named.index)
        return self._namesake(clause, best.named)

    def _namesake(self, clause: Clause, named: Named) -> Named:
        """The field of that name whose value a clause repeats, where only another one's is."""
        keys = (named.key, *named.others)
        shown = [k for k in keys if self._repeats(clause, str(self.sent.value(k, named.index)))]
        if not shown or named.key in shown:
            return named
        others = tuple(k for k in keys if k != shown[0])
        return self.names.named(shown[0], named.index, others)

    def _repeats(self, clause: Clause, value: str) -> bool:
        return value in self.sent.texts and value in clause.text

    def _before_its_value(self, clause: Clause, spot: Spot) -> float:
        """How near before the quoted value that was sent in its field a name stands; 0 where it
        doesn't."""
        value = str(self.sent.value(spot.named.key, spot.named.index))
        own = [q for q in quotes(clause.text) if q.text == value and spot.end <= q.start]
        return max((1 / (1 + q.start - spot.end) for q in own), default=0.0)

    def _is_boilerplate(self, clause: Clause, spot: Spot) -> bool:
        return clause.text[spot.start : spot.end].lower() in self.lessons.boilerplate

    def _new(self, clause: Clause, slot: Slot) -> Named | None:
        """A field that no document knows, at the place where such a sentence names fields."""
        if any(s.strength > 1 for s in clause.spots):
            return None
        name = self.lessons.captured(slot, clause.text)
        if name is None and names_by_words(clause.text):
            name = next((q.text for q in quotes(clause.text) if is_identifier(q.text)), None)
            name = name or joined_word(clause.text)
        if name is None or self.sent.fields_of(name) or self.names.knows(name):
            return None
        path = path_of(name)
        if path is None:
            path = (self.names.spelled(name),)
        return self.names.undocumented(path)

    def _by_value(self, clause: Clause) -> Named | None:
        """The field whose sent value a clause quotes, where it names no field."""
        if clause.spots:
            return None
        quoted = [q.text for q in quotes(clause.text)]
        for value in [*quoted, *(t for t in self.sent.texts if len(t) > 3 and t in clause.text)]:
            keys = self.sent.fields_of(value)
            if len(keys) == 1 and len(value) > 1:
                return self.names.named(keys[0])
        return None

    def _merged(self, item: Item, found: list[Reading]) -> list[Reading]:
        """Readings of one item, one a field: its texts say the same in several ways. Where they
        name different fields, the text counts that names its field more surely."""
        best = max(found, key=lambda r: (r.strength, len(r.marks[0][0]), len(r.marks[0][1])))
        own = {r.named for r in found if r.marks[0][0] == best.marks[0][0]}
        if not item.outer:
            found = [r for r in found if r.named in own]
        merged: dict[Any, Reading] = {}
        for reading in found:
            key = (reading.named.key, reading.named.index) if reading.named else reading.mentions
            if key in merged and not item.outer:
                known = merged[key]
                merged[key] = replace(
                    known,
                    said=known.said + reading.said,
                    marks=known.marks + reading.marks,
                    mentions=tuple(_unique(known.mentions + reading.mentions)),
                )
            else:
                merged.setdefault(key, reading)
        return list(merged.values())

    def _unnamed(self, item: Item, sentences: list[tuple[Slot, str]]) -> Reading:
        said, marks, spots = self._words(sentences)
        echoed = [k for v in repeated(item) for k in self.sent.fields_of(v)]
        named = None
        if len(set(echoed)) == 1 and said and not item.outer:
            named = self.names.named(echoed[0])
        mentions = tuple(_unique(s.named.key for s in spots))[:MOST_MENTIONS]
        extra = self._beside(item, set())
        return Reading(named, tuple(said), tuple(marks), extra, mentions, None, item.outer)


def _shortest(texts: list[tuple[Slot, str]]) -> list[tuple[Slot, str]]:
    """The texts without those that repeat another one with more around it."""
    return [
        (slot, text)
        for slot, text in texts
        if not any(len(tokens(t)) > 2 and t != text and t in text for _, t in texts)
    ]


def _codes(item: Item) -> tuple[Mark, ...]:
    """The numbers of an item: one of them may be the code of the kind."""
    return tuple(
        (s, str(v)) for s, v in item.members if isinstance(v, int) and not isinstance(v, bool)
    )


def _bare(text: str, spots: Sequence[Spot]) -> str:
    """A text without the names of fields, which are no values and no types."""
    shown = text
    for spot in sorted(spots, key=lambda s: -s.start):
        if spot.strength > 0:
            shown = f"{shown[: spot.start]}{'@'}{shown[spot.end :]}"
    return shown


def _unique(keys: Iterable[FieldKey]) -> list[FieldKey]:
    return list(dict.fromkeys(keys))
