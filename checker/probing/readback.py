"""Reading back what a request wrote: in its own answer, or by a reading operation."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from checker.domain.exchange import Call, Exchange
from checker.domain.operation import FieldKey, Operation, OperationId, Place
from checker.domain.schema import MISSING
from checker.planning import edits
from checker.planning.answered import identifier_of, value_at
from checker.planning.encoding import build_request, path_parameters
from checker.planning.routes import (
    CREATE,
    READ,
    act_of,
    acts_on_item,
    addressing,
    required_beside,
    resource_of,
    same_resource,
)
from checker.probing.bench import created_identifier
from checker.probing.lab import Lab
from checker.probing.transport import steadily


class ReadBack:
    """Reads the resource that a call wrote. `operations` are all documented ones."""

    def __init__(self, lab: Lab, operations: Sequence[Operation]) -> None:
        self.lab = lab
        self.reading, self.key = _reading(lab.documented.id, operations)
        self.listing = _listing(lab.documented.id, operations) if self.reading is None else None
        """Where no operation reads one item: the list that shows it."""

    async def read(self, written: Exchange, call: Call) -> tuple[Any, Exchange | None]:
        """The resource's JSON and the exchange it was read with.

        The reading operation's answer where there is one, else the writing answer itself;
        MISSING where neither is JSON.
        """
        body = written.response.body if written.response else MISSING
        if self.reading is not None:
            asked = self._asked(call, written)
            if asked is not None:
                request = build_request(asked, self.reading)
                exchange = await steadily(self.lab.account.transport, request)
                if self.lab.bench.judge.accepted(exchange) and exchange.response is not None:
                    return exchange.response.body, exchange
        elif self.listing is not None:
            own = created_identifier(body)
            asked = Call(self.listing.id, token=call.token, base=call.base)
            request = build_request(asked, self.listing)
            exchange = await steadily(self.lab.account.transport, request)
            if own is not None and exchange.response is not None:
                item = _item_with(exchange.response.body, own)
                if item is not None:
                    return item, exchange
        return body, None

    def _asked(self, call: Call, written: Exchange) -> Call | None:
        """The reading call for what a call wrote; None where its identifier isn't known."""
        assert self.reading is not None
        reading = Call(self.reading.id, token=call.token, base=call.base)
        names = path_parameters(self.reading.id.path)
        own = path_parameters(call.operation.path)
        if self.key is None:
            # One path begins with the other: the parameters of both are the same.
            values = {n: call.path[o] for n, o in zip(names, own, strict=False) if o in call.path}
            reading, missing = replace(reading, path=values), names[len(own) :]
            keys = [FieldKey(Place.PATH, name) for name in missing]
        else:
            keys = [self.key]
        for key in keys:
            value = self._identifier(call, written, key)
            if value is MISSING:
                return None
            reading = edits.put(reading, key, value)
        if reading.body is not MISSING:
            reading = replace(reading, media_type=next(iter(self.reading.body), None))
        return reading if len(reading.path) == len(names) else None

    def _identifier(self, call: Call, written: Exchange, key: FieldKey) -> Any:
        """That of the item the call named, or else of the one its answer shows."""
        resource = resource_of(call.operation.path)
        if acts_on_item(call.operation):
            named = addressing(self.lab.documented, resource)
            value = edits.get(call, named) if named is not None else MISSING
            if value is not MISSING:
                return value
        response = written.response
        hit = identifier_of(response, key.leaf, resource) if response is not None else None
        return MISSING if hit is None else hit[1]


def _reading(
    writer: OperationId, operations: Sequence[Operation]
) -> tuple[Operation | None, FieldKey | None]:
    """The operation that reads what `writer` writes, and how it names the item: None where its
    path begins as the writer's does."""
    path = writer.path.rstrip("/")
    for operation in operations:
        if operation.id.method != "GET":
            continue
        theirs = operation.id.path.rstrip("/")
        if writer.method == "POST":
            head, _, last = theirs.rpartition("/")
            if head == path and last.startswith("{") and last.endswith("}"):
                return operation, None
        elif theirs == path:
            return operation, None
    resource = resource_of(path)
    for operation, key in same_resource(resource, (READ,), operations):
        if not required_beside(operation, key):
            return operation, key
    for operation in operations:
        # The items of a nested collection often have addresses of their own.
        names = path_parameters(operation.id.path)
        item = operation.id.path.rstrip("/").endswith("}") and len(names) == 1
        makes = act_of(writer) == CREATE and not acts_on_item(writer)
        same = resource_of(operation.id.path) == resource
        if operation.id.method == "GET" and item and makes and same:
            return operation, FieldKey(Place.PATH, names[0])
    return None, None


