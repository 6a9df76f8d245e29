"""Which objects of an answer are maps from fields to complaints. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from checker.search.naming import Names, Path, path_of
from checker.search.wording import is_sentence, means

Slot = tuple[str, ...]
ANY = "*"
"""Stands in a slot for the key of a map from fields to complaints."""


def role_of(member: str) -> str:
    """What a member of an error is by its name: "names", "place", "envelope", "own" or ""."""
    found = means("slots", member[:80])
    return found[0] if found else ""


def names_by_words(text: str) -> bool:
    """Whether a text's words say that a field is missing or unknown, so that it is named."""
    return bool({"missing", "unknown"} & set(means("refusals", text)))


class Maps:
    """Tells maps from other objects; `slots` are known to be maps."""

    def __init__(self, names: Names, slots: Collection[Slot] = ()) -> None:
        self.names = names
        self.slots = slots

    def keys(self, node: Mapping[str, Any], slot: Slot, path: Path) -> list[str]:
        """The keys of an object that name fields to which their values are complaints."""
        keys = [k for k, v in node.items() if _may_complain(v)]
        if slot in self.slots or (path and all(k.isdecimal() for k in keys)):
            return keys
        hits = [k for k in keys if self._names_field(k, path)]
        if not hits:
            return keys if self._could_be(node, keys, slot, path) else []
        whole = len(hits) == len(node)
        sure = [k for k in hits if self._is_sure(k, node[k], slot, whole)]
        likely = [k for k in hits if k in sure or not role_of(k)]
        if whole:
            likely = self._alike(node, likely, slot)
        if len(likely) * 2 > len(node) and (sure or _all_sentences(node, likely)):
            return [k for k in keys if k in likely or (k not in hits and not role_of(k))]
        return [k for k in sure if _holds_texts(node[k])]

    @staticmethod
    def _alike(node: Mapping[str, Any], likely: list[str], slot: Slot) -> list[str]:
        """Of an object whose keys are all fields: those that hold the same as the likely ones,
        or all where it stands below an envelope's member and none is one itself."""
        roles = {role_of(k) for k in node}
        if roles == {"own"} and slot and role_of(slot[-1]) == "envelope":
            return list(node)
        shapes = {type(node[k]) for k in likely}
        return [k for k in node if type(node[k]) in shapes]

    def _names_field(self, key: str, path: Path) -> bool:
        steps = path_of(key)
        if steps is None:
            return False
        whole = self.names.resolve((*path, *steps))
        above = self.names.resolve(path)
        return whole is not None and (above is None or whole.key != above.key)

    def _is_sure(self, key: str, value: Any, slot: Slot, whole: bool) -> bool:
        """Whether a member with a field's name is about the field, and isn't one that errors have
        anyway: it holds sentences, not names, and no text of the whole error."""
        role = role_of(key)
        inside = bool(slot) and role_of(slot[-1]) == "envelope"
        if isinstance(value, Mapping):
            return not role or (role == "own" and inside)
        if not _only_texts(value):
            return isinstance(value, list) and not role
        if all(self.names.knows(v) for v in value):
            return False
        if role != "envelope":
            return not role or any(map(is_sentence, value))
        return any(map(is_sentence, value)) and (inside or (whole and self._names_none(value)))

    def _names_none(self, texts: list[str]) -> bool:
        return not any(s.strength > 0 for text in texts for s in self.names.spots(text))

    def _could_be(self, node: Mapping[str, Any], keys: list[str], slot: Slot, path: Path) -> bool:
        """Whether keys that no document knows name fields: each has a list of texts, below an
        envelope's member or a field that is known, or at the top where the texts say that
        something is missing."""
        below = bool(path) and self.names.resolve(path) is not None
        if len(keys) < len(node) or (slot and not below and role_of(slot[-1]) != "envelope"):
            return False
        if below and not all(is_sentence(t) for k in keys if _only_texts(node[k]) for t in node[k]):
            return False
        if not slot and not all(names_by_words(str(node[k])) for k in keys):
            return False
        return all(_only_texts(node[k]) and path_of(k) and not role_of(k) for k in keys)


def _all_sentences(node: Mapping[str, Any], keys: list[str]) -> bool:
    """Whether an object has nothing but a text for each field."""
    return len(keys) == len(node) and all(is_sentence(str(node[k])) for k in keys)


def _may_complain(value: Any) -> bool:
    if isinstance(value, Mapping | list):
        return bool(value)
    return isinstance(value, str) and bool(value.strip())


def _holds_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, str | dict) for v in value)


def _only_texts(value: Any) -> bool:
    return _holds_texts(value) and all(isinstance(v, str) for v in value)
