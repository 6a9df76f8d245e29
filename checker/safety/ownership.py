"""The ownership ledger: what this run has made, and what was there before. Pure.

*Own* is what an accepted creation of this run returned, where it is shown to be new (novelty.py)
or where the first reading of its whole collection lacked it. Identifiers from lists, examples,
variables and other answers are *foreign*.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from checker.domain.exchange import Request, Response
from checker.domain.operation import OperationId
from checker.lexicon import read
from checker.lexicon.texts import name_words
from checker.planning.answered import located
from checker.planning.markup import content_of
from checker.planning.producers import noun_of, only_wraps
from checker.planning.routes import resource_of
from checker.safety.listings import Item, Listing
from checker.safety.novelty import Maker, Referred
from checker.safety.recognition import MAX_MARKS, marks_of
from checker.safety.references import comes_back, roles, without
from checker.safety.things import Thing, keys_of

LEAST_FRESH = 5
"""Shorter texts may come back by chance."""
LEAST_SIGNS = 3
"""Of different ones in a text; `00000` stands in many a time and number."""
MAX_TEXTS = 400_000
MAX_DEPTH = 7
_RANDOM = re.compile(
    r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|(?=.*\d)[0-9A-Za-z_-]{20,}"
)
"""Values that name one thing wherever they stand: UUIDs and long mixed texts."""
_PARTS = re.compile(r"\r\n\r\n(.*?)\r\n--", re.DOTALL)
_MADE_UP = re.compile(r"zq[-\w]{5,}")
"""What probes call things that aren't there."""

_maker: ContextVar[str] = ContextVar("maker", default="")


@contextmanager
def making_for(purpose: str) -> Iterator[None]:
    """What is made inside, by this task and those it starts, is made for `purpose`."""
    mark = _maker.set(purpose)
    try:
        yield
    finally:
        _maker.reset(mark)


def made_for() -> str:
    """What things that are made now are made for."""
    return _maker.get()


