"""`check --dask`: the shards of one run on the workers of a cluster that is there already."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from checker.cli.exits import tell
from checker.domain.run import RunResult
from checker.errors import TargetError, UsageError
from checker.settings import Settings

if TYPE_CHECKING:
    from checker.config import Loaded
    from checker.interruption import Interruption

POLL_S = 0.5
CONNECT_S = 20
FOLDER = "shards"


@dataclass(frozen=True)
class Job:
    """A shard for a worker. Its environment has tokens: nothing that shows a job shows them."""

    arguments: tuple[str, ...]
    folder: str
    out: str
    stop: str
    environment: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Done:
    """What a shard came to: its exit status, its report's text, what it said last."""

    status: int
    report: str = field(default="", repr=False)
    said: str = ""


def run_shards(
    loaded: Loaded, arguments: Sequence[str], stop: Interruption
) -> tuple[RunResult, ...]:
    """The results of the shards, one for each worker process of the cluster.

    The workers see the same files at the same places, and together keep `--rate`,
    `--concurrency` and `--max-requests`. Raises UsageError, and TargetError where no shard came
    to a report.
    """
    settings = loaded.settings
    client = _client(settings.dask)
    name = f"driftcheck-stop-{token_hex(8)}"
    try:
        number = len(client.scheduler_info(n_workers=-1)["workers"])
        if not number:
            raise TargetError(f"--dask: {settings.dask} has no worker.", "Start some.")
        jobs = [_job(settings, arguments, n + 1, number, name) for n in range(number)]
        tell(f"driftcheck: {number} shards on the workers of {settings.dask}")
        futures = [client.submit(run_job, job, pure=False, retries=0) for job in jobs]
        _until_done(futures, name, client, stop)
        return _results(client.gather(futures, errors="skip"))
    finally:
        # Whatever ends this process, no shard goes on for nobody.
        _tell_to_stop(client, name)
        client.close()


def _client(address: str) -> Any:
    try:
        from distributed import Client as Cluster
    except ImportError:
        raise UsageError(
            "--dask needs the package distributed.", "Install driftcheck[dask]."
        ) from None
    try:
        return Cluster(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        why = " ".join(str(error).split())[:200] or type(error).__name__
        raise UsageError(
            f"--dask: {address} can't be reached ({why}).", "Write tcp://host:8786."
        ) from None


def _job(settings: Settings, arguments: Sequence[str], part: int, parts: int, stop: str) -> Job:
    out = str(Path(settings.out).absolute() / FOLDER / str(part))
    bounds = [f"--shard={part}/{parts}", f"--concurrency={max(1, settings.concurrency // parts)}"]
    if settings.rate:
        bounds.append(f"--rate={60 * settings.rate / parts:.6f}/min")
    if settings.max_requests is not None:
        bounds.append(f"--max-requests={settings.max_requests // parts}")
    # An empty --dask: the config file of the run is the shards' as well.
    own = ["--yes", "--dask=", "--history=off", "--format=json", f"--out={out}"]
    given = {k: v for k, v in os.environ.items() if k.startswith("DRIFTCHECK_")}
    every = ("check", *arguments, *bounds, *own)
    return Job(every, str(Path.cwd()), out, stop, given)


def run_job(job: Job) -> Done:
    """On a worker: a shard in a process of its own, which ends gently when it is told to.

    It never raises: a worker's log would show what it was called with.
    """
    try:
        return _run_job(job)
    except Exception as error:
        return Done(3, said=f"{type(error).__name__}: {error}")


def _run_job(job: Job) -> Done:
    from distributed import Event

    if not Path(job.folder).is_dir():
        return Done(2, said=f"A worker doesn't see {job.folder}.")
    stop, told = Event(job.stop), False
    report = Path(job.out) / "report.json"
    report.unlink(missing_ok=True)
    with subprocess.Popen(
        [sys.executable, "-m", "checker.cli", *job.arguments],
        cwd=job.folder,
        env={**os.environ, **job.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    ) as process:
        while True:
            try:
                _, said = process.communicate(timeout=POLL_S)
                break
            except subprocess.TimeoutExpired:
                if not told and stop.is_set():
                    told = True
                    process.send_signal(signal.SIGINT)
    text = report.read_text(encoding="utf-8") if report.is_file() else ""
    return Done(process.returncode, text, "\n".join(said.splitlines()[-3:]))


def _until_done(futures: Sequence[Any], name: str, client: Any, stop: Interruption) -> None:
    """All shards have ended afterwards; a signal ends them gently."""
    asked = 0
    while any(not future.done() for future in futures):
        time.sleep(POLL_S)
        if stop.asked > asked:
            asked = stop.asked
            _tell_to_stop(client, name)


def _tell_to_stop(client: Any, name: str) -> None:
    from distributed import Event

    with suppress(OSError, TimeoutError):
        Event(name, client=client).set()


def _results(shards: Sequence[Done]) -> tuple[RunResult, ...]:
    from checker.reporting.json_report import load

    results = tuple(load(done.report, "a shard's report") for done in shards if done.report)
    failed = [done for done in shards if not done.report]
    if failed and not results:
        said = " ".join(failed[0].said.split())
        raise TargetError(f"--dask: no shard came to a report: {said or 'a worker was lost'}.")
    return results


def merged(results: Sequence[RunResult], settings: Settings) -> RunResult:
    """One result; what is missing of it is told."""
    from checker.pipeline import judged
    from checker.ranking import merge_same, rank
    from checker.reporting.merge import merge_runs

    whole = merge_runs(results)
    if len(results) == 1 and whole.shard != (1, 1):
        part, parts = whole.shard
        error = f"Only shard {part} of {parts} came to a report."
        whole = whole.with_(error=error, status="partial", exit_status=3)
    whole = judged(whole.with_(shard=(1, 1)))
    return whole.with_(
        findings=rank(merge_same(whole.findings)),
        paths=tuple(str(path) for path in settings.paths),
    )
