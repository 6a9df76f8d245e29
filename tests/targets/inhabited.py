"""Servers by others with things of other people in them, and what their API shows of these."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import servers
from patience import PATIENCE_S
from targets import TOKEN

Ask = Callable[..., tuple[int, Any]]
"""Sends a method to a path with a JSON body, with the credential; the status and the content."""
Dump = Mapping[str, tuple[int, Any]]
"""By path: the status and the content of the answer."""


@dataclass(frozen=True, slots=True)
class Inhabited:
    """A server, what others put into it, and where that can be read.

    `document` is in the folder of this name. `header` and `scheme` carry the token, which
    `token` reads where the server makes one up. `others` sends what others did. `shown` are
    the paths to read; `items` the paths of single things, told by what was read at `shown`.
    `moving`: members that the server changes by itself. `touched`: by path, members that tell
    nothing of what others have there, as the time at which something came or went. `stays`:
    paths of lists in which the run's own things stay, each with the operation under which the
    report has to say so; empty where they are deleted, and the server goes on listing what was.
    """

    start: servers.Starter
    name: str
    others: Callable[[Ask], None]
    shown: tuple[str, ...]
    document: str = "spec.yaml"
    header: str = ""
    scheme: str = ""
    token: Callable[[Path], str] = lambda folder: TOKEN
    items: Callable[[Dump], Iterable[str]] = lambda dump: ()
    moving: frozenset[str] = frozenset()
    touched: Mapping[str, frozenset[str]] = field(default_factory=dict)
    stays: Mapping[str, str] = field(default_factory=dict)


def asking(url: str, target: Inhabited, token: str) -> Ask:
    """Sends requests to a running target as its other users do."""
    headers = {"Content-Type": "application/json"}
    if target.scheme:
        headers["Authorization"] = f"{target.scheme} {token}"
    elif target.header:
        headers[target.header] = token

    def ask(method: str, path: str, body: Any = None) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                return answer.status, _content(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, _content(error.read())

    return ask


def dumped(target: Inhabited, ask: Ask) -> dict[str, tuple[int, Any]]:
    """What the API shows at all paths, without what moves by itself."""

    def read(path: str) -> tuple[int, Any]:
        status, content = ask("GET", path)
        if isinstance(content, dict):
            times = target.touched.get(path, frozenset())
            content = {k: v for k, v in content.items() if k not in times}
        return status, _resting(content, target.moving)

    dump = {path: read(path) for path in target.shown}
    return {**dump, **{path: read(path) for path in target.items(dump)}}


def harm(before: Dump, after: Dump, stays: Iterable[str] = ()) -> list[str]:
    """What of a dump is no longer so: each thing that is gone, changed or came in beside.

    At the paths of `stays` more items may be in lists.
    """
    found: list[str] = []
    for path, (status, content) in before.items():
        if path not in after:
            found.append(f"{path} isn't shown any more")
            continue
        now, shown = after[path]
        if now != status:
            found.append(f"{path} answers {now} instead of {status}")
        else:
            found += _differences(content, shown, path, path in stays)
    return found


def _differences(before: Any, after: Any, place: str, grows: bool) -> list[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        found = [f"{place}: {name!r} came in" for name in after if name not in before]
        for name, value in before.items():
            if name in after:
                found += _differences(value, after[name], f"{place} {name}", grows)
            else:
                found.append(f"{place}: {name!r} is gone")
        return found
    if isinstance(before, list) and isinstance(after, list):
        found = [f"{place}: {_short(e)} is gone or changed" for e in before if e not in after]
        if grows:
            return found
        return found + [f"{place}: {_short(e)} came in" for e in after if e not in before]
    return [] if before == after else [f"{place}: {_short(before)} is {_short(after)} now"]


def more(before: Dump, after: Dump, path: str) -> bool:
    """Whether something came in at a path."""
    return bool(harm({path: before[path]}, after))


def _short(value: Any) -> str:
    return json.dumps(value, default=str)[:400]


def _content(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")


def _resting(node: Any, moving: frozenset[str]) -> Any:
    if isinstance(node, dict):
        return {k: _resting(v, moving) for k, v in node.items() if k not in moving}
    return [_resting(v, moving) for v in node] if isinstance(node, list) else node


def _sent(ask: Ask, *wanted: tuple[str, str, Any]) -> list[Any]:
    """What was answered to requests that have to be accepted."""
    answers = []
    for method, path, body in wanted:
        status, content = ask(method, path, body)
        assert status < 300, f"{method} {path} answered {status} {content}"
        answers.append(content)
    return answers


# -- the targets -----------------------------------------------------------------------------------

_AM = "/api/v2"


def _in_alertmanager(ask: Ask) -> None:
    times = {"startsAt": "2026-01-01T00:00:00Z", "endsAt": "2099-01-01T00:00:00Z"}
    matcher = {"name": "job", "value": "theirs", "isRegex": False}
    silence = {**times, "matchers": [matcher], "createdBy": "them", "comment": "precious"}
    alert = {**times, "labels": {"alertname": "Theirs"}, "annotations": {"note": "precious"}}
    _sent(ask, ("POST", f"{_AM}/silences", silence), ("POST", f"{_AM}/alerts", [alert]))


_LOCAL = "/api/v1/servers/localhost"
_ZONE = f"{_LOCAL}/zones/theirs.example."


def _in_pdns(ask: Ask) -> None:
    record = {"content": "192.0.2.1", "disabled": False}
    rrset = {"name": "www.theirs.example.", "type": "A", "ttl": 60, "changetype": "REPLACE"}
    _sent(
        ask,
        ("POST", f"{_LOCAL}/zones", {"name": "theirs.example.", "kind": "Native"}),
        ("PATCH", _ZONE, {"rrsets": [{**rrset, "records": [record]}]}),
        ("POST", f"{_ZONE}/metadata", {"kind": "ALSO-NOTIFY", "metadata": ["192.0.2.9"]}),
        ("POST", f"{_ZONE}/cryptokeys", {"keytype": "ksk", "active": True}),
        ("POST", f"{_LOCAL}/tsigkeys", {"name": "theirs", "algorithm": "hmac-sha256"}),
        ("POST", f"{_LOCAL}/autoprimaries", {"ip": "192.0.2.7", "nameserver": "ns.theirs.example"}),
    )


_FILE = "/api/contents/theirs.txt"


def _in_jupyter_server(ask: Ask) -> None:
    notebook = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    kernel = {"name": "python3"}
    session = {"path": "book.ipynb", "name": "theirs", "type": "notebook", "kernel": kernel}
    _sent(
        ask,
        ("PUT", _FILE, {"type": "file", "format": "text", "content": "precious"}),
        ("POST", f"{_FILE}/checkpoints", None),
        ("PUT", "/api/contents/drafts", {"type": "directory"}),
        ("PUT", "/api/contents/book.ipynb", {"type": "notebook", "content": notebook}),
        ("PUT", "/api/contents/drafts/a.txt", {"type": "file", "format": "text", "content": "a"}),
        ("POST", "/api/kernels", kernel),
        ("POST", "/api/sessions", session),
        ("POST", "/api/terminals", None),
    )


def _each(dump: Dump, path: str, member: str) -> list[str]:
    return [f"{path}/{item[member]}" for item in dump[path][1]]


_HUB = "/hub/api"


def _in_jupyterhub(ask: Ask) -> None:
    _sent(
        ask,
        ("POST", f"{_HUB}/users", {"usernames": ["alice", "bob"]}),
        ("POST", f"{_HUB}/users/carol", None),
        ("PATCH", f"{_HUB}/users/carol", {"admin": True}),
        ("POST", f"{_HUB}/users/alice/tokens", {"note": "theirs"}),
        ("POST", f"{_HUB}/groups/staff", None),
        ("POST", f"{_HUB}/groups/staff/users", {"users": ["alice", "carol"]}),
        ("PUT", f"{_HUB}/groups/staff/properties", {"floor": "two"}),
    )


_ADMIN = "/__admin"


def _in_wiremock(ask: Ask) -> None:
    stub = {
        "name": "theirs",
        "request": {"method": "GET", "url": "/theirs"},
        "response": {"status": 200, "body": "precious"},
        "metadata": {"team": "theirs"},
    }
    story = {"scenarioName": "theirs", "requiredScenarioState": "Started", "newScenarioState": "on"}
    told = {"request": {"method": "GET", "url": "/story"}, "response": {"status": 200}}
    _sent(
        ask,
        ("POST", f"{_ADMIN}/mappings", stub),
        ("POST", f"{_ADMIN}/mappings", {**told, **story, "persistent": True}),
        ("PUT", f"{_ADMIN}/files/theirs.txt", "precious"),
        ("POST", f"{_ADMIN}/settings", {"extended": {"theirs": "precious"}}),
        ("GET", "/theirs", None),
        ("GET", "/story", None),
    )


def _wiremock_items(dump: Dump) -> list[str]:
    stubs = [f"{_ADMIN}/mappings/{s['id']}" for s in dump[f"{_ADMIN}/mappings"][1]["mappings"]]
    asked = dump[f"{_ADMIN}/requests"][1]["requests"]
    return [*stubs, *(f"{_ADMIN}/requests/{r['id']}" for r in asked)]


_CHANGES = "/api/v1"


def _in_changedetection(ask: Ask) -> None:
    watch = {"url": "http://127.0.0.1:9/theirs", "title": "theirs", "paused": True}
    # As in the document's examples.
    tag, site = {"title": "Important Sites"}, {"url": "https://example.com", "paused": True}
    places = {"notification_urls": ["json://127.0.0.1:9/theirs"]}
    _sent(
        ask,
        ("POST", f"{_CHANGES}/tag", {"title": "theirs"}),
        ("POST", f"{_CHANGES}/tag", tag),
        ("POST", f"{_CHANGES}/watch", watch),
        ("POST", f"{_CHANGES}/watch", site),
        ("POST", f"{_CHANGES}/notifications", places),
    )


def _written(path: Path) -> str:
    """The content of a file that a server writes soon after it has begun to listen."""
    end = time.monotonic() + PATIENCE_S
    while not (path.is_file() and path.stat().st_size):
        assert time.monotonic() < end, f"there is no {path.name}"
        time.sleep(0.1)
    return path.read_text()


def _changedetection_token(folder: Path) -> str:
    told = json.loads(_written(folder / "changedetection.json"))
    return str(told["settings"]["application"]["api_access_token"])


def _changedetection_items(dump: Dump) -> list[str]:
    watches = [f"{_CHANGES}/watch/{name}" for name in dump[f"{_CHANGES}/watch"][1]]
    return [*watches, *(f"{_CHANGES}/tag/{name}" for name in dump[f"{_CHANGES}/tags"][1])]


def _netdata_token(folder: Path) -> str:
    return _written(folder / "lib" / "netdata.api.key").strip()


_HEALTH = "/api/v1/manage/health?cmd="


def _in_netdata(ask: Ask) -> None:
    _sent(ask, ("GET", f"{_HEALTH}SILENCE", None), ("GET", f"{_HEALTH}LIST&alarm=theirs", None))


TARGETS = (
    Inhabited(
        servers.alertmanager,
        "alertmanager",
        _in_alertmanager,
        (f"{_AM}/silences", f"{_AM}/alerts", f"{_AM}/status"),
        moving=frozenset({"uptime"}),
        stays={f"{_AM}/silences": ""},  # a deleted one is shown as expired
    ),
    Inhabited(
        servers.pdns,
        "pdns",
        _in_pdns,
        (
            *(f"{_LOCAL}/{name}" for name in ("zones", "tsigkeys", "autoprimaries", "config")),
            *(_ZONE, f"{_ZONE}/metadata", f"{_ZONE}/cryptokeys", f"{_ZONE}/export"),
            *(f"{_ZONE}/cryptokeys/1", f"{_LOCAL}/tsigkeys/theirs."),
        ),
        header="X-API-Key",
        # The answer to a creation is empty; and a key that was given an empty name, or one that the
        # server writes otherwise, isn't found by it.
        stays={
            f"{_LOCAL}/autoprimaries": f"POST {_LOCAL}/autoprimaries",
            f"{_LOCAL}/tsigkeys": "POST /api/v1/servers/{server_id}/tsigkeys",
        },
    ),
    Inhabited(
        servers.jupyter_server,
        "jupyter_server",
        _in_jupyter_server,
        (
            *("/api/contents", "/api/contents/drafts", _FILE, f"{_FILE}/checkpoints"),
            *("/api/contents/book.ipynb", "/api/contents/drafts/a.txt"),
            *("/api/kernels", "/api/sessions", "/api/terminals", "/api/kernelspecs", "/api/me"),
        ),
        scheme="token",
        items=lambda dump: _each(dump, "/api/kernels", "id"),
        moving=frozenset({"last_activity", "execution_state", "connections"}),
        # Whoever asks with the token is given another name each time.
        touched={
            "/api/contents": frozenset({"last_modified", "created"}),
            "/api/me": frozenset({"identity"}),
        },
    ),
    Inhabited(
        servers.jupyterhub,
        "jupyterhub",
        _in_jupyterhub,
        (
            *(f"{_HUB}/users", f"{_HUB}/groups", f"{_HUB}/services", f"{_HUB}/proxy"),
            *(f"{_HUB}/info", f"{_HUB}/user", f"{_HUB}/users/alice/tokens"),
            *(f"{_HUB}/groups/staff", f"{_HUB}/users/carol"),
        ),
        scheme="token",
        token=lambda folder: servers.HUB_TOKEN,
        # A user whose server is starting can't be deleted, nor one that was given an empty name.
        stays={f"{_HUB}/users": f"POST {_HUB}/users"},
        moving=frozenset({"last_activity"}),
    ),
    Inhabited(
        servers.wiremock,
        "wiremock",
        _in_wiremock,
        (
            *(f"{_ADMIN}/{name}" for name in ("mappings", "requests", "scenarios", "settings")),
            *(f"{_ADMIN}/files", f"{_ADMIN}/files/theirs.txt", f"{_ADMIN}/recordings/status"),
        ),
        document="spec.json",
        items=_wiremock_items,
        # One whose name is too long for a file is refused with 500, made, with its scenario, and
        # can't be deleted. And whatever is asked elsewhere is kept in a journal.
        stays={
            f"{_ADMIN}/mappings": f"POST {_ADMIN}/mappings",
            f"{_ADMIN}/scenarios": f"POST {_ADMIN}/mappings",
            f"{_ADMIN}/requests": "",
        },
        touched=dict.fromkeys((f"{_ADMIN}/mappings", f"{_ADMIN}/requests"), frozenset({"meta"})),
    ),
    Inhabited(
        servers.changedetection,
        "changedetection",
        _in_changedetection,
        tuple(f"{_CHANGES}/{name}" for name in ("watch", "tags", "notifications")),
        header="x-api-key",
        token=_changedetection_token,
        items=_changedetection_items,
    ),
    Inhabited(
        servers.netdata,
        "netdata",
        _in_netdata,
        (f"{_HEALTH}LIST", "/api/v1/alarms_values"),
        document="spec.json",
        # Alarms go off where the machine is busy.
        touched={"/api/v1/alarms_values": frozenset({"alarms"})},
        header="X-Auth-Token",
        token=_netdata_token,
    ),
)
