"""Whether words already say that a call comes first, or what moves a resource. Pure.

Like `words`, these lean towards yes: they look for the other operation's route, or for its verb
in a sentence that speaks of a need.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from checker.domain.operation import SAFE_METHODS, Operation
from checker.drift.build import words_of
from checker.drift.rule import Case
from checker.drift.words import names, needs, sentences, stem
from checker.planning.routes import acts_on_item, verb_of, words


def operation_at(case: Case, endpoint: str) -> Operation | None:
    """The documented operation of an endpoint ("METHOD /path")."""
    return next((o for o in case.portal.operations() if str(o.id) == endpoint), None)


def all_words(case: Case) -> str:
    """The operation's words and those of each of its fields."""
    fields = case.documented.fields.values() if case.documented is not None else ()
    own = [t for f in fields for t in (f.description, f.schema.description) if t]
    return "\n".join([words_of(case), *dict.fromkeys(own)])


def names_route(text: str, path: str, base_path: str = "") -> bool:
    """Whether the text names a route: its path with or without the base, parameters folded."""
    bare = path.removeprefix(base_path.rstrip("/")) if base_path else path
    body = "".join(
        r"[{<:$]?[\w.-]+[}>]?" if piece.startswith("{") else re.escape(piece)
        for piece in re.split(r"(\{[^}]*\})", bare.strip("/"))
    )
    return bool(body) and re.search(rf"/{body}(?![\w/{{])", text) is not None


def says_it_moves(case: Case, endpoint: str, acts: bool = False) -> bool:
    """Whether the words tell that the endpoint's call has to come first.

    The operation's own words name the call's route. Where the call acts on an item, its verb
    ("must be confirmed") in a sentence about a need will do, or the call's own words that speak
    so of this operation. `acts`: it is known to act on an item.
    """
    if case.documented is None:
        return False
    method, _, path = endpoint.partition(" ")
    mover = operation_at(case, endpoint)
    base = (mover or case.documented).document.base_path
    text = all_words(case)
    if _route_named(text, method, path, base) or (mover is not None and _called(text, mover)):
        return True
    if mover is None or not (acts or acts_on_item(mover.id)):
        return False
    if any(needs(s) and stem(v).search(s) for v in _verbs(path) for s in sentences(text)):
        return True
    own, own_base = case.operation, case.documented.document.base_path
    if _route_named(mover.text, own.method, own.path, own_base):
        return True
    return any(
        needs(s) and names(s, verb) for verb in _verbs(own.path) for s in sentences(mover.text)
    )


def _called(text: str, mover: Operation) -> bool:
    """Whether the text calls an operation by a name of several words: its operationId, or the
    verb that its path ends with (`releaseOrder`)."""
    last = mover.id.path.rstrip("/").rpartition("/")[2]
    return any(
        len(words(name)) > 1 and re.search(rf"(?<![\w/-]){re.escape(name)}(?![\w/-])", text)
        for name in (mover.operation_id, last)
    )


def _route_named(text: str, method: str, path: str, base_path: str) -> bool:
    """Whether the text names a call. Where it is read at the same path, an identifier comes from
    there, which tells no more unless the sentence speaks of a need."""
    # "/" and "/x" alone are too common to tell anything.
    if len(path.strip("/")) <= 2:
        return False
    reads = re.compile(rf"\b(?!{method}\b)(?:{'|'.join(SAFE_METHODS)})\b[`\s*:]{{1,4}}/[^\s`]*")
    return any(
        names_route(s if needs(s) else reads.sub("", s), path, base_path) for s in sentences(text)
    )


def _verbs(path: str) -> Iterator[str]:
    """The verb of a path that has one: that acts on an item, or has a name of two words."""
    verb = "" if path.rstrip("/").endswith("}") else verb_of(path)
    last = path.rstrip("/").rpartition("/")[2]
    if len(verb) > 2 and ("{" in path or len(words(last)) > 1):
        yield verb
