"""What was borrowed when a run ends early: given back, or told."""

from __future__ import annotations

import json
import signal

import pytest
from checker_process import Held, Place, ended
from keeping_shop import SETTINGS, settings_path

BORROW = ("--borrow", "--operation", "PUT /settings")
TOLD = "PUT /settings: /settings was borrowed and may have been changed"


@pytest.fixture
def lending(place: Place) -> Place:
    path = place.folder / "shop.json"
    document = json.loads(path.read_text())
    document["paths"]["/settings"] = settings_path()
    path.write_text(json.dumps(document))
    return place


def changed(place: Place) -> Held:
    """Holds the next request after a probe has changed the settings."""
    held = Held(place.shop, "PUT", 0, status=None)
    hold = place.shop.before

    def once_changed(line: str) -> int | None:
        if line.startswith("PUT /settings") and place.shop.settings != SETTINGS:
            held._left = 1
        hold(line)
        return None

    place.shop.before = once_changed
    return held


def test_a_run_that_ends_by_itself_leaves_no_loan(lending: Place) -> None:
    status, _, err = lending.whole(*BORROW)
    assert status == 0, err
    assert lending.shop.settings == SETTINGS
    assert lending.report()["run"]["cleanup"] == []
    status, out, _ = lending.cleanup()
    assert status == 0 and "nothing is left" in out


def test_a_signal_waits_until_it_is_given_back(lending: Place) -> None:
    held = changed(lending)
    process = lending.check(*BORROW)
    held.wait()
    assert lending.shop.settings != SETTINGS
    process.send_signal(signal.SIGTERM)
    held.released.set()
    status, _, _ = ended(process)
    assert status == 130 and lending.shop.settings == SETTINGS
    assert lending.report()["run"]["cleanup"] == []
    status, out, _ = lending.cleanup()
    assert status == 0 and "nothing is left" in out


def test_a_second_signal_leaves_it_and_tells(lending: Place) -> None:
    held = changed(lending)
    process = lending.check(*BORROW)
    held.wait()
    process.send_signal(signal.SIGTERM)
    back = Held(lending.shop, "PUT /settings", 1, status=500)
    held.released.set()
    back.wait()
    process.send_signal(signal.SIGTERM)
    status, _, _ = ended(process)
    back.released.set()
    assert status == 130
    (line,) = lending.report()["run"]["cleanup"]
    assert line.startswith(TOLD)
    status, out, _ = lending.cleanup()
    assert status == 3 and TOLD in out


@pytest.mark.parametrize("first", [True, False])
def test_after_a_kill_it_is_told_once(lending: Place, first: bool) -> None:
    """From before it is written to for the first time."""
    held = Held(lending.shop, "PUT /settings", 1) if first else changed(lending)
    process = lending.check(*BORROW)
    held.wait()
    process.kill()
    process.communicate()
    held.released.set()
    lending.shop.before = lambda _: None
    lending.run("report", "--from-journal", "reports", "--format", "json")
    assert any(TOLD in line for line in lending.report()["run"]["cleanup"])
    asked = lending.shop.count
    status, out, _ = lending.cleanup()
    assert status == 3 and TOLD in out and "write it back by hand" in out
    assert not [line for line in lending.shop.log[asked:] if not line.startswith("GET")]
    status, out, _ = lending.cleanup()
    assert status == 0 and "nothing is left" in out


def test_a_run_that_goes_on_tells_it_too(lending: Place) -> None:
    held = changed(lending)
    process = lending.check(*BORROW)
    held.wait()
    process.kill()
    process.communicate()
    held.released.set()
    lending.shop.before = lambda _: None
    _, _, err = lending.whole(*BORROW, "--resume")
    assert f"--resume: {TOLD}" in err
    assert any(TOLD in line for line in lending.report()["run"]["cleanup"])
    # The second loan was given back, to what the first one had left.
    status, out, _ = lending.cleanup()
    assert status == 3 and out.count(TOLD) == 1
