"""Paths → `Portal`: what each file is, is recognised from its content."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from checker.documents.checkouts import checkout_around
from checker.documents.collecting import paused
from checker.documents.flaws import MAX_FILE_BYTES
from checker.documents.loader import document, entity, flaw_problem
from checker.documents.pointing import Unresolved
from checker.documents.references import Files
from checker.documents.source import read_text
from checker.domain.operation import DocumentInfo
from checker.domain.portal import DataFile, Document, Page, Portal
from checker.domain.schema import Schema
from checker.domain.workflow import Record
from checker.errors import DocumentError
from checker.lexicon.texts import name_words
from checker.settings import Settings

DATA = (".json", ".yaml", ".yml")
PAGES = (".md", ".markdown", ".html", ".htm", ".mdx")
_ROLES = frozenset({"legacy", "workflows", "docs"})
_GENERIC = frozenset({"swagger", "openapi", "specs", "spec", "docs", "api", "apis", "documents"})
_SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__", "venv", "dist"})
MAX_NAMED = 5
_TABLE = re.compile(r"^\s*\|?\s*:?-{3,}:?\s*\|", re.MULTILINE)
_FRONT_MATTER = re.compile(r"\A\ufeff?---\s*\r?\n")


def _reach(roots: Sequence[Path], settings: Settings) -> Files:
    """What references of the documents below these folders may lead to."""
    around = (checkout_around(root) for root in roots)
    checkouts = [folder for folder in dict.fromkeys(around) if folder is not None]
    remote = settings.remote_refs and not settings.dry_run
    return Files(roots=roots, ref_map=settings.ref_map, checkouts=checkouts, remote=remote)


def load_portal(paths: Sequence[Path], settings: Settings, *, validate: bool = True) -> Portal:
    """Everything below the given paths, loaded; without `validate` nothing is judged.

    A broken file never stops the others: it becomes a document with a fatal problem, or a
    note. Raises DocumentError where a given path doesn't exist.
    """
    paths = [Path(p) for p in paths]
    for path in paths:
        if not path.exists():
            raise DocumentError(f"{path} doesn't exist.", "Check the path.")
    roots = [p if p.is_dir() else p.parent for p in paths]
    made = _Portal(_reach(roots, settings), settings, validate)
    with paused():
        for path, root in zip(paths, roots, strict=True):
            for file in walk(path):
                made.take(file, root)
    return made.portal()


def walk(path: Path) -> Iterator[Path]:
    """The files of a folder in a stable order, hidden ones left out; a file is itself."""
    if not path.is_dir():
        yield path
        return
    for entry in sorted(path.iterdir(), key=lambda p: p.name):
        if entry.name.startswith(".") or entry.name in _SKIPPED_FOLDERS:
            continue
        if entry.is_dir():
            if not entry.is_symlink():
                yield from walk(entry)
        elif entry.is_file():
            yield entry


def unread_notes(unread: Mapping[str, str]) -> Iterator[str]:
    """One note for all references of one folder that were left out for one reason."""
    groups: dict[tuple[str, str], list[str]] = {}
    for address, why in unread.items():
        groups.setdefault((address.rpartition("/")[0], why), []).append(address)
    for (folder, why), addresses in groups.items():
        what = addresses[0] if len(addresses) == 1 else f"{len(addresses)} files under {folder}"
        yield f"Reference not followed: {what} {why}"


def skipped_notes(skipped: Mapping[str, str], used: Collection[Path]) -> Iterator[str]:
    """One note for the files of one folder that were left out for one reason; none for those
    that documents refer to (`used`)."""
    groups: dict[tuple[str, str], list[str]] = {}
    for file, why in skipped.items():
        if Path(file).resolve() not in used:
            groups.setdefault((str(Path(file).parent), why), []).append(file)
    for (folder, why), files in groups.items():
        what = files[0] if len(files) == 1 else f"{len(files)} files in {folder}"
        if len(files) > 1:
            names = [Path(file).name for file in files[:MAX_NAMED]]
            what += f" ({', '.join(names)}{', …' if len(files) > MAX_NAMED else ''})"
        yield f"{what} skipped: {why}"


def is_api_document(data: Any) -> bool:
    """Whether parsed content is a Swagger or OpenAPI document, maybe without its version key."""
    if not isinstance(data, Mapping):
        return False
    if "swagger" in data or "openapi" in data:
        return True
    paths = data.get("paths")
    return isinstance(paths, Mapping) and (
        "info" in data or any(str(k).startswith("/") for k in paths)
    )


def looks_like_api(text: str) -> bool:
    """The same of a text that can't be parsed."""
    head = text[:4000]
    return bool(
        re.search(r"""["']?(?:swagger|openapi)["']?\s*:\s*["']?[0-9]""", head)
        or re.search(r"""["']?paths["']?\s*:""", text[:200_000])
    )


