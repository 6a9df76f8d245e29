"""`init` and `doctor`: is everything ready for a run, and if not, what has to be mended?"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from checker.cli.check import loaded_settings
from checker.cli.exits import show, write_file
from checker.cli.options import run_options
from checker.errors import UsageError

if TYPE_CHECKING:
    from checker.config import Loaded
    from checker.domain.portal import Document, Portal
    from checker.reporting.starter import Flow
    from checker.settings import Settings, Target

NOT_READY = 3


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH...]")
@run_options
def doctor(paths: tuple[str, ...], **options: Any) -> int:
    """Check the config: is the API there, does each token work, what would be skipped and why.

    PATH are the documents, by default this folder. A token is tried at a reading operation, with
    it and without it. Exit status 0: ready; 2: the config or the documents can't be used; 3:
    something has to be mended first.
    """
    from checker import pipeline
    from checker.cli.embedded import embedded
    from checker.cli.running import warn

    loaded = loaded_settings(paths or (".",), options)
    portal = pipeline.load(loaded.settings)
    pipeline.check_readable(portal)
    _show_documents(portal, loaded)
    warn(loaded)
    for sentence in pipeline.unmatched(loaded.settings, portal):
        show(f"  ?      {sentence}")
    if loaded.settings.dry_run:
        return _examined(loaded.settings, portal)
    with embedded(loaded, portal) as ready:
        return _examined(ready, portal)


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH...]")
@click.option(
    "--ci", type=click.Choice(["github", "gitlab"]), help="Write a nightly job for it, too."
)
@click.option("--force", is_flag=True, help="Write over files that are there.")
@run_options
def init(paths: tuple[str, ...], ci: str | None, force: bool, **options: Any) -> int:
    """Look at the documents, try the base URL and each token, and write driftcheck.toml.

    PATH are the documents, by default this folder. What isn't given by options or the environment
    is asked for on a terminal. No value of a token is written. Exit status as for doctor.
    """
    from checker import pipeline
    from checker.cli.running import warn
    from checker.reporting.nightly import PLACES
    from checker.reporting.starter import config_text, flows_in

    paths = paths or (".",)
    loaded = loaded_settings(paths, dict(options))
    config = _place(paths) / "driftcheck.toml"
    files = [config, *([Path(PLACES[ci])] if ci else [])]
    _check_free(files, loaded, force)
    portal = pipeline.load(loaded.settings)
    pipeline.check_readable(portal)
    _show_documents(portal, loaded)
    loaded = _completed(paths, options, loaded, portal)
    warn(loaded)
    status = _examined(loaded.settings, portal)
    if loaded.settings.dry_run:
        return status
    (target,) = loaded.settings.targets[:1]
    open_ = _without_token(loaded, portal)
    flows: dict[str, Flow] = {}
    for document in portal.documents:
        flows |= flows_in(document.raw, target.base_url or "")
    write_file(config, config_text(target, {name: flows.get(name) for name in open_}))
    needed = _write_job(ci, files[1], paths, target, open_) if ci else []
    show(f"Written: {', '.join(str(f) for f in files)}")
    for sentence in needed:
        show(f"For the nightly job: {sentence}.")
    said = " ".join(paths)
    show(f"Next: driftcheck {said} --dry-run (what would be done), then driftcheck {said}")
    return status


def _write_job(
    ci: str, file: Path, paths: Sequence[str], target: Target, open_: Sequence[str]
) -> list[str]:
    """Write the job; what it needs besides."""
    from checker.cli.announcing import is_this_machine
    from checker.cli.origin import installed_from
    from checker.reporting.nightly import Job, job_text, needed

    starts = is_this_machine(target.base_url or "")
    tokens = [name for name, token in target.tokens.items() if not token.also]
    job = Job(paths, [*tokens, *open_], installed_from(), starts)
    write_file(file, job_text(ci, job))
    return needed(job)


def _examined(settings: Settings, portal: Portal) -> int:
    """Show how it stands with each target; the exit status."""
    from checker.pipeline.checkup import examine
    from checker.reporting.checkup import render_checkup

    found = examine(settings, portal)
    for target in found:
        for line in render_checkup(target):
            show(line)
    sent = sum(target.sent for target in found)
    show(f"{_number(sent, 'request')} sent." if sent else "Nothing was sent.")
    return NOT_READY if any(target.wrong for target in found) else 0


def _show_documents(portal: Portal, loaded: Loaded) -> None:
    count = sum(len(d.operations) for d in portal.documents)
    show(f"{_number(count, 'operation')} in {_number(len(portal.documents), 'document')}.")
    if loaded.config is not None:
        show(f"Config: {loaded.config}")
    for document in portal.documents:
        fatal = next((p for p in document.problems if p.fatal), None)
        if fatal is not None:
            where = f"{fatal.location.file}:{fatal.location.line}"
            show(f"  WRONG  {where}: {fatal.message}")


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _place(paths: Sequence[str]) -> Path:
    """Where a config is found again: here, where the documents are below, else beside them."""
    here, first = Path.cwd(), Path(paths[0]).absolute()
    if all(Path(p).absolute().is_relative_to(here) for p in paths):
        return Path()
    return first if first.is_dir() else first.parent


def _check_free(files: Sequence[Path], loaded: Loaded, force: bool) -> None:
    if force:
        return
    if loaded.config is not None:
        raise UsageError(
            f"{loaded.config}: is there already.",
            "`driftcheck doctor` checks it; --force writes it anew.",
        )
    for file in files:
        if file.exists():
            raise UsageError(f"{file}: is there already.", "--force writes over it.")


def _asked_base_url(portal: Portal, asks: bool) -> str:
    """The base URL that the user types; the one that the documents name is offered."""
    named = next((a for d in portal.documents if (a := _named_address(d))), "")
    if not asks:
        hint = f" The documents name {named}." if named else ""
        raise UsageError(
            "No base URL: nothing says where the API is.", f"Give --base-url URL.{hint}"
        )
    return str(click.prompt("Base URL of the API", default=named or None, err=True))


def _completed(
    paths: Sequence[str], options: Mapping[str, Any], loaded: Loaded, portal: Portal
) -> Loaded:
    """The settings with a base URL and the tokens that there are; asks on a terminal."""
    target, more = loaded.settings.targets[0], dict(options)
    asks = _asks()
    if not target.base_url:
        more["base_url"] = _asked_base_url(portal, asks)
    tokens = list(more.get("token") or ())
    for name in _without_token(loaded, portal) if asks else ():
        words = f"Token for {name} (empty: none yet)"
        value = click.prompt(words, default="", hide_input=True, show_default=False, err=True)
        if value:
            tokens.append(f"{name}={value}")
    if not asks:
        return loaded
    return loaded_settings(tuple(paths), {**more, "token": tuple(tokens)})


def _asks() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _without_token(loaded: Loaded, portal: Portal) -> list[str]:
    """The documented schemes that no token is for."""
    from checker.planning.credentials import scheme_for, schemes_of

    schemes = schemes_of(portal.operations())
    held = [scheme_for(t, schemes) for t in loaded.settings.targets[0].tokens]
    meant = {scheme.name for scheme in held if scheme is not None}
    return [s.name for s in schemes.values() if s.name not in meant]


def _named_address(document: Document) -> str:
    """The host that a document names, without its path: that is the document's to say."""
    from urllib.parse import urlsplit

    raw = document.raw
    if isinstance(raw.get("host"), str):
        schemes = raw.get("schemes")
        first = schemes[0] if isinstance(schemes, list) and schemes else "https"
        return f"{first}://{raw['host']}"
    servers = raw.get("servers")
    first = servers[0] if isinstance(servers, list) and servers else {}
    parts = urlsplit(str(first.get("url", ""))) if isinstance(first, Mapping) else urlsplit("")
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme and parts.netloc else ""
