"""The proxy of the environment, as other HTTP tools take it."""

from __future__ import annotations

import ipaddress
from urllib.request import getproxies, proxy_bypass

from yarl import URL


def proxy_for(url: URL) -> str | None:
    """The proxy of HTTP_PROXY, HTTPS_PROXY or ALL_PROXY for a URL; None: go straight.

    NO_PROXY is kept, and this very machine is never asked for through a proxy. Credentials of
    a .netrc file aren't used: they would change what a request without a token proves.
    """
    host = url.host or ""
    if this_machine(host):
        return None
    proxies = getproxies()
    found = proxies.get(url.scheme) or proxies.get("all")
    if not found or proxy_bypass(host):
        return None
    return found if "://" in found else f"http://{found}"


def this_machine(host: str) -> bool:
    """Whether a host's name or address is this very machine's; no name is looked up."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
