"""References that lead nowhere, in a document and in what it refers to."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from checker.documents.nodes import Place, pointer, walk
from checker.documents.operations import Context, join
from checker.documents.places import listed
from checker.documents.pointing import Node, Source, Unresolved, urlless
from checker.documents.subjects import operation_at, subject
from checker.domain.location import Location
from checker.domain.nodes import mapping_of, member_of
from checker.domain.pointer import escape, tokens_of
from checker.domain.portal import Problem

MAX_NODES = 2_000_000


@dataclass(slots=True)
class Followed:
    """What following every reference has shown."""

    problems: list[Problem] = field(default_factory=list)
    """One for each target that isn't there, at its first use."""
    whole: bool = True
    """Whether the document stands in one file, with references only where they are listed."""


@dataclass(slots=True)
class _Part:
    """A node of another file; `by` is the node that refers to it, a schema to a schema."""

    node: Node
    mode: str = "object"
    by: Any = None


def followed(context: Context) -> Followed:
    """Every reference of a document, and of what it refers to, followed."""
    shown = Followed()
    missing: dict[tuple[str, str], tuple[Problem, int]] = {}
    unmapped: dict[tuple[str, str], Problem] = {}
    walked: set[tuple[int, str]] = set()
    queue: deque[_Part] = deque([_Part(context.root)])
    while queue and len(walked) < MAX_NODES:
        part = queue.popleft()
        start = part.node
        mark = (id(start.source), start.pointer)
        if mark in walked:
            continue
        walked.add(mark)
        seen: set[str] = set()
        for kind, place, node in walk(start.value, None, part.mode):
            if kind != "ref":
                if queue and queue[-1].by is node:
                    queue[-1].mode = "schema"
                if "discriminator" in node:
                    _mapped(context, start, place, node["discriminator"], unmapped)
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
                queue.append(_Part(found, by=node))
            elif isinstance(context.files.follow(found), Unresolved) and _loops(context, found):
                at = start.pointer + pointer(place)
                reason = Unresolved("leads to itself", "Point it at a definition.")
                missing.setdefault(
                    (start.source.display, reference),
                    (_problem(context, start.source, at, reference, reason), 1),
                )
    shown.problems = [_counted(problem, count) for problem, count in missing.values()]
    shown.problems += [found for key, found in unmapped.items() if key not in missing]
    return shown


def _mapped(
    context: Context, start: Node, place: Place, said: Any, unmapped: dict[tuple[str, str], Problem]
) -> None:
    """Discriminator values that lead to no schema (plain names aren't looked at)."""
    named = member_of(said, "mapping")
    for name, target in mapping_of(named).items():
        if not isinstance(target, str) or not ("#" in target or "/" in target):
            continue
        found = context.files.resolve(target, start.source)
        if isinstance(found, Unresolved) and not found.unread:
            at = start.pointer + pointer(place)
            what = subject(start.source.data, tokens_of(at))
            where = f"{at}/discriminator/mapping/{escape(name)}"
            message = f'{what}: the discriminator maps "{name}" to {urlless(target)}, '
            message += f"which {found.reason}."
            problem = _told(context, start.source, where, message, found)
            unmapped.setdefault((start.source.display, target), problem)


def _loops(context: Context, node: Node) -> bool:
    found = context.files.follow(node)
    return isinstance(found, Unresolved) and found.reason == "refers to itself"


def _problem(context: Context, source: Source, at: str, reference: str, why: Unresolved) -> Problem:
    message = (
        f"{subject(source.data, tokens_of(at))}: the reference {urlless(reference)} {why.reason}."
    )
    return _told(context, source, at + "/$ref", message, why)


def _told(context: Context, source: Source, at: str, message: str, why: Unresolved) -> Problem:
    return Problem(
        message=message,
        mend=why.mend,
        location=Location(source.display, at),
        operation=operation_at(tokens_of(at), lambda p: join(context.info.base_path, p)),
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
