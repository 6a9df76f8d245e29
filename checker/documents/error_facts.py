"""What the rows of `spec_errors.toml` ask of a meta-schema error, and their words for it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from checker.documents.subjects import SECTIONS, subject, value_at
from checker.domain.pointer import pointer_of
from checker.domain.schema import json_type

if TYPE_CHECKING:
    from checker.documents.meta import Leaf

Patch = tuple[Mapping[str, Any], ...]
_NAMED = frozenset({*SECTIONS, "properties", "paths"})
_BRANCHES = frozenset({"allOf", "anyOf", "oneOf"})
_PARTS = frozenset({"parameters", "tags", "servers", "prefixItems"})
"""Lists whose items are things with a name of their own in sentences."""


@cache
def table() -> Mapping[str, Any]:
    """The data of `spec_errors.toml`."""
    text = (files("checker.documents") / "spec_errors.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


class Facts(dict[str, Any]):
    """What is known of one error: each word in braces of a row is a member, made when asked for.

    `path` leads to what is wrong or too much, or to what lacks something. `finds` notes what a
    finder gives: `fixed`, the right value, `patch`, and words of its own.
    """

    def __init__(
        self,
        root: Any,
        path: Sequence[str],
        kind: str,
        leaf: Leaf,
        dialect: str,
    ) -> None:
        super().__init__(kind=kind)
        self.root, self.path, self.leaf = root, list(path), leaf
        self.dialect = dialect
        self.value = value_at(root, path)
        self.holder = value_at(root, self.path[:-1])
        self.at = pointer_of(path)
        self.base = self.at.rpartition("/")[0]
        self.fixed: Any = None
        self.patch: Patch = ()

    def __missing__(self, word: str) -> Any:
        return _WORDS[word](self)

    def finds(self, finder: Callable[[Facts], Mapping[str, Any] | None]) -> bool:
        """Whether the finder has something to say; its words are known from then on."""
        found = finder(self)
        if found is None:
            return False
        self.update(found)
        self.patch = tuple(found.get("patch", ()))
        if "fixed" in found:
            self.fixed, self["fixed"] = found["fixed"], shown(found["fixed"])
        return True

    @property
    def last(self) -> str:
        return self.path[-1] if self.path else "document"

    @cached_property
    def names(self) -> list[str]:
        """What is missing, of which one is enough."""
        return [str(name) for name in _several(self.leaf.said)]

    @cached_property
    def options(self) -> Sequence[Any]:
        """What may be there: types, or values."""
        said = self.leaf.said
        if self["kind"] == "Type" and not isinstance(said, list):
            said = getattr(said, "types", None) or said
            return [str(said)] if said else []
        return [str(t) for t in said] if self["kind"] == "Type" else _several(said)

    @property
    def types(self) -> set[str]:
        """The value's type, as JSON has it."""
        return {"null" if self.value is None else json_type(self.value)}


_WORDS: Mapping[str, Callable[[Facts], Any]] = {
    "name": lambda of: of.names[0] if of["kind"] == "Required" else of.last,
    "parent": lambda of: of.path[-2] if len(of.path) > 1 else "",
    "place": lambda of: _place(of.last, of["parent"]),
    "number": lambda of: int(of.last) + 1,
    "subject": lambda of: subject(of.root, of.path),
    "owner": lambda of: subject(of.root, of.path[:-1]) if of.path else "The document",
    "around": lambda of: subject(of.root, of.path[:-2]),
    "version": lambda of: "Swagger 2.0" if of.dialect == "2.0" else f"OpenAPI {of.dialect}",
    "missing": lambda of: " or ".join(f"`{name}`" for name in of.names),
    "allowed": lambda of: _allowed(of["kind"], of.options),
    "types": lambda of: ", ".join(str(option) for option in of.options if option != "file"),
    "found": lambda of: shown(of.value) if of["kind"] == "Enum" else _kind(of.value),
    "shown": lambda of: shown(of.value),
    "value": lambda of: str(of.value)[:40],
    "said": lambda of: str(of.leaf.said),
    "detail": lambda of: f" ({of.leaf.message})" if 0 < len(of.leaf.message) < 160 else "",
}


def _place(name: str, parent: str) -> str:
    if parent in _BRANCHES:
        return "branch"
    if name.isdecimal() and parent and parent not in _PARTS:
        return "item"
    return "thing" if name.isdecimal() or parent in _NAMED else "member"


def _allowed(kind: str, options: Sequence[Any]) -> str:
    if kind == "Type":
        return " or ".join(map(_article, options)) or "something else"
    return ("" if len(options) == 1 else "one of ") + ", ".join(map(shown, options))


def shown(value: Any) -> str:
    """A JSON value in a sentence, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "…"


def _several(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _article(name: str) -> str:
    return f"an {name}" if name[:1] in "aeiou" else f"a {name}"


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    found = "number" if isinstance(value, float) else json_type(value)
    plain = isinstance(value, (bool, int, float, str))
    return f"the {found} {shown(value)}" if plain else _article(found)
