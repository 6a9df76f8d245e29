"""Files by path and `$ref`s to their targets, never outside the folders that were given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from checker.documents.checkouts import visible
from checker.documents.flaws import Flaw, Parsed
from checker.documents.parse import parse
from checker.documents.pointing import Node, Source, Unresolved, point, refers
from checker.documents.source import decode, read_text, syntax_of
from checker.domain.nodes import mapping_of
from checker.domain.pointer import pointer_of, tokens_of

MAX_CHAIN = 50
REMOTE_TIMEOUT_S = 10.0
MAX_REMOTE_BYTES = 20 * 1024 * 1024

_NOT_READ = Unresolved(
    "is remote, and remote references are not read",
    "Pass --ref-map URL=DIR with a copy of it, or allow remote references.",
    unread=True,
)


class Contents(Mapping[str, Any]):
    """The data of every file that was read, by the name that locations have; grows by itself."""

    def __init__(self, sources: Mapping[str, Source | Unresolved]) -> None:
        self._sources = sources

    def _found(self) -> dict[str, Any]:
        return {s.display: s.data for s in self._sources.values() if isinstance(s, Source)}

    def __getitem__(self, file: str) -> Any:
        return self._found()[file]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found())

    def __len__(self) -> int:
        return len(self._found())


@dataclass(slots=True)
class Files:
    """Every file read so far. Only files below `roots` or a folder of `ref_map` are opened."""

    roots: Sequence[Path] = ()
    ref_map: Mapping[str, Path] = field(default_factory=dict)
    checkouts: Sequence[Path] = ()
    """Folders under version control around the roots: what is published together is read."""
    remote: bool = False
    unread: dict[str, str] = field(default_factory=dict)
    """Addresses that were not looked at → why, for the notes of a run."""
    _sources: dict[str, Source | Unresolved] = field(default_factory=dict)
    _targets: dict[tuple[int, str], Node | Unresolved] = field(default_factory=dict)
    _anchors: dict[int, Mapping[str, Node]] = field(default_factory=dict)

    def read(self, path: Path, display: str = "") -> Source | Unresolved:
        """A file's data; a reason where it can't be read."""
        key = str(path.resolve())
        if key not in self._sources:
            self._sources[key] = _read(path, display or str(path))
        return self._sources[key]

    @property
    def contents(self) -> Contents:
        """What the files hold, by the name that locations have."""
        return Contents(self._sources)

    def add(self, source: Source) -> None:
        """A file that was read elsewhere."""
        if source.path is not None:
            self._sources[str(source.path.resolve())] = source

    def local(self) -> Iterator[Source]:
        """The files that were read from this machine, those that references led to included."""
        for source in self._sources.values():
            if isinstance(source, Source) and source.path is not None:
                yield source

    def referred(self) -> frozenset[Path]:
        """The files that references of other files led to, resolved."""
        return frozenset(
            found.source.path.resolve()
            for (base, _), found in self._targets.items()
            if isinstance(found, Node) and id(found.source) != base and found.source.path
        )

    # --- references

    def resolve(self, reference: str, base: Source) -> Node | Unresolved:
        """What a `$ref` in `base` points at (its own `$ref`, if any, isn't followed)."""
        key = (id(base), reference)
        if key not in self._targets:
            self._targets[key] = self._resolve(reference, base)
        return self._targets[key]

    def follow(self, node: Node) -> tuple[Node, str | None] | Unresolved:
        """A node behind its `$ref`s, and the text of the last one."""
        last: str | None = None
        if not refers(node.value):
            return node, last
        seen: set[tuple[int, str]] = set()
        while refers(node.value):
            mark = (id(node.source), node.pointer)
            if mark in seen or len(seen) > MAX_CHAIN:
                return Unresolved("refers to itself", "Point it at a definition.")
            seen.add(mark)
            last = node.value["$ref"]
            found = self.resolve(last, node.source)
            if isinstance(found, Unresolved):
                return found
            node = found
        return node, last

    def _resolve(self, reference: str, base: Source) -> Node | Unresolved:
        address, fragment = urldefrag(reference)
        source: Source | Unresolved = base
        if address:
            source = self._identified(address, base) or self._file(address, base)
        if isinstance(source, Unresolved):
            return source
        if source.data is None:
            name = source.display
            return Unresolved(f"points into {name}, which can't be read", f"Mend {name}.")
        try:
            fragment = unquote(fragment, errors="strict")
        except UnicodeDecodeError:
            return Unresolved("isn't a valid reference", "Write it as #/components/….")
        if fragment and not fragment.startswith("/"):
            anchor = self._known(source).get("#" + fragment)
            mend = "Write a JSON Pointer, such as #/components/schemas/Name."
            return anchor or Unresolved(f"names the anchor {fragment}, which isn't there", mend)
        if source is base and address and not fragment and address in self._known(source):
            return self._known(source)[address]
        found = point(source, fragment)
        if isinstance(found, Unresolved):
            found = self._through(source, fragment) or self._in_resource(source, fragment) or found
        return found

    def _identified(self, address: str, base: Source) -> Source | None:
        """A document that calls itself `address` by `$id` or `$self`, or has a schema that does."""
        data = base.data
        if isinstance(data, Mapping) and address in (data.get("$id"), data.get("$self")):
            return base
        return base if urlsplit(address).scheme and address in self._known(base) else None

    def _through(self, source: Source, pointer: str) -> Node | None:
        """The node at a pointer that leads through references on its way."""
        node = Node(source.data, source)
        for token in tokens_of(pointer):
            if not (isinstance(node.value, Mapping) and token in node.value):
                behind = self.follow(node)
                if isinstance(behind, Unresolved):
                    return None
                node = behind[0]
            step = point(Source(source.display, node.value), pointer_of([token]))
            if isinstance(step, Unresolved):
                return None
            node = Node(step.value, node.source, node.pointer + pointer_of([token]))
        return node

    def _in_resource(self, source: Source, pointer: str) -> Node | None:
        """A pointer that counts from the only schema with an `$id` in which it leads somewhere."""
        found = []
        for name, schema in self._known(source).items():
            if not name.startswith("#"):
                inner = point(Source(source.display, schema.value), pointer)
                if isinstance(inner, Node):
                    found.append(Node(inner.value, source, schema.pointer + pointer))
        return found[0] if len({node.pointer for node in found}) == 1 else None

    def _known(self, source: Source) -> Mapping[str, Node]:
        if id(source) not in self._anchors:
            found: dict[str, Node] = {}
            pending = [Node(source.data, source)]
            while pending:
                node = pending.pop()
                for name in _own_names(node):
                    found.setdefault(name, node)
                pending.extend(_children(node))
            self._anchors[id(source)] = found
        return self._anchors[id(source)]

    def _copy(self, address: str, prefix: str, scheme: str) -> Source | Unresolved:
        """The file below a mapped folder that stands for an address."""
        folder = self.ref_map[prefix]
        path = folder / unquote(address[len(prefix) :].lstrip("/"))
        found = self._open(path, address, [folder])
        if isinstance(found, Unresolved) and scheme and found.reason.startswith("points"):
            # Only the copy lacks it: what is published isn't known to be wrong.
            return Unresolved(f"isn't in {folder}", f"Add it to {folder}.", unread=True)
        return found

    def _file(self, address: str, base: Source) -> Source | Unresolved:
        if base.url and not urlsplit(address).scheme:
            address = urljoin(base.url, address)
        scheme = urlsplit(address).scheme.lower()
        copied = [prefix for prefix in self.ref_map if address.startswith(prefix)]
        if copied:
            return self._copy(address, max(copied, key=len), scheme)
        if scheme in ("http", "https"):
            return self._fetch(address) if self.remote else _NOT_READ
        if len(scheme) > 1:
            return Unresolved(f"has the scheme {scheme}:", "Use a relative path.")
        if base.path is None:
            return Unresolved("is relative, but its own file has no place", "Use a full URL.")
        roots = [*self.roots, *self.ref_map.values()] or [base.path.parent]
        return self._open(base.path.parent / unquote(address), address, roots)

    def _open(self, path: Path, address: str, roots: Sequence[Path]) -> Source | Unresolved:
        try:
            real = path.resolve()
            inside = any(real.is_relative_to(root.resolve()) for root in roots) or any(
                visible(real, checkout.resolve()) for checkout in self.checkouts
            )
            there = inside and real.is_file()
        except (OSError, ValueError, RuntimeError):
            inside, there = True, False
        if not inside:
            mend = "Pass the folder above it as the path, or move the file into the folder."
            reason = "leads out of the given folder, and nothing outside of it is read"
            return Unresolved(reason, mend, refused=not path.is_absolute() or ".." in path.parts)
        if not there:
            mend = "Add the file or correct the path."
            return Unresolved(f"points at {address}, which isn't there", mend)
        return self.read(real, _tidy(path))

    def _fetch(self, address: str) -> Source | Unresolved:
        if address not in self._sources:
            self._sources[address] = _fetch(address)
        return self._sources[address]


def _tidy(path: Path) -> str:
    """The path as the user would write it: without `a/../`."""
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and parts and parts[-1] not in ("..", path.anchor):
            parts.pop()
        else:
            parts.append(part)
    return str(Path(*parts)) if parts else "."


def _read(path: Path, display: str) -> Source | Unresolved:
    try:
        text = read_text(path)
    except OSError as error:
        return Unresolved(f"can't be read ({error.strerror or error})", "Make it readable.")
    except ValueError as error:
        flaw = Flaw(str(error), "Split it into several files.", fatal=True)
        return Source(display, None, (flaw,), path)
    parsed: Parsed = parse(text, syntax_of(text, path.name))
    digest = sha256(path.read_bytes()).hexdigest()
    return Source(display, parsed.data, parsed.flaws, path, syntax=parsed.syntax, digest=digest)


def _fetch(address: str) -> Source | Unresolved:
    from urllib.request import Request, urlopen

    try:
        request = Request(address, headers={"Accept": "application/json, application/yaml, */*"})
        with urlopen(request, timeout=REMOTE_TIMEOUT_S) as response:
            data = response.read(MAX_REMOTE_BYTES + 1)
    except (OSError, ValueError) as error:
        return Unresolved(f"can't be fetched ({error})", "Check the address.")
    if len(data) > MAX_REMOTE_BYTES:
        return Unresolved("is too large to fetch", "Pass --ref-map URL=DIR with a copy of it.")
    text = decode(data)
    parsed = parse(text, syntax_of(text, urlsplit(address).path))
    return Source(address, parsed.data, parsed.flaws, None, address, parsed.syntax)


def _own_names(node: Node) -> Iterator[str]:
    """What a schema may be referred to by, besides its place."""
    value = mapping_of(node.value)
    for word in ("$anchor", "$dynamicAnchor"):
        if isinstance(value.get(word), str):
            yield "#" + value[word]
    if isinstance(value.get("$id"), str) and node.pointer:
        yield value["$id"]


def _children(node: Node) -> Iterator[Node]:
    if isinstance(node.value, Mapping):
        yield from (node.child(name) for name in node.value if isinstance(name, str))
    elif isinstance(node.value, list):
        yield from (node.child(index) for index in range(len(node.value)))
