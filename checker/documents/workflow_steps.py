"""The steps of a workflow record, from the data of a fenced block. Tolerant: nothing raises."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import filterfalse
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from checker.domain.location import Location
from checker.domain.nodes import each_of, mapping_of
from checker.domain.pointer import escape
from checker.domain.schema import MISSING
from checker.domain.workflow import Step, Until, WaitFor

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY"})
ON_FAIL = ("abort", "skip", "continue")
STEP_KEYS = frozenset(
    {
        "id", "name", "description", "method", "path", "endpoint", "url", "params", "query",
        "body", "headers", "cookies", "token", "extract", "expect", "onFail", "skipReason",
        "sleep", "useFallback", "useFallbackApi", "x_on_behalf_of", "content_type",
        "form_fields", "file_fields", "waitFor", "until",
    }
)  # fmt: skip
_ANONYMOUS = ("", "none", "null", "false", "anonymous", "no")
_TOKEN_TEMPLATE = re.compile(r"(?:\w+\s+)?\{\{\s*(\w+?)_?token\s*\}\}", re.IGNORECASE)

Report = Callable[[str, str, str], None]
"""(message, mend, JSON Pointer in the block) of something wrong."""


def endpoint_of(text: str) -> tuple[str, str] | None:
    """Method and path of "METHOD /path" as people write it; None where it isn't one."""
    words = text.strip().strip("`*\"' ").replace("`", "")
    match = re.match(r"([A-Za-z]+)\s*:?\s+(\S.*)", words)
    if match is None or match.group(1).upper() not in METHODS:
        return None
    path = path_of(match.group(2).strip())
    return (match.group(1).upper(), path) if path.startswith("/") else None


def path_of(text: str) -> str:
    """The path (and query) of a path or URL; a base URL variable in front is dropped."""
    text = re.sub(r"^\{\{\s*\w*(?:url|host|base)\w*\s*\}\}(?=/)", "", text.strip(), flags=re.I)
    if re.match(r"https?://", text):
        parts = urlsplit(text)
        return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return text


def steps_of(
    data: Any, default_id: str, line_of: Callable[[str], int], file: str, report: Report
) -> list[Step]:
    """The steps in a block's data, whatever its shape: `steps:`, a list, or one step."""
    found: list[Step] = []
    for pointer, item, name in _items(data):
        if not isinstance(item, Mapping):
            report("A step is not a mapping.", "Give it id, method and path.", pointer)
            continue
        place = Location(file, line=line_of(pointer))
        found.append(_step(item, name, len(found), default_id, place, pointer, report))
    return found


def _items(data: Any) -> Iterable[tuple[str, Any, str]]:
    """(pointer, item, name) of each step."""
    if isinstance(data, Mapping) and "steps" in data:
        inner = data["steps"]
        if isinstance(inner, Mapping) and not _is_step(inner):
            return [(f"/steps/{escape(k)}", v, k) for k, v in inner.items()]
        if isinstance(inner, list):
            return [(f"/steps/{n}", v, "") for n, v in enumerate(inner)]
        return [] if inner is None else [("/steps", inner, "")]
    if isinstance(data, list):
        return [(f"/{n}", v, "") for n, v in enumerate(data)]
    if isinstance(data, Mapping) and _is_step(data):
        return [("", data, "")]
    if isinstance(data, Mapping):
        return [
            (f"/{escape(k)}", v, "" if k in ("step", "request") else k)
            for k, v in data.items()
            if isinstance(v, Mapping) and _is_step(v)
        ]
    return []


def _is_step(data: Mapping[str, Any]) -> bool:
    return bool({"method", "path", "endpoint", "url"} & set(data))


