"""Runs go into a database and come back, from a file as from a URL."""

from __future__ import annotations

import sqlite3
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from report_samples import make_finding, make_result

from checker.domain.history import PastRun
from checker.domain.run import RunResult
from checker.errors import DriftcheckError
from checker.history.remembering import past_run
from checker.history.store import Store
from checker.settings import Settings

DOMAINS = {"POST /things": "shop"}


@pytest.fixture(params=["file", "url"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    path = tmp_path / "history.sqlite"
    return Store(str(path) if request.param == "file" else f"sqlite:///{path}")


def kept(store: Store, result: RunResult) -> PastRun:
    run = past_run(result, store.runs(), Settings(), DOMAINS, lambda text: text)
    store.add(run)
    return run


def later(result: RunResult, days: int = 1) -> RunResult:
    step = timedelta(days=days)
    return result.with_(started_at=result.started_at + step, finished_at=result.finished_at + step)


def test_a_run_comes_back_as_it_was(store: Store) -> None:
    run = kept(store, make_result())
    assert store.runs() == (run,)
    assert store.runs(run.series) == (run,) and store.runs("another") == ()
    assert {s.domain for s in run.findings if s.operation == "POST /things"} == {"shop"}


def test_the_same_run_is_kept_once(store: Store) -> None:
    kept(store, make_result())
    kept(store, make_result())
    assert len(store.runs()) == 1


def test_what_an_examined_operation_has_no_more_is_gone_and_only_then(store: Store) -> None:
    first = make_result()
    kept(store, first)
    examined = {str(o.operation) for o in first.operations if o.status == "probed"}
    run = kept(store, later(first.with_(findings=())))
    gone = {s.operation for s in run.findings}
    assert gone and gone <= examined | {""}
    assert all(s.state == "gone" for s in run.findings)
    # What is gone is not gone again.
    assert not kept(store, later(first.with_(findings=()), 2)).findings


def test_a_failed_run_takes_nothing_away(store: Store) -> None:
    kept(store, make_result())
    failed = later(make_result(findings=(), status="failed", error="no answer"))
    assert not kept(store, failed).findings


def test_secrets_are_masked_and_long_texts_cut(store: Store) -> None:
    finding = make_finding(issue="s3cret " + "x" * 10_000, operation="GET /s3cret/" + "y" * 2_000)
    result = make_result(findings=(finding,))
    run = past_run(result, (), Settings(), {}, lambda text: text.replace("s3cret", "***"))
    store.add(run)
    (seen,) = store.runs()[0].findings
    assert "s3cret" not in seen.issue + seen.operation
    assert len(seen.issue) <= 4_000 and len(seen.operation) <= 600


def test_decisions_are_kept_and_taken_back(store: Store) -> None:
    assert store.queue() == {}
    store.decide("f1", "done", "it's mended")
    store.decide("f1", "skip", "later")
    assert store.queue()["f1"][:2] == ("skip", "later")
    store.decide("f1", "")
    assert store.queue() == {}


def test_writers_wait_for_each_other(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "history.sqlite"))
    failures: list[BaseException] = []

    def write(number: int) -> None:
        try:
            kept(store, later(make_result(), number))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures and len(store.runs()) == 6


def test_reading_makes_no_file(tmp_path: Path) -> None:
    assert Store(str(tmp_path / "none.sqlite")).runs() == ()
    assert not list(tmp_path.iterdir())


def refused(store: Store, word: str) -> None:
    with pytest.raises(DriftcheckError) as told:
        kept(store, make_result())
    assert word in told.value.message and told.value.mend
    assert "\n" not in told.value.message and "pa55" not in str(told.value)


def test_what_is_no_history_is_told_in_a_sentence(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("no database\n" * 100)
    refused(Store(str(other)), "not a database")
    assert other.read_text().startswith("no database")
    refused(Store(str(tmp_path)), "can't be used")
    refused(Store("nonsense://me:pa55@host/x"), "can't be used")
    refused(Store(f"sqlite:///{tmp_path}/no/such/folder.sqlite"), "can't be used")


def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    refused(Store(str(tmp_path / "link")), "is a link")
    assert not (tmp_path / "elsewhere").exists()


def test_a_history_of_another_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    store = Store(str(path))
    store.decide("f1", "done")
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE driftcheck_version SET version = '99'")
    connection.close()
    refused(store, "version 99")
