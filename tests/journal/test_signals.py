"""Signals: the run stops, its things are removed, its report is written, 130."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest
from checker_process import Held, Place, ended
from patience import PATIENCE_S

from checker.domain.exchange import Exchange, Request, Response
from checker.pipeline.ending import Ending


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_ends_the_run_gently(place: Place, name: str) -> None:
    held = Held(place.shop, "POST /items", 10, status=None)
    process = place.check()
    held.wait()
    assert place.shop.left >= 2
    process.send_signal(getattr(signal, name))
    held.released.set()
    status, _, err = ended(process)
    assert status == 130 and "Interrupted." in err
    report = place.report()
    assert report["run"]["status"] == "interrupted"
    assert place.shop.left == 0 and report["run"]["cleanup"] == []


def test_a_second_signal_skips_the_clean_up(place: Place) -> None:
    held = Held(place.shop, "POST /items", 10)
    process = place.check()
    held.wait()
    process.send_signal(signal.SIGTERM)
    deletion = Held(place.shop, "DELETE", 1, status=500)
    held.released.set()
    deletion.wait()
    process.send_signal(signal.SIGTERM)
    status, _, _ = ended(process)
    deletion.released.set()
    assert status == 130
    lines = place.report()["run"]["cleanup"]
    assert lines and all("a second signal ended the clean-up" in line for line in lines)
    assert place.shop.left >= 2
    place.cleanup()
    assert place.shop.left == 0


def test_what_the_caller_ignores_stays_ignored(place: Place) -> None:
    held = Held(place.shop, "POST /items", 10)
    process = place.check(script="import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)")
    held.wait()
    process.send_signal(signal.SIGHUP)
    held.released.set()
    status, _, _ = ended(process)
    assert status == 1 and place.report()["run"]["status"] == "complete"


LOADING = """
import checker.pipeline
module = sys.modules["checker.pipeline.preparation"]
def slow(*_, **__):
    print("loading", flush=True)
    sys.stdin.readline()
module.load_portal = slow
"""
WRITING = """
import checker.reporting.markdown as module
render = module.render
def slow(*arguments):
    print("writing", flush=True)
    sys.stdin.readline()
    return render(*arguments)
module.render = slow
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_documents_are_loaded(place: Place, number: signal.Signals) -> None:
    process = place.check(script=LOADING)
    assert process.stdout is not None and process.stdout.readline() == "loading\n"
    process.send_signal(number)
    status, _, err = ended(process)
    assert status == 130 and err.splitlines()[-1] == "driftcheck: interrupted."
    assert place.shop.count == 0


def test_a_signal_while_reports_are_written(place: Place) -> None:
    process = place.check(script=WRITING)
    assert process.stdout is not None and process.stdout.readline() == "writing\n"
    process.send_signal(signal.SIGTERM)
    assert process.stdin is not None
    process.stdin.write("\n")
    status, _, _ = ended(process)
    assert status == 130
    assert {"report.md", "report.json"} <= {p.name for p in Path(place.folder, "reports").iterdir()}


def test_two_signals_while_reports_are_written(place: Place) -> None:
    process = place.check(script=WRITING)
    assert process.stdout is not None and process.stdout.readline() == "writing\n"
    process.send_signal(signal.SIGTERM)
    # Two of a kind that are pending at once are one: another kind isn't.
    process.send_signal(signal.SIGINT)
    status, _, err = ended(process)
    assert status == 130 and "interrupted." in err
    status, _, _ = place.run("report", "--from-journal", "reports")
    assert status == 0 and place.report()["run"]["status"] == "complete"


def answered(request: Request) -> Exchange:
    return Exchange(request, Response(201), 1)


def test_what_is_on_its_way_is_answered_before_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checker.pipeline.ending.ANSWER_S", PATIENCE_S)

    async def scene() -> list[str]:
        said: list[str] = []
        arrived, answer = asyncio.Event(), asyncio.Event()
        creating = Request("POST", "/items")

        async def run() -> None:
            end.sending(1, creating)
            arrived.set()
            await answer.wait()
            said.append("answered")
            end.answered(answered(creating))
            await asyncio.sleep(PATIENCE_S)

        end = Ending()
        task = asyncio.ensure_future(run())
        end.begin(task)
        await arrived.wait()
        end.ask()
        await asyncio.sleep(0)
        assert not task.cancelled()
        with pytest.raises(asyncio.CancelledError):
            end.sending(2, Request("GET", "/items"))
        end.answered(answered(Request("GET", "/other")))
        await asyncio.sleep(0)
        assert not task.cancelling()
        answer.set()
        await asyncio.wait([task], timeout=PATIENCE_S)
        assert task.cancelled()
        return said

    assert asyncio.run(scene()) == ["answered"]


def test_a_signal_in_the_clean_up_sets_its_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checker.pipeline.ending.CLEAN_UP_S", 0.0)

    async def scene() -> bool:
        end = Ending()

        async def run() -> bool:
            try:
                async with asyncio.timeout(None) as limit:
                    with end.cleaning(limit):
                        end.ask()
                        # What the clean-up asks beside its own requests isn't held back.
                        end.sending(1, Request("GET", "/"))
                        await asyncio.sleep(PATIENCE_S)
            except TimeoutError:
                return True
            return False

        task = asyncio.ensure_future(run())
        end.begin(task)
        return await task

    assert asyncio.run(scene())
