"""The secrets that a run knows, and every text and value without them."""

from __future__ import annotations

import json
import re
from bisect import insort
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from checker.domain.nodes import strings_of
from checker.redaction.members import held_by_pair, hides, is_secret_name
from checker.redaction.places import MASK, REDACTED, without_credentials
from checker.redaction.spellings import Spelling, plain, spellings
from checker.redaction.strength import Strength, parts_of, strength_of
from checker.redaction.texts import Text, gram_of

MOST_LEARNED = 500
"""Values learned from answers; answers with more of them hide them by their names."""
LEAST_LEARNED = 8
LEAST_COOKIE = 12
LONGEST_KEPT, MOST_KEPT = 300, 20_000
"""Characters, and texts: names, paths and messages come again and again."""
_Way = Literal["said", "shown", "named"]
_SEPARATOR = r"[\"'`]?(?:\s*[:=]\s*|\s+)[\"'`]?"


@dataclass(eq=False)
class _Known:
    """A secret: its value, what stands for it, and the places (names of headers, parameters,
    cookies, schemes) where it is sent."""

    value: str
    shown: str
    strength: Strength
    places: set[str] = field(default_factory=set)

    @cached_property
    def everywhere(self) -> tuple[Spelling, ...]:
        """How to find it in a page."""
        match self.strength:
            case Strength.REAL:
                return spellings(self.value)
            case Strength.ORDINARY:
                return spellings(self.value, whole_words=True)[1:]
            case _:
                return ()

    @cached_property
    def said(self) -> tuple[Spelling, ...]:
        """How to find it beside that in what somebody said."""
        if self.strength is Strength.ORDINARY:
            return (plain(self.value, whole_words=True),)
        return ()

    @cached_property
    def placed(self) -> tuple[Spelling, ...]:
        """The value where a credential stands: after the name of a place, which is kept."""
        if self.strength is Strength.REAL or not self.places:
            return ()
        names = "|".join(re.escape(p) for p in sorted(self.places, key=len, reverse=True))
        before = rf"((?<![A-Za-z0-9])(?i:{names}){_SEPARATOR}(?:(?i:{names})\s+)?)"
        return (plain(self.value, before=before, whole_words=True),)


