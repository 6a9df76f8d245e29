"""Which field a path, a name or a word of an answer means. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from checker.domain.operation import FieldKey, Place
from checker.search.wording import Token, is_identifier, means, quotes, squashed, tokens

MOST_WORDS = 8
LONGEST_PATH = 200
_SEPARATOR = re.compile(r"\s*(?:->|=>|::| > )\s*|[./\[\]\"'`#$\\]+")
_SEGMENT = re.compile(r"[\w@$:-]+")
_PATH_IN_TEXT = re.compile(
    r"(?<![\w$#@-])[\w$#@-]{0,80}(?:(?:\.|/|->|::)[\w@-]+|\[[\"']?[\w-]*[\"']?\])+"
    r"|\b\w{1,80}(?: -> \w+)+"
)
_GAP = re.compile(r"[ _\-.]?")
_PLACE_ORDER = {p: n for n, p in enumerate(Place)}
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A field as an answer names it. `others` are known fields that the name means as well."""

    key: FieldKey
    index: int | None = None
    undocumented: bool = False
    others: tuple[FieldKey, ...] = ()


@dataclass(frozen=True, slots=True)
class Spot:
    """A known field in a text: where it stands, and how surely it is meant."""

    named: Named
    start: int
    end: int
    strength: int
    marked: bool


def path_of(text: str) -> Path | None:
    """The segments of a text that is a path or one name; None where it is something else."""
    text = text.strip()
    if not text or len(text) > LONGEST_PATH:
        return None
    parts = [p for p in _SEPARATOR.split(text) if p]
    if not parts or len(parts) > 16 or not all(_SEGMENT.fullmatch(p) for p in parts):
        return None
    return tuple(int(p) if p.isdecimal() and len(p) < 6 else p for p in parts)


@lru_cache(maxsize=1_024)
def place_of(word: str) -> Place | str | None:
    """The place that a word names; "around" for what only stands around the fields."""
    found = means("places", word)
    return None if not found else "around" if found[0] == "around" else Place(found[0])


def steps_of(name: str) -> tuple[str, ...]:
    """A field's dotted name as squashed steps, without marks of lists."""
    parts = (squashed(p.replace("[]", "")) for p in name.split("."))
    return tuple(p for p in parts if p)


