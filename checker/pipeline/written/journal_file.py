"""A file that is only ever appended to: one JSON object a line, on disk as soon as it is known."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from checker.errors import UsageError

FSYNC_EVERY_S = 1.0
MAX_LINE = 50_000_000
_FLAGS = (
    os.O_APPEND
    | os.O_CREAT
    | os.O_WRONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


class JournalFile:
    """Appends entries to `path`; a link is not followed, another run's file not shared.

    An entry is with the operating system when `append` returns, so that it survives the process;
    a thread brings it to the disk within a second, at once where it is `urgent`. Nothing here
    raises once the file is open: `failure` says in one sentence why it isn't written any more.
    Raises UsageError where another process writes to it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.failure = ""
        self._file = -1
        self._wake = threading.Condition()
        self._urgent = self._dirty = self._closed = False
        self._thread: threading.Thread | None = None
        try:
            self._open()
        except OSError as error:
            self._fail(error)

    def _open(self) -> None:
        folder = self.path.parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.is_symlink():
            raise OSError(0, f"{folder} is a link")
        self._file = os.open(self.path, _FLAGS, 0o600)
        _lock(self._file, self.path)
        _keep_out_of_version_control(folder)

    def append(self, entry: Mapping[str, Any], *, urgent: bool = False) -> None:
        """Append an entry. What can't be written as JSON is written as text."""
        if self._file < 0 or self.failure:
            return
        try:
            rest = memoryview(_line(entry))
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except (OSError, ValueError, RecursionError) as error:
            self._fail(error)
            return
        with self._wake:
            self._dirty, self._urgent = True, self._urgent or urgent
            if self._thread is None:
                self._thread = threading.Thread(target=self._sync, daemon=True)
                self._thread.start()
            if urgent:
                self._wake.notify()

    def close(self) -> None:
        """Everything is on disk afterwards; closing twice does nothing."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join()
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _sync(self) -> None:
        while True:
            with self._wake:
                if not (self._urgent or self._closed):
                    self._wake.wait(FSYNC_EVERY_S)
                due, closed = self._dirty, self._closed
                self._dirty = self._urgent = False
            if due:
                try:
                    os.fsync(self._file)
                except OSError as error:
                    self._fail(error)
            if closed:
                return

    def _fail(self, error: Exception) -> None:
        why = (getattr(error, "strerror", None) or str(error) or type(error).__name__).strip(".")
        self.failure = (
            f"The journal {self.path} could not be written on: {why}; the run goes on without it."
        )


def read_entries(path: Path) -> tuple[list[Mapping[str, Any]], tuple[str, ...]]:
    """A journal's entries and a note on what of it can't be read. Raises UsageError where nothing
    can.

    What a killed run or a full disk cut short is the last line; other damage is passed over, too.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: can't be read ({error.strerror}).") from None
    entries: list[Mapping[str, Any]] = []
    damaged: list[int] = []
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        entry = _entry(line)
        if entry is None:
            damaged.append(number)
        else:
            entries.append(entry)
    if not entries:
        raise UsageError(f"{path}: not a driftcheck journal.")
    return entries, tuple(_damage(path, damaged, data.count(b"\n") + 1))


def _damage(path: Path, lines: list[int], last: int) -> Iterator[str]:
    if lines:
        which = ", ".join(map(str, lines[:5])) + (" …" if len(lines) > 5 else "")
        cut = " (the last one, cut short)" if lines == [last] else ""
        many, verb = ("s", "are") if len(lines) > 1 else ("", "is")
        yield f"{path}: line{many} {which}{cut} could not be read and {verb} left out."


def _entry(line: bytes) -> Mapping[str, Any] | None:
    if len(line) > MAX_LINE:
        return None
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) and isinstance(entry.get("kind"), str) else None


def _line(entry: Mapping[str, Any]) -> bytes:
    # ASCII alone: lone surrogates that a server sent have no other form on disk.
    return json.dumps(entry, default=str).encode("ascii") + b"\n"


def is_written(path: Path) -> bool:
    """Whether a run is writing on a journal now; not where it is a link or can't be read."""
    try:
        file = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return False
    try:
        return not _locked(file)
    finally:
        os.close(file)


def _lock(file: int, path: Path) -> None:
    """Until the file is closed."""
    if not _locked(file):
        os.close(file)
        raise UsageError(
            f"{path}: another run is writing on it.", "Wait for its end, or give another --out."
        )


def _locked(file: int) -> bool:
    """Whether the file is ours now; so it is where the system has no such locks."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks
    return True


def _keep_out_of_version_control(folder: Path) -> None:
    try:
        with (folder / ".gitignore").open("x", encoding="utf-8") as file:
            file.write("*\n")
    except FileExistsError:
        pass
