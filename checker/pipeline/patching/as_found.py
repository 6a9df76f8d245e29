"""Fields as experiments have shown them, and what was found of them then.

A field that no document has, or has as another type or as one of a set, is known by its name or
type alone once that is told. What else holds of it (its values, its bounds, its format) would be
the next run's news, after the fix is merged. So it is asked of such fields as if they were
documented as they were found, and told with them: the patch that adds a field adds all that is
known of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from checker.documents.loader import schema_at
from checker.domain.finding import Finding, FindingField
from checker.domain.location import Location
from checker.domain.observation import Observation
from checker.domain.operation import Field, FieldKey, Operation, Place
from checker.domain.portal import Portal
from checker.domain.schema import Schema
from checker.drift.build import owner_of
from checker.drift.compare.patches import Patch
from checker.drift.compare.sameness import lookup
from checker.drift.registry import all_rules
from checker.drift.rule import Case, Rule
from checker.drift.rules.enum_not_enforced import EnumNotEnforced
from checker.drift.rules.field_undocumented import FieldUndocumented
from checker.drift.rules.operation_undocumented import OperationUndocumented
from checker.drift.rules.required_undocumented import RequiredUndocumented
from checker.drift.rules.type_mismatch import TypeMismatch
from checker.fixing.folding import folded
from checker.pipeline.bookkeeping import Book
from checker.pipeline.cases import cases, only
from checker.pipeline.patching.as_written import as_written, written_whole
from checker.pipeline.patching.patched import with_patches
from checker.ranking.rank import rule_wanted

Step = Mapping[str, Any]
Check = Callable[[Rule, Case], list[Finding]]
_RULES = (EnumNotEnforced(), FieldUndocumented(), RequiredUndocumented(), TypeMismatch())
"""Rules whose findings change which fields there are, of which type, or whether any text goes."""
_OF_FIELD = frozenset(
    {
        "bound-mismatch",
        "default-mismatch",
        "enum-undocumented",
        "format-mismatch",
        "reference-undocumented",
        "type-mismatch",
        "unique-undocumented",
    }
)
"""Rules whose findings say what holds of one field, and are a part of what is told of a found
one."""
MOST_EVIDENCE = 8
_WHOLE_BODY = FindingField(Place.BODY.value, "")


def as_found(case: Case, rules: Iterable[Rule] = _RULES) -> Operation | None:
    """The operation with the fields that some rules found beside the documented ones, or of
    another type; one that no document has as its patch writes it; None where there are none."""
    if case.documented is None:
        told = quietly(OperationUndocumented(), case)
        written = as_written(case, written_whole(case, told, (), quietly))
        return written[0] if written is not None and written[0].found else None
    return _with_fields(case, [f for rule in rules for f in quietly(rule, case)])


def quietly(rule: Rule, case: Case) -> list[Finding]:
    """A rule's findings; none where it fails: the end of the run tells of that."""
    with suppress(Exception):
        return list(rule.check(case))
    return []


def found_so_far(book: Book, portal: Portal, operation: Operation) -> Operation | None:
    """`as_found` of an operation by what a run has observed of it up to now."""
    contract = book.so_far(operation.id)
    if contract is None:
        return None
    seen = replace(book.result, observed={operation.id: contract}, requests=1)
    told = [rule for rule in _RULES if rule_wanted(rule.id, book.settings)]
    made = cases(portal, only(book.selection, operation.id), seen, book.target)
    return next((known for case in made if (known := as_found(case, told)) is not None), None)


def told_whole(
    case: Case, findings: Sequence[Finding], further: Iterable[Observation], check: Check = quietly
) -> list[Finding]:
    """The findings of a case, those of found fields with all that is known of these: what other
    rules say of a found field becomes a part of its finding, or, where it is told by itself, gets
    a patch that has the field. `check` gives a rule's findings, whatever becomes of it."""
    if case.documented is None:
        return written_whole(case, list(findings), further, check)
    known = _with_fields(case, [f for f in findings if any(f.rule == r.id for r in _RULES)])
    if known is None:
        return list(findings)
    seen = (*case.observed.observations, *further)
    bringing = [f for f in findings if _brings(f, known)]
    known = replace(known, body=_body(case, known, bringing))
    wide = replace(case, documented=known, observed=replace(case.observed, observations=seen))
    result = list(findings)
    for more in (m for rule in all_rules() for m in check(rule, wide)):
        at = _bringing(result, more, known)
        if at is None:
            _free(result, more, bringing)
            continue
        steps = folded([*result[at].patch, *_steps(more, known)])
        alike = next((n for n, f in enumerate(result) if _same(f, more)), None)
        if alike is None and more.rule in _OF_FIELD:
            result[at] = _longer(result[at], more, steps)
        elif alike is not None and alike != at and not result[alike].patch:
            place = result[at].source
            result[alike] = result[alike].with_(patch=steps, words=None, source=place)
    return result


