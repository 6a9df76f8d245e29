"""What holds for all tests: none of them is about how long something takes, and whoever is done
first takes over from the others: the longest ones stand together."""

import json
import os
import signal
import tempfile
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import settings
from main_job import run_of_the_sandbox

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


LONGEST = (
    "test_sandbox_live.py",
    "test_example_report.py",
    "test_fix_and_replay.py",
    "test_live.py",
    "test_nights_on_the_sandbox.py",
    "test_pdns.py",
)
"""Files of tests that run whole APIs through."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each worker begins with its part of the longest ones: what is left for the end is short."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    longest = [item for item in items if item.path.name in LONGEST]
    others = [item for item in items if item.path.name not in LONGEST]
    share, ordered = len(items) / workers, list[pytest.Item]()
    for worker in range(workers):
        ordered += longest[worker::workers]
        taken = max(0, round(share * (worker + 1)) - len(ordered))
        ordered += others[:taken]
        others = others[taken:]
    items[:] = [*ordered, *others]


@pytest.fixture(scope="session")
def main_job(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The report of `driftcheck swagger/`, which ended with findings: one run for all tests that
    ask what it finds, in whatever process they are."""
    folder = tmp_path_factory.getbasetemp()
    folder = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    with FileLock(folder / "main-job.lock"):
        report = folder / "main-job" / "report.json"
        if not report.exists():
            run_of_the_sandbox(report.parent)
        found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return found


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Tests are handed on by work stealing, however many workers there are."""
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log)


def pytest_configure(config: pytest.Config) -> None:
    """Programs that tests start share their bytecode, and hear signals, even where this one was
    started with some ignored (in the background, with nohup)."""
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        # Else each would compile all anew, for seconds; nothing is left of it beside the sources.
        folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        config.add_cleanup(folder.cleanup)
        os.environ["PYTHONPYCACHEPREFIX"] = folder.name
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
