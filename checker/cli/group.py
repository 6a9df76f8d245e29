"""A click group whose first argument may be left out, and whose commands wait to be imported."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, MutableMapping
from importlib import import_module
from typing import Any, NamedTuple

import click

from checker.errors import UsageError


class Lazy(NamedTuple):
    """The module of this package that has a command, and what the list of commands says of it."""

    module: str
    short_help: str


class _Commands(MutableMapping[str, click.Command]):
    """Commands by their names, in their order, each imported when it is looked at."""

    def __init__(self, lazy: Mapping[str, Lazy]) -> None:
        self.lazy = lazy
        self._loaded: dict[str, click.Command | None] = dict.fromkeys(lazy)

    def __getitem__(self, name: str) -> click.Command:
        command = self._loaded[name]
        if command is None:
            where = self.lazy[name]
            command = getattr(import_module(f"{__package__}.{where.module}"), name)
            assert isinstance(command, click.Command)
            command.short_help = where.short_help
            self._loaded[name] = command
        return command

    def __contains__(self, name: object) -> bool:
        return name in self._loaded

    def __iter__(self) -> Iterator[str]:
        return iter(self._loaded)

    def __len__(self) -> int:
        return len(self._loaded)

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._loaded[name]


class DefaultCommandGroup(click.Group):
    """Takes whatever doesn't begin with a command's name for the arguments of `check`.

    `lazy` says where its commands are: each is an attribute of its name in its module.
    """

    default = "check"
    own_options = frozenset({"--help", "-h", "--version"})

    def __init__(self, *, lazy: Mapping[str, Lazy], **attributes: Any) -> None:
        super().__init__(commands=_Commands(lazy), **attributes)
        self._lazy = lazy

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
        from difflib import get_close_matches

        near = get_close_matches(word.lower(), list(self.commands), 1, 0.6)
        if near and word.isalpha():
            raise UsageError(
                f"{word}: no such command, file or folder.", f"Is `driftcheck {near[0]}` meant?"
            )

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which they were added: the main job first."""
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, which imports none of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, where.short_help) for name, where in self._lazy.items()])
