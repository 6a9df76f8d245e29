"""What two documents say differently as a whole: servers, security schemes, unused definitions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from checker.documents.further import TOLD_EXTENSIONS
from checker.domain.location import Location
from checker.domain.nodes import list_of, mapping_of, member_of
from checker.domain.operation import OperationId
from checker.domain.pointer import escape
from checker.domain.portal import Document
from checker.domain.schema import MISSING
from checker.drift.compare.change import Change
from checker.drift.compare.constraints import UNCLASSIFIED
from checker.drift.compare.digest import canonical
from checker.drift.compare.words import sentence

_DESCRIBING = frozenset(
    {"description", "summary", "title", "example", "examples", "externalDocs", "$comment"}
)
_ROOT = frozenset(
    {
        "openapi", "swagger", "info", "servers", "host", "schemes", "basePath", "paths",
        "webhooks", "components", "definitions", "parameters", "responses",
        "securityDefinitions", "security", "tags", "externalDocs", "consumes", "produces", "$self",
    }
)  # fmt: skip
_SECTIONS = ("definitions", "parameters", "responses")
_NAMES = frozenset(
    {
        "properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "mapping",
        "schemas", "headers", "responses", "parameters", "links", "callbacks", "content",
        "variables", "scopes", "encoding", "dependentRequired",
    }
)  # fmt: skip
"""Words whose members have names of the author's choice."""
_REFERENCE = re.compile(r'"(?:\$ref|\$dynamicRef|operationRef)": "#(/(?:[^"\\]|\\.)*)"')


def whole(old: Document, new: Document) -> Iterator[Change]:
    """Every such difference of one pair of documents; none of them breaks a request."""
    one, two = old.raw, new.raw
    yield from _words(old, new, "servers-changed", {"servers": _servers(old, new)})
    for word in dict.fromkeys((*one, *two)):
        if word not in _ROOT and str(word)[:2] != "x-":
            sides = one.get(word, MISSING), two.get(word, MISSING)
            yield from _words(old, new, UNCLASSIFIED, {str(word): sides})
    if (old.info.dialect == "2.0") != (new.info.dialect == "2.0"):
        return
    yield from _schemes(old, new)
    yield from _definitions(old, new)


def _words(
    old: Document, new: Document, kind: str, words: Mapping[str, tuple[Any, Any]]
) -> Iterator[Change]:
    for word, (before, after) in words.items():
        if canonical(before) != canonical(after):
            sides = [None if said is MISSING else {word: said} for said in (before, after)]
            yield _change(old, new, kind, sides[0], sides[1], f"/{word}")


def _change(
    old: Document, new: Document, kind: str, before: Any, after: Any, pointer: str
) -> Change:
    change = Change(
        kind=kind,
        direction="",
        breaking=False,
        operation=OperationId("", ""),
        place="document",
        old=before,
        new=after,
        old_location=Location(old.info.file, pointer),
        new_location=Location(new.info.file, pointer),
    )
    return change.with_(text=sentence(change))


# --- servers


def _servers(old: Document, new: Document) -> tuple[Any, Any]:
    """What stands in front of the paths; a base path is told elsewhere."""
    same = old.info.base_path == new.info.base_path
    whole_urls = same and "2.0" not in (old.info.dialect, new.info.dialect)
    before, after = (_addresses(side.raw, whole_urls) for side in (old, new))
    if not (before and after) and (old.info.dialect == "2.0") != (new.info.dialect == "2.0"):
        return (), ()
    return before, after


def _addresses(raw: Mapping[str, Any], whole_urls: bool) -> list[Any]:
    if "swagger" in raw or "host" in raw:
        host, listed = raw.get("host"), sorted(map(str, list_of(raw.get("schemes"))))
        return [f"{scheme}://{host}" for scheme in listed] if host else [*listed]
    found: list[Any] = []
    for server in list_of(raw.get("servers")):
        said = stripped(server)
        if isinstance(said, dict) and not whole_urls:
            said = _host(str(said.get("url", "")))
        if said and said not in found:
            found.append(said)
    return found


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


# --- definitions


def _schemes(old: Document, new: Document) -> Iterator[Change]:
    """Of a scheme that both have: its addresses and whatever else no operation shows."""
    before, after = _security_schemes(old.raw), _security_schemes(new.raw)
    for name in before:
        one, two = _scheme(before[name]), _scheme(after.get(name))
        if name in after and canonical(one) != canonical(two):
            words = [w for w in dict.fromkeys((*one, *two)) if one.get(w) != two.get(w)]
            sides = [{w: side.get(w) for w in words} for side in (one, two)]
            at = f"/securityDefinitions/{name}"
            if "components" in old.raw:
                at = f"/components/securitySchemes/{name}"
            yield _change(old, new, UNCLASSIFIED, {name: sides[0]}, {name: sides[1]}, at)


