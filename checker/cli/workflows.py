"""`workflows`: check, run, list and export workflow records."""

from __future__ import annotations

import click


@click.group(short_help="Check, run, list and export workflow records.")
def workflows() -> None:
    """Workflow records: how to call an operation successfully."""
