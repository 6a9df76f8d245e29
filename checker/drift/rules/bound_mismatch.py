"""The rule `bound-mismatch`."""

from __future__ import annotations

from collections.abc import Iterable

from checker.domain.finding import Finding, Severity
from checker.domain.schema import Schema
from checker.drift.build import documented_field, field_words, finding, named
from checker.drift.origin import Origin
from checker.drift.rule import Case, Rule
from checker.drift.words import describes_bound, documents_bound
from checker.inference.bounds import Bound, bounds, documented_bound
from checker.inference.patterns import learned

_TYPES = {"length": ("string",), "items": ("array",), "value": ("integer", "number")}
_UNITS = {"length": "characters", "items": "items", "value": ""}


class BoundMismatch(Rule):
    """A limit of length, value or number of items isn't the documented one.

    ## What it does
    Makes strings longer and shorter, numbers larger and smaller, arrays fuller and emptier,
    until the server refuses, and looks for the edge: accepted at the limit, refused one past
    it, each twice.

    ## Why it matters
    A client that follows the documentation sends a value that is refused, or keeps to a limit
    that isn't there.

    ## Example
    `name` is documented without a length; 80 characters are accepted, 81 are answered 422.

    ## Fix
    Document the limit (`maxLength`, `minimum`, `maxItems`, …).

    ## Before
    ```yaml
    first_name:
      type: string
      maxLength: 255
    ```

    ## After
    ```yaml
    first_name:
      type: string
      maxLength: 50
    ```
    """

    id = "bound-mismatch"
    origin = Origin(experiments=("bounds",), questions=("bound", "format"))
    severity = Severity.MINOR
    summary = "A limit differs from the documented one, or is undocumented."

    def check(self, case: Case) -> Iterable[Finding]:
        if case.documented is None:
            return
        found = list(bounds(case.observed))
        for bound in found:
            if _of_a_pattern(case, bound, found):
                continue
            field = documented_field(case, bound.key)
            if field is not None and not _bears(field.schema, bound.dimension):
                continue  # the type is wrong: that is told, and no limit can be said of it
            known = documented_bound(field.schema if field else None, bound.dimension, bound.side)
            if known is not None and known == bound.limit:
                continue
            words = "\n".join(field_words(case, bound.key))
            if known is None and (
                documents_bound(words, bound.limit)
                or _in_words(words, bound)
                or (bound.dimension == "value" and describes_bound(words))
            ):
                continue
            says = (
                f"no `{bound.keyword}` is documented"
                if known is None
                else f"`{bound.keyword}` {_plain(known)} is documented"
            )
            source = field.schema.location if field is not None else None
            own = field is not None and field.schema.location.file == field.location.file
            path = f"{source.pointer}/{bound.keyword}" if source is not None else ""
            yield finding(
                self,
                case,
                bound.key,
                issue=f"{named(bound.key)}: {says}, but the server accepts {_spoken(bound)}.",
                fix=f"Document `{bound.keyword}: {bound.limit}` for {named(bound.key)}.",
                documented={bound.keyword: _plain(known)} if known is not None else None,
                observed={bound.keyword: bound.limit},
                evidence=bound.evidence,
                source=source,
                patch=[{"op": "add", "path": path, "value": bound.limit}] if own else [],
                identity=bound.keyword,
            )


def _of_a_pattern(case: Case, bound: Bound, found: Iterable[Bound]) -> bool:
    """Whether a text bears just one length because of the pattern it has to follow, or isn't
    empty because of it, which is told by itself; longer texts of another part of that pattern
    may be fine."""
    shape = learned(case.observed, bound.key) if bound.dimension == "length" else None
    if shape is None:
        return False
    if (bound.keyword, bound.limit) == ("minLength", 1) and not shape.pattern.matches(""):
        return True
    own = [b for b in found if b.key == bound.key and b.dimension == "length"]
    return len({b.limit for b in own}) == 1 and len({b.side for b in own}) == 2


def _bears(schema: Schema, dimension: str) -> bool:
    """Whether a limit of the dimension means anything for the documented type."""
    return any(map(schema.allows_type, _TYPES[dimension]))


def _spoken(bound: Bound) -> str:
    name = _UNITS[bound.dimension]
    unit = f" {name.removesuffix('s') if bound.limit == 1 else name}" if name else ""
    past = bound.limit + (1 if bound.side == "max" else -1)
    most = "at most" if bound.side == "max" else "at least"
    return f"{most} {bound.limit}{unit} ({bound.limit} accepted, {past} refused)"


def _in_words(words: str, bound: Bound) -> bool:
    """Usual words for the smallest limits: not empty, positive."""
    lowered = words.lower()
    if bound.side != "min":
        return False
    if bound.dimension != "value":
        return bound.limit == 1 and any(
            w in lowered for w in ("empty", "blank", "at least one", "one or more")
        )
    hints = {0: ("non-negative", "nonnegative", "negative", "zero or"), 1: ("positive",)}
    return any(w in lowered for w in hints.get(bound.limit, ()))


def _plain(number: float) -> int | float:
    return int(number) if float(number).is_integer() else number
