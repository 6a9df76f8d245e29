"""The ownership ledger: what this run has made, and what was there before. Pure.

*Own* is what an accepted creation of this run returned, where something shows that it is new: a
value that was never sent or seen before comes back with it, the same request made another one, or
nothing that could be taken was sent and the server says 201. Identifiers from lists, examples,
variables and other answers are *foreign*.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from checker.domain.exchange import Base, Request, Response
from checker.domain.operation import OperationId
from checker.lexicon import read
from checker.lexicon.texts import name_words
from checker.planning.answered import located
from checker.planning.markup import content_of
from checker.planning.producers import noun_of
from checker.planning.routes import resource_of
from checker.safety.recognition import MAX_MARKS, marks_of

LEAST_FRESH = 5
"""Shorter texts may come back by chance."""
MAX_TEXTS = 400_000
MAX_DEPTH = 7
_RANDOM = re.compile(
    r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|(?=.*\d)[0-9A-Za-z_-]{20,}"
)
"""Values that name one thing wherever they stand: UUIDs and long mixed texts."""
_PARTS = re.compile(r"\r\n\r\n(.*?)\r\n--", re.DOTALL)
_MADE_UP = re.compile(r"zq[-\w]{5,}")
"""What probes call things that aren't there."""

_TITLES = ("name", "code", "number")

_maker: ContextVar[str] = ContextVar("maker", default="")


@contextmanager
def making_for(purpose: str) -> Iterator[None]:
    """What is made inside, by this task and those it starts, is made for `purpose`."""
    mark = _maker.set(purpose)
    try:
        yield
    finally:
        _maker.reset(mark)


