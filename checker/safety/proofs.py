"""Does an address lead to the thing that this run has made? Pure; the wire does the reading.

That a creation made something new doesn't say how that is addressed: the number in its answer may
be that of a job or an event, the thing may stand in another workspace, another collection may
count alike. So before a thing is changed or deleted at an address for the first time, a reading of
that very address (path, the query and headers that place it, token) must have shown a text that
this run coined for it, or a reference to another thing of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

from checker.domain.exchange import INVALID, Exchange, Request
from checker.domain.operation import Operation, OperationId, Place
from checker.planning.keyed import names_one
from checker.planning.markup import content_of
from checker.planning.recipe import find_operation
from checker.planning.routes import words
from checker.safety.brought import scalar, texts_of
from checker.safety.listings import ListedThing
from checker.safety.ownership import Ledger
from checker.safety.policy import Held
from checker.safety.recognition import is_among, is_marked
from checker.safety.references import roles
from checker.safety.shown import is_title, listed
from checker.safety.things import OWN_KEYS, Address, AddressReading, Placing, Thing

MAX_LOOKS = 3
"""Readings of one address that may show nothing: some servers show late what they have made."""
_AFFIXED = ("", "Location", "_links.self")
"""What the ledger calls names that are no members of an answer."""
_PLACES = {Place.QUERY: "query", Place.HEADER: "header"}


@dataclass(slots=True)
class Proofs:
    """Holds what is about an own thing until its address is proved."""

    ledger: Ledger
    operations: Mapping[OperationId, Operation]
    _readers: dict[str, Operation | None] = field(default_factory=dict)

    # -- before a request ----------------------------------------------------------------------

    def missing(
        self, thing: Thing, item: str, parameter: str, request: Request, operation: Operation
    ) -> Held | None:
        """Why a request about an own thing isn't sent, maybe with the reading that would settle
        it; None where the address is proved. `item` is its concrete path, `parameter` the one that
        the path ends with. At another base URL than the thing's own another one may have its
        number: there a reading has to show it."""
        here = request.base == thing.base
        if here and self._is_told(thing, item) and self._is_placed(thing, request, operation):
            return None
        literal = here and self._is_literal(thing, item, parameter, request, operation)
        above = item.rpartition("/")[0]
        read = [(item, self._reads(item, one=True)), (above, self._reads(above, one=False))]
        known = [(path, reader) for path, reader in read if reader is not None]
        for path, reader in known:
            found = self._read(thing, item, path, request, self._placing(request, thing, reader))
            if found is AddressReading.OURS or (found is AddressReading.ALIKE and literal):
                return None
            if isinstance(found, Request):
                return _unproved(thing, f"reading {path} does not show it", operation, found)
            if found is not AddressReading.CLOSED:
                return _unproved(thing, f"reading {path} shows something else", operation)
        if read[0][1] is None and literal and not _is_number(_last(item)):
            return None
        return _unproved(thing, "no reading of its address shows it", operation)

    def _read(
        self, thing: Thing, item: str, path: str, request: Request, placing: Placing
    ) -> AddressReading | Request:
        """What reading a path has shown of a thing at an item's address; or the reading that is to
        be made."""
        most = MAX_LOOKS if path == item else 1
        for token in self._tokens(request, thing, item):
            address = Address(
                item, placing, token, request.base, request.account, listed=path != item
            )
            found = thing.readings.get(address)
            if found not in (None, AddressReading.CLOSED):
                return found
            if found is None or (token == thing.token and thing.silent[address] < most):
                return _look(request, path, placing, token)
        return AddressReading.CLOSED

    def _tokens(self, request: Request, thing: Thing, item: str) -> Iterator[str | None]:
        """The request's own token; where it may not read, the one that the thing was made with,
        but for a name that may be another thing's for another caller: numbers are given to each
        tenant anew."""
        other = request.token not in (None, INVALID, thing.token)
        if other:
            yield request.token
        if not other or names_one(_last(item)):
            yield thing.token

    def _placing(self, request: Request, thing: Thing, reads: Operation | None) -> Placing:
        """What of a request's query and headers the reading, or the making, takes as well."""
        known = _parameters(reads) | _parameters(self.operations.get(thing.operation))
        return frozenset(pair for pair in _pairs(request) if pair[:2] in known)

    def _is_literal(
        self, thing: Thing, item: str, parameter: str, request: Request, operation: Operation
    ) -> bool:
        """Whether an address is where the thing was made and its plain identifier, or its name
        where it has nothing else, and everything that could place it is as it was then."""
        member = thing.names.get(_last(item), "?")
        plain = not member or member.lower() in OWN_KEYS or words(member) == words(parameter)
        plain = plain or (len(thing.names) == 1 and is_title(member))
        if not plain or not thing.is_in(item.rpartition("/")[0]):
            return False
        return self._is_placed(thing, request, operation)

    @staticmethod
    def _is_told(thing: Thing, item: str) -> bool:
        """Whether the server itself gave an address as the one of what it had just made, maybe
        with a prefix of its own before it."""
        return bool(thing.stands_at) and thing.stands_at.endswith(item)

    def _is_placed(self, thing: Thing, request: Request, operation: Operation) -> bool:
        """Whether everything that could place a thing is as it was when it was made."""
        sent = {(place, name): value for place, name, value in _pairs(request)}
        maker = _parameters(self.operations.get(thing.operation))
        for place, name in maker | _parameters(operation):
            then = thing.given.get(name.lower())
            if then not in (None, sent.get((place, name))) and not self.ledger.is_coined(then):
                return False
        return True

    def _reads(self, path: str, *, one: bool) -> Operation | None:
        """The documented operation that reads a concrete path: one thing, or a collection."""
        if path not in self._readers:
            found = find_operation("GET", path, self.operations) if path else None
            self._readers[path] = self.operations[found] if found is not None else None
        reader = self._readers[path]
        named = reader is not None and reader.id.path.rstrip("/").endswith("}")
        return reader if named == one else None

    # -- after a reading -----------------------------------------------------------------------

    def note_read(self, exchange: Exchange, operation: Operation) -> None:
        """Note what the reading of an item or a collection shows of this run's things."""
        request, response = exchange.request, exchange.response
        if request.method != "GET" or response is None:
            return
        path = request.url_path.rstrip("/")
        fine = 200 <= response.status < 300
        if operation.id.path.rstrip("/").endswith("}"):
            body = content_of(response) if fine else None
            for thing in self.ledger.called(_last(path)):
                self._note(
                    thing, path, request, _shown(thing, body) if fine else AddressReading.CLOSED
                )
        else:
            self._note_list(exchange, operation, path)

    def note_made_at(self, thing: Thing, request: Request) -> None:
        """A request made a thing at its own address, which thereby is proved."""
        item = request.url_path.rstrip("/")
        placing = self._placing(request, thing, self._reads(item, one=True))
        address = Address(item, placing, request.token, request.base, request.account)
        thing.readings[address] = AddressReading.OURS

    def _note_list(self, exchange: Exchange, operation: Operation, path: str) -> None:
        """A list proves the addresses below it where reading those themselves shows nothing."""
        response = exchange.response
        assert response is not None
        items = listed(response, operation.id.path) if response.status < 300 else []
        place = "/" + "/".join(unquote(s) for s in path.split("/") if s)
        for thing in self.ledger.things:
            if thing.gone or thing.collection != place:
                continue
            beside = [i for i in items if not thing.names.keys().isdisjoint(i.names)]
            shown = (
                _listed(thing, beside, content_of(response)) if beside else AddressReading.CLOSED
            )
            for name in thing.names:
                item = f"{path}/{quote(name, safe='')}"
                self._note(thing, item, exchange.request, shown, listed=True)

    def _note(
        self,
        thing: Thing,
        item: str,
        request: Request,
        shown: AddressReading,
        *,
        listed: bool = False,
    ) -> None:
        pairs = frozenset(_pairs(request))
        address = Address(item, pairs, request.token, request.base, request.account, listed)
        known = thing.readings.get(address, AddressReading.CLOSED)
        if known is AddressReading.CLOSED:
            thing.readings[address] = shown
        if shown is AddressReading.CLOSED:
            thing.silent[address] += 1