@dataclass(slots=True)
class Ledger:
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
    _own: dict[str, list[Thing]] = field(default_factory=dict)
    _foreign: set[tuple[str, str]] = field(default_factory=set)
    _values: set[str] = field(default_factory=set)
    _absent: set[tuple[str, str]] = field(default_factory=set)
    _texts: set[int] = field(default_factory=set)
    _fresh: dict[int, frozenset[str]] = field(default_factory=dict)
    _coined: set[str] = field(default_factory=set)
    """Texts that this run was the first to bring."""
    _listed: dict[str, Listing] = field(default_factory=dict)
    _posted: dict[str, tuple[Request, OperationId]] = field(default_factory=dict)
    _parts: set[str] = field(default_factory=set)
    """Identifiers that were first seen in the answers to creations: of what own things hold."""
    _makers: dict[OperationId, Maker] = field(default_factory=dict)
    nameless: Counter[str] = field(default_factory=Counter)
    """Accepted creations by collection whose answers identify nothing of this run's."""

    # -- what is known -------------------------------------------------------------------------

    def own(self, nouns: Iterable[str], value: str, collection: str) -> Thing | None:
        """The own thing that a value names in a collection of one of the nouns, if there is one.

        A value that names one thing wherever it stands needs no noun. What has gone stays own
        only where its name can't be given to something else.
        """
        wanted = set(nouns)
        for thing in self._own.get(value, ()):
            sure = names_one(value)
            if thing.gone and not sure:
                continue
            if sure or (thing.noun in wanted and _same_place(thing, collection)):
                return thing
        return None

    def below_own(self, path: str) -> bool:
        """Whether a concrete path leads through a thing that this very run has made."""
        segments = [unquote(s) for s in path.split("/") if s]
        for place, segment in enumerate(segments):
            above = "/" + "/".join(segments[:place])
            thing = self.own((resource_of(above),), segment, above)
            if thing is not None and not thing.earlier:
                return True
        return False

    def foreign(self, nouns: Iterable[str], value: str) -> bool:
        """Whether a value was seen as the identifier of something that isn't own."""
        return any((noun, value) in self._foreign for noun in nouns)

    def absent(self, collection: str, value: str) -> bool:
        """Whether reading showed that there is nothing of that name."""
        return (collection, value) in self._absent

    def note_absent(self, collection: str, value: str) -> None:
        """Reading showed that there is nothing of that name."""
        self._absent.add((collection, value))

    def is_coined(self, text: str) -> bool:
        """Whether this run was the first to bring a text."""
        return text in self._coined

    def alive(self, purpose: str | None = None) -> list[Thing]:
        """Own things that are still there, the newest first."""
        return [
            t
            for t in reversed(self.things)
            if not t.gone and not t.unsure and purpose in (None, t.purpose)
        ]

    def count(self, collection: str) -> int:
        """How many things of a collection the run has made that are still there."""
        place = _collection(collection)
        alive = sum(not t.gone and t.collection == place for t in self.things)
        return alive + self.nameless[place]

    def has(self, number: int) -> bool:
        """Whether what an exchange made is there still."""
        return any(t.number == number and not t.gone for t in self.things)

    # -- what happens --------------------------------------------------------------------------

    def note_sent(self, number: int, request: Request) -> None:
        """Note a request before its answer is read: which of its texts are new."""
        texts = {t for t in _brought_texts(request) if _telling(t)}
        fresh = {t for t in texts if hash(t) not in self._texts and not self._known(t)}
        if len(self._coined) < MAX_TEXTS:
            self._coined |= fresh
        self._fresh[number] = frozenset(texts & self._coined)
        # The path's own words come back in any answer's links: they prove nothing.
        self._remember({*texts, *(unquote(s) for s in request.url_path.split("/"))})

    def note_made(
        self,
        number: int,
        request: Request,
        response: Response,
        operation: OperationId,
        collection: str = "",
        *,
        sure: bool = False,
        said: bool = False,
    ) -> list[Thing]:
        """Note an accepted creation; the things that it made, own from now on.

        `collection`: the concrete path that they are in, where it isn't the request's. `sure`:
        it can have made new things only; `said`: somebody wrote down that it does, so that one
        new text that comes back, or a 201, is proof enough.
        """
        collection = collection or _collection(request.url_path)
        noun = resource_of(operation.path)
        maker = self._makers.setdefault(operation, Maker())
        coined = self._fresh.get(number, frozenset())
        # A link that leads to the collection itself names nothing in it.
        segments = set(collection.split("/"))
        every = [
            replace(s, names={v: n for v, n in s.names.items() if v not in segments})
            for s in _named(response, noun)
        ]
        named = [one for one in every if one.names]
        if not named:
            self.nameless[collection] += 1
        made: list[Thing] = []
        for one in named:
            member, names = one.node, one.names
            plain = one.plain or comes_back(body_of(request), member)
            thing = self._thing(noun, collection, names, operation, number, request)
            thing.unsure = True
            thing.marks = self._marks(number, request, [member, *names])
            thing.unlisted = self._unlisted(thing)
            referred = self._referred(request, member)
            if any((noun, name) in self._foreign for name in thing.keys):
                self.nameless[collection] += 1
                if plain:
                    maker.note_foreign(thing, request, coined, referred)
                continue
            brought = values_at(replace(request, query=()), ())
            # What is named as another kind of thing comes along, and was there before.
            shown = {*_texts(member), *names} if plain else set()
            self._parts |= {t for t in shown if names_one(t) and hash(t) not in self._texts}
            if maker.note(thing, request, coined, brought, shown, referred):
                made.append(thing)
                self._keep(thing)
                # An identifier that the request chose may be that of something there.
                fresh = sure and names.keys().isdisjoint(brought)
                told = said and (maker.made[-1].echoed or response.status == 201)
                if plain and (fresh or told):
                    self._confirm(thing)
        self._settle_maker(operation)
        return made

    def _referred(self, request: Request, member: Mapping[Any, Any]) -> Referred:
        """What a request refers to of this run's own things, and whether the answer does."""
        body = body_of(request)
        every = set(roles(body))
        own = {
            (noun, value)
            for noun, value in every
            if any(self._is_ours(t, noun) for t in self._own.get(value, ()))
        }
        if not own:
            return Referred(masked=_canonical(body))
        ours = own | {(noun, value) for noun, value in every if value in self._parts}
        masked = _canonical(without(body, ours))
        return Referred(frozenset(v for _, v in ours), masked, not own.isdisjoint(roles(member)))

    @staticmethod
    def _is_ours(thing: Thing, noun: str) -> bool:
        """Whether nothing but this run's own thing can be meant: the number of one that an
        earlier run had made may be somebody's by now."""
        return thing.noun == noun and not (thing.gone or thing.earlier)

    def _settle_maker(self, operation: OperationId) -> None:
        """Confirm what an operation is shown to have made; take it back where it may not have."""
        maker = self._makers[operation]
        proved = maker.proved()
        for thing in proved:
            if thing.unsure:
                self._confirm(thing)
        if maker.repeats:
            for made in maker.made:
                self._retract(made.thing)

    def _retract(self, thing: Thing) -> None:
        """What was taken for own may have been there before."""
        if thing.unsure or thing.gone:
            return
        thing.unsure = True
        for name in thing.names:
            self._own[name] = [t for t in self._own.get(name, ()) if t is not thing]
            self._foreign.add((thing.noun, name))
        self.changed("doubted", thing)

    def note_beside(
        self, thing: Thing, number: int, request: Request, response: Response, action: OperationId
    ) -> list[Thing]:
        """Note an action on an own thing that can't have answered with what was there: it has
        made others of its kind, where the answer shows none by one of the thing's own names."""
        shown = {name for one in _named(response, thing.noun) for name in one.names}
        if shown & thing.names.keys():
            return []
        place = thing.collection
        return self.note_made(number, request, response, action, place, sure=True)

    def note_named(self, number: int, request: Request, operation: OperationId) -> Thing | None:
        """Note an accepted request that gave a new item its name: the last segment."""
        collection, _, name = _collection(request.url_path).rpartition("/")
        value = unquote(name)
        if any(not t.gone and t.collection == collection for t in self._own.get(value, ())):
            return None
        noun = resource_of(operation.path.rstrip("/").rpartition("/")[0])
        thing = self._thing(noun, collection, {value: ""}, operation, number, request)
        thing.marks = self._marks(number, request, value)
        self._keep(thing)
        return thing

    def note_changed(self, thing: Thing, number: int, request: Request, response: Response) -> None:
        """An own thing was changed: the answer may call it by a name that was just given."""
        fresh = self._fresh.get(number, frozenset())
        for shown in _named(response, thing.noun):
            for name in shown.names.keys() & fresh:
                thing.names[name] = shown.names[name]
                self._own.setdefault(name, []).append(thing)
        marks = self._marks(number, request, content_of(response))
        if not set(marks) <= set(thing.marks):
            thing.marks = tuple(dict.fromkeys((*marks, *thing.marks)))[:MAX_MARKS]
            self.changed("made", thing)

    def note_gone(self, thing: Thing) -> None:
        """An own thing was deleted, however often it was answered."""
        for each in self.things:
            same = each.noun == thing.noun and each.collection == thing.collection
            if not each.gone and same and each.keys & thing.keys:
                each.gone = True
                self.changed("gone", each)

    def note_posted(self, request: Request, operation: OperationId) -> None:
        """Note a creation that was sent, whatever its answer: refused, it may have made something
        all the same."""
        self._posted[_collection(request.url_path)] = (request, operation)

    def posted(self) -> list[Request]:
        """The last creation sent to each collection."""
        return [request for request, _ in self._posted.values()]

    def was_listed(self, path: str) -> bool:
        """Whether the collection at a path was read."""
        return _collection(path) in self._listed

    def take_over(self, thing: Thing) -> None:
        """Take for own what an earlier run has made, as long as nobody disowns it."""
        self.things.append(thing)
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

    def note_listed(self, request: Request, response: Response, path: str) -> None:
        """Note what reading a whole collection shows."""
        place, items = _collection(request.url_path), listed(response, path)
        if place in self._listed:
            self._listed[place].note(items)
        else:
            self._listed[place] = Listing.begun(items)

    def settle(self, path: str) -> None:
        """Find out by the readings of a collection what in it is this run's own.

        What is called by a text that this run was the first to bring is; where the first reading
        was a whole one, so is what it lacked and what an answer named or has such a text.
        """
        place = _collection(path)
        listing = self._listed.get(place)
        if listing is None:
            return
        for thing in self.unsure() if listing.whole else ():
            if thing.collection == place and listing.first.isdisjoint(thing.keys):
                self._confirm(thing)
        if place in self._posted:
            for item in listing.latest:
                self._adopt(item, listing, place)

    def _adopt(self, item: Item, listing: Listing, place: str) -> None:
        """Take a listed thing for own where only this run can have made it."""
        request, operation = self._posted[place]
        keys = keys_of(item.names)
        known = {name for t in self.things if not t.gone for name in t.keys}
        if not keys or keys & known or keys & listing.first:
            return
        if keys & self._coined or (listing.whole and item.texts & self._coined):
            noun = resource_of(operation.path)
            thing = self._thing(noun, place, item.names, operation, 0, request)
            thing.marks = marks_of(sorted((item.texts | keys) & self._coined))
            self.things.append(thing)
            self._confirm(thing)

    def unsure_of(self, value: str) -> Thing | None:
        """The thing of that name of which nothing shows that it is new, if there is one."""
        return next((t for t in self.unsure() if value in t.names), None)

    def unsure(self) -> list[Thing]:
        """Things that may have been there before; of an earlier run's nothing here tells more."""
        return [t for t in self.things if t.unsure and not (t.gone or t.earlier)]

    def note_seen(self, number: int, response: Response, path: str) -> None:
        """Note what an answer shows: identifiers that aren't own are foreign."""
        body = content_of(response)
        for noun, value in _identifiers(body, resource_of(path)):
            if not any(t.noun == noun or names_one(value) for t in self._own.get(value, ())):
                self._foreign.add((noun, value))
                self._values.add(value)
        self._remember({t for t in _texts(body) if len(t) >= LEAST_FRESH})
        self._fresh.pop(number - 1000, None)

    # -- parts ---------------------------------------------------------------------------------

    def _thing(
        self,
        noun: str,
        collection: str,
        names: Mapping[str, str],
        operation: OperationId,
        number: int,
        request: Request,
    ) -> Thing:
        return Thing(
            noun,
            collection,
            dict(names),
            operation,
            number,
            request.token,
            request.base,
            request.account,
            _maker.get(),
            probed=request.purpose == "probe",
        )

    def _keep(self, thing: Thing) -> None:
        self.things.append(thing)
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

    def _unlisted(self, thing: Thing) -> int | None:
        listing = self._listed.get(thing.collection)
        if listing is None or not listing.first.isdisjoint(thing.keys):
            return None
        return len(listing.first)

    def _marks(self, number: int, request: Request, shown: Any) -> tuple[str, ...]:
        """The marks of what this run coined, and of what was shown now and never before."""
        fresh = self._fresh.get(number, frozenset())
        brought = (t for t in _texts(body_of(request)) if t in self._coined)
        new = (t for t in _texts(shown) if t in fresh or self._is_unseen(t))
        return marks_of((*brought, *new))

    def _is_unseen(self, text: str) -> bool:
        seen = hash(text) in self._texts and text not in self._coined
        return not seen and not self._known(text)

    def _known(self, text: str) -> bool:
        return text in self.documented or text.lower() in self.prose

    def _remember(self, texts: Iterable[str]) -> None:
        if len(self._texts) < MAX_TEXTS:
            self._texts.update(hash(t) for t in texts)


