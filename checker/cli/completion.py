"""`completion`: what makes a shell complete commands and options."""

from __future__ import annotations

import click

VARIABLE = "_DRIFTCHECK_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> int:
    """Print a shell's completion script.

    For bash: eval "$(driftcheck completion bash)" in ~/.bashrc; likewise in ~/.zshrc. For fish:
    driftcheck completion fish > ~/.config/fish/completions/driftcheck.fish
    """
    from click.shell_completion import get_completion_class

    from checker.cli.exits import show

    found = get_completion_class(shell)
    assert found is not None
    show(found(context.find_root().command, {}, "driftcheck", VARIABLE).source())
    return 0
