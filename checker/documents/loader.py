"""One API document: a file → `Document`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from checker.documents import openapi3, swagger2
from checker.documents.collecting import paused
from checker.documents.flaws import Flaw
from checker.documents.lazy import LazyMap
from checker.documents.operations import Context, clean_base, schemes
from checker.documents.pointing import Node, Source, Unresolved
from checker.documents.references import Files
from checker.documents.schemas import Builder
from checker.documents.source import locate_all
from checker.domain.location import Location
from checker.domain.nodes import list_of, mapping_of, member_of, text_of
from checker.domain.operation import DocumentInfo
from checker.domain.portal import Document, Problem
from checker.domain.schema import Schema
from checker.errors import DocumentError

DIALECTS = ("2.0", "3.0", "3.1", "3.2")


def load_document(
    path: Path,
    display: str = "",
    *,
    files: Files | None = None,
    legacy: bool = False,
    domain: str = "",
    validate: bool = True,
) -> Document:
    """The contract model of a Swagger or OpenAPI file, whatever state it is in.

    `display` is how locations name the file (default: the path). `files` says what references
    may reach (default: the file's own folder). Raises DocumentError where there is nothing to
    use: the file can't be read, or isn't an API document.
    """
    reach = files if files is not None else Files(roots=[path.parent])
    with paused():
        source = reach.read(path, display or str(path))
    if isinstance(source, Unresolved):
        raise DocumentError(f"{display or path} {source.reason}.", source.mend)
    with paused():
        return document(source, reach, legacy=legacy, domain=domain, validate=validate)


def document(
    source: Source, files: Files, *, legacy: bool = False, domain: str = "", validate: bool = True
) -> Document:
    """The same of a file that has been read."""
    if not isinstance(source.data, Mapping):
        flaw = source.flaws[0] if source.flaws else None
        at = f"{source.display}:{flaw.line}" if flaw and flaw.line else source.display
        message = flaw.message if flaw else "The file isn't an API document."
        raise DocumentError(f"{at}: {message}", flaw.mend if flaw else "")
    root = source.data
    dialect = dialect_of(root)
    info_node = mapping_of(root.get("info"))
    base = openapi3.base_path(root)
    if dialect == "2.0":
        base = clean_base(text_of(root.get("basePath")))
    listed = root.get("tags")
    tags = list_of(listed)
    info = DocumentInfo(
        file=source.display,
        dialect=dialect,
        legacy=legacy,
        domain=domain,
        title=text_of(info_node.get("title")),
        base_path=base,
        description=text_of(info_node.get("description")),
        tags={text_of(member_of(t, "name")): text_of(member_of(t, "description")) for t in tags},
    )
    node = Node(root, source)
    components = files.follow(node.child("components"))
    shared = components[0] if isinstance(components, tuple) else node.child("components")
    holder = shared.child("securitySchemes")
    if dialect == "2.0":
        holder = node.child("securityDefinitions")
        if not holder.value:
            # a 3.x habit in a 2.0 file: an error, but what it says is clear
            holder = shared.child("securitySchemes")
    context = Context(node, files, Builder(files, dialect), info, schemes(files, holder))
    reader = swagger2 if dialect == "2.0" else openapi3
    operations = reader.operations(context)
    problems = list(flaw_problems(source))
    # Of a text that is broken off, what seems to be missing may well stand in the rest.
    if validate and not any(problem.fatal for problem in problems):
        from checker.documents.validity import check

        problems += check(context)
    hooks = openapi3.webhooks(context) if "webhooks" in root else ()
    schemas = named_schemas(context)
    return Document(info, operations, located(problems), root, hooks, schemas, files.contents)


def named_schemas(context: Context) -> Mapping[str, Schema]:
    """The schemas that a document gives a name."""
    holder = context.root.child("definitions")
    if context.dialect != "2.0":
        holder = context.root.child("components").child("schemas")
    holder, _ = context.follow(holder)
    names = [str(name) for name in mapping_of(holder.value)]
    return LazyMap(names, lambda name: context.builder.build(holder.child(name)))


def entity(source: Source, files: Files) -> Schema | None:
    """The schema that a file of its own is; None where it is none."""
    if not isinstance(member_of(source.data, "properties"), Mapping):
        return None
    return Builder(files, DIALECTS[-1]).build(Node(source.data, source))


def schema_at(node: Mapping[str, Any], place: Location, content: Any, dialect: str) -> Schema:
    """The schema that a node is at its place in a file's content, which may not have it yet."""
    source = Source(place.file, content, path=Path(place.file))
    return Builder(Files(roots=[Path(place.file).parent]), dialect).build(
        Node(node, source, place.pointer)
    )


def dialect_of(root: Mapping[str, Any]) -> str:
    """The dialect by the version key; by the document's shape where there is none."""
    for key in ("swagger", "openapi"):
        version = str(root.get(key) or "")
        match = re.match(r"\s*v?(\d+)(?:\.(\d+))?", version)
        if match:
            major, minor = match.group(1), match.group(2) or "0"
            if major == "2":
                return "2.0"
            if major == "3":
                return f"3.{minor}" if f"3.{minor}" in DIALECTS else DIALECTS[-1]
    old = ("definitions", "securityDefinitions", "basePath", "consumes", "produces", "host")
    return "2.0" if any(key in root for key in old) else "3.0"


def flaw_problems(source: Source) -> list[Problem]:
    """A text's flaws as problems of the document."""
    return [flaw_problem(source, flaw) for flaw in source.flaws]


def flaw_problem(source: Source, flaw: Flaw) -> Problem:
    """A flaw with its file."""
    location = Location(source.display, flaw.pointer, flaw.line, flaw.column)
    return Problem(flaw.message, flaw.mend, location, fatal=flaw.fatal)


def located(problems: list[Problem]) -> tuple[Problem, ...]:
    """The problems with lines and columns, in document order, each once."""
    from dataclasses import replace

    places = locate_all(p.location for p in problems)
    unique: dict[tuple[str, str, str], Problem] = {}
    for problem in problems:
        at = places[problem.location]
        key = (at.file, at.pointer, problem.message)
        unique.setdefault(key, replace(problem, location=at))
    return tuple(
        sorted(unique.values(), key=lambda p: (p.location.file, p.location.line or 0, p.message))
    )
