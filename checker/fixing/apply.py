"""All patches of a report on the texts of their files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from checker.documents.page_rows import is_page
from checker.domain.finding import Finding
from checker.domain.location import Location
from checker.fixing import json_text, line_text, yaml_text
from checker.fixing.aliases import Anchors
from checker.fixing.diffs import unified
from checker.fixing.json_patch import AlreadyThere, Operation, Unplaced, applied, same
from checker.fixing.order import Order
from checker.fixing.plan import Sequencer

Judge = Callable[[str], frozenset[str]]
"""What is wrong with a text, in sentences."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """One file before and after.

    `already` are findings whose change the file has; `skipped` are (finding, why) of patches
    that don't fit.
    """

    file: str
    before: str
    after: str
    applied: tuple[Finding, ...] = ()
    skipped: tuple[tuple[Finding, str], ...] = ()
    already: tuple[Finding, ...] = ()


def by_file(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Findings that have a patch, by the file it is for, in the order given.

    One that has patches of several files is there once for each, with that file's patch.
    """
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.patch and finding.source is not None:
            found.setdefault(finding.source.file, []).append(finding)
        for other in finding.elsewhere:
            mine = finding.with_(patch=other.patch, source=Location(other.file), elsewhere=())
            found.setdefault(other.file, []).append(mine)
    return found


def fix_text(
    file: str, text: str, findings: Iterable[Finding], judge: Judge | None = None
) -> Fixed:
    """The file's text with every patch that fits applied.

    The changed text is read again and must hold exactly what the patches say: once for all of
    them, and where that fails after each one, so that only what doesn't fit is left out.
    Applying twice changes nothing. A patch after which the `judge` finds something wrong that
    wasn't before is left out.
    """
    every = list(findings)
    syntax = _syntax(file, text)
    try:
        original = syntax.parsed(text)
    except Unplaced as error:
        return Fixed(file, text, text, (), tuple((f, str(error)) for f in every))
    fixed, wanted = _applied(file, text, every, syntax, original, each=False)
    if fixed.applied and not _holds(fixed.after, syntax, wanted):
        fixed, _ = _applied(file, text, every, syntax, original, each=True)
    if judge is not None and fixed.applied:
        fixed = _judged(fixed, every, judge)
    return fixed


def _judged(fixed: Fixed, every: Sequence[Finding], judge: Judge) -> Fixed:
    """Without the patches that make the document worse than it was."""
    allowed = judge(fixed.before)
    if judge(fixed.after) <= allowed:
        return fixed
    good: list[Finding] = []
    bad: list[tuple[Finding, str]] = []
    for finding in every:
        tried = fix_text(fixed.file, fixed.before, [*good, finding])
        new = judge(tried.after) - allowed
        if new:
            bad.append((finding, f"the document would be invalid: {min(new)}"))
        else:
            good.append(finding)
    better = fix_text(fixed.file, fixed.before, good)
    return replace(better, skipped=(*better.skipped, *bad))


def _applied(
    file: str,
    text: str,
    findings: Iterable[Finding],
    syntax: Syntax,
    original: Any,
    *,
    each: bool,
) -> tuple[Fixed, Any]:
    """The text with the patches that have a place, and what it should hold; with `each` every
    single one is checked.
    """
    sequencer = Sequencer(original)
    order = Order(original)
    has_anchors = syntax is _YAML and "&" in text
    anchors = Anchors(yaml_text.compose(text)) if has_anchors else None
    current = text
    done: list[Finding] = []
    skipped: list[tuple[Finding, str]] = []
    there: list[Finding] = []
    for finding in findings:
        try:
            patch = finding.patch if anchors is None else anchors.followed(finding.patch)
            steps = sequencer.operations(patch)
            changed = _edited(current, steps, syntax, order)
            if each and not _holds(changed, syntax, _patched(sequencer.current, steps)):
                raise Unplaced("the text can't be changed there alone (an alias, or odd YAML)")
        except AlreadyThere:
            there.append(finding)
            continue
        except Unplaced as error:
            skipped.append((finding, str(error)))
            continue
        sequencer.accept(patch, steps)
        current = changed
        done.append(finding)
    fixed = Fixed(file, text, current, tuple(done), tuple(skipped), tuple(there))
    return fixed, sequencer.current


def unified_diff(fixed: Fixed) -> str:
    """The change as `diff -u` shows it; empty where there is none."""
    name = fixed.file.lstrip("/")
    return unified(fixed.before, fixed.after, f"a/{name}", f"b/{name}")


def _edited(text: str, steps: Iterable[Operation], syntax: Syntax, order: Order) -> str:
    for step in steps:
        text = syntax.edit(text, step, order)
    return text


def _patched(document: Any, steps: Iterable[Operation]) -> Any:
    for step in steps:
        document = applied(document, step)
    return document


def _holds(text: str, syntax: Syntax, wanted: Any) -> bool:
    """Whether a text can be read and says exactly that."""
    try:
        return same(syntax.parsed(text), wanted)
    except Unplaced:
        return False


def _syntax(file: str, text: str) -> Syntax:
    if is_page(file):
        return _LINES
    is_json = text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[") and _loads(text) is not None
    return _JSON if is_json else _YAML


def _loads(text: str) -> Any:
    try:
        return json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return None


def _json(text: str) -> Any:
    try:
        return json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise Unplaced(f"not JSON: {error}") from None


@dataclass(frozen=True, slots=True)
class Syntax:
    """How a kind of file is read and edited."""

    parsed: Callable[[str], Any]
    edit: Callable[[str, Operation, Order], str]


_JSON = Syntax(_json, json_text.edit)
_YAML = Syntax(lambda text: yaml_text.data(yaml_text.compose(text)), yaml_text.edit)
_LINES = Syntax(line_text.data, line_text.edit)
