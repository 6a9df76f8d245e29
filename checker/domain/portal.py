"""All documents of a run, loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from checker.domain.location import Location
from checker.domain.nodes import mapping_of
from checker.domain.operation import DocumentInfo, Operation, OperationId
from checker.domain.schema import Schema
from checker.domain.workflow import Record


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a document: the `spec-invalid` rule's food.

    `fatal`: no tool can use the file; `minor`: tools pass over it. `patch` is a JSON Patch
    against the file, where the smallest fix is a change of one value. Problems of a document with
    one `mistake` are one that was copied from place to place.
    """

    message: str
    mend: str
    location: Location
    fatal: bool = False
    operation: OperationId | None = None
    patch: tuple[Mapping[str, Any], ...] = ()
    minor: bool = False
    mistake: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """One loaded API document. `raw` is its parsed content, references not followed."""

    info: DocumentInfo
    operations: tuple[Operation, ...] = ()
    problems: tuple[Problem, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)
    webhooks: tuple[Operation, ...] = ()
    """Operations that the API calls at its clients; their path is the webhook's name."""
    schemas: Mapping[str, Schema] = field(default_factory=dict, repr=False)
    """The schemas that it gives a name; built when somebody asks."""
    contents: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    """What every file that the document leads to holds, by the name that locations have."""

    def content(self, file: str) -> Mapping[str, Any]:
        """What a file holds; empty where it is no object."""
        found = self.raw if file == self.info.file else self.contents.get(file)
        return mapping_of(found)


@dataclass(frozen=True, slots=True)
class DataFile:
    """A JSON or YAML file that was read: its content and the SHA-256 of its bytes."""

    data: Any = field(repr=False)
    digest: str = ""


@dataclass(frozen=True, slots=True)
class ProseFact:
    """One fact read from a prose page's table or sentence.

    `kind`: "endpoint" (value "METHOD /path"), "field" (value {name, type, required}), "enum"
    (name, values), "status" (value), "support" (name = row, value = columns that are ticked).
    `scope` are the endpoints the fact belongs to, as far as the page says; not `sure` where it
    says so at some distance, and not `near` where the nearest heading is about something else.
    `about` are the headings around it, the nearest first, `group` the
    line of its table, `section` that of its heading.
    """

    kind: str
    name: str
    value: Any
    location: Location
    scope: tuple[OperationId, ...] = ()
    direction: str = "request"
    group: int = 0
    section: int = 0
    sure: bool = True
    near: bool = True
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A prose page and the facts read from it."""

    file: str
    text: str
    facts: tuple[ProseFact, ...] = ()
    title: str = ""
    domain: str = ""
    unread: tuple[int, ...] = ()
    """Lines of table rows that can't be told apart."""


@dataclass(frozen=True, slots=True)
class Portal:
    """Every document found below the given paths."""

    documents: tuple[Document, ...] = ()
    records: tuple[Record, ...] = ()
    pages: tuple[Page, ...] = ()
    notes: tuple[str, ...] = ()
    """Files skipped, because …"""
    entities: tuple[tuple[str, Schema], ...] = ()
    """Schemas that are files of their own, by the file's name."""
    files: Mapping[str, DataFile] = field(default_factory=dict, repr=False)
    """What was read, by name: the documents, and what they refer to."""

    def operations(self, *, legacy: bool | None = None) -> Iterator[Operation]:
        """All operations, of current documents, legacy ones, or (None) both."""
        for document in self.documents:
            if legacy is None or document.info.legacy is legacy:
                yield from document.operations
