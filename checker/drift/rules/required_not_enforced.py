"""The rule `required-not-enforced`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from checker.domain.finding import Evidence, Finding, Severity
from checker.domain.observation import Kind, Observation
from checker.domain.operation import Field, FieldKey, Place
from checker.drift.build import documented_field, extension, finding, listed, named
from checker.drift.origin import Origin
from checker.drift.rule import Case, Rule
from checker.drift.words import documents_spared
from checker.inference.dependencies import RELAXED, key_of


class RequiredNotEnforced(Rule):
    """A field is documented as required; the server accepts the request without it.

    ## What it does
    Takes a documented required field out of an accepted request, twice; what the request needs,
    out of the same request with another accepted value in a field that chooses (`action`, `type`).

    ## Why it matters
    Clients are made to collect a value that nobody needs.

    ## Example
    `POST /messages` documents `direction` as required; without it the server answers 201.

    ## Fix
    Take the field out of the `required` list, or make the server enforce it.
    Where other requests use the schema, of which the same isn't known, the list stays, and the
    patch says it in the operation's description.

    ## Before
    ```yaml
    message:
      required: [client_id, text, direction]
    ```

    ## After
    ```yaml
    message:
      required: [client_id, text]
    ```
    """

    id = "required-not-enforced"
    origin = Origin(experiments=("required", "relaxed"), questions=("required",))
    severity = Severity.MINOR
    summary = "A field documented as required isn't."
    decided = False

    def check(self, case: Case) -> Iterable[Finding]:
        known = extension(case).get("optional", ())
        words = case.documented.text if case.documented is not None else ""

        def told(key: FieldKey) -> bool:
            return str(key) in known or documents_spared(words, key.leaf)

        for key, seen in _spared(case).items():
            field = documented_field(case, key)
            if field is not None and field.required and not told(key):
                yield self._finding(case, field, seen.evidence, {})
        for key, proofs in _relaxed(case).items():
            field = documented_field(case, key)
            if field is None or not field.required or told(key):
                continue
            when: dict[FieldKey, list[Any]] = {}
            for proof in proofs:
                for selector, value in proof.detail["when"].items():
                    when.setdefault(key_of(selector), []).append(value)
            evidence = [e for proof in proofs for e in proof.evidence]
            yield self._finding(case, field, evidence, when)

    def _finding(
        self,
        case: Case,
        field: Field,
        evidence: Iterable[Evidence],
        when: Mapping[FieldKey, Sequence[Any]],
    ) -> Finding:
        key = field.key
        values = " and ".join(f"{named(k)} is {listed(v, 'or')}" for k, v in when.items())
        condition = f" when {values}" if values else ""
        instead = f", document that it isn't needed{condition}" if values else ""
        observed: dict[str, Any] = {"required": False}
        if when:
            observed["when"] = {k.name: list(v) for k, v in when.items()}
        return finding(
            self,
            case,
            key,
            issue=(
                f"{named(key)} is documented as required, but the server accepts the request "
                f"without it{condition}."
            ),
            fix=(
                f"Take {named(key)} out of the `required` list of `{case.operation}`{instead} "
                "(or make the server refuse requests without it)."
            ),
            documented={"required": True},
            observed=observed,
            evidence=evidence,
            patch=_patch(case, field),
            source=field.owner if field.owner.pointer else field.location,
            identity="when:" + ",".join(k.name for k in when) if when else "",
        )


def _relaxed(case: Case) -> dict[FieldKey, list[Observation]]:
    """Proofs that a field isn't needed with some value, by field."""
    found: dict[FieldKey, list[Observation]] = {}
    for seen in case.observed.of(Kind.COMBINE):
        if seen.detail.get("role") == RELAXED and seen.confirmed and seen.subject is not None:
            found.setdefault(seen.subject, []).append(seen)
    return found


def _patch(case: Case, field: Field) -> list[dict[str, Any]]:
    if field.key.place is not Place.BODY:
        path = f"{field.location.pointer}/required"
        return [{"op": "replace", "path": path, "value": False}]
    names = field.owner.pointer and _required_list(case, field.owner.pointer)
    if names and field.key.leaf in names:
        path = f"{field.owner.pointer}/required"
        if len(names) > 1:
            path += f"/{names.index(field.key.leaf)}"
        return [{"op": "remove", "path": path}]
    return []


def _spared(case: Case) -> dict[FieldKey, Observation]:
    """Fields without which the request was accepted, alone or together with others."""
    spared: dict[FieldKey, Observation] = {}
    joint: dict[FieldKey, Observation] = {}
    for seen in case.observed.of(Kind.REMOVE):
        if not seen.surely_accepted:
            continue
        if seen.subject is not None:
            spared.setdefault(seen.subject, seen)
        for name in seen.detail.get("removed", ()):
            joint.setdefault(key_of(name), seen)
    return {**joint, **spared}


def _required_list(case: Case, pointer: str) -> list[str]:
    """The `required` list that stands at the owner's place in the raw document."""
    assert case.documented is not None
    for schema in case.documented.body.values():
        stack = [schema] if schema is not None else []
        seen = 0
        while stack and seen < 500:
            node = stack.pop()
            seen += 1
            if node.location.pointer == pointer:
                raw = node.raw.get("required")
                return list(raw) if isinstance(raw, list) else []
            stack.extend(node.properties.values())
            if node.items is not None:
                stack.append(node.items)
    return []