@dataclass(slots=True)
class Thing:
    """One thing that this run has made.

    `collection` is the concrete path that it was made at. `names` are its identifiers as text
    and what the answer calls each. `number` is the exchange that made it, `account` the one it
    was made with, `purpose` what it was made for. `unsure`: nothing shows that it wasn't there
    before. `marks` tell it from another of the same identifier. `earlier`: another run has made
    it, which a ledger on disk says.
    """

    noun: str
    collection: str
    names: dict[str, str]
    operation: OperationId
    number: int
    token: str | None = None
    base: Base = "primary"
    account: int = 0
    purpose: str = ""
    gone: bool = False
    unsure: bool = False
    marks: tuple[str, ...] = ()
    earlier: bool = False

    def to_json(self) -> dict[str, Any]:
        """For the ledger on disk."""
        return {
            "noun": self.noun,
            "collection": self.collection,
            "names": dict(self.names),
            "operation": str(self.operation),
            "number": self.number,
            "token": self.token,
            "base": self.base,
            "account": self.account,
            "unsure": self.unsure,
            "marks": list(self.marks),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Thing:
        """From the ledger on disk; raises KeyError, TypeError or ValueError for anything else."""
        return cls(
            noun=str(data["noun"]),
            collection=str(data["collection"]),
            names={str(n): str(m) for n, m in dict(data["names"]).items()},
            operation=OperationId.parse(str(data["operation"])),
            number=int(data["number"]),
            token=data["token"],
            base=data["base"],
            account=int(data["account"]),
            unsure=data.get("unsure") is True,
            marks=tuple(map(str, data.get("marks", ()))),
            earlier=True,
        )


@dataclass(slots=True)
class Ledger:
    """What is own and what is foreign in one run against one target.

    `documented` are values of the documents and `prose` are their words, in lower case: what
    stands there is no proof that a thing is new. `changed` is told of each thing: "made" when it
    is own and whenever it has got another name, "unsure" while it may have been there before,
    "gone".
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
    _listed: dict[str, list[frozenset[str]]] = field(default_factory=dict)
    """What reading a collection has shown: at first, and when it showed most."""
    _alike: dict[tuple[str, bytes], list[Thing]] = field(default_factory=dict)

    # -- what is known -------------------------------------------------------------------------

    def own(self, nouns: Iterable[str], value: str, collection: str) -> Thing | None:
        """The own thing that a value names in a collection of one of the nouns, if there is one.

        A value that names one thing wherever it stands needs no noun. What has gone stays own
        only where its name can't be given to something else.
        """
        wanted = set(nouns)
        for thing in self._own.get(value, ()):
            sure = _names_one(value)
            if thing.gone and not sure:
                continue
            if sure or (thing.noun in wanted and _same_place(thing, collection)):
                return thing
        return None

    def below_own(self, path: str) -> bool:
        """Whether a concrete path leads through an own thing."""
        segments = [unquote(s) for s in path.split("/") if s]
        for place, segment in enumerate(segments):
            above = "/" + "/".join(segments[:place])
            if self.own((resource_of(above),), segment, above) is not None:
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
        return sum(not t.gone and t.collection == place for t in self.things)

    def has(self, number: int) -> bool:
        """Whether what an exchange made is there still."""
        return any(t.number == number and not t.gone for t in self.things)

    # -- what happens --------------------------------------------------------------------------

    def note_sent(self, number: int, request: Request) -> None:
        """Note a request before its answer is read: which of its texts are new."""
        texts = {t for t in _request_texts(request) if len(t) >= LEAST_FRESH}
        fresh = {t for t in texts if hash(t) not in self._texts and not self._known(t)}
        if len(self._coined) < MAX_TEXTS:
            self._coined |= fresh
        self._fresh[number] = frozenset(texts & self._coined)
        self._remember(texts)

    def note_made(
        self, number: int, request: Request, response: Response, operation: OperationId
    ) -> list[Thing]:
        """Note an accepted creation; the things that it made, own from now on."""
        collection = _collection(request.url_path)
        noun = resource_of(operation.path)
        made: list[Thing] = []
        fresh = self._fresh.get(number, frozenset())
        for member, names in _named(response, noun):
            if any((noun, name) in self._foreign for name in _keys(names)):
                continue
            thing = self._thing(noun, collection, names, operation, number, request)
            thing.unsure = not self._is_new(thing, member, fresh, request, response)
            thing.marks = self._marks(number, request, member)
            made.append(thing)
        for thing in made:
            self._keep(thing)
        return made

    def note_named(self, number: int, request: Request, operation: OperationId) -> Thing | None:
        """Note an accepted request that gave a new item its name: the last segment."""
        collection, _, name = _collection(request.url_path).rpartition("/")
        value = unquote(name)
        if value in self._own:
            return None
        noun = resource_of(operation.path.rstrip("/").rpartition("/")[0])
        thing = self._thing(noun, collection, {value: ""}, operation, number, request)
        thing.marks = self._marks(number, request, value)
        self._keep(thing)
        return thing

    def note_changed(self, thing: Thing, number: int, request: Request, response: Response) -> None:
        """An own thing was changed: the answer may call it by a name that was just given."""
        fresh = self._fresh.get(number, frozenset())
        for _, names in _named(response, thing.noun):
            for name in names.keys() & fresh:
                thing.names[name] = names[name]
                self._own.setdefault(name, []).append(thing)
        marks = self._marks(number, request, content_of(response))
        if not set(marks) <= set(thing.marks):
            thing.marks = tuple(dict.fromkeys((*marks, *thing.marks)))[:MAX_MARKS]
            self.changed("made", thing)

    def note_gone(self, thing: Thing) -> None:
        """An own thing was deleted."""
        if not thing.gone:
            thing.gone = True
            self.changed("gone", thing)

    def adopt(self, thing: Thing) -> None:
        """Take over what an earlier run has made, as long as nobody disowns it."""
        self.things.append(thing)
        if not thing.unsure:
            for name in thing.names:
                self._own.setdefault(name, []).append(thing)

    def disown(self, thing: Thing) -> None:
        """A thing can't be told from others any more: it isn't touched, but it is listed."""
        thing.unsure = True
        for name in thing.names:
            self._own[name] = [t for t in self._own.get(name, ()) if t is not thing]

    def note_listed(self, request: Request, response: Response, path: str) -> None:
        """Note what reading a whole collection shows."""
        noun = resource_of(path)
        members = _shallowest(content_of(response), noun)
        shown = frozenset(v for m in members for v in _identifying(m, noun).values())
        reads = self._listed.setdefault(_collection(request.url_path), [])
        if not reads:
            reads.append(shown)
        elif len(shown) > len(reads[-1]):
            reads[1:] = [shown]

    def settle(self, collection: str) -> None:
        """Confirm what is unsure where the first reading of its collection was a whole one: a
        later one showed more, so it wasn't cut, and it lacked the thing."""
        reads = self._listed.get(collection, [])
        if len(reads) < 2:
            return
        for thing in self.unsure():
            if thing.collection == collection and reads[0].isdisjoint(_keys(thing.names)):
                self._confirm(thing)

    def unsure(self) -> list[Thing]:
        """Things that may have been there before; of an earlier run's nothing here tells more."""
        return [t for t in self.things if t.unsure and not (t.gone or t.earlier)]

    def note_seen(self, number: int, response: Response, path: str) -> None:
        """Note what an answer shows: identifiers that aren't own are foreign."""
        body = content_of(response)
        for noun, value in _identifiers(body, resource_of(path)):
            if not any(t.noun == noun or _names_one(value) for t in self._own.get(value, ())):
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

    def _is_new(
        self,
        thing: Thing,
        member: Mapping[Any, Any],
        fresh: frozenset[str],
        request: Request,
        response: Response,
    ) -> bool:
        """Whether something shows that an answered thing wasn't there before."""
        shown = set(_texts(member))
        if any(text in value for text in fresh for value in shown):
            return True
        if self._has_twin(thing, request):
            return True
        ours = (t for t in self.things if not (t.unsure or t.earlier))
        if any(t.names.keys() & thing.names.keys() for t in ours):
            return True
        brought = dict(_named_texts(_body_of(request)))
        names = {name for name, text in brought.items() if text in fresh}
        if any(member.get(name) not in (None, "") for name in names):
            return False  # what is shown isn't what was sent: it was there before
        if any(t in shown for t in brought.values() if not self._is_reference(t)):
            return False  # it may have been there, called so
        return response.status == 201 or bool(fresh)

    def _has_twin(self, thing: Thing, request: Request) -> bool:
        """Whether the very same request has made another thing: then each makes a new one."""
        twins = self._alike.setdefault((request.url_path, request.content or b""), [])
        others = [t for t in twins if t.names.keys().isdisjoint(thing.names)]
        twins.append(thing)
        for twin in others:
            if twin.unsure:
                self._confirm(twin)
        return bool(others)

    def _is_reference(self, text: str) -> bool:
        """Whether a text is the identifier of another thing, own or foreign."""
        return text in self._own or text in self._values

    def _marks(self, number: int, request: Request, shown: Any) -> tuple[str, ...]:
        """The marks of what this run coined, and of what was shown now and never before."""
        fresh = self._fresh.get(number, frozenset())
        brought = (t for t in _texts(_body_of(request)) if t in self._coined)
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


def made_up(value: str) -> bool:
    """Whether a value is one that probes call things by that aren't there."""
    return _MADE_UP.fullmatch(value) is not None


def _names_one(value: str) -> bool:
    return _RANDOM.fullmatch(value) is not None


def _same_place(thing: Thing, collection: str) -> bool:
    """Whether a short identifier can mean the same thing: at the very path where it was made, or
    at another of a kind that is numbered for the whole API."""
    if thing.collection == _collection(collection):
        return True
    return "{" not in thing.operation.path.removesuffix("}").rpartition("/{")[0]


def _collection(path: str) -> str:
    return "/" + "/".join(unquote(s) for s in path.split("?")[0].split("/") if s)


@lru_cache(maxsize=20_000)
def _is_identifier(name: str) -> bool:
    return bool(read("identifiers", name))


def _identifying(member: Mapping[Any, Any], noun: str) -> dict[str, str]:
    """The members of an object that identify it, with their values as text."""
    found: dict[str, str] = {}
    for name, value in member.items():
        text = _identifier_text(value)
        if text and (_is_identifier(str(name)) or (noun and _of_noun(str(name), noun))):
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


def _keys(names: Mapping[str, str]) -> set[str]:
    """Those of a thing's names that no other can have: not what people call it."""
    keys = {value for value, member in names.items() if member.lower() not in _TITLES}
    return keys or set(names)


def _named(response: Response, noun: str) -> Iterator[tuple[Mapping[Any, Any], dict[str, str]]]:
    """The things that an answer to a creation shows, and their identifiers."""
    body = content_of(response)
    there = located(response)
    found = [
        (m, {value: name for name, value in _identifying(m, noun).items()})
        for m in _shallowest(body, noun)
    ]
    if there:
        if len(found) == 1:
            found[0][1].setdefault(there, "Location")
        elif not found:
            found = [(body if isinstance(body, Mapping) else {}, {there: "Location"})]
    for member, names in found:
        if names:
            yield member, names


def _shallowest(body: Any, noun: str) -> list[Mapping[Any, Any]]:
    """The objects of least depth that identify themselves: the things an answer is about."""
    level: list[Any] = [body]
    for _ in range(MAX_DEPTH):
        objects = [n for n in level if isinstance(n, Mapping)]
        found = [n for n in objects if _identifying(n, noun)]
        if found:
            return found
        level = [child for node in level for child in _children(node)]
        if not level:
            break
    return []


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


def _request_texts(request: Request) -> Iterator[str]:
    """The texts that a request brings: in its body, query and path."""
    yield from (v for _, v in request.query)
    yield from (unquote(s) for s in request.url_path.split("/"))
    yield from (text for _, text in _named_texts(_body_of(request)))


def _body_of(request: Request) -> Any:
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


def values_at(request: Request, names: Iterable[str]) -> list[str]:
    """The scalar values of a request's query and body members of some names, as text; of all
    where no name is given."""
    wanted = set(names)
    found = [v for n, v in request.query if not wanted or n in wanted]
    return [*found, *_values_at(_body_of(request), wanted, "", 0)]


def _values_at(node: Any, wanted: set[str], name: str, depth: int) -> Iterator[str]:
    if depth > MAX_DEPTH:
        return
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _values_at(value, wanted, str(key), depth + 1)
    elif isinstance(node, list):
        for value in node:
            yield from _values_at(value, wanted, name, depth + 1)
    elif _is_scalar(node) and (not wanted or name in wanted):
        yield str(node)


def _is_scalar(node: Any) -> bool:
    return isinstance(node, (str, int)) and not isinstance(node, bool)


def names_in(request: Request) -> set[str]:
    """The names of all members of a request's body."""
    found: set[str] = set()
    nodes: list[Any] = [_body_of(request)]
    while nodes:
        node = nodes.pop()
        if isinstance(node, Mapping):
            found |= {str(name) for name in node}
        nodes.extend(_children(node))
    return found
