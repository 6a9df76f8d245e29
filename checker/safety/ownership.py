"""The ownership ledger: what this run has made, and what was there before. Pure.

*Own* is what an accepted creation of this run returned, where something shows that it is new: a
value that was never sent or seen before comes back with it, the same request made another one, or
nothing that could be taken was sent and the server says 201. Identifiers from lists, examples,
variables and other answers are *foreign*.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
from checker.planning.producers import noun_of, only_wraps
from checker.planning.routes import resource_of

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
    before.
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
        )


@dataclass(slots=True)
class Ledger:
    """What is own and what is foreign in one run against one target.

    `documented` are values of the documents and `prose` are their words, in lower case: what
    stands there is no proof that a thing is new. `changed` is told of each thing that is made or
    has gone.
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
        texts = {t for t in _brought_texts(request) if _telling(t)}
        fresh = {t for t in texts if hash(t) not in self._texts and not self._known(t)}
        if len(self._coined) < MAX_TEXTS:
            self._coined |= fresh
        self._fresh[number] = frozenset(texts & self._coined)
        # The path's own words come back in any answer's links: they prove nothing.
        self._remember({*texts, *(unquote(s) for s in request.url_path.split("/"))})

    def note_made(
        self, number: int, request: Request, response: Response, operation: OperationId
    ) -> list[Thing]:
        """Note an accepted creation; the things that it made, own from now on."""
        collection = _collection(request.url_path)
        noun = resource_of(operation.path)
        made: list[Thing] = []
        fresh = self._fresh.get(number, frozenset())
        shown = list(_named(response, noun))
        for member in shown:
            if any((noun, name) in self._foreign for name in _keys(member.names)):
                continue
            thing = self._thing(noun, collection, member.names, operation, number, request)
            alone = len(shown) == 1 and member.plain
            thing.unsure = not self._is_new(thing, member.node, fresh, request, response, alone)
            made.append(thing)
        if self._has_twin([m.names for m in shown], made, request):
            for thing in made:
                thing.unsure = False
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
        self._keep(thing)
        return thing

    def note_changed(self, thing: Thing, number: int, response: Response) -> None:
        """An own thing was changed: the answer may call it by a name that was just given."""
        fresh = self._fresh.get(number, frozenset())
        for shown in _named(response, thing.noun):
            for name in shown.names.keys() & fresh:
                thing.names[name] = shown.names[name]
                self._own.setdefault(name, []).append(thing)

    def note_gone(self, thing: Thing) -> None:
        """An own thing was deleted, however often it was answered."""
        for each in self.things:
            same = each.noun == thing.noun and each.collection == thing.collection
            if not each.gone and same and _keys(each.names) & _keys(thing.names):
                each.gone = True
                self.changed("gone", each)

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
        """Things that may have been there before."""
        return [t for t in self.things if t.unsure and not t.gone]

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
        if not thing.unsure:
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
        alone: bool,
    ) -> bool:
        """Whether something shows that an answered thing wasn't there before.

        `alone`: nothing else is shown, and nothing around it calls it by another kind's name.
        """
        shown = set(_texts(member))
        if any(text in value for text in fresh for value in shown):
            return True
        if any(self.own((thing.noun,), k, thing.collection) for k in _keys(thing.names)):
            return True
        brought = dict(_named_texts(_body_of(request)))
        names = {name for name, text in brought.items() if text in fresh}
        if any(member.get(name) not in (None, "") for name in names):
            return False  # what is shown isn't what was sent: it was there before
        if any(t in shown for n, t in brought.items() if not self._is_reference(n, t)):
            return False  # it may have been there, called so
        return alone and (response.status == 201 or bool(fresh))

    def _has_twin(
        self, shown: Sequence[Mapping[str, str]], made: Sequence[Thing], request: Request
    ) -> bool:
        """Whether the very same request was answered with quite another thing: then each makes a
        new one. An answer that shows several may show them all each time."""
        answers = self._alike.setdefault((request.url_path, request.content or b""), [])
        if len(shown) != 1:
            return False
        (names,) = shown
        others = [t for t in answers if _keys(t.names).isdisjoint(_keys(names))]
        answers.extend(made)
        for twin in others:
            if twin.unsure:
                self._confirm(twin)
        return bool(others)

    def _is_reference(self, name: str, text: str) -> bool:
        """Whether a member's text is the identifier of another thing, own or foreign, and not
        what people may call several things."""
        return name.lower() not in _TITLES and (text in self._own or text in self._values)

    def _known(self, text: str) -> bool:
        return text in self.documented or text.lower() in self.prose

    def _remember(self, texts: Iterable[str]) -> None:
        if len(self._texts) < MAX_TEXTS:
            self._texts.update(hash(t) for t in texts)


def made_up(value: str) -> bool:
    """Whether a value is one that probes call things by that aren't there."""
    return _MADE_UP.fullmatch(value) is not None


def _telling(text: str) -> bool:
    """Whether a text can't well come back by chance."""
    return len(text) >= LEAST_FRESH and len(set(text)) >= LEAST_SIGNS


def _names_one(value: str) -> bool:
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


@dataclass(frozen=True, slots=True)
class _Shown:
    """An object that an answer to a creation shows: its identifiers and what it calls each.

    `plain`: no member around it is named as another kind of thing.
    """

    node: Mapping[Any, Any]
    names: dict[str, str]
    plain: bool


def _named(response: Response, noun: str) -> Iterator[_Shown]:
    """The things that an answer to a creation shows."""
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
    """The texts that a request brings: in its body and query."""
    yield from (v for _, v in request.query)
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


def objects_at(request: Request, name: str) -> Iterator[Mapping[Any, Any]]:
    """The objects that a request's body has in members of a name, or in lists there."""
    nodes: list[tuple[str, Any]] = [("", _body_of(request))]
    while nodes:
        inside, node = nodes.pop()
        if isinstance(node, Mapping):
            if inside == name:
                yield node
            nodes += [(str(member), child) for member, child in node.items()]
        elif isinstance(node, list):
            nodes += [(inside, child) for child in node]


def _is_scalar(node: Any) -> bool:
    return isinstance(node, (str, int, float)) and not isinstance(node, bool)


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
