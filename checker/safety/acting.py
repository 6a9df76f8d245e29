"""Readings that are called by a deed: `GET /chat.postMessage`, `GET /domains/renew`. Pure.

A server that is called so does it, whatever the method: such an operation is no reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from checker.domain.operation import Operation
from checker.domain.schema import Schema
from checker.lexicon import folded, operation_line, read
from checker.lexicon.texts import name_words
from checker.planning.producers import shape
from checker.planning.routes import FILE_ENDINGS, singular, words
from checker.safety.siblings import is_plural, lists, successes
from checker.safety.wording import is_named_by_path

_READING = ("GET", "HEAD", "OPTIONS")


def is_deed_by_name(operation: Operation) -> bool:
    """Whether the last word or words of a path say what is done, and the operation's own words
    don't say that it reads."""
    noun, called = _called(operation.path_template or operation.id.path)
    lines = [f"{called} | {said}" for said in _said(operation, noun, called)]
    means = {e.means for line in lines for e in read("acting", line)}
    acts = "acts" in means or ("may-act" in means and not _lists_them(operation))
    return acts and not _says_it_reads(operation)


def is_deed_by_shape(operation: Operation, routes: Mapping[tuple[str, str], Operation]) -> bool:
    """Whether a reading is a deed by what stands around it. Where a lone word that is a verb and a
    noun alike ends its path (`/sites/{id}/sync`), it is one if nothing else is done there, its
    answer shows nothing and its words don't speak of a thing; an answer that can only say that
    something was taken in says so of any. An answer that isn't documented shows nothing where
    those of others are. `routes` are all operations by method and shape of path.
    """
    if operation.id.path.rstrip("/").endswith("}") or _says_it_reads(operation):
        return False
    if _is_only_taken_in(operation):
        return True
    _, called = _called(operation.path_template or operation.id.path)
    either = any(e.means == "either" for e in read("acting", called))
    if not either or _is_kept_there(operation, routes) or not _is_titled_by(operation, called):
        return False
    return not _shows_something(operation) and _is_told_of_nothing(operation, routes)


def _is_told_of_nothing(operation: Operation, routes: Mapping[tuple[str, str], Operation]) -> bool:
    """Whether an answer that shows nothing says so: those of others are documented, or its own
    can only say that something was taken in."""
    told = any(o.id.safe and _shows_something(o) for o in routes.values())
    return told or _says_nothing(operation)


def _is_only_taken_in(operation: Operation) -> bool:
    """Whether the only accepted answer is 202."""
    return [r.status for r in operation.responses if r.status.startswith("2")] == ["202"]


def _is_kept_there(operation: Operation, routes: Mapping[tuple[str, str], Operation]) -> bool:
    """Whether there is a thing at a path: others are done to it, or it has items."""
    here = shape(operation.id.path)
    return any(
        path.startswith(f"{here}/") or (path == here and method not in _READING)
        for method, path in routes
    )


def _shows_something(operation: Operation) -> bool:
    """Whether an accepted answer is documented to hold more than how the request went."""
    media = (m for r in operation.responses if r.status.startswith("2") for m in r.content)
    return any("json" not in m for m in media) or any(map(_holds_more, successes(operation)))


def _says_nothing(operation: Operation) -> bool:
    """Whether the answer is documented, and as one without more than how the request went."""
    answers = [r for r in operation.responses if r.status.startswith("2")]
    return any(r.content or r.status == "204" for r in answers)


def _holds_more(schema: Schema) -> bool:
    if schema.items is not None or set(schema.types) - {"object", "null"}:
        return True
    return any(
        child.properties or child.items is not None or not read("receipts", name)
        for name, child in schema.properties.items()
    )


def _is_titled_by(operation: Operation, called: str) -> bool:
    """Whether the title begins with what the path ends with, or has no other words than the path;
    or there is none."""
    said, path = words(operation.summary), operation.path_template or operation.id.path
    if any(e.means == "thing" for e in read("acting", f"{called} | {folded(operation.summary)}")):
        return False
    known = {singular(w) for part in path.split("/") for w in words(part)}
    return said[:1] == called.split()[:1] or {singular(w) for w in said} <= known


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
