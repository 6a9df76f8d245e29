"""The pytest plugin: `pytest --driftcheck swagger/` has a test for each documented operation.

All tests share one run of `driftcheck check`; with pytest-xdist its report goes to all workers.
"""

from __future__ import annotations

import shlex
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from checker.testing.checking import Checked

_FOLDER = "driftcheck_folder"
_NO_ANSWER = frozenset({"skipped", "no-witness", "inconclusive"})
"""What became of operations about which a run says nothing."""
RUN, DOCUMENTS = "the run is an answer", "documents"

folder_key = pytest.StashKey[Path]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("driftcheck")
    group.addoption(
        "--driftcheck",
        action="append",
        default=[],
        metavar="PATH",
        help="Check API documents against the live API, a test an operation. Repeatable.",
    )
    group.addoption(
        "--driftcheck-args",
        default=None,
        metavar="OPTIONS",
        help="Options of `driftcheck check`, as on its command line; beside driftcheck.toml.",
    )
    parser.addini("driftcheck_args", "Options of `driftcheck check`.", default="")


def pytest_configure(config: pytest.Config) -> None:
    """A folder for the session: workers get that of the process that started them."""
    if not config.getoption("driftcheck"):
        return
    given = getattr(config, "workerinput", {}).get(_FOLDER)
    config.stash[folder_key] = Path(given or tempfile.mkdtemp(prefix="driftcheck-"))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """To each worker of pytest-xdist."""
    if folder_key in node.config.stash:
        node.workerinput[_FOLDER] = str(node.config.stash[folder_key])


def pytest_unconfigure(config: pytest.Config) -> None:
    if folder_key in config.stash and not hasattr(config, "workerinput"):
        shutil.rmtree(config.stash[folder_key], ignore_errors=True)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Before -k and -m choose among the items."""
    if config.getoption("driftcheck"):
        collector = DriftcheckCollector.from_parent(session, name="driftcheck", nodeid="driftcheck")
        items.extend(collector.collect())


def _arguments(config: pytest.Config) -> list[str]:
    given = config.getoption("driftcheck_args")
    options = config.getini("driftcheck_args") if given is None else given
    return [*config.getoption("driftcheck"), *shlex.split(options)]


class DriftcheckCollector(pytest.Collector):
    """The documented operations that a run would be about: `names`."""

    names: frozenset[str] = frozenset()

    def collect(self) -> Iterator[DriftcheckItem]:
        from checker import pipeline
        from checker.errors import DriftcheckError
        from checker.testing.checking import settings_of

        try:
            plan = pipeline.plan(settings_of(_arguments(self.config)).settings)
        except DriftcheckError as error:
            raise pytest.UsageError(f"--driftcheck: {error}") from None
        self.names = frozenset(str(planned.operation) for planned in plan.operations)
        for name in (RUN, DOCUMENTS, *sorted(self.names)):
            yield DriftcheckItem.from_parent(self, name=name)


class DriftcheckItem(pytest.Item):
    """One operation (or the run, or what is about no single operation) as a test."""

    def __init__(self, **of: Any) -> None:
        super().__init__(**of)
        self.add_marker("driftcheck")

    def runtest(self) -> None:
        from checker.errors import DriftcheckError
        from checker.testing.checking import DriftFound
        from checker.testing.sharing import shared

        try:
            run = shared(_arguments(self.config), self.config.stash[folder_key])
        except DriftcheckError as error:
            raise DriftFound(str(error)) from None
        if self.name == RUN:
            self._judge_run(run)
        else:
            self._judge(run)

    def _judge_run(self, run: Checked) -> None:
        from checker.reporting.summary import why_not
        from checker.testing.checking import DriftFound

        if why_not(run.result) or run.status not in (0, 1):
            raise DriftFound(why_not(run.result) or run.said)

    def _judge(self, run: Checked) -> None:
        from checker.testing.checking import DriftFound, told

        mine = [f for f in run.findings if self._is_mine(f.operation)]
        failing = [f for f in mine if f in run.failing]
        if mine:
            self.add_report_section("call", "driftcheck", told(mine))
        if failing:
            raise DriftFound(told(failing))
        if self.name == DOCUMENTS:
            return
        outcome = next((o for o in run.result.operations if str(o.operation) == self.name), None)
        if outcome is None:
            raise DriftFound(f"{self.name} is not in the report. {run.result.error}".strip())
        if outcome.status in _NO_ANSWER:
            pytest.skip(f"{outcome.status}: {outcome.reason} {outcome.help}".strip())

    def _is_mine(self, operation: str) -> bool:
        """What is about no operation that has a test of its own is the documents'."""
        if self.name == DOCUMENTS:
            assert isinstance(self.parent, DriftcheckCollector)
            return operation not in self.parent.names
        return operation == self.name

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *_: Any) -> Any:
        from checker.testing.checking import DriftFound

        if isinstance(excinfo.value, DriftFound):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, f"driftcheck: {self.name}"


@pytest.fixture
def driftcheck(tmp_path: Path) -> Callable[..., Checked]:
    """Checks an ASGI or WSGI application in process against its documents.

    `driftcheck(app, "docs/openapi.json", "--token", "staff=…").raise_for_drift()`: the
    application, paths, and options of `driftcheck check`. The reports are in `tmp_path`.
    """
    from checker.testing.checking import check_application

    def checking(application: Any, *arguments: str | Path) -> Checked:
        texts = [str(argument) for argument in arguments]
        first = next((n for n, text in enumerate(texts) if text.startswith("-")), len(texts))
        return check_application(
            application, texts[:first], texts[first:], tmp_path / "driftcheck-reports"
        )

    return checking