def _with_fields(case: Case, findings: Iterable[Finding]) -> Operation | None:
    operation = case.documented
    if operation is None:
        return None
    found = [f for finding in findings for f in _fields(case, operation, finding)]
    unlike = [f for f in found if f.key.place is Place.BODY]
    return replace(operation, found=tuple(unlike)) if unlike else None


def _changed(schema: Schema, patch: Patch) -> dict[str, Any]:
    """A schema's node with what a patch changes of its own members."""
    node = {**schema.raw}
    for step in patch:
        name = str(step["path"]).removeprefix(f"{schema.location.pointer}/")
        if "/" in name:
            continue
        if step["op"] == "remove":
            node.pop(name, None)
        else:
            node[name] = step["value"]
    return node


def _fields(case: Case, operation: Operation, finding: Finding) -> Iterator[Field]:
    """The field of a finding as its patch would have it."""
    if finding.field.place != Place.BODY.value or not finding.patch:
        return
    key = FieldKey(Place.BODY, finding.field.name)
    old = operation.fields.get(key)
    if old is not None:
        node = _changed(old.schema, finding.patch)
        if node != old.schema.raw:
            yield replace(old, schema=_schema(node, old.schema.location, case))
        return
    owner = owner_of(operation, key)
    first = finding.patch[0]
    if owner is not None and isinstance(first.get("value"), Mapping):
        place = owner.child("properties", key.leaf)
        needed = any(str(s["path"]).endswith("/required/-") for s in finding.patch)
        yield Field(key, needed, _schema(first["value"], place, case), place, owner)


def _body(case: Case, known: Operation, bringing: Iterable[Finding]) -> Mapping[str, Schema | None]:
    """The body's schemas as the patches of findings leave them."""
    file = known.document.file
    raw = next((d.raw for d in case.portal.documents if d.info.file == file), None)
    if raw is None:
        return known.body
    after = with_patches(raw, [f for f in bringing if _file_of(f) == file])

    def patched(schema: Schema | None) -> Schema | None:
        if schema is None or schema.location.file != file or schema.variants:
            return schema
        place = schema.location
        node = lookup(after, place.pointer)
        made = isinstance(node, Mapping) and schema_at(node, place, after, known.document.dialect)
        return made or schema

    return {media: patched(schema) for media, schema in known.body.items()}


def _free(result: list[Finding], more: Finding, bringing: Sequence[Finding]) -> None:
    """Gives a finding of the whole body its patch where that fits a document only that has the
    found fields: it brings them along."""
    if more.field != _WHOLE_BODY or not more.patch:
        return
    number = next((n for n, f in enumerate(result) if _same(f, more)), None)
    if number is None or result[number].patch:
        return
    if len(set(map(_file_of, (more, *bringing)))) == 1:
        steps = [step for f in (*bringing, more) for step in f.patch]
        result[number] = result[number].with_(patch=folded(steps))


def _file_of(found: Finding) -> str:
    return found.source.file if found.source else ""


def _schema(node: Mapping[str, Any], place: Location, case: Case) -> Schema:
    """What a schema node says at its place in a document."""
    raw = next((d.raw for d in case.portal.documents if d.info.file == place.file), {})
    assert case.documented is not None
    return schema_at(node, place, raw, case.documented.document.dialect)


def _brings(finding: Finding, known: Operation) -> bool:
    """Whether a finding's patch adds a found field, or makes it what was found."""
    named = any(f.key.name == finding.field.name for f in known.found)
    told = any(finding.rule == r.id for r in _RULES)
    return named and told and finding.field.place == Place.BODY.value and bool(finding.patch)


def _bringing(findings: Sequence[Finding], more: Finding, known: Operation) -> int | None:
    """Which finding has brought the field that another one is about."""
    found = {f.key.name for f in known.found}
    name = more.field.name
    around = next((n for n in found if name == n or name.startswith((f"{n}.", f"{n}[]"))), None)
    if around is None or more.field.place != Place.BODY.value:
        return None
    for number, finding in enumerate(findings):
        if finding.field.name == around and any(finding.rule == r.id for r in _RULES):
            return number
    return None


def _same(one: Finding, other: Finding) -> bool:
    alike = (one.rule, one.field, one.identity) == (other.rule, other.field, other.identity)
    return alike and one.operation == other.operation


def _steps(more: Finding, known: Operation) -> list[Step]:
    """What a finding of a found field says, as steps."""
    if more.patch or more.words is None or not more.words.own or more.words.drop:
        return list(more.patch)
    key = FieldKey(Place.BODY, more.field.name)
    field = known.field(key)
    if field is None:
        return []
    place = field.schema.location
    said = {"op": "add", "path": place.child("description").pointer, "value": more.words.own}
    return [said]


def _longer(finding: Finding, more: Finding, steps: tuple[Step, ...]) -> Finding:
    """A finding that says of its field what another one found."""
    if steps == finding.patch:
        return finding
    fix = finding.suggested_fix.rstrip(".")
    return finding.with_(
        patch=steps,
        suggested_fix=f"{fix}. {more.suggested_fix}",
        evidence=(*finding.evidence, *more.evidence)[:MOST_EVIDENCE],
    )
