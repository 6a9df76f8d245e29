"""What `fix` does: diffs, changed files, overlays."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from checker.cli.exits import rewrite_document, show, write_file
from checker.domain.finding import Finding
from checker.errors import UsageError
from checker.fixing import by_file, fix_text, overlay, unified_diff
from checker.fixing.overlay import render


def show_fixes(findings: Iterable[Finding], *, write: bool, root: Path) -> int:
    """Prints the diffs to stdout and, with `write`, changes the files; what is left out and
    counts go to stderr."""
    files = by_file(findings)
    if not files:
        show("No finding in the report has a patch.", err=True)
        return 0
    applied = 0
    for file, found in files.items():
        path = root / file
        text = _read_exactly(path)
        fixed = fix_text(file, text, found)
        show(unified_diff(fixed), nl=False)
        applied += len(fixed.applied)
        for finding, why in fixed.skipped:
            show(f"left out: {finding.fingerprint} {finding.rule} in {file}: {why}", err=True)
        if write and fixed.after != fixed.before:
            rewrite_document(path, fixed.after)
    verb = "applied to" if write else "would change"
    number = f"{applied} fix{'' if applied == 1 else 'es'}"
    show(f"{number} {verb} {len(files)} file{'' if len(files) == 1 else 's'}.", err=True)
    return 0


def write_overlays(findings: Iterable[Finding], path: Path, root: Path) -> int:
    """One Overlay file for each document; several get the document's name in theirs."""
    files = by_file(findings)
    if not files:
        show("No finding in the report has a patch: no overlay written.", err=True)
        return 0
    names: set[Path] = set()
    for file, found in files.items():
        place = path if len(files) == 1 else path.with_name(_name(path, file))
        number = 2
        while place in names:
            place = place.with_name(f"{place.stem}-{number}{place.suffix}")
            number += 1
        names.add(place)
        content = overlay(file, _document(root / file), found, f"Fixes for {Path(file).name}")
        write_file(place, render(content, place.suffix in (".yaml", ".yml")))
        show(f"Written: {place} ({len(content['actions'])} actions for {file})")
    return 0


def _name(path: Path, file: str) -> str:
    return f"{path.stem}.{Path(file).stem}{path.suffix}"


def _document(path: Path) -> object:
    from checker.fixing import yaml_text
    from checker.fixing.json_patch import Unplaced

    text = _read_exactly(path)
    try:
        return json.loads(text.lstrip("\ufeff"))
    except ValueError:
        pass
    try:
        return yaml_text.data(yaml_text.compose(text))
    except Unplaced as error:
        raise UsageError(f"{path}: {error}.") from None


def _read_exactly(path: Path) -> str:
    """The text with its own line ends."""
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise UsageError(
            f"{path}: can't be read ({error.strerror}).",
            "Run where the report was made, or name that folder with --root.",
        ) from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: not UTF-8 text.") from None
