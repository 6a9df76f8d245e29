"""The report formats by name. Modules are imported when a format is asked for."""

from __future__ import annotations

import importlib

from checker.domain.run import RunResult

# name → (module, file name in the output folder)
FORMATS = {
    "md": ("markdown", "report.md"),
    "json": ("json_report", "report.json"),
    "sarif": ("sarif", "report.sarif"),
    "junit": ("junit", "report.junit.xml"),
    "html": ("html", "report.html"),
    "github": ("github", "report.github.txt"),
    "gitlab": ("gitlab", "report.gitlab.json"),
    "comment": ("comment", "report.comment.md"),
}


def render(name: str, result: RunResult) -> str:
    """The report in the format `name`, a key of FORMATS."""
    module = importlib.import_module(f"checker.reporting.{FORMATS[name][0]}")
    text: str = module.render(result)
    return text


def render_alone(name: str, result: RunResult) -> str:
    """The same, where nothing lies beside it that it could lead to."""
    if name != "md":
        return render(name, result)
    from checker.reporting.markdown import render as page

    return page(result, alone=True)


def file_name(name: str) -> str:
    """The name of the format's file."""
    return FORMATS[name][1]