def _step(
    raw: Mapping[str, Any],
    name: str,
    number: int,
    default_id: str,
    place: Location,
    pointer: str,
    report: Report,
) -> Step:
    def wrong(message: str, mend: str, key: str = "") -> None:
        report(message, mend, f"{pointer}/{key}" if key else pointer)

    identifier = _text(raw.get("id")) or _text(raw.get("name")) or name
    if not identifier:
        identifier = _made_id(default_id, number)
        wrong("A step has no id.", f"Give it one, such as `id: {identifier}`.")
    method, path = _target(raw, identifier, wrong)
    body, content_type = _body(raw, wrong)
    headers, token, anonymous = _credential(raw, wrong)
    if _text(raw.get("x_on_behalf_of")):
        headers.setdefault("X-On-Behalf-Of", raw["x_on_behalf_of"])
    for key in filterfalse(STEP_KEYS.__contains__, raw):
        wrong(f"A step has no key `{key}`.", "Delete it, or mend its name.", escape(key))
    return Step(
        id=identifier,
        method=method,
        path=path,
        description=_text(raw.get("description")),
        params=_pairs(raw, "params", wrong) or _pairs(raw, "query", wrong),
        body=body,
        headers=headers,
        cookies=_pairs(raw, "cookies", wrong),
        token=token,
        anonymous=anonymous,
        extract=_extract(raw.get("extract"), wrong),
        expect_status=_statuses(raw.get("expect"), wrong),
        on_fail=_text(raw.get("onFail")).lower() or "abort",
        skip_reason=_text(raw.get("skipReason")),
        sleep_ms=int(seconds(raw.get("sleep"), 0.0, wrong, "sleep", unit=0.001) * 1000),
        use_fallback=truth(raw.get("useFallback")) or truth(raw.get("useFallbackApi")),
        content_type=content_type,
        form_fields=_pairs(raw, "form_fields", wrong),
        file_fields=_pairs(raw, "file_fields", wrong),
        wait_for=_wait_for(raw.get("waitFor"), wrong),
        until=_until(raw.get("until"), wrong),
        location=place,
    )


Wrong = Callable[..., None]


def _made_id(default: str, number: int) -> str:
    return default if number == 0 else f"{default}_{number + 1}"


def _target(raw: Mapping[str, Any], identifier: str, wrong: Wrong) -> tuple[str, str]:
    method = _text(raw.get("method")).upper()
    path = path_of(_text(raw.get("path")) or _text(raw.get("url")))
    for text in (path, _text(raw.get("endpoint"))):
        both = endpoint_of(text)
        if both is not None:
            method, path = method or both[0], both[1]
            break
    else:
        path = path or path_of(_text(raw.get("endpoint")))
    if not path:
        wrong(f"Step {identifier} has no path.", "Give it `path: /…`.")
    elif not path.startswith("/"):
        wrong(
            f"The path of step {identifier} doesn't start with `/`.", "Start it with `/`.", "path"
        )
        path = "/" + path
    return _method(raw, method, identifier, wrong), path


def _method(raw: Mapping[str, Any], method: str, identifier: str, wrong: Wrong) -> str:
    """The method of a step; the usual one where it gives none."""
    if not method:
        method = "GET" if raw.get("body") is None and not raw.get("form_fields") else "POST"
        wrong(f"Step {identifier} has no method.", f"Give it one; {method} is taken.")
    elif method not in METHODS:
        wrong(f"Step {identifier} has the unknown method {method}.", "Mend it.", "method")
    return method


def _body(raw: Mapping[str, Any], wrong: Wrong) -> tuple[Any, str | None]:
    content_type = _text(raw.get("content_type")) or None
    if "body" not in raw:
        return MISSING, content_type
    body = raw["body"]
    looks = isinstance(body, str) and re.match(r"\s*(?:\{(?!\{)|\[)", body)
    if looks and (content_type is None or "json" in content_type):
        try:
            return json.loads(body), content_type
        except (ValueError, RecursionError):
            wrong("The body is a text that isn't JSON.", "Write it as YAML or JSON.", "body")
    return MISSING if body is None else body, content_type


def _credential(raw: Mapping[str, Any], wrong: Wrong) -> tuple[dict[str, Any], str | None, bool]:
    """Headers without credentials, the token type, whether the step is anonymous."""
    headers = _pairs(raw, "headers", wrong)
    token = _text(raw.get("token")).lower().removesuffix(" token") or None
    token = None if token in _ANONYMOUS else token
    anonymous = "token" in raw and token is None
    for name in [n for n in headers if n.lower() in ("authorization", "proxy-authorization")]:
        value = _text(headers[name])
        template = _TOKEN_TEMPLATE.fullmatch(value)
        if template is not None:
            del headers[name]
            token, anonymous = token or template.group(1).lower() or None, False
        elif "{{" not in value:
            # A credential in a document is never sent: it may be anybody's.
            del headers[name]
            wrong(
                "The step carries a credential; it is not sent.",
                "Name the token type (`token: …`) and give its value with --token.",
                "headers",
            )
    return headers, token, anonymous


