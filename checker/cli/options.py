"""The options of `check`, declared once; `replay` takes them too."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

import click

from checker.errors import UsageError

Function = TypeVar("Function", bound=Callable[..., Any])


def _text(name: str, metavar: str, text: str, *, many: bool = False) -> Callable[..., Any]:
    return click.option(name, metavar=metavar, help=text, multiple=many, default=None)


def _flag(name: str, text: str) -> Callable[..., Any]:
    return click.option(name, is_flag=True, default=None, help=text)


_OPTIONS = (
    _text(
        "--base-url",
        "URL",
        "Where the API is; needed, but for documents that name the embedded sandbox.",
    ),
    _flag("--sandbox", "Check against the embedded sandbox."),
    _text("--fallback-url", "URL", "Second base URL for operations that need it."),
    _text(
        "--token",
        "TYPE=VALUE",
        "A credential; better DRIFTCHECK_TOKEN_<TYPE> in the environment. Repeatable.",
        many=True,
    ),
    _text("--header", "'N: V'", "A header of each request; a secret. Repeatable.", many=True),
    _text("--proxy", "URL", "The proxy to go through, instead of the environment's."),
    _text("--unix-socket", "PATH", "The socket that the API listens on."),
    _text("--cacert", "FILE", "Authorities to trust beside the system's."),
    _text("--cert", "FILE", "The client certificate."),
    _text("--key", "FILE", "Its key, where the certificate's file hasn't it."),
    _flag("--insecure", "Take any certificate of the server."),
    _text(
        "--var",
        "NAME=VALUE",
        "A variable for workflow records and path parameters. Repeatable.",
        many=True,
    ),
    click.option(
        "--config",
        metavar="FILE",
        type=click.Path(exists=True, dir_okay=False),
        help="Instead of driftcheck.toml beside the documents or above.",
    ),
    _text("--workflows", "DIR", "Workflow records outside PATH. Repeatable.", many=True),
    _text("--ref-map", "URL=DIR", "Read remote $refs under URL from DIR. Repeatable.", many=True),
    _flag("--remote-refs", "Fetch remote $refs; a dry run doesn't."),
    _text("--har", "FILE", "Recorded traffic as a source of requests. Repeatable.", many=True),
    _text("--setup", "FILE", "A workflow record that makes a fresh account."),
    _text("--webhook-url", "URL", "Public address of the webhook listener."),
    _text("--legacy", "GLOB", "Documents that are legacy ones. Repeatable.", many=True),
    _text("--operation", "'METHOD /path'", "Only these operations; globs.", many=True),
    _text("--domain", "D", "Only these domains; globs.", many=True),
    _text("--tag", "T", "Only operations with these tags; globs.", many=True),
    _text("--since", "REV", "Only operations whose documents changed since this git revision."),
    _text("--rule", "ID", "Only these rules; globs.", many=True),
    _text("--severity", "LEVEL", "Only findings as bad at least: critical, major or minor."),
    _text("--ignore", "ID", "Without these rules (globs) or fingerprints.", many=True),
    _text("--max-requests", "N", "Requests at most.  [default: 150 an operation, 5000 or more]"),
    _text("--rate", "N/s", "Requests in a time at most: 5/s, 100/min."),
    _text("--concurrency", "N", "Requests at once.  [default: 4]"),
    _text("--timeout", "S", "Seconds to wait for an answer.  [default: 10]"),
    _text("--max-retry-wait", "S", "Wait so long at most for Retry-After.  [default: 30]"),
    _text("--seed", "N", "Choice of values and order.  [default: 0]"),
    _flag("--read-only", "Send GET, HEAD and OPTIONS only."),
    _flag("--allow-destructive", "Examine deletions too, of what the run itself has made."),
    _text("--allow", "GLOB", "Send these operations whatever they do. Repeatable.", many=True),
    _text("--deny", "GLOB", "Never send these operations. Repeatable.", many=True),
    _flag("--test-system", "Nothing the target does reaches people or money outside."),
    _text("--effects", "LIST", "unknown: send what nothing says the effect of.", many=True),
    _flag("--borrow", "Change what was there, too, and write it back."),
    _text("--max-created", "N", "Things of a collection made at a time.  [default: 200]"),
    _flag("--yes", "Send to a host that isn't this machine without asking the first time."),
    _flag("--dry-run", "Print the plan, send nothing."),
    _flag("--static", "Documents only, no API."),
    click.option("--fuzz/--no-fuzz", default=None, help="Fuzz reachable operations.  [on]"),
    _text("--fail-on", "LEVEL", "critical, major, minor or never.  [default: major]"),
    _flag("--fail-on-tentative", "Count tentative findings too."),
    _text("--baseline", "FILE", "Known findings don't fail the run."),
    _text(
        "--min-coverage",
        "PERCENT",
        "Operations to be examined at least, of those that may be sent.  [default: three "
        "quarters of what the baseline's run examined]",
    ),
    _text("--out", "DIR", "Where the reports go; - prints one.  [default: reports]"),
    _text(
        "--format",
        "LIST",
        "md,json,sarif,junit,html,github,gitlab,comment.  [default: md,json]",
        many=True,
    ),
    _text("--shard", "I/N", "This process takes its share of the operations."),
    _text("--dask", "SCHEDULER", "One shard on each worker of a Dask cluster: tcp://host:8786."),
    _text(
        "--balance",
        "REPORT",
        "A report.json whose counts divide the work; the same one for all shards.",
    ),
    _flag("--resume", "Go on with an interrupted run."),
    _text(
        "--history",
        "FILE|URL",
        "Where runs are remembered: a SQLite file, an SQLAlchemy URL, or off.  [default: in "
        "the folder of --out]",
    ),
    _flag("--write-workflows", "Write or refresh the workflow records."),
    click.option(
        "--quiet",
        "-q",
        is_flag=True,
        default=None,
        help="No progress; of the findings their number alone.",
    ),
    click.option(
        "--verbose",
        "-v",
        is_flag=True,
        default=None,
        help="All findings with their fixes, and all that was left.",
    ),
    _flag("--debug", "Show tracebacks."),
)


def run_options(function: Function) -> Function:
    """Adds all options of `check` to a command."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def given(options: dict[str, Any]) -> dict[str, Any]:
    """Those that were on the command line."""
    return {name: value for name, value in options.items() if value is not None and value != ()}


def read_tokens(pairs: tuple[str, ...]) -> dict[str, str]:
    """TYPE=VALUE pairs; no error ever repeats a value."""
    tokens = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip() or not value:
            raise UsageError("--token: must be TYPE=VALUE.")
        tokens[name.strip()] = value
    return tokens


def as_arguments(
    command: click.Command, options: Mapping[str, Any], without: Collection[str]
) -> list[str]:
    """Options of a command as they were given, for another process; those `without` are left."""
    found: list[str] = []
    for parameter in command.params:
        value = options.get(parameter.name or "")
        if not isinstance(parameter, click.Option) or parameter.name in without or value is None:
            continue
        if parameter.is_flag:
            names = parameter.opts if value else parameter.secondary_opts
            found += names[:1]
        else:
            values = value if parameter.multiple else (value,)
            found += [f"{parameter.opts[0]}={one}" for one in values]
    return found