class Secrets:
    """The secrets of a run: given, configured and learned; masked in everything it writes.

    What is masked where goes by a value's strength, see `Strength`. A secret with a name is
    shown as `$NAME`, others as `***`; a whole member that is secret as `[redacted]`.
    """

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}
        self._learned = 0
        self._taught = 0
        self._ordered: list[_Known] = []
        """The longest first, since one may hold another."""
        self._named: list[_Known] = []
        """Those that a name stands for."""
        self._grams: dict[str, list[_Known]] = {}
        self._without_gram: list[_Known] = []
        self._kept: dict[tuple[str, _Way], str] = {}
        """Texts as they were masked with what is known by now."""

    def __contains__(self, value: str) -> bool:
        return value in self._known

    @property
    def taught(self) -> int:
        """Grows with what is kept: what was masked with less may show some of it."""
        return self._taught

    # -- what is secret ---------------------------------------------------------------------------

    def learn(
        self,
        value: str,
        name: str = "",
        places: Iterable[str] = (),
        *,
        strength: Strength | None = None,
    ) -> None:
        """Keep a secret: with `name` that of the variable that holds it, with `places` where it
        is sent. `strength` is what the value itself says, unless the caller knows better."""
        value = value.strip()
        if not value:
            return
        parts = () if value in self._known else parts_of(value)
        self._learn(value, name, places, strength or strength_of(value))
        for part in filter(None, map(str.strip, parts)):
            self._learn(part, name, places, strength_of(part))

    def _learn(self, value: str, name: str, places: Iterable[str], strength: Strength) -> None:
        self._kept.clear()
        known = self._known.get(value)
        if known is None:
            self._taught += 1
            known = _Known(value, MASK, strength)
            self._known[value] = known
            insort(self._ordered, known, key=_longest_first)
            self._index(known)
            for other in self._named:
                if _spells_out(other.shown, known):
                    other.shown = MASK
        if name:
            self._taught += 1
            self._call(known, "$" + name)
        if not known.places.issuperset(places):
            self._taught += 1
            known.places |= {p for p in places if p}
            known.__dict__.pop("placed", None)
            self._index(known)

    def learn_header(self, name: str, value: str) -> None:
        """Keep a configured header's value; an ordinary one only as the value of that header."""
        telling = is_secret_name(name) or _is_mixed(value)
        weaker = None if telling else Strength.SHORT
        self.learn(value, places=(name,), strength=weaker)

    def learn_url(self, url: str) -> None:
        """Keep the credentials of a URL; without a password the user is one."""
        try:
            parts = urlsplit(url)
            user, password = parts.username or "", parts.password or ""
        except ValueError:
            return
        for value in {password or user, unquote(password or user)}:
            self.learn(value)

    def learn_answer(self, sent: str, cookies: Iterable[str], body: Any) -> None:
        """Keep the credentials that an answer hands out: in cookies, and in members that are
        secrets by their names; not those that were `sent`, which the run made up itself."""
        for value in (*_cookies(cookies), *_handed_out(body)):
            if self._learned >= MOST_LEARNED:
                return
            if value not in self._known and value not in sent:
                self._learned += 1
                self.learn(value)

    # -- without them -----------------------------------------------------------------------------

    def text(self, text: str) -> str:
        """What somebody said (a message, an answer's text, an error, a reason) without secrets."""
        return self._masked(text, "said")

    def page(self, text: str) -> str:
        """A rendered page or file without secrets. JSON stays JSON: its strings are masked one by
        one, its numbers stay."""
        if text.lstrip()[:1] in ("{", "["):
            try:
                content = json.loads(text)
            except (ValueError, RecursionError):
                pass
            else:
                return self._json_page(text, content)
        return self._page(text)

    def content(self, content: bytes) -> bytes:
        """A request's body without secrets."""
        text = content.decode("utf-8", "surrogateescape")
        return self.text(text).encode("utf-8", "surrogateescape")

    def value(self, value: Any, names: Collection[str] = ()) -> Any:
        """A JSON value that was sent or answered: members that are secrets by their names, by
        their schemas (`names`) or by entropy left out, secrets in texts masked."""
        return self._value("", value, names)

    def told(self, value: Any) -> Any:
        """A JSON value that the documents have or that is our own: its texts are masked as pages
        are, its members stay, whatever their names."""
        match value:
            case str():
                return self.page(value)
            case dict():
                return {self.told(k): self.told(v) for k, v in value.items()}
            case list() | tuple():
                return type(value)(self.told(v) for v in value)
            case _:
                return value

    def named(self, text: str) -> str:
        """A name, a path or an identity: only known secrets that are no ordinary word."""
        return self._masked(text, "named")

    # -- how --------------------------------------------------------------------------------------

    def _value(self, name: str, value: Any, names: Collection[str]) -> Any:
        match value:
            case str():
                if hides(name, value, names):
                    return REDACTED
                return self._at_place(name, value) or self.text(value)
            case Mapping():
                held = held_by_pair(value)
                names = {*names, *held} if held else names
                return {
                    self.named(k) if isinstance(k, str) else k: self._value(str(k), v, names)
                    for k, v in value.items()
                }
            case list() | tuple():
                return type(value)(self._value(name, v, names) for v in value)
            case int() if not isinstance(value, bool) and str(value) in self._known:
                known = self._known[str(value)]
                return value if known.strength is Strength.SHORT else known.shown
            case _:
                return REDACTED if hides(name, value, names) else value

    def _page(self, text: str) -> str:
        return self._masked(text, "shown")

    def _json_page(self, text: str, content: Any) -> str:
        masked = self._strings(content)
        if masked == content:
            return text
        body = text.strip()
        made = json.dumps(masked, indent=2 if "\n" in body else None, ensure_ascii=False)
        made = made.encode("utf-8", "backslashreplace").decode("utf-8")
        return made + text[len(text.rstrip()) :]

    def _strings(self, value: Any, name: str = "") -> Any:
        match value:
            case dict():
                return {self._page(k): self._strings(v, k) for k, v in value.items()}
            case list():
                return [self._strings(v, name) for v in value]
            case str():
                return self._at_place(name, value) or self._page(value)
            case _:
                return value

    def _at_place(self, name: str, value: str) -> str:
        """What stands for a member whose name is a place of a credential and whose value is it."""
        known = self._known.get(value)
        if known is None or name.lower() not in {p.lower() for p in known.places}:
            return ""
        return known.shown

    def _masked(self, text: str, way: _Way) -> str:
        if not text or len(text) > LONGEST_KEPT:
            return self._anew(text, way)
        kept = self._kept.get((text, way))
        if kept is None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            kept = self._kept[text, way] = self._anew(text, way)
        return kept

    def _anew(self, text: str, way: _Way) -> str:
        masked = self._without(text, said=way == "said")
        return masked if way == "named" else without_credentials(masked, members=way == "said")

    def _without(self, text: str, *, said: bool) -> str:
        asked = Text(text)
        found = (known for gram in asked.grams_of(self._grams) for known in self._grams[gram])
        possible = dict.fromkeys((*found, *self._without_gram))
        for known in sorted(possible, key=_longest_first):
            masked = text
            for spelling in (*known.everywhere, *known.placed, *(known.said if said else ())):
                if spelling.literal and spelling.literal in masked:
                    # Hardly any text has another spelling, and a pattern is slow to make.
                    masked = masked.replace(spelling.literal, known.shown)
                    asked = Text(masked)
                if asked.may_have(spelling):
                    masked = spelling.pattern.sub(partial(_shown, known), masked)
            if masked != text:
                text, asked = masked, Text(masked)
        return text

    def _index(self, known: _Known) -> None:
        """Most texts have nothing of any secret: that is told without asking each of them."""
        for spelling in (*known.everywhere, *known.placed, *known.said):
            if spelling.run is not None:
                same = self._grams.setdefault(gram_of(spelling.run), [])
                if known not in same:
                    same.append(known)
            elif known not in self._without_gram:
                self._without_gram.append(known)

    def _call(self, known: _Known, shown: str) -> None:
        """Let a name stand for a secret, unless that spells out another one."""
        known.shown = MASK if any(_spells_out(shown, k) for k in self._ordered) else shown
        if known not in self._named:
            self._named.append(known)