class _Portal:
    """A portal being filled."""

    def __init__(self, files: Files, settings: Settings, validate: bool) -> None:
        self.files = files
        self.settings = settings
        self.validate = validate
        self.documents: list[Document] = []
        self.records: list[Record] = []
        self.pages: list[Page] = []
        self.notes: list[str] = []
        self.skipped: dict[str, str] = {}
        self.entities: list[tuple[str, Schema]] = []
        self.seen: set[Path] = set()

    def portal(self) -> Portal:
        skipped = skipped_notes(self.skipped, self.files.referred())
        notes = (*skipped, *self.notes, *unread_notes(self.files.unread))
        files = {s.display: DataFile(s.data, s.digest) for s in self.files.local()}
        return Portal(
            tuple(self.documents),
            tuple(self.records),
            tuple(self.pages),
            notes,
            tuple(self.entities),
            files,
        )

    def take(self, file: Path, root: Path) -> None:
        real = file.resolve()
        if real in self.seen:
            return
        self.seen.add(real)
        suffix = file.suffix.lower()
        if suffix in DATA:
            self.data(file, root)
        elif suffix in PAGES:
            self.text(file, root)
        elif file.name not in ("LICENSE", "Makefile", "driftcheck.toml"):
            self.skipped[str(file)] = "not JSON, YAML, Markdown or HTML."

    def data(self, file: Path, root: Path) -> None:
        domain, legacy = domain_of(file, root), self.legacy(file, root)
        source = self.files.read(file, str(file))
        if isinstance(source, Unresolved):
            self.skipped[str(file)] = f"{source.reason}."
            return
        if is_api_document(source.data):
            self.documents.append(
                document(source, self.files, legacy=legacy, domain=domain, validate=self.validate)
            )
            return
        fatal = [f for f in source.flaws if f.fatal]
        if fatal and (file.stat().st_size > MAX_FILE_BYTES or looks_like_api(_head(file))):
            info = DocumentInfo(str(file), "", legacy, domain)
            problems = tuple(flaw_problem(source, flaw) for flaw in source.flaws)
            self.documents.append(Document(info, problems=problems))
            return
        if fatal:
            self.skipped[str(file)] = f"not an API document ({_at(fatal[0])})."
            return
        schema = entity(source, self.files)
        if schema is not None:
            self.entities.append((file.stem, schema))
            return
        self.skipped[str(file)] = "no API document in it."

    def text(self, file: Path, root: Path) -> None:
        folders = {part.lower() for part in _inside(file, root).parts[:-1]}
        folders.add(root.name.lower())
        text = _head(file)
        front = bool(_FRONT_MATTER.match(text)) and file.suffix.lower() not in (".html", ".htm")
        among = "workflows" in folders
        if (front and _is_record(text)) or (among and _has_front_matter(text)):
            self.record(file, root)
        elif among:
            self.skipped[str(file)] = "no front matter, so no workflow record."
        elif "docs" in folders or _has_table(text):
            self.page(file, root)
        else:
            self.skipped[str(file)] = "neither a workflow record nor a page with tables."

    def record(self, file: Path, root: Path) -> None:
        from checker.documents.workflow import load_record

        try:
            record, problems = load_record(file, str(file))
        except (DocumentError, OSError, ValueError) as error:
            self.skipped[str(file)] = str(error)
            return
        self.records.append(record)
        for problem in problems:
            if problem.fatal:
                self.notes.append(f"{file}: {problem.message} {problem.mend}".strip())

    def page(self, file: Path, root: Path) -> None:
        from checker.documents.prose import load_page

        try:
            page = load_page(file, str(file))
        except (DocumentError, OSError, ValueError) as error:
            self.skipped[str(file)] = str(error)
            return
        self.pages.append(replace(page, domain=page.domain or domain_of(file, root)))

    def legacy(self, file: Path, root: Path) -> bool:
        """Whether a file is a legacy document: by a folder below the root that has the word in
        its name, by the root's own name, or by the settings."""
        inside = _inside(file, root)
        if any("legacy" in name_words(part).split() for part in inside.parts[:-1]):
            return True
        if "legacy" in map(str.lower, _folders(root)):
            return True
        names = (inside.as_posix(), file.as_posix(), file.name)
        return any(fnmatch(n, pattern) for pattern in self.settings.legacy for n in names)


def _folders(root: Path) -> tuple[str, ...]:
    """The last two folders of a root: `…/communication/legacy` may be given itself."""
    return root.resolve().parts[-2:]


def _inside(file: Path, root: Path) -> Path:
    return file.relative_to(root) if file.is_relative_to(root) else Path(file.name)


def _head(file: Path) -> str:
    try:
        return read_text(file)
    except (OSError, ValueError):
        return ""


def _at(flaw: Any) -> str:
    return f"line {flaw.line}: {flaw.message}" if flaw.line else flaw.message


def _has_front_matter(text: str) -> bool:
    """Also where its dashes were forgotten."""
    from checker.documents.workflow_text import split

    return split(text[:200_000]).front is not None


def _has_table(text: str) -> bool:
    return bool(_TABLE.search(text)) or "<table" in text.lower()


def _is_record(text: str) -> bool:
    head = text.split("\n---", 1)[0]
    return bool(re.search(r"^\s*(endpoint|verifiedAt|useFallbackApi)\s*:", head, re.MULTILINE))


def domain_of(file: Path, root: Path) -> str:
    """The first folder below the root that isn't a role (`legacy`, …), else the root's name."""
    for part in _inside(file, root).parts[:-1]:
        if part.lower() not in _ROLES:
            return part
    for part in reversed(_folders(root)):
        if part.lower() not in _ROLES:
            return "" if part.lower() in _GENERIC else part
    return ""
