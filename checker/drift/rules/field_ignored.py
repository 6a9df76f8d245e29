"""The rule `field-ignored`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from checker.domain.finding import Finding, FindingField, Severity, Words
from checker.domain.observation import Kind, Observation
from checker.domain.operation import Field, FieldKey
from checker.drift.build import (
    capital,
    documented_field,
    field_words,
    finding,
    listed,
    named,
    spoken,
)
from checker.drift.origin import Origin
from checker.drift.rule import Case, Rule
from checker.drift.server_words import documents_own, others_ignored

MANY = 4
MAX_SHOWN = 40
MAX_EVIDENCE = 12


class FieldIgnored(Rule):
    """A documented field is accepted but has no effect.

    ## What it does
    Writes two different values and reads the resource back; also sends a value of a wrong type,
    which is accepted too.

    ## Why it matters
    A client believes that it has set something.

    ## Example
    `POST /clients` takes `nickname`; `GET /clients/{id}` always answers `null`.

    ## Fix
    Take the field out of the request's documentation, or make the server store it; mark it
    `readOnly` where the server gives every new resource a value of its own (the patch does
    that). An object none of whose members has an effect is told as such; four and more fields of
    an operation are told in one finding.
    """

    id = "field-ignored"
    origin = Origin(experiments=("effects",), questions=("kept",))
    severity = Severity.MAJOR
    summary = "A documented field has no effect."
    decided = False

    def check(self, case: Case) -> Iterable[Finding]:
        ignored = [o for o in case.observed.of(Kind.READBACK) if _unsaid(case, o)]
        for whole, members in _wholes(case, ignored).items():
            ignored = [o for o in ignored if o not in members]
            yield self._whole(case, whole, members)
        # An operation that takes a whole resource and uses little of it has one fault.
        if len(ignored) >= MANY:
            yield self._many(case, ignored)
            return
        for seen in ignored:
            yield self._one(case, seen)

    def _one(self, case: Case, seen: Observation) -> Finding:
        assert seen.subject is not None
        key, read = seen.subject, seen.detail["read"]
        absent = bool(seen.detail.get("absent"))
        had = "doesn't have it" if absent else f"has {_had(read)}"
        fix = f"Remove {named(key)} from `{case.operation}`, or make the server store it."
        if _is_chosen(case, seen):
            fix = f"Mark {named(key)} `readOnly: true`, as the server sets it itself"
            fix += ", or make the server store what is sent."
        return finding(
            self,
            case,
            key,
            issue=(
                f"{named(key)} is documented and accepted, but has no effect: after writing "
                f"{_wrote(seen.value)} the resource {had}, and a value of a wrong type "
                "is accepted too."
            ),
            fix=fix,
            documented=_type(case, key),
            observed=read,
            evidence=seen.evidence,
            patch=_patch(case, key) if _is_chosen(case, seen) else (),
            words=_no_effect(key),
        )

    def _whole(self, case: Case, key: FieldKey, members: Sequence[Observation]) -> Finding:
        """An object of which nothing has an effect: the fault is the object's."""
        inner = listed(o.subject.leaf for o in members if o.subject is not None)
        return finding(
            self,
            case,
            key,
            issue=(
                f"{named(key)} is documented and accepted, but has no effect: of its members "
                f"({inner}) none is in the resource as it was written, twice with different "
                "values, and values of a wrong type are accepted too."
            ),
            fix=f"Remove {named(key)} from `{case.operation}`, or make the server store it.",
            documented=_type(case, key),
            observed={o.subject.leaf: o.detail["read"] for o in members if o.subject is not None},
            words=_no_effect(key),
            evidence=[e for o in members for e in o.evidence][:MAX_EVIDENCE],
        )

    def _many(self, case: Case, ignored: Sequence[Observation]) -> Finding:
        keys = sorted({o.subject for o in ignored if o.subject is not None})
        fields = listed(k.name for k in keys)
        return finding(
            self,
            case,
            FindingField("body"),
            issue=(
                f"{fields} are documented and accepted in `{case.operation}`, but have no effect: "
                "what was written, twice with different values, isn't in the resource, and "
                "values of a wrong type are accepted too."
            ),
            fix=(
                f"Give `{case.operation}` a request schema without {fields} (or mark `readOnly` "
                "what the server sets itself), or make the server store them."
            ),
            documented=[k.name for k in keys],
            words=Words(f"{fields} are accepted, but have no effect."),
            observed={str(o.subject.name): o.detail["read"] for o in ignored if o.subject},
            evidence=[e for o in ignored for e in o.evidence][:MAX_EVIDENCE],
        )