def listed(response: Response, path: str) -> list[Item]:
    """What an answer to the reading of a collection shows; `path` is the operation's."""
    noun = resource_of(path)
    return [
        Item({v: n for n, v in _identifying(m, noun).items()}, frozenset(_texts(m)))
        for m in _shallowest(content_of(response), noun)
    ]


def made_up(value: str) -> bool:
    """Whether a value is one that probes call things by that aren't there."""
    return _MADE_UP.fullmatch(value) is not None


def _telling(text: str) -> bool:
    """Whether a text can't well come back by chance."""
    return len(text) >= LEAST_FRESH and len(set(text)) >= LEAST_SIGNS


def names_one(value: str) -> bool:
    """Whether a value names one thing wherever it stands."""
    return _RANDOM.fullmatch(value) is not None


def _same_place(thing: Thing, collection: str) -> bool:
    """Whether a short identifier can mean the same thing: at the very path where it was made, or
    at another of a kind that is numbered for the whole API."""
    asked, made = _collection(collection), thing.operation.path.rstrip("/")
    if made.endswith("}"):
        made = made.rpartition("/")[0]
    return asked == thing.collection or "{" not in made or asked == _without_parents(made)


def _without_parents(template: str) -> str:
    """`/v1/rooms` for `/v1/halls/{hall}/rooms`: where such things have a path of their own they
    are numbered for the whole API."""
    return re.sub(r"/[^/{}]+/\{[^/]*\}(?=/)", "", template)


