"""The rule `server-error`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from checker.domain.exchange import Exchange, Request
from checker.domain.finding import Evidence, Finding, FindingField, Severity, Verdict
from checker.domain.location import Location
from checker.domain.observation import Kind, Observation, Rejection
from checker.domain.operation import Field, FieldKey, Operation, Place
from checker.domain.schema import MISSING, json_type
from checker.drift.build import named
from checker.drift.origin import ANY_ANSWER
from checker.drift.rule import Case, Rule
from checker.drift.sent import deviation, difference
from checker.inference.bodies import type_fits
from checker.inference.responses import NOT_THE_API
from checker.inference.sequential import Decision, decide
from checker.planning.hints import quoted

_PASSED_OVER = frozenset({Kind.EXIST, Kind.READBACK, Kind.BASE})
_STATEFUL = frozenset({Kind.RESEND, Kind.STATE, Kind.OMIT_STEP})
"""Here the same request may rightly be answered in different ways."""
_NUMBER = {"integer": re.compile(r"[-+]?\d+"), "number": re.compile(r"[-+]?\d+(\.\d+)?")}
_BROAD = 3
"""Classes of a cause from here on are weaker: they give way to one that names a field."""


@dataclass(frozen=True, slots=True)
class _Cause:
    """What made the server answer 5xx: `kind` is the class of the change."""

    place: str
    name: str
    kind: str
    words: str
    observation: Observation
    status: int
    rank: int = 0


class ServerError(Rule):
    """A request answers 5xx: on documented-valid input, or where a 4xx was due.

    ## What it does

    Takes every probe and every fuzzed request that the server answered with 5xx twice, with an
    accepted request in between, and reports each cause once: the changed field and the class of
    the change (left out, wrong type, a value of the documented type). An answer that the same
    request also got otherwise proves nothing, and 502, 503 and 504 are left to the network. Of
    the other statuses, one that is documented exactly is silent, but for 500.

    ## Why it matters

    A crash tells the caller nothing: not what was wrong, nor whether anything was done.

    ## Example

    `POST /users` with `"age": "x"` answers 500 instead of 422.

    ## Fix

    Validate the value in the server and answer 4xx with a message: the documentation isn't what
    is broken.
    """

    id: ClassVar[str] = "server-error"
    origin = ANY_ANSWER
    severity: ClassVar[Severity] = Severity.MAJOR
    summary: ClassVar[str] = "A request answers 5xx."
    patches = False
    unpatched: ClassVar[str] = "only the server can mend it"

    def check(self, case: Case) -> Iterable[Finding]:
        causes = list(_causes(case))
        narrow = [c for c in causes if c.rank < _BROAD]
        broad = [c for c in causes if c.rank >= _BROAD]
        # A valid request that fails is a cause of its own; another broad one only alone.
        chosen = narrow + [c for c in broad if c.kind == "valid-input"]
        if not chosen:
            chosen = broad[:1]
        told: set[tuple[str, str, str]] = set()
        for cause in chosen:
            key = (cause.place, cause.name, cause.kind)
            if key not in told:
                told.add(key)
                yield _finding(self, case, cause)
        if not told:
            yield from _repeated(self, case)


def _answered_otherwise(case: Case) -> set[Request]:
    """The requests that were answered without an error of the server, too."""
    return {
        exchange.request
        for exchange, _ in case.observed.exchanges
        if exchange.response is not None and exchange.response.status < 500
    }


def _causes(case: Case) -> Iterator[_Cause]:
    candidates = [
        o
        for o in case.observed.observations
        if o.rejection is Rejection.SERVER_ERROR and o.confirmed and o.kind not in _PASSED_OVER
    ]
    otherwise = _answered_otherwise(case) if candidates else set()
    for observation in candidates:
        status = _status(observation)
        if status is None or _expected(case.documented, status):
            continue
        probes = [e.exchange.request for e in observation.evidence if e.role == "probe"]
        if observation.kind not in _STATEFUL and any(p in otherwise for p in probes):
            continue
        yield _cause(case, observation, status)


def _status(observation: Observation) -> int | None:
    """The 5xx of the probes; None where one of them isn't an answer of the API."""
    found = None
    for item in observation.evidence:
        response = item.exchange.response
        if item.role != "probe" or response is None:
            continue
        if response.status < 500 or response.status in NOT_THE_API:
            return None
        found = found or response.status
    return found


def _expected(operation: Operation | None, status: int) -> bool:
    if operation is None or status == 500:
        return False
    return any(r.status == str(status) for r in operation.responses)


def _cause(case: Case, seen: Observation, status: int) -> _Cause:
    match seen.kind:
        case Kind.TOKEN:
            token = str(seen.detail.get("token") or "")
            words = f"sent with the token `{token}`" if token else "sent with no token"
            return _Cause("token", token, "token", words, seen, status)
        case Kind.OMIT_STEP | Kind.STATE:
            return _of_the_steps(seen, status)
        case Kind.RESEND:
            return _Cause("operation", "", "resend", "sent a second time", seen, status)
        case _:
            return _of_the_values(case, seen, status)


def _of_the_steps(seen: Observation, status: int) -> _Cause:
    """A step that was left out, or the state that something was left in."""
    name = str(seen.detail.get("step") or seen.detail.get("resource") or "")
    words = f"sent while `{name}` is {seen.detail.get('state')}"
    if seen.kind is Kind.OMIT_STEP:
        words = f"sent without the step `{name}`"
    return _Cause("workflow", name, seen.kind.value, words, seen, status)


def _of_the_values(case: Case, seen: Observation, status: int) -> _Cause:
    """A change of one field, or of several at once."""
    detail, subject = seen.detail, seen.subject
    if detail.get("role") == "fuzz":
        return _fuzzed(case, seen, status)
    if subject is None:
        words = "with several fields changed at once"
        return _Cause("operation", "", "combination", words, seen, status, _BROAD)
    if detail.get("role") == "unknown-item":
        words = f"whose path names an unknown `{subject.name}`"
        return _Cause("path", subject.name, "unknown-item", words, seen, status)
    kind, words = _change(case, seen.kind, subject, seen.value, detail)
    return _Cause(subject.place.value, subject.name, kind, words, seen, status)


def _fuzzed(case: Case, seen: Observation, status: int) -> _Cause:
    field = seen.detail.get("field")
    if isinstance(field, FieldKey):
        change = Kind.REMOVE if seen.value is MISSING else Kind.REPLACE
        kind, words = _change(case, change, field, seen.value, {})
        return _Cause(field.place.value, field.name, kind, words, seen, status)
    if seen.detail.get("valid"):
        words = "with generated values that follow the documentation"
        return _Cause("operation", "", "valid-input", words, seen, status, _BROAD)
    probes = [e.exchange.request for e in seen.evidence if e.role == "probe"]
    words = deviation(probes[0], case.documented)
    return _Cause("operation", "", "invalid-input", words, seen, status, _BROAD)


def _change(
    case: Case, kind: Kind, subject: FieldKey, value: Any, detail: Mapping[str, Any]
) -> tuple[str, str]:
    """The class of a change and its words."""
    if kind is Kind.REMOVE:
        return "absent", f"without {named(subject)}"
    if value is MISSING:
        return "value", f"with {_sized(detail)} in {named(subject)}"
    documented = case.documented.fields.get(subject) if case.documented else None
    where = f"with {named(subject)} set to {_shown(value)}"
    if documented is None:
        return "value", where
    if not type_fits(documented.schema, value) and not _text_fits(subject, documented, value):
        return "wrong-type", f"{where}, a value of another type than documented"
    return "value", f"{where}{_as_documented(documented, value)}"


def _as_documented(field: Field, value: Any) -> str:
    """How a value of the documented type stands to what else is documented."""
    enum = field.schema.enum
    if enum is not None:
        return _DOCUMENTED if value in enum else ", a value outside the documented enum"
    words = f"{field.description}\n{field.schema.description}"
    if isinstance(value, str) and value in quoted(words):
        return _DOCUMENTED
    return ", a value of the documented type"


def _sized(detail: Mapping[str, Any]) -> str:
    """What a value was that is only told by its size, if by anything."""
    size = detail.get("size")
    match detail.get("dimension"):
        case "length":
            return f"a text of {size:,} character{'' if size == 1 else 's'}"
        case "items":
            return f"a list of {size:,} item{'' if size == 1 else 's'}"
        case _:
            return "another value"


def _text_fits(subject: FieldKey, documented: Field, value: Any) -> bool:
    """Outside the body everything is text: one of the documented type's spelling fits."""
    if subject.place is Place.BODY:
        return False
    text = str(value)
    for name in documented.schema.types or ("string",):
        if name in ("string", "array", "object"):
            return True
        if name == "boolean" and text.lower() in ("true", "false"):
            return True
        if name in ("integer", "number") and _NUMBER[name].fullmatch(text):
            return True
    return False


def _shown(value: Any) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    if value is None or isinstance(value, bool):
        text = {None: "null", True: "true", False: "false"}[value]
    if len(text) > 60:
        return f"a certain {json_type(value)}"
    return f"`{text}`"


_DOCUMENTED = ", a documented value"
"""Behind the words of a cause: the request may be wrong otherwise, and isn't for that value."""


def _finding(rule: Rule, case: Case, cause: _Cause) -> Finding:
    where = cause.words
    fix = f"Answer 4xx with a message instead of {cause.status} to a request {where}."
    if where.endswith(_DOCUMENTED):
        fix = (
            f"Handle a request {where}, or answer 4xx with a message where the rest of it doesn't "
            "go with that value."
        )
    if cause.kind == "valid-input":
        fix = "Handle such requests, or document (and check) what makes them impossible."
    return Finding(
        rule=rule.id,
        severity=rule.severity,
        operation=str(case.operation),
        field=FindingField(cause.place, cause.name),
        issue=(
            f"The server answers {cause.status} to a request {where} (seen twice; other requests "
            f"were accepted in between)."
        ),
        suggested_fix=fix,
        documented=_labels(case.documented),
        observed=cause.status,
        source=_source(case, cause),
        evidence=cause.observation.evidence,
        identity=cause.kind,
    )


def _labels(operation: Operation | None) -> list[str] | None:
    return [r.status for r in operation.responses] if operation is not None else None


def _source(case: Case, cause: _Cause) -> Location | None:
    """The operation's place: the crash is its own, whoever shares the field's schema."""
    return case.documented.location if case.documented is not None else None


def _repeated(rule: Rule, case: Case) -> Iterator[Finding]:
    """An identical request that was answered 5xx only, others being accepted in between."""
    groups: dict[Request, list[tuple[Exchange, Verdict]]] = {}
    for exchange, verdict in case.observed.exchanges:
        groups.setdefault(exchange.request, []).append((exchange, verdict))
    accepted = [e for e, v in case.observed.exchanges if v is Verdict.ACCEPTED]
    for same in groups.values():
        proof = _proof(same, accepted, case.observed.failure_rate)
        if proof is None:
            continue
        status = same[0][0].response.status if same[0][0].response else 500
        if _expected(case.documented, status):
            continue
        observation = Observation(
            case.operation, Kind.COMBINE, Verdict.REJECTED, evidence=proof, confirmed=True
        )
        probe, control = proof[0].exchange.request, proof[1].exchange.request
        words = difference(probe, control)
        cause = _Cause("operation", "", "request", words, observation, status, _BROAD)
        found = _finding(rule, case, cause)
        look = "Find out what is special about that thing: answer"
        start = look if probe.url_path != control.url_path else "Answer"
        fix = f"{start} 4xx with a message instead of {status}, or handle the request."
        yield replace(found, suggested_fix=fix)
        return


def _proof(
    same: Sequence[tuple[Exchange, Verdict]], accepted: Sequence[Exchange], rate: float
) -> tuple[Evidence, ...] | None:
    if decide(len(same), rate) is not Decision.CONFIRMED:
        return None
    for exchange, _ in same:
        response = exchange.response
        if response is None or response.status < 500 or response.status in NOT_THE_API:
            return None
    first, last = same[0], same[-1]
    low, high = first[0].number, last[0].number
    control = next((e for e in accepted if low < e.number < high), None)
    if control is None:
        return None
    return (
        Evidence("probe", *first),
        Evidence("control", control, Verdict.ACCEPTED),
        Evidence("probe", *last),
    )