def _security_schemes(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    components = raw.get("components")
    held = member_of(components, "securitySchemes")
    held = held if held is not None else raw.get("securityDefinitions")
    return mapping_of(held)


def _scheme(value: Any) -> dict[str, Any]:
    """A scheme without words and without what operations are compared by."""
    if not isinstance(value, Mapping):
        return {}
    said = stripped(value)
    flows = [said, *(f for f in (said.get("flows") or {}).values() if isinstance(f, dict))]
    for flow in flows:
        if isinstance(flow.get("scopes"), Mapping):
            flow["scopes"] = sorted(flow["scopes"])
    return {k: v for k, v in said.items() if k not in ("type", "in", "name", "scheme")}


def _definitions(old: Document, new: Document) -> Iterator[Change]:
    """Definitions that no operation leads to; what operations use is compared there."""
    before, after = _named(old.raw), _named(new.raw)
    gone = [at for at in before if at not in after]
    come = [at for at in after if at not in before]
    differ = [at for at in before if at in after and before[at] != after[at]]
    used = [_used(d.raw) if one else set() for d, one in ((old, gone or differ), (new, come))]
    inline = _Inline(old, new)
    for at in gone:
        if at not in used[0] and not inline.has(before[at]):
            yield _change(old, new, "definition-removed", "#" + at, None, at)
    for at in differ:
        if at in used[0]:
            continue
        if canonical(stripped(before[at])) != canonical(stripped(after[at])):
            yield _change(old, new, "definition-changed", "#" + at, "#" + at, at)
    for at in come:
        if at not in used[1] and not inline.has(after[at]):
            yield _change(old, new, "definition-added", None, "#" + at, at)


class _Inline:
    """Whether what a definition says stands in a path, word for word: another spelling."""

    def __init__(self, *documents: Document) -> None:
        self._documents = documents
        self._texts: list[str] = []

    def has(self, node: Any) -> bool:
        """For one definition; the paths are written out when it is asked first."""
        if not self._texts:
            self._texts = [canonical(d.raw.get("paths")) for d in self._documents]
        text = canonical(node)
        return any(text in paths for paths in self._texts)


def _named(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Every definition by its pointer, security schemes left out."""
    components = raw.get("components")
    holders = {f"/{word}": raw.get(word) for word in _SECTIONS if "swagger" in raw}
    for word, held in mapping_of(components).items():
        if word != "securitySchemes" and str(word)[:2] != "x-":
            holders[f"/components/{word}"] = held
    return {
        f"{at}/{escape(name)}": node
        for at, held in holders.items()
        if isinstance(held, Mapping)
        for name, node in held.items()
    }


def _used(raw: Mapping[str, Any]) -> set[str]:
    """Pointers that paths and webhooks lead to, over any number of references."""
    named = _named(raw)
    pending: list[Any] = [raw.get("paths"), raw.get("webhooks")]
    found: set[str] = set()
    while pending:
        for pointer in _references(pending.pop()):
            top = next((p for p in _above(pointer) if p in named), None)
            if top is not None and top not in found:
                found.add(top)
                pending.append(named[top])
    return found


def _references(node: Any) -> Iterable[str]:
    try:
        text = json.dumps(node, ensure_ascii=False, default=str, check_circular=False)
    except (TypeError, ValueError, RecursionError):
        return ()
    return {unquote(pointer) for pointer in _REFERENCE.findall(text)}


def _above(pointer: str) -> Iterator[str]:
    """The pointer and those of what is around it."""
    while pointer:
        yield pointer
        pointer = pointer.rpartition("/")[0]


def _describes(word: Any) -> bool:
    """Whether a member describes, or is a vendor's that nothing is told of."""
    return word in _DESCRIBING or (str(word)[:2] == "x-" and word not in TOLD_EXTENSIONS)


def stripped(value: Any, named: bool = False) -> Any:
    """A node without the words that describe and vendor extensions; lists of names sorted.

    `named`: its members have names of the author's choice."""
    if isinstance(value, dict):
        return {
            str(k): stripped(v, not named and k in _NAMES)
            for k, v in value.items()
            if named or not _describes(k)
        }
    if isinstance(value, list):
        if all(isinstance(item, str) for item in value):
            return sorted(value)
        return [stripped(item) for item in value]
    return value
