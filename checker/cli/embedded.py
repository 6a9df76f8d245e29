"""The embedded sandbox as a run's target."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from checker.settings import Settings

BASE_VARIABLE = "$SANDBOX_URL"
FALLBACK_VARIABLE = "$SANDBOX_FALLBACK_URL"


def needs_sandbox(settings: Settings) -> bool:
    """Whether nothing says where the API is, and one is needed."""
    return not settings.static and not any(target.base_url for target in settings.targets)


@contextmanager
def embedded(settings: Settings) -> Iterator[Settings]:
    """The settings with a target that answers: the sandbox on a free port, where none is given."""
    yield settings


def serve(port: int, chaos: str, seed: int) -> int:
    """Serve until interrupted."""
    return 0
