"""What the words of an operation, of its fields and of what stands beside it say. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from checker.domain.operation import FieldKey, Operation, OperationId, Place
from checker.lexicon import Entry, folded, operation_line, read
from checker.lexicon.texts import name_words, sentences_of
from checker.planning.encoding import path_parameters
from checker.planning.producers import noun_of
from checker.planning.routes import addressing, resource_of
from checker.safety.siblings import gives_back, successes

MAX_SENTENCES = 12
"""Of a description: an effect is often told last."""
_ANSWERED, _ABROAD = frozenset({"service", "account", "outward"}), frozenset({"outward"})
"""What the words of its answers, and those of its tags and document, can make of an operation."""


_ADDRESSES = frozenset({"uri", "url", "hostname"})
_LOUD = frozenset({"service", "account", "outward", "callback", "singleton"})


def words_of(operation: Operation, *, named: bool = True) -> Iterator[tuple[Entry, str]]:
    """The lexicon's entries that speak in an operation's path or words, and the text of each.

    `named`: its operationId says something, and isn't only what it is about.
    """
    method, path = operation.id.method, operation.path_template or operation.id.path
    name = name_words(operation.operation_id).removeprefix(method.lower() + " ") if named else ""
    sentences = [operation.summary, name]
    sentences += sentences_of(operation.description, MAX_SENTENCES)
    method = "POST" if method in ("HEAD", "OPTIONS") else method  # documented, they may do a lot
    for entry in read("effects", operation_line(method, path)):
        yield entry, path
    if name and not operation.id.safe:
        item = "/{}" if "{" in path else ""
        for entry in read("effects", operation_line(method, f"{item}/{operation.operation_id}")):
            if entry.where == "path" and entry.means in _LOUD:
                yield entry, operation.operation_id
    yield from _spoken(method, path, sentences)
    if not operation.id.safe:
        for sentence, means in _words_beside(operation):
            beside = _spoken(method, path, (sentence,))
            yield from (found for found in beside if found[0].means in means)


def _spoken(method: str, path: str, sentences: Iterable[str]) -> Iterator[tuple[Entry, str]]:
    for sentence in dict.fromkeys(s.strip(" .!\n") for s in sentences):
        if not sentence:
            continue
        for entry in read("effects", operation_line(method, path, sentence)):
            if entry.where != "path":
                yield entry, " ".join(sentence.split())[:80]


def told_outside(operation: Operation) -> str:
    """The sentence that says that people hear of it or money moves; empty where none does. What
    the route is called says nothing here: deleting a message writes to nobody."""
    called = (operation.path_template or operation.id.path, operation.operation_id)
    spoken = words_of(operation, named=False)
    told = (text for entry, text in spoken if entry.means == "outward" and text not in called)
    return next(told, "")


def _words_beside(operation: Operation) -> Iterator[tuple[str, frozenset[str]]]:
    """Sentences about what an operation does that stand elsewhere: with its accepted answers;
    for one that makes things, with its tags, and in the document's own words where they name
    what it is about."""
    for response in [r for r in operation.responses if r.status.startswith("2")]:
        for sentence in sentences_of(response.description, MAX_SENTENCES):
            yield sentence, _ANSWERED
    if operation.id.method == "POST" and not operation.id.path.rstrip("/").endswith("}"):
        yield from ((sentence, _ABROAD) for sentence in _words_abroad(operation))


def _words_abroad(operation: Operation) -> Iterator[str]:
    """What is said with an operation's tags, and of what it is about in the document's words."""
    document = operation.document
    for tag in operation.tags:
        yield from sentences_of(document.tags.get(tag, ""), MAX_SENTENCES)
    noun = resource_of(operation.id.path).replace("_", " ")
    for sentence in sentences_of(document.description, 4 * MAX_SENTENCES) if noun else ():
        if f" {noun}" in f" {folded(sentence)}":
            yield sentence


def is_named_by_path(operation: Operation) -> bool:
    """Whether an operationId is the method and the words of the path, which are read anyway."""
    name = name_words(operation.operation_id).split()
    path = "".join(name_words(operation.path_template or operation.id.path).split())
    rest = "".join(name[1:])  # generators write the words of a segment as one
    return name[:1] == [operation.id.method.lower()] and bool(rest) and path.endswith(rest)


def by_fields(operation: Operation) -> bool:
    """Whether the names of what a POST takes say that it reaches people or money."""
    if operation.id.method != "POST":
        return False
    told = (*read("fields", _names_of(operation)), *_together(operation, _names_of(operation)))
    return any(e.means == "outward" for e in told)


def tries_a_proof(operation: Operation, carried: Collection[str] = ()) -> bool:
    """Whether what an operation takes is somebody's name and a proof (a password, a code): wrong
    ones may lock an account, whatever the operation is called. What its answers give back with
    all the rest is a member of the thing that it makes.

    `carried` are the members that a request has, none where that isn't known: without the proof
    it tries none.
    """
    names = _names_of(operation)
    if operation.id.method != "POST" or not _attempts(operation, names):
        return False
    if gives_back(operation, _telling(operation)):
        return False
    return not carried or _attempts(operation, ", ".join(map(name_words, sorted(carried))))


def proofs_among(operation: Operation, carried: Collection[str]) -> set[str]:
    """The members that a request has and without which it would try no proof."""
    if not carried or not tries_a_proof(operation, carried):
        return set()
    return {
        m for m in carried if len(carried) < 2 or not tries_a_proof(operation, {*carried} - {m})
    }


def _telling(operation: Operation) -> set[str]:
    """The members of the body without which nothing would say that a proof is tried."""
    taken = {key.leaf for key in operation.fields if key.place is Place.BODY}
    rests = {name: ", ".join(map(name_words, sorted(taken - {name}))) for name in taken}
    return {name for name, rest in rests.items() if not _attempts(operation, rest)}


def _attempts(operation: Operation, names: str) -> bool:
    return any(e.means == "attempt" for e in _together(operation, names))


def _names_of(operation: Operation) -> str:
    return ", ".join(name_words(key.leaf) for key in operation.fields if key.place is Place.BODY)


def _together(operation: Operation, names: str) -> tuple[Entry, ...]:
    """What the noun of what an operation makes says together with the names of its members."""
    noun = resource_of(operation.id.path).replace("_", " ")
    return read("together", f"{noun} | {names}")


def is_called(operation: Operation) -> bool:
    """Whether a body brings an address that the server will call, fetch, scan or forward to: by
    the address's own words, or the operation's."""
    about = operation_line("MEMBER", f"/{resource_of(operation.id.path)}", operation.description)
    calls = any(e.means == "calls" for e in read("members", about))
    for key, documented in operation.fields.items():
        if key.place is not Place.BODY:
            continue
        words = f"{documented.description} {documented.schema.description}"
        means = {e.means for e in read("members", operation_line("MEMBER", f"/{key.leaf}", words))}
        formed = documented.schema.format in _ADDRESSES and key.name == key.leaf
        if ("address" in means or formed) and (calls or "calls" in means):
            return True
    return False


def only_confirms(operation: Operation) -> bool:
    """Whether a reading operation takes parameters and shows nothing but that it went well."""
    if not any(k.place is Place.QUERY for k in operation.fields):
        return False
    answers = [names for s in successes(operation) if (names := set(s.properties))]
    return bool(answers) and all(read("confirmations", n) for names in answers for n in names)


def is_deed(operation: Operation) -> bool:
    """Whether what an operation makes is always done to something, named or not: a recall."""
    return any(e.means == "acts" for e in read("deeds", resource_of(operation.id.path)))


def dealt_with(operation: Operation) -> FieldKey | None:
    """The field that names what a deed (an approval, a suspension) is done to; None where the
    operation makes something else."""
    if not any(e.means == "deed" for e in read("deeds", resource_of(operation.id.path))):
        return None
    for key, documented in operation.fields.items():
        if key.place is not Place.BODY or "." in key.name or key.name.endswith("[]"):
            continue
        scalar = {"string", "integer"} & set(documented.schema.types)
        if scalar and noun_of(key.leaf) and addressing(operation, noun_of(key.leaf)) == key:
            return key
    return target_of(operation.id)


def target_of(operation: OperationId) -> FieldKey | None:
    """The path parameter that names the thing an operation is about: the last one."""
    names = path_parameters(operation.path)
    return FieldKey(Place.PATH, names[-1]) if names else None
