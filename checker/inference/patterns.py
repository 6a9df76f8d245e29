"""One simple pattern that separates a field's accepted values from its refused ones. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from checker.domain.finding import Evidence
from checker.domain.observation import Kind, Observation, ObservedContract, Rejection
from checker.domain.operation import FieldKey
from checker.inference import shapes

ROLE = "format"
FRESH = "fresh"
"""Marks observations of values that were made from what was learned."""
_ROLES = (ROLE, "nonsense", "shaped")
SPECIAL = {"_": "underscores", "-": "hyphens", " ": "spaces", ".": "dots"}


@dataclass(frozen=True)
class Pattern:
    """A named shape of strings: `words` for sentences, `format` where JSON Schema has it."""

    name: str
    regex: str
    words: str
    format: str = ""

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.regex, re.ASCII)

    def matches(self, value: str) -> bool:
        return self._compiled.search(value) is not None


_DAY = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
_TIME = r"([01]\d|2[0-3]):[0-5]\d"
_ZONE = r"(Z|[+-]\d\d:?\d\d)"
NAMED = (
    Pattern("date", rf"^{_DAY}$", "dates (YYYY-MM-DD)", "date"),
    Pattern(
        "date-time",
        rf"^{_DAY}[Tt]{_TIME}(:[0-5]\d)?(\.\d+)?{_ZONE}$",
        "date-times with a zone (RFC 3339)",
        "date-time",
    ),
    Pattern(
        "local-date-time",
        rf"^{_DAY}[T ]{_TIME}(:[0-5]\d)?(\.\d+)?$",
        "date-times without a zone",
    ),
    Pattern(
        "any-date-time",
        rf"^{_DAY}[T ]{_TIME}(:[0-5]\d)?(\.\d+)?{_ZONE}?$",
        "date-times with or without a zone",
    ),
    Pattern(
        "any-date",
        rf"^{_DAY}([T ]{_TIME}(:[0-5]\d)?(\.\d+)?{_ZONE}?)?$",
        "dates and date-times (ISO 8601)",
    ),
    Pattern("time", rf"^{_TIME}$", "times of day (HH:MM)"),
    Pattern("full-time", rf"^{_TIME}(:[0-5]\d){_ZONE}?$", "times of day with seconds", "time"),
    Pattern("email", r"^[^@\s]+@[^@\s]+\.[^@\s]+$", "e-mail addresses", "email"),
    Pattern("uri", r"^[A-Za-z][A-Za-z0-9+.-]*://\S+$", "absolute URLs", "uri"),
    Pattern(
        "uuid",
        r"^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$",
        "UUIDs",
        "uuid",
    ),
    Pattern("ipv4", r"^\d{1,3}(\.\d{1,3}){3}$", "IPv4 addresses", "ipv4"),
    Pattern("phone", r"^\+\d+$", "phone numbers with a leading + (E.164)"),
    Pattern("digits", r"^\d+$", "digits only"),
    Pattern("phone-digits", r"^\+?\d+$", "digits, with or without a leading +"),
    Pattern("integer", r"^-?\d+$", "whole numbers"),
    Pattern("decimal", r"^-?\d+(\.\d+)?$", "decimal numbers"),
    Pattern("amount", r"^\d+(\.\d+)?$", "decimal numbers without a sign"),
    Pattern("uppercase", r"^[A-Z]+$", "upper-case letters only"),
    Pattern("lowercase", r"^[a-z]+$", "lower-case letters only"),
    Pattern("letters", r"^[A-Za-z]+$", "letters only"),
    Pattern("hex", r"^([0-9a-fA-F]{2})+$", "hexadecimal digits, an even number"),
    Pattern("hex-digits", r"^[0-9a-fA-F]+$", "hexadecimal digits only"),
    Pattern("hex-colour", r"^#[0-9a-fA-F]+$", "colours such as #1a2b3c"),
    Pattern("upper-code", r"^[A-Z0-9]+$", "upper-case letters and digits only"),
    Pattern("lower-code", r"^[a-z0-9]+$", "lower-case letters and digits only"),
    Pattern("alphanumeric", r"^[A-Za-z0-9]+$", "letters and digits only"),
    Pattern("slug", r"^[a-z0-9-]+$", "lower-case letters, digits and hyphens only"),
    Pattern(
        "kebab",
        r"^[a-z0-9]+(-[a-z0-9]+)*$",
        "lower-case words and digits with single hyphens between them only",
    ),
    Pattern("snake", r"^[a-z0-9_]+$", "lower-case letters, digits and underscores only"),
    Pattern("upper-snake", r"^[A-Z0-9_]+$", "upper-case letters, digits and underscores only"),
    Pattern("word", r"^[A-Za-z0-9_]+$", "letters, digits and underscores only"),
    Pattern("dashed", r"^[A-Za-z0-9-]+$", "letters, digits and hyphens only"),
    Pattern("dotted", r"^[a-z0-9.]+$", "lower-case letters, digits and dots only"),
    Pattern("upper-dashed", r"^[A-Z0-9-]+$", "upper-case letters, digits and hyphens only"),
    Pattern(
        "handle",
        r"^[a-z0-9._-]+$",
        "lower-case letters, digits, dots, underscores and hyphens only",
    ),
    Pattern("name", r"^[A-Za-z0-9_-]+$", "letters, digits, underscores and hyphens only"),
    Pattern("lowercase-text", r"^[^A-Z]*$", "no upper-case letters"),
    Pattern("uppercase-text", r"^[^a-z]*$", "no lower-case letters"),
    Pattern("text-without-digits", r"^[^0-9]*$", "no digits"),
    Pattern(
        "base64",
        r"^(?=.{4})([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
        "base64",
        "byte",
    ),
)


def learn(accepted: Iterable[str], refused: Iterable[str]) -> Pattern | None:
    """The first named pattern, else the exclusion of single characters, that all accepted
    values follow and no refused one does; None where there is none or too little is known.

    Two different values of each kind are the least. The empty string tells nothing.
    """
    good = [v for v in dict.fromkeys(accepted) if v]
    bad = [v for v in dict.fromkeys(refused) if v and v not in good]
    if len(good) < 2 or len(bad) < 2:
        return None
    for pattern in NAMED:
        if separates(pattern, good, bad):
            return pattern
    return _exclusion(good, bad) or _of_length(good, bad)


def resized(value: str) -> list[str]:
    """The value with one character more, and with one less where it has two."""
    middle = (len(value) + 1) // 2
    made = [value[:middle] + value[middle - 1 :]]
    return [*made, value[: middle - 1] + value[middle:]] if len(value) > 1 else made


def _of_length(good: Sequence[str], bad: Sequence[str]) -> Pattern | None:
    """A pattern of one length, where other lengths are refused whatever they look like."""
    size = len(good[0])
    near = [v for v in bad if len(v) == size]
    if len(near) < 2 or set(map(len, good)) != {size}:
        return None
    if not set(bad).issuperset(resized(good[0])):
        return None
    for pattern in NAMED:
        if not pattern.regex.endswith(("]+$", "\\d+$")):
            continue
        for count in range(1, size + 1):
            exact = Pattern(
                pattern.name,
                f"{pattern.regex[:-2]}{{{count}}}$",
                f"{pattern.words}, {size} characters",
                pattern.format,
            )
            if separates(exact, good, bad) and separates(pattern, good, near):
                return exact
    return None


def separates(pattern: Pattern, accepted: Iterable[str], refused: Iterable[str]) -> bool:
    """Whether the pattern holds for all of the accepted and none of the refused values."""
    return all(pattern.matches(v) for v in accepted) and not any(
        pattern.matches(v) for v in refused
    )


def _exclusion(good: Sequence[str], bad: Sequence[str]) -> Pattern | None:
    kept = set("".join(good))
    out = [c for c in SPECIAL if c not in kept and any(c in v for v in bad)]
    if not out:
        return None
    pattern = Pattern(
        "without-" + "-".join(SPECIAL[c] for c in out),
        "^[^" + "".join("\\-" if c == "-" else c for c in out) + "]*$",
        "no " + " or ".join(SPECIAL[c] for c in out),
    )
    return pattern if separates(pattern, good, bad) else None


@dataclass(frozen=True, slots=True)
class Learned:
    """A field's pattern with what shows it; `documented` are refused values that the documented
    format allows."""

    key: FieldKey
    pattern: Pattern
    accepted: tuple[str, ...]
    refused: tuple[str, ...]
    documented: tuple[str, ...]
    evidence: tuple[Evidence, ...]


def learned(observed: ObservedContract, key: FieldKey) -> Learned | None:
    """The field's pattern; None unless two values of each kind are confirmed, the witness's own
    counting among the accepted ones."""
    tried = [
        o
        for o in observed.of(Kind.REPLACE, key)
        if o.detail.get("role") in _ROLES and isinstance(o.value, str)
    ]
    own = [o.detail["witness"] for o in tried if isinstance(o.detail.get("witness"), str)]
    good = [o for o in tried if o.accepted]
    bad = [o for o in tried if _refuses(o)]
    if not own or len(_distinct(o for o in bad if o.confirmed)) < 2:
        return None
    if not any(o.confirmed and o.value != own[0] for o in good):
        return None
    pattern = learn([*own, *(o.value for o in good)], [o.value for o in bad])
    if pattern is None:
        # A value says the same of the shape whatever it was first asked for.
        every = [o for o in observed.of(Kind.REPLACE, key) if isinstance(o.value, str)]
        pattern = _shape(own[0], every)
    if pattern is None:
        return None
    # What is refused although it looks right is of other rules (a fixed beginning, a day).
    bad = [o for o in bad if not pattern.matches(o.value)]
    sure = [o for o in good if o.confirmed]
    shown = [o for o in bad if o.confirmed][:2]
    return Learned(
        key,
        pattern,
        _distinct([*(o for o in good if o.confirmed), *good], own),
        _distinct([*(o for o in bad if o.confirmed), *bad]),
        tuple(o.value for o in bad if o.detail.get("documented") and o.confirmed),
        (*shown[0].evidence[:3], *_probes(sure[0]), *_probes(shown[1]), *_probes(sure[-1])),
    )


def _shape(witness: str, tried: Sequence[Observation]) -> Pattern | None:
    """The shape of a code, where two fresh values on either side of it speak for it.

    It is what a value must look like: a refused one may look like it, too.
    """
    fresh = [o for o in tried if o.detail.get(FRESH) and o.confirmed]
    good = [o.value for o in fresh if o.accepted]
    bad = [o.value for o in fresh if _refuses(o)]
    # What is taken already looks right.
    fits = [o for o in tried if o.accepted or o.rejection is Rejection.CONFLICT]
    verdicts = {o.value: False for o in tried if _refuses(o)} | {o.value: True for o in fits}
    found = shapes.infer(witness, verdicts)
    if found is None or len(good) < 2 or len(bad) < 2:
        return None
    kind = next((p for p in NAMED if p.regex.replace(r"\d", "[0-9]") == found), None)
    pattern = kind or Pattern(shapes.NAME, found, f"values that match `{found}`")
    every = [o.value for o in tried if o.accepted]
    return pattern if separates(pattern, [witness, *every], bad) else None


def _probes(seen: Observation) -> list[Evidence]:
    return [e for e in seen.evidence if e.role == "probe"]


def _refuses(seen: Observation) -> bool:
    return seen.rejected and seen.rejection is Rejection.VALIDATION


def _distinct(seen: Iterable[Observation], first: Sequence[str] = ()) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*first[:1], *(o.value for o in seen)]))
