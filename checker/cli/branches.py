"""`fix --branch`: each finding's patch as a commit on a new git branch.

The commits are made beside the working tree, from what is committed: nothing that lies here is
touched, staged or lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from checker.cli.exits import known, show, tell
from checker.cli.fixes import Fixes
from checker.documents.git import GitError, git
from checker.domain.finding import Finding
from checker.errors import UsageError
from checker.fixing import by_file


def commit_fixes(fixes: Fixes, findings: Sequence[Finding], branch: str) -> int:
    """A new branch `branch` with one commit for each finding whose patch changes something."""
    git = _Git(fixes.root)
    git.new_branch(branch)
    tree = _Tree(git, fixes)
    with TemporaryDirectory() as folder:
        git.index = str(Path(folder) / "index")
        git.run("read-tree", "HEAD")
        head = git.run("rev-parse", "HEAD").strip()
        number = 0
        for finding in findings:
            if finding.patch and tree.take(finding):
                made = git.run("write-tree").strip()
                head = git.run(
                    "commit-tree", made, "-p", head, "-F", "-", given=_message(finding)
                ).strip()
                number += 1
    if number:
        git.run("update-ref", f"refs/heads/{branch}", head, "")
    show(f"{number} commit{'' if number == 1 else 's'} on {branch if number else 'no branch'}.")
    return 0


def _message(finding: Finding) -> str:
    """The fix as the subject, the issue below it."""
    told = known().text(f"{finding.suggested_fix.rstrip('.')}\n\n{finding.issue}")
    return f"{told}\n\ndriftcheck: {finding.rule} {finding.fingerprint}\n"


class _Tree:
    """The committed texts of the files that patches are for, as the commits so far leave them."""

    def __init__(self, git: _Git, fixes: Fixes) -> None:
        self._git = git
        self._fixes = fixes
        self._before: dict[str, str] = {}
        self._now: dict[str, str] = {}
        self._taken: dict[str, list[Finding]] = {}

    def take(self, finding: Finding) -> bool:
        """Stages what a finding changes in all its files; False where that is nothing."""
        changed = False
        for file, (mine,) in by_file([finding]).items():
            taken = self._taken.setdefault(file, [])
            fixed = self._fixes.fixed(file, self._text(file), [*taken, mine])
            for one, why in fixed.skipped:
                if one is mine:
                    tell(f"left out: {one.fingerprint} {one.rule} in {file}: {why}")
            if fixed.after != self._now.get(file, self._before[file]):
                taken.append(mine)
                self._now[file] = fixed.after
                self._stage(file, fixed.after)
                changed = True
        return changed

    def _text(self, file: str) -> str:
        if file not in self._before:
            self._before[file] = self._git.run(
                "show", f"HEAD:{self._git.name(self._fixes.place(file))}"
            )
        return self._before[file]

    def _stage(self, file: str, text: str) -> None:
        name = self._git.name(self._fixes.place(file))
        mode = self._git.run("ls-files", "--stage", "--", f":/{name}").split(" ", 1)[0]
        blob = self._git.run("hash-object", "-w", "--stdin", given=text).strip()
        self._git.run("update-index", "--cacheinfo", f"{mode or '100644'},{blob},{name}")


class _Git:
    """git in the repository that a folder is in; `index` is the file that changes are staged in."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.index = ""
        self.top = Path(self.run("rev-parse", "--show-toplevel").strip()).resolve()

    def name(self, path: Path) -> str:
        """A file as the repository calls it."""
        real = path.resolve()
        if not real.is_relative_to(self.top):
            raise UsageError(f"{path} is in another repository.", "Name the right --root.")
        return real.relative_to(self.top).as_posix()

    def new_branch(self, name: str) -> None:
        """Raises UsageError where no branch of this name can be made."""
        self.run("check-ref-format", "--branch", name)
        if self.run("branch", "--list", name).strip():
            raise UsageError(f"The branch {name} exists.", "Give another name, or delete it.")

    def run(self, *arguments: str, given: str | None = None) -> str:
        """What git prints; raises UsageError with git's own words."""
        settings = {"GIT_INDEX_FILE": self.index} if self.index else None
        text = b"" if given is None else given.encode("utf-8")
        try:
            return git(self._folder, *arguments, given=text, settings=settings).decode("utf-8")
        except GitError as error:
            raise UsageError(f"git {arguments[0]}: {error}.") from None
