"""Option values: what each option takes, the same for file, environment and command line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from checker.domain.finding import Severity
from checker.errors import UsageError
from checker.reporting.formats import FORMATS

# Every option of `check`, with underscores, and the kind of its value.
OPTIONS: Mapping[str, str] = {
    "base_url": "url",
    "fallback_url": "url",
    "webhook_url": "url",
    "setup": "path",
    "header": "headers",
    "proxy": "proxy",
    "unix_socket": "path",
    "cacert": "path",
    "cert": "path",
    "key": "path",
    "insecure": "bool",
    "var": "mapping",
    "workflows": "paths",
    "ref_map": "path mapping",
    "har": "paths",
    "legacy": "list",
    "operation": "list",
    "domain": "list",
    "tag": "list",
    "since": "str",
    "rule": "list",
    "ignore": "list",
    "max_requests": "count",
    "rate": "rate",
    "concurrency": "positive",
    "timeout": "seconds",
    "max_retry_wait": "seconds",
    "seed": "int",
    "read_only": "bool",
    "allow_destructive": "bool",
    "allow": "list",
    "deny": "list",
    "test_system": "bool",
    "effects": "effects",
    "borrow": "bool",
    "max_created": "count",
    "dry_run": "bool",
    "static": "bool",
    "remote_refs": "bool",
    "fuzz": "bool",
    "severity": "level",
    "fail_on": "severity",
    "fail_on_tentative": "bool",
    "baseline": "path",
    "min_coverage": "percent",
    "sandbox": "bool",
    "yes": "bool",
    "out": "str",
    "format": "formats",
    "shard": "shard",
    "balance": "path",
    "dask": "str",
    "resume": "bool",
    "write_workflows": "bool",
    "history": "history",
    "debug": "bool",
    "quiet": "bool",
    "verbose": "bool",
}
EFFECTS = ("unknown",)
"""Effects of operations that are sent on demand."""
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_UNITS = {"s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"0", "false", "no", "off", ""})


def read_value(name: str, raw: Any, where: str, folder: Path) -> Any:
    """The value of option `name`; `where` names it in errors, paths start from `folder`."""
    kind = OPTIONS[name]
    match kind:
        case "list":
            return _texts(raw, where)
        case "paths":
            return tuple(folder / text for text in _texts(raw, where))
        case "path":
            return folder / _text(raw, where)
        case "history":
            text = _text(raw, where)
            return text if "://" in text or text in ("", "off") else str(folder / text)
        case "mapping":
            return mapping(raw, where)
        case "path mapping":
            return _folders(mapping(raw, where), where, folder)
        case "bool":
            return boolean(raw, where)
        case "int" | "count" | "positive":
            return _whole(raw, where, {"int": None, "count": 0, "positive": 1}[kind])
        case "seconds":
            return _seconds(raw, where)
        case "percent":
            return _percent(raw, where)
        case "rate":
            return _rate(raw, where)
        case "severity":
            return _severity(raw, where)
        case "level":
            return severity(raw, where)
        case "effects":
            return _effects(raw, where)
        case "formats":
            return _formats(raw, where)
        case "shard":
            return _shard(raw, where)
        case "url":
            return url(raw, where)
        case "proxy":
            return proxy(raw, where)
        case "headers":
            return headers(raw, where)
        case _:
            return _text(raw, where)


def _folders(places: Mapping[str, str], where: str, start: Path) -> dict[str, Path]:
    found = {address: start / place for address, place in places.items()}
    for place in found.values():
        if not place.is_dir():
            what = "is no folder" if place.exists() else "doesn't exist"
            raise UsageError(f"{where}: {place} {what}.", "Name the folder of the files.")
    return found


def nearest(word: str, known: Iterable[str]) -> str:
    """A mend that names the nearest known word, or all of them."""
    words = sorted(known)
    close = difflib.get_close_matches(word, words, 1, 0.5)
    if close:
        return f"Did you mean {close[0]!r}?"
    return f"Known: {', '.join(words)}."


def mapping(raw: Any, where: str) -> dict[str, str]:
    """From a table, or from NAME=VALUE texts."""
    if isinstance(raw, Mapping):
        return {str(name): _text(value, f"{where}.{name}") for name, value in raw.items()}
    pairs = {}
    for text in _texts(raw, where):
        # A URL may hold "=" itself; what follows the last one is the folder.
        name, equals, value = text.rpartition("=") if "://" in text else text.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"{where}: {text!r} is not NAME=VALUE.")
        pairs[name.strip()] = value
    return pairs


def url(raw: Any, where: str) -> str:
    """An http or https address without its last slash."""
    text = _text(raw, where).strip()
    mend = "Write https://host/path."
    if not {"{", "}"}.isdisjoint(text):
        raise UsageError(f"{where}: {_shown(text)!r} is a template.", "Put values in its braces.")
    parts = _address_of(text)
    if parts is None or any(c.isspace() for c in text):
        raise UsageError(f"{where}: {_shown(text)!r} is not an address.", mend)
    if parts.query or parts.fragment:
        what = "a query" if parts.query else "a fragment"
        raise UsageError(f"{where}: {_shown(text)!r} has {what}.", f"Leave it out. {mend}")
    return text.rstrip("/")


def _address_of(text: str) -> SplitResult | None:
    """The parts of an http or https address; None where it is none."""
    try:
        parts = urlsplit(text)
        odd = parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0
        (parts.hostname or "").encode("idna")
    except ValueError:  # brackets that don't close, a port that is none, a name that none can be
        return None
    return None if odd else parts


def _shown(address: str) -> str:
    """An address without what may be a secret: who signs in at it, its query, its fragment."""
    scheme, slashes, rest = re.split("[?#]", address)[0].rpartition("//")
    return f"{scheme}{slashes}{rest.rpartition('@')[2]}"


def proxy(raw: Any, where: str) -> str:
    """The address of a proxy for HTTP."""
    text = _text(raw, where).strip()
    if text.lower().startswith("socks"):
        raise UsageError(f"{where}: SOCKS isn't spoken.", "Give an http:// proxy.")
    return url(text if "://" in text else f"http://{text}", where)


def headers(raw: Any, where: str) -> dict[str, str]:
    """From a table, or from "Name: value" texts; no error repeats a value."""
    if isinstance(raw, Mapping):
        found = {str(name): _text(value, f"{where}.{name}") for name, value in raw.items()}
    else:
        found = {}
        for text in _texts(raw, where):
            name, colon, value = text.partition(":")
            if not colon:
                raise UsageError(f"{where}: must be 'Name: value'.")
            found[name.strip()] = value.strip()
    for name, value in found.items():
        if not _HEADER_NAME.fullmatch(name):
            raise UsageError(f"{where}: {name!r} is no name of a header.")
        checked_value(value, f"{where}.{name}")
    return found


def checked_value(value: str, where: str) -> str:
    """A text that a header can hold; raises UsageError without repeating it."""
    odd = next((c for c in value if ord(c) < 32 or ord(c) == 127 or ord(c) > 255), "")
    if odd:
        what = {"\n": "a line break", "\r": "a line break"}.get(odd, f"the character {odd!r}")
        raise UsageError(f"{where}: it holds {what}, which no header can.", "Mend the value.")
    return value


def existing(path: Path, where: str) -> Path:
    """The path of a file that there is."""
    if not path.is_file():
        raise UsageError(f"{where}: {path} doesn't exist.")
    return path


def texts(raw: Any, where: str) -> tuple[str, ...]:
    """One text or a list of them."""
    return _texts(raw, where)


def _text(raw: Any, where: str) -> str:
    if isinstance(raw, bool) or not isinstance(raw, (str, int, float, Path)):
        raise UsageError(f"{where}: must be a text, not {_kind(raw)}.")
    if "\0" in str(raw):
        raise UsageError(f"{where}: it holds a NUL, which no path and no header can.")
    return str(raw)


def _texts(raw: Any, where: str) -> tuple[str, ...]:
    if isinstance(raw, (list, tuple)):
        return tuple(_text(item, where) for item in raw)
    return (_text(raw, where),)


def boolean(raw: Any, where: str) -> bool:
    """true or false, as such or as a word."""
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw.lower() in _YES | _NO:
        return raw.lower() in _YES
    raise UsageError(f"{where}: must be true or false, not {raw!r}.")


def _whole(raw: Any, where: str, least: int | None) -> int:
    try:
        number = int(raw) if isinstance(raw, (int, str)) and not isinstance(raw, bool) else None
    except ValueError:
        number = None
    if number is None:
        raise UsageError(f"{where}: must be a whole number, not {raw!r}.")
    if least is not None and number < least:
        raise UsageError(f"{where}: must be at least {least}, not {number}.")
    return number


def _seconds(raw: Any, where: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(ms|s|m)?", str(raw).strip())
    if isinstance(raw, bool) or found is None or float(found[1]) <= 0:
        raise UsageError(f"{where}: must be a time in seconds, not {raw!r}.")
    return float(found[1]) * {"ms": 0.001, "m": 60.0}.get(found[2] or "", 1.0)


def _percent(raw: Any, where: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*%?", str(raw).strip())
    if isinstance(raw, bool) or found is None or float(found[1]) > 100:
        raise UsageError(f"{where}: {raw!r} is not a percentage.", "Write a number from 0 to 100.")
    return float(found[1])


def _rate(raw: Any, where: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(?:/\s*([a-z]+))?", str(raw).strip().lower())
    unit = (found[2] or "s") if found else ""
    if isinstance(raw, bool) or found is None or unit not in _UNITS:
        raise UsageError(f"{where}: {raw!r} is not a rate.", "Write 5/s or 100/min.")
    return float(found[1]) / _UNITS[unit]


def _severity(raw: Any, where: str) -> Severity | None:
    text = _text(raw, where).lower()
    if text == "never":
        return None
    return severity(text, where)


def severity(raw: Any, where: str) -> Severity:
    """critical, major or minor."""
    try:
        return Severity.parse(_text(raw, where))
    except KeyError:
        raise UsageError(
            f"{where}: {raw!r} is not a severity.", "Take critical, major or minor."
        ) from None


def _formats(raw: Any, where: str) -> tuple[str, ...]:
    names = [n.strip() for text in _texts(raw, where) for n in text.split(",") if n.strip()]
    for name in names:
        if name not in FORMATS:
            raise UsageError(f"{where}: unknown format {name!r}.", nearest(name, FORMATS))
    if not names:
        raise UsageError(f"{where}: names no format.", f"Known: {', '.join(FORMATS)}.")
    return tuple(dict.fromkeys(names))


def _effects(raw: Any, where: str) -> tuple[str, ...]:
    names = [n.strip() for text in _texts(raw, where) for n in text.split(",") if n.strip()]
    for name in names:
        if name not in EFFECTS:
            raise UsageError(f"{where}: unknown effect {name!r}.", nearest(name, EFFECTS))
    return tuple(dict.fromkeys(names))


def _shard(raw: Any, where: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d+)/(\d+)", str(raw).strip())
    if found is None or not 1 <= int(found[1]) <= int(found[2]):
        raise UsageError(f"{where}: {raw!r} is not a share.", "Write I/N, such as 1/4.")
    return int(found[1]), int(found[2])


def _kind(raw: Any) -> str:
    names = {bool: "true or false", dict: "a table", list: "a list", type(None): "nothing"}
    return names.get(type(raw), type(raw).__name__)
