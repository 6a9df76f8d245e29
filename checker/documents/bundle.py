"""A document with what it refers to in other files put into its place, to be judged as one.

The checks of a document see it whole: a flaw behind a reference is found as if it stood in the
document, in the same words, and is told at the file where it stands.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from checker.documents.nodes import Place, pointer, walk
from checker.documents.operations import Context, join
from checker.documents.places import listed
from checker.documents.pointing import Node, Source, Unresolved
from checker.documents.subjects import operation_at, subject
from checker.domain.location import Location
from checker.domain.pointer import tokens_of
from checker.domain.portal import Problem

MAX_PARTS = 20_000
_NOWHERE = "#/nowhere"


@dataclass(slots=True)
class Bundle:
    """The document as one tree, and where each part of it stands."""

    context: Context
    """Of the tree, in the entry file's name."""
    homes: dict[str, Node] = field(default_factory=dict)
    """Pointer in the tree → what was put there."""
    problems: list[Problem] = field(default_factory=list)

    def home(self, at: str) -> Location:
        """Where the node at a pointer of the tree stands."""
        above, rest = at, ""
        while above:
            if above in self.homes:
                node = self.homes[above]
                return Location(node.source.display, node.pointer + rest)
            above, _, last = above.rpartition("/")
            rest = f"/{last}{rest}"
        return Location(self.context.info.file, at)

    def told(self, problem: Problem) -> Problem:
        """A problem of the tree as one of the file where it stands."""
        if not self.homes or problem.location.file != self.context.info.file:
            return problem
        place = self.home(problem.location.pointer)
        patch: list[Mapping[str, Any]] = []
        for step in problem.patch:
            moved = dict(step)
            for word in ("path", "from"):
                if word in step:
                    target = self.home(str(step[word]))
                    if target.file != place.file or (word == "path" and not target.pointer):
                        return replace(problem, location=place, patch=())
                    moved[word] = target.pointer
            patch.append(moved)
        return replace(problem, location=place, patch=tuple(patch))


def bundled(context: Context) -> Bundle:
    """The document of a context as one tree. Each part is put in once; where it is used again
    or contains itself, a reference to that place stays."""
    tree = copy.deepcopy(context.root.value)
    source = replace(context.root.source, data=tree)
    bundle = Bundle(replace(context, root=Node(tree, source)))
    _Filling(context, bundle, tree).run()
    return bundle


class _Filling:
    """Puts parts into a tree."""

    def __init__(self, context: Context, bundle: Bundle, tree: Any) -> None:
        self.context = context
        self.bundle = bundle
        self.tree = tree
        self.put: dict[tuple[int, str], str] = {}
        self.more: list[tuple[Any, Place]] = [(tree, None)]

    def run(self) -> None:
        while self.more:
            value, start = self.more.pop()
            for kind, place, node in walk(value, start, "object"):
                if kind == "ref" and place is not None and len(self.put) < MAX_PARTS:
                    self.one(place, node)

    def _behind(self, reference: Any, source: Source) -> Node | None:
        """What a reference leads to in the end; None where it leads nowhere."""
        found = self.context.files.resolve(reference, source)
        if isinstance(found, Unresolved):
            return None
        target = self.context.files.follow(found)
        return None if isinstance(target, Unresolved) else target[0]

    def one(self, place: Place, node: Any) -> None:
        """One reference of the tree."""
        at = pointer(place)
        source = self._source(at)
        own = listed(place, self.context.dialect)
        if not own:
            self.bundle.problems.append(self._unlisted(at))
        entry = self.context.root.source
        behind = self._behind(node["$ref"], source)
        if behind is None or (behind.source is entry and own):
            if source is not entry:
                node["$ref"] = _NOWHERE if behind is None else "#" + behind.pointer
            return
        known = self._known(behind)
        if known is not None and own:
            node["$ref"] = "#" + known
        elif known is None or not at.startswith(known):
            self._fill(place, node, behind)

    def _fill(self, place: Place, node: Any, part: Node) -> None:
        at = pointer(place)
        self.put.setdefault((id(part.source), part.pointer), at)
        self.bundle.homes[at] = part
        made = copy.deepcopy(part.value)
        if isinstance(made, dict):
            node.clear()
            node.update(made)
            return
        holder: Any = self.tree
        way = tokens_of(at)
        for token in way[:-1]:
            holder = holder[int(token)] if isinstance(holder, list) else holder.get(token)
        if isinstance(holder, list):
            holder[int(way[-1])] = made
        elif isinstance(holder, dict):
            holder[way[-1]] = made
        self.more.append((made, place))

    def _known(self, part: Node) -> str | None:
        """Where the part, or something around it, has been put already."""
        above, rest = part.pointer, ""
        while True:
            at = self.put.get((id(part.source), above))
            if at is not None:
                return at + rest
            if not above:
                return None
            above, _, last = above.rpartition("/")
            rest = f"/{last}{rest}"

    def _source(self, at: str) -> Source:
        """The file that a node of the tree comes from."""
        above = at.rpartition("/")[0]
        while above:
            if above in self.bundle.homes:
                return self.bundle.homes[above].source
            above = above.rpartition("/")[0]
        return self.context.root.source

    def _unlisted(self, at: str) -> Problem:
        path = tokens_of(at)
        what = subject(self.tree, path)
        word = path[-1]
        if word in ("paths", "responses", "parameters", "content", "headers", "properties"):
            what += f": `{word}`"
        spelling = "Swagger 2.0" if self.context.dialect == "2.0" else "OpenAPI"
        return Problem(
            f"{what} is a reference, which {spelling} doesn't list there; some tools ignore it.",
            "Write it out there, or refer to each part where the specification lists it.",
            self.bundle.home(at),
            operation=operation_at(path, lambda p: join(self.context.info.base_path, p)),
            mistake="a reference where the specification lists none",
        )
