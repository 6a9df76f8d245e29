"""Generated requests: Schemathesis writes them, the lab sends them.

Only Schemathesis's public API is used: `openapi.from_dict`, `APIOperation.as_strategy`,
`Config.from_dict`. Its `validate_response` isn't: it stops at one message per answer and names
no documented place, while `checker.inference.responses` folds all answers of an operation into
facts with their places and shares, from the exchanges that the lab keeps of every request here.

Schemathesis gets a document of its own with nothing but the operation and what it refers to
inside the same file. References to other files or addresses are cut (nothing is fetched), and
so are security requirements: credentials are never generated.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from checker.domain.exchange import Call
from checker.domain.finding import Evidence, Verdict
from checker.domain.observation import Kind, Observation, Rejection
from checker.domain.operation import FieldKey, Operation, Place
from checker.domain.schema import MISSING, Schema
from checker.planning import edits
from checker.probing.bench import LabBroken
from checker.probing.generated import call_of, generated_cases
from checker.probing.lab import Lab
from checker.probing.reduced import reduced_document
from checker.probing.server_errors import proved

CONTROL_EVERY = 8
MAX_CAUSES = 3
MAX_ISOLATING = 6


@dataclass(frozen=True, slots=True)
class FuzzCall:
    """A generated call; `valid` says whether it follows the documentation."""

    call: Call
    valid: bool


class Fuzzer:
    """Generates calls. `documents` are raw documents by file, for those that aren't passed.

    `seconds` of processor time bound the generation for one operation: softly between two
    examples, and hard at the double of it (on the main thread of systems that have timers).
    Usual schemas need a tenth of a second, so that odd ones alone meet the bound, however busy
    the machine is. The first use in a process also imports Schemathesis, which isn't counted.
    """

    def __init__(
        self,
        documents: Mapping[str, Mapping[str, Any]] | None = None,
        seed: int = 0,
        seconds: float = 5.0,
    ) -> None:
        self.documents = documents or {}
        self.seed = seed
        self.seconds = seconds

    def generate(
        self,
        operation: Operation,
        document_raw: Mapping[str, Any] | None = None,
        count: int = 10,
        seed: int | None = None,
        overrides: Mapping[FieldKey, Any] | None = None,
    ) -> list[Call]:
        """Documented-valid calls without members that the document doesn't list.

        At most `count`, different from each other, the same for the same seed and program
        (Hypothesis also draws constants from loaded modules); fewer or none where the schema
        is too odd. `overrides` (bound identifiers) replace generated values.
        """
        found = self._calls(operation, document_raw, count, seed, True)
        return [_bound(prune(call, operation), overrides) for call in found]

    def fuzz_calls(
        self,
        operation: Operation,
        document_raw: Mapping[str, Any] | None = None,
        count: int = 10,
        seed: int | None = None,
        overrides: Mapping[FieldKey, Any] | None = None,
    ) -> list[FuzzCall]:
        """Valid and invalid calls by turns, at most `count` of both together."""
        if count <= 0:
            return []
        half = (count + 1) // 2
        good = [
            FuzzCall(_bound(prune(call, operation), overrides), True)
            for call in self._calls(operation, document_raw, half, seed, True)
        ]
        bad = [
            FuzzCall(_bound(call, overrides), False)
            for call in self._calls(operation, document_raw, count - half, seed, False)
        ]
        mixed: list[FuzzCall] = []
        for number in range(max(len(good), len(bad))):
            mixed += good[number : number + 1] + bad[number : number + 1]
        return mixed

    def _calls(
        self,
        operation: Operation,
        document_raw: Mapping[str, Any] | None,
        count: int,
        seed: int | None,
        valid: bool,
    ) -> list[Call]:
        raw = document_raw or self.documents.get(operation.document.file)
        if raw is None or count <= 0:
            return []
        reduced = reduced_document(raw, operation, headers=valid)
        if reduced is None:
            return []
        chosen = f"{self.seed if seed is None else seed}:{operation.id}:{valid}"
        cases = generated_cases(
            reduced, operation, count, random.Random(chosen).getrandbits(64), valid, self.seconds
        )
        calls: list[Call] = []
        for case in cases:
            call = call_of(case, operation)
            if call is not None and call not in calls:
                calls.append(call)
        return calls[:count]


def prune(call: Call, operation: Operation) -> Call:
    """The call without body members that the documented schema doesn't list."""
    if call.body is MISSING or call.media_type is None:
        return call
    schema = operation.body.get(call.media_type)
    return replace(call, body=_pruned(call.body, schema)) if schema is not None else call


def _pruned(value: Any, schema: Schema, depth: int = 0) -> Any:
    if depth > 12 or schema.variants:
        return value
    if isinstance(value, list) and schema.items is not None:
        return [_pruned(item, schema.items, depth + 1) for item in value]
    listed = schema.properties
    if not isinstance(value, Mapping) or not listed or schema.additional not in (None, False):
        return value
    return {k: _pruned(v, listed[k], depth + 1) for k, v in value.items() if k in listed}


def _bound(call: Call, overrides: Mapping[FieldKey, Any] | None) -> Call:
    for key, value in (overrides or {}).items():
        call = edits.put(call, key, value)
    return call


# -- fuzzing an operation ------------------------------------------------------------------------


async def fuzz_operation(lab: Lab, fuzzer: Fuzzer, count: int) -> list[Observation]:
    """Send generated calls of an operation; what answers 5xx twice is an observation.

    Path, credential and base are those of a fresh witness, and so are the fields that it takes
    from earlier steps. Every exchange lands in `lab.answers`. An observation has the kind
    REPLACE, no subject, the rejection SERVER_ERROR, `confirmed` where it held twice with an
    accepted control in between, and in `detail`: `role` "fuzz", `valid`, and `field` (a
    FieldKey, the value in `value`) where one changed field alone brings the error about.
    Stops quietly where the ground can't be mended.
    """
    operation = lab.documented
    if not any(f.key.place is not Place.PATH for f in operation.parameters) and not operation.body:
        return []
    found: list[Observation] = []
    told: set[tuple[int, str]] = set()
    try:
        for number, fuzz in enumerate(fuzzer.fuzz_calls(operation, None, count)):
            if number and number % CONTROL_EVERY == 0:
                await lab.control()
            exchange, verdict, rejection = await lab.send(_on_witness(lab, fuzz, await lab.fresh()))
            response = exchange.response
            if rejection is not Rejection.SERVER_ERROR or response is None:
                continue
            mark = (response.status, response.text[:80])
            if mark in told or len(found) >= MAX_CAUSES:
                continue
            told.add(mark)
            found.append(await _confirmed(lab, fuzz, Evidence("probe", exchange, verdict)))
    except LabBroken:
        pass
    return found


async def confirm_failures(lab: Lab, calls: Sequence[Call]) -> list[Observation]:
    """Observations as those of `fuzz_operation` of documented calls that a server error answered
    before anything was accepted: what they hold, on a fresh witness."""
    found: list[Observation] = []
    try:
        for call in calls[:MAX_CAUSES]:
            fuzz = FuzzCall(call, True)
            exchange, verdict, rejection = await lab.send(_on_witness(lab, fuzz, await lab.fresh()))
            if rejection is Rejection.SERVER_ERROR:
                found.append(await _confirmed(lab, fuzz, Evidence("probe", exchange, verdict)))
    except LabBroken:
        pass
    return found


def _on_witness(lab: Lab, fuzz: FuzzCall, witness: Call) -> Call:
    """The generated query and body in a witness's place."""
    call = replace(
        witness,
        query=fuzz.call.query,
        header={**fuzz.call.header, **witness.header},
        cookie={**fuzz.call.cookie, **witness.cookie},
        body=fuzz.call.body,
        media_type=fuzz.call.media_type,
    )
    for key in edits.present_fields(lab.recipe.call):
        if key.place in (Place.QUERY, Place.BODY) and edits.has(call, key):
            template = edits.get(lab.recipe.call, key)
            if isinstance(template, str) and "{{" in template:
                call = edits.put(call, key, edits.get(witness, key))
    return call


async def _confirmed(lab: Lab, fuzz: FuzzCall, first: Evidence) -> Observation:
    """The same call again after a control, then field by field."""
    seen = Observation(
        operation=lab.documented.id,
        kind=Kind.REPLACE,
        verdict=Verdict.REJECTED,
        rejection=Rejection.SERVER_ERROR,
        evidence=(first,),
        detail={"role": "fuzz", "valid": fuzz.valid},
    )
    if not await lab.control() or lab.last_control is None:
        return seen
    control = lab.last_control
    witness = await lab.fresh()
    call = _on_witness(lab, fuzz, witness)
    exchange, verdict, rejection = await lab.send(call)
    if rejection is not Rejection.SERVER_ERROR:
        return seen
    evidence = (first, control, Evidence("probe", exchange, verdict))
    seen = await proved(lab, replace(seen, evidence=evidence), exchange.request)
    if not seen.confirmed:
        return seen
    return await _isolated(lab, call, seen) or seen


async def _isolated(lab: Lab, call: Call, seen: Observation) -> Observation | None:
    """The one field whose generated value alone, in a fresh witness, does it; twice."""
    known = lab.documented.fields
    # A documented field is the likelier cause than a made-up name.
    keys = sorted(_differences(call, await lab.fresh()), key=lambda k: k not in known)
    for key in keys[:MAX_ISOLATING]:
        value = edits.get(call, key)
        edit = edits.removing(key) if value is MISSING else edits.putting(key, value)
        failed: list[Evidence] = []
        control: Evidence | None = None
        for _ in range(lab.needed):
            exchange, verdict, rejection = await lab.send(edit(await lab.fresh()))
            if rejection is not Rejection.SERVER_ERROR:
                break
            failed.append(Evidence("probe", exchange, verdict))
            if len(failed) == 1:
                if not await lab.control():
                    break
                control = lab.last_control
        if lab.needed and len(failed) == lab.needed and control is not None:
            return replace(
                seen,
                value=value,
                evidence=(failed[0], control, *failed[1:]),
                detail={**seen.detail, "field": key},
            )
    return None


def _differences(call: Call, witness: Call) -> list[FieldKey]:
    """Top-level fields in which a call differs from a witness: changed, added, left out."""
    keys: list[FieldKey] = []
    for place in (Place.BODY, Place.QUERY):
        ours = call.body if place is Place.BODY else call.query
        theirs = witness.body if place is Place.BODY else witness.query
        if not isinstance(ours, Mapping) or not isinstance(theirs, Mapping):
            continue
        for name in dict.fromkeys([*ours, *theirs]):
            if not name or "." in name or "[]" in name:
                continue
            if ours.get(name, MISSING) != theirs.get(name, MISSING):
                keys.append(FieldKey(place, str(name)))
    return keys
