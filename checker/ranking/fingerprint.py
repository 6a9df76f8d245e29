"""A finding's name across runs: the same drift has the same one.

It is made of the rule, the place and the identity of the value, never of positions, order, seed
or wording. A place outside `/paths/<path>/<method>` serves several operations, so there the
documented place takes the operation's part: selecting other operations doesn't rename it.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import PurePosixPath
from typing import Any

from checker.domain.finding import Finding

LENGTH = 16
_OWN = re.compile(
    r"^/(paths|webhooks)/[^/]+/(get|put|post|delete|options|head|patch|trace|query)\b"
)


def is_shared(finding: Finding) -> bool:
    """Whether the documented place can serve several operations."""
    place = finding.place
    return (
        place is not None
        and bool(finding.operation)
        and place.pointer != ""
        and not is_own_place(place.pointer)
        and place.pointer.startswith("/")
    )


def is_own_place(pointer: str) -> bool:
    """Whether a place in a document belongs to one operation alone."""
    return _OWN.match(pointer) is not None


def shared_place(finding: Finding) -> tuple[str, str]:
    """The documented place, list positions left out (a parameter may move up in its list)."""
    assert finding.place is not None
    pointer = re.sub(r"/\d+(?=/|$)", "/*", finding.place.pointer)
    return finding.place.file, pointer


def folds(finding: Finding) -> bool:
    """Whether the finding is one of a document, whatever the operation: an undocumented refusal,
    or a token that is needed and that no document names.

    The same guard or validation refuses in all operations; it is told once.
    """
    status = finding.field.status or 0
    if finding.source is None:
        return False
    if finding.rule == "token-undocumented":
        return finding.documented is None
    return finding.rule == "status-undocumented" and 400 <= status < 500


def leaf(name: str) -> str:
    """The last part of a dotted name: the same in every operation that shares a schema."""
    return name.rpartition(".")[2].removesuffix("[]")


def canonical(value: Any) -> str:
    """A JSON value as text that doesn't depend on the order of members."""
    return json.dumps(value, sort_keys=True, ensure_ascii=True, default=str)


def fingerprint(finding: Finding, *, own: bool = False) -> str:
    """The finding's fingerprint, 16 hexadecimal digits.

    `own` names it by its operation even where the place is shared: for two findings that would
    otherwise have the same name.
    """
    parts: list[Any] = [finding.rule, finding.field.place, finding.identity]
    if folds(finding) and not own:
        assert finding.source is not None
        parts += ["document", PurePosixPath(finding.source.file).name]
    elif is_shared(finding) and not own:
        file, pointer = shared_place(finding)
        parts += ["place", PurePosixPath(file).name, pointer, leaf(finding.field.name)]
    else:
        parts += ["operation", finding.operation, finding.field.name, finding.field.status]
        if not finding.operation and finding.source is not None:
            parts += [PurePosixPath(finding.source.file).name, finding.source.pointer]
    if finding.target not in ("", "default"):
        parts.append(finding.target)
    return hashlib.sha256(canonical(parts).encode()).hexdigest()[:LENGTH]
