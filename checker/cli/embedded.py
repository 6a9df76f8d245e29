"""The embedded sandbox as a run's target: the only place that knows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from checker.errors import TargetError, UsageError
from checker.settings import Settings, Target, Token

if TYPE_CHECKING:
    from checker.config import Loaded
    from checker.domain.portal import Document, Portal
    from checker.sandbox.server import Sandbox

# What `driftcheck sandbox` prints as exports: reports name its addresses so.
BASE_VARIABLE = "$DRIFTCHECK_BASE_URL"
FALLBACK_VARIABLE = "$DRIFTCHECK_FALLBACK_URL"


MARK = "x-driftcheck-sandbox"
"""In a document's `info`: true where what it describes is the embedded sandbox."""


def needs_sandbox(settings: Settings) -> bool:
    """Whether nothing says where the API is, and one is needed."""
    return not settings.static and not any(target.base_url for target in settings.targets)


def check_meant(documents: Sequence[Document]) -> None:
    """Raises UsageError unless the documents name the sandbox: it is never silently the target,
    and neither are the addresses that documents name themselves."""
    called = [d for d in documents if d.operations]
    others = [d.info.file for d in called if not _names_it(d)]
    if called and not others:
        return
    if len(others) < len(called):
        raise UsageError(
            f"No base URL: {len(called) - len(others)} of {len(called)} documents name the "
            f"embedded sandbox ({MARK}), {others[0]} doesn't.",
            "Check them apart, or give --base-url or --sandbox for all.",
        )
    raise UsageError(
        "No base URL: nothing says where the API is (a document's own servers are never called).",
        "Give --base-url URL, --static to compare the documents only, or --sandbox to try it on "
        "the embedded API.",
    )


def _names_it(document: Document) -> bool:
    info = document.raw.get("info")
    return isinstance(info, Mapping) and info.get(MARK) is True


def _documents(settings: Settings) -> Sequence[Document]:
    """The documents below the paths; for workflow records, which have none, those of the folder
    that their own is in (`…/workflows`)."""
    from checker.documents.portal import load_portal

    found = load_portal(settings.paths, settings, validate=False).documents
    if found:
        return found
    beside = dict.fromkeys(
        folder.parent
        for path in settings.paths
        for folder in (path.absolute(), *path.absolute().parents)
        if folder.name == "workflows"
    )
    return load_portal(tuple(beside), settings, validate=False).documents


@contextmanager
def embedded(loaded: Loaded, portal: Portal | None = None) -> Iterator[Settings]:
    """The settings, with the sandbox on a free port for as long, where it is the target.

    What the user gave (tokens, variables, how a token travels) wins over the sandbox's own.
    `portal` are the documents, where they are loaded already.
    """
    settings = loaded.settings
    if not needs_sandbox(settings):
        if loaded.sandbox and not settings.static:
            raise UsageError("--sandbox: there is a base URL, too.", "Leave one of them out.")
        yield settings
        return
    if not loaded.sandbox:
        check_meant(portal.documents if portal is not None else _documents(settings))
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
