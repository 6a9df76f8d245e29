"""The rule `dependency-undocumented`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from checker.domain.finding import Finding, Severity
from checker.domain.observation import Observation
from checker.domain.operation import FieldKey, Operation
from checker.drift.build import (
    EXTENSION,
    answered,
    documented_field,
    extension,
    finding,
    listed,
    named,
    spoken,
    with_sentence,
    words_of,
)
from checker.drift.origin import Origin
from checker.drift.responses import raw_at
from checker.drift.rule import Case, Rule
from checker.drift.words import documents_dependency, documents_required_when
from checker.inference.dependencies import dependencies, key_of

_CONDITIONS = (
    *("oneOf", "anyOf", "not", "if", "then", "else"),
    *("dependentRequired", "dependentSchemas", "dependencies", "allOf"),
)
_WORD = re.compile(r"[^\W\d][\w.:/-]*")
_SYMMETRIC = ("or", "only-one", "all-or-none", "zero-or-one")


class DependencyUndocumented(Rule):
    """Fields depend on each other, and nothing says so.

    ## What it does
    Takes fields out of an accepted request in groups and one by one, puts in those that it
    lacks, and changes the values of the others, until the accepted and the refused combinations
    show one of: requires, or (at least one of), only-one (exactly one of), all-or-none,
    zero-or-one (at most one of), required-for-value.

    ## Why it matters
    Each field alone is documented rightly, and a request that follows the documentation is
    refused all the same.

    ## Example
    `POST /payments` documents `card_number` as optional; with `"method": "card"` the request
    without it is answered 422.

    ## Fix
    Write the dependency in the descriptions of the fields. The patch says it in the operation's
    description. Said in words that aren't understood, it can stand in the operation's
    `x-driftcheck` extension, too (`dependencies`: `kind`, `fields`, `when`).

    ## Before
    ```yaml
    post:
      description: Creates a service.
    ```

    ## After
    ```yaml
    post:
      description: Creates a service. `price` requires `currency`.
    ```
    """

    id = "dependency-undocumented"
    origin = Origin(experiments=("dependencies", "wanted"), questions=("required",))
    severity = Severity.MAJOR
    summary = "Fields depend on each other, and nothing says so."

    def check(self, case: Case) -> Iterable[Finding]:
        if case.documented is None:
            return
        for seen in dependencies(case.observed):
            keys = [key_of(f) for f in seen.detail["fields"]]
            kind = str(seen.detail["kind"])
            when = {key_of(k): v for k, v in (seen.detail.get("when") or {}).items()}
            if kind in _SYMMETRIC:
                keys = sorted(keys)
            if _documented(case, kind, keys, when):
                continue
            yield self._finding(case, seen, kind, keys, when)

    def _finding(
        self,
        case: Case,
        seen: Observation,
        kind: str,
        keys: Sequence[FieldKey],
        when: Mapping[FieldKey, Any],
    ) -> Finding:
        sentence = _sentence(kind, keys, when)
        names = [k.name for k in keys]
        observed = {
            "kind": kind,
            "fields": names,
            "when": {k.name: v for k, v in when.items()} or None,
        }
        conditions = "".join(f",{k.name}={spoken(v)}" for k, v in sorted(when.items()))
        return finding(
            self,
            case,
            keys[0],
            issue=(
                f"{sentence} This isn't documented; the server answers {answered(seen)} otherwise."
            ),
            fix=f"Document in `{case.operation}`: {sentence}",
            documented=None,
            observed=observed,
            evidence=seen.evidence,
            patch=[*_in_words(case, sentence), *_patch(case, observed, sentence)],
            identity=f"{kind}:{','.join(names)}{conditions}",
        )


def _sentence(kind: str, keys: Sequence[FieldKey], when: Mapping[FieldKey, Any]) -> str:
    condition = " and ".join(
        f"{named(k)} is {'present' if v == 'present' else f'`{_in_code(v)}`'}"
        for k, v in when.items()
    )
    own = [k for k in keys if k not in when]
    fields = listed(k.name for k in own)
    match kind:
        case "requires":
            text = f"{named(keys[0])} requires {listed(k.name for k in keys[1:])}"
        case "or":
            text = f"At least one of {fields} is required"
        case "only-one":
            text = f"Exactly one of {fields} is required"
        case "all-or-none":
            which = "both or neither" if len(own) == 2 else "all of them or none"
            text = f"{fields} go together: {which}"
        case "zero-or-one":
            text = f"At most one of {fields} is allowed"
        case _:
            text = f"{fields} {'is' if len(own) == 1 else 'are'} required"
    return f"{text}{' when ' + condition if condition else ''}."


def _in_code(value: Any) -> str:
    """A value as readers see it in code: a text without quotes where it looks like nothing
    else."""
    is_word = isinstance(value, str) and _WORD.fullmatch(value) is not None
    return value if is_word and value not in ("true", "false", "null") else spoken(value)


def _documented(
    case: Case, kind: str, keys: Sequence[FieldKey], when: Mapping[FieldKey, Any]
) -> bool:
    """Whether the extension, the schema or the words say it."""
    names = {k.name for k in keys} | {k.name for k in when}
    leaves = [k.leaf for k in dict.fromkeys([*keys, *when])]
    if any(_same(known, kind, names) for known in _extension(case)):
        return True
    if case.documented is not None:
        if any(set(leaves) <= mentioned for mentioned in _schema_conditions(case.documented)):
            return True
        if kind == "or" and _not_empty(case.documented, set(leaves)):
            return True
    words = words_of(case)
    if documents_dependency(words, leaves):
        return True
    if any(documents_dependency(w, leaves) for w in _enclosing_words(case, keys)):
        return True
    for key in dict.fromkeys([*keys, *when]):
        field = documented_field(case, key)
        if field is None:
            continue
        own = f"{key.leaf}: {field.description} {field.schema.description}"
        others = [leaf for leaf in leaves if leaf != key.leaf]
        if documents_dependency(own, others):
            return True
        values = [str(v) for v in when.values() if v != "present"]
        if documents_required_when(own, key.leaf, [*others, *values]):
            return True
    return False


def _enclosing_words(case: Case, keys: Sequence[FieldKey]) -> Iterator[str]:
    """What is written on the objects around the fields and on the whole body."""
    for key in keys:
        parent = key.parent
        while parent is not None:
            field = documented_field(case, parent)
            if field is not None:
                yield f"{field.description} {field.schema.description}"
            parent = parent.parent
    if case.documented is not None:
        yield from (s.description for s in case.documented.body.values() if s is not None)


def _extension(case: Case) -> Iterator[Mapping[str, Any]]:
    known = extension(case).get("dependencies", ())
    for entry in known if isinstance(known, (list, tuple)) else ():
        if isinstance(entry, Mapping):
            yield entry


def _same(known: Mapping[str, Any], kind: str, names: set[str]) -> bool:
    fields = known.get("fields")
    if not isinstance(fields, (list, tuple)) or known.get("kind", kind) != kind:
        return False
    when = known.get("when")
    written = {str(f).rpartition(" ")[2] for f in fields}
    written |= {str(k).rpartition(" ")[2] for k in when} if isinstance(when, Mapping) else set()
    return names <= written


def _conditional(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The keywords of a schema that hold a condition."""
    held = {key: raw[key] for key in _CONDITIONS if key in raw}
    return {key: said for key, said in held.items() if key != "allOf" or _has_condition(said)}


