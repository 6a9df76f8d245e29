"""What `fix` does: diffs, changed files, questions, overlays."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import click

from checker.cli.exits import rewrite_document, show, tell, write_file
from checker.documents.judging import judge_of
from checker.documents.page_rows import is_page
from checker.domain.finding import Finding
from checker.drift.registry import why_unpatched
from checker.errors import UsageError
from checker.fixing import Fixed, by_file, fix_text, overlay, unified_diff
from checker.fixing.overlay import render

MOST_LEFT = 30
"""So many findings without a patch are told one by one; of more the rules are counted."""


class Fixes:
    """Patches on the files below `root`, which nothing leads out of.

    `digests` are SHA-256 of the files as the report's run has read them, as far as known.
    """

    def __init__(self, root: Path, digests: Mapping[str, str]) -> None:
        self.root = root
        self._digests = digests

    def show(self, findings: Sequence[Finding], *, write: bool) -> int:
        """Prints the diffs to stdout and, with `write`, changes the files; what is left out,
        what is left and counts go to stderr."""
        done = [self._fixed(file, found) for file, found in by_file(findings).items()]
        if not done:
            show("No finding in the report has a patch.", err=True)
        for fixed in done:
            show(unified_diff(fixed), nl=False)
            self.explain(fixed)
            if write and fixed.after != fixed.before:
                rewrite_document(self.place(fixed.file), fixed.after)
        if done:
            _count(done, "applied to" if write else "would change")
        _left(findings)
        return 0

    def ask(self, findings: Sequence[Finding]) -> int:
        """Shows each finding's own change and takes it where the user says yes."""
        done = []
        answer = ""
        for file, found in by_file(findings).items():
            text = self.read(file)
            fixed = Fixed(file, text, text)
            taken: list[Finding] = []
            for finding in found if answer != "q" else ():
                tried = self._fixed(file, [*taken, finding])
                if tried.after == fixed.after:
                    self.explain(_of(tried, finding))
                    continue
                if answer != "a":
                    show(f"\n{finding.severity.label} {finding.rule}: {finding.issue}")
                    show(unified_diff(Fixed(file, fixed.after, tried.after)), nl=False)
                    asked = "Apply this fix? (y)es, (n)o, (a)ll, (q)uit"
                    choice = click.Choice(["y", "n", "a", "q"])
                    answer = click.prompt(asked, type=choice, default="n", show_choices=False)
                if answer == "q":
                    break
                if answer != "n":
                    taken.append(finding)
                    fixed = tried
            if fixed.after != fixed.before:
                rewrite_document(self.place(file), fixed.after)
            done.append(fixed)
        _count(done, "applied to")
        _left(findings)
        return 0

    def overlay(self, findings: Sequence[Finding], path: Path) -> int:
        """One Overlay file for each document; several get the document's name in theirs."""
        files = by_file(findings)
        if not files:
            show("No finding in the report has a patch: no overlay written.", err=True)
        names: set[Path] = set()
        for file, found in files.items():
            if is_page(file):
                tell(f"{file}: left out, an overlay changes API documents only.")
                continue
            place = path if len(files) == 1 else path.with_name(_name(path, file))
            number = 2
            while place in names:
                place = place.with_name(f"{place.stem}-{number}{place.suffix}")
                number += 1
            names.add(place)
            fixed = self._fixed(file, found)
            self.explain(fixed)
            content = overlay(
                file, _document(file, fixed.before), fixed.applied, f"Fixes for {Path(file).name}"
            )
            write_file(place, render(content, place.suffix in (".yaml", ".yml")))
            show(f"Written: {place} ({len(content['actions'])} actions for {file})")
        _left(findings)
        return 0

    def place(self, file: str) -> Path:
        """Where a file of the report is; raises UsageError where it isn't below the root."""
        path = self.root / file
        if not path.resolve().is_relative_to(self.root.resolve()):
            raise UsageError(
                f"{file}: outside of {self.root}, where `fix` changes nothing.",
                "Name the folder that the report's paths start from with --root.",
            )
        return path

    def read(self, file: str) -> str:
        """The text with its own line ends."""
        path = self.place(file)
        try:
            return path.read_bytes().decode("utf-8")
        except OSError as error:
            raise UsageError(
                f"{path}: can't be read ({error.strerror}).",
                "Run where the report was made, or name that folder with --root.",
            ) from None
        except UnicodeDecodeError:
            raise UsageError(f"{path}: not UTF-8 text.") from None

    def fixed(self, file: str, text: str, findings: Sequence[Finding]) -> Fixed:
        """A file's text with the patches that fit and make no valid document invalid."""
        judge = None if is_page(file) else judge_of(self.place(file), file)
        return fix_text(file, text, findings, judge)

    def explain(self, fixed: Fixed) -> None:
        """Tells what was left out of a file, and what it has already."""
        for finding, why in fixed.skipped:
            tell(f"left out: {finding.fingerprint} {finding.rule} in {fixed.file}: {why}")
        for finding in fixed.already:
            tell(f"already there: {finding.fingerprint} {finding.rule} in {fixed.file}")

    def _fixed(self, file: str, findings: Sequence[Finding]) -> Fixed:
        """A file with its patches."""
        text = self.read(file)
        known = self._digests.get(file)
        if known and known != sha256(text.encode("utf-8")).hexdigest():
            tell(f"{file} has changed since the report was written: what still fits is applied.")
        return self.fixed(file, text, findings)


def _of(fixed: Fixed, finding: Finding) -> Fixed:
    """What became of one finding."""
    skipped = tuple((f, why) for f, why in fixed.skipped if f is finding)
    return Fixed(fixed.file, "", "", (), skipped, tuple(f for f in fixed.already if f is finding))


def _count(done: Sequence[Fixed], verb: str) -> None:
    applied = sum(len(fixed.applied) for fixed in done)
    files = sum(fixed.after != fixed.before for fixed in done)
    number = f"{applied} fix{'' if applied == 1 else 'es'}"
    said = f"{number} {verb} {files} file{'' if files == 1 else 's'}"
    there = sum(len(fixed.already) for fixed in done)
    refused = sum(len(fixed.skipped) for fixed in done)
    said += f"; {there} already there" if there else ""
    said += f"; {refused} left out" if refused else ""
    show(f"{said}.", err=True)


def _left(findings: Iterable[Finding]) -> None:
    """Tells what no patch mends, and why."""
    left = [f for f in findings if not f.patch]
    if not left:
        return
    number = len(left)
    show(f"{number} finding{'' if number == 1 else 's'} without a patch:", err=True)
    if number > MOST_LEFT:
        for (rule, why), count in Counter((f.rule, why_unpatched(f)) for f in left).items():
            tell(f"left: {count} of {rule}: {why}")
        return
    for finding in left:
        where = finding.operation or (finding.source.file if finding.source else "")
        tell(f"left: {finding.fingerprint} {finding.rule} {where}: {why_unpatched(finding)}")


def _name(path: Path, file: str) -> str:
    return f"{path.stem}.{Path(file).stem}{path.suffix}"


def _document(file: str, text: str) -> Any:
    from checker.fixing import yaml_text
    from checker.fixing.json_patch import Unplaced

    try:
        return json.loads(text.lstrip("\ufeff"))
    except ValueError:
        pass
    try:
        return yaml_text.data(yaml_text.compose(text))
    except Unplaced as error:
        raise UsageError(f"{file}: {error}.") from None
