"""A click group whose first argument may be left out."""

from __future__ import annotations

import difflib
import os

import click

from checker.errors import UsageError


class DefaultCommandGroup(click.Group):
    """Takes whatever doesn't begin with a command's name for the arguments of `check`."""

    default = "check"
    own_options = frozenset({"--help", "-h", "--version"})

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Raises UsageError for what is neither a path nor a command but near one."""
        if not args or (args[0] == "help" and not os.path.lexists("help")):
            args = [*args[1:2], "--help"]
        elif args[0] not in self.commands and not os.path.lexists(args[0]):
            self._check_meant(args[0])
        if args[0] not in self.commands and args[0] not in self.own_options:
            args = [self.default, *args]
        return super().parse_args(ctx, args)

    def _check_meant(self, word: str) -> None:
        near = difflib.get_close_matches(word.lower(), self.commands, 1, 0.6)
        if near and word.isalpha():
            raise UsageError(
                f"{word}: no such command, file or folder.", f"Is `driftcheck {near[0]}` meant?"
            )

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which they were added: the main job first."""
        return list(self.commands)
