"""`fix`: the patches of a report shown, applied, committed, or written as an overlay."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from checker.cli.reports import REPORT
from checker.errors import UsageError

if TYPE_CHECKING:
    from checker.domain.finding import Finding
    from checker.domain.run import RunResult


@click.command()
@click.argument("report", type=REPORT)
@click.option("--write", is_flag=True, help="Change the files.")
@click.option("--interactive", is_flag=True, help="Ask for each finding; changes the files.")
@click.option(
    "--branch",
    metavar="NAME",
    help="Commit to a new git branch, one finding a commit; the files here stay as they are.",
)
@click.option("--overlay", metavar="FILE", help="Write an OpenAPI Overlay document instead.")
@click.option(
    "--only-safe", is_flag=True, help="Only patches that write down what was proved, no decisions."
)
@click.option("--fingerprint", "chosen", multiple=True, help="Only these findings.")
@click.option(
    "--root", default=".", show_default=True, help="Where the report's relative paths start."
)
def fix(
    report: str,
    write: bool,
    interactive: bool,
    branch: str | None,
    overlay: str | None,
    only_safe: bool,
    chosen: tuple[str, ...],
    root: str,
) -> int:
    """Show the patches of a report as a unified diff.

    Only what a patch names is changed; the rest of a file stays as it is, byte for byte. A patch
    that doesn't fit any more is left out with its reason, and what is there already stays.
    """
    from checker.cli.fixes import Fixes
    from checker.cli.running import read_report

    _one_of(
        {"--write": write, "--interactive": interactive, "--branch": branch, "--overlay": overlay}
    )
    result = read_report(Path(report))
    fixes = Fixes(Path(root), result.files)
    findings = _chosen(result, chosen, only_safe=only_safe)
    if overlay is not None:
        return fixes.overlay(findings, Path(overlay))
    if branch is not None:
        from checker.cli.branches import commit_fixes

        return commit_fixes(fixes, findings, branch)
    if interactive:
        return fixes.ask(findings)
    return fixes.show(findings, write=write)


def _one_of(given: dict[str, object]) -> None:
    names = [name for name, value in given.items() if value]
    if len(names) > 1:
        raise click.UsageError(f"{' and '.join(names)} can't be used together.")


def _no_finding(name: str, findings: Sequence[Finding]) -> UsageError:
    known = ", ".join(f.fingerprint for f in findings[:8]) or "none"
    return UsageError(
        f"{name!r} is the fingerprint of no finding in the report.",
        f"It has: {known}{' …' if len(findings) > 8 else ''}.",
    )


def _chosen(result: RunResult, chosen: tuple[str, ...], *, only_safe: bool) -> tuple[Finding, ...]:
    """The findings asked for; every fingerprint has to be one of the report's."""
    from checker.drift.registry import FixSafety, fix_safety

    findings = result.findings
    for name in chosen:
        if not any(f.fingerprint.startswith(name) for f in findings):
            raise _no_finding(name, findings)
    if chosen:
        findings = tuple(f for f in findings if f.fingerprint.startswith(chosen))
    if only_safe:
        findings = tuple(f for f in findings if fix_safety(f) is not FixSafety.REVIEW)
    return findings