def _pairs(raw: Mapping[str, Any], key: str, wrong: Wrong) -> dict[str, Any]:
    """A mapping, a list of {name, value}, or a query string, as a mapping."""
    value = raw.get(key)
    match value:
        case None | "":
            return {}
        case Mapping():
            return dict(value)
        case list():
            out: dict[str, Any] = {}
            for item in value:
                name = _text(item.get("name") or item.get("key")) if isinstance(item, dict) else ""
                if name:
                    out[name] = item.get("value", "")
                elif isinstance(item, dict):
                    out.update(item)
                else:
                    wrong(f"An item of `{key}` is not a pair.", "Write `name: value`.", key)
            return out
        case str() if "=" in value:
            return dict(parse_qsl(value.lstrip("?"), keep_blank_values=True))
    wrong(f"`{key}` is not a mapping.", "Write `name: value` lines below it.", key)
    return {}


def _joined(items: Sequence[Any]) -> dict[str, Any]:
    """The extracts of a list, by name: `- name: …, path: …`, or `- name: path`."""
    joined: dict[str, Any] = {}
    for item in map(mapping_of, items):
        if "name" in item:
            joined[_text(item["name"])] = item.get("path", item.get("jsonpath"))
        else:
            joined.update(item)
    return joined


def _extract(value: Any, wrong: Wrong) -> dict[str, str]:
    if value is None:
        return {}
    if isinstance(value, list):
        value = _joined(value)
    if not isinstance(value, Mapping):
        wrong("`extract` is not a mapping.", "Write `name: $.json.path` lines below it.", "extract")
        return {}
    out: dict[str, str] = {}
    for name, path in value.items():
        if isinstance(path, Mapping):
            path = path.get("path", path.get("jsonpath"))
        if isinstance(path, str) and path.strip():
            out[name] = path.strip()
        else:
            mend = "Give a JSONPath such as `$.data.id`."
            wrong(f"The extract `{name}` has no path.", mend, f"extract/{escape(name)}")
    return out


def _statuses(expect: Any, wrong: Wrong) -> tuple[int, ...]:
    value = expect.get("status") if isinstance(expect, Mapping) else expect
    if value is None:
        return ()
    parts = each_of(value)
    out: list[int] = []
    for part in parts:
        for word in re.split(r"[\s,/|]+|\bor\b", _text(part)):
            klass = re.fullmatch(r"([1-5])xx", word.lower())
            if klass:
                out += range(int(klass.group(1)) * 100, int(klass.group(1)) * 100 + 100)
            elif re.fullmatch(r"[1-5]\d\d", word):
                out.append(int(word))
            elif word:
                mend = "Give statuses from 100 to 599."
                wrong(f"{word[:40]!r} is not an HTTP status.", mend, "expect")
    return tuple(dict.fromkeys(out))


def _wait_for(value: Any, wrong: Wrong) -> WaitFor | None:
    if value is None:
        return None
    if isinstance(value, str):
        return WaitFor(value)
    event = _text(value.get("event")) if isinstance(value, Mapping) else ""
    if not event:
        wrong("`waitFor` names no event.", "Give it `event: …`.", "waitFor")
        return None
    return WaitFor(event, seconds(value.get("timeout"), 10.0, wrong, "waitFor", above=1000))


def _until(value: Any, wrong: Wrong) -> Until | None:
    if value is None:
        return None
    if not isinstance(value, Mapping) or not _text(value.get("path")) or "equals" not in value:
        wrong("`until` needs `path` and `equals`.", "Give both.", "until")
        return None
    return Until(
        path=_text(value["path"]),
        equals=value["equals"],
        timeout_s=seconds(value.get("timeout"), 10.0, wrong, "until", above=1000),
        every_s=max(0.01, seconds(value.get("every"), 0.2, wrong, "until", above=50)),
    )


def seconds(
    value: Any,
    default: float,
    wrong: Wrong,
    key: str,
    *,
    unit: float = 1.0,
    above: float = float("inf"),
) -> float:
    """A duration in seconds: a number of `unit`s, or a text such as "500ms", "5s", "2m".

    A bare number of at least `above` is milliseconds: nobody waits for that many seconds.
    """
    if value is None:
        return default
    match = re.fullmatch(r"\s*([0-9]*\.?[0-9]+)\s*(ms|s|sec|seconds?|m|min)?\s*", _text(value))
    if match is None:
        wrong(f"`{key}` has no duration that can be read.", "Write 500ms or 5s.", key)
        return default
    number = float(match.group(1))
    match (match.group(2) or "")[:2]:
        case "ms":
            return number / 1000
        case "s" | "se":
            return number
        case "m" | "mi":
            return number * 60
    return number / 1000 if number >= above else number * unit


def truth(value: Any) -> bool:
    """Whether a flag is set, whatever way it is written."""
    return value is True or _text(value).lower() in ("true", "yes", "on", "1")


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value.strip()
        case int() | float():
            return str(value)
        case _:
            return ""
