"""`serve`: runs, history and the fix queue in a browser on this machine."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import click

from checker.cli.check import loaded_settings
from checker.cli.exits import known, show
from checker.cli.options import as_arguments, run_options
from checker.errors import UsageError

HOST = "127.0.0.1"
BASELINE = Path("driftcheck-baseline.json")
_OWN = frozenset({"baseline", "config", "dry_run", "format", "history", "out", "port", "resume"})
"""Options that the pages give their runs themselves."""


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0: any free one.")
@run_options
def serve(paths: tuple[str, ...], port: int, **options: Any) -> int:
    """Show runs and their history, start and stop runs, and work through the findings.

    PATH and the options are those of check. The pages are on this machine alone, at the address
    that is printed: whoever has it may start runs and change the baseline, nobody else.
    """
    from checker.serving.app import Desktop
    from checker.serving.desk import Setting

    given = dict(options)
    config = given.get("config")
    settings = loaded_settings(paths, options).settings
    if settings.out == "-":
        raise UsageError("--out: the pages need a folder.", "Name one, or leave it out.")
    setting = Setting(
        tuple(paths),
        (*(["--config", str(config)] if config else []), *as_arguments(serve, given, _OWN)),
        Path(settings.out),
        _history(settings.history, Path(settings.out)),
        settings.baseline or BASELINE,
    )
    with _listening(port) as listening:
        desktop = Desktop(setting, known().page, listening.getsockname()[1])
        show(f"Open {desktop.guard.address} (Ctrl-C ends it)")
        try:
            _until_signalled(desktop, listening)
        finally:
            desktop.close()
    return 0


def _history(given: str, out: Path) -> str:
    """The history is what the pages show: there is always one."""
    from checker.cli.remembering import FILE, OFF
    from checker.pipeline.written.journals import FOLDER

    return given if given not in ("", OFF) else str(out / FOLDER / FILE)


def _listening(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        raise UsageError(
            f"--port: {port} can't be used ({error.strerror}).", "Take another one."
        ) from None


def _until_signalled(desktop: Any, listening: socket.socket) -> None:
    import uvicorn

    config = uvicorn.Config(
        desktop.guard,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=1,
    )
    try:
        uvicorn.Server(config).run([listening])
    except KeyboardInterrupt:
        # A signal is how the pages end.
        return
