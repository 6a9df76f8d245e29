"""Values that differ from one fresh request to the next and keep to what is documented. Pure."""

from __future__ import annotations

import datetime as dt
import ipaddress
import random
import re
import string
from typing import Any

from checker.domain.exchange import Call
from checker.domain.nodes import text_of
from checker.domain.numbers import is_number
from checker.domain.operation import FieldKey, Operation, Place
from checker.domain.schema import Schema
from checker.planning import edits
from checker.planning.moments import is_date, later
from checker.planning.nobodys_hosts import split_at_host
from checker.planning.pattern_texts import from_pattern

TAG_LETTERS = 5
"""Longest appendix; that many letters count for three hours of milliseconds."""
LEAST_TELLING = 5
"""Shorter texts may come back by chance."""
FEW_DIGITS = 2
"""So few as a text hardly give enough other ones of their length."""
_UUID = re.compile(r"[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ].*)?")
_HEX = re.compile(r"(?=.*\d)([0-9a-f]{6,}|[0-9A-F]{6,})")
_DATES = ("date", "date-time", "time", "byte")
_MOST_DAYS = 3000
_MOST_ADDED = 1_000_000


def vary(value: Any, number: int, schema: Schema | None = None, shaped: bool = False) -> Any:
    """A value that differs from `value`; `number` tells variants apart.

    It keeps to the pattern and the lengths of `schema`. `shaped`: letters stay letters, digits
    digits, and everything else and the length stay as they are; of an address the host stays, and
    what is before or behind it may get longer.
    """
    if isinstance(value, list):
        items = schema.items if schema is not None else None
        return [vary(item, number, items, shaped) for item in value]
    varied = _shaped(value, number) if shaped else _varied(value, number, schema)
    if not isinstance(value, str) or schema is None or fits(schema, varied):
        return varied
    for attempt in range(20 if schema.pattern else 0):
        made = from_pattern(schema.pattern or "", random.Random(f"{number}:{attempt}"))
        if made and made != value and fits(schema, made):
            return made
    other = _shaped(value, number)
    return other if fits(schema, other) else varied


def fits(schema: Schema, value: Any) -> bool:
    """Whether a text has the documented lengths and pattern; anything else does."""
    if not isinstance(value, str):
        return True
    if not (schema.min_length or 0) <= len(value) <= (schema.max_length or len(value)):
        return False
    pattern = schema.pattern
    try:
        return not pattern or (len(pattern) < 200 and bool(re.search(pattern, value)))
    except re.error:
        return True


def _varied(value: Any, number: int, schema: Schema | None) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float)):
        return _number(value, number, schema)
    if not isinstance(value, str) or not value:
        return value
    tag = _letters(number)
    if _UUID.fullmatch(value):
        return value[:-8] + f"{(int(value[-8:], 16) + number * 7919) % 16**8:08x}"
    if _DATE.fullmatch(value):
        return _day(value, number)
    if is_date(value):
        return later(value, number % _MOST_DAYS)
    address = _address(value)
    if address is not None:
        return str(_neighbour(address, number))
    if re.fullmatch(r"\+?\d+", value):
        digits = value.lstrip("+")
        if len(digits) <= FEW_DIGITS:
            return str(int(digits) + number)
        # Long numbers often begin with what they are: a country, a kind, a prefix.
        head = len(digits) // 3 if len(digits) >= 8 else 0
        keep, digits = value[: len(value) - len(digits) + head], digits[head:]
        return keep + str((int(digits) + number) % 10 ** len(digits)).zfill(len(digits))
    longest = schema.max_length if schema is not None else None
    parts = split_at_host(value)
    if parts is not None and "://" not in parts[0]:
        local, at, _ = parts[0].rpartition("@")
        return _tagged(local, tag, at + parts[1], longest)
    if value.endswith("."):
        return _tagged("a" if value[:1].isdigit() else "", tag, value, None)
    if parts is not None:
        return _tagged(value, ("-" if parts[2].strip("/") else "/") + tag, "", longest)
    return _tagged(value, tag, "", longest)


Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _address(value: str) -> Address | None:
    if "." not in value and ":" not in value:
        return None  # most texts: refusing it by an exception costs more
    try:
        return ipaddress.ip_address(value)
    except ValueError:
        return None


def _neighbour(address: Address, number: int) -> Address:
    """Another address of the same network, as far as its last part tells that."""
    last = 0xFF if address.version == 4 else 0xFFFF
    return type(address)((int(address) & ~last) + number % (last - 1) + 1)


def _moment(value: str) -> bool:
    return bool(_DATE.fullmatch(value)) or is_date(value)


def _tagged(stem: str, tag: str, rest: str, longest: int | None) -> str:
    """The stem, the tag and the rest; stem, then tag are cut where it is too long."""
    if longest:
        tag = tag[max(0, len(tag) + len(rest) - longest) :]
        stem = stem[: max(0, longest - len(tag) - len(rest))]
    return stem + tag + rest


def _number(value: float, number: int, schema: Schema | None) -> float:
    low = schema.minimum if schema is not None else None
    high = schema.maximum if schema is not None else None
    step = (schema.multiple_of if schema is not None else None) or 1
    if isinstance(value, int) and float(step).is_integer():
        step = int(step)
    if high is None:
        return value + step * (number % _MOST_ADDED)
    # As many steps as fit between the bounds, the witness's own value among them.
    low = min(value, low if low is not None else 0)
    below, above = _steps(value - low, step), _steps(high - value, step)
    if schema is not None and schema.exclusive_maximum and value + step * above >= high:
        above -= 1
    if schema is not None and schema.exclusive_minimum and value - step * below <= low:
        below = max(0, below - 1)
    count = min(below + above + 1, _MOST_ADDED)
    return value if count < 2 else value - step * below + step * ((below + number) % count)


