"""The config that a first run needs, as text. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from checker.domain.nodes import member_of
from checker.settings import Target, Token, token_variable

BASELINE = "driftcheck-baseline.json"
GRANTS = {
    "clientCredentials": "client_credentials",
    "application": "client_credentials",
    "password": "password",
}
"""What the documents call a flow (OpenAPI 3, Swagger 2.0), and what the config does."""
_BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Flow:
    """A documented way to get a token: by `password`, else by `client_credentials`."""

    token_url: str
    grant: str


def flows_in(document: Mapping[str, Any], base_url: str) -> dict[str, Flow]:
    """The ways to get a token that a document's security schemes name, by the scheme's name; an
    address without a host is one below the base URL."""
    holder = document.get("components")
    schemes = member_of(holder, "securitySchemes")
    found = {}
    for name, scheme in (schemes or document.get("securityDefinitions") or {}).items():
        if not isinstance(scheme, Mapping):
            continue
        flows = scheme.get("flows")
        given = flows if isinstance(flows, Mapping) else {scheme.get("flow"): scheme}
        for kind, grant in GRANTS.items():
            flow = given.get(kind)
            url = member_of(flow, "tokenUrl")
            if isinstance(url, str) and url:
                found[name] = Flow(urljoin(base_url.rstrip("/") + "/", url), grant)
    return found


def _oauth2(flow: Flow) -> str:
    pairs = {"token_url": flow.token_url, "grant": flow.grant}
    if flow.grant == "password":
        pairs |= {"username": "…", "password_env": "…"}
    else:
        pairs |= {"client_id": "…", "client_secret_env": "…"}
    return ", ".join(f"{name} = {_text(value)}" for name, value in pairs.items())


def config_text(target: Target, schemes: Mapping[str, Flow | None]) -> str:
    """A config for one target, without a value of any token; `schemes` are those of the
    documents for which there is no token yet, with the way to get one where they name it."""
    lines = [
        "# The options of `driftcheck check`, with underscores.",
        "[run]",
        'fail_on = "major"',
        f"# Known findings don't fail the run: `driftcheck baseline reports/report.json`, then\n"
        f'# baseline = "{BASELINE}"',
        "",
        f"[targets.{_key(target.name)}]",
        f"base_url = {_text(target.base_url or '')}",
    ]
    if target.fallback_url:
        lines.append(f"fallback_url = {_text(target.fallback_url)}")
    for token in target.tokens.values():
        if not token.also:
            lines += ["", *_token(target, token)]
    for name, flow in schemes.items():
        table = f"[targets.{_key(target.name)}.tokens.{_key(name)}]"
        lines += ["", f"# {table}  # its value: {token_variable(name)}"]
        if flow is not None:
            lines += ["# or got from there:", f"# oauth2 = {{ {_oauth2(flow)} }}"]
    return "\n".join(lines) + "\n"


def _token(target: Target, token: Token) -> list[str]:
    table = f"[targets.{_key(target.name)}.tokens.{_key(token.type)}]"
    lines = [f"{table}  # its value: {token_variable(token.type)}"]
    shape = {"header": token.header, "query": token.query, "cookie": token.cookie}
    lines += [f"{name} = {_text(value)}" for name, value in shape.items() if value]
    if token.scheme != "Bearer" and not any(shape.values()):
        lines.append(f"scheme = {_text(token.scheme)}")
    return lines


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
