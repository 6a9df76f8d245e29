"""The embedded sandbox as a run's target: the only place that knows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from checker.errors import TargetError, UsageError
from checker.settings import Settings, Target, Token

if TYPE_CHECKING:
    from checker.config import Loaded
    from checker.sandbox.server import Sandbox

# What `driftcheck sandbox` prints as exports: reports name its addresses so.
BASE_VARIABLE = "$DRIFTCHECK_BASE_URL"
FALLBACK_VARIABLE = "$DRIFTCHECK_FALLBACK_URL"


def needs_sandbox(settings: Settings) -> bool:
    """Whether nothing says where the API is, and one is needed."""
    return not settings.static and not any(target.base_url for target in settings.targets)


@contextmanager
def embedded(loaded: Loaded) -> Iterator[Settings]:
    """The settings, with the sandbox on a free port for as long, where no target has an address.

    What the user gave (tokens, variables, how a token travels) wins over the sandbox's own.
    """
    settings = loaded.settings
    if not needs_sandbox(settings):
        yield settings
        return
    from checker.sandbox.server import Sandbox

    try:
        server = Sandbox().start()
    except (OSError, RuntimeError) as error:
        raise TargetError(
            f"The embedded sandbox can't be started: {error}.", "Give --base-url."
        ) from None
    try:
        targets = tuple(
            _at(target, server, loaded.declared.get(target.name, {})) for target in settings.targets
        )
        # Nothing that the sandbox does reaches anybody, and it is thrown away afterwards.
        yield replace(settings, targets=targets, effects=("unknown",), test_system=True)
    finally:
        server.stop()


def serve(port: int, chaos: str, seed: int) -> int:
    """Serve until interrupted."""
    from checker.config.values import nearest
    from checker.sandbox.chaos import SWITCHES
    from checker.sandbox.server import Sandbox

    switches = [name.strip() for name in chaos.split(",") if name.strip()]
    for name in switches:
        if name not in SWITCHES:
            raise UsageError(f"--chaos: unknown switch {name!r}.", nearest(name, SWITCHES))
    try:
        server = Sandbox(port=port, seed=seed, chaos=switches)
    except OSError as error:
        raise UsageError(
            f"--port: {port} can't be used ({error.strerror}).", "Take another one."
        ) from None
    server.serve_forever()
    return 0


def _at(target: Target, server: Sandbox, declared: Mapping[str, Token]) -> Target:
    tokens = {}
    for name, value in server.tokens.items():
        shape = Token(name, value, header="x-api-key" if name == "key" else "", shaped=True)
        tokens[name] = replace(declared[name], value=value) if name in declared else shape
    return replace(
        target,
        base_url=server.base_url,
        fallback_url=server.fallback_url,
        tokens={**tokens, **target.tokens},
        variables={**server.variables, **target.variables},
    )
