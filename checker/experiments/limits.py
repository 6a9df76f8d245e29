"""One limit of a field in question: what the field is brought to, and how far it is tried."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from checker.domain.exchange import Call
from checker.domain.observation import Kind
from checker.domain.operation import FieldKey, Place
from checker.domain.schema import MISSING, Schema
from checker.experiments.base import Context
from checker.inference.bounds import ROLE, documented_bound
from checker.planning import edits
from checker.planning.encoding import is_form
from checker.planning.producers import names_resource, noun_of
from checker.planning.routes import CREATE, LIST, act_of, resource_of
from checker.planning.values import looks_like_identifier
from checker.planning.variation import vary
from checker.probing.asks import Ask

FAR_LENGTH, FAR_LENGTH_URL = 5_000, 1_000
FAR_VALUE = 10**9
FAR_ITEMS, FAR_ITEMS_URL = 101, 51
_LETTERS = "abcdefghij"


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit in question. `size` is the witness's own, `documented` the documented one."""

    key: FieldKey
    dimension: str
    side: str
    size: int
    far: int
    documented: int | None = None
    items: Schema | None = field(default=None, compare=False)
    """What is documented of an array's items."""

    @property
    def step(self) -> int:
        return 1 if self.side == "max" else -1

    def inside(self, size: int) -> bool:
        """Whether a size can be tried at all: nothing is shorter than empty."""
        return self.dimension == "value" or size >= 0

    def put(self, call: Call, size: int) -> Call:
        """The call with the field brought to a size; what the witness varies stays varied."""
        own = edits.get(call, self.key)
        if own is MISSING:
            return call  # an item of an array that has been emptied
        return edits.put(call, self.key, sized(own, self.dimension, size, self.items))

    def ask(self, size: int, limit: int | None = None) -> Ask:
        detail = {"role": ROLE, "dimension": self.dimension, "side": self.side, "size": size}
        if limit is not None:
            detail["limit"] = limit
        value = size if self.dimension == "value" else MISSING
        return Ask(Kind.REPLACE, lambda call: self.put(call, size), self.key, value, detail)


def sized(value: Any, dimension: str, size: int, items: Schema | None = None) -> Any:
    """A value of a size, like `value` as far as that goes."""
    if dimension == "value":
        return size
    if dimension == "length":
        text = str(value)
        letters = _LETTERS * (size // len(_LETTERS) + 1)
        if size > len(text):
            return text + letters[: size - len(text)]
        # The end of it, which is what varies; servers may trim blanks.
        end = text[len(text) - size :]
        return end if end == end.strip() else letters[:size]
    return [_another(value[0], n, items) if n else value[0] for n in range(size)]


def _another(item: Any, number: int, schema: Schema | None) -> Any:
    """An item that differs in its scalars, so that it isn't refused for being there twice; it
    keeps to what is documented of it."""
    if isinstance(item, dict):
        known = schema.properties if schema is not None else {}
        return {
            k: _another(v, number, known.get(k)) if isinstance(v, str) else v
            for k, v in item.items()
        }
    if schema is not None and schema.enum:
        return item
    return copy.deepcopy(item) if isinstance(item, list) else vary(item, number, schema)


def identifies(context: Context, key: FieldKey, schema: Schema | None) -> bool:
    """Whether a field holds an identifier, by its own name or by that of a resource, also of one
    that is only listed."""
    if looks_like_identifier(key.leaf):
        return True
    operations, own = context.search.operations, context.documented.id
    if schema is not None and names_resource(key, schema, operations, own):
        return True
    noun = noun_of(key.leaf)
    return bool(noun) and any(
        act_of(o.id) == LIST and resource_of(o.id.path) == noun for o in operations
    )


def limit_of(context: Context, key: FieldKey, side: str) -> Limit | None:
    """What to ask of a field; None where its other constraints would get in the way."""
    value = edits.get(context.template, key)
    field = context.field(key)
    schema = field.schema if field is not None else None
    url = key.place is not Place.BODY
    if context.is_bound(key) or key.place in (Place.HEADER, Place.COOKIE):
        return None
    if isinstance(value, bool) or _constrained(context, key, schema):
        return None
    if not isinstance(value, list) and identifies(context, key, schema):
        return None  # how far identifiers reach is no limit
    if isinstance(value, str):
        dimension, size = "length", len(value)
        far = _shortest(context, key) if side == "min" else FAR_LENGTH_URL if url else FAR_LENGTH
    elif isinstance(value, (int, float)):
        dimension, size = "value", round(value)
        far = -1 if side == "min" else FAR_VALUE
    elif isinstance(value, list) and value and "{{" not in str(value):
        if side == "max" and _makes_each(context, key, len(value)):
            return None  # a thing for each entry: a hundred of them are no question's worth
        dimension, size = "items", len(value)
        far = 0 if side == "min" else FAR_ITEMS_URL if url else FAR_ITEMS
        if url and side == "min":
            return None  # an empty array isn't sent at all
    else:
        return None
    own = context.documented.field(key)
    if own is None:
        return None  # that it isn't documented at all is the finding
    known = documented_bound(own.schema, dimension, side)
    documented = int(known) if known is not None and float(known).is_integer() else None
    if known is not None and documented is None:
        return None
    if (
        documented is not None
        and dimension != "value"
        and documented > (FAR_LENGTH_URL if url else 20 * FAR_LENGTH)
    ):
        return None
    if (far - size) * (1 if side == "max" else -1) <= 0 and documented is None:
        return None
    return Limit(key, dimension, side, size, far, documented, own.schema.items)


def _makes_each(context: Context, key: FieldKey, count: int) -> bool:
    """Whether a creation makes a thing of each entry of a list: it is answered with as many."""
    control = context.lab.last_control
    response = control.exchange.response if control is not None else None
    if response is None or act_of(context.documented.id) != CREATE:
        return False
    body = response.body
    inside = list(body.items()) if isinstance(body, dict) else [("", body)]
    lists = [v for name, v in inside if isinstance(v, list) and name != key.leaf]
    return any(
        len(one) == count and all(isinstance(each, dict) for each in one) for one in lists if one
    )


def _shortest(context: Context, key: FieldKey) -> int:
    """The shortest text there is: in a URL or a form an empty one is how a field is left out."""
    form = key.place is Place.BODY and is_form(context.template.media_type)
    return 1 if key.place is not Place.BODY or form else 0


def _is_constrained(schema: Schema) -> bool:
    others = (schema.enum, schema.pattern, schema.multiple_of)
    return schema.format in _FORMATS or any(others)


def _constrained(context: Context, key: FieldKey, schema: Schema | None) -> bool:
    """Whether a set, a format or a pattern rules the value, by document or by observation."""
    if schema is not None and _is_constrained(schema):
        return True
    own = [o for o in context.made if o.kind is Kind.REPLACE and o.subject == key]
    if not any(o.rejected and o.detail.get("role") == "nonsense" for o in own):
        return False
    # Short nonsense passes where longer doesn't: it may be the length that was minded.
    return not any(o.accepted and o.detail.get("role") == "short" for o in own)


_FORMATS = frozenset(
    {
        *("date", "date-time", "time", "uuid", "guid", "email", "uri", "url", "hostname"),
        *("ipv4", "ipv6", "byte", "binary", "phone"),
    }
)
