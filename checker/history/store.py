"""The tables of the history, and runs written to them and read back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from checker.domain.history import PastOperation, PastRun, Seen
from checker.history.changes import ordered
from checker.history.database import Execute, HistoryError, Row, opened

VERSION = 1
_TEXTS = {"error", "target", "issue"}
"""Columns of any length; the others are names, which a database may index."""
_NUMBERS = {"requests", "exit_status", "known"}
_RUN = [f.name for f in fields(PastRun) if f.name not in ("operations", "findings")]
_TABLES: dict[str, list[str]] = {
    "driftcheck_version": ["version"],
    "driftcheck_runs": _RUN,
    "driftcheck_operations": ["run", *(f.name for f in fields(PastOperation))],
    "driftcheck_findings": ["run", *(f.name for f in fields(Seen))],
    "driftcheck_queue": ["fingerprint", "state", "reason", "at"],
}


class Store:
    """The history at a path or an SQLAlchemy URL. Every method raises HistoryError where it can't
    be read or written."""

    def __init__(self, place: str) -> None:
        self.place = place

    @property
    def exists(self) -> bool:
        """Whether there is something to read; of a database by URL that is found out by reading."""
        return "://" in self.place or Path(self.place).is_file()

    def runs(self, series: str | None = None) -> tuple[PastRun, ...]:
        """All runs, or those of one series, the oldest first; none where there is no file."""
        if not self.exists:
            return ()
        with opened(self.place) as execute:
            _prepare(execute)
            return _load(execute, series)

    def add(self, run: PastRun) -> None:
        """Keep a run; a second time is no error and changes nothing."""
        with opened(self.place) as execute:
            _prepare(execute)
            if execute("SELECT id FROM driftcheck_runs WHERE id = :id", [{"id": run.id}]):
                return
            operations = [{"run": run.id, **asdict(o)} for o in run.operations]
            findings = [{"run": run.id, **asdict(s), "known": int(s.known)} for s in run.findings]
            _insert(execute, "driftcheck_runs", [_run_row(run)])
            _insert(execute, "driftcheck_operations", operations)
            _insert(execute, "driftcheck_findings", findings)

    def queue(self) -> dict[str, tuple[str, str, str]]:
        """State, reason and time of what was decided on findings, by fingerprint."""
        if not self.exists:
            return {}
        with opened(self.place) as execute:
            _prepare(execute)
            rows = execute("SELECT fingerprint, state, reason, at FROM driftcheck_queue", [{}])
        return {str(name): (str(state), str(reason), str(at)) for name, state, reason, at in rows}

    def decide(self, fingerprint: str, state: str, reason: str = "") -> None:
        """Keep what was decided on a finding; an empty state takes it back."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        with opened(self.place) as execute:
            _prepare(execute)
            which = {"fingerprint": fingerprint}
            execute("DELETE FROM driftcheck_queue WHERE fingerprint = :fingerprint", [which])
            if state:
                row = {**which, "state": state, "reason": reason, "at": at}
                _insert(execute, "driftcheck_queue", [row])


def _prepare(execute: Execute) -> None:
    """The tables, made where they are missing. Raises HistoryError for those of another version."""
    for table, columns in _TABLES.items():
        typed = ", ".join(f"{name} {_type(name)}" for name in columns)
        execute(f"CREATE TABLE IF NOT EXISTS {table} ({typed})", [{}])
    found = execute("SELECT version FROM driftcheck_version", [{}])
    if not found:
        _insert(execute, "driftcheck_version", [{"version": str(VERSION)}])
    elif str(found[0][0]) != str(VERSION):
        raise HistoryError(
            f"The history is of version {found[0][0]}, and {VERSION} is known.",
            "Name another with --history.",
        )


def _type(column: str) -> str:
    if column in _NUMBERS:
        return "INTEGER"
    return "TEXT" if column in _TEXTS else "VARCHAR(700)"


def _insert(execute: Execute, table: str, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    columns = _TABLES[table]
    values = ", ".join(f":{name}" for name in columns)
    execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values})", rows)


def _run_row(run: PastRun) -> dict[str, Any]:
    row = {name: getattr(run, name) for name in _RUN}
    return {**row, **{n: row[n].isoformat() for n in ("started_at", "finished_at")}}


def _load(execute: Execute, series: str | None) -> tuple[PastRun, ...]:
    where, parameters = "", {}
    if series is not None:
        where, parameters = " WHERE series = :series", {"series": series}
    rows = execute(f"SELECT {', '.join(_RUN)} FROM driftcheck_runs{where}", [parameters])
    among = "" if series is None else f" WHERE run IN (SELECT id FROM driftcheck_runs{where})"
    operations = _parts(execute, "driftcheck_operations", among, parameters)
    findings = _parts(execute, "driftcheck_findings", among, parameters)
    return tuple(
        ordered(
            _run_from(
                row,
                (
                    PastOperation(str(o[0]), str(o[1]), str(o[2]), int(o[3]))
                    for o in operations[row[0]]
                ),
                (_seen_from(s) for s in findings[row[0]]),
            )
            for row in rows
        )
    )


def _parts(
    execute: Execute, table: str, where: str, parameters: dict[str, str]
) -> dict[Any, list[Row]]:
    """The rows of a table by their run, without its column."""
    grouped: dict[Any, list[Row]] = defaultdict(list)
    for row in execute(f"SELECT {', '.join(_TABLES[table])} FROM {table}{where}", [parameters]):
        grouped[row[0]].append(row[1:])
    return grouped


def _run_from(row: Row, operations: Iterable[PastOperation], findings: Iterable[Seen]) -> PastRun:
    values: dict[str, Any] = dict(zip(_RUN, row, strict=True))
    for name in ("started_at", "finished_at"):
        values[name] = datetime.fromisoformat(values[name])
    return PastRun(**values, operations=tuple(operations), findings=tuple(findings))


def _operation_from(row: Row) -> PastOperation:
    operation, domain, status, requests = row
    return PastOperation(str(operation), str(domain), str(status), int(requests))


def _seen_from(row: Row) -> Seen:
    values: dict[str, Any] = dict(zip((f.name for f in fields(Seen)), row, strict=True))
    return Seen(**{**values, "known": bool(values["known"])})
