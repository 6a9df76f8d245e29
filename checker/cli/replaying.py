"""`replay`: one finding's experiment again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from checker.cli.announcing import ask_first
from checker.cli.embedded import embedded, needs_sandbox
from checker.cli.exits import show, tell
from checker.cli.report_files import terminal_shape
from checker.cli.running import as_sandbox, dry_run, journals_of, warn
from checker.domain.finding import Finding
from checker.domain.run import RunResult
from checker.errors import UsageError
from checker.settings import Settings

if TYPE_CHECKING:
    from checker.config import Loaded


def find_one(report: RunResult, fingerprint: str) -> Finding:
    """The finding with this fingerprint, or with the only one that begins so."""
    if not fingerprint:
        raise UsageError("The fingerprint is empty.", "Give one of the report's.")
    matching = [f for f in report.findings if f.fingerprint.startswith(fingerprint)]
    if len(matching) == 1:
        return matching[0]
    known = ", ".join(f.fingerprint for f in report.findings[:8]) or "none"
    raise UsageError(
        f"{fingerprint!r} is the fingerprint of {len(matching)} findings in the report.",
        f"It has: {known}{' …' if len(report.findings) > 8 else ''}.",
    )


def replay_finding(loaded: Loaded, report: RunResult, fingerprint: str) -> int:
    """One finding again; 1 if it is still there, 0 if not, 3 if that couldn't be found out."""
    from checker import pipeline

    settings = loaded.settings
    finding = find_one(report, fingerprint)
    if settings.dry_run:
        narrowed = pipeline.narrowed(settings, report, finding)
        return dry_run(replace(loaded, settings=narrowed), strict=False)
    journals = journals_of(settings, "-replay")
    warn(loaded)
    with embedded(loaded) as ready:
        _ask_to_replay(ready, report)
        result = pipeline.replay(ready, report, finding, journals=journals)
    journals.end(result)
    journals.close(result)
    if needs_sandbox(settings):
        result = as_sandbox(result)
    width, color = terminal_shape()
    from checker.reporting.terminal import render

    show(render(result, width, color), nl=False)
    if result.error and not result.findings:
        tell(f"driftcheck: {result.error}")
        return result.exit_status or 3
    still = any(f.fingerprint == fingerprint for f in result.findings)
    show(f"{fingerprint}: {'still there' if still else 'not seen any more'}")
    return 1 if still else 0


def _ask_to_replay(settings: Settings, report: RunResult) -> None:
    """A report's own target has been agreed to when its run was."""
    if settings.static:
        return
    agreed = {u for target in report.targets for u in (target.base_url, target.fallback_url)}
    urls = {u for t in settings.targets for u in (t.base_url, t.fallback_url) if u}
    bases = tuple(base for base in agreed if base)
    strangers = [u for u in urls if not any(_below(u, base) for base in bases)]
    ask_first(settings, strangers, "One finding's experiment is run again")


def _below(url: str, base: str) -> bool:
    return url == base or url.startswith(base.rstrip("/") + "/")
