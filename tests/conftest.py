"""What holds for all tests: none of them is about how long something takes, and whoever is done
first takes over from the others: the longest ones stand together."""

from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Tests are handed on by work stealing, however many workers there are."""
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log)
