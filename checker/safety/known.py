"""What is own, what is foreign and what isn't there, as far as it is known. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from checker.domain.exchange import Request
from checker.planning.keyed import names_one, names_one_kind
from checker.planning.routes import resource_of
from checker.safety.brought import body_of, brought_texts, texts_of
from checker.safety.recognition import marks_of
from checker.safety.things import Thing, collection_of, same_place

LEAST_FRESH = 5
"""Shorter texts may come back by chance."""
LEAST_SIGNS = 3
"""Of different ones in a text; `00000` stands in many a time and number."""
MAX_TEXTS = 400_000
LONGEST_TOLD, MAX_TOLD = 300, 20_000
"""Characters of the texts of which it is remembered whether the documents have them; how many."""


@dataclass(slots=True)
class Known:
    """What is own and what is foreign in one run against one target.

    `documented` are values of the documents and `prose` are their words, in lower case: what
    stands there is no proof that a thing is new. `changed` is told of each thing: "made" when it
    is own and whenever it has got another name, "unsure" while it may have been there before,
    "doubted" where that turns out later, "gone".
    """

    documented: frozenset[str] = frozenset()
    prose: str = ""
    changed: Callable[[str, Thing], None] = lambda event, thing: None
    things: list[Thing] = field(default_factory=list)
    _in: dict[str, list[Thing]] = field(default_factory=dict)
    """The things by their collections."""
    _made_by: dict[int, list[Thing]] = field(default_factory=dict)
    """The things by the numbers of the exchanges that made them."""
    _own: dict[str, list[Thing]] = field(default_factory=dict)
    _foreign: set[tuple[str, str]] = field(default_factory=set)
    _elsewhere: set[str] = field(default_factory=set)
    """Foreign identifiers beyond those that this run's creations were the first to bring."""
    _shown: dict[tuple[str, str], int] = field(default_factory=dict)
    """The last number sent when an identifier was first seen as foreign."""
    _last: int = 0
    _absent: set[tuple[str, str]] = field(default_factory=set)
    _texts: set[int] = field(default_factory=set)
    _fresh: dict[int, frozenset[str]] = field(default_factory=dict)
    _told: dict[str, bool] = field(default_factory=dict)
    """Whether texts that were asked about stand in the documents."""
    _coined: set[str] = field(default_factory=set)
    """Texts that this run was the first to bring."""
    _given: set[str] = field(default_factory=set)
    """Texts that this run was the first to bring as the name that a path ends with."""
    nameless: Counter[str] = field(default_factory=Counter)
    """Accepted creations by collection whose answers identify nothing of this run's."""

    # -- what is known -------------------------------------------------------------------------

    def own(self, nouns: Iterable[str], value: str, collection: str) -> Thing | None:
        """The own thing that a value names in a collection of one of the nouns, if there is one.

        A value that names one thing wherever it stands needs no noun. What has gone stays own
        only where its name can't be given to something else.
        """
        wanted, place = set(nouns), collection_of(collection)
        # The one that was made at this very path before one that is only called alike.
        for thing in sorted(self._own.get(value, ()), key=lambda t: t.collection != place):
            sure = names_one(value)
            if thing.gone and not sure:
                continue
            if sure or (thing.noun in wanted and same_place(thing, collection)):
                return thing
        return None

    def below_own(self, path: str) -> bool:
        """Whether a concrete path leads through a thing that this very run has made."""
        segments = [unquote(s) for s in path.split("/") if s]
        for place, segment in enumerate(segments):
            if segment not in self._own:
                continue
            above = "/" + "/".join(segments[:place])
            thing = self.own((resource_of(above),), segment, above)
            if thing is not None and not thing.earlier:
                return True
        return False

    def called(self, value: str) -> list[Thing]:
        """All things of that name that are there still, sure ones and unsure ones."""
        return [t for t in self.things if value in t.names and not t.gone]

    def went(self, path: str) -> bool:
        """Whether a concrete path leads through a thing of this run that has gone, and what was
        made below has gone with it."""
        segments = [s for s in collection_of(path).split("/") if s]
        places = {"/" + "/".join(segments[:n]): segment for n, segment in enumerate(segments)}
        through = [t for place, name in places.items() for t in self._called(place, name)]
        gone, there = (
            {t.collection for t in through if t.gone is is_gone} for is_gone in (True, False)
        )
        return bool(gone - there)

    def foreign(self, nouns: Iterable[str], value: str) -> bool:
        """Whether a value was seen as the identifier of something that isn't own."""
        return any((noun, value) in self._foreign for noun in nouns)

    def made_with(self, token: str | None, path: str) -> bool:
        """Whether a thing that a concrete path names was made with this credential."""
        segments = {unquote(s) for s in path.split("/")}
        return any(
            t.token == token and not t.gone and not t.names.keys().isdisjoint(segments)
            for t in self.things
        )

    def absent(self, collection: str, value: str) -> bool:
        """Whether reading showed that there is nothing of that name."""
        return (collection, value) in self._absent

    def is_coined(self, text: str) -> bool:
        """Whether this run was the first to bring a text."""
        return text in self._coined

    def coins(self, text: str) -> bool:
        """Whether a text is one that nobody can have brought before: new to this run, and of too
        many possible ones to be met by chance."""
        least = LEAST_FRESH + text.isdigit()
        fresh = text in self._coined or (hash(text) not in self._texts and not self._known(text))
        return len(text) >= least and is_telling(text) and fresh

    def gave(self, name: str) -> bool:
        """Whether this run was the first to ask for, or write to, a path that ends in a name."""
        return name in self._given

    def shown_elsewhere(self, value: str) -> bool:
        """Whether an answer showed an identifier that isn't a text which this run was the first to
        bring and make something by: something of others may have had it before."""
        return value in self._elsewhere

    def alive(self, purpose: str | None = None) -> list[Thing]:
        """Own things that are still there, the newest first."""
        return [
            t
            for t in reversed(self.things)
            if not t.gone and not t.unsure and purpose in (None, t.purpose)
        ]

    def count(self, collection: str) -> int:
        """How many things of a collection the run has made that are still there. What came along
        with them belongs elsewhere."""
        place = collection_of(collection)
        alive = sum(not (t.gone or t.beside) for t in self._in.get(place, ()))
        return alive + self.nameless[place]

    def has(self, number: int) -> bool:
        """Whether what an exchange made is there still."""
        return any(not t.gone for t in self._made_by.get(number, ()))

    def has_own(self, number: int, *, unused: bool = False) -> bool:
        """Whether what an exchange made is there still, and shown to be this run's own; `unused`:
        and nothing has been done with it."""
        made = self._made_by.get(number, ())
        return any(not (t.gone or t.unsure or (unused and t.used)) for t in made)

    def unsure_of(self, value: str) -> Thing | None:
        """The thing of that name of which nothing shows that it is new, if there is one."""
        return next((t for t in self.unsure() if value in t.names), None)

    def unsettled(self, path: str) -> list[Thing]:
        """Things made in a collection that may have been there before."""
        here = self._in.get(collection_of(path), ())
        return [t for t in here if t.unsure and not (t.gone or t.earlier)]

    def unsure(self) -> list[Thing]:
        """Things that may have been there before; of an earlier run's nothing here tells more."""
        return [t for t in self.things if t.unsure and not (t.gone or t.earlier)]

    # -- what changes it ------------------------------------------------------------------------

    def note_absent(self, collection: str, value: str) -> None:
        """Reading showed that there is nothing of that name."""
        self._absent.add((collection, value))

    def note_sent(self, number: int, request: Request) -> None:
        """Note a request before its answer is read: which of its texts are new."""
        self._last = max(self._last, number)
        texts = {t for t in brought_texts(request) if is_telling(t)}
        fresh = {t for t in texts if hash(t) not in self._texts and not self._known(t)}
        if len(self._coined) < MAX_TEXTS:
            self._coined |= fresh
        self._fresh[number] = frozenset(texts & self._coined)
        name = unquote(request.url_path.rstrip("/").rpartition("/")[2])
        if self.coins(name):
            self._given.add(name)
        # The path's own words come back in any answer's links: they prove nothing.
        self._remember({*texts, *(unquote(s) for s in request.url_path.split("/"))})

    def take_over(self, thing: Thing) -> None:
        """Take for own what an earlier run has made, as long as nobody disowns it."""
        self._enter(thing)
        if not thing.unsure:
            for name in thing.names:
                self._own.setdefault(name, []).append(thing)

    def trust(self, thing: Thing) -> None:
        """Something shows that a thing wasn't there before."""
        if thing.unsure:
            self._confirm(thing)

    def disown(self, thing: Thing) -> None:
        """A thing can't be told from others any more: it isn't touched, but it is listed."""
        thing.unsure, thing.unlisted = True, None
        for name in thing.names:
            self._own[name] = [t for t in self._own.get(name, ()) if t is not thing]

    # -- parts ---------------------------------------------------------------------------------

    def _was_foreign(self, noun: str, name: str, number: int) -> bool:
        """Whether an identifier was foreign when a request was sent: what a reading showed while
        that was on its way may be what it made."""
        return (noun, name) in self._foreign and self._shown.get((noun, name), 0) < number

    def _is_ours(self, thing: Thing, noun: str, value: str) -> bool:
        """Whether nothing but this run's own thing can be meant: the number of one that an
        earlier run had made may be somebody's by now. A member may be called by what the thing is
        for (`ownerRef` for a user): that matters only where other kinds may be numbered alike, or
        where the value is one of the documents', which others know, too."""
        unlike = names_one_kind(value) and not self._known(value)
        named = thing.noun == noun or unlike
        return named and not (thing.gone or thing.earlier)

    def _enter(self, thing: Thing) -> None:
        self.things.append(thing)
        self._in.setdefault(thing.collection, []).append(thing)
        self._made_by.setdefault(thing.number, []).append(thing)

    def _called(self, place: str, name: str) -> list[Thing]:
        """What was made in a collection and has a name, gone or not."""
        return [t for t in self._in.get(place, ()) if name in t.names]

    def _keep(self, thing: Thing) -> None:
        self._enter(thing)
        if thing.unsure:
            self.changed("unsure", thing)
        else:
            self._confirm(thing)

    def _confirm(self, thing: Thing) -> None:
        thing.unsure = False
        for name in thing.names:
            self._own.setdefault(name, []).append(thing)
            self._foreign.discard((thing.noun, name))
        self.changed("made", thing)

    def _retract(self, thing: Thing) -> None:
        """What was taken for own may have been there before."""
        if thing.unsure or thing.gone:
            return
        thing.unsure = True
        for name in thing.names:
            self._own[name] = [t for t in self._own.get(name, ()) if t is not thing]
            self._foreign.add((thing.noun, name))
        self.changed("doubted", thing)

    def _marks(self, number: int, request: Request, shown: Any) -> tuple[str, ...]:
        """The marks of what this run coined, and of what was shown now and never before."""
        fresh = self._fresh.get(number, frozenset())
        brought = (t for t in texts_of(body_of(request)) if t in self._coined)
        new = (t for t in texts_of(shown) if t in fresh or self._is_unseen(t))
        return marks_of((*brought, *new))

    def _is_unseen(self, text: str) -> bool:
        seen = hash(text) in self._texts and text not in self._coined
        return not seen and not self._known(text)

    def _known(self, text: str) -> bool:
        """Whether a text stands in the documents: asked of each text again and again, and their
        prose may be long."""
        if len(text) > LONGEST_TOLD:
            return self._stands_there(text)
        if text not in self._told:
            if len(self._told) >= MAX_TOLD:
                self._told.clear()
            self._told[text] = self._stands_there(text)
        return self._told[text]

    def _stands_there(self, text: str) -> bool:
        return text in self.documented or text.lower() in self.prose

    def _remember(self, texts: Iterable[str]) -> None:
        if len(self._texts) < MAX_TEXTS:
            self._texts.update(hash(t) for t in texts)


def is_telling(text: str) -> bool:
    """Whether a text can't well come back by chance."""
    return len(text) >= LEAST_FRESH and len(set(text)) >= LEAST_SIGNS