class Names:
    """The fields that documents know or that were sent, by every spelling of their names."""

    def __init__(self, known: Iterable[FieldKey], sent: Iterable[FieldKey] = ()) -> None:
        self.known = frozenset(known)
        extra = [k for k in sent if k not in self.known and not self._below_known(k)]
        self._full: dict[tuple[str, ...], list[FieldKey]] = defaultdict(list)
        self._tails: dict[tuple[str, ...], list[FieldKey]] = defaultdict(list)
        self._words: dict[str, list[FieldKey]] = defaultdict(list)
        self._holders: set[tuple[str, ...]] = set()
        """The paths of what has members: one of them isn't left out as a prefix."""
        self._things: dict[str, list[FieldKey]] = {}
        self._most = 1
        every = (*sorted(self.known, key=_rank), *sorted(extra, key=_rank))
        for key in every:
            self._add(key)
        for key in every:
            self._add_thing(key)
        self.joint = self._convention()

    def _below_known(self, key: FieldKey) -> bool:
        """Whether a sent key is only the item of a known list of scalars."""
        return key.name.endswith("[]") and FieldKey(key.place, key.name[:-2]) in self.known

    def _add(self, key: FieldKey) -> None:
        steps = steps_of(key.name)
        if not steps:
            return
        self._full[steps].append(key)
        for n in range(1, len(steps)):
            self._tails[steps[n:]].append(key)
            self._holders.add(steps[:n])
        for word in {steps[-1], "".join(steps)}:
            self._words[word].append(key)
        self._most = min(MOST_WORDS, max(self._most, len(tokens(key.name))))

    def _add_thing(self, key: FieldKey) -> None:
        """What a name without its "id" says, where no field is called so itself."""
        words = [t.word for t in tokens(key.leaf)]
        if len(words) > 1 and means("identifiers", words[-1]):
            thing = "".join(words[:-1])
            if thing not in self._words or key.leaf not in {k.leaf for k in self._words[thing]}:
                self._things.setdefault(thing, []).append(key)

    def _convention(self) -> str:
        """What joins the words of a name here: "_", "-" or "" for camel case."""
        leaves = [k.leaf for k in self.known if k.place is not Place.HEADER]
        counts = {j: sum(1 for leaf in leaves if j in leaf) for j in ("_", "-")}
        counts[""] = sum(1 for leaf in leaves if re.search(r"[a-z][A-Z]", leaf))
        return max(("_", "", "-"), key=lambda j: counts[j])

    def named(
        self, key: FieldKey, index: int | None = None, others: tuple[FieldKey, ...] = ()
    ) -> Named:
        """A field as it is named, undocumented where no document knows it."""
        return Named(key, index, key not in self.known, others)

    def knows(self, text: str) -> bool:
        """Whether a whole text is a known field's name or path, in any spelling."""
        return self.whole(text) is not None

    def whole(self, text: str, place: Place | None = None) -> Named | None:
        """The known field that a whole text names by a path, a name or a label."""
        if not text or len(text) > LONGEST_PATH:
            return None
        path = path_of(text)
        found = self.resolve(path, place) if path is not None else None
        if found is not None or len(text) > 80:
            return found
        return self._chosen(self._words.get(squashed(text), ()), None, place)

    def resolve(self, path: Sequence[str | int], place: Place | None = None) -> Named | None:
        """The known field at a path; what stands before the field's own path is left out."""
        steps = [(s, n) for n, p in enumerate(path) if isinstance(p, str) and (s := squashed(p))]
        if not steps:
            return None
        numbers = [p for p in path[steps[0][1] :] if isinstance(p, int)]
        index = numbers[-1] if numbers else None
        words = tuple(s for s, _ in steps)
        found = self._chosen(self._full.get(words, ()), index, place)
        if found is None:
            found = self._behind_a_prefix(path, words, index, place)
        return found or self._chosen(self._tails.get(words, ()), index, place)

    def _behind_a_prefix(
        self,
        path: Sequence[str | int],
        words: tuple[str, ...],
        index: int | None,
        place: Place | None,
    ) -> Named | None:
        for n in range(1, len(words)):
            head = place_of(next(p for p in path if isinstance(p, str))) if n == 1 else None
            if not head and any(words[m:n] in self._holders for m in range(n)):
                return None
            within = head if isinstance(head, Place) else place
            rest = words[n:]
            found = self._chosen(self._full.get(rest, ()), index, within)
            if found is not None:
                return found
            if isinstance(head, Place) and self._chosen(self._tails.get(rest, ()), index, head):
                return self._chosen(self._tails[rest], index, head)
        return None

    def _chosen(
        self, keys: Iterable[FieldKey], index: int | None, place: Place | None
    ) -> Named | None:
        fitting = [k for k in keys if place in (None, k.place)]
        if not fitting:
            return None
        listed = [k for k in fitting if "[]" in k.name] if index is not None else []
        best = min(listed or fitting, key=lambda k: (len(steps_of(k.name)), _rank(k)[0]))
        others = tuple(k for k in fitting if k != best)[:4]
        return self.named(best, index, others)

    def undocumented(self, path: Sequence[str | int], place: Place | None = None) -> Named | None:
        """The field that no document knows at a path that names one; what has documented members
        is part of the path, however it is called."""
        rest = list(path)
        while len(rest) > 1 and isinstance(rest[0], str) and (head := place_of(rest[0])):
            if head == "around" and (squashed(rest[0]),) in self._holders:
                break  # the documents have a field of this name, with members
            place = head if isinstance(head, Place) else place
            rest.pop(0)
        name = ""
        for part in rest:
            if isinstance(part, int):
                name += "[]"
            elif is_identifier(part):
                name += f".{self.spelled(part)}" if name else self.spelled(part)
            else:
                return None
        numbers = [p for p in rest if isinstance(p, int)]
        if not name or place_of(name):
            return None
        key = FieldKey(place or self.usual_place, name)
        return self.named(key, numbers[-1] if numbers else None)

    def inside(self, path: Sequence[str | int], place: Place | None = None) -> Named | None:
        """The undocumented member of a field with documented ones, at a path that names both."""
        leaf = path[-1] if len(path) > 1 else 0
        if not isinstance(leaf, str) or not isinstance(path[-2], str) or not is_identifier(leaf):
            return None
        above = self.resolve(path[:-1], place)
        if above is None or above.undocumented or steps_of(above.key.name) not in self._holders:
            return None
        key = FieldKey(above.key.place, f"{above.key.name}.{self.spelled(leaf)}")
        return Named(key, None, True)

    @property
    def usual_place(self) -> Place:
        """Where the operation's fields travel, most of them."""
        return Place.BODY if any(k.place is Place.BODY for k in self.known) else Place.QUERY

    def spelled(self, label: str) -> str:
        """A label or a name of another convention as a field would be called here."""
        plain = label[:1].islower() or any(k.leaf[:1].isupper() for k in self.known)
        if plain and " " not in label:
            return label
        words = [t.word for t in tokens(label)]
        if self.joint:
            return self.joint.join(words)
        return "".join(w if n == 0 else w[:1].upper() + w[1:] for n, w in enumerate(words))

    def spots(self, text: str) -> list[Spot]:
        """The known fields that a text names, in order; the longest name at each place."""
        found = list(self._path_spots(text))
        taken = [(s.start, s.end) for s in found]
        inside = [(q.start, q.end) for q in quotes(text)]
        every = tokens(text)
        n = 0
        while n < len(every):
            spot, used = self._spot_at(text, every, n, inside)
            if spot is not None and not any(a < spot.end and spot.start < b for a, b in taken):
                found.append(spot)
            n += used
        return sorted(found, key=lambda s: s.start)

    def _path_spots(self, text: str) -> Iterable[Spot]:
        for match in _PATH_IN_TEXT.finditer(text):
            path = path_of(match.group())
            if path is None or len(path) < 2:
                continue
            named = self.resolve(path)
            if named is not None:
                yield Spot(named, match.start(), match.end(), 6, True)

    def _spot_at(
        self, text: str, every: list[Token], n: int, inside: list[tuple[int, int]]
    ) -> tuple[Spot | None, int]:
        best: list[FieldKey] | None = None
        joined, used = "", 1
        for m in range(n, min(n + self._most, len(every))):
            if m > n and not _GAP.fullmatch(text, every[m - 1].end, every[m].start):
                break
            joined += every[m].word
            keys = self._words.get(joined) or self._things.get(joined)
            if keys:
                best, used = keys, m - n + 1
        if best is None:
            return None, 1
        start, end = every[n].start, every[n + used - 1].end
        named = self._chosen(best, None, None)
        if named is None:
            return None, used
        marked = any(
            b == end and (a == start or (a < start and text[start - 1] in "./]")) for a, b in inside
        )
        strength = _strength(text, start, end, used, marked, named.key)
        return (Spot(named, start, end, strength, marked) if strength >= 0 else None), used


def _strength(text: str, start: int, end: int, used: int, marked: bool, key: FieldKey) -> int:
    """How surely a word is meant as a name: quoted, several words, joined, or only a word."""
    own = text[start:end]
    if marked:
        return 6
    joined = used > 1 and " " not in own
    first = not text[:start].strip()
    if len(own) < 3 and not (first or joined or own[:1].isupper() or means("identifiers", own)):
        return -1
    beside = text[max(0, start - 1) : start] + text[end : end + 1]
    return (
        (3 if joined else 2 if used > 1 else 0)
        + (1 if own == key.leaf and used > 1 else 0)
        + first
        + own[:1].isupper()
        + (1 if "_" in beside or ":" in beside else 0)
    )


def _rank(key: FieldKey) -> tuple[int, int, str]:
    return (_PLACE_ORDER[key.place], key.name.count("."), key.name)
