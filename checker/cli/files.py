"""Files that are there in full or not at all: written beside, then moved into place."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

_FLAGS = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)


def replace_file(path: Path, content: bytes) -> None:
    """A reader never sees half of it; a link at `path` is replaced, and not followed.

    Raises OSError; then what was there before is there still, and nothing is left beside it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    file = os.open(beside, _FLAGS, 0o666)
    try:
        try:
            rest = memoryview(content)
            while rest:
                rest = rest[os.write(file, rest) :]
            os.fsync(file)
        finally:
            os.close(file)
        os.replace(beside, path)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise
