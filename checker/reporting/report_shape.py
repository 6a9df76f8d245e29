"""What a report.json has to be like to be read back: types, and what must be there."""

from __future__ import annotations

from functools import cache
from typing import Any, get_args

from checker.domain.finding import Confidence, Role, Severity, Verdict
from checker.domain.run import RunStatus
from checker.reporting.merge import RANK

_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}
_COUNT = {"type": "integer", "minimum": 0, "maximum": 10**12}
_WORDS = {"type": "object", "additionalProperties": _TEXT}


def _object(required: str, optional: dict[str, Any] | None = None, **members: Any) -> Any:
    """An object; `required` names members of the others, separated by spaces."""
    properties = {**members, **(optional or {})}
    return {"type": "object", "required": required.split(), "properties": properties}


def _list(items: Any) -> Any:
    return {"type": "array", "items": items}


def _or_null(shape: dict[str, Any]) -> Any:
    return {"anyOf": [{"type": "null"}, shape]}


_PLACE = _or_null(
    _object("", file=_TEXT, pointer=_TEXT, line=_or_null(_COUNT), column=_or_null(_COUNT))
)
_OPERATION = {"type": "string", "pattern": r"^\S+\s+/"}
_REQUEST = _object(
    "",
    method=_TEXT,
    path=_TEXT,
    query=_list({**_TEXTS, "minItems": 2, "maxItems": 2}),
    headers=_or_null(_WORDS),
    media_type=_or_null(_TEXT),
    text=_TEXT,
    base64=_TEXT,
    token=_or_null(_TEXT),
    base=_TEXT,
    operation=_or_null(_OPERATION),
)
_RESPONSE = {
    "anyOf": [
        {"type": "null"},
        _object("failure", failure=_TEXT, message=_TEXT),
        _object(
            "status", status={**_COUNT, "maximum": 999_999}, headers=_or_null(_WORDS), text=_TEXT
        ),
    ]
}
_EVIDENCE = _object(
    "role request verdict",
    role={"enum": list(get_args(Role))},
    request=_REQUEST,
    response=_RESPONSE,
    verdict={"enum": [v.value for v in Verdict]},
    note=_TEXT,
)
_STEP = _object("op path", op=_TEXT, path=_TEXT, **{"from": _TEXT})
_FINDING = _object(
    "fingerprint rule severity confidence operation field issue suggested_fix",
    fingerprint=_TEXT,
    rule=_TEXT,
    severity={"enum": [s.label for s in Severity]},
    confidence={"enum": [c.value for c in Confidence]},
    operation=_TEXT,
    also_operations=_TEXTS,
    field=_object("in name", {"in": _TEXT}, name=_TEXT, status=_or_null(_COUNT)),
    issue=_TEXT,
    suggested_fix=_TEXT,
    source=_PLACE,
    related=_list(_PLACE),
    patch=_list(_STEP),
    also_patches=_list(_object("file patch", file=_TEXT, patch=_list(_STEP))),
    evidence=_list(_EVIDENCE),
    identity=_TEXT,
    target=_TEXT,
)
_KNOWN = {
    **_object(
        "fingerprint rule operation",
        fingerprint=_TEXT,
        rule=_TEXT,
        operation=_TEXT,
        field=_TEXT,
        issue=_TEXT,
        reason=_TEXT,
        expires=_TEXT,
        target=_TEXT,
    ),
    "additionalProperties": False,
}
_BASELINE = _object(
    "",
    path=_TEXT,
    new=_TEXTS,
    known=_TEXTS,
    expired=_TEXTS,
    fixed=_list(_KNOWN),
    unchecked=_list(_KNOWN),
    reasons=_WORDS,
)
_TOKEN = {
    **_object(
        "", scheme=_TEXT, header=_TEXT, query=_TEXT, cookie=_TEXT, headers=_WORDS, also=_TEXTS
    ),
    "additionalProperties": False,
}
_TARGET = _object(
    "name",
    name=_TEXT,
    base_url=_TEXT,
    fallback_url=_TEXT,
    tokens=_or_null({"type": "object", "additionalProperties": _TOKEN}),
)
_RUN = _object(
    "started_at finished_at status driftcheck_version seed target requests_sent duration_s",
    started_at=_TEXT,
    finished_at=_TEXT,
    status={"enum": list(get_args(RunStatus))},
    driftcheck_version=_TEXT,
    seed={"type": "integer"},
    target=_TEXT,
    requests_sent=_COUNT,
    duration_s={"type": "number", "minimum": 0, "maximum": 1e9},
    ignored=_COUNT,
    notes=_TEXTS,
    cleanup=_TEXTS,
    paths=_TEXTS,
    files={"type": "object", "additionalProperties": _object("", sha256=_TEXT)},
    folder=_TEXT,
    shard={"type": "string", "pattern": r"^[1-9]\d{0,5}/[1-9]\d{0,5}$"},
    error=_TEXT,
    exit_status={"type": "integer", "minimum": 0, "maximum": 255},
    targets=_list(_TARGET),
)
_ASKED = _object(
    "agrees drifts undecided",
    agrees=_COUNT,
    drifts=_COUNT,
    undecided={"type": "object", "additionalProperties": _COUNT},
    left=_TEXTS,
    unasked=_COUNT,
)
_OUTCOME = _object(
    "method path status requests",
    method=_TEXT,
    path=_TEXT,
    status={"enum": list(RANK)},
    reason=_TEXT,
    requests=_COUNT,
    coverage={"type": "object", "additionalProperties": _ASKED},
    waits_for=_object("method path", method=_TEXT, path=_TEXT),
)
_SEEN = {
    **_object(
        "fingerprint state rule severity operation",
        fingerprint=_TEXT,
        state={"enum": ["present", "gone"]},
        rule=_TEXT,
        severity=_TEXT,
        operation=_TEXT,
        domain=_TEXT,
        field=_TEXT,
        issue=_TEXT,
        known={"type": "boolean"},
    ),
    "additionalProperties": False,
}
_POINT = {
    **_object(
        "run started_at status",
        run=_TEXT,
        started_at=_TEXT,
        status=_TEXT,
        critical=_COUNT,
        major=_COUNT,
        minor=_COUNT,
        appeared=_COUNT,
        vanished=_COUNT,
        flapping=_COUNT,
        examined=_COUNT,
        selected=_COUNT,
        requests=_COUNT,
    ),
    "additionalProperties": False,
}
_HISTORY = _object(
    "runs appeared vanished flapping",
    runs=_list(_POINT),
    appeared=_TEXTS,
    vanished=_list(_SEEN),
    flapping=_TEXTS,
)
SHAPE: dict[str, Any] = _object(
    "run operations findings",
    run=_RUN,
    operations=_list(_OUTCOME),
    findings=_list(_FINDING),
    baseline=_or_null(_BASELINE),
    history=_or_null(_HISTORY),
)


@cache
def _validator() -> Any:
    # Slow to import, and only reports that are read back need it.
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(SHAPE)


def misshapen(report: Any) -> str:
    """Where a report isn't as it has to be, in half a sentence; empty where it is."""
    try:
        error = next(iter(_validator().iter_errors(report)), None)
    except (ValueError, RecursionError, OverflowError):
        return "it can't be walked through"
    if error is None:
        return ""
    place = ".".join(str(token) for token in error.instance_path)
    words = " ".join(str(error.message).split())
    shown = words if len(words) <= 160 else words[:80] + " … " + words[-70:]
    return f"at {place}: {shown}" if place else shown
