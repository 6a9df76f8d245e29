"""What `diff` can be given: files, folders, standard input, pipes, and revisions in git."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from checker.documents.git import GitError, top_of, unpack
from checker.domain.location import Location
from checker.domain.portal import Portal
from checker.drift.compare import Change
from checker.errors import DocumentError, UsageError

GIT = "git:"
_DATA = (".json", ".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Input:
    """What one side is read from; `shown` replaces `folder` where places are named."""

    given: str
    path: Path
    folder: str = ""
    shown: str = ""

    def name(self, place: Location | None) -> Location | None:
        """A place as the user would call it."""
        if place is None or not self.folder or not place.file.startswith(self.folder):
            return place
        rest = place.file.removeprefix(self.folder).lstrip("/")
        return replace(place, file=self.shown.format(rest))


@contextmanager
def opened(given: str) -> Iterator[Input]:
    """The input as a path that can be read, for as long as the context lasts."""
    if given.startswith(GIT):
        with TemporaryDirectory(prefix="driftcheck-") as folder:
            yield _from_git(given, Path(folder).resolve())
    elif given == "-" or (Path(given).exists() and not _readable_twice(Path(given))):
        with TemporaryDirectory(prefix="driftcheck-") as folder:
            copy = Path(folder).resolve() / "input.yaml"
            copy.write_bytes(sys.stdin.buffer.read() if given == "-" else Path(given).read_bytes())
            yield Input(given, copy, str(copy), "standard input" if given == "-" else given)
    elif not Path(given).exists():
        raise UsageError(f"{given} doesn't exist.", "Check the path, or write git:REV:PATH.")
    else:
        yield Input(given, Path(given))


def _readable_twice(path: Path) -> bool:
    return path.is_file() or path.is_dir()


def _from_git(given: str, folder: Path) -> Input:
    revision, _, path = given.removeprefix(GIT).partition(":")
    if not revision or revision.startswith("-"):
        raise UsageError(
            f"{given} names no revision.", "Write git:REV:PATH, such as git:HEAD~:api."
        )
    here = Path.cwd()
    try:
        top = top_of(here)
        prefix = here.resolve().relative_to(top.resolve()).as_posix()
        named = {path.strip("/"), f"{prefix}/{path.strip('/')}"}
        unpack(top, revision, folder, lambda name: name in named or name.endswith(_DATA))
    except GitError as error:
        raise UsageError(
            f"{given} can't be read: {error}.", "Check the revision and the folder."
        ) from None
    # A checkout of its own: what the revision's files refer to is in it.
    (folder / ".git").mkdir(exist_ok=True)
    for candidate in (folder / path, folder / prefix / path):
        if candidate.resolve().is_relative_to(folder) and candidate.exists():
            return Input(given, candidate, str(folder), f"git:{revision}:{{}}")
    raise UsageError(
        f"{given}: the revision has no {path}.", "Check the path; it counts from the top folder."
    )


def checked(portal: Portal, side: Input) -> Portal:
    """The portal of a side, if it is one to compare: broken input is never an empty contract."""
    for document in portal.documents:
        fatal = next((p for p in document.problems if p.fatal), None)
        if fatal is not None:
            place = side.name(fatal.location) or fatal.location
            at = f"{place.file}:{place.line}" if place.line else place.file
            raise DocumentError(f"{at}: {fatal.message}", fatal.mend)
    if not portal.documents and not _empty(side.path):
        raise DocumentError(
            f"{side.given}: holds no API document.", "Give a Swagger or OpenAPI file."
        )
    return portal


def _empty(path: Path) -> bool:
    return path.is_dir() and not any(entry.is_file() for entry in path.rglob("*"))


def renamed(change: Change, old: Input, new: Input) -> Change:
    """The change with its places as the user would call them."""
    places = old.name(change.old_location), new.name(change.new_location)
    return change.with_(old_location=places[0], new_location=places[1])
