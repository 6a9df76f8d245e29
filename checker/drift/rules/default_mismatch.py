"""The rule `default-mismatch`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from checker.domain.finding import Finding, Severity
from checker.domain.observation import Kind, Observation
from checker.domain.operation import Field
from checker.domain.schema import MISSING
from checker.drift.build import documented_field, field_words, finding, named, spoken
from checker.drift.origin import Origin
from checker.drift.rule import Case, Rule
from checker.drift.words import describes_default, documents_default
from checker.planning.routes import CREATE, UPDATE, act_of


def _is_news(case: Case, field: Field, read: Any) -> bool:
    """Whether a default that nothing documents is worth a finding."""
    if read is False and act_of(case.operation) not in (CREATE, UPDATE):
        return False
    return _worth_a_word(read, field.schema.enum)


class DefaultMismatch(Rule):
    """The value used when a field is left out differs from the documented default.

    ## What it does
    Leaves the field out twice and reads the resource back; of a thing that is replaced, after
    other values of it were kept. Of a query parameter: compares what is answered without it,
    twice, with the answers for the documented default and for others; a size of pages also
    where none is documented, if one more gives one more.

    ## Why it matters
    A client that relies on the default gets something else.

    ## Example
    `channels` documents the default `email`; left out, the resource has `sms,email`.

    ## Fix
    Document the default that the server uses.

    ## Before
    ```yaml
    duration:
      type: integer
      default: 30
    ```

    ## After
    ```yaml
    duration:
      type: integer
      default: 60
    ```
    """

    id = "default-mismatch"
    origin = Origin(experiments=("effects", "query-defaults"), questions=("default", "page size"))
    severity = Severity.MINOR
    summary = "The default isn't the documented one."

    def check(self, case: Case) -> Iterable[Finding]:
        for seen in case.observed.of(Kind.READBACK):
            key = seen.subject
            if key is None or seen.detail.get("role") != "default" or not seen.confirmed:
                continue
            field = documented_field(case, key)
            read = seen.detail["read"]
            words = "\n".join(field_words(case, key))
            if field is None or documents_default(words, read):
                continue
            default = field.schema.default
            if default is MISSING:
                if describes_default(words) or not _is_news(case, field, read):
                    continue
                says, documented = "no default is documented", None
            elif _same(default, read):
                continue
            else:
                says, documented = f"the documented default is {spoken(default)}", default
            pointer = f"{field.schema.location.pointer}/default"
            yield finding(
                self,
                case,
                key,
                issue=(
                    f"{named(key)}: {says}, but the server uses {spoken(read)} where the field is "
                    f"left out ({_shown(seen)})."
                ),
                fix=f"Document {spoken(read)} as the default of {named(key)}.",
                documented=documented,
                observed=read,
                evidence=seen.evidence,
                source=field.schema.location,
                patch=[{"op": "add", "path": pointer, "value": read}],
            )


def _shown(seen: Observation) -> str:
    if seen.detail.get("how") == "compared":
        return "the answer is that for this value, and not that for the documented one, twice"
    if seen.detail.get("how") == "counted":
        return "so many entries are answered, and one more or less where it says so, twice"
    return "read back twice"


def _worth_a_word(read: Any, enum: Any) -> bool:
    """A filled-in value that isn't the natural "nothing": a choice, a text, a number, a no."""
    if isinstance(read, bool):
        return True
    if read in (None, 0, "", [], {}) or isinstance(read, (dict, list)):
        return False
    return bool(enum) or isinstance(read, (bool, int, float, str))


def _same(default: Any, read: Any) -> bool:
    if default == read:
        return True
    if isinstance(default, (dict, list)) or isinstance(read, (dict, list)):
        return False
    if default in (None, "", False, 0) and read in (None, "", False, 0):
        return default is read or (default in (None, "") and read in (None, ""))
    return str(default).strip().lower() == str(read).strip().lower()
