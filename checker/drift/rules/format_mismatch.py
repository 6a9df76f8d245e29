"""The rule `format-mismatch`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from checker.domain.finding import Finding, Severity
from checker.domain.observation import Kind
from checker.domain.operation import Field, FieldKey
from checker.domain.schema import Schema
from checker.drift.build import (
    documented_field,
    extension,
    field_words,
    finding,
    listed,
    named,
)
from checker.drift.origin import Origin
from checker.drift.rule import Case, Rule
from checker.drift.words import documents_format
from checker.inference import shapes
from checker.inference.facts import number_text
from checker.inference.name_spellings import without_name
from checker.inference.patterns import NAMED, Learned, Pattern, learned
from checker.lexicon.statements import written_as
from checker.planning.namesakes import Namesakes

_SAME = {"url": "uri", "guid": "uuid", "datetime": "date-time", "tel": "phone", "time": "full-time"}
_KIN: dict[str, tuple[str, ...]] = {
    "local-date-time": ("local time", "without time zone", "without a time zone", "no time zone"),
    "any-date-time": ("date-time",),
    "any-date": ("date-time", "date"),
    "phone": ("phone", "+"),
    "phone-digits": ("phone", "digits"),
    "integer": ("digits", "integer", "whole number"),
    "decimal": ("digits", "decimal", "amount"),
    "amount": ("digits", "decimal", "amount"),
    "letters": ("letters", "alphabetic"),
    "hex-digits": ("hex",),
    "hex-colour": ("hex", "#"),
    "upper-code": ("uppercase", "alphanumeric"),
    "lower-code": ("lowercase", "alphanumeric"),
    "slug": ("slug", "hyphen", "kebab", "dash"),
    "kebab": ("slug", "hyphen", "kebab", "dash"),
    "snake": ("snake", "underscore"),
    "upper-snake": ("snake", "underscore"),
    "word": ("underscore", "alphanumeric"),
    "dashed": ("hyphen", "dash", "alphanumeric"),
    "name": ("underscore", "hyphen", "alphanumeric"),
    "lowercase-text": ("lowercase",),
    "uppercase-text": ("uppercase",),
    "text-without-digits": ("digits",),
}
"""Words and known formats that tell a pattern, beside its own name."""
_NAMES = {
    "email": r"e?mail",
    "uri": r"ur[il]|link|website|href|callback|webhook",
    "uuid": r"uuid|guid|uid",
    "ipv4": r"(^|_)ip(_|$)|ipv4|ip_?addr",
}
"""Field names that say the format themselves, where the documents leave it to them."""


class FormatMismatch(Rule):
    """Values of the documented type or format are refused unless they look a certain way.

    ## What it does
    Puts strings of many shapes in the field's place and learns one simple pattern that all
    accepted ones follow and no refused one does. Two of each at least are tried twice.

    ## Why it matters
    The documented type allows values that the server refuses.

    ## Example
    `phone` is documented as a string; `15551234567` is accepted, `+15551234567` is answered 422.

    ## Fix
    Document the `format` or `pattern`. Clients that succeed today already follow it.
    """

    id = "format-mismatch"
    origin = Origin(
        experiments=("formats",), questions=("format", "values"), explained_by=("bounds",)
    )
    severity = Severity.MAJOR
    summary = "Strings must follow a format that isn't the documented one."

    def check(self, case: Case) -> Iterable[Finding]:
        if case.documented is None:
            return
        for key in case.observed.subjects(Kind.REPLACE):
            field = documented_field(case, key)
            if field is not None and _closed(field.schema):
                continue
            found = None if number_text(case.observed, key) else learned(case.observed, key)
            if found is None or _documented(case, key, field, found):
                continue
            yield self._finding(case, key, field, found)

    def _finding(self, case: Case, key: FieldKey, field: Field | None, found: Learned) -> Finding:
        fmt = field.schema.format if field is not None else None
        says = f"documented with `format: {fmt}`" if fmt else "documented without a format"
        pattern = found.pattern
        issue = (
            f"{named(key)} is {says}, but the server accepts {_only(pattern)}: "
            f"{listed(found.accepted[:2])} are accepted, {listed(_telling(found))} are refused."
        )
        keyword, value = (
            ("format", pattern.format) if pattern.format else ("pattern", pattern.regex)
        )
        patch = []
        source = field.schema.location if field is not None else None
        if source is not None:
            patch.append({"op": "add", "path": f"{source.pointer}/{keyword}", "value": value})
            if fmt and keyword == "pattern":
                patch.insert(0, {"op": "remove", "path": f"{source.pointer}/format"})
        return finding(
            self,
            case,
            key,
            issue=issue,
            fix=f"Document `{keyword}: {value}` for {named(key)} ({pattern.words}).",
            documented={"format": fmt} if fmt else None,
            observed={
                "pattern": pattern.regex,
                "name": pattern.name,
                "accepted": list(found.accepted[:4]),
                "rejected": list(_telling(found, 4)),
            },
            evidence=found.evidence,
            source=source,
            patch=patch,
        )


def _closed(schema: Schema) -> bool:
    """Whether an enum or a pattern is documented, or several formats to choose from."""
    branches = [b for b in schema.variants if "string" in b.types]
    told = any(b.format or b.pattern or b.enum for b in branches)
    return bool(schema.enum or schema.pattern) or (len(branches) > 1 and told)


def _only(pattern: Pattern) -> str:
    if pattern.words.startswith("no "):
        return f"values with {pattern.words} only"
    return pattern.words if "only" in re.findall(r"\w+", pattern.words) else f"only {pattern.words}"


def _telling(found: Learned, count: int = 2) -> tuple[str, ...]:
    """Refused values: those that the documented format allows, then those of a known shape."""
    size = len(found.accepted[0]) if found.accepted else 0
    near = sorted(found.refused, key=lambda v: abs(len(v) - size))
    return tuple(dict.fromkeys([*found.documented, *near]))[:count]


def _written_elsewhere(case: Case, key: FieldKey, pattern: Pattern) -> bool:
    """Whether the format is given in another place, for a field of the same name, or in the same
    document for any field: what writes it down doesn't leave it to the name."""
    current = list(case.portal.operations(legacy=False))
    file = case.documented.document.file if case.documented is not None else ""
    formats = Namesakes(current).formats(key.leaf)
    formats |= Namesakes(o for o in current if o.document.file == file).formats()
    return any(_SAME.get(f, f) in (pattern.name, pattern.format) for f in formats)


