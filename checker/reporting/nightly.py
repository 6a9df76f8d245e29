"""The nightly job of a CI, as text. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from checker.reporting.formats import file_name
from checker.settings import token_variable

PLACES: Mapping[str, str] = {
    "github": ".github/workflows/driftcheck.yml",
    "gitlab": ".gitlab-ci.driftcheck.yml",
}
"""Where the job of each CI goes."""
HISTORY = ".driftcheck/history.sqlite"
ORIGIN = "CHECKER_URL"
"""The variable with the address that this program is cloned from, where that isn't known."""
START = "The config names an API on the machine that checks it: start it here."
_CACHE = f"""path: {HISTORY}
key: driftcheck-${{{{ github.run_id }}}}
restore-keys: driftcheck-"""
_WRITTEN = "always() && hashFiles('reports/report.md') != ''"


@dataclass(frozen=True, slots=True)
class Job:
    """What a job checks: documents, with tokens of these types; `source` is what pip installs this
    program from ("" where nobody knows), `starts` whether the job has to start the API."""

    paths: Sequence[str]
    tokens: Sequence[str] = ()
    source: str = ""
    starts: bool = False

    @property
    def variables(self) -> list[str]:
        """The variables that hold the tokens."""
        return [token_variable(name) for name in self.tokens]

    @property
    def install(self) -> str:
        """The command that installs this program."""
        source = shlex.quote(self.source) if self.source else f'"git+${ORIGIN}"'
        return f"pip install {source}"

    def check(self, formats: str) -> str:
        """The command that checks."""
        options = f"--yes --history {HISTORY} --format {formats}"
        return f"driftcheck {shlex.join(self.paths)} {options}"


def job_text(ci: str, job: Job) -> str:
    """The file of PLACES for a CI."""
    return _TEXTS[ci](job)


def needed(job: Job) -> list[str]:
    """What has to be done by hand before the job can run, as sentences."""
    lines = []
    if job.starts:
        lines.append("start the API at the marked line, or give the config a base_url it reaches")
    if job.variables:
        lines.append(f"give it the secret{'s' * (len(job.variables) > 1)} {_and(job.variables)}")
    if not job.source:
        lines.append(f"set the variable {ORIGIN} to the address that driftcheck is cloned from")
    return lines


def _and(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _github(job: Job) -> str:
    origin = {} if job.source else {ORIGIN: f"${{{{ vars.{ORIGIN} }}}}"}
    secrets = {name: f"${{{{ secrets.{name} }}}}" for name in job.variables}
    steps = [
        "- uses: actions/checkout@v4",
        '- uses: actions/setup-python@v5\n  with:\n    python-version: "3.12"',
        _run(job.install, origin),
        _uses("actions/cache/restore@v4", _CACHE),
        *([f"# {START}"] if job.starts else []),
        _run(job.check("md,json,html,github"), secrets),
        # A plain cache step keeps nothing of a job that fails, and new findings fail it.
        _uses("actions/cache/save@v4", _CACHE.rpartition("\n")[0], "always()"),
        _run('cat reports/report.md >> "$GITHUB_STEP_SUMMARY"', when=_WRITTEN),
        _uses("actions/upload-artifact@v4", "name: driftcheck\npath: reports/", "always()"),
    ]
    return "\n".join(
        [
            "name: driftcheck",
            "on:",
            "  schedule:",
            '    - cron: "17 3 * * *"',
            "  workflow_dispatch: {}",
            "jobs:",
            "  driftcheck:",
            "    runs-on: ubuntu-latest",
            "    concurrency: driftcheck # two runs at a time would disturb each other",
            "    steps:",
            *(_indented(step, 6) for step in steps),
            "",
        ]
    )


def _run(command: str, variables: Mapping[str, str] | None = None, when: str = "") -> str:
    lines = [f"- run: |\n    {command}", *([f"  if: {when}"] if when else [])]
    if variables:
        lines += ["  env:", *(f"    {name}: {value}" for name, value in variables.items())]
    return "\n".join(lines)


def _uses(action: str, given: str, when: str = "") -> str:
    lines = [f"- uses: {action}", *([f"  if: {when}"] if when else []), "  with:"]
    return "\n".join([*lines, _indented(given, 4)])


def _indented(text: str, columns: int) -> str:
    return "\n".join(" " * columns + line for line in text.splitlines())


def _gitlab(job: Job) -> str:
    origin = [] if job.source else [f"{ORIGIN} (the address that driftcheck is cloned from)"]
    listed = [*origin, *job.variables]
    return "\n".join(
        [
            *([f"# Variables of the project: {', '.join(listed)}."] if listed else []),
            "# Include this file in .gitlab-ci.yml and add a pipeline schedule.",
            "driftcheck:",
            '  image: "python:3.12"',
            "  resource_group: driftcheck # two runs at a time would disturb each other",
            "  rules:",
            '    - if: $CI_PIPELINE_SOURCE == "schedule"',
            "  cache:",
            "    key: driftcheck",
            "    when: always",
            "    paths: [.driftcheck/]",
            "  script:",
            f"    - |\n      {job.install}",
            *([f"    # {START}"] if job.starts else []),
            f"    - |\n      {job.check('md,json,html,junit,gitlab')}",
            "  artifacts:",
            "    when: always",
            "    paths: [reports/]",
            "    reports:",
            f"      junit: reports/{file_name('junit')}",
            f"      codequality: reports/{file_name('gitlab')}",
            "",
        ]
    )


_TEXTS: Mapping[str, Callable[[Job], str]] = {"github": _github, "gitlab": _gitlab}
