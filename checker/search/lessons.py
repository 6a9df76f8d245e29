"""What experiments taught about one target's answers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from checker.search.complaints import ComplaintKind
from checker.search.maps import ANY, Slot
from checker.search.wording import tokens

Mark = tuple[Slot, str]
"""What an answer says at a slot, names and values folded."""
MOST_MARKS = 500
_NAME = r"[\w .\-\[\]]{1,60}?"


class Lessons:
    """The slots that name fields, the marks of each kind, the words of every message."""

    def __init__(self) -> None:
        self.naming: set[Slot] = set()
        self.maps: set[Slot] = set()
        self.boilerplate: set[str] = set()
        self.slots: set[Slot] = set()
        self._kinds: dict[Mark, set[ComplaintKind]] = defaultdict(set)

    def note(self, marks: Iterable[Mark], kind: ComplaintKind) -> None:
        """Marks that stood in an answer of which an experiment showed the kind."""
        for mark in marks:
            if mark in self._kinds or len(self._kinds) < MOST_MARKS:
                self._kinds[mark].add(kind)
                self.slots.add(mark[0])

    def note_naming(self, slot: Slot | None) -> None:
        """A slot at which the field stood of which the answer was."""
        if slot is None:
            return
        if ANY in slot:
            self.maps.add(slot[: slot.index(ANY)])
        else:
            self.naming.add(slot)

    def kind_of(self, marks: Iterable[Mark]) -> ComplaintKind | None:
        """The kind of which some of the marks are, and no other kind; None where it isn't known.

        What only one kind was ever seen of tells nothing yet: there has to be another to compare.
        """
        if len({k for kinds in self._kinds.values() for k in kinds}) < 2:
            return None
        found = {next(iter(k)) for m in marks if len(k := self._kinds.get(m, set())) == 1}
        return found.pop() if len(found) == 1 else None

    def captured(self, slot: Slot, text: str) -> str | None:
        """What stands in a text where a known message of the slot has the field's name."""
        for known, template in self._kinds:
            if known == slot and "@" in template and len(template) > 4:
                match = _pattern(template).fullmatch(" ".join(text.split()).strip())
                if match:
                    return match.group(1)
        return None

    def note_boilerplate(self, texts: Iterable[str]) -> None:
        """Words that stood in the answers about two fields alike."""
        sets = [{t.word for t in tokens(text)} for text in texts]
        if len(sets) > 1:
            self.boilerplate |= set.intersection(*sets)


@lru_cache(maxsize=512)
def _pattern(template: str) -> re.Pattern[str]:
    """What a known message looks like with any name in it (the first is captured)."""
    parts = [re.escape(p).replace("0", r"\d+") for p in template.split("@")]
    body = parts[0] + rf"({_NAME})" + rf"{_NAME}".join(parts[1:])
    return re.compile(body, re.IGNORECASE)