def _no_effect(key: FieldKey) -> Words:
    return Words(
        f"{capital(named(key))} is accepted, but has no effect.", "Accepted, but has no effect."
    )


def _wholes(case: Case, ignored: Sequence[Observation]) -> dict[FieldKey, list[Observation]]:
    """Objects of the body all of whose documented members have no effect, with what was seen."""
    by_parent: dict[FieldKey, list[Observation]] = {}
    for seen in ignored:
        parent = seen.subject.parent if seen.subject is not None else None
        if parent is not None and parent.name and "[]" not in parent.name:
            by_parent.setdefault(parent, []).append(seen)
    fields = case.documented.fields if case.documented is not None else {}
    return {
        parent: seen
        for parent, seen in by_parent.items()
        if len(seen) > 1 and _written_members(fields, parent) == {o.subject for o in seen}
    }


def _written_members(fields: Mapping[FieldKey, Field], parent: FieldKey) -> set[FieldKey]:
    return {k for k, f in fields.items() if k.parent == parent and not f.schema.read_only}


def _wrote(values: Sequence[Any]) -> str:
    """What was written: of a pair of values the one that the resource doesn't have."""
    if len(values) == 2 and spoken(values[0]) == spoken(values[1]):
        return f"{spoken(values[0])} twice"
    return "two different values"


def _had(read: Sequence[Any]) -> str:
    """What was read back, where it is the same both times and will be so in the next run: no
    identifier, count or time of the server's own."""
    same = len({spoken(r) for r in read}) == 1
    if not same or len(spoken(read[0])) >= MAX_SHOWN:
        return "neither"
    lasting = read[0] in (0, 1) or not re.search(r"\d", spoken(read[0]))
    return f"{spoken(read[0]) if lasting else 'a value of its own'} both times"


def _is_chosen(case: Case, seen: Observation) -> bool:
    """Whether the server gave a new resource a value of its own: what an update leaves as it is
    may have been written when the resource was made."""
    if case.operation.method != "POST" or seen.detail.get("absent"):
        return False
    return all(value is not None for value in seen.detail["read"])


def _patch(case: Case, key: FieldKey) -> list[dict[str, Any]]:
    """`readOnly` beside the field's own words; beside a reference older dialects see nothing."""
    field = documented_field(case, key)
    if field is None or field.required or field.schema.reference is not None:
        return []
    if case.documented is None or case.documented.document.dialect == "prose":
        return []
    return [{"op": "add", "path": f"{field.location.pointer}/readOnly", "value": True}]


def _type(case: Case, key: FieldKey) -> str | None:
    field = documented_field(case, key)
    return next(iter(field.schema.types), None) if field is not None else None


def _unsaid(case: Case, seen: Observation) -> bool:
    """Whether a field has no effect and the words don't say so."""
    key = seen.subject
    if key is None or seen.detail.get("role") != "ignored" or not seen.confirmed:
        return False
    field = documented_field(case, key)
    if field is None or field.schema.write_only or _answered_otherwise(seen):
        return False
    return not _is_told(case, key, field)


def _is_told(case: Case, key: FieldKey, field: Field) -> bool:
    """Whether words say that a field has no effect."""
    text = "\n".join(field_words(case, key)).lower()
    if "ignored" in text or "no effect" in text or "deprecated" in text:
        return True
    update = case.operation.method in ("PUT", "PATCH")
    own = (field.description, field.schema.description)
    if any(documents_own(t, update=update) for t in own):
        return True
    return case.documented is not None and others_ignored(case.documented.text, key.leaf)


def _answered_otherwise(seen: Observation) -> bool:
    """Whether no write was answered with a status of the unchanged request: what it was about may
    be gone, and some servers say 204 to a change of nothing."""
    statuses: dict[str, set[int]] = {"probe": set(), "control": set()}
    for one in seen.evidence:
        if one.role in statuses and one.exchange.response is not None:
            statuses[one.role].add(one.exchange.response.status)
    return bool(statuses["control"]) and statuses["probe"].isdisjoint(statuses["control"])
