"""Standard streams that no secret passes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from checker.redaction.keyring import Secrets


class MaskedStream:
    """A text stream that masks what is written to it, and is otherwise the one it stands for.

    Each `write` is masked by itself: whoever writes a secret in pieces gets round it, so this is
    the last net (warnings, log lines, other people's tracebacks), not the first. `secrets` gives
    what is known by then: who writes nothing doesn't wait for it.
    """

    def __init__(self, stream: TextIO, secrets: Callable[[], Secrets]) -> None:
        self._stream = stream
        self._secrets = secrets

    def write(self, text: str) -> int:
        """Masked; the number of characters that the caller gave."""
        self._stream.write(self._secrets().page(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Each of them masked."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def print_traceback(secrets: Secrets) -> None:
    """The traceback of the exception that is being handled, masked, to stderr."""
    import traceback

    sys.stderr.write(secrets.text(traceback.format_exc()))