def _collection(path: str) -> str:
    return "/" + "/".join(unquote(s) for s in path.split("?")[0].split("/") if s)


@lru_cache(maxsize=20_000)
def is_identifier(name: str) -> bool:
    """Whether a member is named as what identifies the thing it stands in."""
    return bool(read("identifiers", name))


def _identifying(member: Mapping[Any, Any], noun: str) -> dict[str, str]:
    """The members of an object that identify it, with their values as text."""
    found: dict[str, str] = {}
    for name, value in member.items():
        text = _identifier_text(value)
        if text and (is_identifier(str(name)) or (noun and _of_noun(str(name), noun))):
            found[str(name)] = text
    links = member.get("_links", member.get("links"))
    if isinstance(links, Mapping):
        address = links.get("self", links)
        href = address.get("href") if isinstance(address, Mapping) else address
        if isinstance(href, str):
            found["_links.self"] = _last_segment(href)
    return {k: v for k, v in found.items() if v}


def _of_noun(name: str, noun: str) -> bool:
    return noun_of(name) == noun or name_words(name).replace(" ", "_") == noun


def _identifier_text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    text = str(value)
    if "/" in text:
        return _last_segment(text)
    return text if len(text) <= 200 else ""


def _last_segment(address: str) -> str:
    return unquote(urlsplit(address).path.rstrip("/").rpartition("/")[2])


@dataclass(frozen=True, slots=True)
class _Shown:
    """An object that an answer to a creation shows: its identifiers and what it calls each.

    `plain`: no member around it is named as another kind of thing.
    """

    node: Mapping[Any, Any]
    names: dict[str, str]
    plain: bool


def _named(response: Response, noun: str) -> Iterator[_Shown]:
    """The things that an answer to a creation shows, and their identifiers."""
    body = content_of(response)
    there = located(response)
    found = [
        _Shown(m, {value: name for name, value in _identifying(m, noun).items()}, plain)
        for m, plain in _shallowest_placed(body, noun)
    ]
    if there:
        if len(found) == 1:
            found[0].names.setdefault(there, "Location")
        elif not found:
            found = [_Shown(body if isinstance(body, Mapping) else {}, {there: "Location"}, True)]
    yield from (shown for shown in found if shown.names)


def _shallowest(body: Any, noun: str) -> list[Mapping[Any, Any]]:
    """The objects of least depth that identify themselves: the things an answer is about."""
    return [node for node, _ in _shallowest_placed(body, noun)]


def _shallowest_placed(body: Any, noun: str) -> list[tuple[Mapping[Any, Any], bool]]:
    """As `_shallowest`, each with whether nothing around it is named as another kind."""
    level: list[tuple[Any, bool]] = [(body, True)]
    for _ in range(MAX_DEPTH):
        found = [(n, p) for n, p in level if isinstance(n, Mapping) and _identifying(n, noun)]
        if found:
            return found
        level = [
            (child, plain and (not name or _may_hold(name, noun)))
            for node, plain in level
            for name, child in _members_of(node)
        ]
        if not level:
            break
    return []


def _members_of(node: Any) -> Iterable[tuple[str, Any]]:
    """A node's children with the names of members; those of a list have none."""
    if isinstance(node, Mapping):
        return ((str(name), child) for name, child in node.items())
    return (("", child) for child in node) if isinstance(node, list) else ()


def _may_hold(name: str, noun: str) -> bool:
    """Whether a member of this name holds the thing itself: it is named so, or only wraps it."""
    inner = noun_of(name)
    return not inner or inner == noun or inner.endswith(f"_{noun}") or only_wraps(inner)


def _children(node: Any) -> Iterable[Any]:
    if isinstance(node, Mapping):
        return node.values()
    return node if isinstance(node, list) else ()