def _documented(case: Case, key: FieldKey, field: Field | None, found: Learned) -> bool:
    """Whether schema, extension, words, examples or the very name tell the pattern."""
    pattern = found.pattern
    leaf = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key.leaf).lower()
    named_so = re.search(_NAMES.get(pattern.name, r"(?!)"), leaf) and not found.documented
    if named_so and not _written_elsewhere(case, key, pattern):
        return True
    formats = extension(case).get("formats")
    if isinstance(formats, dict) and (key.name in formats or str(key) in formats):
        return True
    if field is None:
        return False
    fmt = field.schema.format
    if fmt:
        wanted = _SAME.get(fmt, fmt)
        if not found.documented:
            known = [p for p in NAMED if p.name == wanted or p.format == wanted]
            if not known or any(p.matches(v) for p in known for v in found.accepted):
                return True
        elif wanted == pattern.name:
            return True
    # The name once more says no more than the name.
    words = "\n".join(without_name(text, key.leaf) for text in field_words(case, key))
    if pattern.name == shapes.NAME:
        tokens = re.findall(r"[^\s`'\"(),;]+", words)
        return "shape" in written_as(words) or any(pattern.matches(t.rstrip(".:")) for t in tokens)
    if documents_format(words, pattern.name, pattern.format, *_KIN.get(pattern.name, ())):
        # "date" is found in "date-time" and "date format": it must not excuse the other one.
        return not found.documented or documents_format(words, pattern.regex, pattern.words)
    if pattern.name.startswith("without-"):
        marks = pattern.name.removeprefix("without-").split("-")
        return any(mark.rstrip("s") in words.lower() for mark in marks) or (
            documents_format(words, "alphanumeric", "special characters", "slug")
        )
    return False
