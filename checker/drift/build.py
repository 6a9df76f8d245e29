"""What rules share: findings with the rule's stamp, sources, patches, wording. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from checker.domain.finding import (
    Confidence,
    Evidence,
    Finding,
    FindingField,
    Severity,
    Verdict,
    Words,
)
from checker.domain.location import Location
from checker.domain.nodes import mapping_of
from checker.domain.observation import Observation
from checker.domain.operation import Field, FieldKey, Operation, Place
from checker.domain.schema import readable
from checker.drift.rule import Case, Rule

EXTENSION = "x-driftcheck"


def finding(
    rule: Rule,
    case: Case,
    field: FieldKey | FindingField,
    *,
    issue: str,
    fix: str,
    documented: Any = None,
    observed: Any = None,
    severity: Severity | None = None,
    evidence: Iterable[Evidence] = (),
    source: Location | None = None,
    patch: Sequence[Mapping[str, Any]] = (),
    identity: str = "",
    confidence: Confidence = Confidence.CONFIRMED,
    words: Words | None = None,
) -> Finding:
    """A finding with the rule's id and default severity stamped on it."""
    place = (
        field if isinstance(field, FindingField) else FindingField(field.place.value, field.name)
    )
    if source is None:
        source = source_of(case, field if isinstance(field, FieldKey) else None)
    return Finding(
        rule=rule.id,
        severity=severity or rule.severity,
        operation=str(case.operation),
        field=place,
        issue=issue,
        suggested_fix=fix,
        documented=readable(documented),
        observed=readable(observed),
        confidence=confidence,
        source=source,
        patch=tuple(patch),
        evidence=tuple(evidence)[:8],
        identity=identity,
        target=case.target,
        words=words,
    )


def documented_field(case: Case, key: FieldKey) -> Field | None:
    """The field in the current document, or None."""
    return case.documented.field(key) if case.documented else None


def is_within_unknown(case: Case, key: FieldKey) -> bool:
    """Whether a field is inside one that the document doesn't have."""
    parent = key.parent
    stem = FieldKey(key.place, parent.name.replace("[]", "")) if parent is not None else None
    if stem is None or not stem.name or case.documented is None:
        return False
    known = {FieldKey(k.place, k.name.replace("[]", "")) for k in case.documented.fields}
    return stem not in known


def source_of(case: Case, key: FieldKey | None) -> Location | None:
    """The field's own place, else that of the object it belongs to, else the operation's."""
    if case.documented is None:
        return Location(case.records[0].file) if case.records else None
    if key is not None:
        field = case.documented.field(key)
        if field is not None:
            return field.location
        owner = owner_of(case.documented, key)
        if owner is not None:
            return owner
    return case.documented.location


def owner_of(operation: Operation, key: FieldKey) -> Location | None:
    """The object schema that an undocumented body field would belong to."""
    if key.place is not Place.BODY:
        return None
    parent = key.parent
    if parent is not None and parent in operation.fields:
        return operation.fields[parent].schema.location
    for schema in operation.body.values():
        if schema is not None:
            return schema.location
    return None


def words_of(case: Case, key: FieldKey | None = None) -> str:
    """All words that may document something about a field or the operation."""
    texts: list[str] = []
    if key is not None:
        texts += field_words(case, key)
    if case.documented is not None:
        texts += [case.documented.text, case.documented.document.description]
        for response in case.documented.responses:
            texts.append(response.description)
        for schema in case.documented.body.values():
            if schema is not None:
                texts.append(schema.description)
    texts.append(case.words)
    return "\n".join(t for t in texts if t)


def field_words(case: Case, key: FieldKey) -> list[str]:
    """Descriptions of the field and of what encloses it."""
    texts: list[str] = []
    at: FieldKey | None = key
    while at is not None and case.documented is not None:
        field = case.documented.fields.get(at)
        if field is not None:
            texts += [field.description, field.schema.description, field.schema.title]
            if field.schema.items is not None:
                texts.append(field.schema.items.description)
        at = at.parent
    return [t for t in texts if t]


def extension(case: Case) -> Mapping[str, Any]:
    """The operation's `x-driftcheck` extension, read exactly."""
    value = case.documented.extensions.get(EXTENSION) if case.documented else None
    return mapping_of(value)


def spoken(value: Any) -> str:
    """A JSON value in a sentence; what isn't one (the bytes of a file) by its text."""
    import json

    return json.dumps(readable(value), ensure_ascii=False)


def article(word: str) -> str:
    """ "a" or "an", by the word's first letter."""
    return "an" if word[:1].lower() in "aeiou" else "a"


def thing(resource: str) -> str:
    """A resource in a sentence: "condition report"."""
    return resource.replace("_", " ")


def a_thing(resource: str) -> str:
    """A resource in a sentence, with its article: "an entry", "a condition report"."""
    return f"{article(resource)} {thing(resource)}"


def each_value(observations: Iterable[Observation]) -> list[Observation]:
    """The first observation of each value: two questions may have asked with the same one."""
    return list({repr(o.value): o for o in reversed(list(observations))}.values())[::-1]


def listed(values: Iterable[Any], last: str = "and") -> str:
    """`a`, `b` and `c`."""
    quoted = [f"`{readable(v) if isinstance(v, (str, bytes)) else spoken(v)}`" for v in values]
    if len(quoted) < 2:
        return "".join(quoted)
    return f"{', '.join(quoted[:-1])} {last} {quoted[-1]}"


def named(key: FieldKey) -> str:
    """A field in a sentence."""
    kind = "" if key.place is Place.BODY else f" ({key.place.value} parameter)"
    return f"`{key.name}`{kind}" if key.name else "the request body"


def answered(observations: Observation | Iterable[Observation]) -> str:
    """What the server answered to the rejected probe: a status, in words."""
    many = [observations] if isinstance(observations, Observation) else list(observations)
    for observation in many:
        for evidence in observation.evidence:
            if evidence.role == "probe" and evidence.exchange.response is not None:
                status = evidence.exchange.response.status
                refused = evidence.verdict is Verdict.REJECTED and status // 100 == 2
                return f"{status} with a failure inside" if refused else str(status)
    return "an error"


def require_patch(field: Field | None) -> list[dict[str, Any]]:
    """A JSON Patch that makes a documented field required."""
    if field is None:
        return []
    if field.key.place is not Place.BODY or field.schema.location == field.owner:
        return [{"op": "add", "path": field.location.pointer + "/required", "value": True}]
    if field.location.file != field.owner.file:
        return []
    return [{"op": "add", "path": field.owner.pointer + "/required/-", "value": field.key.leaf}]


def capital(text: str) -> str:
    """A sentence begun in upper case; a name in code stays as it is."""
    return text[:1].upper() + text[1:]


def with_sentence(text: str, sentence: str) -> str:
    """A description with a sentence at its end, as a paragraph where it has several lines; the
    text before stays as it is, so that fixes of one description go together."""
    if not text.strip():
        return sentence
    if "\n" in text.strip():
        return f"{text}{'' if text.endswith(chr(10)) else chr(10)}\n{sentence}"
    stop = "" if text.rstrip()[-1] in ".!?:;" else "."
    between = "" if text[-1].isspace() and not stop else " "
    return f"{text}{stop}{between}{sentence}"