def _listing(writer: OperationId, operations: Sequence[Operation]) -> Operation | None:
    """The list of what a `POST` to the very path makes, where it takes no parameters."""
    for operation in operations:
        if (
            operation.id.method == "GET"
            and operation.id.path == writer.path
            and (writer.method == "POST" and not any(f.required for f in operation.parameters))
        ):
            return operation
    return None


def _item_with(body: Any, identifier: Any) -> Mapping[str, Any] | None:
    """The one object of a list that has an identifier; None where several have it."""
    found: list[Mapping[str, Any]] = []
    level: list[Any] = [body]
    for _ in range(4):
        lists = [n for n in level if isinstance(n, list)]
        items = [i for entries in lists for i in entries if isinstance(i, Mapping)]
        found += [i for i in items if created_identifier(i) == identifier]
        level = [v for n in level if isinstance(n, Mapping) for v in n.values()]
    return found[0] if len(found) == 1 else None


def field_in(body: Any, key: FieldKey, beside: Collection[str] = ()) -> Any:
    """The value read back for a request field, or MISSING.

    `beside` are the names that the resource may have at its top: its object is the shallowest
    one with most of them. A field of the same name elsewhere in the answer is another one.
    """
    if not beside:
        return value_at(body, key.leaf)
    home = _resource(body, beside)
    if home is None:
        return MISSING
    node: Any = home
    for name in key.name.split("."):
        if not isinstance(node, Mapping) or name not in node:
            # Stored flat, perhaps; what has a field of its own by that name shows that one's.
            flat = node is home and key.leaf not in beside
            return home.get(key.leaf, MISSING) if flat else MISSING
        node = node[name]
    return node


def _resource(body: Any, names: Collection[str]) -> Mapping[str, Any] | None:
    home = home_of(body, names)
    return None if home is None else home.node


@dataclass(frozen=True, slots=True)
class Home:
    """The object of an answer in which a request's fields are looked for.

    `among`: how many entries the list has of which it is one, 0 where it is in no list.
    """

    node: Mapping[str, Any]
    among: int = 0


def home_of(body: Any, names: Collection[str]) -> Home | None:
    """The shallowest object with most of the names; of lists the first entry counts."""
    best: Home | None = None
    most = 0
    level: list[tuple[Any, int]] = [(body, 0)]
    for _ in range(6):
        below: list[tuple[Any, int]] = []
        for node, among in level:
            if isinstance(node, Mapping):
                shared = sum(name in node for name in names)
                if shared > most:
                    best, most = Home(node, among), shared
                below += [(v, among) for v in node.values() if isinstance(v, (Mapping, list))]
            elif isinstance(node, list):
                below += [(entry, max(among, len(node))) for entry in node[:1]]
        level = below
    return best


def same_value(written: Any, read: Any, *, part: bool = True) -> bool:
    """Whether a value was kept, storage forms allowed: case, trimming, number as text, dates.

    `part`: one text may be a part of the other, as what is cut or has something added is.
    """
    if written == read:
        return True
    if isinstance(written, bool) or isinstance(read, bool):
        return str(written).lower() == str(read).lower()
    if isinstance(written, (dict, list)) or isinstance(read, (dict, list)):
        if isinstance(written, dict) and isinstance(read, dict):
            return all(k in read and same_value(v, read[k], part=part) for k, v in written.items())
        if isinstance(written, list) and isinstance(read, list):
            pairs = zip(written, read, strict=False)
            return len(written) == len(read) and all(same_value(w, r, part=part) for w, r in pairs)
        if isinstance(written, list):
            return same_value(",".join(map(str, written)), read, part=part)
        return False
    if read is None or read is MISSING:
        return False
    one, other = str(written).strip().lower(), str(read).strip().lower()
    if one == other:
        return True
    try:
        return float(one) == float(other)
    except ValueError:
        if not (isinstance(written, str) and isinstance(read, str)):
            return False
    bare = ["".join(c for c in text if c.isalnum()) for text in (one, other)]
    if not part:
        return bool(bare[0]) and bare[0] == bare[1]
    return bool(bare[0]) and (bare[0] in bare[1] or bare[1] in bare[0]) and len(bare[1]) > 2