def _identifiers(body: Any, noun: str) -> Iterator[tuple[str, str]]:
    """(noun, value) of all identifiers in an answer: of its own things by the operation's noun,
    of what stands in them by the members' names."""
    for member in _shallowest(body, noun):
        for value in _identifying(member, noun).values():
            yield noun, value
        yield from _nested(member, MAX_DEPTH)


def _nested(node: Any, depth: int, noun: str = "") -> Iterator[tuple[str, str]]:
    if depth <= 0:
        return
    if isinstance(node, list):
        for item in node:
            if isinstance(item, (str, int)) and noun:
                yield noun, _identifier_text(item)
            yield from _nested(item, depth - 1, noun)
    elif isinstance(node, Mapping):
        if noun:
            for value in _identifying(node, noun).values():
                yield noun, value
        for name, value in node.items():
            inner = noun_of(str(name))
            text = _identifier_text(value)
            if inner and text:
                yield inner, text
            yield from _nested(value, depth - 1, inner)


def _texts(node: Any) -> Iterator[str]:
    """All texts in a JSON value."""
    return (text for _, text in _named_texts(node))


def _brought_texts(request: Request) -> Iterator[str]:
    """The texts that a request brings: in its body and query; of a list that is sent as one text
    its items, too."""
    texts = [v for _, v in request.query]
    texts += (text for _, text in _named_texts(body_of(request)))
    yield from texts
    yield from (item.strip() for text in texts if "," in text for item in text.split(","))


def body_of(request: Request) -> Any:
    """A request's body as JSON; of a form, its fields; else its text."""
    text = (request.content or b"").decode("utf-8", "replace")
    kind = (request.media_type or "").lower()
    if "form-urlencoded" in kind:
        return dict(parse_qsl(text, keep_blank_values=True))
    if "multipart" in kind:
        return dict(enumerate(_PARTS.findall(text)))
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _named_texts(node: Any, name: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """The texts in a JSON value with the name of the member that has them."""
    if isinstance(node, str):
        yield name, node
    elif depth < MAX_DEPTH + 3:
        if isinstance(node, Mapping):
            for key, value in node.items():
                yield from _named_texts(value, str(key), depth + 1)
        elif isinstance(node, list):
            for value in node:
                yield from _named_texts(value, name, depth + 1)


def _canonical(body: Any) -> bytes:
    """A body as JSON in one spelling, a form's fields too: to be compared."""
    text = json.dumps(body, default=str, sort_keys=True, ensure_ascii=False)
    return text.encode("utf-8", "replace")


def objects_at(request: Request, name: str) -> Iterator[Mapping[Any, Any]]:
    """The objects that a request's body has in members of a name, or in lists there."""
    nodes: list[tuple[str, Any]] = [("", body_of(request))]
    while nodes:
        inside, node = nodes.pop()
        if isinstance(node, Mapping):
            if inside == name:
                yield node
            nodes += [(str(member), child) for member, child in node.items()]
        elif isinstance(node, list):
            nodes += [(inside, child) for child in node]


def values_at(request: Request, names: Iterable[str]) -> list[str]:
    """The scalar values of a request's query and body members of some names, as text; of all
    where no name is given."""
    wanted = set(names)
    found = [v for n, v in request.query if not wanted or n in wanted]
    return [*found, *_values_at(body_of(request), wanted, "", 0)]


def _values_at(node: Any, wanted: set[str], name: str, depth: int) -> Iterator[str]:
    if depth > MAX_DEPTH:
        return
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _values_at(value, wanted, str(key), depth + 1)
    elif isinstance(node, list):
        for value in node:
            yield from _values_at(value, wanted, name, depth + 1)
    elif scalar(node) and (not wanted or name in wanted):
        yield str(node)


def scalar(node: Any) -> bool:
    """Whether a JSON value is a text or a whole number."""
    return isinstance(node, (str, int)) and not isinstance(node, bool)


def names_in(request: Request) -> set[str]:
    """The names of all members of a request's body."""
    found: set[str] = set()
    nodes: list[Any] = [body_of(request)]
    while nodes:
        node = nodes.pop()
        if isinstance(node, Mapping):
            found |= {str(name) for name in node}
        nodes.extend(_children(node))
    return found
