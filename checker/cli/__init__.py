"""The command line: options, exit status, prints and writes. Heavy imports wait for a command."""

from __future__ import annotations

import os
import sys
from contextlib import redirect_stderr

import click

from checker import __version__
from checker.cli.exits import begin, known, tell
from checker.cli.group import DefaultCommandGroup, Lazy
from checker.errors import DriftcheckError
from checker.redaction.streams import MaskedStream, print_traceback

INTERRUPTED = 130
COMMANDS = {
    "check": Lazy("check", "Documents against the live API and each other (the default)."),
    "init": Lazy("preparing", "Write a config for documents and an API, after a look at both."),
    "doctor": Lazy("preparing", "Is everything ready for a run? A few harmless requests tell."),
    "diff": Lazy("documents", "Two documents or folders against each other."),
    "fix": Lazy("fixing", "Show the patches of a report as a diff, or apply them."),
    "replay": Lazy("check", "Run one finding's experiment again."),
    "report": Lazy("reports", "Render reports again; several shards become one."),
    "cleanup": Lazy("cleaning", "Remove what a killed run has made and left."),
    "baseline": Lazy("reports", "Write or refresh the baseline of known findings."),
    "history": Lazy("history", "What appeared, vanished and flaps from run to run."),
    "serve": Lazy("serve", "Runs, history and the fix queue in a browser."),
    "workflows": Lazy("workflows", "Check, run, list and export workflow records."),
    "sandbox": Lazy("documents", "Serve the embedded API."),
    "rules": Lazy("documents", "List the rules, or explain one."),
    "words": Lazy("words", "What the lexicon reads in a text."),
    "completion": Lazy("completion", "Print what makes a shell complete commands and options."),
}
"""Each is an attribute of its name in a module beside this one."""


@click.group(
    cls=DefaultCommandGroup,
    lazy=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit status: 0 nothing found, 1 drift found, 2 wrong usage or document, "
    "3 the run couldn't be completed or examined too little, 130 interrupted.",
)
@click.version_option(__version__, prog_name="driftcheck")
def cli() -> None:
    """Finds, by controlled experiment, where an API's Swagger is wrong.

    `driftcheck PATH...` is the same as `driftcheck check PATH...`.
    """


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and exit; `arguments` without the program's name.

    Every expected error is printed in one or two lines; `--debug` adds the traceback.
    """
    from checker.interruption import Interruption

    arguments = sys.argv[1:] if arguments is None else arguments
    with Interruption().listening():
        sys.exit(run(arguments))


def run(arguments: list[str]) -> int:
    """Run the command line; the exit status."""
    begin(arguments, os.environ)
    # Warnings, log lines and a progress bar write to stderr by themselves.
    with redirect_stderr(MaskedStream(sys.stderr, known)):
        return _run(arguments)


def _run(arguments: list[str]) -> int:
    debug = "--debug" in arguments or bool(os.environ.get("DRIFTCHECK_DEBUG"))
    try:
        status = cli.main(arguments, prog_name="driftcheck", standalone_mode=False)
        return status if isinstance(status, int) else 0
    except click.ClickException as error:
        _say(error.format_message(), _help_for(error))
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        if debug:
            print_traceback(known())
        _say("interrupted.")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of stdout has gone: nothing to tell it any more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except DriftcheckError as error:
        if debug:
            print_traceback(known())
        _say(error.message, error.mend)
        return error.exit_status
    except OSError as error:
        # A full disk behind stdout, a folder that has gone: nothing is wrong with the checker.
        if debug:
            print_traceback(known())
        _say(f"{error.filename or 'the output'}: {error.strerror or error}.")
        return 3
    except Exception as error:
        if debug:
            print_traceback(known())
        what = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        _say(f"internal error: {what}", "" if debug else "Run again with --debug to see where.")
        return 3


def _say(message: str, mend: str = "") -> None:
    tell(f"driftcheck: {message}")
    if mend:
        tell(mend, indent="  ")


def _help_for(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f"See {context.command_path} --help." if context is not None else ""


__all__ = ["cli", "main", "run"]
