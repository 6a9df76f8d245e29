"""The HTTP protocol with a way for the application to cut a connection."""

from __future__ import annotations

import socket
import struct

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from checker.sandbox.chaos import RESET

_LINGER_NOT = struct.pack("ii", 1, 0)


class ResettableProtocol(HttpToolsProtocol):
    """Offers the ASGI extension `chaos.RESET`: a callable that resets the connection."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {RESET: self._reset}  # type: ignore[dict-item]

    def _reset(self) -> None:
        """Close with a TCP reset: whatever was to be sent is thrown away."""
        raw = self.transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        self.transport.abort()