def _longest_first(known: _Known) -> int:
    return -len(known.value)


def _spells_out(shown: str, known: _Known) -> bool:
    return known.strength is not Strength.SHORT and known.value.lower() in shown.lower()


def _shown(known: _Known, found: re.Match[str]) -> str:
    """What stands for a secret, after the place that a pattern found with it."""
    return (found[1] if found.re.groups else "") + known.shown


def _is_mixed(value: str) -> bool:
    """Letters and digits, and not only a few of them: no word, number, media type or date."""
    letters, digits = any(c.isalpha() for c in value), any(c.isdigit() for c in value)
    return len(value) >= LEAST_LEARNED and letters and digits


def _is_token(value: str) -> bool:
    return _is_mixed(value) and strength_of(value) is Strength.REAL


def _cookies(cookies: Iterable[str]) -> Iterator[str]:
    for cookie in cookies:
        name, _, value = cookie.partition(";")[0].strip().partition("=")
        value = value.strip('"')
        if _is_mixed(value) and (len(value) >= LEAST_COOKIE or hides(name, value)):
            yield from {value, unquote(value)}


def _handed_out(body: Any, name: str = "", depth: int = 0) -> Iterator[str]:
    match body:
        case dict() if depth < 30:
            paired = held_by_pair(body)
            yield from filter(_is_token, strings_of([v for k, v in body.items() if k in paired]))
            for key, value in body.items():
                yield from _handed_out(value, str(key), depth + 1)
        case list() if depth < 30:
            for value in body:
                yield from _handed_out(value, name, depth + 1)
        case str() if body and hides(name, body) and _is_token(body):
            yield body