def _shown(thing: Thing, body: Any) -> AddressReading:
    """What an accepted answer to the reading of one address shows of a thing."""
    if thing.earlier:
        return AddressReading.OURS if is_marked(body, thing.marks) else AddressReading.OTHER
    if _has(texts_of(body), thing.signs) or not thing.refs.isdisjoint(roles(body)):
        return AddressReading.OURS
    if thing.signs or thing.refs:
        return AddressReading.OTHER
    return (
        AddressReading.ALIKE
        if any(_agrees(thing, node) for node in _objects(body))
        else AddressReading.OTHER
    )


def _listed(thing: Thing, beside: list[ListedThing], body: Any) -> AddressReading:
    """What the listed items that have one of a thing's identifiers show of it."""
    if thing.earlier:
        return (
            AddressReading.OURS
            if is_among(body, thing.names, thing.marks)
            else AddressReading.OTHER
        )
    if any(_has(item.texts, thing.signs) for item in beside):
        return AddressReading.OURS
    return AddressReading.OTHER if thing.signs else AddressReading.ALIKE


def _has(texts: Iterable[str], signs: Iterable[str]) -> bool:
    """Whether one of the texts has one of the signs in it, in whatever case."""
    wanted = [sign.casefold() for sign in signs]
    return any(sign in text for text in map(str.casefold, texts) for sign in wanted)


