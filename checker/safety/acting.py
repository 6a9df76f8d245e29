"""Readings that are called by a deed: `GET /chat.postMessage`, `GET /domains/renew`. Pure.

A server that is called so does it, whatever the method: such an operation is no reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from checker.domain.operation import Operation
from checker.lexicon import folded, operation_line, read
from checker.lexicon.texts import name_words
from checker.planning.routes import FILE_ENDINGS, singular
from checker.safety.siblings import is_plural, lists, successes
from checker.safety.wording import is_named_by_path


def is_deed_by_name(operation: Operation) -> bool:
    """Whether the last word or words of a path say what is done, and the operation's own words
    don't say that it reads."""
    noun, called = _called(operation.path_template or operation.id.path)
    lines = [f"{called} | {said}" for said in _said(operation, noun, called)]
    means = {e.means for line in lines for e in read("acting", line)}
    acts = "acts" in means or ("may-act" in means and not _lists_them(operation))
    return acts and not _says_it_reads(operation)


def _lists_them(operation: Operation) -> bool:
    """Whether the answer is documented as a list, and the path ends with a plural."""
    documented = any(True for _ in successes(operation))
    return documented and is_plural(operation.id.path) and lists(operation)


def _called(path: str) -> tuple[str, str]:
    """The words of the last static segment and of what stands before it; of `chat.postMessage`,
    `post message` and `chat`."""
    static = [s for s in path.split("?")[0].split("/") if s and "{" not in s]
    last = [p for p in re.split(r"[.:]", static[-1]) if p] if static else []
    if len(last) > 1 and last[-1].lower() in FILE_ENDINGS:
        last = last[:-1]
    noun, called = ["", "", *(w for s in (*static[-2:-1], *last) if (w := name_words(s)))][-2:]
    return noun, called


def _said(operation: Operation, noun: str, called: str) -> Iterator[str]:
    """What the operation is called besides: its title, and `start the vm` for `startVm` at
    `/vms/{id}/start`."""
    yield folded(operation.summary)
    verb, _, object_ = name_words(operation.operation_id).partition(" ")
    if verb == called and object_ and object_ in (noun, singular(noun)):
        yield f"{verb} the {object_}"


def _says_it_reads(operation: Operation) -> bool:
    """By its title (its first sentence where it has none), or its operationId where that is more
    than the method and the path."""
    title = operation.summary or operation.description
    named = "" if is_named_by_path(operation) else name_words(operation.operation_id)
    return any(
        entry.means == "reads" and entry.where == "prose"
        for said in (title, named)
        for entry in read("effects", operation_line("POST", "/x", said))
    )
