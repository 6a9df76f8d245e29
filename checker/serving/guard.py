"""Who may use the pages: the browser that was given their address, and nobody through it.

The pages write: they start runs and change the baseline. Other pages in the same browser can send
requests to loopback, and a name can be made to point to it, so that being on this machine is no
proof. The token in the path is what only the user has; `Host` keeps names of others out, `Origin`
other pages.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS: Mapping[str, str] = {
    # Nothing is loaded, and nothing runs: what a server has said can only be looked at.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # The token is in the path: it goes to no other origin, and Origin still comes with forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_READS = ("GET", "HEAD")


class Guard:
    """Lets requests to `/<token>/…` through, without that part of their path."""

    def __init__(self, app: ASGIApp, port: int, token: str = "") -> None:
        self.app = app
        self.token = token or secrets.token_urlsafe(24)
        self._hosts = (f"127.0.0.1:{port}", f"localhost:{port}")

    @property
    def address(self) -> str:
        """Where the pages are."""
        return f"http://{self._hosts[0]}/{self.token}/"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        refused = self._refused(scope)
        app: ASGIApp = self.app
        if refused is not None:
            app = refused
        else:
            root = f"/{self.token}"
            path = str(scope["path"])[len(root) :] or "/"
            scope = {**scope, "path": path, "raw_path": path.encode(), "root_path": ""}

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = [(k.lower().encode(), v.encode()) for k, v in HEADERS.items()]
                message = {**message, "headers": [*message.get("headers", ()), *told]}
            await send(message)

        await app(scope, receive, guarded)

    def _refused(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if headers.get("host", "") not in self._hosts:
            return PlainTextResponse("This is no host of driftcheck's.", 421)
        given = (*str(scope["path"]).split("/", 2), "")[1]
        if not secrets.compare_digest(given.encode(), self.token.encode()):
            return PlainTextResponse("Open the address that driftcheck serve has printed.", 403)
        if scope["method"] in _READS:
            return None
        origin = headers.get("origin", "")
        if origin != f"http://{headers['host']}":
            return PlainTextResponse("This came from another page.", 403)
        return None