def _agrees(thing: Thing, node: Mapping[Any, Any]) -> bool:
    """Whether an object has a thing's identifiers where its making showed them, and nothing else
    than what it was made with where it has that."""
    own = {m: n for n, m in thing.names.items() if m not in _AFFIXED}
    if not own or any(str(node.get(member)) != name for member, name in own.items()):
        return False
    told = {member.lower() for member in own}  # the answer said how the server writes these
    values = {str(k).lower(): str(v) for k, v in node.items() if scalar(v)}
    return all(values[n] == v for n, v in thing.given.items() if n in values and n not in told)


def _objects(node: Any, depth: int = 4) -> Iterator[Mapping[Any, Any]]:
    if isinstance(node, Mapping):
        yield node
    children = node.values() if isinstance(node, Mapping) else node
    if depth > 0 and isinstance(node, (Mapping, list)):
        for child in children:
            yield from _objects(child, depth - 1)


def _parameters(operation: Operation | None) -> frozenset[tuple[str, str]]:
    """Place and name of what an operation takes in its query and headers."""
    keys = operation.fields if operation is not None else ()
    found = ((_PLACES[k.place], k.name) for k in keys if k.place in _PLACES)
    return frozenset((p, n.lower() if p == "header" else n) for p, n in found)


def _pairs(request: Request) -> Iterator[tuple[str, str, str]]:
    yield from (("query", name, value) for name, value in request.query)
    yield from (("header", name.lower(), value) for name, value in request.headers)


def _is_number(value: str) -> bool:
    """Whether an identifier is one that things of any kind have."""
    return value.isdigit()


def _last(path: str) -> str:
    return unquote(path.rpartition("/")[2])


def _look(request: Request, path: str, placing: Placing, token: str | None) -> Request:
    """The reading of a path with what places it."""
    return Request(
        "GET",
        path,
        tuple(sorted((n, v) for place, n, v in placing if place == "query")),
        tuple(sorted((n, v) for place, n, v in placing if place == "header")),
        token=token,
        base=request.base,
        purpose="clean-up" if request.purpose == "clean-up" else "probe",
        account=request.account,
    )


def _unproved(thing: Thing, why: str, operation: Operation, reading: Request | None = None) -> Held:
    name = next(iter(thing.names), "")[:60]
    what = thing.noun.replace("_", " ") or "thing"
    return Held(
        f"nothing shows that {name!r} is the {what} that this run has made: {why}",
        f'`allow = ["{operation.id}"]` in the target\'s config sends it all the same',
        kind="foreign",
        reading=reading,
    )
