"""The command line: options, exit status, prints and writes. Heavy imports wait for a command."""

from __future__ import annotations

import os
import sys
from contextlib import redirect_stderr

import click

from checker import __version__
from checker.cli.check import check, replay
from checker.cli.cleaning import cleanup
from checker.cli.completion import completion
from checker.cli.documents import diff, rules, sandbox
from checker.cli.exits import begin, tell
from checker.cli.fixing import fix
from checker.cli.group import DefaultCommandGroup
from checker.cli.history import history
from checker.cli.preparing import doctor, init
from checker.cli.reports import baseline, report
from checker.cli.serve import serve
from checker.cli.words import words
from checker.cli.workflows import workflows
from checker.errors import DriftcheckError
from checker.redaction import MaskedStream, Secrets, print_traceback

INTERRUPTED = 130


@click.group(
    cls=DefaultCommandGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit status: 0 nothing found, 1 drift found, 2 wrong usage or document, "
    "3 the run couldn't be completed or examined too little, 130 interrupted.",
)
@click.version_option(__version__, prog_name="driftcheck")
def cli() -> None:
    """Finds, by controlled experiment, where an API's Swagger is wrong.

    `driftcheck PATH...` is the same as `driftcheck check PATH...`.
    """


for _command in (
    check,
    init,
    doctor,
    diff,
    fix,
    replay,
    report,
    cleanup,
    baseline,
    history,
    serve,
    workflows,
    sandbox,
    rules,
    words,
    completion,
):
    cli.add_command(_command)


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
    secrets = begin(arguments, os.environ)
    # Warnings, log lines and a progress bar write to stderr by themselves.
    with redirect_stderr(MaskedStream(sys.stderr, secrets)):
        return _run(arguments, secrets)


def _run(arguments: list[str], secrets: Secrets) -> int:
    debug = "--debug" in arguments or bool(os.environ.get("DRIFTCHECK_DEBUG"))
    try:
        status = cli.main(arguments, prog_name="driftcheck", standalone_mode=False)
        return status if isinstance(status, int) else 0
    except click.ClickException as error:
        _say(error.format_message(), _help_for(error))
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        if debug:
            print_traceback(secrets)
        _say("interrupted.")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of stdout has gone: nothing to tell it any more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except DriftcheckError as error:
        if debug:
            print_traceback(secrets)
        _say(error.message, error.mend)
        return error.exit_status
    except OSError as error:
        # A full disk behind stdout, a folder that has gone: nothing is wrong with the checker.
        if debug:
            print_traceback(secrets)
        _say(f"{error.filename or 'the output'}: {error.strerror or error}.")
        return 3
    except Exception as error:
        if debug:
            print_traceback(secrets)
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
