"""Where the history is kept: a SQLite file, or a database that an SQLAlchemy URL names.

Statements are written once, with `:name` parameters, which both ways understand.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from checker.errors import DriftcheckError, UsageError
from checker.reporting.clean import one_line, without_user

MEND = "Name another with --history."
WAIT_S = 30.0
"""How long another writer is waited for."""

Row = Sequence[Any]
Execute = Callable[[str, Sequence[Mapping[str, Any]]], list[Row]]
"""Runs a statement, once for each mapping of parameters; the rows of the (single) result."""


class HistoryError(DriftcheckError):
    """The history can't be read or written."""

    exit_status = 2


@contextmanager
def opened(place: str) -> Iterator[Execute]:
    """One transaction on the database at a path or URL: kept at the end, undone by an error.

    Raises HistoryError where that can't be.
    """
    with _at_url(place) if "://" in place else _in_file(Path(place)) as execute:
        yield execute


def check_place(place: str) -> None:
    """Raises UsageError for a place at which there never can be a history: a folder, a database
    that nothing here speaks with. A damaged file, or a database that is away, costs no run."""
    if "://" in place:
        _engine(place).dispose()
    elif Path(place).is_dir():
        raise UsageError(f"--history: {place} is a folder.", "Name a file in it.")


@contextmanager
def _in_file(path: Path) -> Iterator[Execute]:
    # Whoever may write in the folder could lead a write elsewhere.
    if path.is_symlink() or path.parent.is_symlink():
        raise HistoryError(f"The history {path} is a link.", "Name the file itself.")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with closing(sqlite3.connect(path, timeout=WAIT_S)) as connection, connection:
            connection.execute("BEGIN IMMEDIATE")

            def execute(statement: str, parameters: Sequence[Mapping[str, Any]]) -> list[Row]:
                if len(parameters) == 1:
                    return connection.execute(statement, parameters[0]).fetchall()
                connection.executemany(statement, parameters)
                return []

            yield execute
    except (sqlite3.Error, OSError) as error:
        raise HistoryError(_told(str(path), error), MEND) from None


def _engine(url: str) -> Any:
    try:
        import sqlalchemy
    except ImportError:
        raise UsageError(
            f"--history: {without_user(url)} needs SQLAlchemy.",
            "Install driftcheck[sqlalchemy] and the database's driver.",
        ) from None
    try:
        return sqlalchemy.create_engine(url)
    except (sqlalchemy.exc.ArgumentError, ImportError) as error:
        raise UsageError(
            f"--history: {without_user(url)} can't be used ({one_line(str(error))}).",
            "Write dialect+driver://user@host/database, and install the driver.",
        ) from None


@contextmanager
def _at_url(url: str) -> Iterator[Execute]:
    engine = _engine(url)
    import sqlalchemy

    try:
        with engine.begin() as connection:

            def execute(statement: str, parameters: Sequence[Mapping[str, Any]]) -> list[Row]:
                done = connection.execute(sqlalchemy.text(statement), [dict(p) for p in parameters])
                return [tuple(row) for row in done] if done.returns_rows else []

            yield execute
    except (sqlalchemy.exc.SQLAlchemyError, OSError) as error:
        cause = getattr(error, "orig", None) or error
        raise HistoryError(
            _told(without_user(url), cause), "Name another with --history."
        ) from None
    finally:
        engine.dispose()


def _told(place: str, error: BaseException) -> str:
    why = getattr(error, "strerror", None) or str(error)
    return f"The history {place} can't be used: {one_line(why).rstrip('.')}."
