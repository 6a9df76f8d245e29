"""References that lead nowhere, in a document and in what it refers to."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from checker.documents.nodes import pointer, walk
from checker.documents.operations import Context, join
from checker.documents.places import listed
from checker.documents.references import Node, Source, Unresolved, urlless
from checker.documents.subjects import operation_at, subject, tokens
from checker.domain.location import Location
from checker.domain.portal import Problem

MAX_NODES = 2_000_000


@dataclass(slots=True)
class Followed:
    """What following every reference has shown."""

    problems: list[Problem] = field(default_factory=list)
    """One for each target that isn't there, at its first use."""
    whole: bool = True
    """Whether the document stands in one file, with references only where they are listed."""


def followed(context: Context) -> Followed:
    """Every reference of a document, and of what it refers to, followed."""
    shown = Followed()
    missing: dict[tuple[str, str], tuple[Problem, int]] = {}
    walked: set[tuple[int, str]] = set()
    queue: deque[tuple[Node, str]] = deque([(context.root, "object")])
    while queue and len(walked) < MAX_NODES:
        start, mode = queue.popleft()
        mark = (id(start.source), start.pointer)
        if mark in walked:
            continue
        walked.add(mark)
        seen: set[str] = set()
        for kind, place, node in walk(start.value, None, mode):
            if kind != "ref":
                continue
            if shown.whole and start is context.root and not listed(place, context.dialect):
                shown.whole = False
            if node["$ref"] in seen:
                continue
            reference = node["$ref"]
            found = context.files.resolve(reference, start.source)
            if isinstance(found, Unresolved):
                if found.unread:
                    seen.add(reference)
                    address = reference.partition("#")[0]
                    context.files.unread.setdefault(address, f"{found.reason}. {found.mend}")
                    continue
                at = start.pointer + pointer(place)
                key = (start.source.display, reference)
                if key in missing:
                    missing[key] = (missing[key][0], missing[key][1] + 1)
                else:
                    missing[key] = (_problem(context, start.source, at, reference, found), 1)
                continue
            seen.add(reference)
            shown.whole = shown.whole and found.source is context.root.source
            if found.source is not start.source and found.source is not context.root.source:
                queue.append((found, "schema"))
            elif isinstance(context.files.follow(found), Unresolved) and _loops(context, found):
                at = start.pointer + pointer(place)
                reason = Unresolved("leads to itself", "Point it at a definition.")
                missing.setdefault(
                    (start.source.display, reference),
                    (_problem(context, start.source, at, reference, reason), 1),
                )
    shown.problems = [_counted(problem, count) for problem, count in missing.values()]
    return shown


def _loops(context: Context, node: Node) -> bool:
    found = context.files.follow(node)
    return isinstance(found, Unresolved) and found.reason == "refers to itself"


def _problem(context: Context, source: Source, at: str, reference: str, why: Unresolved) -> Problem:
    path = tokens(at)
    return Problem(
        message=f"{subject(source.data, path)}: the reference {urlless(reference)} {why.reason}.",
        mend=why.mend,
        location=Location(source.display, at + "/$ref"),
        operation=operation_at(path, lambda p: join(context.info.base_path, p)),
        minor=why.refused,
    )


def _counted(problem: Problem, count: int) -> Problem:
    if count == 1:
        return problem
    places = "place" if count == 2 else "places"
    return Problem(
        message=f"{problem.message[:-1]} (and the same at {count - 1} more {places}).",
        mend=problem.mend,
        location=problem.location,
        operation=problem.operation,
        minor=problem.minor,
    )