def _schema_conditions(operation: Operation) -> Iterator[set[str]]:
    """The names in each keyword of the body's schemas that can hold a condition on presence."""
    schemas = [s for s in operation.body.values() if s is not None]
    schemas += [f.schema for f in operation.fields.values() if f.schema.properties]
    for schema in schemas:
        conditional = _conditional(schema.raw)
        if conditional:
            yield set(_strings(conditional))
    branches: dict[str, set[str]] = {}
    for field in operation.fields.values():
        if field.variant:
            branches.setdefault(field.variant, set()).add(field.key.leaf)
    if len(branches) > 1:
        yield set().union(*branches.values())


def _not_empty(operation: Operation, leaves: set[str]) -> bool:
    """Whether `minProperties` says that one of all the optional properties has to be there."""
    schemas = [s for s in operation.body.values() if s is not None and s.raw.get("minProperties")]
    return any(set(s.properties) - set(s.required) <= leaves for s in schemas)


def _has_condition(node: Any) -> bool:
    text = json.dumps(node, default=str)
    return any(f'"{w}"' in text for w in ("oneOf", "anyOf", "not", "if", "dependentRequired"))


def _strings(node: Any) -> Iterator[str]:
    """Every key and string in a JSON value."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield str(key)
            yield from _strings(value)
    elif isinstance(node, (list, tuple)):
        for value in node:
            yield from _strings(value)


def _in_words(case: Case, sentence: str) -> list[dict[str, Any]]:
    """The sentence in the operation's description: what readers see, whatever tools know."""
    operation = case.documented
    if operation is None or operation.document.dialect == "prose":
        return []
    place = operation.location.child("description")
    old = raw_at(case, place)
    text = with_sentence(old if isinstance(old, str) else operation.description, sentence)
    return [{"op": "add", "path": place.pointer, "value": text}]


def _patch(case: Case, observed: Mapping[str, Any], sentence: str) -> list[dict[str, Any]]:
    """Adds the dependency to the operation's extension where the sentence isn't understood again;
    the extension is made where there is none."""
    names = [*observed["fields"], *(observed["when"] or ())]
    leaves = [name.rpartition(".")[2].removesuffix("[]") for name in dict.fromkeys(names)]
    if case.documented is None or documents_dependency(sentence, leaves):
        return []
    base = f"{case.documented.location.pointer}/{EXTENSION}"
    entry = {k: v for k, v in observed.items() if v is not None}
    if isinstance(extension(case).get("dependencies"), list):
        return [{"op": "add", "path": f"{base}/dependencies/-", "value": entry}]
    if extension(case):
        return [{"op": "add", "path": f"{base}/dependencies", "value": [entry]}]
    return [{"op": "add", "path": base, "value": {"dependencies": [entry]}}]
