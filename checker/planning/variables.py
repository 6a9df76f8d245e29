"""Variables of workflow records: `{{name}}`, where they come from, and the built-in ones."""

from __future__ import annotations

import datetime as dt
import difflib
import json
import random
import string
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from checker.domain.schema import MISSING
from checker.domain.templates import BUILT_INS, TEMPLATE, variables_in
from checker.errors import WorkflowError

__all__ = ["BUILT_INS", "TEMPLATE", "Scope", "Ticker", "substitute", "variables_in"]

Clock = Callable[[], float]

_DAYS = {
    "today": 0,
    "tomorrow": 1,
    "next_week": 7,
    "next_month": 30,
    "yesterday": -1,
    "future": 14,
    "now": 0,
}


class Ticker:
    """Numbers that never repeat: milliseconds since the epoch, pushed on where time stands.

    Strictly increasing within a process whatever the clock does, and apart from those of another
    run, since servers keep what earlier runs sent.
    """

    def __init__(self) -> None:
        self._last = 0

    def next(self, now_s: float) -> int:
        """The next number; `now_s` in seconds since the epoch."""
        self._last = max(self._last + 1, int(now_s * 1000))
        return self._last


_SHARED = Ticker()


class Scope:
    """Variables by precedence: extracts, then given ones, then built-ins computed when used.

    `clock` gives seconds since the epoch. All scopes share one `ticker` (unless given another),
    so that no built-in repeats a value within a run, whatever account it is for; the clock keeps
    runs apart. Children see their parent's extracts.
    """

    def __init__(
        self,
        *,
        given: Mapping[str, Any] | None = None,
        rng: random.Random | None = None,
        webhook_url: str | None = None,
        clock: Clock = time.time,
        parent: Scope | None = None,
        ticker: Ticker | None = None,
    ) -> None:
        self.given: Mapping[str, Any] = given if given is not None else {}
        self.extracts: dict[str, Any] = {}
        self.webhook_url = webhook_url
        self._rng = rng or random.Random(0)
        self._clock = clock
        self._parent = parent
        self._ticker: Ticker = ticker or (parent._ticker if parent else _SHARED)

    def child(self) -> Scope:
        """A scope whose extracts don't reach this one."""
        return Scope(
            given=self.given,
            rng=self._rng,
            webhook_url=self.webhook_url,
            clock=self._clock,
            parent=self,
        )

    def set(self, name: str, value: Any) -> None:
        """Keep an extract."""
        self.extracts[name] = value

    def number(self) -> int:
        """A number that no other request of this run or of an earlier one was given."""
        return self._ticker.next(self._clock())

    def stored(self, name: str) -> Any:
        """An extract's or a given variable's value, MISSING where there is none."""
        return self._stored(name)

    def has(self, name: str) -> bool:
        """Whether `get` would find the name."""
        if self._stored(name) is not MISSING:
            return True
        return name in BUILT_INS and (name != "webhook_url" or self.webhook_url is not None)

    def get(self, name: str) -> Any:
        """The variable's value; WorkflowError names an unknown one and where it could come from."""
        found = self._stored(name)
        if found is not MISSING:
            return found
        made = self._built_in(name)
        if made is not None:
            return made
        if name == "webhook_url":
            raise WorkflowError(
                "The variable {{webhook_url}} has no value: no webhook listener runs.",
                "Give a public address with --webhook-url, or a value with --var webhook_url=….",
            )
        near = difflib.get_close_matches(name, sorted({*BUILT_INS, *self._names()}), 1, 0.8)
        guess = f" (is {{{{{near[0]}}}}} meant?)" if near else ""
        raise WorkflowError(
            f"The variable {{{{{name}}}}} is unknown{guess}.",
            f"Give it with --var {name}=…, in the config's variables, or extract it in an "
            "earlier step.",
        )

    def _names(self) -> Iterator[str]:
        yield from (*self.extracts, *self.given)
        if self._parent is not None:
            yield from self._parent._names()

    def _stored(self, name: str) -> Any:
        if name in self.extracts:
            return self.extracts[name]
        if self._parent is not None:
            found = self._parent._stored(name)
            if found is not MISSING:
                return found
        return self.given.get(name, MISSING)

    def _built_in(self, name: str) -> Any:
        if name not in BUILT_INS:
            return None
        now = self._clock()
        unique = self._ticker.next(now)
        moment = dt.datetime.fromtimestamp(now, dt.UTC)
        match name:
            case "webhook_url":
                return self.webhook_url
            case "now_timestamp":
                return str(unique)
            case "random_string":
                return _base36(unique)[-7:] + self._letters(3)
            case "random_email":
                return f"dc{_base36(unique)}{self._letters(3)}@example.com"
            case "random_phone":
                return f"+1555{unique % 10_000_000:07d}"
            case "uuid":
                return str(uuid.UUID(int=self._rng.getrandbits(64) << 64 | unique, version=4))
        stem, _, kind = name.rpartition("_")
        moment += dt.timedelta(days=_DAYS[stem])
        return (
            moment.date().isoformat() if kind == "date" else moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        )

    def _letters(self, count: int) -> str:
        return "".join(self._rng.choice(string.ascii_lowercase) for _ in range(count))


def substitute(value: Any, scope: Scope) -> Any:
    """The nested value with every `{{name}}` filled in.

    A string that is exactly one template takes the variable's own JSON type; in others it is
    formatted. Raises WorkflowError for an unknown variable.
    """
    match value:
        case str():
            whole = TEMPLATE.fullmatch(value)
            if whole:
                return scope.get(whole.group(1))
            return TEMPLATE.sub(lambda m: _text(scope.get(m.group(1))), value)
        case Mapping():
            return {_key(k, scope): substitute(v, scope) for k, v in value.items()}
        case list() | tuple():
            return [substitute(v, scope) for v in value]
        case _:
            return value


def _key(key: Any, scope: Scope) -> Any:
    """A member's name: always a text once a variable was filled in."""
    return (
        TEMPLATE.sub(lambda m: _text(scope.get(m.group(1))), key) if isinstance(key, str) else key
    )


def _text(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case None:
            return ""
        case Mapping() | list():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return str(value)


def _base36(number: int) -> str:
    digits = string.digits + string.ascii_lowercase
    out = ""
    while number:
        number, rest = divmod(number, 36)
        out = digits[rest] + out
    return out or "0"
