"""`check --dask`: the shards of a run on the processes of a cluster."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from checker_process import Place, ended
from keeping_shop import TOKEN, Shop, document, open_shop

from checker.cli import run
from checker.cli.clustered import Job, _job
from checker.settings import Settings

OPTIONS = ("--no-fuzz", "--operation", "POST /items", "--operation", "POST /boxes")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DRIFTCHECK_TOKEN_STAFF", TOKEN)
    (tmp_path / "shop.json").write_text(json.dumps(document()))
    with open_shop() as shop:
        yield shop


def told(out: str) -> tuple[set[str], set[str], int]:
    """Fingerprints, operations with what became of them, and requests of a report."""
    report = json.loads(Path(out, "report.json").read_text())
    operations = {f"{o['method']} {o['path']} {o['status']}" for o in report["operations"]}
    fingerprints = {f["fingerprint"] for f in report["findings"]}
    return fingerprints, operations, report["run"]["requests_sent"]


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """The address of a cluster of two processes."""
    distributed = pytest.importorskip("distributed", reason="dask isn't installed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", silence_logs=50
    ) as cluster:
        yield cluster.scheduler_address


def test_a_cluster_finds_what_one_process_finds(shop: Shop, scheduler: str) -> None:
    check = ("shop.json", "--base-url", shop.url, *OPTIONS)
    assert run([*check, "--out", "one"]) == 1
    status = run([*check, "--out", "many", "--dask", scheduler])
    one, many = told("one"), told("many")
    assert status == 1 and many[:2] == one[:2]
    shards = [told(str(path)) for path in sorted(Path("many/shards").iterdir())]
    assert len(shards) == 2 and all(operations for _, operations, _ in shards)
    assert many[2] == sum(requests for *_, requests in shards)
    assert shop.left == 0


def test_ctrl_c_ends_all_shards_gently(scheduler: str, tmp_path: Path) -> None:
    """In a shop that takes its time once each shard has made something: no shard is done before
    it is told to stop."""
    with open_shop() as shop:

        def slowly(_: str) -> None:
            if shop.made >= 2:
                time.sleep(0.1)

        shop.before = slowly
        place = Place(tmp_path, shop)
        process = place.check("--dask", scheduler)
        shop.wait(lambda: all(shop.kept.values()))
        process.send_signal(signal.SIGINT)
        status, _, err = ended(process)
        assert status == 130 and "Interrupted." in err
        assert shop.left == 0
    report = place.report()
    assert report["run"]["status"] == "interrupted" and report["run"]["requests_sent"] > 0
    assert report["run"]["cleanup"] == []
    assert {o["path"] for o in report["operations"]} >= {"/items", "/boxes"}


def test_the_shards_together_keep_the_bounds() -> None:
    settings = Settings(rate=10.0, concurrency=4, max_requests=100)
    jobs = [_job(settings, ["docs"], n, 4, "stop") for n in range(1, 5)]
    assert [job.arguments[2] for job in jobs] == [f"--shard={n}/4" for n in range(1, 5)]
    for job in jobs:
        assert {"--concurrency=1", "--rate=150.000000/min", "--max-requests=25"} <= {*job.arguments}
    assert len({job.out for job in jobs}) == 4


def test_what_is_shown_of_a_job_has_no_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIFTCHECK_TOKEN_STAFF", TOKEN)
    job: Job = _job(Settings(), ["docs"], 1, 2, "stop")
    assert job.environment["DRIFTCHECK_TOKEN_STAFF"] == TOKEN and TOKEN not in repr(job)


@pytest.mark.parametrize("wrong", [["--out", "-"], ["--shard", "1/2"], ["--resume"]])
def test_what_does_not_go_together(
    shop: Shop, capsys: pytest.CaptureFixture[str], wrong: list[str]
) -> None:
    asked = ["shop.json", "--base-url", shop.url, "--dask", "tcp://127.0.0.1:1", *wrong]
    assert run(asked) == 2 and "--dask" in capsys.readouterr().err


def test_a_scheduler_that_is_not_there_is_told(
    shop: Shop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed", reason="dask isn't installed")
    monkeypatch.setattr("checker.cli.clustered.CONNECT_S", 1)
    assert run(["shop.json", "--base-url", shop.url, "--dask", "tcp://127.0.0.1:1"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert any("can't be reached" in line for line in said) and "Traceback" not in "".join(said)
