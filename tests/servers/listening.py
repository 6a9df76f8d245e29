"""What every Python test server needs: a socket on loopback, announced on stdout."""

from __future__ import annotations

import argparse
import socket
import sys


def parser(description: str) -> argparse.ArgumentParser:
    """Options every server has: the port, 0 for a free one."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("port", type=int, nargs="?", default=0, help="0: any free port")
    return made


def bind(port: int) -> socket.socket:
    """A listening socket on 127.0.0.1; exits with one sentence where the port is taken."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(("127.0.0.1", port))
        sock.listen(128)
    except OSError as error:
        sock.close()
        sys.exit(f"cannot listen on 127.0.0.1:{port}: {error.strerror}")
    return sock


def announce(sock: socket.socket) -> None:
    """The line that tells a waiting parent that requests are answered from now on."""
    print(f"listening on http://127.0.0.1:{sock.getsockname()[1]}", flush=True)
