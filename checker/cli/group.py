"""A click group whose first argument may be left out."""

from __future__ import annotations

import click


class DefaultCommandGroup(click.Group):
    """Takes whatever doesn't begin with a command's name for the arguments of `check`."""

    default = "check"
    own_options = frozenset({"--help", "-h", "--version"})

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args:
            args = ["--help"]
        elif args[0] not in self.commands and args[0] not in self.own_options:
            args = [self.default, *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which they were added: the main job first."""
        return list(self.commands)