def _steps(distance: float, step: float) -> int:
    """How often the step fits, as far as that can be counted (a quotient may be no number)."""
    return int(min(2**53, distance // step))


def _day(value: str, number: int) -> str:
    try:
        day = dt.date.fromisoformat(value[:10]) + dt.timedelta(days=number % _MOST_DAYS)
    except (ValueError, OverflowError):
        return value
    return day.isoformat() + value[10:]


def _shaped(value: Any, number: int) -> Any:
    """The text as an odometer: its letters and digits count on by `number`."""
    if not isinstance(value, str):
        return _varied(value, number, None)
    if _UUID.fullmatch(value) or _moment(value):
        return _varied(value, number, None)
    parts = split_at_host(value)
    if parts is not None:  # another host may be somebody's
        before, host, after = parts
        web = "://" in before
        free = after if web else before.removesuffix("@")
        few = sum(c.isalnum() for c in free) < TAG_LETTERS
        other = free + ("/" if web and not free else "") + _letters(number) if few else ""
        other = other or _shaped(free, number)
        return before + host + other if web else f"{other}@{host}"
    hexadecimal = _HEX.fullmatch(value) is not None
    out = list(value)
    # In a code of letters and digits (W001, INV-2041) the letters are often fixed.
    runs = [] if hexadecimal else [m.span() for m in re.finditer(r"\d{3,}", value)]
    low, high = runs[-1] if runs else (0, len(out))
    for at in range(high - 1, low - 1, -1):
        wheel = _wheel(out[at], hexadecimal)
        if not wheel:
            continue
        number, turned = divmod(wheel.index(out[at]) + number, len(wheel))
        out[at] = wheel[turned]
    return "".join(out)


def _wheel(char: str, hexadecimal: bool) -> str:
    lower = "abcdef" if hexadecimal else string.ascii_lowercase
    for wheel in (string.digits, lower, lower.upper()):
        if char in wheel:
            return wheel
    return ""


def _letters(number: int) -> str:
    number %= 26**TAG_LETTERS
    digits = ""
    while True:
        number, rest = divmod(number, 26)
        digits = string.ascii_lowercase[rest] + digits
        if number == 0:
            return digits


def free_form(call: Call, operation: Operation | None) -> tuple[FieldKey, ...]:
    """Fields of a call whose literal value may have to be unique: strings that no enum closes,
    those of headers (the key of a request, say) and of lists among them."""
    return tuple(
        key
        for key, value, schema in _literals(call, operation)
        if (
            isinstance(value, str)
            and not (schema is not None and schema.format in _DATES)
            and not _moment(value)
        )
        or _free_texts(value, schema)
    )


def telling(call: Call, operation: Operation | None) -> tuple[FieldKey, ...]:
    """Those of `free_form` whose changed values can't be met by chance, all where none can: a
    country of two letters hardly has to be another one each time, and what is made with a value
    that may have been there before is not known to be new."""
    literals = {k: (value, schema) for k, value, schema in _literals(call, operation)}
    keys = free_form(call, operation)
    values = {k: vary(literals[k][0], 26**TAG_LETTERS - 1, literals[k][1]) for k in keys}
    long = (k for k, v in values.items() if isinstance(v, list) or len(str(v)) >= LEAST_TELLING)
    return tuple(long) or keys


def beyond_enums(call: Call, operation: Operation) -> tuple[FieldKey, ...]:
    """Texts of the body that are none of those that the documents allow: where such a one is
    accepted, the set may be no closed one, and another one be accepted as well."""
    found: list[FieldKey] = []
    for key in edits.present_fields(call):
        field, value = operation.fields.get(key), edits.get(call, key)
        enum = field.schema.enum if field is not None and key.place is Place.BODY else None
        if enum and isinstance(value, str) and "{{" not in value and value not in enum:
            found.append(key)
    return tuple(found)


def countable(call: Call, operation: Operation | None) -> tuple[FieldKey, ...]:
    """Fields whose literal number or date may have to be unique: rarer, so tried late."""
    return tuple(
        key
        for key, value, _ in _literals(call, operation)
        if is_number(value) or (isinstance(value, str) and _moment(value))
    )


def _free_texts(value: Any, schema: Schema | None) -> bool:
    """Whether a value is a list of texts that no enum closes."""
    closed = schema is not None and schema.items is not None and schema.items.enum
    if closed or not isinstance(value, list):
        return False
    texts = [v for v in value if isinstance(v, str) and "{{" not in v and not _moment(v)]
    return bool(texts) and len(texts) == len(value)


def _negotiates(key: FieldKey, operation: Operation | None) -> bool:
    """Whether a header carries a credential or says how to talk."""
    name = key.name.lower()
    if key.place is not Place.HEADER:
        return False
    schemes = operation.security.schemes.values() if operation else ()
    return (
        name in ("authorization", "cookie", "user-agent")
        or name.startswith(("accept", "content-", "if-"))
        or any(s.parameter.lower() == name for s in schemes)
    )


def _literals(call: Call, operation: Operation | None) -> list[tuple[FieldKey, Any, Schema | None]]:
    """Values that stand in the call itself and that no enum closes."""
    found: list[tuple[FieldKey, Any, Schema | None]] = []
    documented = operation.fields if operation else {}
    for key in edits.present_fields(call):
        if key.place in (Place.PATH, Place.COOKIE) or _negotiates(key, operation):
            continue
        value = edits.get(call, key)
        field = documented.get(key)
        schema = field.schema if field is not None else None
        closed = schema is not None and bool(schema.enum)
        if value != "" and not closed and "{{" not in text_of(value):
            found.append((key, value, schema))
    return found
