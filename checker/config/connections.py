"""How a target is reached: proxies, sockets, certificates, headers of each request."""

from __future__ import annotations

import stat
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from checker.config.values import boolean, existing, headers, proxy
from checker.domain.credential import Connection
from checker.errors import UsageError
from checker.probing.trust import tls_of
from checker.settings import Target

FILES = ("cacert", "cert", "key")
CONNECTION = ("proxy", "unix_socket", *FILES, "insecure")
"""Keys of a target and options of the same names."""

headers_of = headers


def connection_of(raw: Mapping[str, Any], where: Callable[[str], str], folder: Path) -> Connection:
    """The connection that a target's table describes; paths start from `folder`."""
    found: dict[str, Any] = {}
    for name in CONNECTION:
        if name not in raw:
            continue
        if name == "proxy":
            found[name] = proxy(raw[name], where(name))
        elif name == "insecure":
            found[name] = boolean(raw[name], where(name))
        elif isinstance(raw[name], str):
            found[name] = folder / raw[name]
        else:
            raise UsageError(f"{where(name)}: must be a path.")
    return _checked(found, where)


def with_options(target: Target, options: Mapping[str, Any]) -> Target:
    """The target, called as the run's options say, which hold for all targets."""
    named = {name: options[name] for name in CONNECTION if options.get(name)}
    given = _checked(named, lambda name: "--" + name.replace("_", "-"))
    changes = {name: getattr(given, name) for name in named}
    connection = replace(target.connection, **changes)
    if connection.key and not connection.cert:
        raise UsageError("--key: there is no certificate that it belongs to.", "Add --cert.")
    if connection.cacert or connection.cert:
        tls_of(connection)  # told before anything is sent
    mine = {name.lower() for name in options.get("header", {})}
    others = {name: v for name, v in target.headers.items() if name.lower() not in mine}
    return replace(target, connection=connection, headers={**others, **options.get("header", {})})


def _checked(found: dict[str, Any], where: Callable[[str], str]) -> Connection:
    for name in FILES:
        if name in found:
            found[name] = str(existing(Path(found[name]), where(name)))
    if "unix_socket" in found:
        path = Path(found["unix_socket"])
        if not (path.exists() and stat.S_ISSOCK(path.stat().st_mode)):
            raise UsageError(f"{where('unix_socket')}: {path} is no socket.")
        found["unix_socket"] = str(path)
    return Connection(**found)
